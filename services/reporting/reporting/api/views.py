"""Routes. The hot reads (status, cards, lists) answer with ready bytes; the live feed is a stream of them."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from reporting import consolidated, schemas
from reporting.api.ready import Matches, ready
from reporting.live import LiveStream
from reporting.models import position_of
from reporting.projections import recommendations
from shared.auth import Anyone
from shared.database import Reader
from shared.errors import BadRequest, FieldError, NotFound, responses
from shared.events.recommendations import RecommendationStatus
from shared.parameters import refuse_unknown_parameters

router = APIRouter(prefix="/v1", tags=["views"], dependencies=[Depends(refuse_unknown_parameters)])
PlanCode = Annotated[str, Query(alias="plan", max_length=100, description="the plan's code, e.g. apge-2018-21")]
PhaseCode = Annotated[
    str | None,
    Query(alias="phase", max_length=50, description="the plan's last phase that has targets where it is absent"),
]
VIEWS = frozenset({"status", "indicators", "resources", "recommendations", "parity"})

_LATEST = text("""
    SELECT f.position, h.epoch, f.view, f.key, f.body, f.at FROM feed f, feed_head h
    WHERE f.kind = 'change' AND f.view = ANY(:views)
        AND (CAST(:plan AS text) IS NULL OR f.view NOT IN ('status', 'indicators') OR starts_with(f.key, CAST(:plan AS text) || '/'))
    ORDER BY f.position DESC LIMIT :limit
""")


@router.get("/plans", response_model=schemas.Plans)
async def list_plans(_: Anyone, request: Request, if_none_match: Matches = None) -> Response:
    """Every plan with its phases, the counts of each in its own words, and when something last changed."""
    return await ready(request, "status", if_none_match, consolidated.plans_known)


@router.get("/status", response_model=schemas.Status, responses=responses(NotFound))
async def get_status(
    _: Anyone,
    request: Request,
    plan: PlanCode,
    phase: PhaseCode = None,
    as_of: Annotated[datetime | None, Query(description="an instant: the status as it was known then")] = None,
    if_none_match: Matches = None,
) -> Response:
    """Consolidated status of one phase: counts and shares in total, by area, custodian, portfolio and region."""
    if as_of is not None and as_of.tzinfo is None:
        raise BadRequest(
            f"as_of: {as_of} names no time zone",
            errors=[
                FieldError(parameter="as_of", value=str(as_of), detail="an instant needs a time zone: add Z or +02:00")
            ],
        )
    return await ready(request, "status", if_none_match, lambda s: consolidated.status_of(s, plan, phase, as_of))


@router.get("/indicators", response_model=schemas.IndicatorsBrief, responses=responses(NotFound))
async def list_indicators(
    _: Anyone, request: Request, plan: PlanCode, phase: PhaseCode = None, if_none_match: Matches = None
) -> Response:
    """Every indicator of a plan with the status of its targets, by area."""
    return await ready(request, "status", if_none_match, lambda s: consolidated.indicators_of(s, plan, phase))


@router.get("/indicators/{code}", response_model=schemas.Card, responses=responses(NotFound))
async def get_card(
    _: Anyone,
    request: Request,
    code: Annotated[str, Path(max_length=100)],
    plan: PlanCode,
    if_none_match: Matches = None,
) -> Response:
    """An indicator's card: definition, state, history, custodians, evidence, actions, and why each status is what it is."""
    return await ready(request, "indicators", if_none_match, lambda s: consolidated.card_of(s, plan, code))


@router.get("/actions", response_model=schemas.Actions, responses=responses(NotFound))
async def list_actions(
    _: Anyone,
    request: Request,
    plan: PlanCode,
    kind: Annotated[Literal["accelerating", "remedial"] | None, Query()] = None,
    only_open: Annotated[bool, Query(alias="open", description="only those that are planned or ongoing")] = False,
    if_none_match: Matches = None,
) -> Response:
    """What is being done: accelerating actions, and remedial ones that a regression opened; those due first before the rest."""
    return await ready(
        request,
        "indicators",
        if_none_match,
        lambda s: consolidated.actions_of(s, plan, kind, only_open=only_open),
    )


