"""The data files say what the source documents say: counts, golden numbers, and that every cell can be traced."""

import csv
import json
import runpy
from collections import Counter
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"
DOCUMENTS = {
    "un-swap-2.0-framework",
    "apge-2008-09-gb300-5",
    "apge-2018-21-accelerating-actions",
    "gem-evaluation-2016-21-recommendations",
    "programme-implementation-2020-21",
    "hr-strategy-2022-25-progress-2022",
}
COLUMNS = {"2020-21 targets", "2020 results", "Custodian(s)", "Custodians' accelerating actions", "Indicator"}
PLACES = {
    "global",
    *(f"region:{name}" for name in ("africa", "americas", "arab-states", "asia-pacific", "europe-central-asia")),
    *(f"portfolio:{name}" for name in ("policy", "management-reform", "field-operations")),
}
RESULT_KINDS = ("value", "numerator", "reached", "category", "parts", "no_data")
SENIOR = {"P5", "D1", "D2", "ADG", "DDG", "DG"}
STAFF_COLUMNS = [
    "staff_id",
    "sex",
    "grade",
    "contract_source",
    "unit",
    "portfolio",
    "region",
    "duty_station",
    "nationality",
    "birth_year",
    "geographic_post",
    "entered_on",
]


def load(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def staff(name):
    with (DATA / "examples" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


UNITS = load("units.json")["units"]
APGE = load("apge-2018-21.json")
GEM = load("gem-evaluation-2016-21.json")
FIGURES = load("figures.json")
INDICATORS = {indicator["code"]: indicator for indicator in APGE["indicators"]}
EXAMPLES = ("staff-2020-12-31.csv", "staff-2021-12-31.csv")


def figures(code):
    [found] = [figure for figure in FIGURES["figures"] if figure["code"] == code]
    return {value["name"]: value["value"] and Decimal(value["value"]) for value in found["values"]}


def result_of(indicator, target, as_of="2020-12-31"):
    key = (target["phase"], target["place"], as_of)
    [found] = [r for r in indicator["results"] if (r["phase"], r["place"], r["as_of"]) == key]
    return found


def reaches(target, result):
    """Whether the result reaches the target; None without data. Written for these files, not the service's rule."""
    if "no_data" in result:
        return None
    if target["operator"] == "all_of":
        parts = {part["name"]: part for part in result["parts"]}
        return all(reaches(wanted, parts[wanted["name"]]) for wanted in target["parts"])
    if target["operator"] == "reached":
        return result["reached"]
    if target["operator"] == "exactly":
        return result["category"] == target["category"]
    value = (
        Decimal(result["value"]) if "value" in result else Decimal(100) * result["numerator"] / result["denominator"]
    )
    return value >= Decimal(target["value"])


def counted(phase):
    return [
        (indicator, target)
        for indicator in APGE["indicators"]
        for target in indicator["targets"]
        if target["phase"] == phase and target["part_of"] is None
    ]


def objects(value):
    """Every JSON object inside a value, itself included."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def senior_regular_budget(rows):
    return [row for row in rows if row["grade"] in SENIOR and row["contract_source"] == "regular_budget"]


def test_the_plan_has_24_indicators_in_5_areas():
    areas = [area["code"] for area in APGE["plan"]["areas"]]
    assert len(INDICATORS) == len(APGE["indicators"]) == 24
    assert [Counter(i["area"] for i in APGE["indicators"])[area] for area in areas] == [1, 5, 5, 7, 6]


def test_29_targets_of_2020_21_are_counted_and_nine_portfolio_parts_are_not():
    parts = [t for i in APGE["indicators"] for t in i["targets"] if t["part_of"] is not None]
    assert len(counted("2020-21")) == 29
    assert len(parts) == 9
    assert {(t["part_of"], t["place"].partition(":")[0]) for t in parts} == {("global", "portfolio")}


def test_the_appendix_gives_2_targets_on_track_20_not_and_7_without_data():
    outcomes = Counter(reaches(target, result_of(indicator, target)) for indicator, target in counted("2020-21"))
    assert outcomes == {True: 2, False: 20, None: 7}


def test_the_published_21_not_on_track_are_these_20_and_the_website_target_of_2018_19():
    [(indicator, website)] = counted("2018-19")
    published = {one["phase"]: one for one in APGE["plan"]["published"]}
    assert indicator["code"] == "zero-harassment-campaign"
    assert reaches(website, result_of(indicator, website)) is False
    assert reaches(website, result_of(indicator, website, "2021-12-31")) is True
    assert published["2020-21"]["counts"] == {"on_track": 29, "not_on_track": 20 + 1, "data_unavailable": 7}


def test_published_counts_add_up_to_57_and_published_shares_are_cut_off_not_rounded():
    for published in APGE["plan"]["published"]:
        assert sum(published["counts"].values()) == published["total"] == 57
        for status, share in published["shares"].items():
            exact = Decimal(100) * published["counts"][status] / published["total"]
            assert exact.quantize(Decimal(share), ROUND_DOWN) == Decimal(share)


def test_africa_is_the_only_region_whose_marker_target_is_met_and_the_global_one_is_not():
    marker = INDICATORS["gender-marker-proposals"]
    met = {target["place"] for target in marker["targets"] if reaches(target, result_of(marker, target))}
    assert met == {"region:africa"}


def test_the_marker_figures_are_those_of_the_indicator():
    marker = INDICATORS["gender-marker-proposals"]
    expected = {result["place"]: Decimal(result["value"]) for result in marker["results"]}
    expected |= {f"{target['place']}:target": Decimal(target["value"]) for target in marker["targets"]}
    assert figures("gender-marker-proposals-2020") == expected


@pytest.mark.parametrize("code", INDICATORS)
def test_every_target_has_a_result_and_every_result_a_target(code):
    indicator = INDICATORS[code]
    targets = {(target["phase"], target["place"]) for target in indicator["targets"]}
    assert targets == {(result["phase"], result["place"]) for result in indicator["results"]}
    assert len(targets) == len(indicator["targets"])


@pytest.mark.parametrize("code", INDICATORS)
def test_a_result_says_one_thing_and_in_the_kind_of_its_indicator(code):
    allowed = {
        "percentage": {"value", "numerator"},
        "count": {"value"},
        "milestone": {"reached"},
        "categorical": {"category"},
        "compound": {"parts"},
    }[INDICATORS[code]["kind"]]
    for result in INDICATORS[code]["results"]:
        [kind] = [kind for kind in RESULT_KINDS if kind in result]
        assert kind in allowed | {"no_data"}
        assert ("numerator" in result) == ("denominator" in result)


def test_none_is_a_result_of_zero_and_an_event_not_held_is_no_data():
    results = {code: result_of(i, i["targets"][0]) for code, i in INDICATORS.items()}
    assert {code: r["no_data"] for code, r in results.items() if "no_data" in r} == {
        "audits-gender-risks": "audit_not_done",
        "audit-sexual-harassment": "audit_not_done",
        "ilc-women-delegates": "event_not_held",
        "regional-meetings-women-delegates": "event_not_held",
        "research-gender-dimension": "event_not_held",
        "research-women-speakers": "event_not_held",
        "research-women-authors": "event_not_held",
    }
    assert {code for code, r in results.items() if r.get("value") == "0" or r.get("reached") is False} == {
        "custodian-meetings",
        "scorecard-meetings",
        "unconscious-bias-sessions",
        "parity-capacity-events",
        "capacity-plan",
    }


def test_only_unconscious_bias_was_met_in_2018_19():
    earlier = {code: [one["status"] for one in i["earlier"]] for code, i in INDICATORS.items()}
    assert {code for code, statuses in earlier.items() if statuses == ["met"]} == {"unconscious-bias-sessions"}
    assert {code for code, statuses in earlier.items() if statuses == ["not_met"]} == set(INDICATORS) - {
        "unconscious-bias-sessions"
    }


def test_women_p5_plus_and_the_meetings_with_scorecards_are_fed_by_measures():
    fed = {code: i["fed_by"] for code, i in INDICATORS.items() if i["fed_by"]}
    assert fed == {"women-p5-plus": "women-p5-plus-regular-budget", "scorecard-meetings": "scorecards-tabled"}


def test_every_indicator_has_an_action_and_every_action_an_indicator_with_a_target_there():
    targeted = {(code, target["place"]) for code, i in INDICATORS.items() for target in i["targets"]}
    acted = {(code, place) for a in APGE["actions"] for code in a["indicators"] for place in a["places"]}
    assert acted <= targeted
    assert {code for code, _ in acted} == set(INDICATORS)
    assert len({action["code"] for action in APGE["actions"]}) == len(APGE["actions"]) == 50


def test_two_portfolios_are_on_target_and_two_actions_need_funding():
    none_required = [a for a in APGE["actions"] if a["none_required"]]
    needs_funding = [a["code"] for a in APGE["actions"] if a["needs_funding"]]
    assert [(a["indicators"], a["places"]) for a in none_required] == [
        (["custodian-chiefs-outputs"], ["portfolio:management-reform"]),
        (["scorecard-meetings"], ["portfolio:management-reform"]),
    ]
    assert needs_funding == ["marker-gender-network", "turin-funds-for-men"]


def test_the_evaluation_has_6_recommendations_and_40_sub_actions():
    recommendations = GEM["recommendations"]
    assert [r["number"] for r in recommendations] == [1, 2, 3, 4, 5, 6]
    assert [r["group"] for r in recommendations] == ["6.1"] * 4 + ["6.2"] * 2
    assert [len(r["sub_actions"]) for r in recommendations] == [7, 4, 6, 7, 9, 7]
    assert all(
        [s["number"] for s in r["sub_actions"]] == list(range(1, len(r["sub_actions"]) + 1)) for r in recommendations
    )


def test_the_broken_row_of_recommendation_6_reads_like_that_of_recommendation_5():
    columns = ("units", "priority", "time_implication", "time_qualifier", "resource_implication")
    fifth, sixth = ([r[column] for column in columns] for r in GEM["recommendations"][4:])
    assert sixth == fifth
    assert sixth[1:] == ["high", "short_term", "New APGE formulation timeframe", "low"]


def test_the_unclosed_parenthesis_of_recommendation_4_loses_no_unit():
    assert GEM["recommendations"][3]["units"] == ["SMT", "DDG-POL", "GEDI", "DDG-MR", "HRD", "DDG-FOP", "REGIONS"]


def test_parents_of_sub_actions_come_before_them_and_dependencies_name_other_recommendations():
    for recommendation in GEM["recommendations"]:
        assert all(sub.get("parent", 0) < sub["number"] for sub in recommendation["sub_actions"])
        assert recommendation["number"] not in recommendation["depends_on"]
    assert {r["number"]: r["depends_on"] for r in GEM["recommendations"] if r["depends_on"]} == {3: [1], 5: [4]}


def test_every_unit_code_resolves_and_parents_stand_before_their_children():
    codes = [unit["code"] for unit in UNITS]
    assert len(set(codes)) == len(codes)
    for position, unit in enumerate(UNITS):
        assert unit["code"].replace("-", "").isalnum()
        assert unit["code"] == unit["code"].upper()
        assert unit["parent"] is None or unit["parent"] in codes[:position]
    named = {code for i in APGE["indicators"] for code in i["custodians"]}
    named |= {code for a in APGE["actions"] for code in a["custodians"]}
    named |= {code for r in GEM["recommendations"] for code in r["units"]}
    assert named <= set(codes)


def test_a_unit_that_was_renamed_keeps_its_code_and_one_that_was_replaced_names_its_successor():
    units = {unit["code"]: unit for unit in UNITS}
    renamed = {code: [one["name"] for one in unit["formerly"]] for code, unit in units.items() if unit.get("formerly")}
    assert renamed == {
        "PARDEV": ["Department of Partnerships and Development Cooperation"],
        "EVAL": ["Evaluation Unit"],
        "GENDER": ["Office of the Special Adviser on Women Workers\N{RIGHT SINGLE QUOTATION MARK} Questions"],
    }
    replaced = {code: unit["succeeded_by"] for code, unit in units.items() if unit.get("succeeded_by")}
    assert replaced == {"GENDER": "GEDI", "PROGRAM-BUREAU": "PROGRAM"}
    assert units["GENDER"]["since"] == "1999-12-17"
    order = list(units)
    assert all(order.index(after) < order.index(code) for code, after in replaced.items())


def test_every_cell_has_a_provenance():
    cells = [*UNITS, APGE["plan"], *APGE["plan"]["published"], *APGE["indicators"], *APGE["actions"]]
    cells += [cell for i in APGE["indicators"] for kind in ("targets", "results", "earlier") for cell in i[kind]]
    cells += [
        GEM["evaluation"],
        *GEM["recommendations"],
        *(s for r in GEM["recommendations"] for s in r["sub_actions"]),
    ]
    cells += [value for figure in FIGURES["figures"] for value in figure["values"]] + FIGURES["output_indicators"]
    provenances = [cell["provenance"] for cell in cells] + [i["custodians_provenance"] for i in APGE["indicators"]]
    for provenance in provenances:
        assert set(provenance) - {"column"} == {"document", "table", "row"}
        assert provenance["document"] in DOCUMENTS
        assert all(isinstance(part, str) and part for part in provenance.values())
        if provenance["table"] == "Appendix" and "column" in provenance:
            assert provenance["column"] in COLUMNS


def test_places_are_the_agreed_ones_and_numbers_are_never_floats():
    places = {o["place"] for o in objects(APGE) if "place" in o}
    assert places == {*PLACES, "portfolio:*"}
    everything = [UNITS, APGE, GEM, FIGURES]
    assert not [value for o in objects(everything) for value in o.values() if isinstance(value, float)]


def test_896_results_are_115_and_117_and_664():
    results = figures("programme-results-2020-21")
    total = results.pop("total")
    assert sorted(results.values()) == [115, 117, 664]
    assert total == sum(results.values()) == 896


@pytest.mark.parametrize("row", FIGURES["output_indicators"], ids=lambda row: row["indicator"])
def test_regional_results_of_an_output_indicator_add_up_to_its_total(row):
    assert len(row["regions"]) == 5
    assert sum(row["regions"].values()) == row["total"]


def test_output_indicators_add_up_to_their_outcomes():
    def outcome(number, key):
        return sum(row[key] for row in FIGURES["output_indicators"] if row["indicator"].startswith(number))

    first, sixth = figures("outcome-1-results"), figures("outcome-6-results")
    assert (outcome("1.", "total"), outcome("1.", "target")) == (first["results"], first["target"]) == (199, 179)
    assert outcome("1.1", "total") + outcome("1.2", "total") == 115
    assert outcome("6.", "total") == sixth["results"] == 59
    assert outcome("6.", "target") - outcome("6.", "total") == sixth["short_of_target"] == 25


@pytest.mark.parametrize(
    ("actual", "planned", "published"),
    [
        (figures("outcome-1-results")["results"], figures("outcome-1-results")["target"], "outcome-1-over-target"),
        (figures("outcome-1-expenditure")["total"], figures("outcome-1-budget")["total"], "outcome-1-over-budget"),
    ],
)
def test_a_published_excess_is_the_rounded_one(actual, planned, published):
    [share] = figures(published).values()
    assert (100 * (actual - planned) / planned).quantize(Decimal(1), ROUND_HALF_UP) == share


def test_budget_and_expenditure_of_outcome_1_add_up_and_not_defined_stays_null():
    for code in ("outcome-1-budget", "outcome-1-expenditure"):
        money = figures(code)
        total = money.pop("total")
        assert total == sum(amount for amount in money.values() if amount is not None)
    assert figures("outcome-1-budget")["supplementary_account"] is None


def test_marker_shares_of_2020_21_are_100_per_cent():
    assert sum(figures("results-by-gender-marker-2020-21").values()) == 100


def test_the_series_of_women_at_p5_and_above_begins_with_the_indicator_of_the_plan():
    indicator = INDICATORS["women-p5-plus"]
    assert figures("women-p5-plus") == {"2020": Decimal(38), "2021": Decimal("37.1"), "2022": Decimal(40)}
    assert figures("women-p5-plus-targets") == {"2020-21": Decimal(45), "2022-23": Decimal(40)}
    assert (indicator["results"][0]["value"], indicator["targets"][0]["value"]) == ("38", "45")


@pytest.mark.parametrize(("name", "share"), [(EXAMPLES[0], "38.0"), (EXAMPLES[1], "37.1")])
def test_an_example_snapshot_gives_the_published_share_of_women_at_p5_and_above(name, share):
    senior = senior_regular_budget(staff(name))
    women = sum(row["sex"] == "F" for row in senior)
    assert {row["sex"] for row in senior} == {"F", "M"}
    assert (Decimal(100) * women / len(senior)).quantize(Decimal("0.1"), ROUND_HALF_UP) == Decimal(share)


def test_the_example_of_2020_is_38_per_cent_without_rounding():
    senior = senior_regular_budget(staff(EXAMPLES[0]))
    assert sum(row["sex"] == "F" for row in senior) * 100 == 38 * len(senior)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_snapshot_holds_only_known_codes(name):
    rows = staff(name)
    units = {unit["code"]: unit for unit in UNITS}
    as_of = name.removeprefix("staff-").removesuffix(".csv")
    assert list(rows[0]) == STAFF_COLUMNS
    assert len({row["staff_id"] for row in rows}) == len(rows) >= 1200
    for row in rows:
        unit = units[row["unit"]]
        assert row["staff_id"].startswith("EX-")
        assert row["sex"] in {"F", "M", "X", ""}
        assert unit["portfolio"] in {None, row["portfolio"]}
        assert unit["region"] in {None, row["region"]}
        assert f"portfolio:{row['portfolio']}" in PLACES
        assert f"region:{row['region']}" in PLACES
        assert row["entered_on"] <= as_of
        assert int(row["birth_year"]) + 18 < int(row["entered_on"][:4])
        assert row["geographic_post"] in {"true", "false"}
        assert len(row["nationality"]) == 3


def test_who_is_in_both_examples_differs_only_by_a_promotion():
    first, second = ({row["staff_id"]: row for row in staff(name)} for name in EXAMPLES)
    stayed = first.keys() & second.keys()
    changed = {column for code in stayed for column in STAFF_COLUMNS if first[code][column] != second[code][column]}
    assert len(stayed) > 1100
    assert changed <= {"grade", "geographic_post"}


def test_the_script_writes_the_committed_examples_byte_for_byte(tmp_path):
    runpy.run_path(str(DATA / "examples" / "make.py"))["main"](tmp_path)
    for name in EXAMPLES:
        assert (tmp_path / name).read_bytes() == (DATA / "examples" / name).read_bytes()
