"""Routes of the measures that are drawn from snapshots."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from hr_diversity import store
from hr_diversity.api.ready import HAVE_IT, Matches, ready
from hr_diversity.api.snapshots import Source
from hr_diversity.measures import EVERY
from hr_diversity.measures.measure import Measure as Definition
from hr_diversity.models import DrawnMeasure
from hr_diversity.schemas.measures import Catalogue, CatalogueEntry, DerivedFrom, DrawnFrom, GroupLine, Measure
from hr_diversity.service.disclosures import disclose
from hr_diversity.service.full_figures import draw_full
from shared.auth import Anyone, allow
from shared.database import Reader, Session
from shared.documents import document, respond
from shared.errors import FieldError, Forbidden, NotFound, Unprocessable, responses
from shared.events.hr_diversity import MeasureState
from shared.parameters import refuse_unknown_parameters

router = APIRouter(dependencies=[Depends(refuse_unknown_parameters)])

Code = Annotated[str, Path(max_length=100)]


class UnknownMeasure(NotFound):
    slug = "unknown-measure"


class MeasureNotDrawn(NotFound):
    slug = "measure-not-drawn"


@router.get("/measures", dependencies=[Depends(allow("reader"))], response_model=Catalogue, responses=HAVE_IT)
async def list_measures(request: Request, if_none_match: Matches = None) -> Response:
    """What is measured, by which definition, and for which dates it was drawn."""
    return await ready(request, if_none_match, _catalogue)


async def _catalogue(session: Reader) -> Catalogue:
    drawn: dict[str, list[DrawnFrom]] = {}
    for row in await store.measures.list_drawn(session):
        drawn.setdefault(row.code, []).append(DrawnFrom(source=row.source, as_of=row.as_of, revision=row.revision))
    return Catalogue(
        items=[
            CatalogueEntry(
                code=measure.code,
                title=measure.title,
                definition=measure.definition,
                population=measure.population,
                unit=measure.unit,
                formula=measure.formula,
                rule=measure.rule,
                dimension=measure.dimension,
                drawn=drawn.get(measure.code, []),
            )
            for measure in EVERY.values()
        ]
    )


@router.get(
    "/measures/{code}",
    response_model=Measure,
    responses={**HAVE_IT, **responses(Forbidden, NotFound, Unprocessable)},
)
async def get_measure(
    request: Request,
    principal: Anyone,
    session: Session,
    code: Code,
    as_of: Annotated[date | None, Query(description="the latest drawn for this day or before; else the latest")] = None,
    source: Source | None = None,
    detail: Annotated[
        Literal["published", "full"],
        Query(description="full: of the current snapshot, nothing withheld, for the HR role and on record"),
    ] = "published",
    if_none_match: Matches = None,
) -> Response:
    """The measure as it may be shown. Where two sources have the same day, the one drawn last, unless `source` names one."""
    measure = measure_of(code)
    if detail == "full":
        await disclose(session, principal, f"{request.url.path}?{request.url.query}")
        shown = await _shown(session, await draw_full(session, measure, as_of, source), detail)
        answer = respond(document(shown.model_dump_json().encode()), if_none_match)
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    async def published(reader: Reader) -> Measure:
        row = await find_drawn(reader, code, as_of, source)
        return await _shown(reader, MeasureState.model_validate(row.state), detail)

    return await ready(request, if_none_match, published)


async def _shown(session: Reader, state: MeasureState, detail: Literal["published", "full"]) -> Measure:
    """With its definition and the names of its groups."""
    measure, names = EVERY[state.code], await names_of(session, [state])
    return Measure(
        **state.model_dump(exclude={"cells", "snapshot", "revision"}),
        cells=[GroupLine(**cell.model_dump(), name=names.get(cell.group)) for cell in state.cells],
        definition=measure.definition,
        population=measure.population,
        unit=measure.unit,
        detail=detail,
        derived_from=DerivedFrom(snapshot=state.snapshot, revision=state.revision),
    )


def measure_of(code: str) -> Definition:
    """Raises UnknownMeasure."""
    measure = EVERY.get(code)
    if measure is None:
        detail = f"measures are {', '.join(EVERY)}"
        raise UnknownMeasure(
            f"{code}: there is no such measure; {detail}", errors=[FieldError(value=code, detail=detail)]
        )
    return measure


async def find_drawn(session: Reader, code: str, as_of: date | None, source: str | None) -> DrawnMeasure:
    """The latest figure not after `as_of`. Raises MeasureNotDrawn."""
    row = await store.measures.find_measure(session, code, as_of, source)
    if row is None:
        raise MeasureNotDrawn(
            f"{code}: no snapshot{f' of {source}' if source else ''} until {as_of or 'today'} was pushed"
        )
    return row


async def names_of(session: Reader, states: Sequence[MeasureState]) -> dict[str, str]:
    """Names of the groups of these states, where groups have names: by code."""
    codes = {cell.group for state in states if state.dimension == "unit" for cell in state.cells}
    return await store.units.list_unit_names(session, codes) if codes else {}
