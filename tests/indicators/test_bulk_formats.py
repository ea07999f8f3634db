"""Any legal results give the same state through JSON, CSV and XLSX, and a template read back is the same."""

import json
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from tests.indicators.conftest import TABLES
from tests.indicators.plan import HRD, NOW, V1, at, begin, of_kind, rows_of

from indicators import rules, sheets
from indicators.rules.sheet import COLUMNS, cells_of, fields_of
from indicators.schemas.bulk import UploadedResult
from indicators.service.recording import new_result
from shared.events.indicators import IndicatorState
from shared.figures import as_number

FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=200, deadline=None)
SIGNS = "=+-@'\";,|\t\n\r/ ＝ÄЖ中🙂{}[]<>&_x000D_0aZ:"  # noqa: RUF001 (starts a formula too)
WORDS = st.sampled_from(["see http://x", "a=b", "document:x", "a = http://b"]) | st.text(
    st.one_of(st.sampled_from(SIGNS), st.characters(blacklist_categories=("Cs", "Cc"))), min_size=1, max_size=30
)
LABEL = WORDS.map(str.strip).filter(bool)
CODE = st.from_regex(r"[a-z0-9][a-z0-9-]{0,10}", fullmatch=True)
FIGURE = st.decimals(0, 100, places=3, allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-(10**12), 10**12)
LINK = st.from_regex(r"https?://[!-~]{1,20}", fullmatch=True)
DAYS = st.dates(date(2020, 1, 1), date(2021, 12, 31))


def maybe(strategy):
    return st.none() | strategy


def without_nothing(entry):
    return {name: value for name, value in entry.items() if value not in (None, [])}


EVIDENCE = st.fixed_dictionaries({"title": LABEL, "url": maybe(LINK), "document": maybe(CODE)}).map(without_nothing)
CELL = st.fixed_dictionaries(
    {
        "dimension": CODE,
        "category": LABEL,
        "value": maybe(FIGURE),
        "numerator": maybe(WHOLE),
        "denominator": maybe(WHOLE),
    }
).map(without_nothing)
SOURCE = st.fixed_dictionaries(
    {"document": LABEL, "table": maybe(LABEL), "row": maybe(LABEL), "column": maybe(LABEL)}
).map(without_nothing)
SAID = st.one_of(
    FIGURE.map(lambda value: {"value": value}),
    st.tuples(st.integers(0, 10**9), st.integers(1, 10**9)).map(lambda n: {"numerator": min(n), "denominator": max(n)}),
    st.booleans().map(lambda reached: {"reached": reached}),
    LABEL.map(lambda category: {"category": category}),
    st.lists(
        st.one_of(
            st.fixed_dictionaries({"name": LABEL, "value": FIGURE}),
            st.fixed_dictionaries({"name": LABEL, "reached": st.booleans()}),
        ),
        min_size=1,
        max_size=4,
    ).map(lambda parts: {"parts": parts}),
    st.sampled_from(["audit_not_done", "not_reported"]).map(lambda reason: {"no_data": reason}),
)
ANY = st.tuples(
    SAID,
    st.fixed_dictionaries(
        {
            "as_of": DAYS.map(date.isoformat),
            "text": maybe(LABEL),
            "comment": maybe(LABEL),
            "evidence": st.lists(EVIDENCE, max_size=3),
            "breakdown": st.lists(CELL, max_size=3),
            "provenance": maybe(SOURCE),
        }
    ).map(without_nothing),
).map(lambda both: {**both[0], **both[1]})
INDICATOR = IndicatorState.model_validate(
    {**of_kind("count", operator="at_least", value=1), "plan": "p", "code": "count"}
)


def said_by(result):
    return {name: getattr(result, name) for name in ("as_of", *rules.sheet.SAID)}


async def by_workbook(cells):
    body = sheets.write_xlsx(sheets.Sheet(COLUMNS, cells))
    return await sheets.read_xlsx(body, COLUMNS, rules.sheet.NEEDED)


@MANY
@given(said=ANY)
def test_a_result_written_into_cells_and_read_again_is_the_same(said):
    known = new_result({**said, "recorded_by": "-", "review": "accepted"})
    cells = cells_of(INDICATOR, INDICATOR.targets[0], known, "met", 3)
    for table in (
        sheets.read_csv(sheets.write_csv(COLUMNS, [cells]), COLUMNS, rules.sheet.NEEDED),
        sheets.Table(list(COLUMNS), [(2, cells)]),
    ):
        fields, unreadable = fields_of(dict(zip(table.names, table.rows[0][1], strict=True)))
        if table.rows[0][1] is cells:
            fields["as_of"] = str(fields.get("as_of", known.as_of)) if not unreadable else str(known.as_of)
            unreadable = [one for one in unreadable if one[0] != "as_of"]
        assert unreadable == []
        read = UploadedResult.model_validate({**fields, "as_of": str(known.as_of)})
        again = new_result(
            {
                **read.model_dump(exclude={"phase", "place", "indicator", "version"}),
                "recorded_by": "-",
                "review": "submitted",
            }
        )
        assert said_by(again) == said_by(known)
        assert (read.indicator, read.phase, read.place, read.version) == ("count", NOW, "global", 3)


