"""Results by the thousand: every row answered, all recorded or none, the same again changes nothing."""

import json

import pytest
from tests.indicators.plan import (
    HRD,
    INDICATORS,
    NOW,
    OPERATOR,
    PARDEV,
    PLAN,
    REVIEWER,
    assert_heads_are_last_events,
    at,
    begin,
    define,
    events_of,
    get,
    line_of,
    record,
    review,
    rows_of,
    status_of,
    types_of,
    without,
)

from indicators import sheets

DAY = "2020-06-30"
SHARE = {"indicator": "share", "phase": NOW, "as_of": DAY, "value": 45}


def results(*rows):
    return json.dumps({"results": list(rows)})


async def upload(client, body, media="application/json", status=200, dry_run=False, headers=(), **caller):
    path = at("results") + ("&dry_run=true" if dry_run else "")
    path += "&published=true" if caller.get("role") == "operator" else ""
    given = {"Content-Type": media, **dict(headers)}
    done = await client.post(path, content=body, headers=given, **(caller or HRD))
    assert done.status_code == status, done.text
    return done.json()


def csv(*lines):
    return "\n".join(lines).encode()


async def test_a_dry_run_tells_what_would_be_and_stores_nothing(client):
    await begin(client)
    await record(client, 40)
    before = await rows_of(client)
    told = await upload(
        client,
        results(
            {**SHARE}, {"indicator": "count", "phase": NOW, "as_of": DAY, "value": 3}, {**SHARE, "as_of": "2020-03-31"}
        ),
        dry_run=True,
    )
    assert await rows_of(client) == before
    assert told["counts"] == {"would_change": 1, "would_create": 2}
    first = told["items"][0]
    assert (first["before"]["value"], first["after"]["value"]) == (40, 45)
    assert (first["status_before"], first["status_after"]) == ("not_on_track", "on_track")


async def test_what_a_dry_run_tells_then_comes_to_pass(client):
    await begin(client)
    body = results(
        SHARE, {**SHARE, "as_of": "2020-09-30", "value": 50}, {"indicator": "milestone", "phase": NOW, "reached": True}
    )
    told = await upload(client, body, dry_run=True)
    done = await upload(client, body)
    assert [item["outcome"] for item in told["items"]] == ["would_create"] * 3
    assert [item["outcome"] for item in done["items"]] == ["created"] * 3
    assert ["number" in item["after"] for item in (*told["items"], *done["items"])] == [False] * 3 + [True] * 3
    for item in (*told["items"], *done["items"]):
        item["after"].pop("number", None)
    assert [without(one, "outcome") for one in told["items"]] == [without(one, "outcome") for one in done["items"]]
    for item in done["items"][1:]:
        assert await status_of(client, item["indicator"]) == item["status_after"]


async def test_a_refused_upload_tells_of_a_change_what_it_would_have_been(client):
    await begin(client)
    await record(client, 40)
    told = await upload(client, results(SHARE, {**SHARE, "place": "portfolio:policy", "value": 101}), status=422)
    assert told["counts"] == {"would_change": 1, "refused": 1}
    assert (await line_of(client))["version"] == 1


async def test_one_refused_row_keeps_all_from_being_recorded_and_every_row_is_answered(client):
    await begin(client)
    before = await rows_of(client)
    told = await upload(client, results(SHARE, {**SHARE, "place": "portfolio:policy", "value": 101}), status=422)
    assert await rows_of(client) == before
    assert told["type"] == "urn:apge:problem:rows-refused"
    assert [item["outcome"] for item in told["items"]] == ["would_create", "refused"]
    assert told["counts"] == {"would_create": 1, "refused": 1}
    assert told["items"][0]["after"] == {"as_of": DAY, "value": 45, "review": "submitted"}
    assert told["items"][1]["refused"] == [
        {"column": "value", "value": 101, "rule": "invalid-request", "detail": "a percentage is from 0 to 100"}
    ]
    assert told["errors"][0]["pointer"] == "#/2/value"


async def test_the_same_content_again_changes_nothing(client):
    await begin(client)
    body = results(SHARE, {"indicator": "count", "phase": NOW, "value": 3})
    assert (await upload(client, body))["counts"] == {"created": 2}
    before = await rows_of(client)
    assert (await upload(client, body))["counts"] == {"unchanged": 2}
    assert await rows_of(client) == before


