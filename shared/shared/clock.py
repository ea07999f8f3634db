"""The one place that asks for the time, so that tests can set it without touching the event loop's own clock."""

from datetime import UTC, date, datetime


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    return now().date()
