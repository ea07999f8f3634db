"""THE CONTRACT between the services: every event that any of them states."""

from shared.events import hr_diversity, indicators, recommendations
from shared.events.base import EVENTS, Event, State, topic_of

__all__ = ["EVENTS", "Event", "State", "hr_diversity", "indicators", "recommendations", "topic_of"]
