"""Documents, their content, and the results that cite them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Document, DocumentContent, Indicator, ResultLine, ResultRow
from indicators.store.definitions import Scope, of_units
from shared.errors import NotFound
from shared.paging import Page


class NoSuchDocument(NotFound):
    slug = "no-such-document"


class NoContent(NotFound):
    slug = "no-content"


async def get_document(session: AsyncSession, code: str, units: Scope = None, *, lock: bool = False) -> Document:
    """Raises NoSuchDocument, also where `units` are given and none of them attached it."""
    statement = select(Document).where(Document.key == code, of_units(Document.units, units))
    found = (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()
    if found is None:
        raise NoSuchDocument(f"there is no document {code}")
    return found


async def list_documents(session: AsyncSession, page: Page) -> tuple[list[Document], str | None]:
    statement = select(Document).order_by(Document.key).limit(page.limit + 1)
    if page.after:
        statement = statement.where(Document.key > str(page.after[0]))
    rows = list((await session.execute(statement)).scalars())
    return page.cut(rows, lambda row: [row.key])


async def keep_content(session: AsyncSession, digest: str, content: bytes) -> None:
    """It is kept, once however many documents have it."""
    statement = insert(DocumentContent).values(digest=digest, content=content).on_conflict_do_nothing()
    await session.execute(statement)


async def get_content(session: AsyncSession, document: Document) -> bytes:
    statement = select(DocumentContent.content).where(DocumentContent.digest == document.digest)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NoContent(f"the content of {document.key} is not kept here")
    return found


async def hold_documents(session: AsyncSession, codes: Collection[str]) -> dict[str, Document]:
    """Those of `codes` that there are; none is withdrawn until the transaction ends."""
    statement = select(Document).where(Document.key.in_(codes)).order_by(Document.key).with_for_update(read=True)
    return {row.key: row for row in (await session.execute(statement)).scalars()}


async def withdrawn_of(session: AsyncSession, bodies: Sequence[dict[str, Any]]) -> set[str]:
    """The documents that results with these bodies cite and that were withdrawn."""
    cited = {one["document"] for body in bodies for one in body.get("evidence", []) if one.get("document")}
    if not cited:
        return set()
    statement = select(Document.key).where(Document.key.in_(cited), Document.withdrawn)
    return set((await session.execute(statement)).scalars())


async def list_citations(
    session: AsyncSession, code: str, units: Scope, page: Page
) -> tuple[list[tuple[ResultLine, ResultRow]], str | None]:
    """The results that cite the document, of indicators within the scope."""
    statement = (
        select(ResultLine, ResultRow)
        .join(ResultRow, ResultRow.line == ResultLine.key)
        .join(Indicator, (Indicator.plan == ResultLine.plan) & (Indicator.code == ResultLine.indicator))
        .where(ResultRow.body.contains({"evidence": [{"document": code}]}), of_units(Indicator.custodians, units))
        .order_by(ResultRow.line, ResultRow.number)
    )
    if page.after:
        line, number = page.after
        statement = statement.where(
            (ResultRow.line > str(line)) | ((ResultRow.line == str(line)) & (ResultRow.number > int(number)))
        )
    rows = [(line, row) for line, row in await session.execute(statement.limit(page.limit + 1))]
    return page.cut(rows, lambda pair: [pair[0].key, pair[1].number])
