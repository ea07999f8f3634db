"""A staff is the same staff in every format, and what is wrong in it is named the same way."""

import gzip
import io
from datetime import date

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.hr_diversity.files import (
    HEAD,
    MEDIA,
    PARQUET,
    WRITERS,
    XLSX,
    Row,
    as_csv,
    as_xlsx,
    cell,
    rows_of,
    stored,
    take,
    workbook,
    xml_row,
)
from tests.hr_diversity.pushing import accepted, push, select
from tests.hr_diversity.staff import COLUMNS, SOMEBODY, example, people, row

from hr_diversity.intake import FORMATS
from hr_diversity.measures import CATALOGUE
from shared.testing import Client

TABLES = {"xlsx": XLSX, "parquet": PARQUET}


async def test_every_format_gives_the_same_people_and_the_same_measures(client: Client) -> None:
    rows = rows_of(example(2021).decode().splitlines()[1:])
    people_of, measures_of = {}, {}
    for form, write in WRITERS.items():
        receipt = await accepted(client, write(rows), source=form, content_type=MEDIA[form])
        assert (receipt["rows"], receipt["accepted"], receipt["refused"]) == (1224, 1224, [])
        chunks = await select(
            client, "SELECT data FROM snapshot_chunks WHERE snapshot_id = :id ORDER BY number", id=receipt["id"]
        )
        kept = pl.concat(pl.read_parquet(io.BytesIO(data)) for (data,) in chunks)
        people_of[form] = sorted(kept.select(pl.exclude("pseudonym").cast(pl.String), "pseudonym").rows(), key=repr)
        measures_of[form] = receipt["measures"]
    assert [one["code"] for one in measures_of["csv"]] == list(CATALOGUE)
    for form in WRITERS:
        assert people_of[form] == people_of["csv"], form
        assert measures_of[form] == measures_of["csv"], form


@pytest.mark.parametrize("form", TABLES)
async def test_a_bad_row_is_named_by_its_line_and_value_and_the_others_count(client: Client, form: str) -> None:
    rows = rows_of([*people(60), *people(50, 61, sex="M"), row(200, grade="P9"), row(201, birth_year="1800")])
    receipt = await accepted(client, WRITERS[form](rows), content_type=MEDIA[form])
    first = 112 if form == "xlsx" else 111  # a sheet has a row of names
    assert receipt["refused"] == [
        {"line": first, "column": "grade", "value": "P9", "rule": "unknown_grade"},
        {"line": first + 1, "column": "birth_year", "value": "1800", "rule": "bad_birth_year"},
    ]
    assert receipt["accepted"] == 110


@pytest.mark.parametrize("form", TABLES)
async def test_packed_with_gzip_it_is_the_same_push(client: Client, form: str) -> None:
    body = WRITERS[form](rows_of(people(60)))
    first = await push(client, body, content_type=MEDIA[form])
    again = await push(client, gzip.compress(body), content_type=MEDIA[form], content_encoding="gzip")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_the_first_sheet_is_read_and_no_other(client: Client) -> None:
    rows = rows_of(people(60))
    body = as_xlsx(rows, sheets=["Staff", "Notes"])
    assert (await accepted(client, body, content_type=XLSX))["accepted"] == 60
    answer = await push(client, as_xlsx(rows, sheets=["Notes", "Staff"], on="Staff"), content_type=XLSX)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:empty-file")


async def test_what_a_spreadsheet_or_a_library_makes_of_values_is_read(client: Client) -> None:
    """A year as a number with a fraction, a day as an instant, a category, a whole number as a decimal."""
    frame = pl.DataFrame(rows_of(people(60))).with_columns(
        pl.col("birth_year").cast(pl.Float64),
        pl.col("entered_on").str.to_datetime("%Y-%m-%d"),
        pl.col("grade").cast(pl.Categorical),
        pl.col("geographic_post") == "true",
        pl.lit(None).alias("portfolio"),
    )
    out = io.BytesIO()
    frame.write_parquet(out)
    receipt = await accepted(client, out.getvalue(), content_type=PARQUET)
    assert (receipt["accepted"], receipt["refused_total"]) == (60, 0)
    plain = await accepted(client, as_csv(rows_of(people(60, portfolio=""))), source="plain")
    assert plain["measures"] == receipt["measures"]


async def test_rows_and_cells_of_a_sheet_may_be_missing_and_empty_rows_are_none(client: Client) -> None:
    rows = [
        xml_row(n, [SOMEBODY[name] if name != "staff_id" else f"T-{n}" for name in COLUMNS[:7]]) for n in range(2, 62)
    ]
    late = xml_row(100, [""] * 12) + f'<row r="200">{cell("A200", "T-200")}{cell("C200", "P4")}</row>'
    receipt = await accepted(client, workbook(HEAD + "".join(rows) + '<row r="90"/>' + late), content_type=XLSX)
    assert (receipt["rows"], receipt["accepted"]) == (61, 60)
    assert {(one["line"], one["column"]) for one in receipt["refused"]} == {
        (200, "contract_source"),
        (200, "region"),
        (200, "unit"),
    }


