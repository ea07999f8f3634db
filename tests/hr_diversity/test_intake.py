"""Reading staff files: every rule has its code, every hostile file a clear answer, and nothing depends on how the bytes arrive."""

import gzip
import io
import json
import random
import zlib
from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError
from tests.hr_diversity.staff import COLUMNS, HEADER, SOMEBODY, a_staff, example, file_of, people, row

from hr_diversity.intake import Format, Taken, choose_form, keeping, receiving, take_in
from hr_diversity.intake.columns import EmptyFile, WrongColumns
from hr_diversity.intake.findings import SHOWN
from hr_diversity.intake.lines import NotText
from hr_diversity.intake.receiving import BrokenGzip
from hr_diversity.measures import CATALOGUE
from hr_diversity.measures.cubes import tally_by
from hr_diversity.settings import HrSettings
from shared.errors import Problem, TooLarge, UnsupportedMedia

AS_OF = date(2021, 12, 31)
KEY = "k" * 32


def hr_settings(**more: Any) -> HrSettings:
    given_: dict[str, Any] = {"database_url": "x", "bus": "postgres", "bus_url": "x", "pseudonym_key": KEY}
    return HrSettings(**{**given_, **more})


async def take(data: bytes | Iterable[bytes], form: Format = "csv", *, packed: bool = False, **more: Any) -> Taken:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in [data] if isinstance(data, bytes) else data:
            yield piece

    return await take_in(pieces(), form, packed=packed, as_of=AS_OF, settings=hr_settings(**more))


def ndjson(*objects: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in objects)


def stored(taken: Taken) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(io.BytesIO(chunk.data)) for chunk in taken.chunks])


def found(taken: Taken) -> list[tuple[int, str, str | None, str]]:
    return [(one.line, one.column, one.value, one.rule) for one in taken.findings.first]


async def test_a_good_file_is_taken_whole() -> None:
    taken = await take(a_staff(60, 40))
    assert (taken.rows, taken.accepted, taken.findings.rows) == (100, 100, 0)
    assert stored(taken).height == 100


async def test_what_is_stored_has_a_pseudonym_and_a_band_and_no_staff_id_nor_year() -> None:
    frame = stored(await take(file_of([row(birth_year="1983")])))
    assert set(frame.columns) == (set(COLUMNS) - {"staff_id", "birth_year"}) | {"pseudonym", "birth_band", "age_band"}
    assert frame["birth_band"].to_list() == [1980]
    [pseudonym] = frame["pseudonym"].to_list()
    assert len(pseudonym) == 16
    assert b"T-1" not in pseudonym


async def test_a_staff_id_has_the_same_pseudonym_in_every_snapshot_and_another_under_another_key() -> None:
    first, again = await take(file_of([row(1), row(2)])), await take(file_of([row(2)]))
    other = await take(file_of([row(2)]), pseudonym_key=SecretStr("o" * 32))
    assert stored(first)["pseudonym"][1] == stored(again)["pseudonym"][0]
    assert stored(other)["pseudonym"][0] != stored(again)["pseudonym"][0]


@pytest.mark.parametrize("key", ["", "k" * 31])
def test_the_service_does_not_start_without_a_long_pseudonym_key(key: str) -> None:
    with pytest.raises(ValidationError, match="pseudonym_key"):
        hr_settings(pseudonym_key=key)


RULES = [
    ("staff_id", "", None, "missing_value"),
    ("staff_id", "T 1", None, "bad_staff_id"),
    ("staff_id", "T" * 65, None, "bad_staff_id"),
    ("sex", "female", "female", "unknown_sex"),
    ("grade", "", "", "missing_value"),
    ("grade", "P6", "P6", "unknown_grade"),
    ("grade", "p4", "p4", "unknown_grade"),
    ("contract_source", "", "", "missing_value"),
    ("contract_source", "regular", "regular", "unknown_contract_source"),
    ("unit", "", "", "missing_value"),
    ("unit", "H R D", "H R D", "bad_unit"),
    ("portfolio", "policies", "policies", "unknown_portfolio"),
    ("region", "", "", "missing_value"),
    ("region", "europe", "europe", "unknown_region"),
    ("duty_station", "Geneva\u0007", "Geneva\u0007", "bad_duty_station"),
    ("duty_station", "x" * 101, "x" * 40 + "...", "bad_duty_station"),
    ("nationality", "CH", "CH", "bad_nationality"),
    ("nationality", "che", "che", "bad_nationality"),
    ("birth_year", "80", "80", "bad_birth_year"),
    ("birth_year", "2015", "2015", "bad_birth_year"),
    ("birth_year", "1900", "1900", "bad_birth_year"),
    ("birth_year", "+198", "+198", "bad_birth_year"),
    ("geographic_post", "yes", "yes", "bad_geographic_post"),
    ("entered_on", "01/03/2015", "01/03/2015", "bad_date"),
    ("entered_on", "2015-02-30", "2015-02-30", "bad_date"),
    ("entered_on", "2022-01-01", "2022-01-01", "entered_after_as_of"),
]


