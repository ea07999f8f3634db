"""Bad input: each is refused by its field with its value, and leaves nothing behind."""

import json

import pytest
from tests.indicators.plan import (
    ACTION,
    BEFORE,
    HRD,
    NOW,
    OPERATOR,
    PLAN,
    PLAN_BODY,
    READER,
    REVIEWER,
    SHARE,
    UNIT,
    V1,
    at,
    begin,
    line_of,
    record,
    results_of,
    rows_of,
    version,
)

LONG = "x" * 10_000


@pytest.fixture(scope="module")
async def untouched(ready):
    """What was stored before the first bad input."""
    return await rows_of(ready)


def assert_names(answer, pointer, status=422):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    named = [error.get("pointer") or error.get("parameter") or error.get("header") for error in problem["errors"]]
    assert pointer in named, problem
    assert all("detail" in error for error in problem["errors"])
    return next(
        error
        for error in problem["errors"]
        if pointer in {error.get("pointer"), error.get("parameter"), error.get("header")}
    )


BAD_RESULTS = [
    # (indicator, what is given, the field that is named)
    ("share", {}, "#/value"),
    ("share", {"value": None}, "#/value"),
    ("share", {"value": "many"}, "#/value"),
    ("share", {"value": True}, "#/value"),
    ("share", {"value": []}, "#/value"),
    ("share", {"value": {"of": 1}}, "#/value"),
    ("share", {"value": -0.1}, "#/value"),
    ("share", {"value": 100.1}, "#/value"),
    ("share", {"value": 1e308}, "#/value"),
    ("share", {"value": 10**40}, "#/value"),
    ("share", {"value": "1e400"}, "#/value"),
    ("share", {"value": "NaN"}, "#/value"),
    ("share", {"value": "Infinity"}, "#/value"),
    ("share", {"value": 45.0001}, "#/value"),
    ("share", {"value": 45, "numerator": 9, "denominator": 20}, "#/value"),
    ("share", {"value": 45, "denominator": 20}, "#/numerator"),
    ("share", {"numerator": 9}, "#/denominator"),
    ("share", {"denominator": 20}, "#/numerator"),
    ("share", {"numerator": 9, "denominator": 0}, "#/denominator"),
    ("share", {"numerator": 0, "denominator": 0}, "#/denominator"),
    ("share", {"numerator": 9, "denominator": -20}, "#/denominator"),
    ("share", {"numerator": -9, "denominator": 20}, "#/numerator"),
    ("share", {"numerator": 21, "denominator": 20}, "#/numerator"),
    ("share", {"numerator": 1.5, "denominator": 20}, "#/numerator"),
    ("share", {"numerator": "9", "denominator": 20}, "#/numerator"),
    ("share", {"numerator": True, "denominator": 20}, "#/numerator"),
    ("share", {"numerator": 10**13, "denominator": 10**13}, "#/numerator"),
    ("share", {"numerator": 2**200, "denominator": 2**200}, "#/denominator"),
    ("share", {"reached": True}, "#/reached"),
    ("share", {"category": "public"}, "#/category"),
    ("share", {"parts": []}, "#/parts"),
    ("share", {"no_data": "lost"}, "#/no_data"),
    ("share", {"no_data": "not_reported", "value": 45}, "#/no_data"),
    ("share", {"no_data": "not_applicable"}, "#/comment"),
    ("count", {"value": 1.5}, "#/value"),
    ("count", {"value": -1}, "#/value"),
    ("count", {"numerator": 1, "denominator": 2}, "#/numerator"),
    ("count", {"denominator": 2}, "#/denominator"),
    ("milestone", {"value": 1}, "#/value"),
    ("milestone", {"numerator": 1, "denominator": 2}, "#/numerator"),
    ("milestone", {"reached": "yes"}, "#/reached"),
    ("milestone", {"reached": 1}, "#/reached"),
    ("milestone", {}, "#/reached"),
    ("state", {"category": "secret"}, "#/category"),
    ("state", {"category": 5}, "#/category"),
    ("state", {"value": 5}, "#/value"),
    ("compound", {"parts": []}, "#/parts"),
    ("compound", {"parts": [{"name": "interviews", "value": 1}]}, "#/parts"),
    ("compound", {"parts": [{"name": "interviews", "value": 1}] * 2}, "#/parts/0/name"),
    ("compound", {"parts": [{"name": "coffee", "value": 1}]}, "#/parts/0/name"),
    ("compound", {"parts": [{"name": "interviews", "reached": True}]}, "#/parts/0/value"),
    ("compound", {"parts": [{"name": "interviews", "value": 1, "reached": True}]}, "#/parts/0/value"),
    ("compound", {"parts": [{"name": "interviews", "value": -1}]}, "#/parts/0/value"),
    ("compound", {"parts": [{"name": "interviews"}]}, "#/parts/0/value"),
    ("compound", {"parts": [{"name": "report", "value": 1}]}, "#/parts/0/reached"),
    ("compound", {"parts": [{"name": "report", "reached": "yes"}]}, "#/parts/0/reached"),
    ("compound", {"parts": [{"name": "report", "reached": True, "weight": 1}]}, "#/parts/0/weight"),
    ("compound", {"parts": [{"name": "interviews", "value": 1}] * 21}, "#/parts"),
    ("share", {"value": 45, "as_of": "2999-01-01"}, "#/as_of"),
    ("share", {"value": 45, "as_of": "2020-02-30"}, "#/as_of"),
    ("share", {"value": 45, "as_of": "yesterday"}, "#/as_of"),
    ("share", {"value": 45, "as_of": 0}, "#/as_of"),
    ("share", {"value": 45, "as_of": "1577836800"}, "#/as_of"),
    ("share", {"value": 45, "as_of": "2020-01-01T00:00:00"}, "#/as_of"),
    ("share", {"value": 45, "phase": 2020}, "#/phase"),
    ("share", {"value": 45, "phase": ""}, "#/phase"),
    ("share", {"value": 45, "phase": LONG}, "#/phase"),
    ("share", {"value": 45, "place": "Region:Africa"}, "#/place"),
    ("share", {"value": 45, "place": "global\n"}, "#/place"),
    ("share", {"value": 45, "text": LONG}, "#/text"),
    ("share", {"value": 45, "text": ""}, "#/text"),
    ("share", {"value": 45, "comment": LONG}, "#/comment"),
    ("share", {"value": 45, "comment": 5}, "#/comment"),
    ("share", {"value": 45, "comment": "\ud83d"}, "#/comment"),
    ("share", {"value": 45, "evidence": "a report"}, "#/evidence"),
    ("share", {"value": 45, "evidence": [{"title": "r"}] * 51}, "#/evidence"),
    ("share", {"value": 45, "evidence": [{"title": LONG}]}, "#/evidence/0/title"),
    ("share", {"value": 45, "evidence": [{"title": "r", "url": "javascript:alert(1)"}]}, "#/evidence/0/url"),
    ("share", {"value": 45, "evidence": [{"title": "r", "by": "me"}]}, "#/evidence/0/by"),
    ("share", {"value": 45, "provenance": {"document": LONG}}, "#/provenance/document"),
    ("share", {"value": 45, "provenance": {"document": "d", "page": 1}}, "#/provenance/page"),
    ("share", {"value": 45, "note": "x"}, "#/note"),
]


