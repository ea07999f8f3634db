"""One release as a linear programme: the unknowns are the finest counts that its tables are sums of.

Known is what the measures show (counts, totals, shares to one decimal), that a group which is not listed has nobody and one which is
listed has somebody, which grade is in which category, and which station is in which region and which unit in which portfolio, in
the pairs that occur. The tables hang together by the people of each level: they are the same by post, place, unit and age.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any

from tests.hr_diversity.attacker.programme import ENDLESS, Interval, Programme

from hr_diversity.measures.ladder import CATEGORY_OF, LEVELS, REGULAR_BUDGET, SENIOR_OTHER, SENIOR_REGULAR

SEXES = ("women", "men", "other")
SENIOR_LEVELS = (SENIOR_REGULAR, SENIOR_OTHER)
State = Mapping[str, Any]
"""A measure as the API shows it."""
Keys = tuple[str, ...]
Cell = tuple[str, Keys]
"""Family and keys of a finest count."""
Target = tuple[str, str, str]
"""Measure, group ("" is its total) and sex, or "total"."""


def level_of(grade: str, source: str) -> str:
    category = CATEGORY_OF[grade]
    if category != "senior":
        return category
    return SENIOR_REGULAR if source == REGULAR_BUDGET else SENIOR_OTHER


def category(level: str) -> str:
    return "senior" if level in SENIOR_LEVELS else level


@dataclass(frozen=True, slots=True)
class Table:
    """What a measure counts: cells of one family, those that `counts`, by `group`."""

    family: str
    group: Callable[[Keys], str]
    counts: Callable[[Keys], bool] = lambda _: True


def _regular(keys: Keys) -> bool:
    return keys[1] == REGULAR_BUDGET


def _senior(keys: Keys) -> bool:
    return CATEGORY_OF[keys[0]] == "senior"


def _senior_regular(keys: Keys) -> bool:
    return keys[0] == SENIOR_REGULAR


TABLES = {
    "staff-by-grade": Table("posts", lambda keys: keys[0]),
    "staff-by-grade-regular-budget": Table("posts", lambda keys: keys[0], _regular),
    "staff-by-category": Table("posts", lambda keys: CATEGORY_OF[keys[0]]),
    "staff-by-contract-source": Table("posts", lambda keys: keys[1]),
    "staff-by-category-and-contract-source": Table("posts", lambda keys: f"{CATEGORY_OF[keys[0]]}/{keys[1]}"),
    "women-p5-plus-whole-workforce": Table("posts", lambda _: "", _senior),
    "women-p5-plus-regular-budget": Table("posts", lambda _: "", lambda keys: _senior(keys) and _regular(keys)),
    "staff-by-region": Table("places", lambda keys: keys[1]),
    "staff-by-duty-station": Table("places", lambda keys: keys[2]),
    "staff-by-category-and-region": Table("places", lambda keys: f"{category(keys[0])}/{keys[1]}"),
    "women-p5-plus-regular-budget-by-region": Table("places", lambda keys: keys[1], _senior_regular),
    "staff-by-portfolio": Table("units", lambda keys: keys[1]),
    "staff-by-unit": Table("units", lambda keys: keys[2]),
    "staff-by-category-and-portfolio": Table("units", lambda keys: f"{category(keys[0])}/{keys[1]}"),
    "women-p5-plus-regular-budget-by-portfolio": Table("units", lambda keys: keys[1], _senior_regular),
    "staff-by-age-band": Table("ages", lambda keys: keys[1]),
    "staff-by-category-and-age-band": Table("ages", lambda keys: f"{category(keys[0])}/{keys[1]}"),
    "women-p5-plus-regular-budget-by-age-band": Table("ages", lambda keys: keys[1], _senior_regular),
}
FAMILIES = ("posts", "places", "units", "ages")


@dataclass(frozen=True, slots=True)
class Known:
    """What anybody knows besides the release: the (region, station) and (portfolio, unit) pairs that occur; None: any pair may.

    `there`: cells of a family that have somebody; families that are not named may have anybody anywhere.
    """

    places: Collection[tuple[str, str]] | None = None
    units: Collection[tuple[str, str]] | None = None
    there: Mapping[str, Collection[Keys]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leak:
    """A withheld figure that is known to less than k people."""

    target: Target
    interval: Interval
    truth: int | None

    def __str__(self) -> str:
        measure, group, figure = self.target
        truth = "" if self.truth is None else f", in truth {self.truth}"
        return f"{measure} {group or 'total'} {figure}: {self.interval.least} to {self.interval.most}{truth}"


class Release:
    """The cells that may have somebody, and the lines of the measures over them, as part of a programme."""

    def __init__(self, states: Iterable[State], known: Known, programme: Programme, name: str = "") -> None:
        self.states = {state["code"]: state for state in states}
        strange = set(self.states) ^ set(TABLES)
        assert not strange, f"the attacker does not know what {sorted(strange)} count, or misses them"
        self.programme, self.name = programme, name
        self.listed = {code: _lines(state) for code, state in self.states.items()}
        self.cells = {
            family: [keys for keys in self._possible(family, known) if self._is_listed(family, keys)]
            for family in FAMILIES
        }
        self.lines: dict[tuple[str, str], list[Cell]] = {
            (code, group): [] for code in TABLES for group in ("", *self.listed[code])
        }
        for code, table in TABLES.items():
            for keys in filter(table.counts, self.cells[table.family]):
                self.lines[code, ""].append((table.family, keys))
                if table.group(keys):
                    self.lines[code, table.group(keys)].append((table.family, keys))
        self._add_shown()
        self._add_levels()

    def _possible(self, family: str, known: Known) -> Iterator[Keys]:
        if family in known.there:
            yield from known.there[family]
        elif family == "posts":
            yield from product(self.listed["staff-by-grade"], self.listed["staff-by-contract-source"])
        elif family == "ages":
            yield from product(LEVELS, self.listed["staff-by-age-band"])
        else:
            of, finer, pairs = {
                "places": ("staff-by-region", "staff-by-duty-station", known.places),
                "units": ("staff-by-portfolio", "staff-by-unit", known.units),
            }[family]
            for level, value, part in product(LEVELS, self.listed[of], self.listed[finer]):
                if pairs is None or (value, part) in pairs:
                    yield level, value, part

    def _is_listed(self, family: str, keys: Keys) -> bool:
        return all(
            table.group(keys) in self.listed[code] or not table.group(keys)
            for code, table in TABLES.items()
            if table.family == family and table.counts(keys)
        )

    def unknown(self, cell: Cell, sex: str) -> int:
        return self.programme.unknown((self.name, sex, *cell))

    def sum(self, cells: Iterable[Cell], figure: str) -> dict[int, float]:
        sexes = SEXES if figure == "total" else (figure,)
        return {self.unknown(cell, sex): 1 for cell in cells for sex in sexes}

    def shown(self, line: tuple[str, str]) -> State:
        code, group = line
        return self.listed[code][group] if group else self.states[code]

    def _add_shown(self) -> None:
        for line, cells in self.lines.items():
            shown = self.shown(line)
            for figure in (*SEXES, "total"):
                if shown[figure] is not None:
                    self.programme.add(self.sum(cells, figure), shown[figure], shown[figure])
            if shown["share"] is not None and None in (shown["women"], shown["men"]):
                self._add_share(cells, float(Decimal(str(shown["share"]))))
            if line[1] and None in (shown[figure] for figure in (*SEXES, "total")):
                self.programme.add(self.sum(cells, "total"), 1, ENDLESS)

    def _add_share(self, cells: list[Cell], share: float) -> None:
        """From least to most per cent, half a decimal to either side: women - share x (women + men)."""
        for bound, sign in ((share - 0.05, 1), (share + 0.05, -1)):
            women = dict.fromkeys(self.sum(cells, "women"), sign * (100 - bound))
            men = dict.fromkeys(self.sum(cells, "men"), -sign * bound)
            self.programme.add({**women, **men}, 0, ENDLESS)

    def _add_levels(self) -> None:
        """As many of each level by place, unit and age as by post."""
        for level, sex, family in product(LEVELS, SEXES, FAMILIES[1:]):
            posts = [("posts", keys) for keys in self.cells["posts"] if level_of(*keys) == level]
            others = [(family, keys) for keys in self.cells[family] if keys[0] == level]
            minus = dict.fromkeys(self.sum(others, sex), -1)
            self.programme.add({**self.sum(posts, sex), **minus}, 0, 0)

    def withheld(self) -> dict[Target, dict[int, float]]:
        """The sums that are withheld where they would be printed, but for those in a larger group that is shown to have nobody."""
        empty = [(sex, set(cells)) for line, cells in self.lines.items() for sex in SEXES if self.shown(line)[sex] == 0]
        found: dict[Target, dict[int, float]] = {}
        for line, cells in self.lines.items():
            hidden = [sex for sex in SEXES if self.shown(line)[sex] is None]
            hidden = [sex for sex in hidden if not any(sex == of and set(cells) <= nobody for of, nobody in empty)]
            for figure in [*hidden, "total"] if hidden else []:
                found[*line, figure] = self.sum(cells, figure)
        return found

    def figures(self) -> Iterator[tuple[Target, int]]:
        """All that is shown."""
        for line in self.lines:
            for figure in (*SEXES, "total"):
                if self.shown(line)[figure] is not None:
                    yield (*line, figure), self.shown(line)[figure]

    def derived(self) -> dict[Target, dict[int, float]]:
        return {(*name, sex): self.sum(cells, sex) for name, cells in self.parts().items() for sex in SEXES}

    def parts(self) -> dict[tuple[str, str], list[Cell]]:
        """Lines that no measure prints and that could be worked out: single posts, posts that are not on the regular budget, people of
        a level, and those of a level or of a part at one place.
        """
        found: dict[tuple[str, str], list[Cell]] = {}
        for family in FAMILIES:
            for keys in self.cells[family]:
                for name in _names(family, keys):
                    found.setdefault(name, []).append((family, keys))
        return found


def _names(family: str, keys: Keys) -> list[tuple[str, str]]:
    if family == "posts":
        grade, source = keys
        names = [("post", "/".join(keys)), ("level", level_of(grade, source))]
        return names if source == REGULAR_BUDGET else [*names, ("not-regular", grade)]
    names = [(f"level-{family}", f"{keys[0]}/{keys[1]}")]
    return names if family == "ages" else [*names, (f"part-{family}", "/".join(keys[1:]))]


def _lines(state: State) -> dict[str, State]:
    return {cell["group"]: cell for cell in state["cells"]}


Truth = Callable[[Mapping[int, float]], int]


def attack(
    states: Iterable[State], known: Known, k: int, truth: Mapping[tuple[str, str, Keys], int] | None = None
) -> list[Leak]:
    """The small figures that a release shows, and the withheld ones that are known to less than k, but for those known to be zero: zero is not small. `truth`: people by (sex, family, keys); with it small counts that
    no measure prints are attacked too.
    """
    programme = Programme()
    release = Release(states, known, programme)
    sums = release.withheld()
    counts: dict[Target, int] = {}
    if truth is not None:
        of = {
            programme.unknown((release.name, *name)): n
            for (sex, family, keys), n in truth.items()
            for name in [(sex, family, keys)]
        }
        derived = release.derived()
        counts = {name: sum(of.get(unknown, 0) for unknown in factors) for name, factors in (derived | sums).items()}
        sums |= {name: factors for name, factors in derived.items() if 0 < counts[name] < k}
    shown = [Leak(name, Interval(figure, figure), figure) for name, figure in release.figures() if 0 < figure < k]
    found = programme.intervals(sums, k)
    nobody = {name for name, interval in found.items() if interval.most == 0}
    return shown + [
        Leak(name, interval, counts.get(name))
        for name, interval in found.items()
        if name not in nobody and not (name[2] == "total" and _is_rest_empty(name, sums, nobody))
    ]


def _is_rest_empty(total: Target, sums: Collection[Target], nobody: Collection[Target]) -> bool:
    """Whether a total is withheld for nobody: then it is the sum of what is shown."""
    return all((*total[:2], sex) in nobody for sex in SEXES if (*total[:2], sex) in sums)