@pytest.mark.parametrize(("column", "value", "shown", "rule"), RULES)
async def test_a_row_that_breaks_a_rule_is_named_and_left_out(
    column: str, value: str, shown: str | None, rule: str
) -> None:
    taken = await take(file_of([row(7), row(**{column: value}), row(8)]))
    assert found(taken) == [(3, column, shown, rule)]
    assert taken.findings.by_rule == {rule: 1}
    assert (taken.rows, taken.accepted) == (3, 2)


@pytest.mark.parametrize("column", ["sex", "portfolio", "duty_station", "nationality", "birth_year", "entered_on"])
async def test_a_value_that_may_be_absent_is_stored_as_absent(column: str) -> None:
    frame = stored(await take(file_of([row(**{column: ""})])))
    assert frame[{"birth_year": "birth_band"}.get(column, column)].to_list() == [None]


async def test_a_row_that_breaks_two_rules_is_one_refused_row_with_two_findings() -> None:
    taken = await take(file_of([row(grade="P9", region="mars"), row(2)]))
    assert taken.findings.rows == 1
    assert taken.findings.by_rule == {"unknown_grade": 1, "unknown_region": 1}


async def test_of_two_rows_with_one_staff_id_the_first_good_one_counts() -> None:
    taken = await take(file_of([row(1, grade="P9"), row(1, sex="M"), row(1), row(2)]))
    assert found(taken) == [(2, "grade", "P9", "unknown_grade"), (4, "staff_id", None, "duplicate_staff_id")]
    assert stored(taken)["sex"].to_list() == ["M", "F"]


async def test_a_staff_id_is_not_shown_even_where_columns_are_mixed_up() -> None:
    taken = await take(file_of([row(1, unit="", sex="T-1"), row(2)]))
    assert {value for _, _, value, _ in found(taken)} <= {"", None}


async def test_many_refused_rows_are_counted_exactly_and_the_first_hundred_named() -> None:
    rows = [row(n, grade="P9" if n % 2 else "P4") for n in range(1, 1001)]
    taken = await take(file_of(rows))
    assert taken.findings.by_rule == {"unknown_grade": 500}
    assert [one.line for one in taken.findings.shown] == list(range(2, 2 + 2 * SHOWN, 2))


async def test_the_order_of_columns_is_free_and_optional_ones_may_be_left_out() -> None:
    names = ["region", "unit", "contract_source", "grade", "sex", "staff_id"]
    taken = await take(file_of([",".join(SOMEBODY[name] for name in names)], ",".join(names)))
    assert stored(taken)["unit"].to_list() == ["HRD"]
    assert stored(taken)["nationality"].to_list() == [None]


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (HEADER.replace("grade", "rank"), ["rank", "grade"]),
        (HEADER + ",first_name", ["first_name"]),
        (HEADER + ",sex", ["sex"]),
        (HEADER.replace(",region", ""), ["region"]),
        (HEADER.replace(",", ";"), ["staff_id;sex"]),
        ('"' + HEADER, []),
        ("x" * 1000, ["x" * 100]),
    ],
)
async def test_a_header_with_other_columns_is_refused_by_their_names(header: str, named: list[str]) -> None:
    with pytest.raises(WrongColumns) as caught:
        await take(file_of([row()], header))
    assert all(name in caught.value.detail for name in named)
    assert len(caught.value.detail) < 3000


def utf16(text: str) -> bytes:
    return text.encode("utf-16")


