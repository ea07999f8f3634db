"""The audit trail of what a caller may see: who, when, old, new and why. Who called is told to reviewers and operators only."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from indicators import rules, schemas, store
from indicators.api.scope import PlanCode, units_of
from shared.auth import Anyone, Principal, allow
from shared.database import Reader
from shared.errors import NotFound, responses
from shared.paging import Paging

router = APIRouter(tags=["audit trail"])
Auditor = Annotated[Principal, Depends(allow("reviewer", "operator"))]
Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
UnitCode = Annotated[str, Path(pattern=r"^[A-Z][A-Z0-9-]{0,39}$")]
Aggregate = Annotated[
    str | None,
    Query(max_length=500, description="only of this aggregate, e.g. result/apge-2018-21/women-p5-plus/2020-21/global"),
]


@router.get("/changes")
async def list_changes(
    principal: Auditor, session: Reader, page: Paging, aggregate: Aggregate = None
) -> schemas.changes.Changes:
    """Every change of everything, the oldest first."""
    aggregates = None if aggregate is None else [aggregate]
    return _changes(principal, *await store.changes.list_changes(session, page, aggregates))


@router.get("/units/{code}/changes", responses=responses(NotFound))
async def list_changes_of_unit(
    principal: Anyone, session: Reader, code: UnitCode, page: Paging
) -> schemas.changes.Changes:
    await store.definitions.get_unit(session, code)
    return _changes(principal, *await store.changes.list_changes(session, page, [f"unit/{code}"]))


@router.get("/plans/{code}/changes", responses=responses(NotFound))
async def list_changes_of_plan(principal: Anyone, session: Reader, code: Code, page: Paging) -> schemas.changes.Changes:
    """Each definition of the plan; `GET /plans/{code}?version=` gives one whole."""
    await store.definitions.get_plan(session, code)
    return _changes(principal, *await store.changes.list_changes(session, page, [f"plan/{code}"]))


@router.get("/indicators/{code}/changes", responses=responses(NotFound))
async def list_changes_of_indicator(
    principal: Anyone, session: Reader, plan: PlanCode, code: Code, page: Paging
) -> schemas.changes.Changes:
    """Of the indicator's definition and of the results and statuses of all its targets."""
    key = (await store.definitions.get_indicator(session, plan, code, units_of(principal))).key
    lines = await store.results.lines_of(session, plan, [code])
    aggregates = [f"indicator/{key}", *(f"result/{line}" for line in lines)]
    return _changes(principal, *await store.changes.list_changes(session, page, aggregates))


@router.get("/actions/{code}/changes", responses=responses(NotFound))
async def list_changes_of_action(
    principal: Anyone, session: Reader, plan: PlanCode, code: Code, page: Paging
) -> schemas.changes.Changes:
    key = (await store.actions.get_action(session, plan, code, units_of(principal))).key
    return _changes(principal, *await store.changes.list_changes(session, page, [f"action/{key}"]))


@router.get("/documents/{code}/changes", responses=responses(NotFound))
async def list_changes_of_document(
    principal: Anyone, session: Reader, code: Code, page: Paging
) -> schemas.changes.Changes:
    await store.documents.get_document(session, code)
    return _changes(principal, *await store.changes.list_changes(session, page, [f"document/{code}"]))


def _changes(
    principal: Principal, steps: Sequence[store.changes.Step], following: str | None
) -> schemas.changes.Changes:
    told = principal.has("reviewer", "operator")
    return schemas.changes.Changes(items=[_change(step, told=told) for step in steps], next=following)


def _change(step: store.changes.Step, *, told: bool) -> schemas.changes.Change:
    change = step.change
    return schemas.changes.Change(
        aggregate=change.aggregate,
        version=change.sequence,
        event=change.event,
        changed_at=change.changed_at,
        actor=change.actor,
        subject=change.subject if told else None,
        reason=change.reason,
        differences=[
            schemas.changes.Difference(pointer=pointer, old=old, new=new)
            for pointer, old, new in rules.changes.differences(step.before, change.state)
        ],
    )
