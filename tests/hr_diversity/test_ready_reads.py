"""Published measures as ready bytes: nobody is handed what is older than a commit before they asked, be it of another replica."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.hr_diversity.pushing import MEASURES, accepted, count, push, select
from tests.hr_diversity.staff import a_staff, file_of, people

from hr_diversity import documents
from hr_diversity.documents import Documents, Version
from hr_diversity.main import service
from shared import clock
from shared.auth import ROLES
from shared.cloudevents import Envelope
from shared.documents import Document
from shared.errors import NotFound
from shared.events.base import topic_of
from shared.events.indicators import UnitDefined
from shared.issuer import LocalIssuer
from shared.telemetry import new_id
from shared.testing import Client, Postgres, create_app, running, running_service, test_settings, wait_until

from .conftest import KEY

SENIOR = f"{MEASURES}/women-p5-plus-regular-budget"
BY_UNIT = f"{MEASURES}/staff-by-unit"
NUMBERS = itertools.count(1)


class Replica(Client):
    """Reads with one token, because what is kept is only for tokens that were checked before."""

    @property
    def reader(self) -> dict[str, str]:
        if not hasattr(self, "_reader"):
            self._reader = {"Authorization": f"Bearer {self.issuer.token('reader')}"}
        return self._reader

    async def read(self, address: str = SENIOR, **headers: str) -> httpx.Response:
        return await self.http.get(address, headers=self.reader | headers)

    async def figures(self, address: str = SENIOR) -> tuple[int, int]:
        answer = await self.read(address)
        assert answer.status_code == 200, answer.text
        return answer.json()["women"], answer.json()["men"]

    def keeps(self, address: str = SENIOR) -> bool:
        path, _, query = address.partition("?")
        return (path, query.encode()) in self.app.state.documents.kept

    async def version(self) -> int:
        [[version]] = await select(self, "SELECT version FROM measures_version")
        return int(version)


async def ready(client: Client) -> Replica:
    await wait_until(lambda: asyncio.sleep(0, client.app.state.documents.version.readable))
    return Replica(client.app, client.http, client.issuer)


@pytest.fixture
async def one(postgres: Postgres, issuer: LocalIssuer, bus_url: str) -> AsyncIterator[Replica]:
    async with running_service(service, postgres, issuer, bus_url, pseudonym_key=KEY) as client:
        yield await ready(client)


@pytest.fixture
async def other(one: Replica) -> AsyncIterator[Replica]:
    """A second replica on the database of `one`."""
    settings = one.app.state.settings
    url, bus = settings.database_url.get_secret_value(), settings.bus_url.get_secret_value()
    app = create_app(service, test_settings(service, url, bus, one.issuer, pseudonym_key=KEY))
    async with running(app, one.issuer) as client:
        yield await ready(client)


async def name_unit(client: Client, name: str) -> None:
    """Indicators says so, and it has arrived."""
    event = UnitDefined(code="HRD", name=name, kind="department")
    topic = topic_of("indicators")
    envelope = Envelope(
        id=new_id(),
        type=event.type,
        source="/indicators",
        subject="unit/HRD",
        time=clock.now().isoformat(),
        sequence=next(NUMBERS),
        data=event.model_dump_json().encode(),
    )
    await client.app.state.bus.ensure_topics([topic])
    await client.app.state.bus.publish(topic, [envelope])
    await client.caught_up()


async def test_a_correction_is_seen(one: Replica) -> None:
    await accepted(one, a_staff(60, 40))
    assert await one.figures() == (60, 40)
    assert one.keeps()
    await accepted(one, a_staff(50, 50))
    assert await one.figures() == (50, 50)


async def test_a_correction_in_another_replica_is_seen_at_once(one: Replica, other: Replica) -> None:
    """There is no waiting here: the answer to the push is there, and the next question anywhere gets the new figures."""
    await accepted(one, a_staff(60, 40))
    for women in (50, 40, 70, 80):
        await accepted(one if women % 20 else other, a_staff(women, 100 - women))
        assert [await each.figures() for each in (one, other)] == [(women, 100 - women)] * 2
        assert one.keeps()
        assert other.keeps()


async def test_a_snapshot_of_a_later_day_is_seen_where_no_day_was_asked_for(one: Replica, other: Replica) -> None:
    await accepted(one, a_staff(60, 40), as_of="2020-12-31")
    asked = f"{SENIOR}?as_of=2020-12-31"
    assert [await other.figures(), await other.figures(asked)] == [(60, 40), (60, 40)]
    await accepted(one, a_staff(90, 70), as_of="2021-12-31")
    assert [await other.figures(), await other.figures(asked)] == [(90, 70), (60, 40)]


async def test_the_catalogue_and_the_series_change_with_what_is_drawn_and_with_the_names(
    one: Replica, other: Replica
) -> None:
    series = f"{BY_UNIT}/series?from=2020-01-01"
    for number, year in enumerate((2020, 2021, 2022), start=1):
        await accepted(one, a_staff(60 + 20 * number, 40), as_of=f"{year}-12-31")
        await name_unit(one, f"Unit of {year}")
        for each in (one, other):
            for _ in range(2):
                drawn = (await each.read(MEASURES)).json()["items"][0]["drawn"]
                shown = (await each.read(series)).json()
                assert (len(drawn), len(shown["total"]["points"]), shown["from"]) == (number, number, "2020-01-01")
                assert [group["name"] for group in shown["groups"]] == [f"Unit of {year}"]
            assert each.keeps(MEASURES)
            assert each.keeps(series)
    tag = (await one.read(series)).headers["etag"]
    assert (await one.read(series, **{"If-None-Match": tag})).status_code == 304


async def test_a_source_and_a_day_have_answers_of_their_own(one: Replica) -> None:
    await accepted(one, a_staff(60, 40), source="hris")
    await accepted(one, a_staff(50, 50), source="payroll")
    for _ in range(2):
        assert await one.figures(f"{SENIOR}?source=hris") == (60, 40)
        assert await one.figures(f"{SENIOR}?source=payroll") == (50, 50)
        assert await one.figures() == (50, 50)
    assert len(one.app.state.documents.kept) == 3


async def test_the_new_name_of_a_unit_is_seen(one: Replica, other: Replica) -> None:
    await name_unit(one, "Human Resources")
    await accepted(one, a_staff(60, 40))
    for name in ("Human Resources", "People", "Human Resources"):
        await name_unit(one, name)
        for each in (one, other):
            assert [cell["name"] for cell in (await each.read(BY_UNIT)).json()["cells"]] == [name]
            assert each.keeps(BY_UNIT)


async def test_what_is_kept_is_the_answer_of_the_route_to_the_byte(one: Replica) -> None:
    await accepted(one, file_of(people(30) + people(30, 31, unit="ATLANTIS") + people(20, 61, sex="M")))
    for headers in ({}, {"If-None-Match": "*"}, {"If-None-Match": '"another"'}):
        one.app.state.documents.forget()
        made, kept = [await one.read(BY_UNIT, **headers) for _ in range(2)]
        assert (made.status_code, made.content) == (kept.status_code, kept.content)
        differ = {"x-request-id", "content-length"} if made.status_code == 304 else {"x-request-id"}
        heads = [{name: of for name, of in one.headers.items() if name not in differ} for one in (made, kept)]
        assert heads[0] == heads[1]
        assert made.headers["x-request-id"] != kept.headers["x-request-id"]


async def test_who_has_a_kept_measure_is_told_so_until_it_changes(one: Replica) -> None:
    await accepted(one, a_staff(60, 40))
    tag = (await one.read()).headers["etag"]
    for given in (tag, f"W/{tag}", f'"other", {tag}'):
        again = await one.read(**{"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await accepted(one, a_staff(50, 50))
    assert (await one.read(**{"If-None-Match": tag})).status_code == 200


async def test_what_is_kept_is_for_every_role_and_for_nobody_without_a_token(one: Replica) -> None:
    await accepted(one, a_staff(60, 40))
    await one.read()
    assert one.keeps()
    for role in sorted(ROLES):
        token = {"Authorization": f"Bearer {one.issuer.token(role)}"}  # type: ignore[arg-type]
        assert [(await one.http.get(SENIOR, headers=token)).status_code for _ in range(2)] == [200, 200], role
    for bad in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": one.reader["Authorization"][7:]}):
        assert (await one.http.get(SENIOR, headers=bad)).status_code == 401


@pytest.mark.parametrize(
    ("address", "status", "slug"),
    [
        (f"{SENIOR}?asof=2021-12-31", 400, "unknown-parameter"),
        (f"{SENIOR}?as_of=1999-12-31", 404, "measure-not-drawn"),
        (f"{SENIOR}?as_of=someday", 422, "invalid-request"),
        (f"{MEASURES}/women-on-the-moon", 404, "unknown-measure"),
        (f"{MEASURES}?code=staff-by-unit", 400, "unknown-parameter"),
        (f"{SENIOR}/series?since=2021-01-01", 400, "unknown-parameter"),
        (f"{SENIOR}/series?source=nobody", 404, "measure-not-drawn"),
    ],
)
async def test_an_error_is_told_each_time_and_is_not_kept(one: Replica, address: str, status: int, slug: str) -> None:
    await accepted(one, a_staff(60, 40))
    for _ in range(2):
        answer = await one.read(address)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:apge:problem:{slug}")
    assert one.app.state.documents.kept == {}
    assert one.app.state.documents.making == {}


async def test_what_was_not_drawn_yet_is_there_once_it_is(one: Replica, other: Replica) -> None:
    assert (await other.read()).status_code == 404
    await accepted(one, a_staff(60, 40))
    assert await other.figures() == (60, 40)


async def test_full_figures_are_never_kept_and_each_time_on_record(one: Replica) -> None:
    await push(one, file_of(people(3, grade="P5") + people(100, 4, sex="M") + people(50, 200)))
    full = f"{SENIOR}?detail=full"
    hr = {"Authorization": f"Bearer {one.issuer.token('hr-feeder')}"}
    for time in range(1, 4):
        answer = await one.http.get(full, headers=hr)
        assert (answer.json()["women"], answer.headers["cache-control"]) == (3, "private, no-store")
        assert await count(one, "disclosures") == time
    assert one.app.state.documents.kept == {}
    assert (await one.read(full)).status_code == 403
    for address in (SENIOR, f"{SENIOR}?detail=published", f"{SENIOR}?detail=full&detail=published"):
        assert [(await one.read(address)).json()["women"] for _ in range(2)] == [None, None]
    assert (await one.http.get(f"{SENIOR}?detail=published&detail=full", headers=hr)).json()["women"] == 3
    assert await count(one, "disclosures") == 4


async def test_a_kept_answer_is_counted_under_its_route(one: Replica) -> None:
    await accepted(one, a_staff(60, 40))
    label = 'method="GET",route="/measures/{code}",status="200"'
    before = 0.0
    for _ in range(4):
        await one.read()
        lines = (await one.get("/hr-diversity/metrics")).text.splitlines()
        assert not any('route="unmatched",status="200"' in line for line in lines)
        [now] = [
            float(line.split()[-1])
            for line in lines
            if label in line and line.startswith("apge_http_request_seconds_count")
        ]
        assert now == before + 1
        before = now


async def test_what_is_kept_stays_within_its_bound(one: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    await accepted(one, a_staff(60, 40))
    monkeypatch.setattr(documents, "MOST_BYTES", 30_000)
    days = [date.fromordinal(date(2022, 1, 1).toordinal() + number) for number in range(60)]
    for day in days:
        assert await one.figures(f"{SENIOR}?as_of={day}") == (60, 40)
        kept = one.app.state.documents
        assert kept.size == sum(documents._bytes(at, found.document) for at, found in kept.kept.items()) <= 30_000
    assert 5 < len(kept.kept) < 60
    assert one.keeps(f"{SENIOR}?as_of={days[-1]}")
    assert not one.keeps(f"{SENIOR}?as_of={days[0]}")


async def test_without_the_version_nothing_that_is_kept_is_handed_out(one: Replica) -> None:
    await accepted(one, a_staff(60, 40))
    await one.figures()
    version = one.app.state.documents.version
    version.readable = False
    async with one.app.state.database.transaction() as session:  # as a replica of before the version would
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text("UPDATE measures SET state = jsonb_set(state, '{women}', '59')"))
    assert [await one.figures() for _ in range(2)] == [(59, 40)] * 2


async def test_a_lost_connection_is_made_again_and_meanwhile_the_framework_answers(one: Replica) -> None:
    await accepted(one, a_staff(60, 40))
    await one.figures()
    version, name = one.app.state.documents.version, "apge-hr-diversity-version"
    [[killed]] = await select(one, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name", name=name)  # fmt: skip
    assert killed
    assert await one.figures() == (60, 40)
    await wait_until(lambda: asyncio.sleep(0, version.readable))
    assert [await one.figures() for _ in range(2)] == [(60, 40)] * 2
    assert one.keeps()


CHANGES = [
    "UPDATE measures SET drawn_at = now()",
    "DELETE FROM measures",
    "INSERT INTO units VALUES ('NEW', 'A new unit')",
    "UPDATE units SET name = 'Another'",
    "DELETE FROM units",
]


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_changes_a_measure_or_a_name_makes_another_version(one: Replica, change: str) -> None:
    await name_unit(one, "Human Resources")
    await accepted(one, a_staff(60, 40))
    before = await one.version()
    async with one.app.state.database.transaction() as session:
        await session.execute(text(change))
    assert await one.version() != before


async def test_a_rebuild_of_the_names_makes_another_version_and_what_changes_neither_makes_none(one: Replica) -> None:
    await name_unit(one, "Human Resources")
    await accepted(one, a_staff(60, 40))
    versions = [await one.version()]
    await one.http.get(f"{SENIOR}?detail=full", headers={"Authorization": f"Bearer {one.issuer.token('hr-feeder')}"})
    assert (await push(one, a_staff(60, 40))).status_code == 200  # said again, nothing is drawn
    assert await one.version() == versions[0]
    rebuilt = await one.post("/hr-diversity/v1/rebuilds/units", role="operator")
    assert rebuilt.status_code == 200
    assert await one.version() != versions[0]


async def test_two_who_draw_at_one_time_do_not_wait_for_one_another(one: Replica) -> None:
    """The one row of the version is taken as a transaction commits: taken before, it would close a circle with other locks."""
    await accepted(one, a_staff(60, 40), as_of="2020-12-31")
    await accepted(one, a_staff(60, 40), as_of="2021-12-31")
    draw, lock = (
        text("UPDATE measures SET drawn_at = now() WHERE as_of = :day"),
        text("SELECT pg_advisory_xact_lock(:of)"),
    )
    database, before = one.app.state.database, await one.version()
    async with asyncio.timeout(5), database.transaction() as first:
        await first.execute(draw, {"day": date(2020, 12, 31)})
        async with database.transaction() as second:
            await second.execute(lock, {"of": 7})
            await second.execute(draw, {"day": date(2021, 12, 31)})
        between = await one.version()
        await first.execute(lock, {"of": 7})
    assert len({before, between, await one.version()}) == 3


async def test_no_reader_of_any_replica_gets_figures_older_than_those_that_were_confirmed(
    one: Replica, other: Replica
) -> None:
    """Each correction has more women than the one before; `confirmed` is the latest whose push was answered."""
    await accepted(one, a_staff(40, 40))
    confirmed, writing, hits, seen = 40, True, 0, set()
    token = {"Authorization": one.reader["Authorization"]}

    async def reads(replica: Replica) -> None:
        nonlocal hits
        while writing:
            before, kept = confirmed, replica.keeps()
            women = (await replica.http.get(SENIOR, headers=token)).json()["women"]
            assert women >= before
            hits += kept
            seen.add(women)
            await asyncio.sleep(0)  # an answer that waits for nothing would let nobody else go on

    async def writes() -> None:
        nonlocal confirmed, writing
        try:
            for number in range(8):
                women = 50 + number * 10
                await accepted((one, other)[number % 2], a_staff(women, 40))
                confirmed = women
                await asyncio.sleep(0.05)
        finally:
            writing = False

    async with asyncio.TaskGroup() as together:  # where one fails, nobody goes on
        for work in (writes(), *(reads(replica) for replica in (one, other) * 3)):
            together.create_task(work)
    assert hits > 100
    assert len(seen) >= 8


class Slow:
    """A database's version that is read when it is let go."""

    def __init__(self) -> None:
        self.version, self.begun, self.let_go = 1, 0, asyncio.Semaphore(0)

    async def fetchval(self, _: str) -> int:
        self.begun += 1
        read = self.version
        await self.let_go.acquire()
        return read

    def terminate(self) -> None:
        pass


