"""How many come to a line of a measure and leave it in a year, from the account of the last two released snapshots as it is shown.

What must not break: nothing but shown figures comes in, so nothing that comes out tells more. Exact: a year may have a third of a woman.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from hr_diversity.measures.flows import JOINED, SENIOR_LINE
from hr_diversity.measures.measure import Measure
from hr_diversity.rules.flows import IN, OUT, REGULAR, WHOLE
from hr_diversity.rules.parity import HUNDRED, year_of
from hr_diversity.schemas.flows import FlowLine, Flows
from hr_diversity.schemas.parity import Turnover
from shared.figures import round_half_up

RULE = "turnover/1"
ACROSS = ("appointments", "separations", "transfers_in", "transfers_out")
"""What changes the number of all: a promotion from one grade to another one does not."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why there is no turnover for a line."""

    why: str


@dataclass(frozen=True, slots=True)
class Yearly:
    """People a year; the shares of women are per cent, None where nobody came, or left."""

    separations: Fraction
    appointments: Fraction
    women_appointed: Fraction | None
    women_leaving: Fraction | None


def place_of(measure: Measure, group: str | None) -> tuple[str, str | None] | None:
    """Population and grade (None: all) of the line of an account that has the people of a measure's line; None where no line has."""
    if measure.grades is not None:
        senior = frozenset(grade for grade, line in JOINED.items() if line == SENIOR_LINE)
        return (
            (REGULAR, SENIOR_LINE)
            if measure.grades == senior and measure.funding == REGULAR and group is None
            else None
        )
    if group is None:
        return (REGULAR if measure.funding == REGULAR else WHOLE), None
    if measure.dimension == "contract_source" and group == REGULAR:
        return REGULAR, None
    if measure.dimension == "grade" and measure.funding is None and group not in JOINED:
        return WHOLE, group
    return None


def find(account: Flows, place: tuple[str, str | None]) -> Turnover | Unknown:
    population, grade = place
    for one in account.accounts:
        lines = [one.total] if grade is None else [line for line in one.lines if line.grade == grade]
        if one.population == population and lines:
            return _read(account, population, lines[0])
    return Unknown(f"nobody of it is in the account of {account.since} to {account.as_of}")


def _read(account: Flows, population: str, line: FlowLine) -> Turnover | Unknown:
    """Who came is counted where it is shown; else it is what the stocks and those who left leave."""
    left, came = _sum(line, OUT), _sum(line, IN)
    basis = "terms"
    if left is not None and came is None:
        came, basis = _by_stocks(line, left), "stocks"
    if left is None or came is None:
        return Unknown(f"the flows of {account.since} to {account.as_of} are withheld for this line, since few moved")
    return Turnover(
        since=account.since,
        as_of=account.as_of,
        population=population,
        grade=line.grade,
        women_came=came[0],
        men_came=came[1],
        women_left=left[0],
        men_left=left[1],
        basis="terms" if basis == "terms" else "stocks",
        years=round_half_up(year_of(account.as_of) - year_of(account.since), 3),
        rule=RULE,
    )


def _sum(line: FlowLine, terms: Iterable[str]) -> tuple[int, int] | None:
    women, men = 0, 0
    for term in terms:
        figures = line.terms.get(term)
        if figures is None or (line.grade is None and term not in ACROSS):
            continue
        if figures.women is None or figures.men is None:
            return None
        women, men = women + figures.women, men + figures.men
    return women, men


def _by_stocks(line: FlowLine, left: tuple[int, int]) -> tuple[int, int] | None:
    figures = (line.before.women, line.before.men, line.after.women, line.after.men)
    if any(figure is None for figure in figures):
        return None
    before_women, before_men, after_women, after_men = (int(figure or 0) for figure in figures)
    came = after_women - before_women + left[0], after_men - before_men + left[1]
    return came if min(came) >= 0 else None


def yearly(turnover: Turnover) -> Yearly:
    years = year_of(turnover.as_of) - year_of(turnover.since)
    came, left = turnover.women_came + turnover.men_came, turnover.women_left + turnover.men_left
    return Yearly(
        separations=left / years,
        appointments=came / years,
        women_appointed=Fraction(turnover.women_came * HUNDRED, came) if came else None,
        women_leaving=Fraction(turnover.women_left * HUNDRED, left) if left else None,
    )
