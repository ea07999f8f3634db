"""What differs between two plans, or two versions of one: indicators added, dropped, and changed in wording, definition or targets.

What must not break: two indicators are compared where one names the other as its predecessor, or where they have the same code; whether
one trend may be drawn over both is said for each pair, and no is the answer where nothing says yes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from indicators.rules.changes import differences
from shared.events.indicators import IndicatorState, PlanState, Target

DEFINING = ("kind", "unit", "direction", "categories", "disaggregation", "aggregation", "fed_by", "minimum", "maximum")
WORDING = ("title", "definition")
Comparability = Literal["comparable", "not_comparable", "not_said"]


class Difference(BaseModel):
    field: str
    old: Any
    new: Any


class Listed(BaseModel):
    code: str
    title: str
    area: str


class Aim(BaseModel):
    """A target as far as two are compared."""

    phase: str
    place: str
    text: str
    operator: str
    value: str | None
    category: str | None


class Pair(BaseModel):
    """An indicator with the one that went before it. `matched_by` says why they are compared."""

    code: str
    before: str
    title: str
    matched_by: Literal["predecessor", "code"]
    comparability: Comparability
    why: str
    reworded: list[Difference]
    redefined: list[Difference]
    retargeted: bool
    targets_before: list[Aim]
    targets_after: list[Aim]
    custodians: Difference | None
    area: Difference | None


class Diff(BaseModel):
    added: list[Listed]
    dropped: list[Listed]
    changed: list[Pair]
    unchanged: list[Pair]
    areas_added: list[str]
    areas_dropped: list[str]
    counts: dict[str, int]


def compare(
    before: tuple[PlanState, Sequence[IndicatorState]], after: tuple[PlanState, Sequence[IndicatorState]]
) -> Diff:
    """`after` beside `before`, by code. Areas are told apart by code in one plan, and by title in two."""
    old = {indicator.code: indicator for indicator in before[1]}
    same_plan = before[0].code == after[0].code
    pairs = [_pair(found, new, same_plan) for new in after[1] if (found := _match(old, new, before[0].code, same_plan))]
    matched = {pair.before.rpartition("/")[2] for pair in pairs}
    paired = {pair.code for pair in pairs}
    changed = [pair for pair in pairs if _is_changed(pair, same_plan)]
    unchanged = [pair for pair in pairs if not _is_changed(pair, same_plan)]
    added = [_listed(new) for new in after[1] if new.code not in paired]
    dropped = [_listed(indicator) for code, indicator in old.items() if code not in matched]
    areas = [{area.code if same_plan else area.title for area in plan.areas} for plan in (before[0], after[0])]
    return Diff(
        added=added,
        dropped=dropped,
        changed=changed,
        unchanged=unchanged,
        areas_added=sorted(areas[1] - areas[0]),
        areas_dropped=sorted(areas[0] - areas[1]),
        counts={
            "added": len(added),
            "dropped": len(dropped),
            "retargeted": sum(pair.retargeted for pair in pairs),
            "reworded": sum(bool(pair.reworded) for pair in pairs),
            "redefined": sum(bool(pair.redefined) for pair in pairs),
            "unchanged": len(unchanged),
            "not_comparable": sum(pair.comparability != "comparable" for pair in pairs),
        },
    )


def _match(
    old: Mapping[str, IndicatorState], new: IndicatorState, plan: str, same_plan: bool
) -> tuple[IndicatorState, Literal["predecessor", "code"]] | None:
    named_plan, _, named = (new.predecessor or "").partition("/")
    if not same_plan and named_plan == plan and named in old:
        return old[named], "predecessor"
    return (old[new.code], "code") if new.code in old else None


def _pair(found: tuple[IndicatorState, Literal["predecessor", "code"]], new: IndicatorState, same_plan: bool) -> Pair:
    old, matched_by = found
    redefined = _differences(old, new, DEFINING)
    comparability, why = _comparability(matched_by, new, redefined, same_plan)
    custodians = _differences(old, new, ("custodians",))
    area = _differences(old, new, ("area",)) if same_plan else []
    return Pair(
        code=new.code,
        before=f"{old.plan}/{old.code}",
        title=new.title,
        matched_by=matched_by,
        comparability=comparability,
        why=why,
        reworded=_differences(old, new, WORDING),
        redefined=redefined,
        retargeted=_aims(old, same_plan) != _aims(new, same_plan),
        targets_before=[_aim(target) for target in old.targets],
        targets_after=[_aim(target) for target in new.targets],
        custodians=custodians[0] if custodians else None,
        area=area[0] if area else None,
    )


def _comparability(
    matched_by: str, new: IndicatorState, redefined: Sequence[Difference], same_plan: bool
) -> tuple[Comparability, str]:
    changed = ", ".join(one.field for one in redefined)
    if any(one.field in ("kind", "unit") for one in redefined):
        return "not_comparable", f"what is measured has changed: {changed}"
    if same_plan:
        return (
            ("not_comparable", f"the definition has changed: {changed}")
            if changed
            else ("comparable", "same definition")
        )
    if matched_by == "code":
        return "not_said", "they have the same code, and neither names the other"
    if new.comparable is None:
        return "not_said", "nothing says whether one trend may be drawn over both"
    said = new.comparability or "the later plan says so"
    return ("comparable" if new.comparable else "not_comparable"), said


def _is_changed(pair: Pair, same_plan: bool) -> bool:
    told = [pair.reworded, pair.redefined, pair.retargeted, pair.custodians, pair.area]
    return any(told) or (not same_plan and pair.comparability == "not_comparable")


def _differences(old: IndicatorState, new: IndicatorState, fields: Sequence[str]) -> list[Difference]:
    before, after = (one.model_dump(mode="json", include=set(fields)) for one in (old, new))
    if set(before.get("custodians") or []) == set(after.get("custodians") or []):
        before.pop("custodians", None)
        after.pop("custodians", None)
    found = differences(before, after)
    by_field = {pointer.split("/")[1] for pointer, _, _ in found}
    return [Difference(field=name, old=before.get(name), new=after.get(name)) for name in fields if name in by_field]


def _aims(indicator: IndicatorState, same_plan: bool) -> set[tuple[Any, ...]]:
    """What is asked for where: of two plans without the phases, which are never the same."""
    return {
        (
            target.phase if same_plan else None,
            target.place,
            target.operator,
            target.value,
            target.category,
            tuple((part.name, part.operator, part.value) for part in target.parts or []),
        )
        for target in indicator.targets
    }


def _aim(target: Target) -> Aim:
    return Aim(
        phase=target.phase,
        place=target.place,
        text=target.text,
        operator=target.operator,
        value=None if target.value is None else str(target.value),
        category=target.category,
    )


def _listed(indicator: IndicatorState) -> Listed:
    return Listed(code=indicator.code, title=indicator.title, area=indicator.area)
