"""The programme of 2020-21 as its implementation report gives it: every row adds up, and what the report says of its rows is checked.

Where the report contradicts itself both figures are kept, and the contradictions are listed here, so that none is mended in silence.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from indicators import rules
from indicators.schemas.claims import ClaimDefinition, RuleDefinition
from indicators.schemas.definitions import IndicatorDefinition, PlanDefinition, UnitDefinition
from indicators.schemas.resources import MarkersDefinition, ResourcesDefinition
from indicators.schemas.results import NewResult
from shared.events.claims import RuleState
from shared.events.indicators import IndicatorState
from shared.events.results import Result

DATA = Path(__file__).parents[2] / "data"
FILE = json.loads((DATA / "programme-2020-21.json").read_text(encoding="utf-8"))
UNITS = json.loads((DATA / "units.json").read_text(encoding="utf-8"))["units"]
FIGURES = json.loads((DATA / "figures.json").read_text(encoding="utf-8"))
REGIONS = ["africa", "americas", "arab-states", "asia-pacific", "europe-central-asia"]
INDICATORS = {one["code"]: one for one in FILE["indicators"]}
POLICY = {code: one for code, one in INDICATORS.items() if code[0].isdigit()}
ENABLING = {code: one for code, one in INDICATORS.items() if code not in POLICY}
OTHER_UNITS_OF_MEASURE = {"2-2-1", "2-2-2", "2-3-1"}
COUNTED = {code: one for code, one in POLICY.items() if code not in OTHER_UNITS_OF_MEASURE}
AREAS = {area["code"]: area for area in FILE["plan"]["areas"]}
MONEY = {one["area"]: one for one in FILE["resources"]}
RULES = FILE["rules"]
CLAIMS = {one["code"]: one for one in FILE["claims"]}


def state(code):
    given = {key: value for key, value in INDICATORS[code].items() if key != "results"}
    return IndicatorState.model_validate(given | {"plan": "programme-2020-21"})


def results_of(code):
    recorded = {"review": "accepted", "recorded_at": datetime(2022, 3, 1, tzinfo=UTC), "recorded_by": "a custodian"}
    bodies = [
        NewResult.model_validate(one).model_dump(exclude={"phase", "place"}) for one in INDICATORS[code]["results"]
    ]
    return [Result.model_validate(body | recorded | {"number": n}) for n, body in enumerate(bodies, 1)]


def status(code):
    [target] = state(code).targets
    return rules.status.judge(state(code), target, rules.status.standing_result(results_of(code)), "end_of_cycle")


def last(code):
    return INDICATORS[code]["results"][-1]


def total(codes):
    return sum(int(last(code)["value"]) for code in codes)


def target(codes):
    return sum(int(INDICATORS[code]["targets"][0]["value"]) for code in codes)


def of(*outputs):
    return [code for code in COUNTED if code.startswith(outputs)]


def broken_down(code, dimension="region"):
    cells = [cell for cell in last(code).get("breakdown", []) if cell["dimension"] == dimension]
    return {cell["category"]: int(cell["value"]) for cell in cells}


def per_cent(part, whole):
    return (Decimal(100) * part / whole).quantize(Decimal(1), ROUND_HALF_UP)


def objects(value):
    """Every JSON object inside a value, itself included."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def test_the_programme_has_8_policy_and_3_enabling_outcomes_with_31_and_12_outputs():
    outcomes = [code for code, area in AREAS.items() if "parent" not in area]
    outputs = Counter(area["parent"] for area in AREAS.values() if "parent" in area)
    assert outcomes == [*(f"outcome-{n}" for n in range(1, 9)), "outcome-a", "outcome-b", "outcome-c"]
    assert [outputs[code] for code in outcomes] == [4, 3, 5, 4, 3, 4, 5, 3, 4, 3, 5]
    assert sum(outputs[code] for code in outcomes[:8]) == 31


