"""One open vacancy against both gaps: women and men at its grade, and the ranges of member States. All from published figures.

What must not break: a recruit is one person, who moves the share of women once and the number of countries in range once at the most; so
the two stand beside each other for each of four kinds of recruit, and are not added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hr_diversity.rules import scenario
from hr_diversity.rules.representation.ranges import STATUSES, Status
from hr_diversity.rules.representation.table import latest
from hr_diversity.schemas.representation import Effect, StatusGroup
from hr_diversity.schemas.representation_table import KeptPolicy, KeptTable
from shared.figures import round_half_up

LESS: tuple[Status, ...] = ("non_represented", "under")


@dataclass(frozen=True, slots=True)
class _Country:
    """`change` of the number of countries in range by one more post; None where the number of posts is withheld."""

    status: Status | None
    change: int | None
    over: bool = False


def list_groups(table: KeptTable, policy: KeptPolicy) -> list[StatusGroup]:
    """By status, those whose status is withheld last."""
    found = _countries(table, policy)
    groups = [(status, [one for one in found if one.status == status]) for status in (*STATUSES, None)]
    return [
        StatusGroup(
            status=status,
            countries=len(ones),
            become_adequate=sum(one.change == 1 for one in ones),
            become_over=sum(one.over for one in ones),
            unknown=sum(one.change is None for one in ones),
        )
        for status, ones in groups
        if ones
    ]


def cross(
    table: KeptTable, policy: KeptPolicy | None, women: int | None, men: int | None, target: Decimal
) -> list[Effect]:
    """The four kinds of recruit. Without a policy there is no country, and where the grade's figures are withheld no share."""
    filled: tuple[scenario.Filled | None, scenario.Filled | None] = (None, None)
    if women is not None and men is not None:
        filled = scenario.vacancy(women, men, Fraction(target))
    found = [] if policy is None else _countries(table, policy)
    less = [one for one in found if one.status in LESS]
    other = [one for one in found if one.status not in (*LESS, None)]
    hidden = [one for one in found if one.status is None]
    hidden_less = _hidden_less(policy, less, hidden)
    parts = (
        ("less_than_adequate", less, hidden_less, 0, 1),
        ("other", other, None if hidden_less is None else len(hidden) - hidden_less, -1, 0),
    )
    return [
        Effect(
            sex=sex,
            nationality=nationality,
            share_of_women=None if one is None else round_half_up(one.share),
            distance_to_target=None if one is None else round_half_up(one.distance),
            countries=len(known) + (len(hidden) if more is None else more),
            **_bounds(known, len(hidden) if more is None else more, least, most),
        )
        for sex, one in zip(("woman", "man"), filled, strict=True)
        for nationality, known, more, least, most in parts
    ]


def _hidden_less(policy: KeptPolicy | None, less: Sequence[_Country], hidden: Sequence[_Country]) -> int | None:
    """How many of the countries of withheld status have less than their range; None where that is not told."""
    if policy is None or policy.numbers is None:
        return None if hidden else 0
    return sum(policy.numbers[status] for status in LESS) - len(less)


def _bounds(known: Sequence[_Country], hidden: int, least: int, most: int) -> dict[str, int]:
    changes = [one.change for one in known if one.change is not None]
    if hidden or any(one.change is None for one in known):
        changes += [least, most]
    return {"countries_at_least": min(changes, default=0), "countries_at_most": max(changes, default=0)}


def _countries(table: KeptTable, policy: KeptPolicy) -> list[_Country]:
    found = []
    for country, range_ in policy.by_country().items():
        if table.plan == "closed" or country in table.withheld:
            found.append(_Country(policy.statuses.get(country), None))
            continue
        posts = table.countries.get(country, 0)
        now, then = range_.status(posts), range_.status(posts + 1)
        found.append(_Country(now, (then == "within") - (now == "within"), now != "over" and then == "over"))
    return found


def choose(table: KeptTable, code: str | None) -> KeptPolicy | None:
    """The policy of this code, or the first."""
    current = latest(table)
    return current.get(code) if code is not None else next(iter(current.values()), None)
