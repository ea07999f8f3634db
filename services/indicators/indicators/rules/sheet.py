"""The columns of the spreadsheet in which custodians report: a row for each target, with what stands there now."""

from collections.abc import Mapping
from typing import Any, get_args

from indicators.rules.cells import (
    READERS,
    Cell,
    Unreadable,
    write_breakdown,
    write_evidence,
    write_parts,
    write_source,
)
from shared.events.indicators import IndicatorState, Status, Target
from shared.events.results import NoDataReason, Result

EXPLAINED: dict[str, str] = {
    "indicator": "The indicator's code. Do not change it.",
    "title": "What the indicator measures. Only to be read.",
    "phase": "The phase of the plan that the target is for. Do not change it.",
    "place": "global, or the region or portfolio that the target is for. Do not change it.",
    "target": "What is aimed at, in the plan's own words. Only to be read.",
    "kind": "What is wanted: percentage and count take a value (or, for a percentage, numerator and denominator), quantity a value, "
    "milestone takes reached, categorical and ordinal a category, compound the parts. Only to be read.",
    "status": "What the last result means for the target. Only to be read.",
    "as_of": "The day that the figure is of, like 2020-12-31. Empty: today.",
    "value": "The figure: 45.5 for 45.5 per cent. Leave it empty where you give numerator and denominator.",
    "numerator": "Of a percentage: how many, a whole number.",
    "denominator": "Of a percentage: out of how many, a whole number.",
    "reached": "Of a milestone: yes or no.",
    "category": "Of a categorical or ordinal indicator: one of the list.",
    "parts": "Of a compound target, each part: interviews = 12; report = yes",
    "no_data": "Why there is no figure, one of the list; then all columns from value to parts are empty. Zero is a figure, not missing "
    "data.",
    "comment": "What a reader must know to understand the figure.",
    "text": "The source's own wording of the result. With another figure or day, what stood here is left out: write it anew.",
    "evidence": "Title = address of each document; several with a semicolon between: Annual report = https://example.org/report. With "
    "another figure or day, what stood here is left out.",
    "breakdown": "The figure by category: sex/women = 12; sex/men = 20. Shares as sex/women = 12/30.",
    "provenance": "Where it stands in its source: document = ...; table = ...; row = ...; column = ... With another figure or day, what "
    "stood here is left out.",
    "version": "How many changes the target's results had when this row was written. Do not change it: where somebody else has "
    "reported meanwhile, your row is shown to you instead of overwriting theirs. Empty: not compared.",
}
COLUMNS = tuple(EXPLAINED)
NEEDED = ("indicator", "phase")
FIXED = frozenset({"title", "target", "kind", "status"})
"""They are written for who reads the sheet, and not read back."""
FIGURES = ("value", "numerator", "denominator", "reached", "category", "parts", "no_data")
WIDTHS = {
    "indicator": 26,
    "title": 44,
    "target": 36,
    "comment": 40,
    "text": 30,
    "evidence": 30,
    "parts": 26,
    "place": 20,
}
SAID = (*FIGURES, "comment", "text", "evidence", "breakdown", "provenance")
OF_FIGURE = ("text", "evidence", "provenance")
"""They tell where a figure comes from, so they are of that figure alone."""
TAKEN = tuple(name for name in COLUMNS if name not in FIXED)


def cells_of(
    indicator: IndicatorState, target: Target, standing: Result | None, status: Status, version: int
) -> list[Cell]:
    """The row of a target, a cell for each of COLUMNS. A share is shown by its counts only, from which its value follows."""
    row: dict[str, Cell] = {
        "indicator": indicator.code,
        "title": indicator.title,
        "phase": target.phase,
        "place": target.place,
        "target": target.text,
        "kind": indicator.kind,
        "status": status,
        "version": version,
    }
    if standing is not None:
        row |= {
            name: getattr(standing, name) for name in ("as_of", "reached", "category", "no_data", "comment", "text")
        }
        row |= {"numerator": standing.numerator, "denominator": standing.denominator}
        row["value"] = standing.value if standing.numerator is None else None
        row["parts"] = write_parts(standing.parts or [])
        row["evidence"] = write_evidence(standing.evidence)
        row["breakdown"] = write_breakdown(standing.breakdown)
        row["provenance"] = write_source(standing.provenance)
    return [row.get(name) for name in COLUMNS]


def fields_of(row: Mapping[str, Cell]) -> tuple[dict[str, Any], list[tuple[str, Cell, str]]]:
    """The fields that a row gives, and of each cell that cannot be read its column, its content and what it should be like."""
    fields: dict[str, Any] = {}
    unreadable: list[tuple[str, Cell, str]] = []
    for name in TAKEN:
        cell = row.get(name)
        if cell is None or cell == "":
            continue
        try:
            fields[name] = READERS[name](cell)
        except Unreadable as error:
            unreadable.append((name, cell, str(error)))
    return fields, unreadable


def choices_of(indicator: IndicatorState) -> list[tuple[str, tuple[str, ...]]]:
    """Column and options of each cell of the indicator's rows that takes one of a list."""
    found: list[tuple[str, tuple[str, ...]]] = [("no_data", get_args(NoDataReason))]
    if indicator.kind == "milestone":
        found.append(("reached", ("yes", "no")))
    if indicator.categories:
        found.append(("category", tuple(indicator.categories)))
    return found


def carried_over(given: Result, source: Result) -> list[str]:
    """Of OF_FIGURE what `given` has unchanged from `source`, the result of its row in the template, though its figure or day is another."""
    if given.as_of == source.as_of and all(getattr(given, name) == getattr(source, name) for name in FIGURES):
        return []
    return [name for name in OF_FIGURE if getattr(given, name) and getattr(given, name) == getattr(source, name)]


def same(given: Result, known: Result) -> bool:
    """Whether both say the same of the same day; who recorded them, when, and what became of them aside."""
    return given.as_of == known.as_of and all(getattr(given, name) == getattr(known, name) for name in SAID)