@pytest.mark.parametrize(("code", "given", "pointer"), BAD_RESULTS, ids=range(len(BAD_RESULTS)))
async def test_a_bad_result_is_refused_by_its_field_and_leaves_nothing(ready, untouched, code, given, pointer):
    content = json.dumps({"phase": NOW, **given})
    answer = await ready.post(results_of(code), content=content, headers=JSON, **HRD)
    named = assert_names(answer, pointer)
    name = pointer[2:].partition("/")[0]
    if isinstance(given.get(name), (int, bool)) and abs(given[name]) < 2**63:
        assert named["value"] == given[name]
    assert await rows_of(ready) == untouched


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_a_figure_that_is_no_number_of_json_is_refused(ready, untouched, figure):
    content = f'{{"phase": "{NOW}", "value": {figure}}}'
    assert_names(await ready.post(results_of("share"), content=content, headers=JSON, **HRD), "#/value")
    assert await rows_of(ready) == untouched


@pytest.mark.parametrize("depth", [100, 500, 900, 1000, 5000])
async def test_a_body_that_is_nested_without_end_is_refused_and_is_no_mistake_of_ours(ready, untouched, depth):
    content = f'{{"phase": "{NOW}", "value": 45, "deep": ' + "[" * depth + "]" * depth + "}"
    answer = await ready.post(results_of("share"), content=content, headers=JSON, **HRD)
    assert answer.status_code in {400, 422}, answer.text
    assert await rows_of(ready) == untouched


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"5", b'"x"', b'{"phase"', b"\xff\xfe", b'{"phase": "\xff"}', b"[" * 100_000, b"{}"],
    ids=range(11),
)
async def test_a_body_that_is_no_object_of_the_right_shape_is_refused(ready, untouched, content):
    for method, path, caller in (
        ("POST", results_of("share"), HRD),
        ("PUT", at("indicators/new"), OPERATOR),
        ("PUT", f"{V1}/plans/new", OPERATOR),
        ("POST", at("actions"), HRD),
    ):
        answer = await ready.request(method, path, content=content, headers=JSON, **caller)
        assert answer.status_code in {400, 422}, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert await rows_of(ready) == untouched


