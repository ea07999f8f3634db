"""What money adds up to. A line without a number takes part in no sum, and is named; it is never a zero."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel

from indicators.rules.figures import Computed
from shared.events.resources import BudgetLine
from shared.figures import round_half_up

Spending = Literal["over", "under", "as_budgeted"]


class Variance(BaseModel):
    """What was spent beside what was budgeted; `share` is the difference in per cent of the budget, None where that is zero."""

    budget: Computed
    expenditure: Computed
    difference: Computed
    share: Computed | None
    spending: Spending


class Sum(BaseModel):
    """What the lines with a number add up to, beside the published total; `difference` is published less sum."""

    sum: Computed | None
    lines: int
    """how many lines had a number"""
    without_number: list[str]
    """the sources of funds of the lines that had none"""
    published: Computed | None
    difference: Computed | None


class Totals(BaseModel):
    """`all_lines` sets all that was spent beside all that was budgeted, `lines_with_both` only what has both numbers."""

    budget: Sum
    expenditure: Sum
    all_lines: Variance | None
    lines_with_both: Variance | None
    over: int
    """lines that spent more than their budget"""
    under: int
    as_budgeted: int
    not_comparable: int
    """lines where one of the two is no number"""


def totals_of(
    lines: Sequence[BudgetLine], published_budget: Decimal | None, published_expenditure: Decimal | None
) -> Totals:
    both = [line for line in lines if line.budget is not None and line.expenditure is not None]
    words = [variance.spending for line in lines if (variance := variance_of(line.budget, line.expenditure))]
    budget = _sum([(line.source, line.budget) for line in lines], published_budget)
    expenditure = _sum([(line.source, line.expenditure) for line in lines], published_expenditure)
    return Totals(
        budget=budget,
        expenditure=expenditure,
        all_lines=variance_of(budget.sum, expenditure.sum),
        lines_with_both=variance_of(_added([x.budget for x in both]), _added([x.expenditure for x in both])),
        over=words.count("over"),
        under=words.count("under"),
        as_budgeted=words.count("as_budgeted"),
        not_comparable=len(lines) - len(words),
    )


def variance_of(budget: Decimal | None, expenditure: Decimal | None) -> Variance | None:
    if budget is None or expenditure is None:
        return None
    difference = expenditure - budget
    spending: Spending = "over" if difference > 0 else "under" if difference < 0 else "as_budgeted"
    return Variance(
        budget=budget,
        expenditure=expenditure,
        difference=difference,
        share=None if budget == 0 else round_half_up(Fraction(difference) * 100 / Fraction(budget)),
        spending=spending,
    )


def _added(figures: Sequence[Decimal | None]) -> Decimal | None:
    numbers = [figure for figure in figures if figure is not None]
    return sum(numbers, Decimal(0)) if numbers else None


def _sum(figures: Sequence[tuple[str, Decimal | None]], published: Decimal | None) -> Sum:
    added = _added([figure for _, figure in figures])
    return Sum(
        sum=added,
        lines=sum(figure is not None for _, figure in figures),
        without_number=[source for source, figure in figures if figure is None],
        published=published,
        difference=None if added is None or published is None else published - added,
    )