def test_there_are_55_output_indicators_and_26_enabling_ones_each_under_the_output_of_its_number():
    assert (len(POLICY), len(ENABLING)) == (55, 26)
    assert len(INDICATORS) == len(FILE["indicators"])
    assert all(one["area"] == f"output-{code.rpartition('-')[0]}" for code, one in INDICATORS.items())
    assert {one["area"] for one in FILE["indicators"]} == {code for code, area in AREAS.items() if "parent" in area}


@pytest.mark.parametrize("code", sorted(set(POLICY) - {"2-2-2", "2-3-1"}))
def test_the_regions_of_a_count_add_up_to_its_total(code):
    regions = broken_down(code)
    assert list(regions) == REGIONS
    assert sum(regions.values()) == int(last(code)["value"])


def test_a_percentage_by_region_is_not_to_be_added_up():
    assert broken_down("2-3-1") == dict(zip(REGIONS, (40, 34, 33, 34, 47), strict=True))
    assert broken_down("2-2-2") == {}
    assert [INDICATORS[code]["aggregation"]["places"] for code in ("2-2-2", "2-3-1")] == ["none", "none"]


def test_the_rows_agree_with_the_golden_figures():
    for row in FIGURES["output_indicators"]:
        code = row["indicator"].replace(".", "-")
        assert (target([code]), total([code]), broken_down(code)) == (row["target"], row["total"], row["regions"])


@pytest.mark.parametrize(
    ("code", "row"),
    [("4-3-1", (17, 7, 6, 0, 3, 1)), ("4-4-1", (13, 1, 6, 0, 5, 1)), ("2-1-2", (67, 28, 17, 4, 3, 15))],
)
def test_a_row_is_read_in_the_order_of_its_columns(code, row):
    assert (total([code]), *broken_down(code).values()) == row


def test_the_17_of_indicator_1_4_2_are_9_on_collective_bargaining_and_8_on_workplace_cooperation_by_region():
    crossed = broken_down("1-4-2", "subject-by-region")
    subjects, regions = Counter(), Counter(dict.fromkeys(REGIONS, 0))
    for category, value in crossed.items():
        subject, _, region = category.partition(", ")
        subjects[subject] += value
        regions[region] += value
    assert subjects == broken_down("1-4-2", "subject") == {"collective bargaining": 9, "workplace cooperation": 8}
    assert regions == broken_down("1-4-2")


def test_896_results_are_115_and_117_and_664_and_three_indicators_of_other_units_are_left_out():
    parts = [of("1-1", "1-2"), of("2-"), of("1-3", "1-4", *(f"{n}-" for n in range(3, 9)))]
    assert [total(codes) for codes in parts] == [115, 117, 664]
    assert sorted(code for codes in parts for code in codes) == sorted(COUNTED)
    assert total(COUNTED) == 896
    assert len(COUNTED) == 52
    assert [per_cent(total(codes) - target(codes), target(codes)) for codes in (COUNTED, *parts)] == [3, 4, -10, 5]


def test_what_is_left_out_of_the_896_says_so_and_is_not_to_be_added_up():
    assert {code for code, one in INDICATORS.items() if "896" in one.get("definition", "")} == OTHER_UNITS_OF_MEASURE
    summed = {code for code, one in INDICATORS.items() if one.get("aggregation", {}).get("places") == "sum"}
    assert summed == set(COUNTED)


def test_the_regions_of_the_896_are_those_of_the_regional_figure():
    regions = Counter()
    for code in COUNTED:
        regions.update(broken_down(code))
    assert [regions[region] for region in REGIONS] == [329, 186, 82, 195, 104]
    assert {region: int(CLAIMS[f"results-{region}"]["value"]) for region in REGIONS} == regions


def test_the_95_ratifications_by_region_are_the_two_indicators_of_ratification():
    ratified = [sum(broken_down(code)[region] for code in ("2-1-1", "2-1-2")) for region in REGIONS]
    assert ratified == [int(CLAIMS[f"ratifications-{region}"]["value"]) for region in REGIONS] == [36, 21, 5, 9, 24]
    states = [int(CLAIMS[f"ratifying-member-states-{region}"]["value"]) for region in REGIONS]
    assert (sum(ratified), sum(states)) == (95, 51)


