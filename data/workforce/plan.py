"""From stocks to careers, in numbers only: how many people have which career. Nobody is drawn here.

What must not break: for every year, grade, contract source and sex the careers add up to the stocks, whatever the scale; the number
of careers does not grow with the number of people, so that a staff of millions is planned in the memory of a small one.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple, TypeVar

from data.workforce import tables
from data.workforce.tables import COOPERATION, LADDERS, REGULAR, SENIOR, SOURCES, YEARS

Key = TypeVar("Key")
LONG_ENOUGH = 2  # year ends in a grade before one rises, where there are such people


class Career(NamedTuple):
    """The grade at each year's end, "" where not on the staff; who comes in stays without a break until leaving."""

    source: str
    sex: str
    grades: tuple[str, ...]

    @property
    def first(self) -> int:
        return next(n for n, grade in enumerate(self.grades) if grade)


@dataclass(frozen=True)
class Flow:
    """What happens to a grade between two year ends, for one source and sex."""

    leaving: int
    rising: int
    coming: int


def apportion(whole: int, weights: Mapping[Key, float]) -> dict[Key, int]:
    """`whole` over the keys by their weights, by largest remainder; nobody gets more than a whole above the exact part."""
    total = sum(weights.values())
    if not total:
        return dict.fromkeys(weights, 0)
    exact = {key: whole * weight / total for key, weight in weights.items()}
    found = {key: int(part) for key, part in exact.items()}
    rest = sorted(weights, key=lambda key: found[key] - exact[key])
    for key in rest[: whole - sum(found.values())]:
        found[key] += 1
    return found


def following(grade: str) -> str | None:
    for ladder in LADDERS:
        if grade in ladder[:-1]:
            return ladder[ladder.index(grade) + 1]
    return None


def stocks(rows: int) -> dict[tuple[str, str, str], list[int]]:
    """People by source, grade and sex at each year's end; those of the last year are `rows`, shares of the sources as in the tables."""
    found: dict[tuple[str, str, str], list[int]] = {}
    scale = rows / tables.STAFF
    at_last = {source: sum(f + m for f, m in grades.values()) for source, grades in tables.OTHERS.items()}
    senior_last = sum(f + m for f, m in (years[-1] for years in tables.SENIOR_REGULAR.values()))
    at_last[REGULAR] += senior_last
    wholes = apportion(rows, at_last)
    for n, _ in enumerate(YEARS):
        senior = 0
        for position, sex in enumerate("FM"):
            cells = {grade: float(years[n][position]) for grade, years in tables.SENIOR_REGULAR.items()}
            for grade, count in apportion(round(sum(cells.values()) * scale), cells).items():
                found.setdefault((REGULAR, grade, sex), []).append(count)
                senior += count
        for source in SOURCES:
            size = round(wholes[source] * tables.GROWTH[source][n]) - (senior if source == REGULAR else 0)
            weights = {
                (source, grade, sex): float(part)
                for grade, (women, men) in tables.OTHERS[source].items()
                for sex, part in zip("FM", _split(grade, women, men, n), strict=True)
            }
            for key, count in apportion(size, weights).items():
                found.setdefault(key, []).append(count)
    return found


def _split(grade: str, women: int, men: int, year: int) -> tuple[float, float]:
    """The group's weight of women and of men in the year, by its share in the last year and what that was lower before."""
    share = women / (women + men)
    share = (
        max(0.0, share - tables.LOWER_IN_2016[grade[0]] * (len(YEARS) - 1 - year) / (len(YEARS) - 1)) if women else 0.0
    )
    return (women + men) * share, (women + men) * (1 - share)


def flows(found: Mapping[tuple[str, str, str], list[int]], rows: int) -> list[dict[tuple[str, str, str], Flow]]:
    """One table of flows for each step from a year's end to the next. stock + coming + risen into it - leaving - rising = next stock."""
    steps = []
    for n in range(len(YEARS) - 1):
        rising = {key: _up(found, key, n) for key in found}
        step: dict[tuple[str, str, str], Flow] = {}
        for (source, grade, sex), counts in found.items():
            key = source, grade, sex
            risen = sum(rising[k] for k in found if k[0] == source and k[2] == sex and following(k[1]) == grade)
            rate = tables.SENIOR_SEPARATIONS if source == REGULAR and grade in SENIOR else tables.SEPARATIONS[source]
            left = min(counts[n] - rising[key], round(counts[n] * rate / 100))
            coming = counts[n + 1] - (counts[n] - left - rising[key] + risen)
            step[key] = Flow(left - min(coming, 0), rising[key], max(coming, 0))
        _raise_turnover(step, found, n, rows)
        steps.append(step)
    return steps


