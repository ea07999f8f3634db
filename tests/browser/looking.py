"""What tests look at on a page: figures, tables, the focus, colours; and the measures that they state."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from playwright.async_api import Locator, Page

from shared.events.hr_diversity import Cell, MeasureState


async def counts(page: Page) -> dict[str, int]:
    figures = page.locator("#headline .figure")
    names = [await figures.nth(place).get_attribute("data-status") for place in range(await figures.count())]
    texts = await page.locator("#headline [data-count]").all_inner_texts()
    return dict(zip([str(name) for name in names], map(int, texts), strict=True))


async def rows(table: Locator) -> list[list[str]]:
    """The texts of a table's body, cell by cell, with single spaces."""
    found: list[list[str]] = await table.evaluate(
        "table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText.replace(/\\s+/g, ' ').trim()))"
    )
    return found


def cell(group: str, women: int, men: int) -> Cell:
    return Cell(group=group, women=women, men=men, other=0, total=women + men, share=share(women, men))


def share(women: int, men: int) -> Decimal:
    return round(Decimal(100 * women) / (women + men), 1)


def measure(code: str, women: int, men: int, cells: list[Cell] | None = None) -> MeasureState:
    return MeasureState(
        code=code,
        title=code,
        source="hr",
        as_of=date(2021, 12, 31),
        snapshot="snapshot-1",
        revision=1,
        rule=f"{code}/1",
        dimension="grade" if cells else None,
        women=women,
        men=men,
        other=0,
        total=women + men,
        share=share(women, men),
        suppressed=False,
        cells=cells or [],
    )


def value(node: dict[str, Any], name: str) -> str:
    return str(node.get(name, {}).get("value", ""))


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.ariaLabel || document.activeElement.innerText.trim()"))


async def tab_to(page: Page, name: str) -> None:
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await focused(page) == name:
            return
    pytest.fail(f"no Tab leads to {name!r}")


async def colour(page: Page, name: str) -> tuple[int, int, int]:
    """The red, green and blue of a custom property."""
    found = await page.evaluate(
        "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", name
    )
    red, green, blue = (int(found[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """WCAG 2.2, contrast ratio: (lighter + 0.05) / (darker + 0.05) of the relative luminances."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: tuple[int, int, int]) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