@pytest.mark.parametrize(
    ("phase", "place"), [("2022-23", "global"), (NOW, "region:africa"), (BEFORE, "portfolio:policy")]
)
async def test_a_result_for_a_phase_or_place_without_a_target_is_not_found_and_says_which(
    ready, untouched, phase, place
):
    answer = await ready.post(results_of("share"), json={"phase": phase, "place": place, "value": 1}, **HRD)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:apge:problem:no-such-target")
    assert phase in answer.json()["detail"]
    assert place in answer.json()["detail"]
    assert await rows_of(ready) == untouched


NUL = "a\x00b"


@pytest.mark.parametrize(
    ("method", "path", "body", "caller"),
    [
        ("PUT", f"{V1}/units/NEW", {**UNIT, "name": NUL}, OPERATOR),
        ("PUT", f"{V1}/plans/new", {**PLAN_BODY, "title": NUL}, OPERATOR),
        (
            "PUT",
            at("indicators/new"),
            {**SHARE, "earlier": [{"phase": BEFORE, "status": "met", "text": NUL}]},
            OPERATOR,
        ),
        ("POST", results_of("share"), {"phase": NOW, "value": 1, "comment": NUL}, HRD),
        ("POST", results_of("share"), {"phase": NOW, "value": 1, NUL: 1}, HRD),
        ("POST", at("actions"), {**ACTION, "code": "new", "note": NUL}, HRD),
    ],
)
async def test_the_one_character_that_cannot_be_stored_is_refused_wherever_it_stands(
    ready, untouched, method, path, body, caller
):
    answer = await ready.request(method, path, json=body, **caller)
    assert answer.status_code == 422
    assert "NUL" in answer.json()["detail"]
    assert await rows_of(ready) == untouched


@pytest.mark.parametrize("query", ["area=%00", "custodian=%00", "plan=%00", "area=" + "x" * 101, "plan=A", "plan="])
async def test_a_parameter_that_cannot_be_is_refused_and_is_no_mistake_of_ours(ready, query):
    path = f"{V1}/indicators?{query}" + ("" if "plan" in query else f"&plan={PLAN}")
    answer = await ready.get(path, **READER)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        f"{V1}/units/hrd",
        f"{V1}/units/HRD%00",
        f"{V1}/plans/A",
        at("indicators/%F0%9F%92%A5"),
        at("indicators/" + "x" * 101),
        at("actions/.."),
        at("indicators/share") + "&plan=%00",
    ],
)
async def test_a_code_that_cannot_be_is_refused_or_not_found(ready, path):
    answer = await ready.get(path, **READER)
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "x", str(2**31), str(10**30), "%00"])
async def test_a_number_that_no_result_has_is_refused(ready, untouched, number):
    path = at(f"indicators/share/results/{NOW}/global/{number}/accept")
    answer = await ready.post(path, headers=version(1), **REVIEWER)
    assert_names(answer, "number")
    assert await rows_of(ready) == untouched


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_that_is_empty_or_too_long_is_refused_by_the_header(ready, untouched, key):
    body = {"phase": NOW, "value": 1}
    answer = await ready.post(results_of("share"), json=body, headers={"Idempotency-Key": key}, **HRD)
    assert_names(answer, "idempotency-key")
    assert await rows_of(ready) == untouched


# what looks odd and is right


@pytest.mark.parametrize(
    "words",
    [
        "💥 été 女性",
        "a" * 4000,
        "'; DROP TABLE results; --",
        "<script>alert(1)</script>",
        "=1+1",
        "a\nb\tc",
        "\u202ertl",
    ],
)
async def test_words_of_any_script_come_back_as_they_were(client, words):
    await begin(client, "share")
    done = await record(client, comment=words)
    assert done["changed"]["comment"] == words
    assert (await line_of(client))["results"][0]["comment"] == words


@pytest.mark.parametrize(
    ("value", "back"), [(0, 0), (100, 100), ("45.125", 45.125), (33.3, 33.3), (1e1, 10), (0.001, 0.001), (-0.0, 0)]
)
async def test_a_figure_comes_back_exactly(client, value, back):
    await begin(client, "share")
    assert (await record(client, value))["changed"]["value"] == back