class Beating:
    def beat(self) -> None:
        pass


@pytest.fixture
async def slow(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Version, Slow]]:
    version, database = Version(), Slow()

    async def connect(_: Any) -> Slow:
        return database

    monkeypatch.setattr(documents, "_connect", connect)
    task = asyncio.create_task(version.follow(None, Beating()))  # type: ignore[arg-type]
    await settle()
    yield version, database
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def settle() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


async def ask(version: Version, number: int) -> "list[asyncio.Task[int | None]]":
    tasks = [asyncio.create_task(version.read()) for _ in range(number)]
    await settle()
    return tasks


async def test_who_asks_while_the_version_is_being_read_gets_the_next_reading(slow: tuple[Version, Slow]) -> None:
    version, database = slow
    first = await ask(version, 1)
    database.version = 2
    late = await ask(version, 50)
    database.let_go.release()
    await settle()
    assert (first[0].result(), [one.done() for one in late]) == (1, [False] * 50)
    database.let_go.release()
    assert await asyncio.gather(*late) == [2] * 50
    assert database.begun == 2


async def test_who_asks_and_goes_away_takes_it_from_nobody(slow: tuple[Version, Slow]) -> None:
    version, database = slow
    gone, stays = await ask(version, 2)
    gone.cancel()
    await settle()
    database.let_go.release()
    assert await stays == 1


