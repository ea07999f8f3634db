"""A custodian's and a reviewer's day, and the evaluation office's, over the running platform."""

from tests.embedded import Embedded
from tests.flows.listening import listening

INDICATORS = "/indicators/v1/indicators"
PLAN = "plan=apge-2018-21"


def test_a_custodian_reports_what_is_due_and_a_reviewer_sends_it_back(platform: Embedded) -> None:
    with platform.client("custodian", "TURIN") as http:
        mine = http.get(f"{INDICATORS}?{PLAN}").json()["items"]
        due = http.get(f"/indicators/v1/due?{PLAN}").json()["items"]
    assert {indicator["code"] for indicator in mine} == {"turin-women", "turin-men-gender-training"}
    assert {item["indicator"] for item in due} == {"turin-women", "turin-men-gender-training"}
    body = {"phase": "2020-21", "place": "global", "numerator": 460, "denominator": 1000, "as_of": "2021-06-30", "comment": "online courses", "evidence": [{"title": "Course list"}]}  # fmt: skip
    with listening(platform.url, view="status") as listener, platform.client("custodian", "TURIN") as http:
        recorded = http.post(f"{INDICATORS}/turin-women/results?{PLAN}", json=body)
        assert recorded.status_code == 201, recorded.text
        assert recorded.json()["status"] == "on_track"
        change = listener.wait_for(lambda c: c.get("indicator") == "turin-women" and c["status"] == "on_track")
        assert change["before"] == "not_on_track"
        number = recorded.json()["changed"]["number"]
        with platform.client("reviewer") as reviewer:
            sent_back = reviewer.post(
                f"{INDICATORS}/turin-women/results/2020-21/global/{number}/send-back?{PLAN}",
                json={"reason": "the course list is of another year"},
                headers={"If-Match": recorded.headers["etag"]},
            )
        assert sent_back.status_code == 200, sent_back.text
        listener.wait_for(
            lambda c: (
                c.get("indicator") == "turin-women" and c["status"] == "not_on_track" and c["before"] == "on_track"
            )
        )
        most_urgent = http.get(f"/indicators/v1/due?{PLAN}").json()["items"][0]
    assert (most_urgent["indicator"], most_urgent["state"]) == ("turin-women", "sent_back")
    assert most_urgent["reason"] == "the course list is of another year"


def test_no_data_is_reported_with_its_reason(platform: Embedded) -> None:
    with platform.client("custodian", "RESEARCH") as http:
        answer = http.post(
            f"{INDICATORS}/research-women-authors/results?{PLAN}",
            json={"phase": "2020-21", "place": "global", "no_data": "report_under_preparation"},
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["status"] == "data_unavailable"
        bad = http.post(
            f"{INDICATORS}/research-women-authors/results?{PLAN}",
            json={"phase": "2020-21", "place": "global", "no_data": "forgot"},
        )
    assert bad.status_code == 422
    assert bad.headers["content-type"] == "application/problem+json"
    assert bad.json()["errors"][0]["pointer"] == "#/no_data"
    assert bad.json()["errors"][0]["value"] == "forgot"


def test_another_units_indicator_is_as_if_absent(platform: Embedded) -> None:
    with platform.client("custodian", "TURIN") as http:
        foreign = http.post(f"{INDICATORS}/women-p5-plus/results?{PLAN}", json={"phase": "2020-21", "value": 50})
        absent = http.post(f"{INDICATORS}/no-such-thing/results?{PLAN}", json={"phase": "2020-21", "value": 50})
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json()["type"] == absent.json()["type"]


def test_an_accelerating_action_is_added_and_kept_up_to_date(platform: Embedded) -> None:
    action = {
        "code": "turin-scholarships",
        "indicators": ["turin-women"],
        "custodians": ["TURIN"],
        "text": "Offer scholarships to women.",
    }
    with platform.client("custodian", "TURIN") as http:
        added = http.post(f"/indicators/v1/actions?{PLAN}", json=action)
        assert added.status_code == 201, added.text
        changed = http.patch(
            f"/indicators/v1/actions/turin-scholarships?{PLAN}",
            json={"state": "ongoing"},
            headers={"If-Match": added.headers["etag"]},
        )
        assert changed.json()["state"] == "ongoing"
        stale = http.patch(
            f"/indicators/v1/actions/turin-scholarships?{PLAN}",
            json={"state": "completed"},
            headers={"If-Match": added.headers["etag"]},
        )
    assert stale.status_code == 412


def test_a_management_response_and_a_follow_up_action_reach_the_view(platform: Embedded) -> None:
    register = "/recommendations/v1/recommendations"
    source = "source=gem-evaluation-2016-21"
    with platform.client("evaluation-office") as http:
        items = http.get(f"{register}?{source}").json()["items"]
        assert [item["number"] for item in items] == [1, 2, 3, 4, 5, 6]
        assert all(
            item["units"] and item["priority"] and item["sub_actions"] and item["state"] == "awaiting_response"
            for item in items
        )
        with listening(platform.url, view="recommendations") as listener:
            answered = http.post(
                f"{register}/4/response?{source}",
                json={"answer": "partially_accepted", "reason": "within existing means"},
            )
            assert answered.status_code in {200, 201}, answered.text
            followed = http.post(
                f"{register}/4/follow-up-actions?{source}",
                json={"text": "List the competencies by role", "responsible": ["HRD"], "due": "2027-06-30"},
            )
            assert followed.status_code == 201, followed.text
            listener.wait_for(lambda c: c.get("number") == 4 and c["follow_up"] == 1)
        view = http.get(f"/reporting/v1/recommendations?{source}").json()
    assert view["by_state"] == {"awaiting_response": 5, "not_started": 1}
    fourth = next(item for item in view["items"] if item["number"] == 4)
    assert fourth["response"]["answer"] == "partially_accepted"
    assert fourth["follow_up"][0]["responsible"] == ["HRD"]