def _up(found: Mapping[tuple[str, str, str], list[int]], key: tuple[str, str, str], n: int) -> int:
    """How many rise to the next grade, which they fill to a half at most."""
    source, grade, sex = key
    above = found.get((source, following(grade) or "", sex))
    return 0 if above is None else min(round(found[key][n] * _rate_up(source, grade) / 100), above[n + 1] // 2)


def _rate_up(source: str, grade: str) -> float:
    if source == COOPERATION:
        return tables.COOPERATION_PROMOTIONS
    return tables.PROMOTIONS.get(grade) or tables.PROMOTIONS.get(grade[0], 0.0)


def _raise_turnover(
    step: dict[tuple[str, str, str], Flow], found: Mapping[tuple[str, str, str], list[int]], n: int, rows: int
) -> None:
    """As many more leave and come as it takes to have the appointments that the tables name."""
    for (year, source, ladder), count in tables.APPOINTMENTS.items():
        if year != YEARS[n + 1]:
            continue
        keys = [key for key in step if key[0] == source and key[1].startswith(ladder)]
        more = round(count * rows / tables.STAFF) - sum(step[key].coming for key in keys)
        room = {key: float(found[key][n] - step[key].leaving - step[key].rising) for key in keys}
        for key, extra in apportion(max(0, more), room).items():
            one = step[key]
            step[key] = Flow(one.leaving + extra, one.rising, one.coming + extra)


def careers(rows: int) -> Counter[Career]:
    """How many people have which career over the years."""
    found = stocks(rows)
    groups: Counter[Career] = Counter()
    for (source, grade, sex), counts in found.items():
        if counts[0]:
            groups[Career(source, sex, (grade,))] += counts[0]
    for n, step in enumerate(flows(found, rows)):
        groups = _after(groups, step, n)
    return groups


def _after(groups: Counter[Career], step: Mapping[tuple[str, str, str], Flow], n: int) -> Counter[Career]:
    following_groups: Counter[Career] = Counter()
    by_key: dict[tuple[str, str, str], list[Career]] = {}
    for career in groups:
        if career.grades[-1]:
            by_key.setdefault((career.source, career.grades[-1], career.sex), []).append(career)
        else:
            following_groups[career._replace(grades=(*career.grades, ""))] += groups[career]
    for key, flow in step.items():
        here = {career: groups[career] for career in by_key.get(key, [])}
        rising = _rising(here, flow.rising)
        staying = {career: float(count - rising[career]) for career, count in here.items()}
        leaving = apportion(flow.leaving, staying)
        for career, count in here.items():
            up = following(career.grades[-1]) or ""
            for grade, part in (
                (up, rising[career]),
                ("", leaving[career]),
                (career.grades[-1], count - rising[career] - leaving[career]),
            ):
                if part:
                    following_groups[career._replace(grades=(*career.grades, grade))] += part
        if flow.coming:
            following_groups[Career(key[0], key[2], ("",) * (n + 1) + (key[1],))] += flow.coming
    return following_groups


def _rising(here: Mapping[Career, int], count: int) -> dict[Career, int]:
    """Who rises: first those who are long enough in their grade, then the others."""
    long = {career: float(n) for career, n in here.items() if _tenure(career) >= LONG_ENOUGH}
    first = min(count, int(sum(long.values())))
    found = dict.fromkeys(here, 0) | apportion(first, long)
    rest = {career: float(n - found[career]) for career, n in here.items()}
    more = apportion(count - first, rest)
    return {career: found[career] + more[career] for career in here}


def _tenure(career: Career) -> int:
    """Year ends in the present grade; whoever is on the first file counts as long there."""
    if len(set(career.grades)) == 1:
        return LONG_ENOUGH
    return sum(1 for _ in takewhile(lambda grade: grade == career.grades[-1], reversed(career.grades)))
