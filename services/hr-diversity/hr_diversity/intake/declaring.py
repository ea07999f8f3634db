"""What is wrong with a source's declaration, found before any file is read by it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from hr_diversity.intake.checks import check
from hr_diversity.intake.columns import COLUMNS, DELTA_COLUMNS, GONE
from hr_diversity.intake.mapping import OTHERS, Layout

SOMEBODY = {
    "sex": "F",
    "grade": "P4",
    "contract_source": "regular_budget",
    "unit": "U",
    "region": "africa",
}
"""The least that a row needs besides its staff id."""
DAYS, MONTHS, TIMES = ("%d",), ("%m", "%b", "%B"), ("%H", "%M", "%S")
DIRECTIVE = re.compile("%.?")


@dataclass(frozen=True, slots=True)
class Fault:
    """`path` leads to the field, like values, sex, W."""

    path: tuple[str, ...]
    value: str
    detail: str


def find_faults(layout: Layout, today: date) -> list[Fault]:
    """All that is wrong with it."""
    layout = layout.for_delta()
    return [
        *_of_columns(layout),
        *_of_staff_ids(layout),
        *_of_values(layout, today),
        *_of_birth_dates(layout),
        *_of_date_format(layout.date_format),
    ]


def _of_columns(layout: Layout) -> Iterator[Fault]:
    for name in (*layout.columns, *layout.values, *layout.constants):
        if name not in DELTA_COLUMNS:
            yield Fault((name,), name, f"there is no such column; ours are {', '.join(DELTA_COLUMNS)}")
    for name, constant in layout.constants.items():
        for field, others in (("columns", layout.columns), ("values", layout.values)):
            if name in others:
                yield Fault(("constants", name), constant, f"{field}/{name} says something else of the same column")
    if layout.ignored != OTHERS:
        for at, theirs in enumerate(layout.ignored):
            if theirs in layout.read_names:
                yield Fault(("ignored", str(at)), theirs, "this column is read; a column is read or ignored")


def _of_staff_ids(layout: Layout) -> Iterator[Fault]:
    for field, said in (("constants", layout.constants), ("values", layout.values)):
        if "staff_id" in said:
            yield Fault((field, "staff_id"), "staff_id", "a staff id is of one person, and is taken as it stands")
    theirs = layout.names.get("staff_id")
    for name, one in layout.names.items():
        if name != "staff_id" and one == theirs:
            yield Fault(("columns", name), one, "this column holds the staff ids, which go nowhere else")


def _of_values(layout: Layout, today: date) -> Iterator[Fault]:
    for name, constant in layout.constants.items():
        if name in DELTA_COLUMNS and name != "staff_id":
            for _, rule in _refused(name, [constant], today) if constant else [(0, "an empty constant says nothing")]:
                yield Fault(("constants", name), constant, rule)
    for name, said in layout.values.items():
        if name not in DELTA_COLUMNS or name == "staff_id":
            continue
        theirs, ours = list(said), list(said.values())
        for at, rule in _refused(name, ours, today):
            if ours[at]:  # one may say that a value of theirs means that there is none
                yield Fault(("values", name, theirs[at]), ours[at], rule)


def _refused(name: str, values: list[str], today: date) -> list[tuple[int, str]]:
    """Which of `values` a row would be refused for, and by which rule."""
    if name == GONE:
        return [(at, "bad_gone") for at, value in enumerate(values) if value not in {"true", "false"}]
    frame = pl.DataFrame(
        {"line": range(len(values)), **{one: [SOMEBODY.get(one, "")] * len(values) for one in COLUMNS}},
        schema_overrides={"line": pl.UInt32},
    ).with_columns(pl.format("S{}", "line").alias("staff_id"), pl.Series(name, values, pl.String))
    _, found = check(frame, today)
    mine = found.filter(pl.col("column") == name)
    return list(zip(mine["line"], mine["rule"], strict=True))


def _of_birth_dates(layout: Layout) -> Iterator[Fault]:
    theirs = layout.birth_date_column
    if theirs is None:
        return
    both: tuple[tuple[str, Mapping[str, object]], ...] = (("columns", layout.columns), ("constants", layout.constants))
    for field, said in both:
        if "birth_year" in said:
            yield Fault((field, "birth_year"), str(said["birth_year"]), "birth_date_column says where it comes from")
    for value, ours in layout.values.get("birth_year", {}).items():
        if ours:
            yield Fault(("values", "birth_year", value), ours, "of a date of birth it can only be said that it is none")
    for name, one in layout.names.items():
        if name != "birth_year" and one == theirs:
            yield Fault(("birth_date_column",), theirs, f"it is read as {name} too; a date of birth goes nowhere else")


def _of_date_format(given: str | None) -> Iterator[Fault]:
    if given is None:
        return
    found = DIRECTIVE.findall(given)
    known = ("%Y", *DAYS, *MONTHS, *TIMES)
    once = [sum(found.count(one) for one in group) for group in (("%Y",), DAYS, MONTHS)]
    if once != [1, 1, 1] or any(one not in known or found.count(one) > 1 for one in found):
        detail = f"a year of four digits (%Y), one month ({', '.join(MONTHS)}) and a day (%d), once each; %H, %M, %S may follow"
        yield Fault(("date_format",), given, detail)
    elif 0 < sum(one in TIMES for one in found) < len(TIMES):
        yield Fault(("date_format",), given, "a time of day has %H, %M and %S, or is left out")
