"""The one-page scorecard of a portfolio, composed of figures as they were stated.

What must not break: nothing but stated figures comes in, which are those that may be shown, and nothing is added up or taken away
from another group's figures, so a card tells no more than the measures that it names. The same figures give the same card.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from hr_diversity.rules import parity, scorecard_words, series
from hr_diversity.rules.scorecard_sources import (
    CATEGORIES,
    CROSSED,
    FLOWS,
    SENIOR_BY_PORTFOLIO,
    SENIOR_REGULAR,
    SENIOR_WHOLE,
    SOURCES,
    STAFF,
    UNITS,
    WHOLE,
    Pick,
    Sources,
    staff_of,
)
from hr_diversity.schemas import scorecards as schemas
from hr_diversity.schemas.scorecards import CardLine, Groups, Headline, Scorecard
from shared.events.hr_diversity import Cell, MeasureState
from shared.figures import round_half_up

RULE = "scorecard/1"
YEARS = 5
MOST_PARTS = 8


def compose(given: Sources) -> Scorecard | None:
    """The card; None where no figure of all staff of the portfolio was drawn at that day."""
    headline = next((one for pick in staff_of(given.portfolio) if (one := _follow(given, pick, "All staff"))), None)
    if headline is None:
        return None
    card = Scorecard(
        portfolio=given.portfolio,
        title=scorecard_words.TITLES[given.portfolio],
        as_of=given.as_of,
        source=given.source,
        source_note=given.note,
        summary=[],
        policy=series.show_policy(given.policy),
        headline=headline,
        senior=_senior(given),
        categories=_categories(given),
        contract_sources=_contract_sources(given, headline),
        parts=_parts(given),
        flows=_flows(given),
        trend=_trend(given, headline),
        open_vacancies=_open(given),
        participation=[_participation(one) for one in given.participation],
        definitions=[],
        withheld=[],
        drawn_from=[],
        rule=RULE,
    )
    drawn = [state for code in sorted(given.measures) if (state := given.now(code)) and code in _used(card)]
    return card.model_copy(
        update={
            "summary": scorecard_words.summary(card),
            "definitions": scorecard_words.definitions(card, given.definitions),
            "withheld": scorecard_words.withheld(card, given.threshold),
            "drawn_from": [_drawn(one) for one in [*drawn, *given.participation]],
        }
    )


def _line(given: Sources, of: MeasureState | Cell, group: str, name: str, code: str) -> CardLine:
    return CardLine(
        **_counts(of),
        group=group,
        name=name,
        parity=None if of.women is None or of.men is None else series.parity_of(of.women, of.men, given.policy),
        measure=code,
    )


def _counts(of: MeasureState | Cell) -> dict[str, object]:
    return {name: getattr(of, name) for name in ("women", "men", "other", "total", "share", "suppressed")}


def _follow(given: Sources, pick: Pick, name: str) -> Headline | None:
    """The line at the card's day, against days before and with its trend."""
    now, states = given.now(pick.code), given.measures.get(pick.code, ())
    of = pick.of(now)
    if now is None or of is None:
        return None
    comparable = given.comparable(pick.code)
    total, groups = series.lines_of(states, given.policy, {})
    line = total if pick.group is None else next(one for one in groups if one.group == pick.group)
    a_year_ago = [one for one in comparable if one.as_of <= _year_before(given.as_of)]
    return Headline(
        **dict(_line(given, of, pick.group or "all", name, pick.code)),
        before=_compared(of, comparable[-2], pick) if len(comparable) > 1 else None,
        year_before=_compared(of, a_year_ago[-1], pick) if a_year_ago else None,
        per_year=line.trend.per_year if line.trend else None,
        projected_year=line.trend.projected_year if line.trend else None,
        last_shown=_last_shown(of, [pick.of(one) for one in comparable], [one.as_of for one in comparable]),
    )


def _last_shown(
    now: MeasureState | Cell, lines: Sequence[MeasureState | Cell | None], days: Sequence[date]
) -> schemas.LastShown | None:
    if now.women is not None and now.men is not None:
        return None
    for line, day in zip(reversed(lines), reversed(days), strict=True):
        if line is not None and line.women is not None and line.men is not None:
            return schemas.LastShown(as_of=day, women=line.women, men=line.men, share=line.share)
    return None


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _compared(now: MeasureState | Cell, then: MeasureState, pick: Pick) -> schemas.Compared:
    was = pick.of(then)
    if was is None or None in {now.women, now.men, was.women, was.men}:
        return schemas.Compared(as_of=then.as_of, share=None, points=None, women=None, men=None)
    shares = [parity.percent(one.women or 0, one.men or 0) for one in (now, was)]
    points = None if shares[0] is None or shares[1] is None else round_half_up(shares[0] - shares[1])
    women, men = (now.women or 0) - (was.women or 0), (now.men or 0) - (was.men or 0)
    return schemas.Compared(as_of=then.as_of, share=was.share, points=points, women=women, men=men)


def _senior(given: Sources) -> schemas.SeniorPosts:
    if given.portfolio == WHOLE:
        picks = Pick(SENIOR_REGULAR), Pick(SENIOR_WHOLE)
    else:
        picks = Pick(SENIOR_BY_PORTFOLIO, given.portfolio), Pick(CROSSED, f"senior/{given.portfolio}")
    regular = _follow(given, picks[0], "P5 and above, regular budget")
    whole = _follow(given, picks[1], "P5 and above, whole workforce")
    return schemas.SeniorPosts(regular_budget=regular, whole_workforce=whole, target=_target(given, regular))


