"""A source declares how it lays out its files: its own export is read as it is, and what is refused is named in its own words."""

import io
import logging
from typing import Any

import polars as pl
import pytest
from tests.hr_diversity.files import (
    CSV,
    NDJSON,
    PARQUET,
    XLSX,
    Row,
    as_csv,
    as_ndjson,
    as_parquet,
    as_xlsx,
)
from tests.hr_diversity.pushing import SNAPSHOTS, accepted, count, push, select
from tests.hr_diversity.staff import COLUMNS, a_staff, file_of, people

from hr_diversity.intake.columns import DELTA_COLUMNS
from hr_diversity.intake.mapping import Layout
from hr_diversity.schemas.sources import Column
from shared.testing import Client

SOURCES = "/hr-diversity/v1/sources"
CANARY, BORN = "CANARY-7f3a9", "17.04.1971"
SAP: dict[str, Any] = {
    "columns": {
        "staff_id": "Personalnummer",
        "sex": "Geschlecht",
        "grade": "Tarifgruppe",
        "contract_source": "Finanzierung",
        "unit": "OrgEinheit",
        "region": "Region",
        "duty_station": "Dienstort",
        "nationality": "Nationalität",
        "geographic_post": "Geo",
        "entered_on": "Eintritt",
    },
    "values": {
        "sex": {"1": "M", "2": "F", "9": ""},
        "contract_source": {"RB": "regular_budget", "XB": "development_cooperation"},
        "region": {"EU": "europe-central-asia"},
        "geographic_post": {"J": "true", "N": "false"},
        "entered_on": {"00.00.0000": ""},
    },
    "constants": {"portfolio": "policy"},
    "delimiter": ";",
    "encoding": "cp1252",
    "date_format": "%d.%m.%Y",
    "birth_date_column": "Geburtsdatum",
    "ignored": "others",
}


def export(number: int, **changes: str) -> Row:
    return {
        "Personalnummer": f"{number:08}",
        "Nachname": f"Name{number}",
        "Geschlecht": "2" if number % 2 else "1",
        "Tarifgruppe": "P5",
        "Finanzierung": "RB",
        "OrgEinheit": "HRD",
        "Region": "EU",
        "Dienstort": "Zürich",
        "Nationalität": "CHE",
        "Geburtsdatum": BORN,
        "Geo": "J",
        "Eintritt": "01.03.2015",
        **changes,
    }


def exports(how_many: int = 100, **changes: str) -> list[Row]:
    return [export(number, **changes) for number in range(1, how_many + 1)]


async def declare(
    client: Client, said: dict[str, Any], *, source: str = "sap", role: str = "hr-feeder", **headers: str
) -> Any:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.put(f"{SOURCES}/{source}", json=said, headers=given, role=role)


async def declared(client: Client, said: dict[str, Any], **how: Any) -> Any:
    answer = await declare(client, said, **how)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def test_an_export_of_another_system_is_read_as_it_is(client: Client) -> None:
    await declared(client, SAP)
    receipt = await accepted(client, as_csv(exports(), ";", "cp1252"), source="sap")
    ours = await accepted(client, a_staff(50, 50), source="own")
    assert (receipt["accepted"], receipt["refused_total"]) == (100, 0)
    assert receipt["measures"][0] == ours["measures"][0]
    [(data,)] = await select(client, "SELECT data FROM snapshot_chunks WHERE snapshot_id = :id", id=receipt["id"])
    kept = pl.read_parquet(io.BytesIO(data))
    assert kept.select("duty_station", "birth_band", pl.col("entered_on").cast(pl.String)).unique().rows() == [
        ("Zürich", 1970, "2015-03-01")
    ]


@pytest.mark.parametrize(("media", "write"), [(NDJSON, as_ndjson), (XLSX, as_xlsx), (PARQUET, as_parquet)])
async def test_a_declaration_is_for_every_format(client: Client, media: str, write: Any) -> None:
    await declared(client, SAP)
    receipt = await accepted(client, write(exports()), source="sap", content_type=media)
    assert (receipt["accepted"], receipt["refused_total"]) == (100, 0)
    assert receipt["measures"][0]["women"] == 50


