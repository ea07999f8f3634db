"""Routes of what is drawn from measures: their series with parity and trend, and scenarios."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from hr_diversity import store
from hr_diversity.api.assuming import Given, Percent, assume, line_of, stock_of
from hr_diversity.api.measures import Code, find_drawn, measure_of, names_of
from hr_diversity.api.ready import HAVE_IT, Matches, ready
from hr_diversity.api.snapshots import Source
from hr_diversity.measures.measure import Measure
from hr_diversity.rules import outlook, series
from hr_diversity.rules.parity import Policy
from hr_diversity.rules.scenario import UsedUp
from hr_diversity.schemas.parity import OpenVacancies, ReachOf, Scenario, Series, SeriesBeside
from hr_diversity.store.vacancies import Filters
from shared.auth import allow
from shared.database import Reader
from shared.errors import FieldError, NotFound, Unprocessable, responses
from shared.events.hr_diversity import MeasureState
from shared.parameters import refuse_unknown_parameters

router = APIRouter(dependencies=[Depends(refuse_unknown_parameters)])

MOST_YEARS = 50
MOST_FIGURES = 20_000  # about five megabytes of answer
Target = Annotated[Percent, Query(description="the share of women that is to be reached, per cent")]
Group = Annotated[str, Query(max_length=100, description="a group of the measure; else its total")]
AsOf = Annotated[date, Query(description="the latest drawn for this day or before; else the latest")]


class SeriesTooLong(Unprocessable):
    slug = "series-too-long"


class ScenarioBreaks(Unprocessable):
    slug = "scenario-breaks"


@router.get(
    "/measures/{code}/series",
    dependencies=[Depends(allow("reader"))],
    response_model=Series,
    responses={**HAVE_IT, **responses(NotFound, Unprocessable)},
)
async def get_series(
    request: Request,
    code: Code,
    source: Source | None = None,
    since: Annotated[date | None, Query(alias="from", description="the first as-of date that counts")] = None,
    until: Annotated[date | None, Query(alias="to", description="the last as-of date that counts")] = None,
    if_none_match: Matches = None,
) -> Response:
    """The measure over the as-of dates of one source, with parity, trend and projected year of every line.

    Where no source is named, it is that of the latest figure until `to`. A trend never bridges a figure that is withheld. Whole
    workforce and regular budget stand side by side: as `beside`, or as the total and a group of the staff by contract source.
    """
    measure, settings = measure_of(code), request.app.state.settings
    policy = series.band_of(settings.parity_from_percent, settings.parity_to_percent)

    async def over_the_dates(session: Reader) -> Series:
        of = (await find_drawn(session, code, until, source)).source
        return await _series(session, measure, of, since, until, policy)

    return await ready(request, if_none_match, over_the_dates)


async def _series(
    session: Reader, measure: Measure, source: str, since: date | None, until: date | None, policy: Policy
) -> Series:
    figures = await store.measures.count_figures(session, measure.code, source, since, until)
    if figures > MOST_FIGURES:
        detail = f"{figures} figures are more than {MOST_FIGURES}; ask for fewer dates"
        error = FieldError(parameter="from", value=since, detail=detail)
        raise SeriesTooLong(f"{measure.code}: {detail}", errors=[error])
    states = await store.measures.list_states(session, measure.code, source, since, until)
    total, groups = series.lines_of(states, policy, await names_of(session, states))
    beside = None
    if measure.beside is not None:
        other = await store.measures.list_states(session, measure.beside, source, since, until)
        title = measure_of(measure.beside).title
        beside = SeriesBeside(code=measure.beside, title=title, total=series.lines_of(other, policy, {})[0])
    return Series(
        code=measure.code,
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
    given: Given,
    until: Annotated[int, Query(ge=1, le=9999, description="the year at whose end the scenario ends")],
    target: Target = Decimal(50),
    group: Group | None = None,
    source: Source | None = None,
    as_of: AsOf | None = None,
) -> Scenario:
    """What becomes of the share year by year, whether the target can be reached with that turnover, and by which share of appointments.

    Expected values by W(t+1) = W(t) + appointments * share - separations * share, for women and for men. Also what one open post does.
    """
    measure = stock_of(code)
    state = MeasureState.model_validate((await find_drawn(session, code, as_of, source)).state)
    line = line_of(state, group)
    if not 1 <= until - state.as_of.year <= MOST_YEARS:
        detail = f"the figure is of {state.as_of}, and a scenario spans 1 to {MOST_YEARS} years"
        raise ScenarioBreaks(
            f"until {until}: {detail}", errors=[FieldError(parameter="until", value=until, detail=detail)]
        )
    assumed = await assume(session, measure, state, group, given, target)
    try:
        return outlook.play(state, line, assumed, until)
    except UsedUp as error:
        raise ScenarioBreaks(f"{error}; fewer separations are needed for a scenario until {until}") from error


@router.get(
    "/measures/{code}/reach",
    dependencies=[Depends(allow("reader"))],
    responses=responses(NotFound, Unprocessable),
)
async def get_reach(
    session: Reader,
    code: Code,
    given: Given,
    target: Target,
    until: Annotated[date, Query(description="the last day on which the target can be reached")],
    group: Group | None = None,
    source: Source | None = None,
    as_of: AsOf | None = None,
) -> ReachOf:
    """Whether the target can still be reached by a day with the turnover there is, and which share of appointments it takes."""
    measure = stock_of(code)
    state = MeasureState.model_validate((await find_drawn(session, code, as_of, source)).state)
    line = line_of(state, group)
    if not state.as_of < until <= date(min(state.as_of.year + MOST_YEARS, date.max.year), 12, 31):
        detail = f"the figure is of {state.as_of}: a day after it is wanted, and at most {MOST_YEARS} years later"
        raise ScenarioBreaks(
            f"until {until}: {detail}", errors=[FieldError(parameter="until", value=str(until), detail=detail)]
        )
    assumed = await assume(session, measure, state, group, given, target)
    try:
        return outlook.expect(state, line, assumed, until)
    except UsedUp as error:
        raise ScenarioBreaks(f"{error} until {until}; fewer separations are needed") from error


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
    measure = stock_of(code)
    state = MeasureState.model_validate((await find_drawn(session, code, as_of, source)).state)
    line = line_of(state, group)
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