HOSTILE: list[tuple[str, bytes, type[Problem] | list[tuple[int, str]]]] = [
    ("nothing", b"", EmptyFile),
    ("an empty line", b"\n", EmptyFile),
    ("a header alone", HEADER.encode(), EmptyFile),
    ("a header and blank lines", HEADER.encode() + b"\n\n\n", EmptyFile),
    ("a byte order mark", b"\xef\xbb\xbf" + file_of([row()]), []),
    ("CRLF", file_of([row(1), row(2)]).replace(b"\n", b"\r\n"), []),
    ("CR alone", file_of([row(1), row(2)]).replace(b"\n", b"\r"), WrongColumns),
    ("no line end at the end", file_of([row()]).removesuffix(b"\n"), []),
    ("blank lines", file_of(["", row(1), "", row(2), ""]), []),
    ("UTF-16", utf16(file_of([row()]).decode()), NotText),
    ("Latin-1", file_of([row(duty_station="Genève")]).decode().encode("latin-1"), NotText),
    ("a NUL byte", file_of([row(duty_station="a\0b")]), NotText),
    ("no text", random.Random(1).randbytes(4096), NotText),
    ("a line without an end", b"x" * 200_000, NotText),
    ("a short line", file_of(["T-1,F,P4", row(2)]), [(2, "ragged_line")]),
    ("a long line", file_of([row(1) + ",more", row(2)]), [(2, "ragged_line")]),
    (
        "as much too short as too long",
        file_of([row(1) + ",x", row(3), row(2)[:-11]]),
        [(2, "ragged_line"), (4, "ragged_line")],
    ),
    ("quotes", file_of(['"T-1","F",' + row().split(",", 2)[2]]), []),
    ("quotes in quotes, and a comma", file_of([row(duty_station='"Geneva, ""the"" city"')]), []),
    ("an open quote", file_of([row(duty_station='"Geneva'), row(2)]), [(2, "broken_quotes")]),
    ("a quote in the middle", file_of([row(duty_station='Gen"eva'), row(2)]), [(2, "broken_quotes")]),
    (
        "a quoted value over two lines",
        file_of([row(duty_station='"Gen\neva"'), row(2)]),
        [(2, "broken_quotes"), (3, "broken_quotes")],
    ),
    ("a carriage return in a value", file_of([row(duty_station="Gen\reva"), row(2)]), [(2, "bad_duty_station")]),
    ("all commas", file_of([",,,,,,,,,,,", row(2)]), [(2, "missing_value")] * 5),
]


