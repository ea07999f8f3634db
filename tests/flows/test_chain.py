"""The signature of the product: a staffing snapshot moves an indicator, its status, the view and every live client by itself.

Each test goes on from where the one before it left the platform: a file runs in one process, in its order.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.embedded import Embedded
from tests.flows.listening import listening

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
STATUS = "/reporting/v1/status?plan=apge-2018-21&phase=2020-21"
CARD = "/reporting/v1/indicators/women-p5-plus?plan=apge-2018-21"


def push(platform: Embedded, content: bytes, as_of: str, source: str = "example") -> dict[str, Any]:
    with platform.client("hr-feeder") as http:
        answer = http.post(
            f"/hr-diversity/v1/snapshots?source={source}&as_of={as_of}",
            content=content,
            headers={"Content-Type": "text/csv"},
        )
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def test_a_snapshot_moves_indicator_status_view_and_live_client_with_no_hand_in_between(platform: Embedded) -> None:
    with platform.client() as http:
        before = http.get(STATUS).json()
    assert before["targets"]["counts"] == {"on_track": 2, "not_on_track": 20, "data_unavailable": 7}
    with listening(platform.url, view="status", since=before["position"]) as listener:
        receipt = push(platform, (EXAMPLES / "staff-2021-12-31.csv").read_bytes(), "2021-12-31")
        change = listener.wait_for(lambda c: c.get("indicator") == "women-p5-plus")
    measure = next(m for m in receipt["measures"] if m["code"] == "women-p5-plus-regular-budget")
    assert (measure["women"], measure["men"], measure["share"]) == (112, 190, 37.1)
    assert (change["status"], change["before"]) == ("not_on_track", "not_on_track")
    assert (change["result"]["numerator"], change["result"]["denominator"], change["result"]["value"]) == (
        112,
        302,
        37.1,
    )
    assert change["result"]["derived_from"]["snapshot"] == receipt["id"]

    with platform.client() as http:
        card = http.get(CARD).json()
    why = next(w for w in card["why"] if w["phase"] == "2020-21")
    assert why["derived_from"] == change["result"]["derived_from"]
    assert "37.1 per cent (112 of 302)" in why["because"]
    assert "at least 45" in why["because"]
    assert why["events"][-1]["correlationid"] == change["correlation"]
    assert [entry["result"]["as_of"] for entry in card["history"]][-1] == "2021-12-31"


def test_a_corrected_snapshot_replaces_the_result_and_turns_the_status(platform: Embedded) -> None:
    """The same day with 40 more women at D1 reaches the target of 45 per cent: 152 of 342 is 44.4, with 45 more 157 of 347 is 45.2."""
    text = (EXAMPLES / "staff-2021-12-31.csv").read_text()
    header = text.splitlines()[0].split(",")
    row = {
        "staff_id": "",
        "sex": "F",
        "grade": "D1",
        "contract_source": "regular_budget",
        "unit": "HRD",
        "region": "europe-central-asia",
    }
    more = [",".join((row | {"staff_id": f"EXTRA-{n}"}).get(column, "") for column in header) for n in range(45)]
    assert Decimal(157) / 347 * 100 > 45
    with listening(platform.url, view="status") as listener:
        receipt = push(platform, (text.rstrip("\n") + "\n" + "\n".join(more) + "\n").encode(), "2021-12-31")
        change = listener.wait_for(lambda c: c.get("indicator") == "women-p5-plus" and c["result"]["numerator"] == 157)
    assert receipt["revision"] == 2
    assert (change["before"], change["status"]) == ("not_on_track", "on_track")
    with platform.client() as http:
        counts = http.get(STATUS).json()["targets"]["counts"]
    assert counts == {"on_track": 3, "not_on_track": 19, "data_unavailable": 7}


def test_a_late_snapshot_enters_the_history_and_moves_nothing(platform: Embedded) -> None:
    with listening(platform.url, view="status") as listener:
        push(platform, (EXAMPLES / "staff-2020-12-31.csv").read_bytes(), "2021-01-15")
        change = listener.wait_for(lambda c: c.get("indicator") == "women-p5-plus")
    assert (change["before"], change["status"]) == ("on_track", "on_track")
    assert change["result"]["as_of"] == "2021-12-31"
    with platform.client() as http:
        history = http.get(CARD).json()["history"]
    assert history[-1]["result"]["as_of"] == "2021-01-15"
    assert history[-1]["result"]["value"] == 38


def test_the_same_snapshot_pushed_again_has_no_second_effect(platform: Embedded) -> None:
    with platform.client() as http:
        before = http.get(CARD).json()["history"]
    with platform.client("hr-feeder") as http:
        content = (EXAMPLES / "staff-2020-12-31.csv").read_bytes()
        answer = http.post(
            "/hr-diversity/v1/snapshots?source=example&as_of=2021-01-15",
            content=content,
            headers={"Content-Type": "text/csv"},
        )
    assert answer.status_code == 200
    reconciled = platform.apge("reconcile")
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr
    with platform.client() as http:
        assert http.get(CARD).json()["history"] == before


def test_parity_by_grade_is_shown_with_small_groups_withheld(platform: Embedded) -> None:
    with platform.client() as http:
        parity = http.get("/reporting/v1/parity?measure=staff-by-grade&as_of=2021-12-31").json()
    assert parity["derived_from"]["revision"] == 2
    cells = {cell["group"]: cell for cell in parity["cells"]}
    shown = [cell for cell in cells.values() if not cell["suppressed"]]
    assert shown
    assert all(cell["suppressed"] for cell in cells.values() if cell["total"] is None)
    assert cells["DG"]["suppressed"]


@pytest.mark.parametrize("service", ["indicators", "hr-diversity", "recommendations", "reporting"])
def test_every_service_says_that_it_is_well(platform: Embedded, service: str) -> None:
    with platform.client() as http:
        ready = http.get(f"/{service}/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "ok"), ready.text
        assert http.get(f"/{service}/health/live").status_code == 200
        assert "apge_" in http.get(f"/{service}/metrics").text
