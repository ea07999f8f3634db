"""The tree of a plan's areas."""

from collections.abc import Sequence

from shared.events.indicators import Area


def within(areas: Sequence[Area]) -> dict[str, set[str]]:
    """For each area the codes of itself and of all areas below it, in a tree of any depth.

    A parent that is none of `areas` counts as no parent, and one that is below its own child ends where it began.
    """
    below: dict[str, list[str]] = {}
    for area in areas:
        if area.parent is not None:
            below.setdefault(area.parent, []).append(area.code)
    found = {}
    for area in areas:
        reached, waiting = {area.code}, [area.code]
        while waiting:
            fresh = [code for code in below.get(waiting.pop(), []) if code not in reached]
            reached.update(fresh)
            waiting += fresh
        found[area.code] = reached
    return found