async def test_the_declared_sheet_is_read(client: Client) -> None:
    await declared(client, {**SAP, "sheet": "Stamm"})
    body = as_xlsx(exports(), sheets=["Deckblatt", "Stamm"], on="Stamm")
    assert (await accepted(client, body, source="sap", content_type=XLSX))["accepted"] == 100
    answer = await push(client, as_xlsx(exports(), sheets=["Anders"]), source="sap", content_type=XLSX)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:no-table")
    assert "'Stamm'" in answer.json()["detail"]
    assert "'Anders'" in answer.json()["detail"]


async def test_what_is_refused_is_named_in_the_words_of_who_sent_it(client: Client) -> None:
    await declared(client, SAP)
    rows = [*exports(), export(101, Geschlecht="7"), export(102, Eintritt="31.02.2015"), export(103, OrgEinheit="")]
    receipt = await accepted(client, as_csv(rows, ";", "cp1252"), source="sap")
    assert receipt["refused"] == [
        {"line": 102, "column": "Geschlecht", "value": "7", "rule": "unknown_sex"},
        {"line": 103, "column": "Eintritt", "value": "31.02.2015", "rule": "bad_date"},
        {"line": 104, "column": "OrgEinheit", "value": "", "rule": "missing_value"},
    ]


async def test_a_missing_or_unknown_column_is_named_as_the_source_calls_it(client: Client) -> None:
    await declared(client, {**SAP, "ignored": ["Nachname"]})
    rows = [{**one, "Kostenstelle": "1"} for one in exports(3)]
    for one in rows:
        del one["Tarifgruppe"]
    answer = await push(client, as_csv(rows, ";", "cp1252"), source="sap")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:wrong-columns")
    assert [(one["value"], one["detail"]) for one in answer.json()["errors"]] == [
        ("Kostenstelle", "unknown column"),
        ("Tarifgruppe", "missing column"),
    ]


async def test_without_a_declaration_our_own_columns_are_read(client: Client) -> None:
    await declared(client, SAP, source="another")
    assert (await accepted(client, a_staff()))["accepted"] == 100
    answer = await push(client, as_csv(exports()), source="hris")
    assert "unknown column 'Personalnummer'" in answer.json()["detail"]


async def test_what_is_not_declared_is_taken_under_our_name_and_as_it_stands(client: Client) -> None:
    await declared(client, {"columns": {"grade": "level"}, "values": {"sex": {"W": "F"}}})
    lines = [line.replace(",F,", ",W,", 1) if at % 2 else line for at, line in enumerate(people(100))]
    body = file_of(lines, ",".join(COLUMNS).replace("grade", "level"))
    receipt = await accepted(client, body, source="sap")
    assert (receipt["accepted"], receipt["refused_total"]) == (100, 0)


async def test_two_of_our_columns_may_come_from_one_of_theirs(client: Client) -> None:
    said = {"columns": {"region": "Ort", "duty_station": "Ort"}, "values": {"region": {"Geneva": "africa"}}}
    await declared(client, {**said, "ignored": ["region", "duty_station"]})
    rows = [dict(zip(COLUMNS, line.split(","), strict=True)) | {"Ort": "Geneva"} for line in people(60)]
    assert (await accepted(client, as_csv(rows), source="sap"))["accepted"] == 60


@pytest.mark.parametrize(("delimiter", "encoding"), [("\t", "utf-16"), ("|", "latin-1"), (",", "utf-8")])
async def test_delimiters_and_encodings_are_read_as_declared(client: Client, delimiter: str, encoding: str) -> None:
    await declared(client, {**SAP, "delimiter": delimiter, "encoding": encoding})
    receipt = await accepted(client, as_csv(exports(), delimiter, encoding), source="sap")
    assert (receipt["accepted"], receipt["refused_total"]) == (100, 0)


async def test_a_quoted_value_may_hold_the_delimiter(client: Client) -> None:
    await declared(client, SAP)
    rows = exports(60, Dienstort='"Zürich; Altstetten"')
    assert (await accepted(client, as_csv(rows, ";", "cp1252"), source="sap"))["accepted"] == 60


