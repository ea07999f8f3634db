"""What every projection must do, whichever view it keeps: one suite, inherited by a class per projection.

    class TestCards(ProjectionSuite):
        service = main.service                    # whose migrations make the tables
        projection = cards.projection

        def facts(self) -> list[Envelope]:        # in the order of their statement; at least two aggregates with two events each
            return [
                envelope(PlanDefined(...), "apge-2018-21", 1),
                envelope(PlanDefined(...), "apge-2018-21", 2),
                envelope(IndicatorDefined(...), "apge-2018-21:1.1", 1),
                envelope(IndicatorDefined(...), "apge-2018-21:1.1", 2),
            ]

        async def rows(self, session) -> list:    # only where a column says when it was written
            return [...]

A fact's topic follows from its type: `indicators.plan-defined.v1` is stated on `apge.indicators`. The events of one aggregate must
all be of types that the projection listens to, and one event more or less must show in the rows. Two tests need handlers that keep
what was said before (`keeps_history = True`) or views of several aggregates; the suite says which.
"""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.app import Service
from shared.applying import Applier, Superseded
from shared.bus import Delivery, EventBus, Partition
from shared.cloudevents import Envelope
from shared.database import Database, connect
from shared.events.base import Event, topic_of
from shared.postgres_bus import PostgresBus
from shared.projection import Projection, Subscriber
from shared.rebuild import RebuildRuns, rebuild
from shared.runner import Runner, begin_positions, read_positions
from shared.telemetry import Metrics, new_id
from shared.testing import Postgres, wait_until
from shared.workers import Worker

Rows = list[Any]


def envelope(event: Event, key: str, sequence: int, time: str = "2026-11-22T10:00:00+00:00", **more: Any) -> Envelope:
    """`event` as its service would state it."""
    given = {
        "id": new_id(),
        "type": event.type,
        "source": f"/{event.type.partition('.')[0]}",
        "subject": f"{event.aggregate}/{key}",
        "time": time,
        "sequence": sequence,
        "data": event.model_dump_json().encode(),
        "actor": "custodian:HRD",
    }
    return Envelope(**{**given, **more})


def topic_for(one: Envelope) -> str:
    return topic_of(one.type.partition(".")[0])


def again(one: Envelope, **changes: Any) -> Envelope:
    return dataclasses.replace(one, **{"id": new_id(), **changes})


async def no_progress(_: int, __: int) -> None:
    pass


async def no_announcement(_: AsyncSession, __: str) -> None:
    pass


