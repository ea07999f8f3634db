"""When what is said of a vacancy cannot be: days out of order, days to come, more people at a later stage than before it."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple, get_args

from shared.events.hr_diversity import Stage

STAGES: tuple[Stage, ...] = get_args(Stage)
DAYS = ("posted", "closed", "shortlisted", "selected", "on_post")
"""The stages with a day, in their order. `cancelled` ends a vacancy at any of them."""
SEXES = ("women", "men", "other")


class Fault(NamedTuple):
    """`field` is a JSON pointer without "#/"."""

    field: str
    value: Any
    detail: str


def find_faults(vacancy: Mapping[str, Any], today: date) -> list[Fault]:
    """All that is wrong with a vacancy that has the fields of a request. `closed` may be announced ahead; no other day may be to come."""
    return [*_days(vacancy, today), *_end(vacancy), *_applicants(vacancy), *_track(vacancy)]


def _days(vacancy: Mapping[str, Any], today: date) -> Iterator[Fault]:
    known = [(name, vacancy[name]) for name in DAYS if vacancy.get(name) is not None]
    for (before, first), (name, day) in pairwise(known):
        if day < first:
            yield Fault(name, str(day), f"is before {before}, {first}")
    tomorrow = today + timedelta(days=1)  # it is tomorrow somewhere
    for name in (*DAYS, "cancelled"):
        day = vacancy.get(name)
        if day is not None and day > tomorrow and name != "closed":
            yield Fault(name, str(day), "is still to come")


def _end(vacancy: Mapping[str, Any]) -> Iterator[Fault]:
    cancelled = vacancy.get("cancelled")
    if cancelled is None:
        return
    if vacancy.get("on_post") is not None:
        yield Fault("cancelled", str(cancelled), "somebody is on the post, so the vacancy was not cancelled")
    for name in DAYS:
        day = vacancy.get(name)
        if day is not None and name not in {"closed", "on_post"} and day > cancelled:
            yield Fault("cancelled", str(cancelled), f"is before {name}, {day}")


def _applicants(vacancy: Mapping[str, Any]) -> Iterator[Fault]:
    counted = vacancy.get("applicants") or {}
    stages = [stage for stage in STAGES if stage in counted]
    for before, stage in pairwise(stages):
        for sex in SEXES:
            earlier, later = counted[before][sex], counted[stage][sex]
            if later > earlier:
                yield Fault(f"applicants/{stage}/{sex}", later, f"is more than the {earlier} {before}")
    if sum(counted.get("selected", {}).values()) > 0 and vacancy.get("selected") is None:
        yield Fault("selected", None, "somebody is counted as selected, so the day of the selection is needed")


def _track(vacancy: Mapping[str, Any]) -> Iterator[Fault]:
    if vacancy.get("key_position") and vacancy["track"] != "development_cooperation":
        yield Fault(
            "key_position", True, f"key positions are of development cooperation, and the track is {vacancy['track']}"
        )
