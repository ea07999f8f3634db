"""How many meetings of Deputy Directors-General had a scorecard on their agenda: the plan's indicator, counted by biennium.

What must not break: a count says nothing about anybody, so small ones are shown; and what is entered late, or withdrawn, changes the
counts of all later days of the biennium.
"""

from collections.abc import Iterable
from datetime import date

CODE = "scorecards-tabled"
SOURCE = "scorecards"
RULE = f"{CODE}/1"
TITLE = "Meetings held by Deputy Directors-General with the scorecard on the agenda"
EVERYWHERE = "global"

Meeting = tuple[str, date, str]
"""Portfolio, day, and what it was called: two cards at one meeting are one meeting."""


def biennium_of(day: date) -> tuple[date, date]:
    """Its first and its last day; bienniums begin with even years."""
    first = day.year - day.year % 2
    return date(first, 1, 1), date(first + 1, 12, 31)


def name_of(day: date) -> str:
    """As plans write it: 2020-21."""
    first, last = biennium_of(day)
    return f"{first.year}-{last.year % 100:02}"


def counts_from(
    meetings: Iterable[Meeting], day: date, drawn: Iterable[tuple[str, date]]
) -> dict[tuple[str, date], int]:
    """(place, day) -> meetings since the biennium began, for each day from `day` on that has a meeting or a count drawn before.

    `meetings` are those of the biennium; `drawn` are place and day of the counts that exist: one whose last meeting was withdrawn
    falls to what was before.
    """
    known = list(meetings)
    wanted = {(place, on) for place, on in drawn if on >= day}
    for portfolio, on, _ in known:
        if on >= day:
            wanted |= {(f"portfolio:{portfolio}", on), (EVERYWHERE, on)}
    return {
        (place, on): sum(
            1 for portfolio, held, _ in known if held <= on and place in {EVERYWHERE, f"portfolio:{portfolio}"}
        )
        for place, on in sorted(wanted)
    }