@FEW
@given(said=st.lists(ANY, min_size=1, max_size=20))
async def test_results_written_into_a_workbook_and_read_again_are_the_same(said):
    known = [new_result({**one, "recorded_by": "-", "review": "accepted"}) for one in said]
    table = await by_workbook([cells_of(INDICATOR, INDICATOR.targets[0], one, "met", 3) for one in known])
    for (_, cells), one in zip(table.rows, known, strict=True):
        fields, unreadable = fields_of(dict(zip(table.names, cells, strict=True)))
        assert unreadable == []
        read = UploadedResult.model_validate(fields)
        again = new_result(
            {
                **read.model_dump(exclude={"phase", "place", "indicator", "version"}),
                "recorded_by": "-",
                "review": "submitted",
            }
        )
        assert said_by(again) == said_by(one)


@MANY
@given(lines=st.lists(st.lists(WORDS.map(str.strip), min_size=3, max_size=3), max_size=10))
def test_any_texts_through_csv_are_the_same_and_none_begins_as_a_formula(lines):
    names = ["a", "b", "c"]
    body = sheets.write_csv(names, lines)
    kept = [[cell or None for cell in line] for line in lines if any(line)]
    assert [cells for _, cells in sheets.read_csv(body, names, names).rows] == kept


KINDS = {
    "count": st.integers(0, 1000).map(lambda value: {"value": value}),
    "share": st.one_of(
        FIGURE.map(lambda value: {"value": as_number(value)}),
        st.tuples(st.integers(0, 99), st.integers(1, 99)).map(lambda n: {"numerator": min(n), "denominator": max(n)}),
    ),
    "milestone": st.booleans().map(lambda reached: {"reached": reached}),
    "state": st.sampled_from(["public", "internal", "none"]).map(lambda category: {"category": category}),
    "compound": st.tuples(st.integers(0, 20), st.booleans()).map(
        lambda both: {"parts": [{"name": "interviews", "value": both[0]}, {"name": "report", "reached": both[1]}]}
    ),
}
NO_DATA = st.sampled_from(["audit_not_done", "event_not_held"]).map(lambda reason: {"no_data": reason})
MORE = st.fixed_dictionaries(
    {
        "as_of": DAYS.map(date.isoformat),
        "comment": maybe(LABEL),
        "text": maybe(LABEL),
        "evidence": st.lists(EVIDENCE.map(lambda one: {k: v for k, v in one.items() if k != "document"}), max_size=2),
        "provenance": maybe(SOURCE),
    }
).map(without_nothing)
LEGAL = (
    st.fixed_dictionaries(
        {
            code: maybe(st.tuples(said | NO_DATA, MORE).map(lambda both: {**both[0], **both[1]}))
            for code, said in KINDS.items()
        }
    )
    .map(lambda by_code: [{"indicator": code, "phase": NOW, **said} for code, said in by_code.items() if said])
    .filter(bool)
)


def as_cells(rows):
    """As somebody would type them into a sheet of these columns."""
    cells = []
    for row in rows:
        known = new_result(
            {k: v for k, v in row.items() if k not in {"indicator", "phase"}}
            | {"recorded_by": "-", "review": "submitted"}
        )
        state = INDICATOR.model_copy(update={"code": row["indicator"]})
        typed = dict(zip(COLUMNS, cells_of(state, state.targets[0], known, "met", 0), strict=True))
        cells.append([typed[name] for name in COLUMNS])
    return cells


IGNORED = {"recorded_at", "changed_at", "id", "position", "correlationid", "causationid", "traceparent"}


def comparable(stored):
    def plain(value):
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items() if name not in IGNORED}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        if isinstance(value, str) and value.startswith("{"):
            return plain(json.loads(value))
        return value

    return {table: sorted(json.dumps(plain(row), sort_keys=True) for row in rows) for table, rows in stored.items()}


async def forget_results(client):
    async with client.app.state.database.transaction() as session:
        for table in TABLES:
            if table not in {"units", "plans", "indicators"}:
                await session.execute(text(f"DELETE FROM {table}"))


@FEW
@given(rows=LEGAL)
async def test_any_legal_results_give_the_same_state_in_every_format_and_a_template_of_it_changes_nothing(client, rows):
    if not (await client.get(f"{V1}/plans/small", role="reader")).is_success:
        await begin(client)
    names, cells = list(COLUMNS), as_cells(rows)
    bodies = {
        "application/json": json.dumps(rows).encode(),
        sheets.CSV: sheets.write_csv(names, cells),
        sheets.XLSX: sheets.write_xlsx(sheets.Sheet(names, cells)),
    }
    states = []
    for media, body in bodies.items():
        await forget_results(client)
        done = await client.post(at("results"), content=body, headers={"Content-Type": media}, **HRD)
        assert done.status_code == 200, done.text
        assert done.json()["counts"] == {"created": len(rows)}
        states.append(comparable(await rows_of(client)))
    assert states[0] == states[1] == states[2]
    for form, media in (("csv", sheets.CSV), ("xlsx", sheets.XLSX)):
        template = (await client.get(at("template") + f"&format={form}", **HRD)).content
        done = await client.post(at("results"), content=template, headers={"Content-Type": media}, **HRD)
        assert set(done.json()["counts"]) == {"unchanged"}
        again = (await client.get(at("template") + f"&format={form}", **HRD)).content
        if form == "csv":
            assert again == template
        else:
            needed = rules.sheet.NEEDED
            assert await sheets.read_xlsx(again, COLUMNS, needed) == await sheets.read_xlsx(template, COLUMNS, needed)
    assert comparable(await rows_of(client)) == states[0]


def test_a_number_with_more_digits_than_a_spreadsheet_shows_is_the_number_that_it_shows():
    from indicators.sheets.xlsx_table import _read

    assert _read(45.300000000000004) == Decimal("45.3")
    assert _read(0.1 + 0.2) == Decimal("0.3")
    assert _read(12345678901234.0) == 12345678901234
