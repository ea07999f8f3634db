"""The parts of the command line that need no platform."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from apge import push, sources, watch
from apge.client import Api, Refused
from apge.embedded import Embedded
from apge.folder import Folder
from apge.postgres import _forget_impostor
from apge.reconcile import compare
from apge.sse import Sent, events_of
from apge.status import line_of, table_of
from apge.trouble import Trouble

DATA = Path(__file__).parents[2] / "data"


@given(st.integers(1, 20))
def test_a_stream_cut_into_any_pieces_gives_the_same_events(size: int) -> None:
    wire = 'retry: 2000\nid: a:1\n: open\n\nid: a:2\nevent: change\ndata: {"x":"é\u2028"}\n\ndata: one\r\ndata: two\r\n\r\ndata: cut'.encode()
    pieces = [wire[start : start + size] for start in range(0, len(wire), size)]
    assert list(events_of(pieces)) == [
        Sent(id="a:1", retry=2000),
        Sent("change", '{"x":"é\u2028"}', id="a:2"),
        Sent(data="one\ntwo"),
    ]


def test_a_reset_line_says_what_must_be_loaded_anew() -> None:
    assert watch.line_of(Sent("reset", '{"view":"status","key":"","reason":"rebuilt"}')) == (
        "reset: status must be loaded anew (rebuilt)"
    )


def test_a_withheld_figure_is_never_shown_as_a_number() -> None:
    body = {
        "view": "parity",
        "measure": "m",
        "as_of": "2020-12-31",
        "women": None,
        "men": None,
        "total": None,
        "share": None,
    }
    line = watch.line_of(Sent("change", json.dumps(body | {"suppressed": True, "at": "2021-01-01T10:00:00Z"})))
    assert line == "10:00:00  parity          m 2020-12-31: not shown: too few people"


def test_a_share_that_is_not_there_is_not_shown_as_zero() -> None:
    empty: dict[str, Any] = {"total": 0, "counts": {"on_track": 0}, "shares": {"on_track": None}}
    found = {
        "title": "T",
        "phase": "P",
        "as_of": "now",
        "position": "a:1",
        "by_area": [],
        "targets": empty,
        "published": None,
    }
    console = Console(width=80)
    with console.capture() as shown:
        console.print(table_of(found))
    assert "%" not in shown.get()


def test_areas_stand_below_the_one_that_counts_them_and_those_without_targets_are_left_out() -> None:
    def area(code: str, parent: str | None, total: int) -> dict[str, Any]:
        return {"area": code, "title": code.capitalize(), "parent": parent, "total": total, "counts": {}, "shares": {}}

    areas = [area("outcome", None, 2), area("output", "outcome", 2), area("step", "output", 0), area("empty", None, 0)]
    found = {"title": "T", "phase": "P", "as_of": "now", "position": "a:1", "published": None}
    console = Console(width=80)
    with console.capture() as shown:
        console.print(table_of(found | {"by_area": areas, "targets": area("all", None, 2)}))
    lines = [line.rstrip()[1:] for line in shown.get().splitlines()]
    named = [
        line.split("  2")[0].split("  0")[0].rstrip()
        for line in lines
        if "Out" in line or "Step" in line or "Empty" in line
    ]
    assert named == [" Outcome", "   Output", " Empty"]


def test_a_regression_is_watched_as_one_with_its_remedial_action() -> None:
    body: dict[str, Any] = {
        "view": "status",
        "plan": "p",
        "indicator": "i",
        "phase": "2020-21",
        "place": "global",
        "status": "not_on_track",
    }
    body |= {"before": "met", "before_phase": "2018-19", "regressed": True, "action": "remedy-i-1"}
    line = watch.line_of(Sent("change", json.dumps(body | {"at": "2021-01-01T10:00:00Z"})))
    assert line.endswith("p/i 2020-21 global: regressed, met in 2018-19 -> not on track; remedial action remedy-i-1")


def test_a_plan_in_one_line_has_counts_and_shares_in_the_words_of_its_phase() -> None:
    counts, shares = (
        {"met": 2, "not_met": 0, "data_unavailable": 1},
        {"met": 66.7, "not_met": 0.0, "data_unavailable": 33.3},
    )
    found = {"title": "T", "phase": "P", "targets": {"total": 3, "counts": counts, "shares": shares}}
    assert line_of(found) == "T, P: 3 targets: met 2 (66.7 %), not met 0 (0.0 %), data unavailable 1 (33.3 %)"


def test_every_item_of_the_documents_is_read_in_an_order_that_holds() -> None:
    items = sources.read(DATA)
    kinds = list(dict.fromkeys(item.kind for item in items))
    assert (kinds[:3], kinds[-2:]) == (["unit", "plan", "indicator"], ["evaluation", "recommendation"])
    for file in sources.PLANS:
        document = json.loads((DATA / file).read_text())
        code = document["plan"]["code"]
        of_plan = Counter(item.kind for item in items if item.params.get("plan") == code)
        assert of_plan == +Counter(
            {
                "indicator": len(document["indicators"]),
                "result": sum(len(one.get("results", [])) for one in document["indicators"]),
                "budget": len(document.get("resources", [])),
                "marker distribution": len(document.get("markers", [])),
                "claim": len(document.get("claims", [])),
                "rule": len(document.get("rules", [])),
                "accelerating action": len(document.get("actions", [])),
            }
        )


def test_budgets_and_marker_distributions_are_addressed_by_phase_and_area(tmp_path: Path) -> None:
    plan = {
        "plan": {"code": "p", "title": "P"},
        "indicators": [],
        "resources": [{"area": "a", "phase": "1", "unit": "US$", "lines": []}],
        "markers": [
            {"population": "results", "phase": "1", "area": "a", "levels": []},
            {"population": "results", "phase": "1", "levels": []},
        ],
        "claims": [{"code": "c", "text": "said"}],
    }
    documents(tmp_path, plan)
    found = [(item.path, item.params, item.body) for item in sources.read(tmp_path) if item.params.get("plan") == "p"]
    assert found == [
        ("/indicators/v1/resources/a", {"plan": "p", "phase": "1"}, {"unit": "US$", "lines": []}),
        ("/indicators/v1/markers/results", {"plan": "p", "phase": "1", "area": "a"}, {"levels": []}),
        ("/indicators/v1/markers/results", {"plan": "p", "phase": "1"}, {"levels": []}),
        ("/indicators/v1/claims/c", {"plan": "p"}, {"text": "said"}),
    ]


def test_a_part_of_a_plan_that_nobody_takes_is_named_and_not_dropped(tmp_path: Path) -> None:
    documents(tmp_path, {"plan": {"code": "p"}, "indicators": [], "footnotes": []})
    with pytest.raises(Trouble, match=rf"^{sources.PLANS[0]}: nobody takes the key footnotes\.$"):
        sources.read(tmp_path)


def documents(folder: Path, plan: dict[str, Any]) -> None:
    """The documents with `plan` in the place of their first one."""
    for name in ("units.json", *sources.PLANS, "gem-evaluation-2016-21.json"):
        (folder / name).write_bytes((DATA / name).read_bytes())
    (folder / sources.PLANS[0]).write_text(json.dumps(plan))


def test_a_key_that_no_api_takes_is_named_and_not_dropped(tmp_path: Path) -> None:
    for name in (*sources.PLANS, "gem-evaluation-2016-21.json"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    (tmp_path / "units.json").write_text(
        json.dumps({"units": [{"code": "HRD", "name": "x", "kind": "branch", "colour": 1}]})
    )
    with pytest.raises(Trouble, match=r"^unit HRD: nobody takes the key colour\.$"):
        sources.read(tmp_path)


def test_a_document_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        Trouble, match=r"units\.json cannot be read \(No such file or directory\); --data names the folder"
    ):
        sources.read(tmp_path)


HEADS = {
    "indicators": {"unit/A": (1, "x")},
    "hr-diversity": {},
    "recommendations": {},
    "reporting": {"unit/A": (1, "x")},
}


@pytest.mark.parametrize(
    ("service", "views", "kind"),
    [
        ({"unit/A": (2, "x")}, {"unit/A": (1, "x")}, "the view is behind"),
        ({"unit/A": (1, "x")}, {"unit/A": (2, "x")}, "the view is ahead"),
        ({"unit/A": (1, "x")}, {"unit/A": (1, "y")}, "other content at the same version"),
        ({"unit/A": (1, "x")}, {}, "missing in the view"),
        ({}, {"unit/A": (1, "x")}, "unknown to its service"),
        ({"unit/A": (1, "x")}, {"unit/A": (1, "x")}, None),
    ],
)
def test_every_kind_of_difference_is_told_apart(
    service: dict[str, tuple[int, str]], views: dict[str, tuple[int, str]], kind: str | None
) -> None:
    found = compare({**HEADS, "indicators": service, "reporting": views})
    assert [(one.aggregate, one.kind) for one in found] == ([("unit/A", kind)] if kind else [])


def app_of(name: str, told: list[str]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        told.append(f"{name} starts")
        yield
        told.append(f"{name} stops")

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    app.add_api_route("/{path:path}", lambda path: f"{name} got /{path}")
    return app


async def test_a_request_goes_to_the_app_of_its_first_segment_and_all_else_to_the_last() -> None:
    both = Embedded({"one": app_of("one", []), "two": app_of("two", [])})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(both), base_url="http://test") as http:
        paths = ("/one/v1/x", "/two/v1/x", "/", "/ones/x", "/one")
        assert {path: (await http.get(path)).json() for path in paths} == {
            "/one/v1/x": "one got /one/v1/x",
            "/two/v1/x": "two got /two/v1/x",
            "/": "two got /",
            "/ones/x": "two got /ones/x",
            "/one": "one got /one",
        }


async def test_lifespans_end_in_the_opposite_order() -> None:
    told: list[str] = []
    both, messages = Embedded({"one": app_of("one", told), "two": app_of("two", told)}), asyncio.Queue[Any]()
    sent: list[str] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    messages.put_nowait({"type": "lifespan.startup"})
    messages.put_nowait({"type": "lifespan.shutdown"})
    await both({"type": "lifespan"}, messages.get, send)
    assert told == ["one starts", "two starts", "two stops", "one stops"]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_the_secret_of_pseudonyms_is_made_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    key = folder.pseudonym_key()
    assert (folder.pseudonym_key(), len(key)) == (key, 64)


def test_a_folder_is_free_again_when_its_user_is_gone(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with folder.locked():
        assert folder.is_locked()
        with pytest.raises(Trouble, match="is in use by another running instance"), folder.locked():
            pytest.fail("two at a time")
    assert not folder.is_locked()


def test_a_postmaster_pid_that_is_no_running_server_s_is_forgotten(tmp_path: Path) -> None:
    noted = tmp_path / "postmaster.pid"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)  # dead, and still listed
    for lines, stays in (
        ([os.getpid(), "/data"], False),
        ([dead.pid, "/data", 1, 5432, tmp_path, "", "", "ready"], False),
        ([], False),
        ([4_000_000] * 8, True),  # nobody's: PostgreSQL itself sees to it
        ([4_000_000], False),
    ):
        noted.write_text("\n".join(map(str, lines)))
        _forget_impostor(tmp_path)
        assert noted.exists() == stays, lines
    dead.wait()


@pytest.mark.parametrize(
    ("name", "kind", "packed"),
    [("a.csv", "text/csv", None), ("a.ndjson.gz", "application/x-ndjson", "gzip"), ("A.CSV", "text/csv", None)],
)
def test_the_name_of_a_file_says_how_it_is_sent(tmp_path: Path, name: str, kind: str, packed: str | None) -> None:
    (tmp_path / name).write_text("12345")
    headers = push.headers_of(tmp_path / name)
    assert (headers["Content-Type"], headers.get("Content-Encoding")) == (kind, packed)
    assert headers["Content-Length"] == "5"


def test_an_answer_that_is_no_problem_document_is_still_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api("http://127.0.0.1:9", "a.b.c")
    transport = httpx.MockTransport(lambda _: httpx.Response(502, text="<html>"))
    monkeypatch.setattr(api, "_http", httpx.Client(base_url=api.url, transport=transport))
    with pytest.raises(Refused, match=r"^http://127\.0\.0\.1:9/x answered 502 Bad Gateway\.$"):
        api.get("/x")


def test_an_address_that_is_none_is_one_sentence() -> None:
    for address in ("localhost:8000", "ftp://x", "nonsense", "http://[::1"):
        with pytest.raises(Trouble, match="is no address"):
            Api(address, "a.b.c").get("/x")
