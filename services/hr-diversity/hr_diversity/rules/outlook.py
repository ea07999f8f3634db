"""The answer to a scenario: inputs, path, target and vacancy of one line, out of the figures as they may be shown."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hr_diversity.rules import parity, scenario
from hr_diversity.rules.scenario import Flows, Stock
from hr_diversity.schemas.measures import DerivedFrom
from hr_diversity.schemas.parity import (
    Filled,
    OneVacancy,
    OpenVacancies,
    ReachOf,
    Scenario,
    ScenarioInputs,
    ScenarioYear,
    TargetReach,
    Turnover,
)
from shared.events.hr_diversity import Cell, MeasureState
from shared.figures import round_half_up

RULE = "parity-scenario/1"
VACANCIES = "parity-vacancies/1"
REACH = "parity-reach/1"


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed for every year; people per year, shares and target in per cent. `turnover` is what was not given comes from."""

    separations: Fraction
    appointments: Fraction
    women_appointed: Fraction
    women_leaving: Fraction | None
    target: Fraction
    turnover: Turnover | None


def play(state: MeasureState, line: MeasureState | Cell, assumed: Assumed, until: int) -> Scenario:
    """What comes of `line`, the total or a group of `state`. Raises scenario.UsedUp.

    The first year is the one after the as-of date's.
    """
    found = Scenario(
        code=state.code,
        title=state.title,
        source=state.source,
        as_of=state.as_of,
        group=line.group if isinstance(line, Cell) else None,
        suppressed=line.women is None or line.men is None,
        inputs=_inputs(line, assumed, until),
        turnover=assumed.turnover,
        years=[],
        target=None,
        one_vacancy=None,
        rule=RULE,
        derived_from=DerivedFrom(snapshot=state.snapshot, revision=state.revision),
    )
    if line.women is None or line.men is None:
        return found
    stock, flows, target = Stock(Fraction(line.women), Fraction(line.men)), _flows(assumed), assumed.target
    years = until - state.as_of.year
    path = scenario.path(stock, flows, years)
    reach = scenario.reach(stock, flows, target, years)
    by_woman, by_man = scenario.vacancy(line.women, line.men, target)
    return found.model_copy(
        update={
            "years": [_year(state.as_of.year + n, one) for n, one in enumerate(path, start=1)],
            "target": _target(reach),
            "one_vacancy": OneVacancy(by_woman=_filled(by_woman), by_man=_filled(by_man)),
        }
    )


def weigh(state: MeasureState, line: MeasureState | Cell, posts: int, target: Decimal) -> OpenVacancies:
    """What `posts` open vacancies can do to the share of `line`, the total or a group of `state`."""
    found = OpenVacancies(
        code=state.code,
        title=state.title,
        source=state.source,
        as_of=state.as_of,
        group=line.group if isinstance(line, Cell) else None,
        suppressed=line.women is None or line.men is None,
        women=line.women,
        men=line.men,
        share=line.share,
        target=target,
        open_vacancies=posts,
        one_vacancy=None,
        all_by_women=None,
        all_by_men=None,
        women_needed=None,
        reachable=None,
        rule=VACANCIES,
        derived_from=DerivedFrom(snapshot=state.snapshot, revision=state.revision),
    )
    if line.women is None or line.men is None:
        return found
    filling = scenario.fill(line.women, line.men, posts, Fraction(target))
    if filling is None:
        return found
    by_woman, by_man = scenario.vacancy(line.women, line.men, Fraction(target))
    return found.model_copy(
        update={
            "one_vacancy": OneVacancy(by_woman=_filled(by_woman), by_man=_filled(by_man)) if posts else None,
            "all_by_women": _filled(filling.by_women),
            "all_by_men": _filled(filling.by_men),
            "women_needed": filling.women_needed,
            "reachable": filling.women_needed is not None,
        }
    )


def expect(state: MeasureState, line: MeasureState | Cell, assumed: Assumed, until: date) -> ReachOf:
    """Whether the target can be reached by the last day. Raises scenario.UsedUp.

    The whole time until then is one step: W = W now + appointments * share of appointments - separations * share of separations.
    """
    years = parity.year_of(until) - parity.year_of(state.as_of)
    flows = replace(_flows(assumed), separations=assumed.separations * years, appointments=assumed.appointments * years)
    found = ReachOf(
        code=state.code,
        title=state.title,
        source=state.source,
        as_of=state.as_of,
        group=line.group if isinstance(line, Cell) else None,
        suppressed=line.women is None or line.men is None,
        women=line.women,
        men=line.men,
        share=line.share,
        target=round_half_up(assumed.target, 3),
        until=until,
        years=round_half_up(years, 3),
        separations=round_half_up(flows.separations),
        appointments=round_half_up(flows.appointments),
        women_appointed=round_half_up(flows.women_appointed, 3),
        women_leaving=None if flows.women_leaving is None else round_half_up(flows.women_leaving, 3),
        women_needed=None,
        reach=None,
        turnover=assumed.turnover,
        rule=REACH,
        derived_from=DerivedFrom(snapshot=state.snapshot, revision=state.revision),
    )
    if line.women is None or line.men is None:
        return found
    reach = scenario.reach(Stock(Fraction(line.women), Fraction(line.men)), flows, assumed.target, 1)
    asked = reach.appointments_needed
    return found.model_copy(
        update={
            "reach": _target(reach),
            "women_needed": None
            if asked is None
            else round_half_up(max(asked, Fraction(0)) * flows.appointments / 100),
        }
    )


def _target(reach: scenario.Reach) -> TargetReach:
    return TargetReach(
        verdict=reach.verdict,
        ends_at=_shown(reach.ends_at),
        at_most=_shown(reach.at_most),
        appointments_needed=_shown(reach.appointments_needed),
    )


def _inputs(line: MeasureState | Cell, assumed: Assumed, until: int) -> ScenarioInputs:
    return ScenarioInputs(
        women=line.women,
        men=line.men,
        separations=round_half_up(assumed.separations, 3),
        appointments=round_half_up(assumed.appointments, 3),
        women_appointed=round_half_up(assumed.women_appointed, 3),
        women_leaving=None if assumed.women_leaving is None else round_half_up(assumed.women_leaving, 3),
        target=round_half_up(assumed.target, 3),
        until=until,
    )


def _flows(assumed: Assumed) -> Flows:
    return Flows(assumed.separations, assumed.appointments, assumed.women_appointed, assumed.women_leaving)


def _year(year: int, stock: Stock) -> ScenarioYear:
    return ScenarioYear(
        year=year, women=round_half_up(stock.women), men=round_half_up(stock.men), share=_shown(stock.share)
    )


def _filled(one: scenario.Filled) -> Filled:
    return Filled(share=round_half_up(one.share), distance=round_half_up(one.distance))


def _shown(figure: Fraction | None) -> Decimal | None:
    return None if figure is None else round_half_up(figure)
