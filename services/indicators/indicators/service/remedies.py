"""Remedial actions: opened when a target regressed, completed with a note when it is reached again."""

from itertools import count

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.models import Action
from indicators.service import stating
from shared import clock
from shared.events.indicators import ActionAdded, ActionUpdated, IndicatorState, PlanState, Status, Target

LONGEST_STEM = 80


async def open_one(
    session: AsyncSession,
    plan: PlanState,
    indicator: IndicatorState,
    target: Target,
    status: Status,
    before: rules.regression.Known,
) -> Action:
    """A planned remedial action of the indicator's custodians is there, due at the next deadline of the target's phase."""
    action = await _claimed(session, plan.code, f"remedy-{indicator.code}"[:LONGEST_STEM])
    action.indicators, action.places, action.custodians = [indicator.code], [target.place], [*indicator.custodians]
    was, now = before.status.replace("_", " "), status.replace("_", " ")
    said = f"was {was} in {before.phase} and is {now} in {target.phase}"
    action.text = f"{indicator.title}: the target “{target.text}” {said}."
    action.status, action.kind, action.opened_by = (
        "planned",
        "remedial",
        f"{plan.code}/{indicator.code}/{target.phase}/{target.place}",
    )
    action.due = rules.calendar.next_due(plan, target.phase, clock.now())
    action.none_required = action.needs_funding = False
    action.responsible_roles = []
    session.add(action)
    await stating.state(session, ActionAdded.model_validate(action.state().model_dump()), action)
    return action


async def _claimed(session: AsyncSession, plan: str, stem: str) -> Action:
    """Under the first code that nobody took."""
    for number in count(1):
        code = f"{stem}-{number}"
        if await store.definitions.claim(session, Action, f"{plan}/{code}") is None:
            return Action(key=f"{plan}/{code}", sequence=0, plan=plan, code=code)
    raise AssertionError


async def complete(session: AsyncSession, line: str, note: str) -> None:
    """No remedial action that the regression of `line` opened is planned or ongoing any more; each has the note."""
    for action in await store.actions.list_open_remedies(session, line):
        action.status = "completed"
        action.note = note if action.note is None else f"{action.note}\n{note}"
        await stating.state(session, ActionUpdated.model_validate(action.state().model_dump()), action, note)
