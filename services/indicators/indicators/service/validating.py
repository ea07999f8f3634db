"""Validation of results on their way in, with what stands around them: for one result, and for the rows of an upload in their order."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.rules.lines import figure_of, unit_of
from indicators.rules.relations import Key, Standings
from indicators.rules.status import exactly
from indicators.rules.validation import Finding
from indicators.store.lines import Past
from shared.errors import FieldError, Unprocessable
from shared.events.claims import RuleState
from shared.events.indicators import IndicatorState, PlanState, Target
from shared.events.results import Result


class RuleNotHeld(Unprocessable):
    slug = "rule-not-held"


class Surroundings:
    """What results are held against: the plan's rules about their indicators, what stands, and what was recorded before.

    Pure once it is loaded, and made for many results: what one of them enters is what the next are held against.
    """

    def __init__(
        self,
        plan: PlanState,
        about: Sequence[RuleState],
        indicators: Sequence[IndicatorState],
        standing: dict[Key, Result],
        past: Sequence[Past],
    ) -> None:
        self.phases = {phase.code: phase for phase in plan.phases}
        self.results = standing
        self.standings = Standings({indicator.code: indicator for indicator in indicators}, standing)
        self.rules: dict[str, list[RuleState]] = defaultdict(list)
        for rule in about:
            for code in {term.indicator for term in [*rule.left, *rule.right]}:
                self.rules[code].append(rule)
        self.history: dict[tuple[str, str], list[Past]] = defaultdict(list)
        for one in past:
            self.history[one.indicator, one.place].append(one)

    def enter(self, target: Target, indicator: IndicatorState, given: Result) -> list[Finding]:
        """The warnings about `given`, which stands from now on unless a later one does. Raises RuleNotHeld with every error."""
        self.place(target, indicator, given)
        found = self.findings(target, indicator, given)
        if any(one.severity == "error" for one in found):
            raise _refusal(found)
        return found

    def place(self, target: Target, indicator: IndicatorState, given: Result) -> None:
        """`given` stands, unless a later one does. Rows of an upload are all placed before the first is asked about: they come to
        pass together, so what one of them changes is there for the others.
        """
        key: Key = (indicator.code, target.phase, target.place)
        before = self.results.get(key)
        if before is None or before.as_of <= given.as_of:
            self.results[key] = given

    def findings(self, target: Target, indicator: IndicatorState, given: Result) -> list[Finding]:
        """What does not fit with what stands, where `given` itself stands; whether it is unlike what was recorded before, and whether
        it is of a day outside its phase.
        """
        outside = rules.validation.outside_phase(self.phases[target.phase], given)
        found = [*self._outliers(indicator, target, given), *outside]
        standing = self.results.get((indicator.code, target.phase, target.place))
        if standing is not given and standing != given:
            return found
        return [*rules.validation.check(indicator, target, given, self.standings, self.rules[indicator.code]), *found]

    def _outliers(self, indicator: IndicatorState, target: Target, given: Result) -> list[Finding]:
        figure = figure_of(given)
        if figure is None:
            return []
        past = [one for one in self.history[indicator.code, target.place] if one.as_of < given.as_of]
        figures = [exactly(one.value, one.numerator, one.denominator) for one in past]
        before = [one for one in figures if one is not None]
        return rules.outliers.outliers(figure, before, unit_of(indicator))


async def surroundings_of(session: AsyncSession, plan: PlanState, indicators: Sequence[IndicatorState]) -> Surroundings:
    """Of results of `indicators`, all of `plan`: a few statements, however many results."""
    given = {indicator.code: indicator for indicator in indicators}
    codes = list(given)
    about = [row.state() for row in await store.claims.rules_about(session, plan.code, codes)]
    named = {term.indicator for rule in about for term in [*rule.left, *rule.right]} - set(codes)
    others = await store.claims.indicators_of(session, plan.code, sorted(named))
    standing = await store.lines.standing_results(session, plan.code, [*codes, *named])
    past = await store.lines.figures_by_day(session, plan, codes)
    return Surroundings(plan, about, [*given.values(), *others], standing, past)


def _refusal(found: Sequence[Finding]) -> RuleNotHeld:
    errors = [one for one in found if one.severity == "error"]
    return RuleNotHeld(
        "; ".join(one.words for one in errors),
        errors=[
            FieldError(
                pointer=one.pointer,
                value={"rule": one.rule, "left": float(one.left or 0), "right": float(one.right or 0)},
                detail=one.words,
            )
            for one in errors
        ],
    )