def _target(given: Sources, posts: Headline | None) -> schemas.Target | None:
    """The target of the phase that the day lies in; that of the portfolio rather than that of the whole."""
    places = ["global"] if given.portfolio == WHOLE else [f"portfolio:{given.portfolio}", "global"]
    found = [
        aim
        for aim in given.aims
        if aim.measure == SENIOR_REGULAR and aim.place in places and aim.starts <= given.as_of <= aim.ends
    ]
    if not found:
        return None
    aim = min(found, key=lambda one: (places.index(one.place), one.plan, one.indicator))
    share = (
        None if posts is None or posts.women is None or posts.men is None else parity.percent(posts.women, posts.men)
    )
    return schemas.Target(
        plan=aim.plan,
        indicator=aim.indicator,
        phase=aim.phase,
        place=aim.place,
        at_least=round_half_up(aim.at_least, 3),
        met=None if share is None else share >= aim.at_least,
        points_short=None if share is None else round_half_up(max(aim.at_least - share, Fraction(0))),
    )


def _categories(given: Sources) -> Groups:
    whole = given.portfolio == WHOLE
    state = given.now(CATEGORIES if whole else CROSSED)
    lines = []
    for cell in state.cells if state else ():
        category, _, portfolio = cell.group.partition("/")
        if whole or portfolio == given.portfolio:
            name = scorecard_words.CATEGORIES.get(category, category)
            lines.append(_line(given, cell, category, name, CATEGORIES if whole else CROSSED))
    return Groups(title="By category", lines=lines)


def _contract_sources(given: Sources, headline: Headline) -> Groups:
    """Whole workforce and regular budget side by side; of a portfolio that is published for P5 and above only."""
    state = given.now(SOURCES) if given.portfolio == WHOLE else None
    if state is None:
        return Groups(title="By source of funds", lines=[])
    names = scorecard_words.FUNDS
    lines = [_line(given, cell, cell.group, names.get(cell.group, cell.group), SOURCES) for cell in state.cells]
    everybody = CardLine(
        **{**headline.model_dump(include=set(CardLine.model_fields)), "group": "whole", "name": "Whole workforce"}
    )
    return Groups(title="By source of funds", lines=[everybody, *lines])


def _parts(given: Sources) -> Groups:
    """The portfolios of the whole organisation, or the units of a portfolio, the largest first; what is withheld comes last."""
    whole = given.portfolio == WHOLE
    code = STAFF if whole else UNITS
    state = given.now(code)
    lines = []
    for cell in state.cells if state else ():
        if whole:
            lines.append(_line(given, cell, cell.group, scorecard_words.portfolio(cell.group), code))
        elif (unit := given.units.get(cell.group)) is not None and unit.portfolio == given.portfolio:
            lines.append(_line(given, cell, cell.group, unit.name, code))
    lines.sort(key=lambda one: (one.total is None, -(one.total or 0), one.group))
    shown = lines[:MOST_PARTS]
    return Groups(title="By portfolio" if whole else "By unit", lines=shown, left_out=len(lines) - len(shown))


def _flows(given: Sources) -> Groups:
    """Empty for a portfolio, whose flows are not published, and for the first snapshot of a source."""
    lines = []
    for code, name in FLOWS.items() if given.portfolio == WHOLE else ():
        state = given.now(code)
        if state is not None:
            lines.append(_line(given, state, code, name, code))
    return Groups(title="Who came, rose and left", lines=lines)


def _trend(given: Sources, headline: Headline) -> list[schemas.TrendPoint]:
    """Of the last years, what was drawn by the same rule as now: other figures cannot be compared."""
    pick = Pick(headline.measure, None if headline.group == "all" else headline.group)
    senior = Pick(SENIOR_REGULAR) if given.portfolio == WHOLE else Pick(SENIOR_BY_PORTFOLIO, given.portfolio)
    seniors = {state.as_of: senior.of(state) for state in given.comparable(senior.code)}
    first = date(given.as_of.year - YEARS, 1, 1)
    points = []
    for state in given.comparable(pick.code):
        line, beside = pick.of(state), seniors.get(state.as_of)
        if line is not None and state.as_of >= first:
            counts = {name: getattr(line, name) for name in ("women", "men", "share", "suppressed")}
            share = None if beside is None else beside.share
            points.append(schemas.TrendPoint(as_of=state.as_of, **counts, senior_share=share))
    return points


def _open(given: Sources) -> schemas.OpenVacancies:
    by_category: dict[str, int] = {}
    for grade, number in given.open_by_grade.items():
        category = given.category_of.get(grade, grade)
        by_category[category] = by_category.get(category, 0) + number
    return schemas.OpenVacancies(
        total=sum(given.open_by_grade.values()),
        senior=by_category.get("senior", 0),
        by_category=dict(sorted(by_category.items())),
    )


def _participation(state: MeasureState) -> schemas.Participation:
    return schemas.Participation(**_counts(state), title=state.title, as_of=state.as_of, measure=state.code)


def _used(card: Scorecard) -> set[str]:
    lines: Iterable[CardLine | None] = (
        card.headline,
        card.senior.regular_budget,
        card.senior.whole_workforce,
        *(line for groups in (card.categories, card.contract_sources, card.parts, card.flows) for line in groups.lines),
    )
    return {line.measure for line in lines if line is not None}


def _drawn(state: MeasureState) -> schemas.DrawnFrom:
    return schemas.DrawnFrom(
        measure=state.code, rule=state.rule, as_of=state.as_of, snapshot=state.snapshot, revision=state.revision
    )