async def test_a_row_with_more_cells_than_columns_is_refused_by_its_line(client: Client) -> None:
    rows = "".join(xml_row(n, [*[f"T-{n}"], *list(SOMEBODY.values())[1:]]) for n in range(2, 62))
    long = xml_row(62, ["T-62", *list(SOMEBODY.values())[1:], "more"])
    receipt = await accepted(client, workbook(HEAD + rows + long), content_type=XLSX)
    assert receipt["refused"] == [{"line": 62, "column": "", "value": None, "rule": "ragged_line"}]


async def test_the_document_of_the_api_names_every_format_that_is_read(reading: Client) -> None:
    paths = (await reading.get("/hr-diversity/openapi.json")).json()["paths"]
    [described] = [
        one["post"]["requestBody"]["content"] for path, one in paths.items() if path.endswith("/v1/snapshots")
    ]
    assert set(described) == set(FORMATS) == set(MEDIA.values())


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
PERSON = st.fixed_dictionaries(
    {
        "sex": st.sampled_from(["F", "M", "X", ""]),
        "grade": st.sampled_from(["G1", "P4", "NOB", "DG"]),
        "contract_source": st.sampled_from(["regular_budget", "other"]),
        "unit": st.from_regex("[A-Z][A-Z0-9]{0,9}", fullmatch=True),
        "portfolio": st.sampled_from(["policy", ""]),
        "region": st.sampled_from(["africa", "arab-states"]),
        "duty_station": TEXT.filter(lambda text: not set(text) & set(',"')),
        "nationality": st.sampled_from(["CHE", "KEN", ""]),
        "birth_year": st.integers(1930, 2000).map(str) | st.just(""),
        "geographic_post": st.sampled_from(["true", "false", ""]),
        "entered_on": st.dates(min_value=date(1900, 3, 1), max_value=date(2021, 12, 31)).map(str) | st.just(""),
    }
)


@given(st.lists(PERSON, min_size=1, max_size=8))
@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate])  # a process a file
async def test_whatever_the_staff_it_is_read_the_same_from_every_format(staff: list[Row]) -> None:
    rows = [{name: one.get(name, f"T-{n}") for name in COLUMNS} for n, one in enumerate(staff)]
    kept = {form: stored(await take(write(rows), form)).rows() for form, write in WRITERS.items()}
    assert kept["xlsx"] == kept["parquet"] == kept["ndjson"] == kept["csv"]
    assert len(kept["csv"]) == len(rows)


@pytest.mark.parametrize("form", WRITERS)
async def test_the_receipt_counts_what_is_missing_and_which_codes_are_unknown(client: Client, form: str) -> None:
    lines = [
        *people(40),
        *people(10, 41, sex="", birth_year=""),
        *people(5, 51, duty_station="", nationality="", entered_on="", geographic_post="", portfolio=""),
        *people(1, 1, sex=""),  # the same person again, who is counted once
        *people(3, 60, grade="P9"),
        *people(2, 63, grade="X", sex="W"),
        *people(1, 65, staff_id="P 1", grade="P 1"),
        *people(1, 66, nationality="CH"),
    ]
    receipt = await accepted(client, WRITERS[form](rows_of(lines)), content_type=MEDIA[form])
    assert (receipt["rows"], receipt["accepted"], receipt["refused_by_rule"]["duplicate_staff_id"]) == (63, 55, 1)
    assert receipt["missing"] == {
        **dict.fromkeys(COLUMNS, 0),
        "sex": 10,
        "birth_year": 10,
        **dict.fromkeys(["duty_station", "nationality", "entered_on", "geographic_post", "portfolio"], 5),
    }
    assert receipt["unknown_codes"] == {"grade": {"P9": 3, "X": 2}, "sex": {"W": 2}, "nationality": {"CH": 1}}
    again = await client.get(f"/hr-diversity/v1/snapshots/{receipt['id']}", role="hr-feeder")
    assert again.json() == receipt


async def test_of_a_column_that_holds_anything_twenty_codes_are_shown(client: Client) -> None:
    rows = rows_of([*people(60), *(row(n, grade=f"Z{n % 30}") for n in range(100, 160)), row(200, grade="Z7")])
    receipt = await accepted(client, as_csv(rows))
    shown = receipt["unknown_codes"]["grade"]
    assert len(shown) == 20
    assert next(iter(shown.items())) == ("Z7", 3)
