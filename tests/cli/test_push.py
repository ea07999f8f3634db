"""`apge push`: deltas, dry runs, and long files that go on where they were interrupted."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.embedded import APGE, Embedded, environment
from tests.hr_diversity.staff import HEADER, a_staff, file_of, people, row

pytestmark = [pytest.mark.timeout(600)]
UPLOADS = "/hr-diversity/v1/uploads"


def test_a_delta_says_who_came_changed_and_left(embedded: Embedded, tmp_path: Path) -> None:
    full, delta = tmp_path / "staff.csv", tmp_path / "delta.csv"
    full.write_bytes(a_staff(60, 40))
    delta.write_bytes(file_of([f"{row(200, grade='P5')},", f"T-1{',' * 12}true"], f"{HEADER},gone"))
    assert embedded.apge("push", str(full), "--source", "deltas", "--as-of", "2020-12-31").returncode == 0
    given = ("push", str(delta), "--source", "deltas", "--as-of", "2021-12-31", "--delta", "--base", "2020-12-31")
    dry = embedded.apge(*given, "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert dry.stdout.startswith(
        "Dry run, nothing is stored. It would be revision 1 of the snapshot of deltas on 2021-12-31\n"
    )
    assert "2 rows, 1 accepted, 0 refused\n" in dry.stdout
    laid = embedded.apge(*given)
    assert "Of 2020-12-31 (revision 1): 1 added, 0 changed, 99 unchanged, 1 gone; 100 people in all\n" in laid.stdout
    again, in_parts = embedded.apge(*given).stdout, embedded.apge(*given, "--resume").stdout
    assert laid.stdout.startswith("Taken in: the snapshot of deltas on 2021-12-31 (")
    assert again.startswith("Already here, nothing changed: the snapshot of deltas on 2021-12-31, revision 1 (")
    assert again.partition("\n")[2] == laid.stdout.partition("\n")[2]
    assert in_parts == again


def test_what_is_wrong_and_what_is_odd_are_sentences(embedded: Embedded, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_bytes(a_staff(60, 40))
    embedded.apge("push", str(file), "--source", "odd", "--as-of", "2020-12-31")
    bad = [row(n, grade="") for n in range(300, 303)] + [row(303, unit="ATLANTIS")]
    file.write_bytes(file_of(people(40, grade="P5") + bad))
    pushed = embedded.apge("push", str(file), "--source", "odd", "--as-of", "2021-12-31", "--resume")
    assert "Refused by rule: missing value 3\n" in pushed.stdout
    assert "Warning: 41 people, where there were 100 on 2020-12-31 (-59 %)" in pushed.stdout.replace("-59.0", "-59")
    assert "Warning: units that are defined nowhere, whose rows count: ATLANTIS\n" in pushed.stdout


def test_a_long_file_goes_on_where_ctrl_c_stopped_it(embedded: Embedded, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_bytes(file_of(people(120_000)))
    given = [APGE, "push", str(file), "--source", "long", "--as-of", "2021-12-31", "--resume", "--json"]
    asking = environment(embedded.folder, APGE_CLI_URL=embedded.url)
    with embedded.client("hr-feeder") as http:
        first = subprocess.Popen(given, env=asking, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until = time.monotonic() + 60
        while not any(one["offset"] and one["source"] == "long" for one in http.get(UPLOADS).json()["items"]):
            assert time.monotonic() < until
            assert first.poll() is None, first.communicate()
            time.sleep(0.01)
        first.send_signal(signal.SIGINT)
        _, words = first.communicate(timeout=20)
        assert first.returncode == 130, words
        assert b"the same command goes on where this one was" in words
        second = subprocess.run(given, env=asking, capture_output=True, check=False, timeout=300)
        assert second.returncode == 0, second.stderr
        receipt = json.loads(second.stdout)
        assert (receipt["rows"], receipt["accepted"]) == (120_000, 120_000)
        [upload] = [one for one in http.get(UPLOADS).json()["items"] if one["source"] == "long"]
        assert (upload["state"], upload["offset"]) == ("done", file.stat().st_size)
    third = subprocess.run(given, env=asking, capture_output=True, check=False, timeout=300)
    assert json.loads(third.stdout) == receipt


def test_a_file_that_is_refused_is_told_by_line_and_column(embedded: Embedded, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_bytes(file_of(people(3, grade="P9")))
    for more in ([], ["--resume"]):
        pushed = embedded.apge("push", str(file), "--source", "bad", "--as-of", "2021-12-31", *more)
        assert pushed.returncode == 1
        assert re.search(r"#/2/grade: unknown_grade \(got 'P9'\)", pushed.stderr)
