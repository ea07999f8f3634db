"""Commands of reviewers on results: accept one, send it back, take an acceptance back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.models import Plan, ResultLine, ResultRow
from indicators.schemas.results import TargetResult
from indicators.service import regression, stating
from indicators.service.recording import Aim
from shared.auth import Principal
from shared.errors import Conflict
from shared.events.results import ResultAccepted, ResultReopened, ResultSentBack, ResultState
from shared.versions import check_version


class ReviewOutOfOrder(Conflict):
    slug = "review-out-of-order"


class SelfApproval(Conflict):
    slug = "self-approval"


EVENTS: dict[rules.review.Verdict, type[ResultState]] = {
    "accept": ResultAccepted,
    "send_back": ResultSentBack,
    "reopen": ResultReopened,
}


async def review_result(
    session: AsyncSession,
    key: tuple[str, str, str, str],
    number: int,
    verdict: rules.review.Verdict,
    reason: str | None,
    principal: Principal,
    if_match: int | None,
) -> tuple[TargetResult, int]:
    """The result is accepted; or sent back with its reason, and the status rests on what stood before it; or, accepted before, waits
    for review again with the reason. With the version.

    Raises NoSuchResult, ReviewOutOfOrder, SelfApproval, PreconditionRequired, PreconditionFailed.
    """
    plan_code, code, phase, place = key
    indicator = (await store.definitions.get_indicator(session, plan_code, code, None, hold=True)).state()
    line = await store.results.find_line(session, "/".join(key), lock=True)
    rows = [] if line is None else (await store.results.rows_of(session, line.key))[line.key]
    row = next((row for row in rows if row.number == number), None)
    target = rules.status.target_of(indicator, phase, place)
    if line is None or row is None or target is None:
        raise store.results.NoSuchResult(f"{code} has no result {number} for the phase {phase} and the place {place}")
    check_version(line, if_match)
    results = [one.result() for one in rows]
    refusal = rules.review.refusal(
        verdict, number, results[number - 1].review, rules.review.superseded_by(results, number)
    )
    if refusal is not None:
        raise ReviewOutOfOrder(refusal)
    plan = await store.definitions.get_plan(session, plan_code)
    if verdict == "accept":
        _check_approval(plan, row, principal)
    row.review, row.review_reason, row.reviewed_by = rules.review.STEPS[verdict][1], reason, principal.actor
    await session.flush()
    return await _judge(session, Aim(plan.state(), indicator, target), line, rows, number, EVENTS[verdict], reason)


async def _judge(
    session: AsyncSession,
    aim: Aim,
    line: ResultLine,
    rows: Sequence[ResultRow],
    changed: int,
    event: type[ResultState],
    reason: str | None,
) -> tuple[TargetResult, int]:
    """Status and standing result follow from `rows`, all results of the locked `line`, stated as `event`; with the version."""
    results = store.results.by_number(rows)
    standing = rules.status.standing_result(results.values())
    before: Any = line.status  # a column of the table is a text
    first = line.sequence + 1
    line.standing, line.changed = (standing.number if standing else None), changed
    line.status = aim.judge(standing)
    state = line.state(results)
    stated: Any = event.model_validate(state.model_dump())
    await stating.state(session, stated, line, reason)
    course = regression.Course(aim.plan, aim.indicator, aim.target, line, state, [state.status], before, first)
    await regression.follow(session, [course])
    await session.flush()
    return TargetResult.model_validate(state.model_dump()), line.sequence


def _check_approval(plan: Plan, row: ResultRow, principal: Principal) -> None:
    if row.subject == principal.subject and not plan.self_approval:
        raise SelfApproval(
            f"result {row.number} was recorded by the same caller, and the plan {plan.key} lets nobody accept an own result"
        )