@dataclass
class Stage:
    """A projection on a database and a log of its own."""

    projection: Projection
    database: Database
    bus: EventBus
    metrics: Metrics
    read_rows: Callable[[AsyncSession], Awaitable[Rows]]

    async def publish(self, facts: Sequence[Envelope]) -> None:
        for fact in facts:
            await self.bus.publish(topic_for(fact), [fact])

    async def rows(self) -> Rows:
        async with self.database.reading() as session:
            return await self.read_rows(session)

    async def caught_up(self) -> bool:
        at = await read_positions(self.database, self.projection.name)
        ends = await self.bus.ends(self.projection.topics)
        return bool(ends) and all(at.get(place, -1) >= end for place, end in ends.items())

    @asynccontextmanager
    async def following(self, projection: Projection | None = None) -> AsyncIterator[Worker]:
        """The live runner at work inside."""
        runner = Runner(projection or self.projection, self.database, self.bus, self.metrics)
        worker = Worker("suite", runner.run, self.metrics)
        worker.start()
        try:
            yield worker
        finally:
            await worker.stop()

    async def follow(self, projection: Projection | None = None) -> None:
        """The live runner has applied all that is on the bus."""
        async with self.following(projection):
            await wait_until(self.caught_up)

    async def take(self, facts: Sequence[Envelope]) -> Rows:
        await self.publish(facts)
        await self.follow()
        return await self.rows()

    async def sequences(self) -> dict[str, int]:
        async with self.database.reading() as session:
            found = await session.execute(
                text("SELECT aggregate, sequence FROM projection_sequences WHERE projection = :name"),
                {"name": self.projection.name},
            )
            return {row.aggregate: row.sequence for row in found}

    async def parked(self) -> list[tuple[str, int, str]]:
        """(aggregate, offset, reason) of all that is set aside, in order."""
        async with self.database.reading() as session:
            found = await session.execute(
                text(
                    'SELECT aggregate, "offset", reason FROM projection_parked WHERE projection = :name ORDER BY parked_at, "offset"'
                ),
                {"name": self.projection.name},
            )
            return [(row.aggregate, row.offset, row.reason) for row in found]

    def counted(self, name: str) -> float:
        found = self.metrics.registry.get_sample_value(name, {"projection": self.projection.name})
        return found or 0.0

    async def rebuild(self, progress: Any = no_progress, announce: Any = no_announcement) -> Any:
        return await rebuild(self.projection, self.database, self.bus, self.metrics, progress, announce)

    async def deliveries(self) -> tuple[list[Delivery], dict[Partition, int]]:
        """All that is on the bus, and the positions at the beginning."""
        await self.bus.ensure_topics(self.projection.topics)
        ends = await self.bus.ends(self.projection.topics)
        at = await begin_positions(self.database, self.projection.name, list(ends))
        found: list[Delivery] = []
        async with self.bus.subscribe(self.projection.topics, at) as subscription:
            while len(found) < sum(ends.values()):
                found += await subscription.read(1000, 1.0)
        return found, at

    async def damage(self) -> None:
        """One row of the view is gone, so that the view as it is and the view made anew differ."""
        async with self.database.transaction() as session:
            for table in self.projection.tables:
                done = await session.execute(
                    text(f'DELETE FROM "{table.name}" WHERE ctid IN (SELECT ctid FROM "{table.name}" LIMIT 1)')
                )
                if done.rowcount:  # type: ignore[attr-defined]
                    return
        raise AssertionError("the facts of this suite leave no row in the view")


def with_handlers(projection: Projection, wrap: Callable[[Any], Any]) -> Projection:
    """The same projection, each of its handlers inside `wrap`."""
    wrapped: dict[Any, Any] = {}
    for subscriber in projection.subscribers.values():
        wrapped.setdefault(subscriber.handle, wrap(subscriber.handle))
    subscribers = {
        name: Subscriber(wrapped[one.handle], one.event, one.fold) for name, one in projection.subscribers.items()
    }
    return dataclasses.replace(projection, subscribers=subscribers)


