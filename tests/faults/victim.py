"""A service that dies, or freezes, at a named point: `python -m tests.faults.victim <package> --point NAME --nth N`.

It is `shared.serve` itself, in a real process on a real socket; the point is a wrapper laid around a function from outside, so the
service holds no hook for it. Without `--point` it only serves. Ends with the process that started it.
"""

import argparse
import ctypes
import importlib
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from shared import outbox, rebuild, runner, serve
from shared.applying import Applier, Batch
from shared.cloudevents import Envelope
from shared.kafka_bus import KafkaBus
from shared.postgres_bus import PostgresBus

Reach = Callable[[], None]


def make_reach(nth: int, number: signal.Signals) -> Reach:
    """A function whose nth call sends the signal to this very process, in the middle of whatever it does."""
    reached = 0

    def reach() -> None:
        nonlocal reached
        reached += 1
        if reached == nth:
            os.kill(os.getpid(), number)

    return reach


def before_commit(reach: Reach) -> None:
    """The state and its outbox row are written, and not committed."""
    event.listen(Session, "before_commit", lambda session: session.info.get("recorded") and reach())


def after_commit(reach: Reach) -> None:
    """The state and its outbox row are committed, and the caller has no answer yet."""
    event.listen(Session, "after_commit", lambda session: session.info.get("recorded") and reach())


def between_publish_and_mark(reach: Reach) -> None:
    """The bus has acknowledged a batch, and the outbox does not know."""

    async def publish(original: Any, bus: Any, topic: str, envelopes: Sequence[Envelope]) -> None:
        await original(bus, topic, envelopes)
        reach()

    _around_publish(publish)


def in_mid_batch(reach: Reach) -> None:
    """The bus has acknowledged the first half of a batch of two or more."""

    async def publish(original: Any, bus: Any, topic: str, envelopes: Sequence[Envelope]) -> None:
        half = len(envelopes) // 2
        if half:
            await original(bus, topic, envelopes[:half])
            reach()
        await original(bus, topic, envelopes[half:])

    _around_publish(publish)


def _around_publish(wrapper: Callable[..., Any]) -> None:
    for kind in (PostgresBus, KafkaBus):
        original = kind.publish

        async def publish(bus: Any, topic: str, envelopes: Sequence[Envelope], original: Any = original) -> None:
            await wrapper(original, bus, topic, envelopes)

        kind.publish = publish


def between_view_and_position(reach: Reach) -> None:
    """The handlers have written (a view, or the result of a measure), the positions are not written."""
    _before_note(lambda applier, batch: batch.fresh and not applier.schema and reach())


def before_view_commit(reach: Reach) -> None:
    """View, positions and change feed are written, and not committed."""

    def mark(applier: Applier, batch: Batch, session: Any) -> None:
        session.info["noted"] = bool(batch.fresh) and not applier.schema

    _before_note(mark, with_session=True)
    event.listen(Session, "before_commit", lambda session: session.info.get("noted") and reach())


def in_mid_rebuild(reach: Reach) -> None:
    """A batch of a rebuild is in the shadow tables, and not committed; with a second reach those before it are."""
    _before_note(lambda applier, batch: batch.fresh and applier.schema and reach())


def _before_note(look: Callable[..., Any], *, with_session: bool = False) -> None:
    original = Applier._note

    async def note(applier: Applier, session: Any, batch: Batch, moved: Any) -> None:
        look(applier, batch, *([session] if with_session else []))
        await original(applier, session, batch, moved)

    Applier._note = note


def after_view_commit(reach: Reach) -> None:
    """View, positions and change feed are committed, and nobody was told."""
    original = Applier._count

    def count(applier: Applier, batch: Batch) -> None:
        if batch.fresh and not applier.schema:
            reach()
        original(applier, batch)

    Applier._count = count


def before_rebuild_commit(reach: Reach) -> None:
    """All rows of a rebuilt view have been put in the place of the old ones, and not committed."""
    service = importlib.import_module("reporting.main").service
    original = service.announce

    async def announce(session: Any, view: str) -> None:
        await original(session, view)
        reach()

    object.__setattr__(service, "announce", announce)  # a frozen dataclass


def after_statement(words: str) -> Callable[[Reach], None]:
    """A statement that has these words was executed, and is not committed."""

    def arm(reach: Reach) -> None:
        def executed(_: Any, __: Any, statement: str, *___: Any) -> None:
            if re.search(words, statement, re.DOTALL):
                reach()

        event.listen(Engine, "after_cursor_execute", executed)

    return arm


def in_mid_file(reach: Reach) -> None:
    """Some of a staff file has been read, and of that nothing is stored."""
    taking = importlib.import_module("hr_diversity.intake.taking").Intake
    original = taking.take

    def take(intake: Any, block: bytes) -> None:
        original(intake, block)
        reach()

    taking.take = take


POINTS: dict[str, Callable[[Reach], None]] = {
    "before-commit": before_commit,
    "after-commit": after_commit,
    "between-publish-and-mark": between_publish_and_mark,
    "in-mid-batch": in_mid_batch,
    "between-result-and-position": between_view_and_position,
    "between-view-and-position": between_view_and_position,
    "before-view-commit": before_view_commit,
    "after-view-commit": after_view_commit,
    "in-mid-rebuild": in_mid_rebuild,
    "before-rebuild-commit": before_rebuild_commit,
    "in-mid-file": in_mid_file,
    "head-is-locked": after_statement("FROM snapshot_heads.*FOR UPDATE"),
    "snapshot-is-added": after_statement("INSERT INTO snapshots "),
    "rows-are-stored": after_statement("INSERT INTO snapshot_chunks"),
    "measures-are-stored": after_statement("INSERT INTO measures"),
    "event-is-recorded": after_statement("INSERT INTO outbox"),
    "part-is-stored": after_statement("INSERT INTO upload_parts"),
    "upload-is-changed": after_statement("UPDATE uploads SET"),
    "parts-are-deleted": after_statement("DELETE FROM upload_parts"),
    "rows-are-deleted": after_statement("DELETE FROM snapshot_chunks"),
}


def die_with_starter() -> None:
    """SIGKILL when the starting process is gone, whatever ended it (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.victim", description=__doc__)
    parser.add_argument("package", help="indicators, hr_diversity, recommendations or reporting")
    parser.add_argument("--point", choices=sorted(POINTS), help="where it dies; nowhere where it is absent")
    parser.add_argument("--nth", type=int, default=1, help="at which reach of the point (1)")
    parser.add_argument("--signal", default="SIGKILL", choices=["SIGKILL", "SIGSTOP"], help="what it sends itself")
    parser.add_argument("--lease", type=float, help="seconds of every lease, instead of the service's own")
    parser.add_argument("--batch", type=int, help="events of a rebuild's batch, instead of the service's own")
    given = parser.parse_args()
    die_with_starter()
    if given.lease is not None:
        outbox.LEASE_SECONDS = runner.LEASE_SECONDS = rebuild.LEASE_SECONDS = given.lease
    if given.batch is not None:
        rebuild.BATCH = given.batch
    if given.point is not None:
        POINTS[given.point](make_reach(given.nth, signal.Signals[given.signal]))
    sys.argv = ["shared.serve", given.package]
    serve.main()


if __name__ == "__main__":
    main()