async def test_without_a_day_the_same_figure_of_an_earlier_day_is_no_news(client):
    await begin(client)
    await record(client, 45)
    told = await upload(client, results(without(SHARE, "as_of")))
    assert told["counts"] == {"unchanged": 1}
    assert (await upload(client, results({**without(SHARE, "as_of"), "value": 46})))["counts"] == {"created": 1}


async def test_an_idempotency_key_gives_the_first_answer_again(client):
    await begin(client)
    headers = {"Idempotency-Key": "once"}
    first = await upload(client, results(SHARE), headers=headers)
    assert await upload(client, results(SHARE), headers=headers) == first
    assert (await line_of(client))["version"] == 1


async def test_a_row_whose_target_moved_since_it_was_read_is_refused_with_both_values(client):
    await begin(client)
    await record(client, 40)
    read = (await line_of(client))["version"]
    await record(client, 41, as_of="2020-07-31")
    told = await upload(client, results({**SHARE, "as_of": "2020-08-31", "version": read}), status=422)
    item = told["items"][0]
    assert (item["refused"][0]["rule"], item["refused"][0]["column"]) == ("stale-version", "version")
    assert (item["before"]["value"], item["after"]["value"]) == (41, 45)
    assert (await upload(client, results({**SHARE, "as_of": "2020-08-31", "version": read + 1})))["counts"] == {
        "created": 1
    }


async def test_a_row_that_nobody_touched_is_not_refused_because_others_have_reported_since(client):
    await begin(client)
    await record(client, 40)
    await record(client, 41, as_of="2020-07-31")
    before = await rows_of(client)
    blank = {"indicator": "share", "phase": NOW, "place": "portfolio:policy", "version": 0}
    untouched = {**SHARE, "value": 40, "as_of": DAY, "version": 1}
    assert (await upload(client, results(untouched)))["counts"] == {"unchanged": 1}
    await record(client, 42, place="portfolio:policy")
    before = await rows_of(client)
    lines = csv("indicator,phase,place,value,version", f"share,{NOW},{blank['place']},,0")
    told = await upload(client, lines, sheets.CSV)
    assert told["counts"] == {"unchanged": 1}
    assert "others have reported" in told["items"][0]["warnings"][0]
    assert await rows_of(client) == before


async def test_an_emptied_row_is_refused_since_a_result_cannot_be_taken_away(client):
    await begin(client)
    await record(client, 40)
    lines = csv("indicator,phase,value,version", f"share,{NOW},,1", f"count,{NOW},,0")
    told = await upload(client, lines, sheets.CSV, 422)
    assert [item["outcome"] for item in told["items"]] == ["refused", "unchanged"]
    assert told["items"][0]["refused"][0]["rule"] == "emptied"


async def test_a_blank_row_leaves_no_trace(client):
    await begin(client)
    await upload(client, csv("indicator,phase,value", f"count,{NOW},"), sheets.CSV)
    assert (await rows_of(client))["result_lines"] == []


async def test_another_units_rows_are_refused_as_absent_ones_are(client):
    await begin(client)
    answers = []
    for code in ("foreign", "absent-"):
        told = await upload(client, results({**SHARE, "indicator": code}), status=422)
        answers.append(json.dumps(without(told, "instance")).replace(code, "-"))
    assert answers[0] == answers[1]
    assert (await upload(client, results({**SHARE, "indicator": "foreign"}), **PARDEV))["counts"] == {"created": 1}


async def test_published_figures_are_an_operators_and_accepted_at_once(client):
    await begin(client)
    await upload(client, results(SHARE, {**SHARE, "indicator": "foreign"}), **OPERATOR)
    for code in ("share", "foreign"):
        found = (await line_of(client, code))["results"][0]
        assert (found["review"], found["recorded_by"]) == ("accepted", "operator")
    for role, published in (("custodian", "true"), ("operator", "false")):
        path = at("results") + f"&published={published}"
        done = await client.post(
            path, content=results(SHARE), headers={"Content-Type": "application/json"}, role=role, units=["HRD"]
        )
        assert (done.status_code, done.json()["type"]) == (403, "urn:apge:problem:own-results-only")


