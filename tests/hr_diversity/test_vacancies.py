"""The vacancy register: what stands is stated once, what cannot be is refused, and no count of a single vacancy leaves it."""

import asyncio
import itertools
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hr_diversity.pushing import count, select
from tests.hr_diversity.registering import VACANCIES, put, registered, row, vacancy

from hr_diversity.rules.vacancies import DAYS, SEXES, STAGES, find_faults
from shared import clock
from shared.operations import digest
from shared.testing import Client

OTHERS = ["custodian", "reviewer", "evaluation-office", "senior-manager", "reader", "operator"]
SLUG = "urn:apge:problem:"
TODAY = date(2022, 12, 31)


async def stated(client: Client) -> int:
    [[number]] = await select(client, "SELECT count(*) FROM outbox WHERE aggregatetype = 'vacancy'")
    return number


async def test_a_vacancy_reads_back_as_it_was_registered(client: Client) -> None:
    made = await put(client)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    read = await client.get(f"{VACANCIES}/RAPS-1", role="hr-feeder")
    assert (read.json(), read.headers["etag"]) == (made.json(), '"1"')
    assert {name: read.json()[name] for name in ("grade", "selected", "on_post", "gender_text", "version")} == {
        "grade": "P4",
        "selected": "2022-06-30",
        "on_post": None,
        "gender_text": True,
        "version": 1,
    }
    assert read.json()["applicants"]["shortlisted"] == {"women": 6, "men": 7, "other": 0}


async def test_a_change_names_the_version_that_it_changes(client: Client) -> None:
    await put(client)
    blind = await put(client, on_post="2022-09-01")
    stale = await put(client, on_post="2022-09-01", if_match='"7"')
    changed = await put(client, on_post="2022-09-01", if_match='"1"')
    assert [one.status_code for one in (blind, stale, changed)] == [428, 412, 200]
    assert (changed.headers["etag"], changed.json()["on_post"]) == ('"2"', "2022-09-01")
    of_nothing = await put(client, "RAPS-2", if_match='"1"')
    assert of_nothing.status_code == 412


async def test_a_vacancy_said_again_as_it_stands_is_not_stated_again(client: Client) -> None:
    await put(client)
    again = await put(client)
    assert (again.status_code, again.headers["etag"]) == (200, '"1"')
    assert await stated(client) == await count(client, "changes") == 1


async def test_ten_equal_registrations_at_once_are_one(client: Client) -> None:
    answers = await asyncio.gather(*(put(client) for _ in range(10)))
    assert sorted(one.status_code for one in answers) == [200] * 9 + [201]
    assert await stated(client) == 1


async def test_no_event_has_a_count_of_a_single_vacancy(client: Client) -> None:
    await put(client)
    await put(client, on_post="2022-09-01", if_match='"1"')
    rows = await select(
        client,
        "SELECT type, aggregateid, sequence, actor, payload FROM outbox WHERE aggregatetype = 'vacancy' ORDER BY position",
    )
    assert [(one.type, one.aggregateid, one.sequence, one.actor) for one in rows] == [
        ("hr-diversity.vacancy-registered.v1", "RAPS-1", 1, "hr-feeder"),
        ("hr-diversity.vacancy-updated.v1", "RAPS-1", 2, "hr-feeder"),
    ]
    for one in rows:
        stated = json.loads(one.payload)
        assert stated["counted"] == ["applied", "shortlisted", "recommended", "selected"]
        numbers = [value for value in stated.values() if isinstance(value, int) and not isinstance(value, bool)]
        assert numbers == []
        assert not [value for value in stated.values() if isinstance(value, dict)]
        assert "women" not in one.payload
    assert json.loads(rows[1].payload)["on_post"] == "2022-09-01"


