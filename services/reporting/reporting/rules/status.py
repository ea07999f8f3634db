"""How a plan's status is consolidated.

Counts are of targets, and every share has all targets of its group as the whole, those without data included. A status never rolls
up; a target that is part of another one (`part_of`) is shown at its own place and not counted beside its whole. An area counts its
targets and those of the areas below it, so the areas that have no parent add up to the total. The words of mid-cycle and
end-of-cycle phases are never mixed: a consolidation is of one phase.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reporting.rules.areas import within
from shared.events.indicators import Area, IndicatorState, PlanState, Published, Status, Target, UnitState, Vocabulary
from shared.events.results import Result
from shared.figures import as_number, share

WORDS: dict[Vocabulary, tuple[Status, ...]] = {
    "mid_cycle": ("on_track", "not_on_track", "data_unavailable"),
    "end_of_cycle": ("met", "not_met", "data_unavailable"),
}


PLACES = {
    "region:africa": "Africa",
    "region:americas": "Americas",
    "region:arab-states": "Arab States",
    "region:asia-pacific": "Asia and the Pacific",
    "region:europe-central-asia": "Europe and Central Asia",
    "portfolio:policy": "Policy",
    "portfolio:management-reform": "Management and Reform",
    "portfolio:field-operations": "Field Operations and Partnerships",
}
"""The official names of places; a place of another organisation is named by its code."""


@dataclass(frozen=True, slots=True)
class Row:
    """One target with its status."""

    indicator: IndicatorState
    target: Target
    status: Status
    standing: Result | None


def rows_of(indicators: Iterable[IndicatorState], states: dict[tuple[str, str, str], Any], phase: str) -> list[Row]:
    """Every target of `phase`; one without a result has no data. `states`: (indicator, phase, place) -> ResultState."""
    rows = []
    for indicator in indicators:
        for target in indicator.targets:
            if target.phase == phase:
                state = states.get((indicator.code, phase, target.place))
                rows.append(
                    Row(
                        indicator,
                        target,
                        state.status if state else "data_unavailable",
                        state.standing if state else None,
                    )
                )
    return rows


def counted(indicators: Iterable[IndicatorState], phase: str) -> list[tuple[str, str]]:
    """(indicator, place) of every target of `phase` that counts by itself."""
    return [
        (one.code, target.place)
        for one in indicators
        for target in one.targets
        if target.phase == phase and target.part_of is None
    ]


def tally(statuses: Sequence[Status], vocabulary: Vocabulary) -> dict[str, Any]:
    """{"total", "counts", "shares"}: shares in per cent, half up to one decimal, None where there is nothing to count."""
    words = WORDS[vocabulary]
    counts = {word: statuses.count(word) for word in words}
    shares = {word: share(count, len(statuses)) for word, count in counts.items()}
    return {
        "total": len(statuses),
        "counts": counts,
        "shares": {word: None if figure is None else as_number(figure) for word, figure in shares.items()},
    }


def consolidate(plan: PlanState, phase_code: str, rows: Sequence[Row], units: dict[str, UnitState]) -> dict[str, Any]:
    """The consolidated status of one phase of `plan`, but for the instant and the position."""
    phase = next(phase for phase in plan.phases if phase.code == phase_code)
    words = phase.vocabulary
    whole = [row for row in rows if row.target.part_of is None]
    below = within(plan.areas)

    def group(name: str, code: str, title: str, among: Sequence[Row]) -> dict[str, Any]:
        return {name: code, "title": title, **tally([row.status for row in among], words)}

    def of_area(area: Area) -> dict[str, Any]:
        among = [row for row in whole if row.indicator.area in below[area.code]]
        return {**group("area", area.code, area.title, among), "parent": area.parent}

    def of_custodian(code: str) -> list[Row]:
        return [row for row in whole if code in row.indicator.custodians]

    custodians = sorted({code for row in whole for code in row.indicator.custodians})
    targets = tally([row.status for row in whole], words)
    return {
        "plan": plan.code,
        "title": plan.title,
        "phase": phase.code,
        "phase_title": phase.title,
        "vocabulary": words,
        "targets": targets,
        "indicators": tally([row.status for row in whole if row.target.place == "global"], words),
        "by_area": [of_area(area) for area in plan.areas],
        "by_custodian": [
            group("custodian", code, units[code].name if code in units else code, of_custodian(code))
            for code in custodians
        ],
        "by_portfolio": _by_place("portfolio", rows, words),
        "by_region": _by_place("region", rows, words),
        "published": _published(plan.published, phase_code, targets),
    }


def _by_place(kind: str, rows: Sequence[Row], words: Vocabulary) -> list[dict[str, Any]]:
    places = sorted({row.target.place for row in rows if row.target.place.startswith(f"{kind}:")})
    return [
        {
            kind: place.partition(":")[2],
            "title": PLACES.get(place, place.partition(":")[2].replace("-", " ").capitalize()),
            **tally([row.status for row in rows if row.target.place == place], words),
        }
        for place in places
    ]


def _published(published: Sequence[Published], phase: str, computed: dict[str, Any]) -> dict[str, Any] | None:
    """The source's headline figures beside the computed ones; `difference` = computed - published."""
    found = next((figures for figures in published if figures.phase == phase), None)
    if found is None:
        return None
    counts = {word: computed["counts"].get(word, 0) - count for word, count in found.counts.items()}
    return {
        **found.model_dump(mode="json", exclude={"phase"}),
        "difference": {"total": computed["total"] - found.total, "counts": counts},
    }
