"""`apge demo`: what it tells agrees with what is published, comes to the same when it is told again, and says that nobody exists."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from statistics import mean
from threading import Thread
from typing import Any

import pytest
from rich.console import Console

from apge import demo, synthetic
from apge.client import Api
from apge.folder import source_folder
from hr_diversity.rules import tallies
from hr_diversity.rules.vacancies import find_faults
from hr_diversity.schemas.tallies import NewCompliance, NewExits, NewParticipation
from hr_diversity.schemas.vacancies import VacancyRow
from shared.requests import Request

Staff = list[dict[str, dict[str, str]]]
KINDS: dict[str, type[Request]] = {
    "participation": NewParticipation,
    "compliance": NewCompliance,
    "exits": NewExits,
}
HELD = 2018

DECLARED = b'{"note":"Synthetic staff: nobody in it exists","feeds_indicators":false}'


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return synthetic.write_staff(source_folder().parent, tmp_path_factory.mktemp("staff"))


@pytest.fixture(scope="module")
def staff(files: list[Path]) -> Staff:
    return [synthetic.read_staff(file) for file in files]


def days(vacancies: list[dict[str, Any]], start: str, end: str) -> list[int]:
    reached = [one for one in vacancies if start in one and end in one]
    return [(date.fromisoformat(one[end]) - date.fromisoformat(one[start])).days for one in reached]


def test_vacancies_come_to_the_published_numbers_and_averages(staff: Staff) -> None:
    told = synthetic.vacancies(staff[-2], staff[-1])
    cooperation = [one for one in told if one["track"] == "development_cooperation"]
    raps = [one for one in told if one["track"] == "raps"]
    assert (len(cooperation), len(raps)) == (117, 77)
    assert {one["on_post"][:4] for one in cooperation} == {"2022"}
    assert {one["posted"][:4] for one in raps} == {"2022"}
    assert mean(days(raps, "closed", "selected")) == 172
    assert mean(days([one for one in cooperation if one["key_position"]], "posted", "on_post")) == 124
    assert mean(days(cooperation, "selected", "on_post")) == 62
    assert len({one["reference"] for one in told}) == len(told)


def test_the_service_would_take_every_entry(staff: Staff) -> None:
    for given in synthetic.vacancies(staff[-2], staff[-1]):
        said = VacancyRow.model_validate(given).model_dump()
        assert find_faults(said, date(2023, 12, 31)) == [], given["reference"]
    for path, entry in synthetic.registers(staff):
        said = KINDS[path.partition("/")[0]].model_validate(entry).model_dump()
        assert tallies.find_faults(said, date(2023, 12, 31)) == [], path


def test_registers_come_to_the_published_rates_and_to_those_who_left(staff: Staff) -> None:
    entries = list(synthetic.registers(staff))
    rates = [100 * one["completed"] / one["of"] for path, one in entries if path.startswith("compliance")]
    assert rates == [88, 80, 92]
    assert next(one for path, one in entries if "mentoring" in path)["women"] == 67
    left = Counter(row["sex"] for key, row in staff[-2].items() if key not in staff[-1])
    reasons = entries[-1][1]["reasons"].values()
    assert sum(counts["women"] for counts in reasons) == left["F"]
    assert sum(counts["men"] for counts in reasons) == left["M"]


@dataclass
class Heard:
    """A platform that takes everything, and says of what it knows already that it is there."""

    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    known: set[tuple[str, bytes]] = field(default_factory=set)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        self.asked.append((method, path, body))
        new = (path, body) not in self.known
        self.known.add((path, body))
        if "/sources/" in path:
            return 201 if new else 200, {}
        if method == "GET":
            return 200, {"as_of": "2022-12-31"}
        if "/vacancies" in path:
            return 200, {"counts": {"registered" if new else "unchanged": len(json.loads(body))}}
        return 201 if new else 200, _receipt(path, body) if "/snapshots" in path else {}


def _receipt(path: str, body: bytes) -> dict[str, Any]:
    found = re.search(r"source=synthetic&as_of=((\d+)-12-31)", path)
    assert found
    line = {"code": demo.SENIOR, "women": 120, "men": 180, "share": 40}
    receipt = {"as_of": found[1], "accepted": body.count(b"\n") - 1, "released": True, "held": None, "measures": [line]}
    if int(found[2]) == HELD:
        receipt |= {"released": False, "held": "too few came or left since 2017-12-31", "measures": []}
    return receipt


@contextmanager
def listening(heard: Heard) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, document = heard.answer(self.command, self.path, body)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", '"3"')
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = _answer  # noqa: N815 (the names that the server looks for)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    serving = Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@contextmanager
def calling(url: str) -> Iterator[Api]:
    api = Api(url, "a token")
    yield api
    api._http.close()


def said(url: str) -> str:
    written = StringIO()
    with calling(url) as api:
        demo.fill(api, Console(file=written, width=120))
    return written.getvalue()


def test_it_tells_all_in_order_says_that_nobody_exists_and_what_is_held_and_the_same_again_changes_nothing() -> None:
    heard = Heard()
    with listening(heard) as url:
        first = said(url)
        asked = list(heard.asked)
        again = said(url)
        with calling(url) as api:
            assert demo.is_told(api)
    assert first.startswith("Synthetic staff: nobody in it exists.")
    assert "Its measures fill no indicator of the plans" in first
    assert re.search(r"2022-12-31 +3,000 +120 of 300 \(40 %\) +new, figures published", first)
    assert re.search(r"2018-12-31 +[\d,]+ +not shown +new, held", first)
    assert "2018-12-31 is held, and no figure of it is published: too few came or left since 2017-12-31" in first
    assert "194 vacancies new; 11 register entries new." in first
    assert f"{url}/parity" in first
    paths = [path for _, path, _ in asked]
    assert asked[0] == ("PUT", "/hr-diversity/v1/sources/synthetic", DECLARED)
    assert [path[-10:-6] for path in paths[1:8]] == [str(year) for year in range(2016, 2023)]
    assert paths[-1] == "/hr-diversity/v1/exits/synthetic-exits"
    assert heard.asked[len(asked) : 2 * len(asked)] == asked
    assert "194 vacancies there already; 11 register entries there already." in again
    assert re.search(r"2022-12-31 +3,000 +120 of 300 \(40 %\) +there already, figures published", again)


def test_it_ends_between_two_snapshots_when_it_is_stopped() -> None:
    heard = Heard()
    with listening(heard) as url, calling(url) as api:
        demo.fill(api, Console(file=StringIO()), stopped=lambda: len(heard.asked) == 2)
    assert len(heard.asked) == 2


def test_a_source_that_was_declared_otherwise_keeps_its_declaration_beside_the_note() -> None:
    class Declared(Heard):
        def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
            if "/sources/" in path and body == DECLARED:
                return 428, {"detail": "If-Match is missing", "status": 428}
            if "/sources/" in path and method == "GET":
                self.asked.append((method, path, body))
                return 200, {"source": "synthetic", "version": 3, "declared_at": "then", "delimiter": ";", "note": None}
            return super().answer(method, path, body)

    heard = Declared()
    with listening(heard) as url, calling(url) as api:
        demo._declare(api)
    assert json.loads(heard.asked[-1][2]) == {"delimiter": ";", **json.loads(DECLARED)}
