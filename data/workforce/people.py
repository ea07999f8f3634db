"""People for the careers of a plan, drawn one at a time and written as they come: what is kept does not grow with their number.

Nobody in the files exists: every `staff_id` begins with SY-, names are nowhere. One seed gives the same files, whichever years are
written. A person keeps the id, the birth year, the nationality, the day of entry and the kind of post over the years.
"""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from itertools import accumulate
from math import gcd
from pathlib import Path
from typing import NamedTuple, TextIO

from data.examples.make import (
    COOPERATION_HEADQUARTERS_SHARE,
    DEPUTIES,
    ENTRY_AGE,
    FIELD,
    FIELD_WEIGHTS,
    GENEVA_NATIONALITIES,
    HEADQUARTERS,
    HEADQUARTERS_SHARE,
    NATIONALITIES,
    OFFICE_WEIGHTS,
    OFFICES,
    OLDEST,
    YOUNGEST_AT_GRADE,
)
from data.workforce import tables
from data.workforce.plan import Career, careers
from data.workforce.tables import INTERNATIONAL, REGULAR, SENIOR, YEARS

HEADER = "staff_id,sex,grade,contract_source,unit,portfolio,region,duty_station,nationality,birth_year,geographic_post,entered_on\n"
AT_ONCE = 20_000  # rows of a file that wait in memory
EARLIEST_ENTRY = 1985
MOVABLE = frozenset(INTERNATIONAL) - {"ADG", "DDG", "DG"}
GOLDEN = 0.6180339887498949

REGIONS = tuple(FIELD)
FIELD_UP_TO = tuple(accumulate(FIELD_WEIGHTS))
OFFICES_UP_TO = tuple(accumulate(OFFICE_WEIGHTS))


class Place(NamedTuple):
    unit: str
    portfolio: str
    region: str
    station: str
    country: str


class Facts(NamedTuple):
    """What all people of one career have in common: worked out once for each career, not for each person."""

    career: Career
    present: tuple[int, ...]
    moving: "tuple[tuple[Quota, tuple[int, ...]], ...]"
    geographic: "Quota | None"
    unstated: bool
    born_from: int
    born_to: int


class Quota:
    """Takes exactly `chosen` of `of` who are asked, evenly spread over them."""

    def __init__(self, chosen: int, of: int) -> None:
        self.chosen, self.of, self.sum = min(chosen, of), of, 0

    def take(self) -> bool:
        self.sum += self.chosen
        if self.of and self.sum >= self.of:
            self.sum -= self.of
            return True
        return False


def steps(career: Career, first: int, last: int) -> list[int]:
    """The year ends from `first` + 1 to `last` at which the person is on the staff and was a year before."""
    return [n for n in range(first + 1, last + 1) if career.grades[n] and career.grades[n - 1]]


def rose(career: Career, first: int, last: int) -> bool:
    return any(career.grades[n] != career.grades[n - 1] for n in steps(career, first, last))


def may_move(career: Career, first: int, last: int) -> bool:
    """Whether the person is one of those among whom the movers are chosen who did not rise."""
    ends = steps(career, first, last)
    return bool(ends) and not rose(career, first, last) and career.grades[ends[0]] in MOVABLE


def counts_for_geography(career: Career) -> bool:
    return career.source == REGULAR and career.grades[career.first] in INTERNATIONAL


def may_be_unstated(career: Career) -> bool:
    return career.source != REGULAR or not any(grade in SENIOR for grade in career.grades)