async def test_what_was_published_and_corrected_since_is_not_published_again(client):
    await begin(client)
    await upload(client, results(SHARE), **OPERATOR)
    await record(client, 46, as_of=DAY, comment="the paper had last year's figure")
    assert (await upload(client, results(SHARE), **OPERATOR))["counts"] == {"unchanged": 1}
    assert (await upload(client, results(SHARE)))["counts"] == {
        "changed": 1
    }  # its custodian may take the correction back


async def test_what_is_accepted_is_superseded_only_with_a_comment(client):
    await begin(client)
    await upload(client, results(SHARE), **OPERATOR)
    told = await upload(client, results({**SHARE, "value": 46}), status=422)
    assert [(one["column"], one["rule"]) for one in told["items"][0]["refused"]] == [("comment", "unexplained")]
    assert (await upload(client, results({**SHARE, "value": 46, "comment": "misread"})))["counts"] == {"changed": 1}


async def test_each_result_is_stated_once_in_the_order_of_the_rows_and_heads_agree(client):
    await begin(client)
    days = [f"2020-0{month}-01" for month in range(1, 7)]
    await upload(client, results(*({**SHARE, "as_of": day, "value": 40 + at} for at, day in enumerate(days))))
    events = await events_of(client, f"{PLAN}/share/{NOW}/global")
    assert [json.loads(event.payload)["changed"]["as_of"] for event in events] == days
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5, 6]
    assert await types_of(client, f"{PLAN}/share/%") == ["result-recorded"] * 6
    await assert_heads_are_last_events(client)


async def test_a_correction_names_the_result_of_its_day_that_it_stands_in_for(client):
    await begin(client)
    await upload(client, results(SHARE))
    await upload(client, results({**SHARE, "value": 46}))
    assert [one["supersedes"] for one in (await line_of(client))["results"]] == [None, 1]


async def test_a_result_that_was_sent_back_is_recorded_anew(client):
    await begin(client)
    await upload(client, results(SHARE))
    await review(client, 1, "send-back")
    assert (await upload(client, results(SHARE)))["counts"] == {"created": 1}
    assert await status_of(client) == "on_track"


async def test_two_rows_for_the_same_target_and_day_contradict_each_other(client):
    await begin(client)
    told = await upload(client, results(SHARE, {**SHARE, "value": 46}), status=422)
    assert [item["outcome"] for item in told["items"]] == ["would_create", "refused"]
    assert told["items"][1]["refused"][0]["rule"] == "stands-twice"


REFUSED = [
    ({"phase": "2030"}, "place", "no-such-target"),
    ({"place": "region:africa"}, "place", "no-such-target"),
    ({"as_of": "2999-01-01"}, "as_of", "as-of-in-future"),
    ({"as_of": 5}, "as_of", "invalid-request"),
    ({"value": "4,5"}, "value", "invalid-request"),
    ({"value": 45, "numerator": 4, "denominator": 5}, "value", "invalid-request"),
    ({"value": None, "numerator": 6, "denominator": 5}, "numerator", "invalid-request"),
    ({"value": None, "no_data": "lost"}, "no_data", "invalid-request"),
    ({"value": None, "no_data": "not_applicable"}, "comment", "invalid-request"),
    ({"evidence": [{"title": ""}]}, "evidence/0/title", "invalid-request"),
    ({"colour": "red"}, "colour", "invalid-request"),
    ({"recorded_by": "me"}, "recorded_by", "invalid-request"),
    ({"review": "accepted"}, "review", "invalid-request"),
    ({"status": "met"}, "status", "invalid-request"),
    ({"indicator": None}, "indicator", "invalid-request"),
    ({"comment": "a\x00b"}, "", "invalid-request"),
]


@pytest.mark.parametrize(("more", "column", "rule"), REFUSED)
async def test_a_refused_row_names_its_column_and_rule(ready, more, column, rule):
    told = await upload(ready, results({**SHARE, **more}), status=422)
    assert [(one["column"], one["rule"]) for one in told["items"][0]["refused"]] == [(column, rule)]


