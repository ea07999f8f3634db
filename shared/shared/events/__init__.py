"""THE CONTRACT between the services: every event that any of them states."""

from shared.events import claims, hr_diversity, indicators, recommendations, representation, resources, results
from shared.events.base import EVENTS, Event, State, topic_of

__all__ = [
    "EVENTS",
    "Event",
    "State",
    "claims",
    "hr_diversity",
    "indicators",
    "recommendations",
    "representation",
    "resources",
    "results",
    "topic_of",
]
