"""The table of a snapshot: as it is kept, with nothing in it that is withheld, and as it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any, Literal

from hr_diversity.rules.representation.publishing import GROUPS, NOT_STATED, Counted, Pattern, groups_of
from hr_diversity.rules.representation.ranges import STATUSES, Status
from hr_diversity.rules.suppression import Counts, show
from hr_diversity.schemas.measures import Line
from hr_diversity.schemas.representation import (
    CountryLine,
    GroupFigures,
    Outside,
    PolicyShown,
    Recruits,
    RepresentationTable,
    name_of,
)
from hr_diversity.schemas.representation_table import KeptPolicy, KeptTable
from shared.figures import round_half_up, share

PLACES = 3
Detail = Literal["published", "full"]


def everything(policies: int) -> Pattern:
    """Nothing is withheld: for the HR role."""
    return Pattern("by_status", policies, frozenset(), frozenset(), frozenset(), women_and_men=True, other=True)


def keep(
    counted: Counted,
    policies: Sequence[KeptPolicy],
    pattern: Pattern,
    k: int,
    recruits: Recruits | None,
    staff: Line | None,
) -> KeptTable:
    """What the pattern lets through. `policies` after those that are told get no numbers by status; `staff`: all, as published."""
    whole = counted.whole
    open_ = pattern.plan != "closed"
    line = _line(whole, closed=not pattern.women_and_men, partly=not pattern.other)
    first = policies[0].by_country() if policies else {}
    groups = groups_of(counted, first) if open_ and pattern.plan == "by_status" and pattern.told else None
    return KeptTable(
        k=k,
        plan=pattern.plan,
        told=pattern.told,
        women_and_men=pattern.women_and_men,
        other=pattern.other,
        closed=sorted(pattern.closed),
        withheld=sorted(pattern.withheld),
        hidden=sorted(pattern.hidden),
        counted=line,
        of_staff=None if staff is None else _of_staff(line, staff),
        countries=(
            {c: counts.total for c, counts in counted.by_country.items() if c not in pattern.withheld} if open_ else {}
        ),
        groups=None
        if groups is None
        else {
            group: _line(counts, closed=group in pattern.closed, partly=not pattern.other and counts.other > 0)
            for group, counts in groups.items()
        },
        recruits=recruits,
        policies=[tell(counted, one, pattern, told=at < pattern.told) for at, one in enumerate(policies)],
    )


def _of_staff(counted: Line, staff: Line) -> tuple[int, int] | None:
    """Part and whole, of women and men: those of another sex are withheld in some years and told in others."""
    if counted.women is None or counted.men is None or staff.women is None or staff.men is None:
        return None
    return counted.women + counted.men, staff.women + staff.men


def tell(counted: Counted, policy: KeptPolicy, pattern: Pattern, *, told: bool) -> KeptPolicy:
    """The policy with what is told by it."""
    if pattern.plan == "closed" or not told:
        return policy.model_copy(update={"numbers": None, "statuses": {}})
    found: dict[str, Status] = {
        country: one.status(_total(counted, country)) for country, one in policy.by_country().items()
    }
    numbers = {status: sum(one == status for one in found.values()) for status in STATUSES}
    shown = {c: status for c, status in found.items() if c in pattern.withheld and c not in pattern.hidden}
    return policy.model_copy(update={"numbers": numbers, "statuses": shown})


def _total(counted: Counted, country: str) -> int:
    return counted.by_country[country].total if country in counted.by_country else 0


def _line(counts: Counts, *, closed: bool, partly: bool) -> Line:
    return Line(**asdict(show(counts, closed=closed, partly=partly)))


def compose(table: KeptTable, code: str | None, about: Mapping[str, Any], detail: Detail) -> RepresentationTable | None:
    """As it is answered, by the policy `code` or the first; None where that was not in force. `about`: source, as_of, snapshot, revision."""
    current = latest(table)
    if code is not None and code not in current:
        return None
    chosen = current[code] if code is not None else next(iter(current.values()), None)
    numbers = None if chosen is None else chosen.numbers
    members = 0 if chosen is None else len(chosen.ranges)
    first = bool(table.policies) and chosen is table.policies[0]
    return RepresentationTable(
        **about,
        detail=detail,
        plan=table.plan,
        policy=None if chosen is None else _shown(chosen),
        policies=list(current),
        counted=table.counted,
        share_of_staff=None if table.of_staff is None else share(*table.of_staff),
        countries_by_status=None if numbers is None else {status: numbers[status] for status in STATUSES},
        adequately_represented=(
            round_half_up(Fraction(numbers["within"] * 100, members)) if numbers and members else None
        ),
        groups=(
            [GroupFigures(group=one, **table.groups[one].model_dump()) for one in GROUPS if one in table.groups]
            if table.groups is not None and first
            else None
        ),
        recruits=table.recruits if first else None,
        countries=[] if chosen is None else [_country(table, chosen, one) for one in sorted(chosen.ranges)],
        outside=_outside(table, chosen),
    )


def latest(table: KeptTable) -> dict[str, KeptPolicy]:
    """Of each code the edition that was told last, the first policy first."""
    return {policy.said.code: policy for policy in table.policies}


def _shown(policy: KeptPolicy) -> PolicyShown:
    return PolicyShown(
        **policy.said.model_dump(),
        told=policy.numbers is not None,
        inputs_verified=policy.inputs_verified,
        inputs_source=policy.inputs_source,
        inputs_effective_from=policy.inputs_effective_from,
        inputs_version=policy.inputs_version,
        points_per_post=round_half_up(policy.per_post, PLACES),
        base_posts=policy.base_posts,
    )


def _country(table: KeptTable, policy: KeptPolicy, country: str) -> CountryLine:
    inputs, range_ = policy.ranges[country], policy.by_country()[country]
    withheld = table.plan == "closed" or country in table.withheld
    posts = None if withheld else table.countries.get(country, 0)
    status = policy.statuses.get(country) if posts is None else range_.status(posts)
    return CountryLine(
        country=country,
        name=name_of(country),
        population=inputs.population,
        scale=round_half_up(inputs.scale, PLACES),
        midpoint=round_half_up(inputs.midpoint, PLACES),
        lower=round_half_up(inputs.lower, PLACES),
        upper=round_half_up(inputs.upper, PLACES),
        posts=posts,
        suppressed=withheld,
        status=status,
        mark=range_.mark(posts) if posts is not None and status == "within" else None,
    )


def _outside(table: KeptTable, policy: KeptPolicy | None) -> list[Outside]:
    """Nationalities that are nobody's by the policy, those that are not stated last."""
    if table.plan == "closed":
        return []
    members = set() if policy is None else set(policy.ranges)
    found = sorted({*table.countries, *table.withheld} - members, key=lambda one: (one == NOT_STATED, one))
    return [
        Outside(nationality=one or None, posts=table.countries.get(one), suppressed=one not in table.countries)
        for one in found
    ]