async def test_when_the_reading_fails_those_who_wait_are_told_so(slow: tuple[Version, Slow], monkeypatch: Any) -> None:
    version, database = slow
    first = await ask(version, 1)
    late = await ask(version, 2)

    async def fails(_: str) -> int:
        raise ConnectionError

    monkeypatch.setattr(database, "fetchval", fails)
    database.let_go.release()
    assert await asyncio.gather(*first, *late) == [1, None, None]
    await settle()
    assert (version.readable, await version.read()) == (False, None)


class Making:
    """A document that is made when it is let go; it says which one it is and is of the version that was when it was begun."""

    def __init__(self) -> None:
        self.begun, self.version, self.let_go = 0, 1, asyncio.Event()

    async def __call__(self) -> tuple[int, bytes]:
        self.begun += 1
        made = self.version, b"%d" % self.begun
        await self.let_go.wait()
        return made


class Known(Version):
    """The version is the one that `making` has."""

    def __init__(self, making: Making) -> None:
        super().__init__()
        self.making = making

    async def read(self) -> int | None:
        return self.making.version


HERE = ("/here", b"")


async def begin(kept: Documents, making: Making, number: int = 1) -> "list[asyncio.Task[Document]]":
    tasks = [asyncio.create_task(kept.get(HERE, making)) for _ in range(number)]
    await settle()
    return tasks


