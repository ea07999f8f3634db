"""When a target that was met, or on track, is so no longer.

Compared is with the last status that was known, in the same phase or in an earlier one: missing data in between is no new start.
A target that was defined anew does not regress by that, because another question was asked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from indicators.rules import status
from shared.events.indicators import IndicatorState, Phase, Status
from shared.events.results import Result

REACHED: frozenset[Status] = frozenset({"met", "on_track"})
MISSED: frozenset[Status] = frozenset({"not_met", "not_on_track"})


@dataclass(frozen=True)
class Known:
    """A status other than `data_unavailable`, and the phase that it was said of."""

    status: Status
    phase: str


def regressed(before: Known | None, phase: str, said: Sequence[Status]) -> Known | None:
    """What a target of `phase` regressed from by what was `said` of it since `before`, in order; None where it did not.

    Once per regression: a target that was missed before and still is does not regress again.
    """
    known = [Known(status, phase) for status in said if status != "data_unavailable"]
    for earlier, later in reversed(list(zip([before, *known], known, strict=False))):
        if later.status not in MISSED:
            return None
        if earlier is not None and earlier.status in REACHED:
            return earlier
    return None


def known_before(
    indicator: IndicatorState,
    phases: Sequence[Phase],
    here: tuple[str, str],
    results: Mapping[str, Collection[Result]],
    as_of: date,
) -> Known | None:
    """The last status known of the place before the phase, `here` being (phase, place).

    `results` are those of the place by phase; only what is as of a day before `as_of` counts, so that the order in which phases are
    loaded changes nothing. A status that a source states without figures counts for the whole (`global`) where there are no results.
    """
    phase, place = here
    starts = next(one.starts for one in phases if one.code == phase)
    for one in sorted(phases, key=lambda p: p.starts, reverse=True):
        if one.starts >= starts:
            continue
        found = _status_in(indicator, one, place, [r for r in results.get(one.code, []) if r.as_of < as_of])
        if found is not None:
            return Known(found, one.code)
    return None


def _status_in(indicator: IndicatorState, phase: Phase, place: str, results: Collection[Result]) -> Status | None:
    target = status.target_of(indicator, phase.code, place)
    if target is not None:
        said = status.judge(indicator, target, status.standing_result(results), phase.vocabulary)
        if said != "data_unavailable":
            return said
    earlier = [one.status for one in indicator.earlier if one.phase == phase.code and place == "global"]
    return next((said for said in earlier if said != "data_unavailable"), None)
