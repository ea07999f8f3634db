"""Tables. Of a person there is only a pseudonym, inside of compressed chunks: no table has a row per person.

Figures in `measures` are stored as they may be shown. What the registers bring is kept in theirs as it came, and in the trail of changes.
"""

from hr_diversity.models.base import Base
from hr_diversity.models.claims import PublishedFigure
from hr_diversity.models.disclosures import Disclosure
from hr_diversity.models.erasures import Erasure
from hr_diversity.models.flows import FlowAccount
from hr_diversity.models.representation import RangeInputs, RangePolicy, Representation
from hr_diversity.models.scorecards import PlanFact, ScorecardIssue, ScorecardTabling
from hr_diversity.models.snapshots import (
    DrawnMeasure,
    MeasuresVersion,
    ShownLine,
    Snapshot,
    SnapshotChunk,
    SnapshotHead,
    Unit,
)
from hr_diversity.models.sources import Source
from hr_diversity.models.tallies import Tally
from hr_diversity.models.uploads import Upload, UploadPart
from hr_diversity.models.vacancies import Change, PublishedFunnel, Vacancy

__all__ = [
    "Base",
    "Change",
    "Disclosure",
    "DrawnMeasure",
    "Erasure",
    "FlowAccount",
    "MeasuresVersion",
    "PlanFact",
    "PublishedFigure",
    "PublishedFunnel",
    "RangeInputs",
    "RangePolicy",
    "Representation",
    "ScorecardIssue",
    "ScorecardTabling",
    "ShownLine",
    "Snapshot",
    "SnapshotChunk",
    "SnapshotHead",
    "Source",
    "Tally",
    "Unit",
    "Upload",
    "UploadPart",
    "Vacancy",
]
