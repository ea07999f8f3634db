"""What a scorecard is composed of: which lines of which measures, and what is known of units, vacancies and targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from hr_diversity.rules import parity
from hr_diversity.schemas.scorecards import Portfolio
from shared.events.hr_diversity import Cell, MeasureState

WHOLE: Portfolio = "whole-organisation"
PORTFOLIOS: tuple[Portfolio, ...] = (WHOLE, "policy", "management-reform", "field-operations")
STAFF, CATEGORIES, CROSSED, UNITS, SOURCES = (
    *("staff-by-portfolio", "staff-by-category", "staff-by-category-and-portfolio", "staff-by-unit"),
    "staff-by-contract-source",
)
SENIOR_REGULAR, SENIOR_WHOLE = "women-p5-plus-regular-budget", "women-p5-plus-whole-workforce"
SENIOR_BY_PORTFOLIO = "women-p5-plus-regular-budget-by-portfolio"
ANY_TOTAL = (STAFF, "staff-by-grade", SOURCES)
"""Where the whole staff is the total line; all of them have the same one."""
FLOWS = {
    "appointments-by-grade": "Appointed",
    "appointments-p5-plus-regular-budget": "Appointed at P5 and above, regular budget",
    "promotions-by-grade": "Promoted",
    "promotions-p5-plus-regular-budget": "Promoted to P5 and above, regular budget",
    "separations-by-grade": "Left",
}
"""Of the whole organisation, since the snapshot before."""
DRAWN = (
    STAFF,
    CATEGORIES,
    CROSSED,
    UNITS,
    SOURCES,
    SENIOR_REGULAR,
    SENIOR_WHOLE,
    SENIOR_BY_PORTFOLIO,
    "staff-by-grade",
    *FLOWS,
)
"""The measures that a card can be drawn from."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A target of a plan for the indicator that a measure fills: at least so many per cent, in a phase from `starts` to `ends`."""

    plan: str
    indicator: str
    measure: str
    phase: str
    starts: date
    ends: date
    place: str
    at_least: Fraction


@dataclass(frozen=True, slots=True)
class UnitPlace:
    name: str
    portfolio: str | None


@dataclass(frozen=True, slots=True)
class Sources:
    """All that a card is composed of. `measures` are the states of one source until `as_of`, by code, in the order of their days."""

    portfolio: Portfolio
    as_of: date
    source: str
    measures: Mapping[str, Sequence[MeasureState]]
    participation: Sequence[MeasureState]
    units: Mapping[str, UnitPlace]
    open_by_grade: Mapping[str, int]
    category_of: Mapping[str, str]
    aims: Sequence[Aim]
    definitions: Mapping[str, tuple[str, str]]
    """Definition and formula of each measure, by code."""
    policy: parity.Policy
    threshold: int
    note: str | None = None
    """What the source says of itself."""

    def now(self, code: str) -> MeasureState | None:
        """The measure at the card's day."""
        states = self.measures.get(code, ())
        return states[-1] if states and states[-1].as_of == self.as_of else None

    def comparable(self, code: str) -> list[MeasureState]:
        """The states that were drawn by the same rule as the latest."""
        states = self.measures.get(code, ())
        return [state for state in states if state.rule == states[-1].rule]


@dataclass(frozen=True, slots=True)
class Pick:
    """A line of a measure: its total, or one of its groups."""

    code: str
    group: str | None = None

    def of(self, state: MeasureState | None) -> MeasureState | Cell | None:
        if state is None or self.group is None:
            return state
        return next((cell for cell in state.cells if cell.group == self.group), None)


def staff_of(portfolio: Portfolio) -> list[Pick]:
    """Where all staff of the portfolio are a line, the preferred measure first."""
    return [Pick(code) for code in ANY_TOTAL] if portfolio == WHOLE else [Pick(STAFF, portfolio)]