class ProjectionSuite:
    """See the module: `service`, `projection` and `facts` are yours to give."""

    service: ClassVar[Service]
    projection: ClassVar[Projection]

    def facts(self) -> list[Envelope]:
        raise NotImplementedError

    async def rows(self, session: AsyncSession) -> Rows:
        """All rows of all the view's tables, in an order that does not depend on how they were written."""
        found: Rows = []
        for table in self.projection.tables:
            read = await session.execute(text(f'SELECT row_to_json(row)::text FROM "{table.name}" AS row ORDER BY 1'))
            found += [(table.name, row) for row in read.scalars()]
        return found

    @asynccontextmanager
    async def _staged(self, postgres: Postgres) -> AsyncIterator[Stage]:
        async with postgres.database(self.service) as url, postgres.database() as log:
            database, bus = connect(url, name="suite"), PostgresBus(log)
            topics = {topic_for(fact) for fact in self.facts()} | set(self.projection.topics)
            await bus.ensure_topics(sorted(topics))
            try:
                yield Stage(self.projection, database, bus, Metrics(), self.rows)
            finally:
                await bus.stop()
                await database.close()

    @pytest.fixture
    async def stage(self, postgres: Postgres) -> AsyncIterator[Stage]:
        async with self._staged(postgres) as stage:
            yield stage

    @pytest.fixture
    async def other(self, postgres: Postgres) -> AsyncIterator[Stage]:
        """A second one, to compare with."""
        async with self._staged(postgres) as stage:
            yield stage

    @property
    def victim(self) -> str:
        """An aggregate with at least two events."""
        subjects = [fact.subject for fact in self.facts()]
        return next(subject for subject in subjects if subjects.count(subject) > 1)

    def of_victim(self) -> list[Envelope]:
        return [fact for fact in self.facts() if fact.subject == self.victim]

    def of_others(self) -> list[Envelope]:
        return [fact for fact in self.facts() if fact.subject != self.victim]

    def failing_for_victim(self, error: Exception) -> Projection:
        def wrap(handle: Any) -> Any:
            async def handled(session: AsyncSession, facts: list[Any]) -> None:
                await handle(session, facts)
                if any(fact.envelope.subject == self.victim for fact in facts):
                    raise error

            return handled

        return with_handlers(self.projection, wrap)

    def test_the_facts_of_the_suite_are_enough(self) -> None:
        facts = self.facts()
        counts = [[fact.subject for fact in facts].count(subject) for subject in {fact.subject for fact in facts}]
        assert len([count for count in counts if count > 1]) > 1, "give two aggregates with two events each"
        assert {fact.type for fact in facts} <= set(self.projection.subscribers)
        assert {topic_for(fact) for fact in facts} <= set(self.projection.topics)

    async def test_each_event_is_handled_once(self, stage: Stage) -> None:
        facts = self.facts()
        rows = await stage.take(facts)
        assert rows
        assert await stage.sequences() == {fact.subject: fact.sequence for fact in facts}
        assert await stage.parked() == []
        assert stage.counted("apge_projection_applied_events_total") == len(facts)

    async def test_events_delivered_three_times_have_the_effect_of_one(self, stage: Stage, other: Stage) -> None:
        facts = self.facts()
        rows = await stage.take([copy for fact in facts for copy in (fact, fact)])
        rows = await stage.take(facts)
        assert rows == await other.take(facts)
        assert stage.counted("apge_projection_repeated_events_total") == 2 * len(facts)

    async def test_an_old_version_that_comes_late_changes_nothing(self, stage: Stage) -> None:
        rows = await stage.take(self.facts())
        assert await stage.take([again(self.of_victim()[0])]) == rows
        assert (await stage.sequences())[self.victim] == self.of_victim()[-1].sequence

    async def test_one_by_one_and_all_at_once_give_the_same_rows(self, stage: Stage, other: Stage) -> None:
        facts = self.facts()
        for fact in facts:
            await stage.take([fact])
        assert await stage.rows() == await other.take(facts)

    async def test_a_lost_event_is_healed_by_the_next_and_counted_as_a_gap(self, stage: Stage) -> None:
        later = self.of_victim()[1:]
        await stage.take([*self.of_others(), *later])
        assert (await stage.sequences())[self.victim] == later[-1].sequence
        assert stage.counted("apge_projection_gaps_total") >= 1
        assert await stage.parked() == []

    async def test_an_event_that_nobody_listens_to_moves_the_sequence(self, stage: Stage) -> None:
        rows = await stage.take(self.facts())
        last = self.of_victim()[-1]
        service = last.type.partition(".")[0]
        unknown = again(last, type=f"{service}.never-heard-of.v9", sequence=last.sequence + 1, data=b"{}")
        assert await stage.take([unknown]) == rows
        assert (await stage.sequences())[self.victim] == last.sequence + 1
        assert stage.counted("apge_projection_unknown_events_total") == 1
        assert await stage.take([again(last, sequence=last.sequence + 1)]) == rows
        assert await stage.parked() == []

    async def test_a_payload_that_cannot_be_read_parks_its_aggregate_and_no_other(
        self, stage: Stage, other: Stage
    ) -> None:
        first, *later = self.of_victim()
        bad = again(later[0], data=b'{"no": "such event"}')
        await stage.take([first, *self.of_others()])
        await stage.take([bad])  # by itself: within one batch a state that is overwritten may be skipped unread
        rows = await stage.take(later[1:])
        assert rows == await other.take([first, *self.of_others()])
        assert {aggregate for aggregate, _, _ in await stage.parked()} == {self.victim}
        assert "ValidationError" in (await stage.parked())[0][2]
        assert (await stage.sequences())[self.victim] == first.sequence

    async def test_later_events_of_a_parked_aggregate_wait_with_it_and_a_replay_applies_them_in_order(
        self, stage: Stage, other: Stage
    ) -> None:
        facts = self.facts()
        first = self.of_victim()[0]
        broken = self.failing_for_victim(LookupError("a bug of ours"))
        await stage.publish([first, *self.of_others()])
        await stage.follow(broken)
        await stage.publish(self.of_victim()[1:])
        await stage.follow()  # the bug is mended, and still nothing may overtake what is parked
        parked = await stage.parked()
        assert [aggregate for aggregate, _, _ in parked] == [self.victim] * len(self.of_victim())
        assert [reason for _, _, reason in parked] == [
            "LookupError: a bug of ours",
            *["an earlier event of this aggregate is parked"] * (len(parked) - 1),
        ]
        assert await Applier(self.projection, stage.database, stage.metrics).replay(self.victim) == len(parked)
        assert await stage.parked() == []
        assert await stage.rows() == await other.take(facts)
        assert await stage.sequences() == await other.sequences()

    async def test_a_replay_that_fails_again_leaves_all_as_it_was(self, stage: Stage) -> None:
        broken = self.failing_for_victim(LookupError("a bug of ours"))
        await stage.publish(self.facts())
        await stage.follow(broken)
        before = await stage.rows(), await stage.parked(), await stage.sequences()
        with pytest.raises(LookupError):
            await Applier(broken, stage.database, stage.metrics).replay(self.victim)
        assert (await stage.rows(), await stage.parked(), await stage.sequences()) == before

    async def test_of_two_runners_at_once_one_changes_nothing(self, stage: Stage, other: Stage) -> None:
        facts = self.facts()
        await stage.publish(facts)
        deliveries, at = await stage.deliveries()
        appliers = [Applier(self.projection, stage.database, stage.metrics) for _ in range(2)]
        results = await asyncio.gather(*(one.apply(deliveries, at) for one in appliers), return_exceptions=True)
        assert {type(result) for result in results} == {dict, Superseded}
        assert await stage.rows() == await other.take(facts)
        assert stage.counted("apge_projection_applied_events_total") == len(facts)

    async def test_a_transient_error_is_tried_again_in_place(self, stage: Stage, other: Stage) -> None:
        failures = iter([True, True])

        def wrap(handle: Any) -> Any:
            async def handled(session: AsyncSession, facts: list[Any]) -> None:
                await handle(session, facts)
                if next(failures, False):
                    await session.execute(text("DO $$ BEGIN RAISE 'in the way' USING ERRCODE = '40001'; END $$"))

            return handled

        facts = self.facts()
        await stage.publish(facts)
        await stage.follow(with_handlers(self.projection, wrap))
        assert next(failures, None) is None
        assert await stage.rows() == await other.take(facts)
        assert await stage.parked() == []

    async def test_a_rebuilt_view_equals_the_live_one_row_for_row(self, stage: Stage) -> None:
        rows = await stage.take(self.facts())
        sequences = await stage.sequences()
        built = await stage.rebuild()
        assert await stage.rows() == rows
        assert await stage.sequences() == sequences
        assert set(built.rows) == {table.name for table in self.projection.tables}
        assert built.events == len(self.facts())
        await stage.damage()
        assert await stage.rows() != rows
        await stage.rebuild()
        assert await stage.rows() == rows

    async def test_a_rebuild_while_writes_go_on_ends_with_all_of_them(self, stage: Stage, other: Stage) -> None:
        facts = self.facts()
        half = len(facts) // 2
        rest = iter(facts[half:])
        await stage.take(facts[:half])

        async def write_one_more(_: int, __: int) -> None:
            fact = next(rest, None)
            if fact is not None:
                await stage.publish([fact])

        async with stage.following():
            await stage.rebuild(write_one_more)
            await stage.publish(list(rest))
            await wait_until(stage.caught_up)
        assert await stage.rows() == await other.take(facts)
        assert await stage.sequences() == await other.sequences()

    async def test_the_live_view_goes_on_after_a_rebuild(self, stage: Stage, other: Stage) -> None:
        facts = self.facts()
        await stage.take(facts[:-1])
        await stage.rebuild()
        assert await stage.take(facts[-1:]) == await other.take(facts)

    async def test_no_reader_sees_a_half_made_view_while_it_is_put_in_place(self, stage: Stage) -> None:
        whole = await stage.take(self.facts())
        await stage.damage()
        old = await stage.rows()
        seen: list[Rows] = []

        async def announce(_: AsyncSession, __: str) -> None:
            """The rows are exchanged, and not yet committed: just now nobody may see it."""
            seen.append(await stage.rows())
            async with stage.database.transaction() as committed:
                seen.append(await self.rows(committed))

        async with stage.database.reading() as since_before:
            assert await self.rows(since_before) == old
            await stage.rebuild(announce=announce)
            assert await self.rows(since_before) == old  # one snapshot, from the first statement to the last
        assert seen == [old, old]
        assert await stage.rows() == whole

    async def test_readers_that_never_stop_see_the_old_view_or_the_new_one(self, stage: Stage) -> None:
        whole = await stage.take(self.facts())
        await stage.damage()
        old = await stage.rows()
        done = asyncio.Event()

        async def read_on() -> int:
            reads = 0
            while not done.is_set():
                assert await stage.rows() in (old, whole)
                reads += 1
            return reads

        readers = [asyncio.ensure_future(read_on()) for _ in range(3)]
        for _ in range(3):
            await stage.rebuild()
        done.set()
        assert min(await asyncio.gather(*readers)) > 0

    async def test_a_rebuild_that_is_ended_on_the_way_leaves_the_old_view_and_does_not_bar_the_next(
        self, stage: Stage
    ) -> None:
        whole = await stage.take(self.facts())
        await stage.damage()
        old = await stage.rows()
        reached = asyncio.Event()

        async def stay(*_: Any) -> None:
            reached.set()
            await asyncio.Event().wait()

        for hooks in ({"progress": stay}, {"announce": stay}):
            reached.clear()
            task = asyncio.ensure_future(stage.rebuild(**hooks))
            await reached.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await stage.rows() == old
        await stage.rebuild()
        assert await stage.rows() == whole

    async def test_a_rebuild_that_was_killed_bars_the_next_for_a_minute_at_the_most(self, stage: Stage) -> None:
        await stage.take(self.facts())

        async def killed(_: AsyncSession, __: str) -> None:
            async with stage.database.transaction() as session:
                left = await session.execute(
                    text("SELECT expires_at - now() < interval '61 seconds' FROM leases WHERE name LIKE 'rebuild:%'")
                )
                assert left.scalar_one()

        await stage.rebuild(announce=killed)

    async def test_a_second_rebuild_is_refused_while_one_runs(self, stage: Stage) -> None:
        await stage.take(self.facts())
        refused: list[str] = []

        async def rebuild_again(_: int, __: int) -> None:
            with pytest.raises(RebuildRuns) as raised:
                await stage.rebuild()
            refused.append(raised.value.detail)

        await stage.rebuild(rebuild_again)
        assert refused
        await stage.rebuild()

    async def test_a_rebuild_parks_what_the_live_view_parks(self, stage: Stage) -> None:
        first, *later = self.of_victim()
        rows = await stage.take([first, again(later[0], data=b'{"no": "such event"}'), *self.of_others()])
        parked = [aggregate for aggregate, _, _ in await stage.parked()]
        await stage.rebuild()
        assert await stage.rows() == rows
        assert [aggregate for aggregate, _, _ in await stage.parked()] == parked == [self.victim]