@pytest.mark.parametrize(
    ("outcome", "results", "aimed_at"),
    [(1, 199, 179), (2, 117, 130), (3, 102, 114), (4, 90, 69), (5, 92, 76), (6, 59, 84), (7, 167, 164), (8, 70, 58)],
)
def test_the_rows_of_an_outcome_add_up_to_what_the_report_says_of_it(outcome, results, aimed_at):
    codes = of(f"{outcome}-")
    assert (total(codes), target(codes)) == (results, aimed_at)
    for concept, stated in (
        ("results-total", results),
        ("targets-total", aimed_at),
        ("deviation-from-target", per_cent(results - aimed_at, aimed_at)),
        ("shortfall-from-target", aimed_at - results),
    ):
        said = [c for c in FILE["claims"] if (c.get("area"), c.get("concept")) == (f"outcome-{outcome}", concept)]
        assert all(Decimal(claim["value"]) == stated for claim in said)


def test_the_named_deviations_are_11_per_cent_over_for_outcome_1_and_25_short_for_outcome_6():
    assert per_cent(199 - 179, 179) == Decimal(CLAIMS["outcome-1-results-over-target"]["value"]) == 11
    assert 84 - 59 == int(CLAIMS["outcome-6-results-short-of-target"]["value"]) == 25


def compares(code):
    """1 above its target, 0 on it, -1 below."""
    wanted, got = target([code]), int(last(code)["value"])
    return (got > wanted) - (got < wanted)


@pytest.mark.parametrize(
    "claim",
    [c for c in FILE["claims"] if c.get("concept", "").startswith("indicators-") and c["area"] != "outcome-a"],
    ids=lambda claim: claim["code"],
)
def test_as_many_indicators_are_above_their_target_as_the_report_says(claim):
    compared = [compares(code) for code in of(claim["area"].removeprefix("outcome-"))]
    least = 1 if claim["concept"] == "indicators-above-target" else 0
    assert (sum(c >= least for c in compared), len(compared)) == (claim["numerator"], claim["denominator"])


def test_rules_let_the_platform_check_every_published_total_by_itself():
    standings = rules.relations.Standings(
        {code: state(code) for code in POLICY}, {(code, "2020-21", "global"): results_of(code)[-1] for code in POLICY}
    )
    given = {one["code"]: RuleDefinition.model_validate({k: v for k, v in one.items() if k != "code"}) for one in RULES}
    checked = {
        code: rules.relations.compare(
            RuleState.model_validate(rule.model_dump() | {"plan": "programme-2020-21", "code": code}),
            "2020-21",
            standings,
        )
        for code, rule in given.items()
    }
    assert all(one.holds for one in checked.values())
    found = {code.removeprefix("results-"): int(one.left.value) for code, one in checked.items()}
    assert (found["total"], found["of-social-partners"], found["of-member-states"]) == (896, 115, 664)
    assert sum(found[f"outcome-{n}"] for n in (1, 3, 4, 5, 6, 7, 8)) + found["of-standards"] == 896
    assert [found[region] for region in REGIONS] == [329, 186, 82, 195, 104]
    assert (found["ratifications"], found["cases-of-progress-by-region"]) == (95, 44)


def test_27_of_55_output_indicators_and_18_of_26_enabling_ones_reach_their_target_and_two_have_no_data():
    of_policy, of_enabling = Counter(map(status, POLICY)), Counter(map(status, ENABLING))
    assert of_policy == {"met": 27, "not_met": 28}
    assert of_enabling == {"met": 18, "not_met": 6, "data_unavailable": 2}
    assert {code for code in ENABLING if status(code) == "data_unavailable"} == {"b-1-3", "b-2-3"}


