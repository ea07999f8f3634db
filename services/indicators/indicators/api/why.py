"""Why a target has its status: the chain from the first input to the word."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from indicators import rules, schemas, store
from indicators.api.scope import PlanCode, units_of
from indicators.rules.lines import Line
from indicators.rules.why import Step
from indicators.service import validating
from shared.auth import Anyone
from shared.database import Reader
from shared.errors import NotFound, responses

router = APIRouter(prefix="/indicators/{code}", tags=["progress"])
OTHERWISE = frozenset(
    {"claimed-status", "claimed-figure", "earlier-status", "share-beside-counts", "one-concept-two-values"}
)


@router.get("/why", responses=responses(NotFound))
async def get_why(
    principal: Anyone,
    session: Reader,
    plan: PlanCode,
    code: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")],
    phase: Annotated[str, Query(pattern=r"^[0-9a-z][0-9a-z-]{0,40}$")],
    place: Annotated[str, Query(pattern=r"^(global|(region|portfolio):[a-z][a-z-]{0,50})$")] = "global",
) -> schemas.why.Why:
    """Definition, target, baseline, results, review, origin, comparison, status, regression, progress, warnings, and what sources say
    otherwise; each in words and as data.
    """
    row = await store.definitions.get_indicator(session, plan, code, units_of(principal))
    defined = await store.definitions.get_plan(session, plan)
    indicator, state = row.state(), defined.state()
    around = await validating.surroundings_of(session, state, [indicator])
    lines = await store.lines.lines_with_results(session, state, [indicator])
    line = next((one for one in lines if (one.target.phase, one.target.place) == (phase, place)), None)
    if line is None:
        raise store.results.NoSuchTarget(f"{code} has no target for the phase {phase} and the place {place}")
    earlier, left_out = await store.lines.earlier_lines(session, indicator)
    others = [one for one in (*earlier, *lines) if one is not line and one.target.place == place]
    results = {one.phase.code: one.results for one in lines if one.target.place == place}
    as_of = line.standing.as_of if line.standing else line.phase.ends
    before = rules.regression.known_before(indicator, state.phases, (phase, place), results, as_of)
    fall = await store.changes.last_fall(session, line.key)
    steps = rules.why.chain(line, row.sequence, rules.why.Course(before, fall, others, left_out))
    steps += _warnings(around, line)
    found = rules.contradictions.find([await store.facts.facts_of(session, defined)])
    steps += [
        Step(step="claim", words=item.words, data=item.model_dump(mode="json"))
        for item in found
        if item.rule in OTHERWISE and code in item.indicators
    ]
    return schemas.why.Why(
        plan=plan,
        indicator=code,
        phase=phase,
        place=place,
        status=line.status,
        sentence=_sentence(steps),
        steps=steps,
    )


def _warnings(around: validating.Surroundings, line: Line) -> list[Step]:
    if line.standing is None:
        return []
    found = around.findings(line.target, line.indicator, line.standing)
    return [Step(step="warning", words=one.words, data=one.model_dump(mode="json")) for one in found]


def _sentence(steps: list[Step]) -> str:
    said = {step.step: step.words for step in steps}
    because = said.get("comparison", said["results"])
    return f"{because}; {said['status']}" + (f"; {said['regression']}" if "regression" in said else "")
