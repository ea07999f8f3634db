"""Every SQL statement of the service."""

from hr_diversity.store import (
    changes,
    disclosures,
    flows,
    heads,
    measures,
    recruitment,
    releases,
    representation,
    retention,
    scorecards,
    snapshots,
    sources,
    tallies,
    units,
    uploads,
    vacancies,
)

__all__ = [
    "changes",
    "disclosures",
    "flows",
    "heads",
    "measures",
    "recruitment",
    "releases",
    "representation",
    "retention",
    "scorecards",
    "snapshots",
    "sources",
    "tallies",
    "units",
    "uploads",
    "vacancies",
]