@pytest.mark.parametrize("code", INDICATORS)
async def test_a_row_is_refused_exactly_as_a_single_request_is(ready, code):
    for said in (
        {},
        {"value": -1},
        {"value": 45},
        {"reached": True},
        {"category": "x"},
        {"numerator": 1},
        {"parts": []},
        {"no_data": "small_numbers", "value": 3},
        {"no_data": "not_applicable"},
    ):
        single = await ready.post(
            at(f"indicators/{code}/results"), json={"phase": NOW, "as_of": "2999-01-01"} | said, **HRD
        )
        told = await upload(
            ready, results({"indicator": code, "phase": NOW, "as_of": "2999-01-01", **said}), status=422
        )
        row = told["items"][0]["refused"]
        if code == "foreign":
            assert (single.status_code, row[0]["detail"]) == (404, single.json()["detail"])
            continue
        assert [one["detail"] for one in row] == [error["detail"] for error in single.json()["errors"]]
        assert [one["column"] for one in row] == [e["pointer"].removeprefix("#/") for e in single.json()["errors"]]


async def test_the_same_wrong_figures_are_refused_by_the_same_words_in_every_format(ready):
    wrong = [("value", "4,5"), ("reached", "perhaps"), ("numerator", "1.5"), ("as_of", "31.12.2020"), ("parts", "x")]
    names = ["indicator", "phase", *(name for name, _ in wrong)]
    cells = ["share", NOW, *(said for _, said in wrong)]
    tables = {
        sheets.CSV: sheets.write_csv(names, [cells]),
        sheets.XLSX: sheets.write_xlsx(sheets.Sheet(names, [cells])),
    }
    said = [(await upload(ready, body, media, 422))["items"] for media, body in tables.items()]
    assert said[0] == said[1]
    assert said[0][0]["row"] == 2
    assert {one["column"]: one["value"] for one in said[0][0]["refused"]} == dict(wrong)


async def test_a_share_below_one_per_cent_is_taken_with_a_warning(client):
    await begin(client)
    told = await upload(client, results({**SHARE, "value": 0.45}))
    assert told["items"][0]["warnings"] == ["0.45 is read as 0.45 per cent; for 45 per cent write 45"]


async def test_only_who_may_record_uploads_and_only_into_a_plan_that_is_there(client):
    await begin(client)
    await upload(client, results(SHARE), status=403, **REVIEWER)
    path = at("results", "absent")
    done = await client.post(path, content=results(SHARE), headers={"Content-Type": "application/json"}, **HRD)
    assert (done.status_code, done.json()["type"]) == (404, "urn:apge:problem:no-such-plan")


async def test_two_uploads_of_the_same_file_at_once_record_it_once(client):
    import asyncio

    await begin(client)
    body = results(SHARE, {"indicator": "count", "phase": NOW, "as_of": DAY, "value": 3})
    done = await asyncio.gather(*(upload(client, body) for _ in range(4)))
    assert sorted(one["counts"].get("created", 0) for one in done) == [0, 0, 0, 2]
    assert len((await line_of(client))["results"]) == 1


async def test_a_thousand_rows_are_as_recorded_one_by_one(client):
    await begin(client, "share")
    targets = [
        {"phase": NOW, "place": f"region:{a}{b}", "operator": "at_least", "value": 45, "text": "-"}
        for a in "abcdefghij"
        for b in "abcdefghij"
    ]
    await define(client, at("indicators/many"), {**INDICATORS["share"], "fed_by": None, "targets": targets})
    rows = [
        {"indicator": "many", "phase": NOW, "place": target["place"], "as_of": f"2020-{month:02}-01", "value": at_}
        for at_, target in enumerate(targets)
        for month in range(1, 11)
    ]
    told = await upload(client, results(*rows))
    assert told["counts"] == {"created": 1000}
    found = await get(client, at("indicators/many"))
    assert [t["status"] for t in found["targets"]] == ["on_track" if n >= 45 else "not_on_track" for n in range(100)]
    await assert_heads_are_last_events(client)


async def test_a_row_cites_only_documents_that_are_there(client):
    await begin(client)
    cites = {**SHARE, "evidence": [{"title": "Report", "document": "report"}]}
    told = await upload(client, results(cites), status=422)
    single = await client.post(at("indicators/share/results"), json=without(cites, "indicator"), **HRD)
    assert [one["detail"] for one in told["items"][0]["refused"]] == [e["detail"] for e in single.json()["errors"]]
    assert told["items"][0]["refused"][0]["column"] == "evidence/0/document"
    assert (await rows_of(client))["results"] == []
