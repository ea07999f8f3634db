"""Statements on uploads and their parts.

Who changes an upload claims it first: an advisory lock of the transaction, so that a service that dies holds nothing, and so that the
row can be written by others, who tell how far the counting is, while the claim is held.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import Upload, UploadPart
from shared import clock
from shared.paging import Page

_KEY = "hashtextextended('upload/' || CAST(:id AS text), 0)"
_CLAIM = text(f"SELECT pg_try_advisory_xact_lock({_KEY})")
# the two halves of a key of 64 bits stand in classid and objid, both unsigned
_CLAIMED = text(f"""
    SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid::bigint << 32 | objid::bigint) = {_KEY})
""")


async def claim(session: AsyncSession, upload_id: str) -> bool:
    """Whether the upload is the caller's until its transaction ends; False where somebody else has it."""
    return bool((await session.execute(_CLAIM, {"id": upload_id})).scalar_one())


async def allow_long(session: AsyncSession) -> None:
    """The claim holds while a long file is counted, in which the transaction says nothing."""
    await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '15min'"))


async def is_claimed(session: AsyncSession, upload_id: str) -> bool:
    return bool((await session.execute(_CLAIMED, {"id": upload_id})).scalar_one())


async def find_upload(session: AsyncSession, upload_id: str) -> Upload | None:
    return await session.get(Upload, upload_id, populate_existing=True)


async def list_uploads(
    session: AsyncSession, subject: str | None, digest: str | None, page: Page
) -> tuple[list[Upload], str | None]:
    """Newest first; of everybody where no subject is named."""
    query = select(Upload).order_by(Upload.id.desc()).limit(page.limit + 1)
    if subject is not None:
        query = query.where(Upload.subject == subject)
    if digest is not None:
        query = query.where(Upload.digest == digest)
    if page.after is not None:
        query = query.where(Upload.id < str(page.after[0]))
    return page.cut(list((await session.execute(query)).scalars()), lambda row: [row.id])


async def add_part(session: AsyncSession, upload: Upload, sealed: bytes, size: int) -> None:
    """The upload is claimed, and `sealed` is what follows the `size` bytes less that are there already."""
    await session.execute(insert(UploadPart), [{"upload_id": upload.id, "number": upload.parts, "sealed": sealed}])
    upload.parts, upload.received, upload.touched_at = upload.parts + 1, upload.received + size, clock.now()
    upload.state = "receiving"
    await session.flush()


async def read_part(session: AsyncSession, upload_id: str, number: int) -> bytes:
    query = select(UploadPart.sealed).where(UploadPart.upload_id == upload_id, UploadPart.number == number)
    return (await session.execute(query)).scalar_one()


async def change(session: AsyncSession, upload_id: str, **values: Any) -> None:
    await session.execute(update(Upload).where(Upload.id == upload_id).values(touched_at=clock.now(), **values))


async def tell_counted(session: AsyncSession, upload_id: str, counted: int) -> None:
    still = (Upload.id == upload_id, Upload.state == "counting")
    await session.execute(update(Upload).where(*still).values(counted=counted, touched_at=clock.now()))


async def delete_parts(session: AsyncSession, upload_id: str) -> None:
    await session.execute(delete(UploadPart).where(UploadPart.upload_id == upload_id))


async def delete_upload(session: AsyncSession, upload_id: str) -> None:
    await session.execute(delete(Upload).where(Upload.id == upload_id))


async def list_untouched(session: AsyncSession, since: datetime, limit: int) -> Sequence[str]:
    query = select(Upload.id).where(Upload.touched_at < since).order_by(Upload.touched_at).limit(limit)
    return (await session.execute(query)).scalars().all()


async def count_uploads(session: AsyncSession, subject: str) -> int:
    """Of a caller, those whose parts are kept."""
    query = select(func.count()).where(Upload.subject == subject, Upload.state.in_(["receiving", "counting"]))
    return int((await session.execute(query)).scalar_one())
