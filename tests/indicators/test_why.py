"""The chain from the first input to the status: complete, in words, and able to be worked out again."""

from fractions import Fraction

import pytest
from tests.indicators.plan import (
    APGE,
    BEFORE,
    CLAIM,
    MEASURE,
    NOW,
    PLAN,
    READER,
    SHARE,
    TARGET,
    at,
    begin,
    define,
    get,
    publish,
    record,
    review,
    set_clock,
    stated,
    version,
)


async def why(client, code="share", phase=NOW, place="global", plan=PLAN):
    return await get(client, at(f"indicators/{code}/why", plan) + f"&phase={phase}&place={place}")


def words(found, step):
    return [one["words"] for one in found["steps"] if one["step"] == step]


def data(found, step):
    return next(one["data"] for one in found["steps"] if one["step"] == step)


async def test_the_comparison_is_told_with_the_exact_figures_that_were_compared(client):
    await begin(client, "share")
    await record(client, None, numerator=112, denominator=302, as_of="2020-12-31")
    found = await why(client)
    assert words(found, "comparison") == ["37.1 per cent (112 of 302) is less than at least 45 per cent"]
    compared = data(found, "comparison")
    assert Fraction(compared["left"]) == Fraction(11200, 302)
    assert (compared["right"], compared["operator"], compared["holds"]) == ("45", "at_least", False)
    assert words(found, "status") == ["the status is not on track"]
    assert found["sentence"] == (
        "37.1 per cent (112 of 302) is less than at least 45 per cent; the status is not on track"
    )


async def test_every_result_is_listed_with_why_it_stands_or_not(client):
    await begin(client, "share")
    await record(client, 50, as_of="2020-03-31")
    await record(client, 40)
    await record(client, 41)
    await record(client, 99, as_of="2020-09-30")
    await review(client, 4, "send-back", reason="another year's figure")
    told = {one["number"]: one["why"] for one in data(await why(client), "results")["results"]}
    assert told[1] == "is of an earlier day than result 3"
    assert told[2] == "gave way to result 3 of the same day"
    assert told[3].startswith("stands, because")
    assert told[4] == "was sent back (another year's figure) and does not count"


async def test_a_figure_that_a_measure_gave_names_measure_snapshot_and_rule(client):
    await begin(client, "share")
    await publish(client, stated(MEASURE))
    found = await why(client)
    assert data(found, "origin") == {
        "measure": MEASURE.code,
        "source": "hris",
        "as_of": "2020-12-31",
        "snapshot": "snapshot-1",
        "revision": 1,
        "rule": MEASURE.rule,
    }
    assert words(found, "origin")[0].startswith("nobody typed it")
    assert words(found, "review") == ["it was accepted"]


async def test_a_reported_figure_names_who_reported_it_and_that_it_waits(client):
    await begin(client, "share")
    source = {"document": "report", "table": "Table 1", "row": "8", "column": "2020"}
    await record(client, 46, provenance=source)
    found = await why(client)
    assert data(found, "origin")["recorded_by"] == "custodian:HRD"
    assert words(found, "origin")[0].endswith("report: Table 1, row 8, 2020")
    assert words(found, "review") == ["it waits for review, and counts until then"]
    assert words(found, "comparison") == ["46 per cent is at least 45 per cent"]


async def test_nothing_recorded_is_told_as_such(client):
    await begin(client, "share")
    found = await why(client)
    assert words(found, "results") == ["nothing was recorded"]
    assert found["sentence"] == "nothing was recorded; the status is data unavailable"
    assert {"standing", "comparison", "origin"} & {one["step"] for one in found["steps"]} == set()


async def test_no_data_says_its_reason_and_compares_nothing(client):
    await begin(client, "share")
    await record(client, None, no_data="audit_not_done")
    found = await why(client)
    assert words(found, "comparison") == ["no data: audit not done says nothing about at least 45 per cent"]
    assert data(found, "comparison")["holds"] is None


@pytest.mark.parametrize(
    ("code", "fields", "sentence"),
    [
        ("milestone", {"reached": False}, "the milestone is not reached"),
        ("state", {"category": "internal"}, "internal is not exactly public"),
        (
            "compound",
            {"parts": [{"name": "interviews", "value": 9}, {"name": "report", "reached": True}]},
            "not all parts hold: interviews: 9, asked is at least 10; report: reached, asked is reached",
        ),
        ("count", {"value": 2}, "2 is at least 2"),
    ],
)
async def test_every_kind_is_compared_in_its_own_words(client, code, fields, sentence):
    await begin(client, code)
    await record(client, **{"value": None, "code": code, **fields})
    assert words(await why(client, code), "comparison") == [sentence]


async def test_both_vocabularies_a_baseline_and_a_regression_are_told(client):
    await begin(client, "count")
    baseline = {"numerator": 90, "denominator": 300, "year": 2017}
    await define(
        client,
        at("indicators/share"),
        {**SHARE, "baseline": baseline, "targets": [TARGET, {**TARGET, "phase": BEFORE}]},
    )
    await record(client, 46, phase=BEFORE, as_of="2019-12-31")
    await record(client, 44)
    found = await why(client)
    assert words(found, "baseline") == ["it began at 30 per cent (90 of 300) in 2017"]
    assert words(found, "regression") == [
        f"in {BEFORE} it was met, so this is a regression; the remedial action remedy-share-1 was opened for it"
    ]
    assert data(found, "vocabulary") == {"vocabulary": "mid_cycle"}
    assert data(await why(client, phase=BEFORE), "vocabulary") == {"vocabulary": "end_of_cycle"}
    assert "ahead of pace" in words(found, "pace")[0]
    assert words(found, "outlook")


