"""The operator's commands against a platform that runs."""

import base64
import gzip
import json
import re
import select
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from tests.embedded import APGE, Embedded, environment, run

from apge import sources

pytestmark = [pytest.mark.timeout(600)]

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
HEADER = "staff_id,sex,grade,contract_source,unit,portfolio,region,duty_station,nationality,birth_year,geographic_post,entered_on"


def test_status_shows_the_published_figures_and_the_difference(embedded: Embedded) -> None:
    shown = embedded.apge("status")
    assert shown.returncode == 0
    assert re.search(r"Total +2 \(6\.9 %\) +20 \(69\.0 %\) +7 \(24\.1 %\) +29 *\n", shown.stdout)
    assert re.search(r"Published +29 \(50\.8 %\) +21 \(36\.8 %\) +7 \(12\.2 %\) +57 *\n", shown.stdout)


def test_status_of_another_phase_is_in_the_words_of_that_phase(embedded: Embedded) -> None:
    shown = embedded.apge("status", "--phase", "2018-19")
    assert re.search(r"Area +Met +Not met +Data unavailable +Total", shown.stdout)


def test_status_as_json_is_the_api_s_own_answer(embedded: Embedded) -> None:
    shown = json.loads(embedded.apge("status", "--json").stdout)
    with embedded.client() as http:
        assert shown == http.get("/reporting/v1/status?plan=apge-2018-21&phase=2020-21").json()


def test_a_problem_is_shown_as_its_own_sentence(embedded: Embedded) -> None:
    shown = embedded.apge("status", "--plan", "apge-1900")
    assert (shown.returncode, shown.stdout, shown.stderr) == (1, "", "apge: there is no plan apge-1900\n")


def test_a_wrong_value_is_shown_with_its_field(embedded: Embedded) -> None:
    shown = embedded.apge("status", "--as-of", "yesterday")
    assert shown.returncode == 1
    assert re.fullmatch(r"apge: as_of: [^\n]+ \(got 'yesterday'\)\n", shown.stderr)


def test_when_nothing_answers_one_sentence_says_how_to_start_it(tmp_path: Path) -> None:
    shown = run(tmp_path, "status", "--url", "http://127.0.0.1:9")
    expected = "apge: nothing answers at http://127.0.0.1:9: start it with 'make run', or name another by --url.\n"
    assert (shown.returncode, shown.stderr) == (1, expected)


def test_without_a_key_of_an_issuer_one_sentence_says_what_to_give(embedded: Embedded, tmp_path: Path) -> None:
    shown = run(tmp_path, "reconcile", "--url", embedded.url)
    assert shown.returncode == 1
    assert re.fullmatch(
        r"apge: no token: \S+ holds no key of a local issuer; give one by --token [^\n]+\n", shown.stderr
    )


def test_loading_again_changes_nothing(embedded: Embedded) -> None:
    again = embedded.apge("load")
    assert again.returncode == 0, again.stderr
    assert " new" not in again.stdout
    kinds = Counter(item.kind for item in sources.read(EXAMPLES.parent))
    named = {kind: f"{count} {kind}{'s' * (count > 1)}" for kind, count in kinds.items()}
    assert all(words in again.stdout for words in named.values()), again.stdout
    assert again.stdout.startswith(f"{named['unit']}, ")


def test_loading_names_item_field_and_value_of_what_is_refused(embedded: Embedded, tmp_path: Path) -> None:
    for name in ("units.json", *sources.PLANS, "gem-evaluation-2016-21.json"):
        (tmp_path / name).write_bytes((EXAMPLES.parent / name).read_bytes())
    units = json.loads((tmp_path / "units.json").read_text())
    units["units"].append({"code": "ODD", "name": "An odd unit", "kind": "castle"})
    (tmp_path / "units.json").write_text(json.dumps(units))
    refused = embedded.apge("load", "--data", str(tmp_path))
    assert refused.returncode == 1
    assert re.search(r"^apge: unit ODD: #/kind: .*\(got 'castle'\)$", refused.stderr, re.MULTILINE)


