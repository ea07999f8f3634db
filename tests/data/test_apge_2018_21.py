"""What the APGE paper says of itself is recorded as it says it, with counts beside shares, and a rule can see where it is wrong."""

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"
PLAN = json.loads((DATA / "apge-2018-21.json").read_text(encoding="utf-8"))
INDICATORS = {one["code"]: one for one in PLAN["indicators"]}
CLAIMS = {one["code"]: one for one in PLAN["claims"]}


def test_of_the_six_published_shares_three_are_not_those_of_their_counts() -> None:
    shares = [one for one in CLAIMS.values() if one.get("denominator") == 57]
    assert len(shares) == 6
    wrong = {}
    for one in shares:
        places = Decimal(one["value"]).as_tuple().exponent
        exact = (Decimal(100) * one["numerator"] / 57).quantize(Decimal(1).scaleb(int(places)), ROUND_HALF_UP)
        if exact != Decimal(one["value"]):
            wrong[one["code"]] = (one["value"], str(exact))
    assert wrong == {
        "targets-on-track-2020-21": ("50.8", "50.9"),
        "targets-data-unavailable-2020-21": ("12.2", "12.3"),
        "targets-met-2018-19": ("50", "51"),
    }


def test_the_parts_of_the_16_per_cent_are_three_of_ten() -> None:
    results = {one["place"]: one for one in INDICATORS["custodian-chiefs-outputs"]["results"]}
    whole = results.pop("global")
    assert [sum(one[name] for one in results.values()) for name in ("numerator", "denominator")] == [3, 10]
    assert whole["value"] == "16"
    assert INDICATORS["custodian-chiefs-outputs"]["aggregation"]["places"] == "ratio"


def test_meetings_with_scorecards_are_none_as_a_whole_and_one_in_their_parts_and_a_rule_compares_them() -> None:
    results = {one["place"]: one["value"] for one in INDICATORS["scorecard-meetings"]["results"]}
    whole = results.pop("global")
    assert (whole, sum(map(int, results.values()))) == ("0", 1)
    [rule] = [one for one in PLAN["rules"] if one["code"] == "scorecard-meetings-of-portfolios"]
    assert (rule["left"][0]["place"], rule["operator"], rule["right"][0]["place"]) == (
        "portfolio:*",
        "equals",
        "global",
    )
    assert rule["severity"] == "warning"


def test_one_of_two_meetings_is_called_on_target() -> None:
    claim = CLAIMS["scorecard-meetings-management-reform-on-target"]
    [target] = [t for t in INDICATORS[claim["indicator"]]["targets"] if t["place"] == claim["place"]]
    [result] = [r for r in INDICATORS[claim["indicator"]]["results"] if r["place"] == claim["place"]]
    assert (claim["status"], result["value"], target["value"]) == ("on_track", "1", "2")


def test_what_follows_an_indicator_of_2008_09_is_never_drawn_as_one_line_with_it() -> None:
    followed = {code: one["predecessor"] for code, one in INDICATORS.items() if one.get("predecessor")}
    assert len(followed) == 7
    assert {INDICATORS[code]["comparable"] for code in followed} == {False}


def test_rounds_are_due_at_the_end_of_the_months_that_the_paper_names() -> None:
    assert PLAN["plan"]["timezone"] == "Europe/Zurich"
    assert {one["code"]: one["due"] for one in PLAN["plan"]["rounds"]} == {
        "2021-april": "2021-04-30",
        "2021-october": "2021-10-31",
        "governing-body-344": "2022-03-31",
    }


def test_every_indicator_says_how_its_figures_may_be_aggregated() -> None:
    assert {code for code, one in INDICATORS.items() if "aggregation" not in one} == set()
    assert INDICATORS["gender-marker-proposals"]["aggregation"]["places"] == "none"