@pytest.mark.parametrize(("data", "answer"), [h[1:] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
async def test_a_hostile_csv_gets_a_clear_answer(data: bytes, answer: type[Problem] | list[tuple[int, str]]) -> None:
    if isinstance(answer, list):
        taken = await take(data)
        assert [(one.line, one.rule) for one in taken.findings.first] == answer
        assert taken.accepted > 0
    else:
        with pytest.raises(answer) as caught:
            await take(data)
        assert len(caught.value.detail) < 3000


SCRAPS = st.lists(
    st.one_of(
        st.sampled_from(
            ['"', ",", "\n", "\r\n", "{", "}", "[", ":", "\\", "\ufeff", "T-1", "\x1f", "é", "😀", '""', "null"]
        ),
        st.sampled_from([row(1), row(2), json.dumps(SOMEBODY), ",,,,,,,,,,,"]),
        st.text(max_size=5),
    ),
    max_size=30,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(SCRAPS, st.sampled_from(["csv", "ndjson"]))
async def test_whatever_the_bytes_are_the_answer_is_a_snapshot_or_a_problem(scraps: str, form: Format) -> None:
    data = scraps.encode("utf-8", "surrogatepass")
    try:
        taken = await take(HEADER.encode() + b"\n" + data if form == "csv" else data, form)
    except Problem:
        return
    assert taken.rows == taken.accepted + taken.findings.rows


async def test_a_quoted_value_is_read_as_it_is_meant() -> None:
    taken = await take(file_of([row(duty_station='"Geneva, ""the"" city"'), row(2)]))
    assert stored(taken)["duty_station"].to_list() == ['Geneva, "the" city', "Geneva"]


HOSTILE_JSON: list[tuple[str, bytes, type[Problem] | list[tuple[int, str]]]] = [
    ("nothing", b"", EmptyFile),
    ("half an object", b'{"staff_id":\n' + ndjson(SOMEBODY), [(1, "bad_json")]),
    ("a list", b"[1]\n" + ndjson(SOMEBODY), [(1, "bad_json")]),
    ("two objects in a line", ndjson(SOMEBODY).strip() * 2 + b"\n" + ndjson(SOMEBODY), [(1, "bad_json")]),
    ("deep nesting", b"[" * 60_000 + b"\n" + ndjson(SOMEBODY), [(1, "bad_json")]),
    ("blank lines", b"\n" + ndjson(SOMEBODY) + b"\n \n", []),
    ("CRLF", ndjson(SOMEBODY).replace(b"\n", b"\r\n"), []),
    ("an unknown name", ndjson({**SOMEBODY, "first_name": "x"}), WrongColumns),
    ("an unknown name behind bad JSON", b"{\n" + ndjson({**SOMEBODY, "first_name": "x"}), WrongColumns),
    ("a number and a boolean", ndjson({**SOMEBODY, "birth_year": 1980, "geographic_post": True}), []),
    ("null and absent", ndjson({k: v for k, v in SOMEBODY.items() if k != "birth_year"} | {"sex": None}), []),
    (
        "an object as a value",
        ndjson({**SOMEBODY, "grade": {"a": 1}}, {**SOMEBODY, "staff_id": "T-2"}),
        [(1, "unknown_grade")],
    ),
    ("kinds mixed", ndjson({**SOMEBODY, "unit": [1]}, {**SOMEBODY, "staff_id": "T-2"}), [(1, "bad_unit")]),
    ("a name is missing", ndjson({"staff_id": "T-2"}, SOMEBODY), [(1, "missing_value")] * 4),
    ("a NUL in a text", ndjson({**SOMEBODY, "unit": "a\0"}, {**SOMEBODY, "staff_id": "T-2"}), [(1, "bad_unit")]),
    ("half a surrogate", b'{"staff_id":"\\ud800"}\n' + ndjson(SOMEBODY), None),
]


@pytest.mark.parametrize(("data", "answer"), [h[1:] for h in HOSTILE_JSON], ids=[h[0] for h in HOSTILE_JSON])
async def test_a_hostile_ndjson_gets_a_clear_answer(
    data: bytes, answer: type[Problem] | list[tuple[int, str]] | None
) -> None:
    if answer is None or isinstance(answer, list):
        taken = await take(data, "ndjson")
        assert answer is None or [(one.line, one.rule) for one in taken.findings.first] == answer
        assert taken.accepted == 1
    else:
        with pytest.raises(answer):
            await take(data, "ndjson")


async def test_the_same_people_give_the_same_cube_in_csv_and_in_ndjson() -> None:
    lines = example(2021).decode().splitlines()
    names = lines[0].split(",")
    objects = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
    as_csv, as_json = await take(example(2021)), await take(ndjson(*objects), "ndjson")
    assert as_csv.cubes is not None
    assert as_json.cubes is not None
    for measure in CATALOGUE.values():
        if measure.dimension is not None:
            assert tally_by(as_csv.cubes, measure) == tally_by(as_json.cubes, measure)


MIXED = file_of(
    [
        *people(30),
        row(5),
        row(31, grade="P9"),
        "",
        row(32, duty_station='"Gen, eva"'),
        row(33, duty_station="Zürich"),
        row(34) + ",",
        row(1, sex="M"),
        *people(30, 40, sex="M", unit="PARDEV"),
        row(41),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, len(MIXED)), st.integers(1, 4000), st.booleans())
async def test_what_is_taken_does_not_depend_on_how_the_bytes_arrive(piece: int, block: int, packed: bool) -> None:
    expected = await take(MIXED)
    data = gzip.compress(MIXED) if packed else MIXED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receiving, "BLOCK", block)
        pieces = [data[n : n + piece] for n in range(0, len(data), piece)]
        taken = await take(pieces, packed=packed)
    assert (taken.digest, taken.rows, taken.accepted) == (expected.digest, expected.rows, expected.accepted)
    assert taken.findings == expected.findings
    assert stored(taken).equals(stored(expected))


async def test_duplicates_across_chunks_leave_cube_and_chunks_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "BLOCK", 1000)
    taken = await take([line + b"\n" for line in file_of(people(100) + people(100, sex="M")).splitlines()])
    assert len(taken.chunks) > 3
    assert taken.accepted == stored(taken).height == 100
    assert taken.cubes is not None
    assert taken.cubes.posts["n"].sum() == 100
    assert taken.findings.by_rule == {keeping.DUPLICATE: 100}


async def test_a_gzip_bomb_is_refused_by_what_comes_out_of_it() -> None:
    bomb = gzip.compress(HEADER.encode() + b"\n" + b"\n" * 50_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge, match="unpacked"):
        await take(bomb, packed=True, inflated_bytes=10_000_000)


async def test_a_gzip_of_several_members_is_read_to_its_end() -> None:
    data = file_of(people(10))
    assert (await take(gzip.compress(data[:300]) + gzip.compress(data[300:]), packed=True)).rows == 10


@pytest.mark.parametrize(
    "data",
    [b"", b"no gzip", zlib.compress(b"deflate"), gzip.compress(a_staff())[:-20], gzip.compress(a_staff()) + b"tail"],
)
async def test_a_broken_gzip_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenGzip):
        await take(data, packed=True)


@pytest.mark.parametrize(
    ("media", "encoding"),
    [
        ("", ""),
        ("application/json", ""),
        ("application/vnd.ms-excel", ""),
        ("application/octet-stream", ""),
        ("text/csv; charset=iso-8859-1", ""),
        ("text/csv", "br"),
    ],
)
def test_a_format_that_is_not_read_is_refused_by_naming_those_that_are(media: str, encoding: str) -> None:
    with pytest.raises(UnsupportedMedia, match=r"text/csv|utf-8|gzip"):
        choose_form(media, encoding)


def test_parameters_of_a_content_type_are_understood() -> None:
    assert choose_form('Text/CSV; header=present; charset="UTF-8"', "GZIP") == ("csv", True)
    assert choose_form("application/x-ndjson", "identity") == ("ndjson", False)
