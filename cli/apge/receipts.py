"""The receipt of a push, as a person reads it: what became of it first, then what is wrong, what is odd, and what is out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MOST_SHOWN = 50
SHOWN = {
    "staff-by-grade": "All staff",
    "women-p5-plus-regular-budget": "P5 and above, regular budget",
    "women-p5-plus-whole-workforce": "P5 and above, whole workforce",
}
"""The totals that matter at a glance. Those of all other measures of the staff are the same, or parts of them."""
COUNTS = ("women", "men", "other", "total")
NOT_SHOWN = "not shown"
WITHHELD = "not shown: too few people"
"""Of a figure that is withheld: it may be small, hide a small one, or too few came or left since the figures that are out."""


def show(receipt: dict[str, Any], console: "Console", *, new: bool) -> None:
    """`new`: whether the push stored anything; False where the same content was there already."""
    _say(console, outcome_of(receipt, new=new))
    if receipt.get("held"):
        _say(console, f"Held, no figure of it is published: {receipt['held']}")
    total = receipt.get("refused_total", receipt["rows"] - receipt["accepted"])
    _say(console, f"{receipt['rows']:,} rows, {receipt['accepted']:,} accepted, {total:,} refused")
    if receipt.get("base"):
        counts = ", ".join(f"{receipt[one]:,} {one}" for one in ("added", "changed", "unchanged", "gone"))
        base = receipt["base"]
        all_ = f"{receipt['headcount']:,} people in all"
        _say(console, f"Of {base['as_of']} (revision {base['revision']}): {counts}; {all_}")
    _show_refused(receipt, total, console)
    _show_missing(receipt, console)
    for warning in warnings_of(receipt):
        _say(console, f"Warning: {warning}")
    _show_measures(receipt["measures"], console)


def outcome_of(receipt: dict[str, Any], *, new: bool) -> str:
    """What became of it, in one line."""
    snapshot, revision = f"the snapshot of {receipt['source']} on {receipt['as_of']}", receipt["revision"]
    if receipt.get("dry_run"):
        return f"Dry run, nothing is stored. It would be revision {revision} of {snapshot}"
    if not new:
        return f"Already here, nothing changed: {snapshot}, revision {revision} ({receipt['id']})"
    what = "Taken in" if revision == 1 else f"Taken in as a correction, revision {revision}"
    published = "" if receipt.get("held") else "; its figures are published"
    return f"{what}: {snapshot} ({receipt['id']}){published}"


def _show_refused(receipt: dict[str, Any], total: int, console: "Console") -> None:
    if receipt["refused"]:
        shown = receipt["refused"][:MOST_SHOWN]
        lines = [[one.get(name) for name in ("line", "column", "value", "rule")] for one in shown]
        console.print(_table(("Line", "Column", "Value", "Rule"), lines))
        if total > len({one["line"] for one in shown}):
            _say(console, f"... {total:,} rows in all; --json shows every one that the receipt names")
        rules = ", ".join(f"{rule.replace('_', ' ')} {count:,}" for rule, count in receipt["refused_by_rule"].items())
        _say(console, f"Refused by rule: {rules}")
    codes = receipt.get("unknown_codes") or {}
    if any(codes.values()):
        lines = [[name, code, f"{count:,}"] for name, of in codes.items() for code, count in of.items()]
        console.print(_table(("Column", "Unknown code", "Rows refused"), lines))


def _show_missing(receipt: dict[str, Any], console: "Console") -> None:
    missing = {name: count for name, count in (receipt.get("missing") or {}).items() if count}
    if missing:
        lines = [
            [name, f"{count:,}", "in no share, counted as other" if name == "sex" else ""]
            for name, count in missing.items()
        ]
        console.print(_table(("Column", "Rows without it", ""), lines))


def warnings_of(receipt: dict[str, Any]) -> Iterator[str]:
    """One sentence for each thing that is odd."""
    warnings = dict(receipt.get("warnings") or {})
    if units := warnings.pop("unknown_units", None):
        yield f"units that are defined nowhere, whose rows count: {', '.join(units)}"
    if jump := warnings.pop("headcount_jump", None):
        yield (
            f"{jump['after']:,} people, where there were {jump['before']:,} on {jump['compared_with']} "
            f"({jump['percent']:+} %)"
        )
    for name, warning in warnings.items():
        if warning:
            told = (
                ", ".join(f"{key} {value}" for key, value in warning.items()) if isinstance(warning, dict) else warning
            )
            yield f"{name.replace('_', ' ')}: {told}"


def _show_measures(measures: list[dict[str, Any]], console: "Console") -> None:
    by_code = {one["code"]: one for one in measures}
    lines = [_line(name, by_code[code]) for code, name in SHOWN.items() if code in by_code]
    if lines:
        console.print(_table(("", "Women", "Men", "Other", "Total", "Share of women"), lines))
    hidden = [one["code"] for one in measures if one["women"] is None or one["men"] is None]
    if hidden:
        _say(console, f"In total {WITHHELD}: {', '.join(hidden)}")
    if measures:
        _say(
            console,
            f"{len(measures)} measures are drawn from it: /hr-diversity/v1/measures lists them, with their groups",
        )


def _line(name: str, of: dict[str, Any]) -> list[str]:
    hidden = of["women"] is None or of["men"] is None
    share = NOT_SHOWN if hidden else "nobody" if of["share"] is None else f"{of['share']} %"
    return [name, *(NOT_SHOWN if of[one] is None else f"{of[one]:,}" for one in COUNTS), share]


def _table(columns: tuple[str, ...], lines: list[list[Any]]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for name in columns:
        table.add_column(name, overflow="fold")
    for line in lines:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in line))
    return table


def _say(console: "Console", line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
