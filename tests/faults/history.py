"""What happened, and whether it may have: the record of every client call, and the checker that reads it afterwards.

A call is invoked and later acknowledged, refused, or unknown (the connection broke, or the service answered 5xx). Calls with one
`key` are tries of one change. The checker compares this record with three sides: the source, the log of the bus, and the view with
a live client of it. What it holds them to:
- every acknowledged change is on all sides, once, under the number that the client was told;
- what nobody asked for, or what was refused to all its tries, is nowhere; an unknown change is there once or not at all, and on all
  sides alike;
- a change that was acknowledged before another was asked for comes before it;
- on the bus the versions of each aggregate are 1, 2, 3 ... when repeats are left out, and a version never has two contents;
- the view has every aggregate in the source's version with the source's content, and the live client ended with what the view shows.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["acknowledged", "unknown", "refused"]
Side = Literal["source", "bus", "view"]
Numbered = dict[str, list[tuple[int, str]]]
"""for each aggregate (number, key) of every change in effect, in the side's own order"""
Heads = dict[str, tuple[int, str]]
"""for each aggregate (version, digest)"""


@dataclass
class Call:
    key: str
    aggregate: str
    client: str
    invoked: int
    completed: int | None = None
    outcome: Outcome = "unknown"
    number: int | None = None


@dataclass
class Change:
    """All calls of one key."""

    key: str
    aggregate: str
    calls: list[Call] = field(default_factory=list)

    @property
    def invoked(self) -> int:
        return min(call.invoked for call in self.calls)

    @property
    def acknowledged(self) -> Call | None:
        return next((call for call in self.calls if call.outcome == "acknowledged"), None)

    @property
    def possible(self) -> bool:
        """Whether it may be in effect."""
        return any(call.outcome != "refused" for call in self.calls)