def test_the_report_calls_two_targets_achieved_that_its_own_figures_miss():
    said = {c["code"]: c for c in FILE["claims"] if "status" in c}
    contradicted = {code for code, claim in said.items() if status(claim["indicator"]) != claim["status"]}
    assert contradicted == {"2-2-1-met", "6-3-1-met"}
    assert len(said) > 20


def test_of_all_figures_that_the_report_repeats_for_an_indicator_only_one_is_another():
    said = [c for c in FILE["claims"] if "indicator" in c and "concept" not in c and "value" in c]
    others = set()
    for claim in said:
        [result] = [r for r in results_of(claim["indicator"]) if str(r.as_of) == claim["as_of"]]
        if rules.status.exactly(result.value, result.numerator, result.denominator) != Decimal(claim["value"]):
            others.add(claim["code"])
    assert others == {"c-5-2-value"}
    assert (CLAIMS["c-5-2-value"]["value"], last("c-5-2")["value"]) == ("-28", "48")
    assert len(said) > 25


def test_innovation_initiatives_are_65_per_cent_over_target_where_the_report_says_55():
    wanted = sum(int(part["value"]) for part in INDICATORS["c-1-2"]["targets"][0]["parts"])
    got = sum(int(part["value"]) for part in last("c-1-2")["parts"])
    assert (wanted, got, per_cent(got - wanted, wanted)) == (205, 338, 65)
    assert CLAIMS["c-1-2-value"]["value"] == "55"


def test_outcome_a_misses_one_target_where_the_report_says_that_all_are_exceeded():
    codes = [code for code in ENABLING if code.startswith("a-")]
    claim = CLAIMS["outcome-a-indicators-above-target"]
    assert (claim["numerator"], claim["denominator"]) == (len(codes), len(codes)) == (7, 7)
    assert [code for code in codes if status(code) != "met"] == ["a-3-1"]
    assert [part["name"] for part in last("a-3-1")["parts"] if int(part["value"]) < 10] == ["followers on Facebook"]


def test_outcome_7_reaches_its_target_in_three_outputs_where_the_report_says_four():
    outputs = [code for code, area in AREAS.items() if area.get("parent") == "outcome-7"]
    sums = [(total(of(o.removeprefix("output-"))), target(of(o.removeprefix("output-")))) for o in outputs]
    assert sums == [(31, 44), (34, 36), (16, 15), (31, 24), (55, 45)]
    claim = CLAIMS["outcome-7-outputs-on-or-above-target"]
    assert (claim["numerator"], claim["denominator"]) == (4, 5)


def test_one_regional_share_is_cut_off_one_is_no_rounding_of_its_counts_and_three_are_rounded():
    shares = {region: CLAIMS[f"results-share-{region}"] for region in REGIONS}
    exact = {region: Decimal(100) * one["numerator"] / one["denominator"] for region, one in shares.items()}
    rounded = {r for r in REGIONS if exact[r].quantize(Decimal(1), ROUND_HALF_UP) == int(shares[r]["value"])}
    cut_off = {r for r in REGIONS if int(exact[r]) == int(shares[r]["value"])} - rounded
    assert rounded == {"africa", "americas", "asia-pacific"}
    assert cut_off == {"europe-central-asia"}
    assert (sum(one["numerator"] for one in shares.values()), sum(int(one["value"]) for one in shares.values())) == (
        896,
        99,
    )


@pytest.mark.parametrize("outcome", sorted(MONEY))
def test_budget_and_expenditure_of_an_outcome_add_up_to_the_published_totals(outcome):
    totals = rules.resources.totals_of(
        ResourcesDefinition.model_validate(money_body(MONEY[outcome])).lines,
        Decimal(MONEY[outcome]["published_budget"]),
        Decimal(MONEY[outcome]["published_expenditure"]),
    )
    assert (totals.budget.difference, totals.expenditure.difference) == (0, 0)
    assert (totals.budget.lines, totals.expenditure.lines) == (2, 3)
    assert totals.budget.without_number == ["Regular budget supplementary account"]


