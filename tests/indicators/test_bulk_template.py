"""The template: what a custodian gets to fill in, and that it opens where people open it."""

import csv
import io

import openpyxl
import pytest
from tests.indicators.plan import (
    APGE,
    BEFORE,
    HRD,
    INDICATORS,
    NOW,
    PARDEV,
    READER,
    at,
    begin,
    define,
    line_of,
    of_kind,
    record,
    results_of,
    rows_of,
)

from indicators import sheets

COMMENT = '=HYPERLINK("http://evil")'


async def template(client, more="", plan="small", **caller):
    found = await client.get(at("template", plan) + more, **(caller or READER))
    assert found.status_code == 200, found.text
    return found


async def as_csv(client, more="", **caller):
    found = await template(client, "&format=csv" + more, **caller)
    return list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"), newline="")))


async def as_book(client, **caller):
    return openpyxl.load_workbook(io.BytesIO((await template(client, **caller)).content))


async def test_a_row_for_each_target_with_what_stands_there_and_its_version(client):
    await begin(client)
    await record(client, 44, comment="preliminary")
    rows = {(row["indicator"], row["phase"], row["place"]): row for row in await as_csv(client)}
    assert len(rows) == sum(len(one["targets"]) for one in INDICATORS.values())
    share = rows["share", NOW, "global"]
    wanted = {"value": "44", "as_of": "2020-06-30", "comment": "preliminary", "version": "1", "status": "not_on_track"}
    assert wanted.items() <= share.items()
    assert (share["title"], share["target"], share["kind"]) == ("Women at P5 and above", "45 per cent", "percentage")
    assert (rows["count", NOW, "global"]["version"], rows["count", NOW, "global"]["value"]) == ("0", "")


async def test_a_custodian_gets_its_own_units_rows_only(client):
    await begin(client)
    assert {row["indicator"] for row in await as_csv(client, **PARDEV)} == {"foreign"}
    assert "foreign" not in {row["indicator"] for row in await as_csv(client, **HRD)}
    assert await as_csv(client, "&custodian=PARDEV", **HRD) == []
    assert {row["indicator"] for row in await as_csv(client, "&custodian=PARDEV")} == {"foreign"}
    assert await as_csv(client, role="custodian", units=[]) == []


async def test_a_phase_narrows_it(client):
    await begin(client)
    assert {row["phase"] for row in await as_csv(client, f"&phase={BEFORE}")} == {BEFORE}


@pytest.mark.parametrize(
    ("more", "accept", "media"),
    [
        ("", "", sheets.XLSX),
        ("", "text/csv", sheets.CSV),
        ("", "text/html, */*", sheets.XLSX),
        ("&format=xlsx", "text/csv", sheets.XLSX),
        ("&format=csv", sheets.XLSX, sheets.CSV),
    ],
)
async def test_the_form_is_the_one_asked_for(ready, more, accept, media):
    found = await template(ready, more, headers={"Accept": accept}, **READER)
    assert found.headers["content-type"].partition(";")[0] == media
    assert (
        found.headers["content-disposition"]
        == f'attachment; filename="small.{"csv" if media == sheets.CSV else "xlsx"}"'
    )
    assert "Accept" in found.headers["vary"]


async def test_it_changes_nothing_and_an_absent_plan_has_none(ready):
    before = await rows_of(ready)
    await template(ready)
    assert await rows_of(ready) == before
    assert (await ready.get(at("template", "absent"), **READER)).status_code == 404
    for wrong in ("custodian=%0d%0aX", "phase=%22", "format=pdf"):
        assert (await ready.get(at("template") + "&" + wrong, **READER)).status_code == 422


async def test_the_workbook_has_a_frozen_header_widths_lists_and_explanations(client):
    await begin(client)
    book = await as_book(client)
    sheet = book["Results"]
    assert sheet.freeze_panes == "B2"
    names = [cell.value for cell in sheet[1]]
    assert sheet.column_dimensions["B"].width > 30
    said = {row[0].value: row[1].value for row in book["Explanations"].iter_rows()}
    assert set(names) <= set(said)
    assert "audit_not_done" in said
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    options = book["Lists"]

    def choices(column, code):
        row = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 1).value == code)
        place = f"{openpyxl.utils.get_column_letter(names.index(column) + 1)}{row}"
        area = next(
            source for cells, source in lists.items() if place in openpyxl.worksheet.cell_range.MultiCellRange(cells)
        )
        return [cell[0].value for cell in options[area.partition("!")[2].replace("$", "")]]

    assert choices("category", "state") == ["public", "internal", "none"]
    assert choices("reached", "milestone") == ["yes", "no"]
    assert "event_not_held" in choices("no_data", "share")