@router.get("/resources", response_model=schemas.Resources, responses=responses(NotFound))
async def list_resources(
    _: Anyone, request: Request, plan: PlanCode, phase: PhaseCode = None, if_none_match: Matches = None
) -> Response:
    """Budget and expenditure by area and source of funds, sums beside published totals; the marker's distributions."""
    return await ready(request, "resources", if_none_match, lambda s: consolidated.resources_of(s, plan, phase))


@router.get("/recommendations", response_model=schemas.Recommendations)
async def list_recommendations(
    _: Anyone,
    request: Request,
    source: Annotated[str | None, Query(max_length=100, description="an evaluation's code")] = None,
    unit: Annotated[str | None, Query(max_length=40)] = None,
    state: Annotated[
        RecommendationStatus | None, Query(description="as the answer's `state`, not the response")
    ] = None,
    if_none_match: Matches = None,
) -> Response:
    """Recommendations with their response and follow-up; how many by state and by responsible unit."""

    async def make(session: AsyncSession) -> dict[str, Any]:
        found = await recommendations.list_recommendations(session, source)
        items = [item for item in found if unit in {None, *item["units"]} and state in {None, item["state"]}]
        units = sorted({code for item in items for code in item["units"]})
        counted = {code: Counter(item["state"] for item in items if code in item["units"]) for code in units}
        return {
            "items": items,
            "evaluations": await recommendations.list_evaluations(session),
            "total": len(items),
            "by_state": Counter(item["state"] for item in items),
            "by_unit": [{"unit": code, "total": counts.total(), "counts": counts} for code, counts in counted.items()],
            "position": await position_of(session),
        }

    return await ready(request, "recommendations", if_none_match, make)


@router.get("/changes")
async def list_changes(
    _: Anyone,
    request: Request,
    session: Reader,
    view: Annotated[list[str] | None, Query(description="only of these views")] = None,
    plan: Annotated[
        str | None, Query(max_length=100, description="of results, only those of this plan; all else is told with them")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> schemas.Changes:
    """The latest changes of the views, the newest first."""
    views = sorted(_views(view)) or sorted(VIEWS)
    rows = (await session.execute(_LATEST, {"views": views, "plan": plan, "limit": limit})).all()
    items = [
        schemas.Change.model_validate(
            {**_json(row.body), "id": f"{row.epoch}:{row.position}", "view": row.view, "key": row.key, "at": row.at}
        )
        for row in rows
    ]
    position = await position_of(session)
    request.app.state.documents.shown(position)
    return schemas.Changes(items=items, position=position)


@router.get(
    "/live",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def follow_live(
    principal: Anyone,
    request: Request,
    view: Annotated[
        list[str] | None,
        Query(description="only changes of these views: status, indicators, resources, recommendations, parity"),
    ] = None,
    since: Annotated[
        str | None, Query(description="the position of what you loaded; all after it is sent first")
    ] = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> Response:
    """Every change of a view as it happens: server-sent events `change` and `reset` (load anew, history cannot be told).

    `id` is `<epoch>:<position>`; send the last one you saw as Last-Event-ID and nothing is lost.
    """
    last_seen = last_event_id or since or None
    return LiveStream(request.app.state.live, frozenset(_views(view)), last_seen, principal.expires)


def _views(given: list[str] | None) -> set[str]:
    asked = {name for entry in given or [] for name in entry.split(",") if name}
    unknown = sorted(asked - VIEWS)
    if unknown:
        detail = f"views are {', '.join(sorted(VIEWS))}"
        raise BadRequest(
            f"view: {detail} (got {unknown[0]!r})",
            errors=[FieldError(parameter="view", value=unknown[0], detail=detail)],
        )
    return asked


def _json(body: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(body)
    return found
