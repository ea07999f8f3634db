"""The share of women over the snapshots as a drawing, with the table that says the same.

What must not break: a line never bridges a figure that is withheld.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html import escape
from itertools import groupby
from math import ceil
from typing import Any, Self

from hr_diversity.rules import scorecard_words as words
from hr_diversity.rules.parity import year_of
from hr_diversity.schemas.scorecards import Scorecard, TrendPoint

WIDTH, HEIGHT = 440, 210
LEFT, RIGHT, TOP, BOTTOM = 30, 84, 12, 26
STEP = 10
MOST_RULES = 5
APART = 16
"""between two lines of text"""
SOFT, LINE, WOMEN, SENIOR, BAND = "#4c5766", "#e2dfd8", "#6b3d8f", "#a3541a", "#e6edf6"
"""For paper; the page has its own for dark screens, by the classes."""
FONT = 'font-family="Inter, system-ui, sans-serif" font-size="13"'

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plot:
    """From `low` to `high` per cent, and from the year `first` to `last`."""

    low: int
    high: int
    first: Fraction
    last: Fraction

    @classmethod
    def of(cls, points: Sequence[TrendPoint], lower: Decimal, upper: Decimal) -> Self:
        known = [share for one in points for share in (one.share, one.senior_share) if share is not None]
        low = min(*known, lower) // STEP * STEP
        high = ceil(max(*known, upper) / STEP) * STEP
        return cls(int(low), high, year_of(points[0].as_of), year_of(points[-1].as_of))

    def x(self, day: date) -> float:
        along = (year_of(day) - self.first) / ((self.last - self.first) or 1)
        return round(LEFT + float(along) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, share: Decimal | int) -> float:
        down = Fraction(self.high - Fraction(share)) / (self.high - self.low)
        return round(TOP + float(down) * (HEIGHT - TOP - BOTTOM), 1)


def draw_trend(card: Scorecard) -> dict[str, Any]:
    """`svg` is None where there are not two points to draw a line between. `rows` are all points, the latest first."""
    shares = [one for one in card.trend if one.share is not None]
    drawn = len(shares) > 1
    alt = _alt(shares) if drawn else ""
    return {
        "svg": _svg(card, alt) if drawn else None,
        "alt": alt,
        "senior": any(one.senior_share is not None for one in card.trend),
        "rows": [
            {
                "day": words.day(one.as_of),
                "women": words.count(one.women),
                "men": words.count(one.men),
                "share": words.percent(one.share),
                "senior": words.percent(one.senior_share),
            }
            for one in reversed(card.trend)
        ],
    }


def _alt(shares: Sequence[TrendPoint]) -> str:
    said = [f"{words.percent(one.share)} per cent on {words.day(one.as_of)}" for one in (shares[0], shares[-1])]
    return f"Share of women: {said[0]}, {said[1]}."


def _svg(card: Scorecard, alt: str) -> str:
    points = card.trend
    plot = Plot.of(points, card.policy.lower, card.policy.upper)
    women = [None if one.share is None else (plot.x(one.as_of), plot.y(one.share)) for one in points]
    senior = [None if one.senior_share is None else (plot.x(one.as_of), plot.y(one.senior_share)) for one in points]
    top, bottom = plot.y(card.policy.upper), plot.y(card.policy.lower)
    size = f'width="{WIDTH - LEFT - RIGHT}" height="{bottom - top:.1f}"'
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(alt)}">',
        f'<rect class="band" x="{LEFT}" y="{top}" {size} fill="{BAND}"/>',
        *_scale(plot),
        *_days(plot, points),
        *_line("senior", SENIOR, senior, ' stroke-dasharray="5 4"'),
        *_line("women", WOMEN, women),
        *_labels(plot, points[-1]),
        "</svg>",
    ]
    return "".join(drawn)


def _scale(plot: Plot) -> Iterator[str]:
    step = STEP if plot.high - plot.low <= MOST_RULES * STEP else 2 * STEP
    for share in range(plot.low, plot.high + 1, step):
        y = plot.y(share)
        yield f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="{LINE}"/>'
        yield f'<text class="scale" x="{LEFT - 8}" y="{y + 4.5}" text-anchor="end" fill="{SOFT}" {FONT}>{share}</text>'


def _days(plot: Plot, points: Sequence[TrendPoint]) -> Iterator[str]:
    """Under the axis, as far as they have room, the latest first; a snapshot of the last day of a year is called by that year."""
    free = float(WIDTH)
    for one in reversed(points):
        x = plot.x(one.as_of)
        said = f"{one.as_of:%Y}" if (one.as_of.month, one.as_of.day) == (12, 31) else f"{one.as_of:%b %Y}"
        if x + 4 * len(said) <= free:
            yield f'<text class="scale" x="{x}" y="{HEIGHT - 6}" text-anchor="middle" fill="{SOFT}" {FONT}>{said}</text>'
            free = x - 4 * len(said) - 8


def _line(name: str, colour: str, places: Sequence[Place | None], dash: str = "") -> Iterator[str]:
    for known, run in groupby(places, key=lambda place: place is not None):
        marks = [place for place in run if place is not None]
        if known and len(marks) > 1:
            path = " ".join(f"{x},{y}" for x, y in marks)
            yield f'<polyline class="{name}" points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"{dash}/>'
        for x, y in marks:
            yield f'<circle class="{name}" cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>'


def _labels(plot: Plot, last: TrendPoint) -> Iterator[str]:
    """The words at the ends of the lines, one never on the other."""
    ends = [
        (plot.y(share), name, colour, f"{said} {words.percent(share)} %")
        for name, colour, said, share in (
            ("women", WOMEN, "All", last.share),
            ("senior", SENIOR, "P5+", last.senior_share),
        )
        if share is not None
    ]
    ends.sort()
    close = max(APART - (ends[-1][0] - ends[0][0]), 0) / 2 if len(ends) > 1 else 0
    for turn, (y, name, colour, said) in enumerate(ends):
        at = y + 4.5 + (close if turn else -close)
        yield (
            f'<text class="{name}" x="{WIDTH - RIGHT + 9}" y="{at:.1f}" fill="{colour}" font-weight="600" {FONT}>'
            f"{escape(said)}</text>"
        )
