"""Inputs and policies of representation are put, each edition from its day on, and applied to the snapshots that are published."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import RangeInputs, RangePolicy
from hr_diversity.rules.representation import RULES
from hr_diversity.rules.representation.ranges import Member
from hr_diversity.schemas.representation import NewInputs, NewPolicy
from hr_diversity.schemas.representation import RangePolicy as PolicyState
from hr_diversity.schemas.representation_table import KeptPolicy, KeptRange
from hr_diversity.service.stating import Stated, state_all
from shared.errors import FieldError, Unprocessable
from shared.events.representation import MemberState, RangeInputsDefined, RangePolicyDefined
from shared.versions import check_version, refuse_version_of_nothing

COUNTED = "counted"


class ImpossibleInputs(Unprocessable):
    slug = "impossible-inputs"


class ImpossiblePolicy(Unprocessable):
    slug = "impossible-policy"


async def put_inputs(
    session: AsyncSession, code: str, given: NewInputs, if_match: int | None
) -> tuple[RangeInputs, bool, bool]:
    """The edition as it stands, whether it is new, and whether it changed. Said again as it stands, nothing happens.

    Raises ImpossibleInputs, PreconditionRequired or PreconditionFailed.
    """
    _check_members(given)
    await store.representation.lock_all(session)
    row = await store.representation.lock_edition(session, RangeInputs, code, given.effective_from)
    said = given.model_dump(mode="json")
    new, same = _compare(row, said, if_match)
    if same:
        return row, False, False
    row.said = said
    members = [
        MemberState(country=one.country, population=one.population, scale=float(one.scale)) for one in given.members
    ]
    event = RangeInputsDefined(
        code=code,
        effective_from=given.effective_from,
        title=given.title,
        source=given.source,
        verified=given.verified,
        members=members,
    )
    await state_all(session, [Stated(event, row, said)])
    return row, new, True


def _compare(row: RangeInputs | RangePolicy, said: dict[str, object], if_match: int | None) -> tuple[bool, bool]:
    """Whether there was no such edition, and whether it says the same. Raises PreconditionRequired or PreconditionFailed."""
    if row.sequence == 0:
        refuse_version_of_nothing(row.key, if_match)
        return True, False
    if row.said == said:
        return False, True
    check_version(row, if_match)
    return False, False


def _check_members(given: NewInputs) -> None:
    """Raises ImpossibleInputs."""
    errors, seen = [], set[str]()
    for at, one in enumerate(given.members):
        if one.country in seen:
            detail = "this country stands here twice"
            errors.append(FieldError(pointer=f"#/members/{at}/country", value=one.country, detail=detail))
        seen.add(one.country)
    total = sum((one.scale for one in given.members), Decimal(0))
    if abs(total - 100) > given.tolerance:
        detail = f"the shares sum to {total}, which is further from 100 than {given.tolerance}"
        errors.append(FieldError(pointer="#/members", value=str(total), detail=detail))
    if errors:
        raise ImpossibleInputs("; ".join(f"{one.pointer}: {one.detail}" for one in errors[:5]), errors=errors[:100])


async def put_policy(
    session: AsyncSession, code: str, given: NewPolicy, if_match: int | None
) -> tuple[RangePolicy, bool, bool]:
    """As `put_inputs`. Raises ImpossiblePolicy, PreconditionRequired or PreconditionFailed."""
    await store.representation.lock_all(session)
    await _check_policy(session, given)
    row = await store.representation.lock_edition(session, RangePolicy, code, given.effective_from)
    said = given.model_dump(mode="json")
    new, same = _compare(row, said, if_match)
    if same:
        return row, False, False
    row.said = said
    state = policy_state(row)
    fields = state.model_dump(exclude={"version", "note", "order", "base"})
    event = RangePolicyDefined(**fields, base=None if state.base == COUNTED else state.base)
    await state_all(session, [Stated(event, row, said)])
    return row, new, True


async def _check_policy(session: AsyncSession, given: NewPolicy) -> None:
    """Raises ImpossiblePolicy."""
    errors = []
    rule = RULES.get(given.rule)
    if rule is None:
        detail = f"rules are {', '.join(RULES)}"
        errors.append(FieldError(pointer="#/rule", value=given.rule, detail=detail))
    else:
        detail = f"{rule.code} has {', '.join(rule.parameters)}"
        errors += [
            FieldError(pointer=f"#/parameters/{name}", value=str(value), detail=f"there is no such parameter; {detail}")
            for name, value in given.parameters.items()
            if name not in rule.parameters
        ]
    if given.parameters.get("point_value") == 0:
        detail = "a post has more than no point"
        errors.append(FieldError(pointer="#/parameters/point_value", value="0", detail=detail))
    if given.effective_until is not None and given.effective_until < given.effective_from:
        detail = f"before the first day, {given.effective_from}"
        errors.append(FieldError(pointer="#/effective_until", value=str(given.effective_until), detail=detail))
    if await store.representation.find_edition(session, RangeInputs, given.inputs, given.effective_from) is None:
        detail = f"no inputs of this code are in force on {given.effective_from}"
        errors.append(FieldError(pointer="#/inputs", value=given.inputs, detail=detail))
    if errors:
        raise ImpossiblePolicy("; ".join(f"{one.pointer}: {one.detail}" for one in errors), errors=errors)


def policy_state(row: RangePolicy) -> PolicyState:
    """With the defaults of its rule."""
    given = NewPolicy.model_validate(row.said)
    rule = RULES[given.rule]
    return PolicyState(
        code=row.code,
        version=row.sequence,
        effective_from=given.effective_from,
        effective_until=given.effective_until,
        title=given.title or rule.title,
        source=given.source or rule.source,
        verified=rule.verified if given.verified is None else given.verified,
        note=rule.note,
        rule=f"{rule.code}/{rule.version}",
        parameters={**rule.defaults, **given.parameters},
        base=given.base or rule.base or COUNTED,
        rounding=given.rounding or rule.rounding,
        inputs=given.inputs,
        order=given.order,
    )


@dataclass(frozen=True, slots=True)
class InForce:
    """A policy with its inputs, as they are in force on a day."""

    policy: RangePolicy
    inputs: RangeInputs

    def apply(self, counted_posts: int | None) -> KeptPolicy | None:
        """Its ranges; None where the base is the counted posts, and their number is not known to readers."""
        state = policy_state(self.policy)
        base = counted_posts if state.base == COUNTED else state.base
        if not isinstance(base, int):
            return None
        said = NewInputs.model_validate(self.inputs.said)
        members = [Member(one.country, one.population, Fraction(one.scale)) for one in said.members]
        rule = RULES[state.rule.partition("/")[0]]
        given = {name: Fraction(value) for name, value in state.parameters.items()}
        ranges = rule.ranges(members, Fraction(base), given, state.rounding)
        return KeptPolicy(
            said=state,
            inputs_effective_from=said.effective_from,
            inputs_version=self.inputs.sequence,
            inputs_source=said.source,
            inputs_verified=said.verified,
            base_posts=base,
            per_post=next(iter(ranges.values())).per_post,
            ranges={
                one.country: KeptRange(
                    population=one.population,
                    scale=one.scale,
                    midpoint=ranges[one.country].midpoint,
                    lower=ranges[one.country].lower,
                    upper=ranges[one.country].upper,
                )
                for one in members
            },
        )


async def list_in_force(session: AsyncSession, day: date) -> list[InForce]:
    """Of every code the edition in force, in the order in which they are told."""
    found: dict[str, RangePolicy] = {}
    for row in await store.representation.list_editions(session, RangePolicy):
        if row.effective_from <= day:
            found.setdefault(row.code, row)
    chosen = []
    for row in found.values():
        given = NewPolicy.model_validate(row.said)
        if given.effective_until is not None and given.effective_until < day:
            continue
        inputs = await store.representation.find_edition(session, RangeInputs, given.inputs, day)
        if inputs is not None:
            chosen.append((given.order, row.code, InForce(row, inputs)))
    return [one for _, _, one in sorted(chosen, key=lambda entry: entry[:2])]