class Drawing:
    """The quotas of one staff, and the draws of its people in order."""

    def __init__(self, found: Counter[Career], rows: int, seed: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311 -- synthetic data has to be the same each time, not secret
        self.made = 0
        self.heads = Counter[str]()
        regular = {career: n for career, n in found.items() if career.source == REGULAR}
        self.moves: dict[tuple[int, int], Quota] = {}
        for (begins, ends), moved in tables.MOVED.items():
            span = YEARS.index(begins), YEARS.index(ends)
            risen = sum(n for career, n in regular.items() if rose(career, *span))
            others = sum(n for career, n in regular.items() if may_move(career, *span))
            self.moves[span] = Quota(max(0, round(moved * rows / tables.STAFF) - risen), others)
        here = sum(n for career, n in found.items() if counts_for_geography(career) and career.grades[-1])
        gone = sum(n for career, n in found.items() if counts_for_geography(career) and not career.grades[-1])
        counted = round(rows * tables.GEOGRAPHIC / 100)
        self.geographic = {True: Quota(counted, here), False: Quota(round(gone * counted / here), gone)}
        open_ = sum(n for career, n in found.items() if may_be_unstated(career))
        self.unstated: list[tuple[str, Quota]] = []
        for sex, percent in tables.UNSTATED.items():
            chosen = round(open_ * percent / 100)
            self.unstated.append((sex, Quota(chosen, open_)))
            open_ -= chosen

    def facts(self, career: Career) -> Facts:
        """Years of birth: old enough for each grade in its year, and not over the age of separation in the last."""
        present = tuple(n for n, grade in enumerate(career.grades) if grade)
        spans = self.moves.items() if career.source == REGULAR else ()
        return Facts(
            career=career,
            present=present,
            moving=tuple((quota, tuple(steps(career, *span))) for span, quota in spans if may_move(career, *span)),
            geographic=self.geographic[bool(career.grades[-1])] if counts_for_geography(career) else None,
            unstated=may_be_unstated(career),
            born_from=YEARS[present[-1]] - OLDEST,
            born_to=min(YEARS[n] - youngest(career.grades[n]) for n in present),
        )

    def rows(self, facts: Facts) -> Iterator[tuple[int, str]]:
        """(position of the year, line) for each year end at which the next person, of that career, is on the staff."""
        self.made += 1
        grades, source = facts.career.grades, facts.career.source
        sex = self.sex(facts)
        place = self.place(source, grades[facts.present[0]])
        moves = [self.draw.choice(ends) for quota, ends in facts.moving if quota.take()]
        nationality = self.nationality(grades[facts.present[0]], place)
        birth = facts.born_from + int(self.draw.random() * (facts.born_to - facts.born_from + 1))
        entered = self.entered(facts.present[0], birth)
        geographic = "true" if facts.geographic is not None and facts.geographic.take() else "false"
        tail = f"{nationality},{birth},{geographic},{entered}\n"
        for n in facts.present:
            if n in moves:
                place = self.elsewhere(source, grades[n], place)
            where = f"{place.unit},{place.portfolio},{place.region},{place.station}"
            yield n, f"SY-{self.made:08d},{sex},{grades[n]},{source},{where},{tail}"

    def sex(self, facts: Facts) -> str:
        if facts.unstated:
            for sex, quota in self.unstated:
                if quota.take():
                    return sex
        return facts.career.sex

    def place(self, source: str, grade: str) -> Place:
        if grade in {"ADG", "DDG", "DG"}:
            self.heads[grade] += 1
            return self.place_of_head(grade, self.heads[grade] - 1)
        share = HEADQUARTERS_SHARE[grade[0]]
        if source != REGULAR:
            share = min(share, COOPERATION_HEADQUARTERS_SHARE)
        if self.draw.random() < share:
            office = OFFICES[bisect_right(OFFICES_UP_TO, self.draw.random() * OFFICES_UP_TO[-1])]
            return Place(*office, "europe-central-asia", HEADQUARTERS, "CHE")
        region = REGIONS[bisect_right(FIELD_UP_TO, self.draw.random() * FIELD_UP_TO[-1])]
        unit, stations = FIELD[region]
        return Place(unit, "field-operations", region, *self.draw.choice(stations))

    def place_of_head(self, grade: str, nth: int) -> Place:
        if grade == "ADG":
            region = REGIONS[nth % len(REGIONS)]
            unit, stations = FIELD[region]
            return Place(unit, "field-operations", region, *stations[0])
        office = DEPUTIES[nth % len(DEPUTIES)] if grade == "DDG" else ("CABINET", "management-reform")
        return Place(*office, "europe-central-asia", HEADQUARTERS, "CHE")

    def elsewhere(self, source: str, grade: str, place: Place) -> Place:
        """Another unit or duty station."""
        while True:
            found = self.place(source, grade)
            if (found.unit, found.station) != (place.unit, place.station):
                return found

    def nationality(self, grade: str, place: Place) -> str:
        if grade[0] not in "GN":
            return self.draw.choice(NATIONALITIES)
        return self.draw.choice(GENEVA_NATIONALITIES) if place.station == HEADQUARTERS else place.country

    def entered(self, first: int, birth: int) -> str:
        """In the first year on the staff; who is on the first file may have come long before."""
        begins = max(EARLIEST_ENTRY, birth + ENTRY_AGE) if first == 0 else YEARS[first]
        days = date(YEARS[first], 12, 31).toordinal() - date(begins, 1, 1).toordinal()
        return date.fromordinal(date(begins, 1, 1).toordinal() + int(self.draw.random() * (days + 1))).isoformat()


def youngest(grade: str) -> int:
    return YOUNGEST_AT_GRADE.get(grade) or YOUNGEST_AT_GRADE[grade[0]]


def in_turn(found: Counter[Career], drawing: Drawing) -> Iterator[Facts]:
    """The facts of every person's career, those who came first first, and careers mixed among those who came in one year."""
    for first in range(len(YEARS)):
        kinds = [career for career in found if career.first == first]
        facts = [drawing.facts(career) for career in kinds]
        up_to = list(accumulate(found[career] for career in kinds))
        people = up_to[-1] if up_to else 0
        stride = max(1, round(people * GOLDEN))
        while people and gcd(stride, people) != 1:
            stride += 1
        at = 0
        for _ in range(people):
            yield facts[bisect_right(up_to, at)]
            at = (at + stride) % people


def write(folder: Path, *, rows: int, seed: int, years: Iterable[int] = YEARS) -> dict[int, int]:
    """Writes `synthetic-staff-YEAR-12-31.csv` for each of the years, and returns their numbers of rows; the last year has `rows`."""
    found = careers(rows)
    drawing = Drawing(found, rows, seed)
    wanted = {YEARS.index(year): year for year in years}
    waiting: dict[int, list[str]] = {n: [HEADER] for n in wanted}
    written = dict.fromkeys(wanted.values(), 0)
    with ExitStack() as stack:
        files: dict[int, TextIO] = {
            n: stack.enter_context(
                (folder / f"synthetic-staff-{year}-12-31.csv").open("w", encoding="utf-8", newline="")
            )
            for n, year in wanted.items()
        }
        for facts in in_turn(found, drawing):
            for n, line in drawing.rows(facts):
                if n in wanted:
                    waiting[n].append(line)
                    written[wanted[n]] += 1
                    if len(waiting[n]) >= AT_ONCE:
                        files[n].writelines(waiting[n])
                        waiting[n].clear()
        for n, lines in waiting.items():
            files[n].writelines(lines)
    return written