async def test_of_many_who_ask_at_one_time_one_makes_it() -> None:
    making = Making()
    kept = Documents(Known(making))
    tasks = await begin(kept, making, 50)
    making.let_go.set()
    assert {one.body for one in await asyncio.gather(*tasks)} == {b"1"}
    assert (await kept.get(HERE, making)).body == b"1"
    assert kept.making == {}


async def test_who_asks_after_a_change_does_not_get_what_was_begun_before_it() -> None:
    making = Making()
    kept = Documents(Known(making))
    [before] = await begin(kept, making)
    making.version = 2
    [after] = await begin(kept, making)
    making.let_go.set()
    assert ((await before).body, (await after).body) == (b"1", b"2")
    assert (await kept.get(HERE, making)).body != b"1"


async def test_what_was_made_of_an_older_version_is_kept_for_nobody() -> None:
    making = Making()
    making.let_go.set()
    kept = Documents(Known(making))
    await kept.get(HERE, making)
    making.version = 2
    assert await kept.find(HERE) is None
    assert (await kept.get(HERE, making)).body == b"2"
    found = await kept.find(HERE)
    assert found is not None
    assert found.document.body == b"2"


async def test_a_failure_is_everybody_s_and_is_not_kept() -> None:
    making = Making()
    kept = Documents(Known(making))

    async def fails() -> tuple[int, bytes]:
        await making()
        raise NotFound("there is none")

    tasks = [asyncio.create_task(kept.get(HERE, fails)) for _ in range(3)]
    await settle()
    making.let_go.set()
    assert [type(one) for one in await asyncio.gather(*tasks, return_exceptions=True)] == [NotFound] * 3
    assert (kept.kept, making.begun) == ({}, 1)
