"""Routes of what is drawn from measures: their series with parity and trend, and scenarios."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from hr_diversity import store
from hr_diversity.api.measures import Code, find_drawn, measure_of, names_of
from hr_diversity.api.snapshots import Source
from hr_diversity.measures.measure import Measure
from hr_diversity.rules import outlook, series
from hr_diversity.rules.outlook import Assumed
from hr_diversity.rules.scenario import UsedUp
from hr_diversity.schemas.parity import OpenVacancies, Scenario, Series, SeriesBeside
from hr_diversity.store.vacancies import Filters
from shared.auth import allow
from shared.database import Reader
from shared.errors import FieldError, NotFound, Unprocessable, responses
from shared.events.hr_diversity import Cell, MeasureState
from shared.parameters import refuse_unknown_parameters

router = APIRouter(dependencies=[Depends(refuse_unknown_parameters)])

MOST_YEARS = 50
MOST_FIGURES = 20_000  # about five megabytes of answer
People = Annotated[Decimal, Query(ge=0, le=10_000_000, max_digits=10, decimal_places=2)]
Percent = Annotated[Decimal, Query(ge=0, le=100, max_digits=6, decimal_places=3)]
Target = Annotated[Percent, Query(description="the share of women that is to be reached, per cent")]
Group = Annotated[str, Query(max_length=100, description="a group of the measure; else its total")]
AsOf = Annotated[date, Query(description="the latest drawn for this day or before; else the latest")]


class UnknownGroup(NotFound):
    slug = "unknown-group"


class SeriesTooLong(Unprocessable):
    slug = "series-too-long"


class ScenarioBreaks(Unprocessable):
    slug = "scenario-breaks"


@router.get(
    "/measures/{code}/series",
    dependencies=[Depends(allow("reader"))],
    responses=responses(NotFound, Unprocessable),
)
async def get_series(
    request: Request,
    session: Reader,
    code: Code,
    source: Source | None = None,
    since: Annotated[date | None, Query(alias="from", description="the first as-of date that counts")] = None,
    until: Annotated[date | None, Query(alias="to", description="the last as-of date that counts")] = None,
) -> Series:
    """The measure over the as-of dates of one source, with parity, trend and projected year of every line.

    Where no source is named, it is that of the latest figure until `to`. A trend never bridges a figure that is withheld. Whole
    workforce and regular budget stand side by side: as `beside`, or as the total and a group of the staff by contract source.
    """
    measure, settings = measure_of(code), request.app.state.settings
    source = (await find_drawn(session, code, until, source)).source
    figures = await store.measures.count_figures(session, code, source, since, until)
    if figures > MOST_FIGURES:
        detail = f"{figures} figures are more than {MOST_FIGURES}; ask for fewer dates"
        raise SeriesTooLong(f"{code}: {detail}", errors=[FieldError(parameter="from", value=since, detail=detail)])
    states = await store.measures.list_states(session, code, source, since, until)
    policy = series.band_of(settings.parity_from_percent, settings.parity_to_percent)
    total, groups = series.lines_of(states, policy, await names_of(session, states))
    beside = None
    if measure.beside is not None:
        other = await store.measures.list_states(session, measure.beside, source, since, until)
        title = measure_of(measure.beside).title
        beside = SeriesBeside(code=measure.beside, title=title, total=series.lines_of(other, policy, {})[0])
    return Series(
        code=code,
        title=measure.title,
        definition=measure.definition,
        source=source,
        dimension=measure.dimension,
        from_=since,
        to=until,
        policy=series.show_policy(policy),
        total=total,
        groups=groups,
        beside=beside,
    )


@router.get(
    "/measures/{code}/scenario",
    dependencies=[Depends(allow("reader"))],
    responses=responses(NotFound, Unprocessable),
)
async def get_scenario(
    session: Reader,
    code: Code,
    separations: Annotated[People, Query(description="people who leave each year")],
    women_appointed: Annotated[Percent, Query(description="women among those who come, per cent")],
    until: Annotated[int, Query(ge=1, le=9999, description="the year at whose end the scenario ends")],
    appointments: Annotated[
        People | None, Query(description="people who come each year; else as many as leave")
    ] = None,
    women_leaving: Annotated[
        Percent | None, Query(description="women among those who leave, per cent; else their share of the stock")
    ] = None,
    target: Target = Decimal(50),
    group: Group | None = None,
    source: Source | None = None,
    as_of: AsOf | None = None,
) -> Scenario:
    """What becomes of the share year by year, whether the target can be reached with that turnover, and by which share of appointments.

    Expected values by W(t+1) = W(t) + appointments * share - separations * share, for women and for men. Also what one open post does.
    """
    measure_of(code)
    state = MeasureState.model_validate((await find_drawn(session, code, as_of, source)).state)
    assumed = Assumed(
        separations=separations,
        appointments=separations if appointments is None else appointments,
        women_appointed=women_appointed,
        women_leaving=women_leaving,
        target=target,
        until=until,
    )
    if not 1 <= until - state.as_of.year <= MOST_YEARS:
        detail = f"the figure is of {state.as_of}, and a scenario spans 1 to {MOST_YEARS} years"
        raise ScenarioBreaks(
            f"until {until}: {detail}", errors=[FieldError(parameter="until", value=until, detail=detail)]
        )
    try:
        return outlook.play(state, _line_of(state, group), assumed)
    except UsedUp as error:
        raise ScenarioBreaks(f"{error}; fewer separations are needed for a scenario until {until}") from error


@router.get("/measures/{code}/open-vacancies", dependencies=[Depends(allow("reader"))], responses=responses(NotFound))
async def get_open_vacancies(
    session: Reader,
    code: Code,
    target: Target = Decimal(50),
    group: Group | None = None,
    source: Source | None = None,
    as_of: AsOf | None = None,
) -> OpenVacancies:
    """What filling one open vacancy, and all of them, does to the share: by women, by men, and how many women the target takes.

    Open vacancies are those that are open now, whatever the date of the figure.
    """
    measure = measure_of(code)
    state = MeasureState.model_validate((await find_drawn(session, code, as_of, source)).state)
    line = _line_of(state, group)
    posts = await store.vacancies.count_open(session, _filters_of(measure, group), measure.grades)
    return outlook.weigh(state, line, posts, target)


def _filters_of(measure: Measure, group: str | None) -> Filters:
    """The vacancies of the measure's posts, of those of the group where there is one."""
    of = measure.dimension
    return Filters(
        unit=group if of == "unit" else None,
        region=group if of == "region" else None,
        grade=group if of == "grade" else None,
        funding=group if of == "contract_source" else measure.funding,
    )


def _line_of(state: MeasureState, group: str | None) -> MeasureState | Cell:
    if group is None:
        return state
    for cell in state.cells:
        if cell.group == group:
            return cell
    detail = f"groups are {', '.join(cell.group for cell in state.cells[:100]) or 'none'}"
    raise UnknownGroup(
        f"{state.code} of {state.as_of} has no group {group}; {detail}",
        errors=[FieldError(parameter="group", value=group, detail=detail)],
    )
