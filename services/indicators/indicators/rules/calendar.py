"""What is due when: phases, deadlines, and what is wanted of a custodian."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from shared.events.indicators import Phase
from shared.events.results import Result

DueState = Literal["not_yet_due", "due", "overdue", "submitted", "sent_back", "accepted"]


DUE_SOON_DAYS = 30


def phase_of(phases: Sequence[Phase], day: date) -> Phase | None:
    return next((phase for phase in phases if phase.starts <= day <= phase.ends), None)


def due_on(phase: Phase) -> date:
    return phase.due or phase.ends


def due_state(phase: Phase, latest: Result | None, today: date) -> DueState:
    """What is wanted of a target's custodian. A deadline ends with its day, not at its beginning."""
    if latest is not None:
        return latest.review
    left = (due_on(phase) - today).days
    if left < 0:
        return "overdue"
    return "due" if left <= DUE_SOON_DAYS else "not_yet_due"
