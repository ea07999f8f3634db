"""Who kept an indicator when. What a unit reported stays its own after another took over."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from shared.events.indicators import Custodianship, IndicatorState, UnitState


def hand_over(kept: Sequence[Custodianship], custodians: Sequence[str], today: date) -> list[Custodianship]:
    """All custodianships after `custodians` are the units from `today` on: who is not among them kept it until the day before.

    The first custodians of an indicator have no first day, since nothing says how long they kept it before it was defined here.
    """
    yesterday = today - timedelta(days=1)
    still = {one.unit for one in kept if one.until is None}
    closed = [
        one if one.until is not None or one.unit in custodians else one.model_copy(update={"until": yesterday})
        for one in kept
        if one.until is not None or one.unit in custodians or one.since != today
    ]
    begun = [Custodianship(unit=unit, since=today if kept else None) for unit in custodians if unit not in still]
    return [*closed, *begun]


def kept_on(indicator: IndicatorState, day: date) -> list[str]:
    """The units that kept the indicator on `day`; those of today where no custodianship says otherwise."""
    kept = [
        one.unit
        for one in indicator.custodianships
        if (one.since is None or one.since <= day) and (one.until is None or day <= one.until)
    ]
    return list(dict.fromkeys(kept)) or indicator.custodians


def why_not(unit: UnitState, first: date, last: date) -> str | None:
    """Why the unit can keep nothing on any day from `first` to `last`; None where it can."""
    if unit.since is not None and last < unit.since:
        return f"the unit exists from {unit.since} on"
    if unit.until is not None and unit.until < first:
        successor = f"; {unit.succeeded_by} took its work over" if unit.succeeded_by else ""
        return f"the unit ended on {unit.until}{successor}"
    return None


def recorded_by_one_of(actor: str, units: Collection[str]) -> bool:
    """Whether `actor`, roles and units as in "custodian:HRD+GEDI", answers for one of `units`."""
    return not set(actor.partition(":")[2].split("+")).isdisjoint(units)
