"""Which lines of a snapshot may not be shown because too few people came to them or left them since they were shown last.

Two tables, subtracted, are a table too: of those who came and left. What must not break: of a line that both show, these are nobody or k
and more. Between tables of neighbouring days people are followed; over a table that did not show the line, the difference is what counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hr_diversity.rules.representation.publishing import Counted, Ranges, Restless, groups_of
from hr_diversity.rules.suppression import NOBODY, Counts, add, is_small

WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Shown:
    """What was published of a day: of countries the number, of groups and of all (WHOLE) women and men, other where shown. A country
    that is in neither `countries` nor `withheld` was shown to have nobody.
    """

    countries: Mapping[str, int]
    withheld: frozenset[str]
    lines: Mapping[str, tuple[int, int]]
    other: int | None
    countries_shown: bool = True
    """False: it said nothing of any country."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Since the neighbouring day: its counts, its first policy's ranges, and who came to or left the posts that count, by nationality."""

    before: Counted
    ranges: Ranges
    by_country: Mapping[str, Counts] = field(default_factory=dict)

    def in_groups(self, after: Counted, ranges: Ranges) -> dict[str, Counts]:
        """Who came to a group or left it; of a country whose status is another, everybody."""
        found: dict[str, list[Counts]] = {WHOLE: list(self.by_country.values())}
        for country in self.before.by_country.keys() | after.by_country.keys():
            was, now = (
                next(iter(groups_of(Counted({country: counted.by_country[country]}, NOBODY), of)))
                if country in counted.by_country
                else None
                for counted, of in ((self.before, self.ranges), (after, ranges))
            )
            if was == now:
                found.setdefault(str(now), []).append(self.by_country.get(country, NOBODY))
                continue
            for group, counted in ((was, self.before), (now, after)):
                if group is not None:
                    found.setdefault(group, []).append(counted.by_country[country])
        return {group: add(lines) for group, lines in found.items()}


def find_restless(
    after: Counted,
    ranges: Ranges | None,
    tables: Sequence[Shown],
    moved: Moved | None,
    k: int,
    *,
    cut_off: bool = False,
) -> Restless:
    """`tables` from the nearest day to the farthest; `moved` since the first of them, None where nobody can be followed. `cut_off`: there
    may be farther ones, so that what none of these shows may have been shown, and stays withheld.
    """
    groups = {} if ranges is None else groups_of(after, ranges)
    lines = {**groups, WHOLE: after.whole}
    flows = {} if moved is None else moved.in_groups(after, ranges or {})
    countries = {
        country
        for country, counts in after.by_country.items()
        if _few_in_country(country, counts.total, tables, moved, k, cut_off=cut_off)
    }
    closed = {line for line, counts in lines.items() if _few_in_line(line, counts, tables, flows, k, cut_off=cut_off)}
    other = next((table.other for table in tables if table.other is not None), None)
    return Restless(
        frozenset(countries),
        frozenset(closed - {WHOLE}),
        whole=WHOLE in closed,
        other=other is not None and is_small(abs(other - after.whole.other), k),
    )


def _few_in_country(
    country: str, count: int, tables: Iterable[Shown], moved: Moved | None, k: int, *, cut_off: bool = False
) -> bool:
    for at, table in enumerate(tables):
        if country in table.withheld or not table.countries_shown:
            continue
        if at == 0 and moved is not None:
            return is_small(moved.by_country.get(country, NOBODY).total, k)
        return is_small(abs(count - table.countries.get(country, 0)), k)
    return cut_off


def _few_in_line(
    line: str, counts: Counts, tables: Iterable[Shown], flows: Mapping[str, Counts], k: int, *, cut_off: bool = False
) -> bool:
    for at, table in enumerate(tables):
        if line not in table.lines:
            continue
        women, men = table.lines[line]
        if at == 0 and flows:
            came_or_left = flows.get(line, NOBODY)
            return is_small(came_or_left.women, k) or is_small(came_or_left.men, k)
        return is_small(abs(counts.women - women), k) or is_small(abs(counts.men - men), k)
    return cut_off
