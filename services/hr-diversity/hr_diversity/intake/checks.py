"""What a row must be, checked in sets: one expression per rule over a whole chunk."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from hr_diversity.intake.columns import REQUIRED
from hr_diversity.intake.findings import SCHEMA, refused
from hr_diversity.measures.ladder import CONTRACT_SOURCES, GRADES, PORTFOLIOS, REGIONS, SEXES

LISTS = {
    "sex": SEXES,
    "grade": GRADES,
    "contract_source": CONTRACT_SOURCES,
    "portfolio": PORTFOLIOS,
    "region": REGIONS,
}
NEEDED = tuple(name for name in REQUIRED if name != "sex")  # sex may be left open; it is then counted as other
CODE = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$"
SPACE_OR_CONTROL, CONTROL = (
    r"[\s\p{C}]",
    r"\p{C}",
)  # searched for: matching all of a value against their opposite takes ten times as long
YEAR, DAY = "^[0-9]{4}$", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
LONGEST_ID, LONGEST_PLACE = 64, 100
YOUNGEST, OLDEST = 14, 100

TYPED = "typed "


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` is true for the rows that the rule refuses. Each rule says nothing of rows that another one speaks of."""

    column: str
    code: str
    broken: pl.Expr


def check(rows: pl.DataFrame, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(good rows, findings). Good rows are typed: enumerations, birth_year Int16, geographic_post Boolean, entered_on Date, and
    null where the file says nothing.
    """
    both = rows.with_columns(expression.alias(TYPED + name) for name, expression in _conversions().items())
    rules = _rules(as_of)
    broken = both.select(rule.broken.alias(str(number)) for number, rule in enumerate(rules))
    bad = broken.select(pl.any_horizontal(pl.all())).to_series()
    found = [
        refused(rows.filter(broken[str(number)]), rule.column, rule.code, _shown(rule.column))
        for number, rule in enumerate(rules)
        if broken[str(number)].any()
    ]
    good = both.select("line", "staff_id", *(pl.col(TYPED + name).alias(name) for name in _conversions()))
    return (good.filter(~bad), pl.concat(found)) if found else (good, pl.DataFrame(schema=SCHEMA))


def _shown(column: str) -> pl.Expr:
    """The refused value; none for a staff id, nor where columns are mixed up and the staff id stands in another one."""
    if column == "staff_id":
        return pl.lit(None, pl.String)
    return pl.when(pl.col(column) != pl.col("staff_id")).then(pl.col(column))


def _unlike(name: str, forbidden: str, longest: int) -> pl.Expr:
    return pl.col(name).str.contains(forbidden) | (pl.col(name).str.len_chars() > longest)


def _conversions() -> dict[str, pl.Expr]:
    text = pl.col
    given = {name: text(name).replace("", None) for name in ("duty_station", "nationality")}
    return {
        **{name: text(name).cast(pl.Enum(words), strict=False) for name, words in LISTS.items()},
        "unit": text("unit"),
        **given,
        "birth_year": pl.when(text("birth_year").str.contains(YEAR)).then(text("birth_year")).cast(pl.Int16),
        "geographic_post": text("geographic_post").replace_strict({"true": True, "false": False}, default=None),
        "entered_on": pl.when(text("entered_on").str.contains(DAY))
        .then(text("entered_on"))
        .str.to_date("%Y-%m-%d", strict=False),
    }


def _rules(as_of: date) -> list[Rule]:
    def wrong(name: str, typed: pl.Expr) -> pl.Expr:
        return (pl.col(name) != "") & typed

    def unread(name: str) -> pl.Expr:
        return wrong(name, pl.col(TYPED + name).is_null())

    born, entered = pl.col(TYPED + "birth_year"), pl.col(TYPED + "entered_on")
    plausible = born.is_between(as_of.year - OLDEST, as_of.year - YOUNGEST)
    return [
        *(Rule(name, "missing_value", pl.col(name) == "") for name in NEEDED),
        *(Rule(name, f"unknown_{name}", unread(name)) for name in LISTS),
        Rule("staff_id", "bad_staff_id", _unlike("staff_id", SPACE_OR_CONTROL, LONGEST_ID)),
        Rule("unit", "bad_unit", wrong("unit", ~pl.col("unit").str.contains(CODE))),
        Rule("duty_station", "bad_duty_station", _unlike("duty_station", CONTROL, LONGEST_PLACE)),
        Rule("nationality", "bad_nationality", wrong("nationality", ~pl.col("nationality").str.contains("^[A-Z]{3}$"))),
        Rule("birth_year", "bad_birth_year", wrong("birth_year", ~plausible.fill_null(value=False))),
        Rule("geographic_post", "bad_geographic_post", unread("geographic_post")),
        Rule("entered_on", "bad_date", unread("entered_on")),
        Rule("entered_on", "entered_after_as_of", (entered > as_of).fill_null(value=False)),
    ]