def money_body(one):
    return {key: value for key, value in one.items() if key not in ("phase", "area")}


def test_outcome_1_spent_147_4_of_112_8_million_which_is_31_per_cent_more():
    first = MONEY["outcome-1"]
    assert [line["expenditure"] for line in first["lines"]] == ["101.1", "42.2", "4.1"]
    assert [(line["budget"], line.get("budget_text")) for line in first["lines"]][2] == (None, "Not defined")
    spent, planned = Decimal(first["published_expenditure"]), Decimal(first["published_budget"])
    assert (spent, planned) == (Decimal("147.4"), Decimal("112.8"))
    assert per_cent(spent - planned, planned) == 31


def test_expenditure_over_budget_is_what_the_report_says():
    said = {c["area"]: Decimal(c["value"]) for c in FILE["claims"] if c.get("concept") == "deviation-from-budget"}
    pairs = {
        area: (Decimal(MONEY[area]["published_expenditure"]), Decimal(MONEY[area]["published_budget"])) for area in said
    }
    assert said == {area: per_cent(spent - planned, planned) for area, (spent, planned) in pairs.items()}
    assert sorted(said.values()) == [15, 31, 35]


def test_the_eight_tables_differ_from_the_published_whole_by_no_more_than_rounding():
    spent = sum(Decimal(one["published_expenditure"]) for one in MONEY.values())
    by_source = [sum(Decimal(one["lines"][n]["expenditure"]) for one in MONEY.values()) for n in range(3)]
    assert (spent, Decimal(CLAIMS["expenditure"]["value"])) == (Decimal("1104.7"), Decimal("1104.6"))
    assert by_source == [Decimal("458.3"), Decimal("619.3"), Decimal("27.1")]
    published = [
        CLAIMS[f"expenditure-{n}"] for n in ("regular-budget", "development-cooperation", "supplementary-account")
    ]
    assert [claim["value"] for claim in published] == ["458.3", "619.2", "27.1"]
    budget = [sum(Decimal(one["lines"][n]["budget"]) for one in MONEY.values()) for n in range(2)]
    assert budget == [Decimal(CLAIMS["budget-regular-policy-outcomes"]["value"]), 500 - 30]


def test_shares_of_expenditure_are_rounded_except_two_that_are_cut_off_so_that_three_make_100():
    said = [c for c in FILE["claims"] if c["code"].startswith("outcome-") and "-expenditure-share-" in c["code"]]
    by_source = [c for c in said if c["concept"].startswith("share-of-expenditure:")]
    off = set()
    for claim in by_source:
        one = MONEY[claim["area"]]
        sources = {line["source"].lower().replace(" ", "-"): line for line in one["lines"]}
        line = sources[claim["concept"].partition(":")[2]]
        if per_cent(Decimal(line["expenditure"]), Decimal(one["published_expenditure"])) != int(claim["value"]):
            off.add(claim["code"].removeprefix("outcome-"))
    assert len(by_source) == 7 * 3
    assert off == {"1-expenditure-share-regular-budget", "5-expenditure-share-regular-budget-supplementary-account"}
    totals = Counter()
    for claim in by_source:
        totals[claim["area"]] += int(claim["value"])
    assert set(totals.values()) == {100}


def test_the_marker_is_6_48_and_46_per_cent_of_the_results_and_was_5_and_48_before():
    [markers] = FILE["markers"]
    assert {level["level"]: int(level["share"]) for level in markers["levels"]} == {3: 6, 2: 48, 1: 46}
    assert sum(int(level["share"]) for level in markers["levels"]) == 100
    assert markers["population"] == "results"
    assert [CLAIMS[f"marker-{n}-2018-19"]["value"] for n in (3, 2)] == ["5", "48"]