async def test_nothing_that_is_written_starts_a_formula(client):
    await begin(client)
    evil = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "＝1", "'=1", COMMENT]  # noqa: RUF001 (starts a formula too)
    for at_, text in enumerate(evil, 1):
        await record(client, 40, as_of=f"2020-0{at_}-01", comment=text)
        await define(
            client, at(f"indicators/odd-{at_}"), {**of_kind("count", operator="at_least", value=1), "title": text}
        )
        rows = await as_csv(client)
        found = next(r for r in rows if (r["indicator"], r["phase"], r["place"]) == ("share", NOW, "global"))
        assert found["comment"] == f"'{text}"
        assert next(r for r in rows if r["indicator"] == f"odd-{at_}")["title"] == f"'{text}"
        for line in (await as_book(client))["Results"].iter_rows():
            assert {cell.data_type for cell in line} <= {"s", "n", "d", "inlineStr"}
            assert not [cell for cell in line if cell.hyperlink]


async def test_figures_are_numbers_and_days_are_days_in_the_workbook(client):
    await begin(client)
    await record(client, 44.125)
    await client.post(results_of("count"), json={"phase": NOW, "value": 0, "as_of": "2020-06-30"}, **HRD)
    sheet = (await as_book(client))["Results"]
    names = [cell.value for cell in sheet[1]]
    rows = {
        (row[0].value, row[names.index("phase")].value, row[names.index("place")].value): row
        for row in sheet.iter_rows(min_row=2)
    }
    share = dict(zip(names, rows["share", NOW, "global"], strict=True))
    assert share["value"].value == 44.125
    assert share["as_of"].value.date().isoformat() == "2020-06-30"
    assert dict(zip(names, rows["count", NOW, "global"], strict=True))["value"].value == 0


async def test_a_template_sent_back_as_it_is_changes_nothing_in_either_form(loaded):
    before = await rows_of(loaded)
    for form, media in (("csv", sheets.CSV), ("xlsx", sheets.XLSX)):
        body = (await template(loaded, f"&format={form}", APGE)).content
        done = await loaded.post(
            at("results", APGE) + "&published=true", content=body, headers={"Content-Type": media}, role="operator"
        )
        assert done.status_code == 200, done.text
        assert set(done.json()["counts"]) == {"unchanged"}
    assert await rows_of(loaded) == before


SOURCED = {
    "text": "44 per cent of staff at P5 and above",
    "provenance": {"document": "report-2020", "table": "Appendix I"},
    "evidence": [{"title": "Report 2020", "url": "https://example.org/2020"}],
    "comment": "as published",
}
OF_FIGURE = ("text", "provenance", "evidence")


async def filled_in(client, status=200, share=None, **cells):
    """The template as CSV, or the row in `share`, with these cells of the share's global target changed, is sent back."""
    rows = [share] if share else await as_csv(client, f"&phase={NOW}", **HRD)
    row = next(one for one in rows if (one["indicator"], one["place"]) == ("share", "global"))
    body = sheets.write_csv(list(row), [list({**row, **cells}.values())])
    done = await client.post(at("results"), content=body, headers={"Content-Type": sheets.CSV}, **HRD)
    assert done.status_code == status, done.text
    return row, done.json()


async def latest(client):
    return (await line_of(client))["results"][-1]


@pytest.mark.parametrize("cells", [{"as_of": "2020-12-31", "value": "46"}, {"value": "46"}, {"as_of": "2020-12-31"}])
async def test_a_new_figure_in_the_template_carries_nothing_of_where_the_old_one_came_from(client, cells):
    await begin(client)
    await record(client, 44, **SOURCED)
    row, told = await filled_in(client, **cells, comment="counted by us")
    assert "left out" in told["items"][0]["warnings"][0]
    found = await latest(client)
    assert [found[name] or None for name in OF_FIGURE] == [None] * 3
    assert found["comment"] == "counted by us"
    assert (await filled_in(client, share=row, **cells, comment="counted by us"))[1]["counts"] == {"unchanged": 1}


async def test_what_is_written_anew_with_a_new_figure_is_kept(client):
    await begin(client)
    await record(client, 44, **SOURCED)
    new = {"text": "46 per cent", "provenance": "document = report-2021", "evidence": "Report 2021"}
    await filled_in(client, as_of="2020-12-31", value="46", **new)
    found = await latest(client)
    assert (found["text"], found["provenance"]["document"]) == ("46 per cent", "report-2021")
    assert [one["title"] for one in found["evidence"]] == ["Report 2021"]


async def test_a_remark_on_the_same_figure_keeps_where_it_came_from(client):
    await begin(client)
    await record(client, 44, **SOURCED)
    _, told = await filled_in(client, comment="as published, checked")
    assert told["items"][0]["warnings"] == []
    found = await latest(client)
    assert (found["text"], found["comment"]) == (SOURCED["text"], "as published, checked")
    assert found["evidence"]
