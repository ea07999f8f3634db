"""The plan counts meetings that had the scorecard on their agenda: tabling a card moves the target's status, with nothing typed.

Each test goes on from where the one before it left the platform: a file runs in one process, in its order.
"""

from typing import Any

from tests.embedded import Embedded
from tests.flows.listening import Listener, listening
from tests.flows.test_chain import EXAMPLES, push

CARDS = "/hr-diversity/v1/scorecards"
CARD = "/reporting/v1/indicators/scorecard-meetings?plan=apge-2018-21"
POLICY = "portfolio:policy"
ISSUED: dict[str, Any] = {}


def statuses(platform: Embedded) -> dict[str, str]:
    with platform.client() as http:
        card = http.get(CARD).json()
    return {why["place"]: why["status"] for why in card["why"] if why["phase"] == "2020-21"}


def table(platform: Embedded, day: str, role: str = "senior-manager", *of: str, **more: str) -> dict[str, Any]:
    said = {"meeting": f"Policy Senior Management Team, {day}", "meeting_on": day, "portfolio": "policy"}
    with platform.client(role, *of) as http:
        answer = http.post(f"{CARDS}/issues/{ISSUED['id']}/tablings", json={**said, "agenda_item": "4", **more})
    assert answer.status_code == 201, answer.text
    tabled: dict[str, Any] = answer.json()
    return tabled


def change(listener: Listener, place: str, value: int) -> dict[str, Any]:
    return listener.wait_for(
        lambda one: (
            (one.get("indicator"), one.get("place")) == ("scorecard-meetings", place)
            and (one.get("result") or {}).get("value") == value
        )
    )


def test_a_card_is_issued_from_the_snapshot_that_was_pushed(platform: Embedded) -> None:
    assert statuses(platform)[POLICY] == "not_on_track"
    push(platform, (EXAMPLES / "staff-2020-12-31.csv").read_bytes(), "2020-12-31")
    with platform.client("hr-feeder") as http:
        answer = http.post(f"{CARDS}/policy/issues", json={})
    assert answer.status_code == 201, answer.text
    ISSUED.update(answer.json())
    assert (ISSUED["number"], ISSUED["as_of"]) == (1, "2020-12-31")


def test_two_meetings_reach_the_target_of_the_portfolio_and_of_the_whole(platform: Embedded) -> None:
    with listening(platform.url, view="status") as listener:
        table(platform, "2021-04-15")
        first = change(listener, POLICY, 1)
        table(platform, "2021-10-20", "custodian", "DDG-POL")
        second, whole = change(listener, POLICY, 2), change(listener, "global", 2)
    assert (first["before"], first["status"]) == ("not_on_track", "not_on_track")
    assert (second["before"], second["status"]) == ("not_on_track", "on_track")
    assert (whole["before"], whole["status"]) == ("not_on_track", "on_track")
    assert second["result"]["derived_from"]["measure"] == "scorecards-tabled"
    assert statuses(platform) | {"portfolio:field-operations": "not_on_track"} == statuses(platform)


def test_a_meeting_that_is_withdrawn_takes_the_target_back(platform: Embedded) -> None:
    with platform.client() as http:
        of_day = http.get(f"{CARDS}/issues/{ISSUED['id']}").json()["tablings"]
    [wrong] = [one["id"] for one in of_day if one["meeting_on"] == "2021-10-20"]
    with listening(platform.url, view="status") as listener:
        path = f"{CARDS}/issues/{ISSUED['id']}/tablings/{wrong}/withdrawal"
        with platform.client("senior-manager") as http:
            answer = http.post(path, json={"reason": "the meeting was put off"})
        assert answer.status_code == 200, answer.text
        taken_back = change(listener, POLICY, 1)
    assert (taken_back["before"], taken_back["status"]) == ("on_track", "not_on_track")


def test_the_views_hold_every_card_and_every_count(platform: Embedded) -> None:
    reconciled = platform.apge("reconcile")
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr


def test_the_command_shows_a_card_and_writes_its_sheet(platform: Embedded) -> None:
    sheet = platform.folder / "card.pdf"
    shown = platform.apge("scorecard", "policy", "--pdf", str(sheet))
    assert shown.returncode == 0, shown.stderr
    assert "On 31 December 2020 women were" in shown.stdout
    assert sheet.read_bytes().startswith(b"%PDF-")
    issued = platform.apge("scorecard", "management-reform", "--issue")
    assert "Scorecard 1 of management-reform is issued" in issued.stdout, issued.stdout + issued.stderr
