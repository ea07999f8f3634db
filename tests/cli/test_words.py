"""What `apge watch` and `apge push` say of figures and receipts: nothing is called withheld that is there, and nobody is not a per cent."""

import json
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from apge import receipts, watch
from apge.sse import Sent

NOTHING: dict[str, Any] = dict.fromkeys(("women", "men", "other", "total", "share"))
HIDDEN: dict[str, Any] = {**NOTHING, "suppressed": True}
SHOWN: dict[str, Any] = {"women": 1448, "men": 1287, "other": 0, "total": 2735, "share": 52.9, "suppressed": False}
OTHERS_HIDDEN: dict[str, Any] = {**SHOWN, "other": None, "total": None, "suppressed": True}
NOBODY: dict[str, Any] = {**dict.fromkeys(("women", "men", "other", "total"), 0), "share": None, "suppressed": False}


def line_of(figures: dict[str, Any]) -> str:
    body = {"view": "parity", "measure": "m", "as_of": "2022-12-31", "at": "2023-01-02T10:11:12Z", **figures}
    return watch.line_of(Sent("change", json.dumps(body))).partition("m 2022-12-31: ")[2]


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (SHOWN, "1,448 women and 1,287 men; 52.9 % women of 2,735"),
        ({**SHOWN, "total": 2740}, "1,448 women and 1,287 men, 5 others; 52.9 % women of 2,735"),
        (OTHERS_HIDDEN, "1,448 women and 1,287 men, others not shown; 52.9 % women of 2,735"),
        ({**NOTHING, "suppressed": False, "numerator": 5, "denominator": 187, "share": 2.7}, "5 of 187, 2.7 per cent"),
        ({**NOTHING, "suppressed": False, "numerator": 0, "denominator": 0}, "0 of 0"),
        ({**NOTHING, "suppressed": False, "numerator": 3}, "3"),
        (HIDDEN, "not shown: too few people"),
        ({**HIDDEN, "women": 7}, "not shown: too few people"),
        (NOBODY, "nobody"),
        ({**NOBODY, "total": 6}, "0 women and 0 men, 6 others"),
        ({**SHOWN, "source_note": "Nobody in it exists"}, "1,448 women and 1,287 men; 52.9 % women of 2,735 (Nobody in it exists)"),
    ],
)  # fmt: skip
def test_who_watches_is_told_a_figure_or_that_there_is_none(figures: dict[str, Any], words: str) -> None:
    assert line_of(figures) == words


def test_a_figure_and_a_snapshot_name_their_source_and_rows_that_are_withheld_are_not_none() -> None:
    figure = {"view": "parity", "measure": "m", "source": "payroll", "as_of": "2022-12-31", **SHOWN}
    assert "  m 2022-12-31 of payroll: 1,448 women" in watch.line_of(Sent("change", json.dumps(figure)))
    for rows, words in ((1216, ", 1,216 rows"), (None, "")):
        body = {
            "view": "parity",
            "snapshot": "s",
            "source": "payroll",
            "as_of": "2022-12-31",
            "revision": 2,
            "rows": rows,
        }
        line = watch.line_of(Sent("change", json.dumps(body)))
        assert line.endswith(f"  snapshot of payroll on 2022-12-31, revision 2{words} (s)")


def a_receipt(**changes: Any) -> dict[str, Any]:
    measures = [
        {"code": "staff-by-grade", **SHOWN},
        {"code": "staff-by-region", **SHOWN},
        {"code": "women-p5-plus-regular-budget", **OTHERS_HIDDEN},
        {"code": "women-p5-plus-whole-workforce", **HIDDEN},
    ]
    return {
        "id": "0199-aa",
        "dry_run": False,
        "source": "payroll",
        "as_of": "2021-12-31",
        "revision": 1,
        "rows": 2740,
        "accepted": 2735,
        "refused": [],
        "refused_total": 5,
        "refused_by_rule": {},
        "unknown_codes": None,
        "missing": {"sex": 5, "birth_year": 0},
        "released": True,
        "held": None,
        "measures": measures,
        "warnings": {"unknown_units": [], "headcount_jump": None},
        **changes,
    }


def said_of(receipt: dict[str, Any], *, new: bool = True) -> list[str]:
    written = StringIO()
    receipts.show(receipt, Console(file=written, width=120), new=new)
    return [" ".join(line.split()) for line in written.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("changes", "new", "words"),
    [
        ({}, True, "Taken in: the snapshot of payroll on 2021-12-31 (0199-aa); its figures are published"),
        ({}, False, "Already here, nothing changed: the snapshot of payroll on 2021-12-31, revision 1 (0199-aa)"),
        (
            {"revision": 2},
            True,
            "Taken in as a correction, revision 2: the snapshot of payroll on 2021-12-31 (0199-aa); its figures are published",
        ),
        ({"held": "Fewer left.", "released": False}, True, "Taken in: the snapshot of payroll on 2021-12-31 (0199-aa)"),
        (
            {"dry_run": True, "id": None, "revision": 2},
            False,
            "Dry run, nothing is stored. It would be revision 2 of the snapshot of payroll on 2021-12-31",
        ),
    ],
)
def test_what_became_of_a_push_is_its_first_line(changes: dict[str, Any], new: bool, words: str) -> None:
    assert said_of(a_receipt(**changes), new=new)[0] == words


def test_why_a_snapshot_is_held_is_said_and_no_measure_is_listed() -> None:
    said = said_of(a_receipt(held="Fewer left.", released=False, measures=[]))
    assert said[1] == "Held, no figure of it is published: Fewer left."
    assert not any("measures" in line for line in said)


def test_missing_values_unknown_codes_and_jumps_stand_in_the_receipt() -> None:
    jump = {"before": 5000, "after": 2735, "percent": -45.3, "compared_with": "2020-12-31"}
    warnings = {"unknown_units": ["ATLANTIS"], "headcount_jump": jump}
    said = said_of(a_receipt(unknown_codes={"grade": {"P9": 5, "[red]": 1}}, warnings=warnings))
    assert "2,740 rows, 2,735 accepted, 5 refused" in said
    assert "sex 5 in no share, counted as other" in said
    assert not any(line.startswith("birth_year") for line in said)
    assert "grade P9 5" in said
    assert "grade [red] 1" in said
    assert "Warning: units that are defined nowhere, whose rows count: ATLANTIS" in said
    assert "Warning: 2,735 people, where there were 5,000 on 2020-12-31 (-45.3 %)" in said


def test_of_the_measures_the_totals_that_matter_stand_there_and_only_what_is_withheld_is_called_so() -> None:
    said = said_of(a_receipt())
    assert "All staff 1,448 1,287 0 2,735 52.9 %" in said
    assert "P5 and above, regular budget 1,448 1,287 not shown not shown 52.9 %" in said
    assert "In total not shown: too few people: women-p5-plus-whole-workforce" in said
    assert not any("staff-by-region" in line for line in said)
    assert said[-1].startswith("4 measures are drawn from it")
