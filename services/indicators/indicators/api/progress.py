"""Progress, pace and outlook of targets, and figures aggregated by the declared rule."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from indicators import rules, schemas, store
from indicators.api.scope import PlanCode, units_of
from indicators.rules.lines import Line, figure_of, unit_of
from shared.auth import Anyone
from shared.database import Reader
from shared.errors import BadRequest, Conflict, FieldError, NotFound, responses
from shared.figures import round_half_up

router = APIRouter(prefix="/indicators/{code}", tags=["progress"])
Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]


class NotAggregated(Conflict):
    slug = "not-aggregated"


class NoSuchPhase(NotFound):
    slug = "no-such-phase"


@router.get("/progress", responses=responses(NotFound))
async def get_progress(principal: Anyone, session: Reader, plan: PlanCode, code: Code) -> schemas.progress.Progress:
    """Attainment, pace and outlook of every target, from its own baseline and figures; nothing over a changed definition."""
    indicator = (await store.definitions.get_indicator(session, plan, code, units_of(principal))).state()
    defined = (await store.definitions.get_plan(session, plan)).state()
    lines = await store.lines.lines_with_results(session, defined, [indicator])
    earlier, left_out = await store.lines.earlier_lines(session, indicator)
    items = [_progress(line, [*earlier, *lines], left_out) for line in lines]
    return schemas.progress.Progress(plan=plan, indicator=code, title=indicator.title, items=items)


def _progress(line: Line, around: list[Line], left_out: list[str]) -> schemas.progress.TargetProgress:
    others = [one for one in around if one is not line and one.target.place == line.target.place]
    return schemas.progress.TargetProgress(
        phase=line.target.phase,
        place=line.target.place,
        operator=line.target.operator,
        target=line.target.text,
        unit=unit_of(line.indicator),
        status=line.status,
        standing=_standing(line),
        baseline=_baseline(line),
        attainment=rules.progress.attainment_of(line),
        pace=rules.progress.pace(line),
        growth=rules.progress.growth(line),
        projection=rules.progress.projection(line),
        outlook=rules.outlook.outlook(line, others, left_out),
    )


def _standing(line: Line) -> schemas.progress.Standing | None:
    standing = line.standing
    if standing is None:
        return None
    return schemas.progress.Standing(
        number=standing.number,
        as_of=standing.as_of,
        value=standing.value,
        numerator=standing.numerator,
        denominator=standing.denominator,
        words=rules.words.said_of_any_kind(standing, unit_of(line.indicator)),
    )


def _baseline(line: Line) -> schemas.progress.StartingPoint | None:
    baseline = line.baseline
    figure = None if baseline is None else figure_of(baseline)
    if baseline is None or figure is None:
        return None
    return schemas.progress.StartingPoint(
        value=round_half_up(figure, 3),
        numerator=baseline.numerator,
        denominator=baseline.denominator,
        day=rules.trend.baseline_day(line),
        words=rules.words.said_result(baseline, unit_of(line.indicator)),
    )


@router.get("/aggregate", responses=responses(BadRequest, NotFound, Conflict))
async def get_aggregate(
    principal: Anyone,
    session: Reader,
    plan: PlanCode,
    code: Code,
    phase: Annotated[
        str | None, Query(pattern=r"^[0-9a-z][0-9a-z-]{0,40}$", description="all phases make one where it is absent")
    ] = None,
    place: Annotated[
        str,
        Query(pattern=r"^(global|(region|portfolio):[a-z][a-z-]{0,50})$", description="over phases: of which place"),
    ] = "global",
) -> schemas.progress.Aggregates:
    """With a phase, what its places make together; without one, what the phases make. By the indicator's rule, or refused (409)."""
    indicator = (await store.definitions.get_indicator(session, plan, code, units_of(principal))).state()
    defined = (await store.definitions.get_plan(session, plan)).state()
    if phase is not None and phase not in {one.code for one in defined.phases}:
        raise NoSuchPhase(f"there is no phase {phase} in the plan {plan}")
    if phase is not None and place != "global":
        detail = "with a phase all its places are aggregated; leave one of the two out"
        raise BadRequest(f"place: {detail}", errors=[FieldError(parameter="place", value=place, detail=detail)])
    over: Literal["places", "periods"] = "periods" if phase is None else "places"
    refused = rules.aggregation.refusal(indicator, over)
    if refused is not None:
        raise NotAggregated(refused)
    lines = await store.lines.lines_with_results(session, defined, [indicator])
    if phase is not None:
        items = rules.aggregation.over_places(indicator, [line for line in lines if line.phase.code == phase])
    else:
        here = sorted((one for one in lines if one.target.place == place), key=lambda one: one.phase.starts)
        items = [rules.aggregation.over_periods(indicator, here)]
    return schemas.progress.Aggregates(
        plan=plan, indicator=code, phase=phase, place=None if phase else place, items=items
    )