class History:
    """Every call in order of its beginning. Instants are counted, not timed: no clock takes part in the judgement."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._now = 0

    def _tick(self) -> int:
        self._now += 1
        return self._now

    def invoke(self, key: str, aggregate: str, client: str = "") -> Call:
        call = Call(key, aggregate, client, self._tick())
        self.calls.append(call)
        return call

    def complete(self, call: Call, outcome: Outcome, number: int | None = None) -> None:
        call.completed, call.outcome, call.number = self._tick(), outcome, number

    def changes(self) -> dict[str, Change]:
        found: dict[str, Change] = {}
        for call in self.calls:
            found.setdefault(call.key, Change(call.key, call.aggregate)).calls.append(call)
        return found

    @property
    def acknowledged(self) -> int:
        return sum(call.outcome == "acknowledged" for call in self.calls)

    @property
    def unknown(self) -> int:
        return sum(call.outcome == "unknown" for call in self.calls)


@dataclass(frozen=True)
class Logged:
    """One event on the bus. `number` and `key` are of the change that it states; None where it states none."""

    aggregate: str
    sequence: int
    id: str
    number: int | None = None
    key: str | None = None


@dataclass
class Evidence:
    """What the sides hold when all is quiet. `watched` is what the live client knows last of each aggregate, `shown` what the view shows."""

    source: Numbered
    view: Numbered
    log: Sequence[Logged]
    source_heads: Heads
    view_heads: Heads
    shown: dict[str, str] = field(default_factory=dict)
    watched: dict[str, str] = field(default_factory=dict)
    watched_backwards: int = 0


@dataclass(frozen=True)
class Violation:
    kind: Literal["lost", "doubled", "reordered", "ghost", "gap", "forked", "stale view", "stale client"]
    sentence: str


def violations(history: History, evidence: Evidence) -> list[Violation]:
    """Everything that contradicts the history; nothing is what a test wants."""
    stated = [(entry.aggregate, entry.number, entry.key) for entry in _once(evidence.log) if entry.key is not None]
    bus: Numbered = {}
    for aggregate, number, key in stated:
        bus.setdefault(aggregate, []).append((number or 0, key or ""))
    return [
        *_effects(history, "source", evidence.source),
        *_effects(history, "bus", bus),
        *_effects(history, "view", evidence.view),
        *_one_truth(history, {"source": evidence.source, "bus": bus, "view": evidence.view}),
        *_versions(evidence),
        *_heads(evidence),
        *_client(evidence),
    ]


def _once(log: Sequence[Logged]) -> list[Logged]:
    """The log without repeats of a version, each at its first place."""
    first: dict[tuple[str, int], Logged] = {}
    for entry in log:
        first.setdefault((entry.aggregate, entry.sequence), entry)
    return list(first.values())


def _effects(history: History, side: Side, effects: Numbered) -> Iterator[Violation]:
    changes = history.changes()
    counted = Counter(key for entries in effects.values() for _, key in entries)
    for key, count in counted.items():
        if count > 1:
            yield Violation("doubled", f"{key} is in effect {count} times at the {side}")
        if key not in changes or not changes[key].possible:
            yield Violation("ghost", f"{key} is in effect at the {side}, and nobody asked for it with success")
    for key, change in changes.items():
        if change.acknowledged and not counted[key]:
            yield Violation("lost", f"{key} was acknowledged and is not at the {side}")
    for aggregate, entries in effects.items():
        numbers = [number for number, _ in entries]
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield Violation("gap", f"{aggregate} has the numbers {shorten(sorted(numbers))} at the {side}")
        if numbers != sorted(numbers):
            yield Violation("reordered", f"{aggregate} has the order {shorten(numbers)} at the {side}")
        yield from _order(changes, side, aggregate, entries)


def _order(
    changes: dict[str, Change], side: Side, aggregate: str, entries: list[tuple[int, str]]
) -> Iterator[Violation]:
    """Against real time: of two changes, one acknowledged before the other was asked for, the first has the lower number."""
    earliest_end = 0  # of those with a higher number
    for number, key in sorted(entries, reverse=True):
        change = changes.get(key)
        if change is None:
            continue
        told = change.acknowledged
        if told is not None and told.number not in {None, number}:
            yield Violation(
                "reordered", f"{key} of {aggregate} was told number {told.number} and is {number} at the {side}"
            )
        if earliest_end and change.invoked > earliest_end:
            yield Violation(
                "reordered", f"{key} of {aggregate} stands before what ended before it began, at the {side}"
            )
        if told is not None and told.completed is not None:
            earliest_end = min(earliest_end or told.completed, told.completed)


def _one_truth(history: History, sides: dict[Side, Numbered]) -> Iterator[Violation]:
    """An unknown change took effect everywhere or nowhere."""
    present = {side: {key for entries in effects.values() for _, key in entries} for side, effects in sides.items()}
    for key, change in history.changes().items():
        where = [side for side, keys in present.items() if key in keys]
        if change.acknowledged is None and where and len(where) < len(sides):
            kind: Literal["lost", "ghost"] = "lost" if "source" in where else "ghost"
            yield Violation(kind, f"{key} was never answered and is in effect at the {' and the '.join(where)} only")


def _versions(evidence: Evidence) -> Iterator[Violation]:
    contents: dict[tuple[str, int], set[str]] = {}
    reached: dict[str, int] = {}
    for entry in evidence.log:
        contents.setdefault((entry.aggregate, entry.sequence), set()).add(entry.id)
        expected = reached.get(entry.aggregate, 0) + 1
        if entry.sequence > expected:
            yield Violation("gap", f"{entry.aggregate} goes from version {expected - 1} to {entry.sequence} on the bus")
        reached[entry.aggregate] = max(expected - 1, entry.sequence)
    for (aggregate, sequence), ids in contents.items():
        if len(ids) > 1:
            yield Violation("forked", f"{aggregate} has {len(ids)} events of version {sequence} on the bus")
    for aggregate, (sequence, _) in evidence.source_heads.items():
        if reached.get(aggregate, 0) < sequence:
            yield Violation("lost", f"{aggregate} is in version {sequence}, the bus has {reached.get(aggregate, 0)}")
    for aggregate, sequence in reached.items():
        if evidence.source_heads.get(aggregate, (0, ""))[0] < sequence:
            yield Violation("ghost", f"the bus has version {sequence} of {aggregate}, its service has not")


def _heads(evidence: Evidence) -> Iterator[Violation]:
    for aggregate, head in evidence.source_heads.items():
        shown = evidence.view_heads.get(aggregate)
        if shown != head:
            has = f"version {shown[0]}" if shown else "nothing"
            other = " with other content" if shown and shown[0] == head[0] else ""
            yield Violation("stale view", f"{aggregate} is in version {head[0]}, the view has {has}{other}")
    for aggregate in evidence.view_heads.keys() - evidence.source_heads.keys():
        yield Violation("ghost", f"the view has {aggregate}, its service has not")


def _client(evidence: Evidence) -> Iterator[Violation]:
    for aggregate, state in evidence.shown.items():
        known = evidence.watched.get(aggregate)
        if known != state:
            yield Violation("stale client", f"{aggregate} is {state}, the live client ended with {known or 'nothing'}")
    if evidence.watched_backwards:
        yield Violation("reordered", f"the live client was sent back in time {evidence.watched_backwards} times")


def shorten(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:12])) + (" ..." if len(numbers) > 12 else "")


def check(history: History, evidence: Evidence) -> None:
    """Says what was seen. Raises AssertionError that names every violation."""
    calls = f"{len(history.calls)} calls, {history.acknowledged} acknowledged, {history.unknown} unknown"
    found = violations(history, evidence)
    print(f"{calls}; {len(evidence.log)} events; {len(found)} violations")  # also where cleaning up hides the error
    assert not found, "\n".join(f"{one.kind}: {one.sentence}" for one in found[:40])
