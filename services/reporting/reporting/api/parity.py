"""Routes of women and men: one measure with its parity and series, which measures there are, and what they fill."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from reporting import consolidated, schemas
from reporting.api.ready import Matches, ready
from reporting.consolidated.found import NoSuchMeasure
from reporting.models import position_of
from reporting.projections import parity
from reporting.rules.parity import Band
from shared.auth import Anyone
from shared.errors import NotFound, responses
from shared.parameters import refuse_unknown_parameters

router = APIRouter(prefix="/v1", tags=["women and men"], dependencies=[Depends(refuse_unknown_parameters)])
AsOf = Annotated[date | None, Query(description="the latest day up to this one; the newest where it is absent")]
MeasureCode = Annotated[str, Path(max_length=100, examples=["women-p5-plus-regular-budget", "staff-by-region"])]


@router.get("/parity", response_model=schemas.Parity, responses=responses(NotFound))
async def get_parity(
    _: Anyone,
    request: Request,
    measure: Annotated[str, Query(max_length=100)] = "staff-by-grade",
    as_of: AsOf = None,
    if_none_match: Matches = None,
) -> Response:
    """Women and men of a measure, by its groups, with the series of its totals over time."""

    async def make(session: AsyncSession) -> dict[str, Any]:
        found = await parity.find_measure(session, measure, as_of)
        if found is None:
            until = f" up to {as_of}" if as_of else ""
            raise NoSuchMeasure(f"no measure {measure} was drawn from a staffing snapshot{until}")
        series = await parity.list_series(session, measure)
        derived = {name: found.pop(name) for name in ("snapshot", "revision", "rule")}
        found.pop("feeds_indicators", None)  # concerns indicators only
        return {**found, "derived_from": derived, "series": series, "position": await position_of(session)}

    return await ready(request, "parity", if_none_match, make)


@router.get("/parity/{code}", response_model=schemas.MeasureParity, responses=responses(NotFound))
async def get_measure_parity(
    _: Anyone,
    request: Request,
    code: MeasureCode,
    as_of: AsOf = None,
    source: Annotated[
        str | None, Query(max_length=100, description="the HR system; the one drawn from last where it is absent")
    ] = None,
    if_none_match: Matches = None,
) -> Response:
    """Women and men of a measure in all and by group: at parity, below or above it, how many are needed, what changed since the snapshot
    before, and the series of the totals of one source.
    """
    settings = request.app.state.settings
    band = Band(settings.parity_from_percent, settings.parity_to_percent)
    return await ready(request, "parity", if_none_match, lambda s: consolidated.parity_of(s, code, as_of, source, band))


@router.get("/measures", response_model=schemas.Measures)
async def list_measures(_: Anyone, request: Request, if_none_match: Matches = None) -> Response:
    """Every measure that was stated, by source, with its days; and every snapshot, published or not."""
    return await ready(request, "parity", if_none_match, consolidated.measures_known)


@router.get("/targets", response_model=schemas.Targets)
async def list_targets(
    _: Anyone,
    request: Request,
    measure: Annotated[str, Query(max_length=100, description="the measure that fills the indicator by itself")],
    if_none_match: Matches = None,
) -> Response:
    """The targets, in all plans, of the indicators that a measure fills."""
    return await ready(request, "status", if_none_match, lambda s: consolidated.targets_fed(s, measure))


@router.get("/units", response_model=schemas.Units)
async def list_units(_: Anyone, request: Request, if_none_match: Matches = None) -> Response:
    """Codes and names of all units."""
    return await ready(request, "status", if_none_match, consolidated.units_known)
