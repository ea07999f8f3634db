"""Commands on results: record one, try one, take one from a measure."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.models import Plan
from indicators.schemas.results import NewResult, TargetResult, TrialResult
from indicators.service import recording, validating
from indicators.service.documents import check_evidence
from indicators.service.recording import Aim, Entry
from shared import clock
from shared.auth import Principal
from shared.events.hr_diversity import MeasureState
from shared.events.indicators import IndicatorState, Kind
from shared.events.results import Derivation, Result


async def record_result(
    session: AsyncSession,
    plan_code: str,
    code: str,
    given: NewResult,
    principal: Principal,
    units: store.definitions.Scope,
) -> tuple[TargetResult, int]:
    """The result is in the history of its target, and the target's status rests on it unless a later one does; with the version.

    Raises NoSuchIndicator, NoSuchTarget, Unprocessable with every field that is wrong.
    """
    indicator = (await store.definitions.get_indicator(session, plan_code, code, units, hold=True)).state()
    entry = _checked(await _aim(session, indicator, given), given, principal)
    await check_evidence(session, entry.result.evidence)
    warnings = await _validate(session, entry)
    recorded, version = await _append(session, entry, principal.subject)
    return recorded.model_copy(update={"warnings": warnings}), version


async def try_result(
    session: AsyncSession,
    plan_code: str,
    code: str,
    given: NewResult,
    principal: Principal,
    units: store.definitions.Scope,
) -> TrialResult:
    """What `record_result` would answer; nothing is stored. Raises what it would raise."""
    indicator = (await store.definitions.get_indicator(session, plan_code, code, units)).state()
    entry = _checked(await _aim(session, indicator, given), given, principal)
    await check_evidence(session, entry.result.evidence)
    warnings = await _validate(session, entry)
    ledger = await store.ledger.find_ledger(session, [entry.aim.line()], [entry.result.as_of])
    tried = recording.enter([entry], ledger)[0]
    return TrialResult.model_validate({**tried.event.model_dump(), "warnings": warnings, "before": tried.before})


async def _aim(session: AsyncSession, indicator: IndicatorState, given: NewResult) -> Aim:
    target = recording.target_of(indicator, given.phase, given.place)
    return Aim((await store.definitions.get_plan(session, indicator.plan)).state(), indicator, target)


def _checked(aim: Aim, given: NewResult, principal: Principal) -> Entry:
    today = rules.calendar.day_in(clock.now(), aim.plan.timezone)
    return recording.check(aim, given, today, principal.actor, "submitted")


async def _validate(session: AsyncSession, entry: Entry) -> list[rules.validation.Finding]:
    aim = entry.aim
    around = await validating.surroundings_of(session, aim.plan, [aim.indicator])
    return around.enter(aim.target, aim.indicator, entry.result)


async def _append(session: AsyncSession, entry: Entry, subject: str) -> tuple[TargetResult, int]:
    ledger = await store.ledger.lock_ledger(session, [entry.aim.line()], [entry.result.as_of])
    recorded = (await recording.append(session, [entry], ledger, subject))[0]
    return TargetResult.model_validate(recorded.event.model_dump()), recorded.version


async def record_measured_results(session: AsyncSession, measure: MeasureState) -> int:
    """Every indicator that the measure feeds has its figure as a result, derived from the snapshot; how many. None of a source that
    feeds no indicators.

    Only the target for the measure's place of the phase that the as-of date lies in; a measure of another time feeds nothing.
    """
    recorded = 0
    if not measure.feeds_indicators:
        return recorded
    for indicator in await store.definitions.list_fed_by(session, measure.code):
        plan: Plan = await store.definitions.get_plan(session, indicator.plan)
        phase = rules.calendar.phase_of(plan.state().phases, measure.as_of)
        state = indicator.state()
        target = rules.status.target_of(state, phase.code, measure.place) if phase else None
        if target is not None:
            aim = Aim(plan.state(), state, target)
            await _append(session, Entry(aim, _measured(measure, state.kind)), f"measure:{measure.code}")
            recorded += 1
    return recorded


def _measured(measure: MeasureState, kind: Kind) -> Result:
    """A share for a percentage, a count for a count; a measure of the other sort says nothing about the indicator."""
    derivation = Derivation(
        measure=measure.code,
        source=measure.source,
        as_of=measure.as_of,
        snapshot=measure.snapshot,
        revision=measure.revision,
        rule=measure.rule,
    )
    women, men = measure.women, measure.men
    figures: dict[str, Any]
    if (
        measure.suppressed and measure.numerator is None and (women is None or men is None)
    ):  # else only others are withheld
        figures = {"no_data": "small_numbers"}
    elif kind == "count":
        counted = measure.numerator if measure.denominator is None else None
        figures = {"no_data": "not_measurable"} if counted is None else {"value": counted}
    elif measure.numerator is not None and measure.denominator:
        figures = {"numerator": measure.numerator, "denominator": measure.denominator}
    elif women is None or men is None or women + men == 0:
        figures = {"no_data": "not_measurable"}
    else:
        figures = {"numerator": women, "denominator": women + men}
    return recording.new_result(
        {
            **figures,
            "as_of": measure.as_of,
            "recorded_by": "hr-diversity",
            "review": "accepted",
            "derived_from": derivation,
        }
    )
