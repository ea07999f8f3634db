"""Counts are registered, and a measure is drawn from them that can feed an indicator. What is stated went through suppression."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import DrawnMeasure, Tally
from hr_diversity.rules.suppression import Counts
from hr_diversity.rules.tallies import (
    Shown,
    find_faults,
    may_follow,
    show_exits,
    show_nothing,
    show_participation,
    show_rate,
)
from hr_diversity.schemas.tallies import NewCompliance, NewExits, NewParticipation, Register
from hr_diversity.service.stating import Stated, state_all
from shared import clock
from shared.errors import FieldError, Unprocessable
from shared.events.hr_diversity import Cell, MeasureDrawn, MeasureState
from shared.versions import check_version, refuse_version_of_nothing

NewTally = NewParticipation | NewCompliance | NewExits
RULE = "register/1"


class ImpossibleCounts(Unprocessable):
    slug = "impossible-counts"


async def register_tally(
    session: AsyncSession, register: Register, code: str, given: NewTally, if_match: int | None, k: int
) -> tuple[Tally, DrawnMeasure, bool]:
    """The entry of this code and day, its measure, and whether it is new. Said again as it stands, nothing happens; where the counts are
    too near to published ones that may be of the same people, those stay published, or nothing is.

    Raises ImpossibleCounts, PreconditionRequired or PreconditionFailed.
    """
    faults = find_faults(given.model_dump(), clock.today())
    if faults:
        raise ImpossibleCounts(
            "; ".join(f"{fault.field}: {fault.detail}" for fault in faults),
            errors=[FieldError(pointer=f"#/{fault.field}", value=fault.value, detail=fault.detail) for fault in faults],
        )
    said = given.model_dump(mode="json")
    key = f"{register}/{given.as_of}/{register}-{code}"
    values = {"key": key, "register": register, "code": code, "as_of": given.as_of, "said": said}
    await store.measures.lock_series(session, f"{register}/{code}")  # or entries of two days would not see each other
    tally, measure = await store.tallies.lock_tally(session, values)
    others = await store.tallies.list_overlapping(session, tally, getattr(given, "since", None))
    new = measure is None
    if measure is None:
        refuse_version_of_nothing(key, if_match)
        measure = DrawnMeasure(key=key, sequence=0, code=f"{register}-{code}", source=register, as_of=given.as_of)
        session.add(measure)
    elif tally.said == said:
        return tally, measure, False
    else:
        check_version(measure, if_match)
    tally.said = said
    if all(may_follow(one, said, k) for one in [*others, *([tally.released] if tally.released else [])]):
        tally.released = said
    state = _state(type(given), tally, measure, k)
    measure.state, measure.drawn_at = state.model_dump(mode="json"), clock.now()
    await state_all(session, [Stated(MeasureDrawn(**dict(state)), measure, said)])
    return tally, measure, new


def _shown(given: NewTally, k: int) -> Shown:
    if isinstance(given, NewParticipation):
        return show_participation(Counts(given.women, given.men, given.other), k)
    if isinstance(given, NewCompliance):
        return show_rate(given.completed, given.of, k)
    return show_exits({reason: Counts(**dict(counts)) for reason, counts in sorted(given.reasons.items())}, k)


def _state(kind: type[NewTally], tally: Tally, measure: DrawnMeasure, k: int) -> MeasureState:
    released = None if tally.released is None else kind.model_validate(tally.released)
    shown = show_nothing() if released is None else _shown(released, k)
    figures: dict[str, Any] = {**asdict(shown.total), "suppressed": shown.suppressed, "share": shown.share}
    return MeasureState(
        code=measure.code,
        title=tally.said["title"],
        source=tally.register,
        as_of=tally.as_of,
        snapshot=tally.key,
        revision=measure.sequence + 1,
        rule=RULE,
        dimension=shown.dimension,
        cells=[Cell(group=group, **asdict(line)) for group, line in shown.groups.items()],
        numerator=shown.numerator,
        denominator=shown.denominator,
        **figures,
    )
