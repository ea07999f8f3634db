"""What a row must be, checked in sets: a column of few different values once for each of them, staff ids by expressions over a chunk."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import polars as pl

from hr_diversity.intake.columns import REQUIRED
from hr_diversity.intake.findings import SCHEMA, refused, unless_id
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

TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` is true for the values of `column` that the rule refuses; it may look at what they are once converted, as `typed`. Each
    rule says nothing of values that another one speaks of.
    """

    column: str
    code: str
    broken: pl.Expr


def check(rows: pl.DataFrame, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(good rows, findings). `rows` are texts, or categories of their own for each column. Good rows are typed: enumerations,
    birth_year Int16, geographic_post Boolean, entered_on Date, categories for other texts, and null where the file says nothing.
    """
    rules = _rules(as_of)
    typed: list[pl.Series] = [rows["line"], rows["staff_id"]]
    broken = list(_broken_ids(rows["staff_id"], rules["staff_id"]))
    for name, conversion in _conversions().items():
        column, refusals = _convert(rows[name], conversion, rules.get(name, []))
        typed.append(column)
        broken += refusals
    good = pl.DataFrame(typed)
    if not broken:
        return good, pl.DataFrame(schema=SCHEMA)
    found = [refused(rows.filter(mask), rule.column, rule.code, _shown(rule.column)) for rule, mask in broken]
    bad = pl.DataFrame([mask.alias(str(number)) for number, (_, mask) in enumerate(broken)])
    return good.filter(~bad.select(pl.any_horizontal(pl.all())).to_series()), pl.concat(found)


def _broken_ids(ids: pl.Series, rules: list[Rule]) -> Iterator[tuple[Rule, pl.Series]]:
    masks = ids.to_frame().select(rule.broken.alias(rule.code) for rule in rules)
    return ((rule, masks[rule.code]) for rule in rules if masks[rule.code].any())


def _convert(
    texts: pl.Series, conversion: pl.Expr, rules: list[Rule]
) -> tuple[pl.Series, list[tuple[Rule, pl.Series]]]:
    """The column converted, and the rules that it breaks with the rows that do: worked out for each different value, once."""
    coded = texts if isinstance(texts.dtype, pl.Categorical) else texts.cast(pl.Categorical(pl.Categories.random()))
    assert isinstance(coded.dtype, pl.Categorical)  # noqa: S101 (what it was cast to)
    codes = coded.to_physical()
    count = 0 if codes.is_empty() else int(codes.max()) + 1  # type: ignore[arg-type]  # a number, for codes are
    known = pl.int_range(count, dtype=pl.UInt32, eager=True).cat.to(coded.dtype).cast(pl.String)
    words = known.alias(texts.name).to_frame()
    typed = words.select(conversion.alias(TYPED)).to_series()
    masks = words.with_columns(typed).select(rule.broken.alias(rule.code) for rule in rules)
    broken = ((rule, masks[rule.code].gather(codes)) for rule in rules if masks[rule.code].any())
    if typed.dtype == pl.String:
        typed = typed.cast(coded.dtype)
    return typed.gather(codes).alias(texts.name), [(rule, mask) for rule, mask in broken if mask.any()]


def _shown(column: str) -> pl.Expr:
    """The refused value; none for a staff id."""
    if column == "staff_id":
        return pl.lit(None, pl.String)
    return unless_id(pl.col(column), pl.col("staff_id"))


def _unlike(name: str, forbidden: str, longest: int) -> pl.Expr:
    return pl.col(name).str.contains(forbidden) | (pl.col(name).str.len_chars() > longest)


@cache
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


@lru_cache(maxsize=100)
def _rules(as_of: date) -> dict[str, list[Rule]]:
    """By column."""
    typed = pl.col(TYPED)

    def wrong(name: str, broken: pl.Expr) -> pl.Expr:
        return (pl.col(name) != "") & broken

    def unread(name: str) -> pl.Expr:
        return wrong(name, typed.is_null())

    plausible = typed.is_between(as_of.year - OLDEST, as_of.year - YOUNGEST)
    rules = [
        *(Rule(name, "missing_value", pl.col(name) == "") for name in NEEDED),
        *(Rule(name, f"unknown_{name}", unread(name)) for name in LISTS),
        Rule("staff_id", "bad_staff_id", _unlike("staff_id", SPACE_OR_CONTROL, LONGEST_ID)),
        Rule("unit", "bad_unit", wrong("unit", ~pl.col("unit").str.contains(CODE))),
        Rule("duty_station", "bad_duty_station", _unlike("duty_station", CONTROL, LONGEST_PLACE)),
        Rule("nationality", "bad_nationality", wrong("nationality", ~pl.col("nationality").str.contains("^[A-Z]{3}$"))),
        Rule("birth_year", "bad_birth_year", wrong("birth_year", ~plausible.fill_null(value=False))),
        Rule("geographic_post", "bad_geographic_post", unread("geographic_post")),
        Rule("entered_on", "bad_date", unread("entered_on")),
        Rule("entered_on", "entered_after_as_of", (typed > as_of).fill_null(value=False)),
    ]
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.column, []).append(rule)
    return found