async def test_the_definition_comes_with_its_version_and_the_target_with_its_words(client):
    await begin(client, "share")
    await define(client, at("indicators/share"), {**SHARE, "title": "Women"}, 200, headers=version(1))
    found = await why(client)
    assert data(found, "definition")["version"] == 2
    assert words(found, "target") == ["asked of global in Two is '45 per cent', that is at least 45 per cent"]


async def test_a_fall_within_the_phase_is_a_regression_that_names_both_results_and_the_remedial_action(client):
    await begin(client, "share")
    await record(client, 46.4, as_of="2021-09-30")
    assert words(await why(client), "regression") == []
    await record(client, 33.1, as_of="2021-12-31")
    found = await why(client)
    assert data(found, "regression") == {
        "before": "on_track",
        "before_phase": NOW,
        "regressed": True,
        "action": "remedy-share-1",
    }
    told = (
        f"within {NOW} it was on track with result 1 of 2021-09-30, 46.4 per cent, and fell with result 2 of 2021-12-31, "
        "33.1 per cent, so this is a regression; the remedial action remedy-share-1 was opened for it"
    )
    assert words(found, "regression") == [told]
    assert found["sentence"].endswith(told)


async def test_a_fall_that_an_earlier_phase_hides_is_told_and_one_that_was_made_good_is_not(client):
    await begin(client, "share")
    await record(client, 40, phase=BEFORE, as_of="2019-12-31")
    await record(client, 46, as_of="2020-06-30")
    await record(client, 44, as_of="2020-09-30")
    assert data(await why(client), "regression")["regressed"] is True
    await record(client, 47, as_of="2020-12-31")
    assert data(await why(client), "regression") == {
        "before": "not_met",
        "before_phase": BEFORE,
        "regressed": False,
    }


async def test_a_definition_that_changed_is_told_with_its_version_and_day_and_what_was_recorded_before(
    client, monkeypatch
):
    set_clock(monkeypatch, "2021-03-01")
    await begin(client, "share")
    await record(client, 40)
    assert words(await why(client), "redefinition") == []
    set_clock(monkeypatch, "2021-04-01T23:30:00+00:00")
    again = {**SHARE, "definition": "With project staff"}
    await define(client, at("indicators/share"), again, 200, headers=version(1))
    await define(client, at("indicators/share"), {**again, "title": "Women"}, 200, headers=version(2))
    found = await why(client)
    assert data(found, "redefinition") == {"version": 2, "day": "2021-04-01", "fields": ["definition"], "results": [1]}
    assert words(found, "redefinition")[0].startswith("the definition changed (version 2 of 2021-04-01: definition)")
    assert words(found, "redefinition")[0].endswith("the status rests on such a result until another stands")
    assert words(found, "pace") == words(found, "progress") == []
    await record(client, 41, as_of="2020-12-31")
    assert "the status rests" not in words(await why(client), "redefinition")[0]


async def test_claims_that_say_otherwise_are_part_of_the_chain(client):
    await begin(client, "share", "count")
    await record(client, 44)
    await define(client, at("claims/otherwise"), {"text": "Met.", "indicator": "share", "phase": NOW, "status": "met"})
    await define(client, at("claims/elsewhere"), {**CLAIM, "indicator": "count"})
    assert words(await why(client), "claim") == [
        "'Met.' says met; the row says not_on_track: 44 per cent, and asked is at least 45 per cent"
    ]


async def test_what_does_not_fit_with_other_figures_is_part_of_the_chain(client):
    await begin(client, "share")
    rule = {"title": "No more than 40", "left": [{"indicator": "share"}], "operator": "at_most", "constant": 40}
    await define(client, at("rules/limit"), {**rule, "severity": "warning"})
    await record(client, 44)
    assert words(await why(client), "warning") == [
        "No more than 40: the left side gives 44, and asked is that it is at most 40"
    ]


async def test_a_target_that_is_not_there_is_absent(client):
    await begin(client, "share")
    missing = await client.get(at("indicators/share/why") + f"&phase={NOW}&place=region:africa", **READER)
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:apge:problem:no-such-target")


async def test_the_chain_of_the_source_ends_in_the_sources_status(loaded):
    found = await why(loaded, "women-p5-plus", plan=APGE)
    assert words(found, "comparison") == ["38 per cent is less than at least 45 per cent"]
    assert data(found, "definition")["provenance"]["document"] == "apge-2018-21-accelerating-actions"
    assert words(found, "standing")[0].startswith("result 1 stands: 38 per cent on 2020-12-31")
    bias = await why(loaded, "unconscious-bias-sessions", plan=APGE)
    assert words(bias, "regression")[0].startswith(
        "in 2018-19 it was met, so this is a regression; the remedial action "
    )
