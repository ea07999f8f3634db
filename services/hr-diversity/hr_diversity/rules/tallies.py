"""What may be shown of a register's counts, beside what is shown already, and when they cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hr_diversity.rules.suppression import Counts, Figures, are_near, is_small, protect, show
from hr_diversity.rules.vacancies import Fault
from shared.figures import share

NOTHING = show(Counts(0, 0, 0), closed=True, partly=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """Women and men of `total` and of its groups; or, of a rate, `numerator` of `denominator` (then women and men are not counted)."""

    total: Figures
    groups: Mapping[str, Figures] = field(default_factory=dict)
    dimension: str | None = None
    numerator: int | None = None
    denominator: int | None = None
    suppressed: bool = False
    share: Decimal | None = None


def show_nothing() -> "Shown":
    """Of an entry whose figures are too near to others that are out."""
    return Shown(NOTHING, suppressed=True)


def show_participation(counts: Counts, k: int) -> Shown:
    total, _ = protect({"all": counts}, k)
    return Shown(total, suppressed=total.suppressed, share=total.share)


def show_exits(reasons: Mapping[str, Counts], k: int) -> Shown:
    total, groups = protect(reasons, k)
    return Shown(total, groups, "reason", suppressed=total.suppressed, share=total.share)


def show_rate(completed: int, of: int, k: int) -> Shown:
    """Withheld where few have completed, few have not, or few were to: the few who have not are a group like any other."""
    small = any(is_small(count, k) for count in (completed, of - completed, of))
    if small:
        return Shown(NOTHING, suppressed=True)
    return Shown(NOTHING, numerator=completed, denominator=of, share=share(completed, of))


def may_follow(before: Mapping[str, Any], after: Mapping[str, Any], k: int) -> bool:
    """Whether figures of both can be shown: each count of people is the same, or another by k or more. Else their difference is few."""
    first, second = _counts(before), _counts(after)
    nobody = dict.fromkeys(first.keys() | second.keys(), 0)
    return not are_near(nobody | first, nobody | second, k)


def _counts(said: Mapping[str, Any]) -> dict[str, int]:
    """Every count of people that can be seen in an entry, or worked out."""
    if "of" in said:
        return {"completed": said["completed"], "not completed": said["of"] - said["completed"], "of": said["of"]}
    groups = said.get("reasons", {"": said})
    return {
        f"{group} {sex}": counts.get(sex, 0) for group, counts in groups.items() for sex in ("women", "men", "other")
    }


def find_faults(said: Mapping[str, Any], today: date) -> list[Fault]:
    """All that is wrong with an entry that has the fields of a request."""
    faults = []
    if said["as_of"] > today + timedelta(days=1):  # it is tomorrow somewhere
        faults.append(Fault("as_of", str(said["as_of"]), "is still to come"))
    if "since" in said and said["since"] > said["as_of"]:
        faults.append(Fault("since", str(said["since"]), f"is after the last day, {said['as_of']}"))
    if "of" in said and said["completed"] > said["of"]:
        faults.append(Fault("completed", said["completed"], f"is more than the {said['of']} who were to"))
    if "reasons" in said and said["interviews"] > sum(sum(counts.values()) for counts in said["reasons"].values()):
        faults.append(Fault("interviews", said["interviews"], "are more than those who left"))
    return faults