def test_loading_leaves_what_somebody_has_changed(embedded: Embedded) -> None:
    path = "/indicators/v1/units/CABINET"
    with embedded.client("operator") as http:
        read = http.get(path)
        changed = {**read.json(), "name": "The Cabinet"}
        del changed["code"]
        http.put(path, json=changed, headers={"If-Match": read.headers["ETag"]}).raise_for_status()
        assert "1 unit there in another form, which stays" in embedded.apge("load").stdout
        assert http.get(path).json()["name"] == "The Cabinet"


@pytest.fixture
def watching(embedded: Embedded) -> Iterator["subprocess.Popen[bytes]"]:
    """`apge watch`, connected."""
    with embedded.client() as http:
        before = _clients(http.get("/reporting/metrics").text)
        process = subprocess.Popen(
            [APGE, "watch", "--view", "parity", "--view", "status"],
            env=environment(embedded.folder, APGE_CLI_URL=embedded.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # or select would not know of lines that were read ahead
        )
        until = time.monotonic() + 20
        while _clients(http.get("/reporting/metrics").text) == before:
            assert time.monotonic() < until
            time.sleep(0.05)
    yield process
    process.kill()
    process.communicate()


def _clients(metrics: str) -> str:
    found = re.search(r"^apge_live_clients (\S+)$", metrics, re.MULTILINE)
    return found[1] if found else ""


def _line_with(process: "subprocess.Popen[bytes]", words: str, patience: float = 20) -> str:
    until = time.monotonic() + patience
    assert process.stdout
    while time.monotonic() < until:
        if select.select([process.stdout], [], [], 0.5)[0]:
            line = process.stdout.readline().decode()
            if words in line:
                return line
    pytest.fail(f"no line with {words!r} within {patience} s")


def test_a_pushed_snapshot_is_seen_by_who_watches_and_ctrl_c_ends_that_with_0(
    embedded: Embedded, watching: "subprocess.Popen[bytes]"
) -> None:
    file = EXAMPLES / "staff-2020-12-31.csv"
    pushed = embedded.apge("push", str(file), "--source", "example", "--as-of", "2020-12-31")
    assert (pushed.returncode, pushed.stderr) == (0, "")
    assert "1,216 rows, 1,216 accepted, 0 refused" in pushed.stdout
    assert re.search(r"P5 and above, regular budget +114 +186 +0 +300 +38(\.0)? %", pushed.stdout)
    line = _line_with(watching, "women-p5-plus-regular-budget")
    assert "114 women and 186 men; 38 % women of 300" in line
    watching.send_signal(signal.SIGINT)
    assert watching.wait(10) == 0


def test_a_compressed_snapshot_with_wrong_rows_names_line_column_value_and_rule(
    embedded: Embedded, tmp_path: Path
) -> None:
    good = "A1,F,P5,regular_budget,HRD,management-reform,europe-central-asia,Geneva,FRA,1980,true,2010-01-01"
    bad = good.replace("A1,F,P5", "A2,F,P9")
    file = tmp_path / "staff.csv.gz"
    file.write_bytes(gzip.compress(f"{HEADER}\n{good}\n{bad}\n".encode()))
    pushed = embedded.apge("push", str(file), "--source", "other", "--as-of", "2019-12-31")
    assert pushed.returncode == 0, pushed.stderr
    assert "2 rows, 1 accepted, 1 refused" in pushed.stdout
    assert re.search(r"3 +grade +P9 +\S+", pushed.stdout)


def test_a_file_of_unknown_kind_is_not_sent(embedded: Embedded, tmp_path: Path) -> None:
    (tmp_path / "staff.doc").touch()
    pushed = embedded.apge("push", str(tmp_path / "staff.doc"), "--source", "x", "--as-of", "2020-12-31")
    assert pushed.returncode == 1
    assert pushed.stderr.startswith("apge: staff.doc: the name ends in none of .csv, .ndjson")


async def test_reconcile_names_what_differs_and_a_rebuild_heals_it(embedded: Embedded) -> None:
    connection = await asyncpg.connect(f"postgresql://postgres@/apge_reporting?host={embedded.folder / 'postgres'}")
    try:
        await connection.execute(
            "UPDATE actions SET state = jsonb_set(state, '{text}', '\"x\"') WHERE aggregate LIKE '%/marker-tools-webinars'"
        )
        await connection.execute("DELETE FROM actions WHERE aggregate LIKE '%/marker-news-series'")
    finally:
        await connection.close()
    differs = embedded.apge("reconcile", "--json")
    assert differs.returncode == 1
    found = {one["aggregate"].rpartition("/")[2]: one["kind"] for one in json.loads(differs.stdout)["differences"]}
    assert found == {
        "marker-tools-webinars": "other content at the same version",
        "marker-news-series": "missing in the view",
    }
    rebuilt = embedded.apge("rebuild", "actions")
    assert (rebuilt.returncode, rebuilt.stderr) == (0, "")
    with embedded.client("operator") as http:
        heads = http.get("/indicators/v1/heads").json()
    actions = [head["aggregate"] for head in heads if head["aggregate"].startswith("action/")]
    assert rebuilt.stdout.endswith(f"rows: actions {len(actions)}\n")
    assert len(actions) >= sum(item.kind == "accelerating action" for item in sources.read(EXAMPLES.parent))
    healed = embedded.apge("reconcile")
    assert healed.returncode == 0, healed.stdout
    assert healed.stdout.startswith("0 differences; aggregates compared: indicators ")


def test_rebuild_all_names_every_view(embedded: Embedded) -> None:
    rebuilt = embedded.apge("rebuild", "--all")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert {line.partition(":")[0] for line in rebuilt.stdout.splitlines()} >= {
        "status",
        "actions",
        "recommendations",
        "parity",
    }


def test_rebuild_of_a_view_that_is_not_there_names_those_that_are(embedded: Embedded) -> None:
    refused = embedded.apge("rebuild", "statsu")
    assert refused.returncode == 1
    assert (
        "statsu: there is no such view here; views are actions, parity, recommendations, registers, resources, status"
        in refused.stderr
    )


def test_token_prints_one_token_and_nothing_else(embedded: Embedded) -> None:
    printed = embedded.apge("token", "--role", "custodian", "--unit", "HRD", "--unit", "GEDI", "--hours", "2").stdout
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", printed)
    claims = json.loads(base64.urlsafe_b64decode(printed.split(".")[1] + "=="))
    assert (claims["roles"], claims["units"], claims["exp"] - claims["iat"]) == (["custodian"], ["HRD", "GEDI"], 7200)


def test_a_custodian_without_units_and_an_unknown_role_get_no_token(embedded: Embedded) -> None:
    assert "name them by --unit" in embedded.apge("token", "--role", "custodian").stderr
    assert embedded.apge("token", "--role", "boss").stderr.startswith("apge: boss is no role; roles are custodian, ")


def test_doctor_finds_all_four_services_ready(embedded: Embedded) -> None:
    found = embedded.apge("doctor")
    assert found.returncode == 0, found.stdout
    for name in ("indicators", "hr-diversity", "recommendations", "reporting"):
        assert re.search(rf"^ok +{name} +ok$", found.stdout, re.MULTILINE), found.stdout


def test_doctor_says_what_to_do_where_nothing_runs(tmp_path: Path) -> None:
    found = run(tmp_path / "data", "doctor", "--url", "http://127.0.0.1:9")
    assert found.returncode == 0
    assert re.search(r"^note +port 9 +free: nothing runs there yet, 'make run' starts it$", found.stdout, re.MULTILINE)