async def test_bytes_of_another_encoding_are_refused_and_so_is_a_charset_that_is_not_the_declared_one(
    client: Client,
) -> None:
    await declared(client, {**SAP, "encoding": "cp1252"})
    broken = as_csv(exports(), ";", "cp1252").replace(b"Z\xfcrich", b"Z\x81rich", 1)
    answer = await push(client, broken, source="sap")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:not-utf-8-text")
    assert "cp1252" in answer.json()["detail"]
    good = as_csv(exports(), ";", "cp1252")
    assert (await push(client, good, source="sap", content_type=CSV + "; charset=utf-8")).status_code == 415
    assert (await push(client, good, source="sap", content_type=CSV + "; charset=windows-1252")).status_code == 201


async def test_under_another_declaration_the_same_file_is_another_content(client: Client) -> None:
    await declared(client, {**SAP, "values": {**SAP["values"], "sex": {"1": "F", "2": "M"}}})
    body = as_csv([*exports(), export(101), export(103), *exports(0)], ";", "cp1252")
    first = await accepted(client, body, source="sap")
    answer = await declare(client, SAP, if_match='"1"')
    assert answer.status_code == 200
    second = await accepted(client, body, source="sap")
    assert (first["revision"], second["revision"]) == (1, 2)
    assert (first["measures"][0]["women"], second["measures"][0]["women"]) == (50, 52)
    assert (await push(client, body, source="sap")).status_code == 200


async def test_a_declaration_is_changed_by_its_version_and_every_change_is_on_record(client: Client) -> None:
    first = await declare(client, SAP)
    assert (first.status_code, first.headers["etag"], first.json()["version"]) == (201, '"1"', 1)
    assert (await declare(client, SAP)).status_code == 200
    assert (await declare(client, {})).status_code == 428
    assert (await declare(client, {}, if_match='"7"')).status_code == 412
    assert (await declare(client, {}, source="other", if_match='"1"')).status_code == 412
    changed = await declare(client, {}, role="operator", if_match='"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    got = await client.get(f"{SOURCES}/sap", role="operator")
    assert (got.headers["etag"], got.json()["columns"], got.json()["delimiter"]) == ('"2"', {}, ",")
    trail = (await client.get(f"{SOURCES}/sap/changes", role="hr-feeder")).json()["items"]
    assert [(one["sequence"], one["event"], one["actor"]) for one in trail] == [
        (1, "source-declared", "hr-feeder"),
        (2, "source-declared", "operator"),
    ]
    assert (trail[0]["kept"]["birth_date_column"], trail[1]["kept"]) == ("Geburtsdatum", {})
    await declared(client, {"delimiter": ";"}, source="a")
    page = (await client.get(SOURCES, params={"limit": "1"}, role="hr-feeder")).json()
    rest = (await client.get(SOURCES, params={"after": page["next"]}, role="hr-feeder")).json()
    assert [one["source"] for one in page["items"] + rest["items"]] == ["a", "sap"]
    assert (await client.get(f"{SOURCES}/nobody", role="hr-feeder")).status_code == 404


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"constants": {"grade": "P9"}}, ["#/constants/grade"]),
        ({"values": {"sex": {"1": "male", "2": "F"}}}, ["#/values/sex/1"]),
        ({"values": {"region": {"x": "Europe"}, "unit": {"y": "two words"}}}, ["#/values/region/x", "#/values/unit/y"]),
        ({"values": {"staff_id": {"1": "2"}}}, ["#/values/staff_id"]),
        ({"constants": {"staff_id": "1"}}, ["#/constants/staff_id"]),
        ({"constants": {"sex": "F"}, "columns": {"sex": "s"}}, ["#/constants/sex"]),
        ({"columns": {"staff_id": "no", "duty_station": "no"}}, ["#/columns/duty_station"]),
        ({"columns": {"gone": "staff_id"}}, ["#/columns/gone"]),
        ({"constants": {"gone": "maybe"}}, ["#/constants/gone"]),
        ({"columns": {"birth_year": "y"}, "birth_date_column": "d"}, ["#/columns/birth_year"]),
        ({"columns": {"duty_station": "d"}, "birth_date_column": "d"}, ["#/birth_date_column"]),
        ({"values": {"birth_year": {"x": "1970"}}, "birth_date_column": "d"}, ["#/values/birth_year/x"]),
        ({"columns": {"grade": "g"}, "ignored": ["h", "g"]}, ["#/ignored/1"]),
        ({"date_format": "%d.%m.%y"}, ["#/date_format"]),
        ({"date_format": "%d.%m"}, ["#/date_format"]),
        ({"date_format": "%Y%m%d %H:%M"}, ["#/date_format"]),
        ({"date_format": "%Y-%m-%d%"}, ["#/date_format"]),
        ({"delimiter": ":"}, ["#/delimiter"]),
        ({"encoding": "utf-7"}, ["#/encoding"]),
        ({"colums": {}}, ["#/colums"]),
    ],
)
async def test_a_wrong_declaration_is_refused_by_its_fields(
    reading: Client, said: dict[str, Any], fields: list[str]
) -> None:
    answer = await declare(reading, said)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == fields
    assert await count(reading, "sources") == 0


