"""Recruits from countries that were less than adequately represented: the wording of the programme report 2020-21, box 36."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from hr_diversity.rules.representation.publishing import Counted, Ranges
from hr_diversity.rules.suppression import Counts, Figures, add, protect, show
from hr_diversity.schemas.measures import Line
from hr_diversity.schemas.representation import Recruits
from shared.figures import round_half_up

NOTHING_SMALL = 1
"""The threshold under which nothing is withheld: for the HR role."""
LESS, OTHERS, NOT_COUNTED = "less_than_adequate", "others", "not_counted"


def weigh_recruits(
    appointed: Mapping[str, Counts], others: Counts, before: Counted, ranges: Ranges, k: int
) -> tuple[Figures, Figures]:
    """Who was appointed to posts that count, by nationality: from countries that had less than their range before, and all others.

    `others` were appointed to the same grades and budget, but do not count: their sum with these is published with the flows, so they are
    a third line of the table that is protected.
    """
    groups = {
        LESS: add(counts for country, counts in appointed.items() if _is_less(country, before, ranges)),
        OTHERS: add(counts for country, counts in appointed.items() if not _is_less(country, before, ranges)),
        NOT_COUNTED: others,
    }
    if k == NOTHING_SMALL:
        return show(groups[LESS], closed=False, partly=False), show(groups[OTHERS], closed=False, partly=False)
    _, lines = protect(groups, k)
    return lines[LESS], lines[OTHERS]


def _is_less(country: str, before: Counted, ranges: Ranges) -> bool:
    if country not in ranges:
        return False
    count = before.by_country[country].total if country in before.by_country else 0
    return ranges[country].status(count) in {"non_represented", "under"}


def make_recruits(since: date, less: Figures, others: Figures) -> Recruits:
    known = less.total is not None and others.total is not None
    recruits = (less.total or 0) + (others.total or 0) if known else None
    return Recruits(
        since=since,
        less_than_adequate=Line.model_validate(less, from_attributes=True),
        others=Line.model_validate(others, from_attributes=True),
        recruits=recruits,
        share=round_half_up(Fraction((less.total or 0) * 100, recruits)) if recruits else None,
    )