async def test_every_version_is_on_the_trail_with_who_made_it(client: Client) -> None:
    await put(client)
    await put(client, on_post="2022-09-01", if_match='"1"')
    trail = (await client.get(f"{VACANCIES}/RAPS-1/changes", role="hr-feeder")).json()["items"]
    assert [(one["sequence"], one["event"], one["actor"]) for one in trail] == [
        (1, "hr-diversity.vacancy-registered.v1", "hr-feeder"),
        (2, "hr-diversity.vacancy-updated.v1", "hr-feeder"),
    ]
    assert [one["kept"]["on_post"] for one in trail] == [None, "2022-09-01"]
    assert trail[0]["kept"]["applicants"]["selected"] == {"women": 1, "men": 0, "other": 0}
    params = {"limit": "1"}
    first = (await client.get(f"{VACANCIES}/RAPS-1/changes", params=params, role="hr-feeder")).json()
    params["after"] = first["next"]
    second = (await client.get(f"{VACANCIES}/RAPS-1/changes", params=params, role="hr-feeder")).json()
    assert first["items"] + second["items"] == trail


@pytest.mark.parametrize(
    ("more", "pointer", "said"),
    [
        ({"closed": "2022-01-09"}, "#/closed", "before posted"),
        ({"selected": "2022-03-31"}, "#/selected", "before shortlisted"),
        ({"on_post": "2022-06-29"}, "#/on_post", "before selected"),
        ({"shortlisted": None, "selected": "2022-02-09"}, "#/selected", "before closed"),
        ({"cancelled": "2022-06-29"}, "#/cancelled", "before selected"),
        ({"on_post": "2022-07-01", "cancelled": "2022-07-02"}, "#/cancelled", "on the post"),
        ({"selected": str(clock.today() + timedelta(days=9))}, "#/selected", "still to come"),
        ({"selected": None}, "#/selected", "day of the selection is needed"),
        ({"key_position": True}, "#/key_position", "development cooperation"),
        ({"applicants": {"applied": {"women": 5, "men": 5}, "selected": {"women": 6, "men": 0}}},
         "#/applicants/selected/women", "more than the 5 applied"),
        ({"grade": "P9"}, "#/grade", "P1"),
        ({"posted": None}, "#/posted", "required"),
        ({"posted": "yesterday"}, "#/posted", "2020-12-31"),
        ({"applicants": {"hired": {"women": 1, "men": 1}}}, "#/applicants/hired", "shortlisted"),
        ({"applicants": {"applied": {"women": -1, "men": 1}}}, "#/applicants/applied/women", "greater"),
        ({"applicants": {"applied": {"women": 1, "men": 1, "names": ["Ada"]}}}, "#/applicants/applied/names", "Extra"),
        ({"candidate": "Ada"}, "#/candidate", "Extra"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_by_field(
    reading: Client, more: dict[str, Any], pointer: str, said: str
) -> None:
    answer = await put(reading, "IMPOSSIBLE", **more)
    assert answer.status_code == 422, answer.text
    found = {one["pointer"].removesuffix("/[key]"): one["detail"] for one in answer.json()["errors"]}
    assert said in found[pointer]
    assert (await reading.get(f"{VACANCIES}/IMPOSSIBLE", role="hr-feeder")).status_code == 404


async def test_a_closing_day_may_be_announced_ahead(client: Client) -> None:
    ahead = str(clock.today() + timedelta(days=20))
    assert (await put(client, closed=ahead, shortlisted=None, selected=None, applicants=None)).status_code == 201


async def test_a_batch_answers_every_row_and_says_the_same_when_sent_again(client: Client) -> None:
    rows = [row(number) for number in range(1, 4)]
    first = await registered(client, *rows)
    assert [(one["row"], one["reference"], one["outcome"], one["version"]) for one in first["items"]] == [
        (number, f"RAPS-{number}", "registered", 1) for number in range(1, 4)
    ]
    rows[1]["on_post"] = "2022-08-01"
    second = await registered(client, *rows)
    assert (second["counts"], [one["version"] for one in second["items"]]) == (
        {"unchanged": 2, "updated": 1},
        [1, 2, 1],
    )
    assert (await registered(client, *rows))["counts"] == {"unchanged": 3}
    assert await stated(client) == await count(client, "changes") == 4


async def test_ndjson_is_a_batch_too(client: Client) -> None:
    body = "\n".join(json.dumps(row(number)) for number in range(1, 4)) + "\n\n"
    answer = await client.post(
        VACANCIES, content=body, headers={"content-type": "application/x-ndjson"}, role="hr-feeder"
    )
    assert (answer.status_code, answer.json()["counts"]) == (200, {"registered": 3})


async def test_of_a_batch_with_a_refused_row_nothing_is_kept(client: Client) -> None:
    rows = [row(1), row(2, selected="2021-01-01"), row(1), {"reference": "RAPS-4"}, "RAPS-5", row(6)]
    answer = await client.post(VACANCIES, json=rows, role="hr-feeder")
    assert (answer.status_code, answer.json()["type"]) == (422, SLUG + "rows-refused")
    items = answer.json()["items"]
    assert [one["outcome"] for one in items] == ["registered", "refused", "refused", "refused", "refused", "registered"]
    assert [one["refused"][0]["rule"] for one in items if one["refused"]] == [
        "impossible-vacancy",
        "twice",
        "invalid-request",
        "invalid-request",
    ]
    assert answer.json()["errors"][0]["pointer"] == "#/2/selected"
    for table in ("vacancies", "changes", "outbox"):
        assert await count(client, table) == 0


async def test_a_dry_run_says_what_would_become_and_keeps_nothing(client: Client) -> None:
    await registered(client, row(1), row(2))
    rows = [row(1), row(2, on_post="2022-08-01"), row(3), row(4, grade="P9")]
    answer = await client.post(VACANCIES, json=rows, params={"dry_run": "true"}, role="hr-feeder")
    assert answer.status_code == 200
    assert [one["outcome"] for one in answer.json()["items"]] == [
        "unchanged",
        "would_update",
        "would_register",
        "refused",
    ]
    assert await count(client, "vacancies") == await stated(client) == 2


async def test_a_row_with_an_old_version_does_not_undo_what_others_changed(client: Client) -> None:
    await registered(client, row(1))
    await put(client, on_post="2022-09-01", if_match='"1"')
    late = await client.post(VACANCIES, json=[{**row(1, grade="P5"), "version": 1}], role="hr-feeder")
    assert late.status_code == 422
    assert late.json()["items"][0]["refused"][0]["rule"] == "stale-version"
    now = await registered(client, {**row(1, grade="P5"), "version": 2})
    assert now["items"][0] == {"row": 1, "reference": "RAPS-1", "outcome": "updated", "version": 3, "refused": []}


async def test_a_batch_with_a_key_has_its_effect_once(client: Client) -> None:
    how: dict[str, Any] = {"json": [row(1)], "headers": {"Idempotency-Key": "night-1"}, "role": "hr-feeder"}
    first = await client.post(VACANCIES, **how)
    await put(client, grade="P5", if_match='"1"')
    again = await client.post(VACANCIES, **how)
    assert (again.json(), again.headers["idempotent-replay"]) == (first.json(), "true")
    assert (await client.get(f"{VACANCIES}/RAPS-1", role="hr-feeder")).json()["grade"] == "P5"


async def test_batches_of_the_same_vacancies_at_once_end_in_one_state(client: Client) -> None:
    rows = [row(number) for number in range(20)]
    answers = await asyncio.gather(*(registered(client, *(rows if n % 2 else rows[::-1])) for n in range(6)))
    assert sorted(next(iter(one["counts"])) for one in answers) == ["registered"] + ["unchanged"] * 5
    assert await stated(client) == 20


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        ("[]", "application/json", 422),
        ("{}", "application/json", 422),
        ("[{", "application/json", 422),
        ("{}\n{", "application/x-ndjson", 422),
        ("\n", "application/x-ndjson", 422),
        ("[]", "text/csv", 415),
        ("[" * 200_000, "application/json", 413),
        ("{}\n" * 10_001, "application/x-ndjson", 413),
        ("[" + " " * (17 << 20) + "]", "application/json", 413),
    ],
    ids=range(9),
)
async def test_a_broken_batch_is_a_clear_refusal(reading: Client, body: str, media: str, status: int) -> None:
    answer = await reading.post(VACANCIES, content=body, headers={"content-type": media}, role="hr-feeder")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_the_list_is_filtered_and_paged(client: Client) -> None:
    await registered(
        client,
        row(1),
        row(2, unit="GEDI", on_post="2022-09-01"),
        row(3, grade="P5", posted="2021-01-10", cancelled="2022-07-01"),
        row(4, track="development_cooperation", funding="development_cooperation"),
    )

    async def listed(**params: str) -> list[str]:
        answer = await client.get(VACANCIES, params=params, role="hr-feeder")
        assert answer.status_code == 200, answer.text
        return [one["reference"].removeprefix("RAPS-") for one in answer.json()["items"]]

    assert await listed() == ["1", "2", "3", "4"]
    assert await listed(unit="GEDI") == ["2"]
    assert await listed(grade="P5") == ["3"]
    assert await listed(track="raps", funding="regular_budget") == ["1", "2", "3"]
    assert await listed(posted_from="2022-01-10", posted_to="2022-01-10") == ["1", "2", "4"]
    assert (await listed(open="true"), await listed(open="false")) == (["1", "4"], ["2", "3"])
    page = (await client.get(VACANCIES, params={"limit": "3"}, role="hr-feeder")).json()
    assert await listed(limit="3", after=page["next"]) == ["4"]
    assert (await client.get(VACANCIES, params={"colour": "red"}, role="hr-feeder")).status_code == 400


async def test_heads_agree_with_the_events_of_vacancies(client: Client) -> None:
    await registered(client, row(1), row(2))
    await put(client, grade="P5", if_match='"1"')
    heads = (await client.get("/hr-diversity/v1/heads", role="operator")).json()
    assert {one["aggregate"]: one["sequence"] for one in heads} == {
        "vacancy/RAPS-1": 2,
        "vacancy/RAPS-2": 1,
        "measure/vacancies/2022-12-31/vacancies-gender-text": 1,
    }
    last = await select(
        client, "SELECT aggregatetype || '/' || aggregateid AS name, payload FROM outbox ORDER BY position"
    )
    payloads = {one.name: json.loads(one.payload) for one in last}
    assert {one["aggregate"]: one["digest"] for one in heads} == {name: digest(of) for name, of in payloads.items()}


async def test_that_the_hr_role_read_counts_of_single_vacancies_is_on_record(client: Client) -> None:
    await put(client)
    for path in ("", "/RAPS-1", "/RAPS-1/changes", "?unit=HRD"):
        await client.get(VACANCIES + path, role="hr-feeder")
    await client.get(f"{VACANCIES}/RAPS-1", role="reader")
    seen = (await client.get("/hr-diversity/v1/disclosures", role="operator")).json()["items"]
    assert [one["asked"].removeprefix(VACANCIES) for one in seen] == ["?unit=HRD", "/RAPS-1/changes", "/RAPS-1", ""]


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/RAPS-1"), ("POST", ""), ("GET", ""), ("GET", "/RAPS-1"), ("GET", "/RAPS-1/changes")],
)
async def test_only_the_hr_feeder_sees_and_changes_the_register(reading: Client, method: str, path: str) -> None:
    how: dict[str, Any] = {"json": vacancy() if method == "PUT" else [row()]} if method != "GET" else {}
    for role in OTHERS:
        assert (await reading.request(method, VACANCIES + path, role=role, **how)).status_code == 403, role
    assert (await reading.request(method, VACANCIES + path, **how)).status_code == 401


days = st.dates(date(2020, 1, 1), date(2022, 12, 31))


@given(st.lists(days, min_size=5, max_size=5), st.sets(st.sampled_from(DAYS[1:])))
@settings(max_examples=200)
def test_days_are_out_of_order_exactly_where_a_later_stage_is_earlier(drawn: list[date], known: set[str]) -> None:
    said = {name: day for name, day in zip(DAYS, drawn, strict=True) if name == "posted" or name in known}
    in_order = list(said.values()) == sorted(said.values())
    assert (find_faults({**said, "track": "raps"}, TODAY) == []) == in_order


tallies = st.fixed_dictionaries({sex: st.integers(0, 9) for sex in SEXES})


@given(st.dictionaries(st.sampled_from(STAGES), tallies))
@settings(max_examples=200)
def test_counts_are_at_fault_exactly_where_a_later_stage_has_more(applicants: dict[str, dict[str, int]]) -> None:
    said = {"posted": TODAY, "selected": TODAY, "track": "raps", "applicants": applicants}
    counted = [applicants[stage] for stage in STAGES if stage in applicants]
    falls = all(a[sex] >= b[sex] for a, b in itertools.pairwise(counted) for sex in SEXES)
    assert (find_faults(said, TODAY) == []) == falls
