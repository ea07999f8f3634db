"""Pure calculations: no database, no clock, no framework."""

from hr_diversity.rules import (
    funnel,
    meetings,
    outlook,
    parity,
    recruitment,
    scenario,
    scorecard_sources,
    scorecard_words,
    scorecards,
    series,
    suppression,
    tallies,
    vacancies,
)

__all__ = [
    "funnel",
    "meetings",
    "outlook",
    "parity",
    "recruitment",
    "scenario",
    "scorecard_sources",
    "scorecard_words",
    "scorecards",
    "series",
    "suppression",
    "tallies",
    "vacancies",
]
