"""How long recruitment takes, in calendar days. Each metric has its own two ends and its own vacancies, and they are never merged.

What must not break: a vacancy that is still open is never a duration of zero or of today; it is censored, which is what the median
after Kaplan and Meier is for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from shared.events.hr_diversity import Track
from shared.figures import round_half_up

Day = Literal["posted", "closed", "selected", "on_post"]


@dataclass(frozen=True, slots=True)
class Metric:
    """Days from `start` to `end` of the vacancies of `track`, of its key positions only where `key_positions`.

    Without `start` and `end` its source does not say what it counts: such a metric is a published figure and is never computed.
    """

    code: str
    title: str
    source: str
    track: Track
    start: Day | None = None
    end: Day | None = None
    key_positions: bool = False

    @property
    def concepts(self) -> tuple[str, str]:
        """The words by which sources are compared: of the figure, and of its target."""
        word = self.code.replace("_", "-")
        return word, f"{word}-target"


HR_STRATEGY = "Human Resources Strategy 2022-25, progress 2022, paragraph 7"
METRICS = (
    Metric(
        "raps_close_to_selection",
        "From the close of the vacancy announcement to the selection decision, posts advertised through RAPS",
        HR_STRATEGY,
        "raps",
        "closed",
        "selected",
    ),
    Metric(
        "dc_posting_to_on_post",
        "From the posting of the vacancy to the selected candidate being on post, key positions of development cooperation projects",
        HR_STRATEGY,
        "development_cooperation",
        "posted",
        "on_post",
        key_positions=True,
    ),
    Metric(
        "dc_selection_to_on_post",
        "From the selection decision to the selected candidate being on post, all development cooperation positions",
        HR_STRATEGY,
        "development_cooperation",
        "selected",
        "on_post",
    ),
    Metric(
        "dc_recruitment_time",
        "Recruitment time of development cooperation staff; its source does not state from when to when",
        "Programme implementation 2020-21, box 36",
        "development_cooperation",
    ),
)


class Spell(NamedTuple):
    """One vacancy from the start of a metric to its end, or to its being cancelled; None: not yet."""

    start: date
    end: date | None
    cancelled: date | None = None


class Stay(NamedTuple):
    """Days from the start at which a vacancy came under observation (None: from the start on) and left it, and whether it ended then."""

    entered: int | None
    left: int
    ended: bool


@dataclass(frozen=True, slots=True)
class Durations:
    """`n`, mean and median are of the vacancies that ended in the period; `n_open` began and had neither ended nor been cancelled at
    its end. Mean to one decimal, half up; None where n is 0.
    """

    n: int
    mean: Decimal | None
    median: Decimal | None
    n_open: int
    n_cancelled: int
    kaplan_meier_median: int | None


def measure(spells: Iterable[Spell], since: date | None, until: date) -> Durations:
    """As it was at the end of `until`: what happened later is not known yet."""
    ended: list[int] = []
    stays: list[Stay] = []
    n_open = n_cancelled = 0
    for spell in spells:
        left = min((day for day in (spell.end, spell.cancelled) if day is not None), default=None)
        if spell.start > until or (left is not None and left < max(spell.start, since or spell.start)):
            continue  # not begun; over before the period; or cancelled before an announced day came
        entered = (since - spell.start).days if since is not None and spell.start < since else None
        if left is None or left > until:
            n_open += 1
            stays.append(Stay(entered, (until - spell.start).days, ended=False))
        elif spell.end == left:
            ended.append((left - spell.start).days)
            stays.append(Stay(entered, ended[-1], ended=True))
        else:
            n_cancelled += 1
            stays.append(Stay(entered, (left - spell.start).days, ended=False))
    mean = round_half_up(Decimal(sum(ended)) / len(ended)) if ended else None
    return Durations(len(ended), mean, find_median(ended), n_open, n_cancelled, find_kaplan_meier_median(stays))


def find_median(days: Sequence[int]) -> Decimal | None:
    """The middle one, or half of the two in the middle; exact."""
    if not days:
        return None
    ordered = sorted(days)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return Decimal(low + high) / 2


def find_kaplan_meier_median(stays: Sequence[Stay]) -> int | None:
    """The first day by which at least half would have ended, were none censored; None where it is not reached.

    The product-limit estimate of Kaplan and Meier (1958), with late entry: a vacancy that began before the period is at risk only from
    the age that it had when the period began, since had it ended earlier it would not be seen. Open and cancelled ones are censored.
    """
    surviving = Fraction(1)
    for day in sorted({stay.left for stay in stays if stay.ended}):
        at_risk = sum(stay.left >= day and (stay.entered is None or stay.entered <= day) for stay in stays)
        ended = sum(stay.left == day and stay.ended for stay in stays)
        surviving *= Fraction(at_risk - ended, at_risk)
        if surviving <= Fraction(1, 2):
            return day
    return None