@pytest.mark.parametrize(
    ("date_format", "text"),
    [
        ("%d.%m.%Y", "01.03.2015"),
        ("%d/%m/%Y", "1/3/2015"),
        ("%d-%b-%Y", "01-Mar-2015"),
        ("%d %B %Y", "1 March 2015"),
        ("%Y%m%d", "20150301"),
        ("%Y-%m-%d %H:%M:%S", "2015-03-01 00:00:00"),
        ("%m/%d/%Y", "2015-03-01"),
    ],
)
def test_days_are_read_as_declared(date_format: str, text: str) -> None:
    assert _entered(date_format, text) == "2015-03-01"


@pytest.mark.parametrize("text", ["01.03.15", "31.02.2015", "01.03.2015x", "2015-3-1", ""])
def test_what_is_no_day_stays_as_it_is_and_is_refused_as_such(text: str) -> None:
    assert _entered("%d.%m.%Y", text) == text


def _entered(date_format: str, text: str) -> str:
    rows = pl.DataFrame({"line": [1], "entered_on": [text]})
    return str(Layout(date_format=date_format).read(rows)["entered_on"][0])


async def test_neither_a_date_of_birth_nor_a_staff_id_nor_a_name_is_told_or_kept(
    client: Client, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await declared(client, {**SAP, "columns": {**SAP["columns"], "nationality": "Nachname"}})
    bad = {"Personalnummer": CANARY, "Tarifgruppe": CANARY, "Geburtsdatum": "17.04.71", "Nachname": "CHE"}
    rows = [*exports(60, Nachname="CHE"), export(101, **bad), export(102, **{**bad, "Geburtsdatum": CANARY})]
    for media, body in {
        CSV: as_csv(rows, ";", "cp1252"),
        NDJSON: as_ndjson(rows),
        XLSX: as_xlsx(rows),
        PARQUET: as_parquet(rows),
    }.items():
        receipt = await accepted(client, body, source="sap", content_type=media)
        born = [one for one in receipt["refused"] if one["column"] == "Geburtsdatum"]
        assert [one["value"] for one in born] == [None, None]
        refused = await push(client, body, source="sap", content_type=media, as_of="2020-12-31")
        output = capsys.readouterr()
        for place in (str(receipt), refused.text, caplog.text, output.out, output.err):
            assert CANARY not in place
            assert BORN not in place
            assert "17.04.71" not in place
    for (data,) in await select(client, "SELECT data FROM snapshot_chunks"):
        kept = str(pl.read_parquet(io.BytesIO(data)).rows())
        assert CANARY not in kept
        assert "1971" not in kept


async def test_only_those_who_push_and_operators_declare(reading: Client) -> None:
    for role in ("reader", "custodian", "reviewer", "senior-manager", "evaluation-office"):
        assert (await declare(reading, {}, role=role)).status_code == 403
        assert (await reading.get(SOURCES, role=role)).status_code == 403
    assert (await reading.get(SOURCES)).status_code == 401
    assert (await reading.get(SOURCES, params={"sort": "x"}, role="hr-feeder")).status_code == 400


def test_the_names_that_can_be_declared_are_those_of_our_columns() -> None:
    assert Column.__args__ == DELTA_COLUMNS


async def test_a_delta_of_a_source_is_read_and_refused_in_its_own_words(client: Client) -> None:
    said = {**SAP, "columns": {**SAP["columns"], "gone": "Austritt"}}
    await declared(client, {**said, "values": {**SAP["values"], "gone": {"J": "true", "N": "false"}}})
    await accepted(client, as_csv(exports(), ";", "cp1252"), source="sap", as_of="2021-11-30")
    rows = [{"Personalnummer": f"{number:08}", "Austritt": "J"} for number in (1, 2, 2, 999)]
    body = as_csv([*rows, {"Personalnummer": "00000003", "Austritt": "?"}], ";", "cp1252")
    params = {"source": "sap", "as_of": "2021-12-31", "mode": "delta"}
    answer = await client.post(SNAPSHOTS, params=params, content=body, headers={"content-type": CSV}, role="hr-feeder")
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    assert (receipt["gone"], receipt["headcount"]) == (2, 98)
    assert receipt["refused"] == [
        {"line": 4, "column": "Personalnummer", "value": None, "rule": "duplicate_staff_id"},
        {"line": 5, "column": "Personalnummer", "value": None, "rule": "not_in_base"},
        {"line": 6, "column": "Austritt", "value": "?", "rule": "bad_gone"},
    ]
    assert receipt["unknown_codes"] == {"Austritt": {"?": 1}}


async def test_a_slash_in_a_name_or_value_stays_in_its_place_of_a_pointer(client: Client) -> None:
    answer = await declare(client, {"values": {"sex": {"M/F": "male"}}})
    assert [one["pointer"] for one in answer.json()["errors"]] == ["#/values/sex/M~1F"]
    await declared(client, {"columns": {"grade": "Grade/Step"}})
    body = file_of(people(3, grade="P9"), ",".join(COLUMNS).replace("grade", "Grade/Step"))
    refused = await push(client, body, source="sap")
    assert refused.json()["errors"][0] == {"pointer": "#/2/Grade~1Step", "value": "P9", "detail": "unknown_grade"}


async def test_a_date_of_birth_in_another_column_is_not_shown(client: Client) -> None:
    await declared(client, SAP)
    rows = [*exports(60), export(101, Tarifgruppe=BORN, Nationalität=BORN)]
    receipt = await accepted(client, as_csv(rows, ";", "cp1252"), source="sap")
    assert [(one["column"], one["value"]) for one in receipt["refused"]] == [
        ("Nationalität", None),
        ("Tarifgruppe", None),
    ]
    assert receipt["unknown_codes"] == {}


NOBODY = "Synthetic staff: nobody in it exists"


async def test_the_note_of_a_source_stands_beside_each_of_its_figures_and_of_no_other_source(client: Client) -> None:
    said = await declared(client, {"note": f"  {NOBODY}\n"}, source="synthetic")
    assert said["note"] == NOBODY
    assert (await client.get(f"{SOURCES}/synthetic", role="operator")).json()["note"] == NOBODY
    await accepted(client, a_staff(60, 40), source="synthetic")
    await accepted(client, a_staff(60, 40), source="real")
    for source, note in (("synthetic", NOBODY), ("real", None)):
        for more in ("", "&detail=full"):
            path = f"/hr-diversity/v1/measures/staff-by-grade?source={source}{more}"
            answer = await client.get(path, role="hr-feeder")
            assert (answer.status_code, answer.json()["source_note"]) == (200, note), answer.text
    rows = await select(client, "SELECT source, state->>'source_note' FROM measures GROUP BY 1, 2 ORDER BY 1")
    assert [tuple(row) for row in rows] == [("real", None), ("synthetic", NOBODY)]
    payloads = await select(client, "SELECT payload FROM outbox WHERE type = 'hr-diversity.measure-drawn.v1'")
    assert sum(NOBODY in row[0] for row in payloads) * 2 == len(payloads)


async def test_a_note_does_not_make_the_same_file_another_content(client: Client) -> None:
    body = a_staff(60, 40)
    first = await accepted(client, body, source="synthetic")
    await declared(client, {"note": NOBODY}, source="synthetic")
    again = await push(client, body, source="synthetic")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])


@pytest.mark.parametrize("note", ["", " ", "x" * 201, "ask a.person@example.org", "\x1b[2Jgone", "left\u202eright"])
async def test_a_note_that_names_somebody_or_cannot_be_printed_is_refused(client: Client, note: str) -> None:
    answer = await declare(client, {"note": note})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/note")