def test_29_per_cent_more_citations_are_447_where_346_were_before():
    assert per_cent(447 - 346, 346) == int(last("a-2-2")["value"]) == 29
    assert "346" in INDICATORS["a-2-2"]["baseline"]["text"]
    assert "447" in last("a-2-2")["text"]


def test_a_share_of_milestones_is_kept_as_its_counts():
    counts = {
        code: (last(code)["numerator"], last(code)["denominator"]) for code in INDICATORS if "numerator" in last(code)
    }
    assert counts == {"2-2-2": (4, 40), "b-3-1": (13, 19), "c-4-1": (6, 10)}


def test_the_earlier_target_of_indicator_2_1_2_stands_beside_the_present_one():
    assert (target(["2-1-2"]), int(CLAIMS["2-1-2-earlier-target"]["value"]), total(["2-1-2"])) == (80, 20, 67)


@pytest.mark.parametrize("code", INDICATORS)
def test_every_indicator_is_a_body_that_the_service_takes_and_its_results_are_results_of_its_target(code):
    body = {key: value for key, value in INDICATORS[code].items() if key not in ("code", "results")}
    IndicatorDefinition.model_validate(body)
    [wanted] = state(code).targets
    assert {(one["phase"], one["place"]) for one in INDICATORS[code]["results"]} == {(wanted.phase, wanted.place)}
    assert [
        fault for one in results_of(code) for fault in rules.faults.faults_of_result(state(code), wanted, one)
    ] == []
    for cell in last(code).get("breakdown", []):
        declared = {d["code"]: d["categories"] for d in INDICATORS[code]["disaggregation"]}
        assert cell["category"] in declared[cell["dimension"]]


def test_plan_units_money_markers_and_claims_are_bodies_that_the_service_takes():
    PlanDefinition.model_validate({key: value for key, value in FILE["plan"].items() if key != "code"})
    for unit in UNITS:
        UnitDefinition.model_validate({key: value for key, value in unit.items() if key not in ("code", "provenance")})
    for one in FILE["resources"]:
        ResourcesDefinition.model_validate(money_body(one))
    for one in FILE["markers"]:
        MarkersDefinition.model_validate({k: v for k, v in one.items() if k not in ("phase", "area", "population")})
    for one in FILE["claims"]:
        ClaimDefinition.model_validate({key: value for key, value in one.items() if key != "code"})
    assert len(CLAIMS) == len(FILE["claims"])


def test_what_claims_rules_and_custodians_name_is_there():
    units = {unit["code"] for unit in UNITS}
    assert {unit for one in FILE["indicators"] for unit in one["custodians"]} <= units
    assert {c["area"] for c in FILE["claims"] if "area" in c} <= set(AREAS)
    assert {c["indicator"] for c in FILE["claims"] if "indicator" in c} <= set(INDICATORS)
    assert {c["place"].partition(":")[2] or "global" for c in FILE["claims"] if "place" in c} <= {"global", *REGIONS}
    assert set(MONEY) == {f"outcome-{n}" for n in range(1, 9)}


def test_every_cell_says_where_it_stands_and_no_number_is_a_float():
    cells = [FILE["plan"], *FILE["indicators"], *FILE["resources"], *FILE["markers"], *FILE["claims"]]
    cells += [cell for one in FILE["indicators"] for kind in ("targets", "results") for cell in one[kind]]
    cells += [one["baseline"] for one in FILE["indicators"] if "baseline" in one]
    for provenance in [c["provenance"] for c in cells] + [one["custodians_provenance"] for one in FILE["indicators"]]:
        assert set(provenance) - {"column"} == {"document", "table", "row"}
        assert provenance["document"] == "programme-implementation-2020-21"
    for code, one in INDICATORS.items():
        appendix = "Appendix II" if code in POLICY else "Appendix III"
        assert (one["provenance"]["table"], one["provenance"]["row"]) == (appendix, code.replace("-", ".").upper())
    assert not [value for o in objects(FILE) for value in o.values() if isinstance(value, float)]
