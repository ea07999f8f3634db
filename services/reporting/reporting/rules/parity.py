"""How far a group of women and men is from parity, what changed since the snapshot before, and where a share is going.

Exact: counts are whole numbers, shares are fractions, and each figure is rounded once. What must not break: nothing is worked out of a
figure that is withheld, or out of two that are drawn by different rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import takewhile
from typing import Any

from shared.figures import as_number, round_half_up

HUNDRED = 100
GOAL = Fraction(50)


@dataclass(frozen=True, slots=True)
class Band:
    """A group is at parity from `lower` to `upper` per cent of women, both included, by its unrounded share."""

    lower: Decimal
    upper: Decimal

    def told(self) -> dict[str, int | float]:
        return {"from": as_number(self.lower), "to": as_number(self.upper), "goal": int(GOAL)}


def percent(line: Mapping[str, Any] | None) -> Fraction | None:
    """Women among women and men, unrounded; None where they are withheld or nobody is there."""
    if line is None or line["women"] is None or line["men"] is None or not line["women"] + line["men"]:
        return None
    return Fraction(HUNDRED * line["women"], line["women"] + line["men"])


def stand(line: Mapping[str, Any], band: Band) -> dict[str, Any] | None:
    """{"state", "women_needed", "men_needed"}: so many men replaced by women, or women by men, bring the share into the band.

    Both are None where no split of so few people lies in it. None where there is no share. Source: "number of men or women needed" of
    the UN system-wide dashboard on gender parity.
    """
    share = percent(line)
    if share is None:
        return None
    women, people = line["women"], line["women"] + line["men"]
    least, most = -(-Fraction(band.lower) * people // HUNDRED), Fraction(band.upper) * people // HUNDRED
    state = "below" if share < band.lower else "above" if share > band.upper else "at_parity"
    if least > most:
        return {"state": state, "women_needed": None, "men_needed": None}
    return {"state": state, "women_needed": max(0, int(least) - women), "men_needed": max(0, women - int(most))}


def change(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, Any] | None:
    """{"points", "women", "men"} from `before` to `after`, points of per cent half up to one decimal; None where one has no share."""
    was, now = percent(before), percent(after)
    if before is None or was is None or now is None:
        return None
    return {
        "points": as_number(round_half_up(now - was)),
        "women": after["women"] - before["women"],
        "men": after["men"] - before["men"],
    }


def trend(series: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """{"from", "to", "points", "per_year", "projected_year"} over the last unbroken run of one rule; None where that is one day or none.

    per_year = (last share - first share) / years between, half up to two decimals. projected_year = last year + (50 - share) / per_year,
    to the nearest; None where the share does not rise, or is there. Source: A/69/346.
    """
    if not series:
        return None
    alike = takewhile(lambda one: percent(one) is not None and one["rule"] == series[-1]["rule"], reversed(series))
    run = list(alike)[::-1]
    if len(run) < 2:  # noqa: PLR2004 (a change has two ends)
        return None
    first, last = percent(run[0]), percent(run[-1])
    begun, ended = year_of(run[0]["as_of"]), year_of(run[-1]["as_of"])
    if first is None or last is None or begun == ended:
        return None
    increment = (last - first) / (ended - begun)
    rises = increment > 0 and last < GOAL
    return {
        "from": run[0]["as_of"],
        "to": run[-1]["as_of"],
        "points": len(run),
        "per_year": as_number(round_half_up(increment, 2)),
        "projected_year": int((ended + (GOAL - last) / increment + Fraction(1, 2)) // 1) if rises else None,
    }


def year_of(day: str) -> Fraction:
    """The year, as the number that its last day has: 31 December 2013 is 2013."""
    of = date.fromisoformat(day)
    return of.year - 1 + Fraction(of.timetuple().tm_yday, (date(of.year + 1, 1, 1) - date(of.year, 1, 1)).days)
