"""Files that are sent in parts, each of which is stored before it is acknowledged.

What must not break: an acknowledged byte is there whenever the service dies; who did not declare an upload does not learn that it is
there; parts are sealed, because they hold staff ids.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.intake import choose_form
from hr_diversity.intake.sealing import Seal
from hr_diversity.models import Upload
from hr_diversity.service.deltas import Asked, check_base
from hr_diversity.service.snapshots import check_day
from hr_diversity.service.sources import find_layout
from hr_diversity.settings import MEBIBYTE, HrSettings
from shared import clock
from shared.auth import Principal
from shared.database import Database
from shared.errors import Conflict, FieldError, NotFound, Problem, TooLarge
from shared.telemetry import new_id

PART = 8 * MEBIBYTE
MOST_PARTS = 10_000
MOST_OPEN = 20


class UnknownUpload(NotFound):
    slug = "unknown-upload"


class UploadBusy(Conflict):
    slug = "upload-busy"


class UploadEnded(Conflict):
    slug = "upload-ended"


class OtherOffset(Conflict):
    slug = "other-offset"


class TooManyParts(Conflict):
    slug = "too-many-parts"


class TooManyUploads(Conflict):
    slug = "too-many-uploads"


async def declare_upload(
    session: AsyncSession,
    asked: Asked,
    content: tuple[str, str],
    digest: str | None,
    principal: Principal,
    database: Database,
) -> Upload:
    """`content` is type and encoding. Raises what can be known of a push before its first byte, or TooManyUploads."""
    check_day(asked.as_of)
    check_base(asked)
    choose_form(*content, (await find_layout(database, asked.source)).encoding)
    if await store.uploads.count_uploads(session, principal.subject) >= MOST_OPEN:
        raise TooManyUploads(f"{MOST_OPEN} uploads are open; complete or delete one first")
    row = Upload(
        id=new_id(),
        source=asked.source,
        as_of=asked.as_of,
        mode=asked.mode,
        base=asked.base,
        content_type=content[0],
        content_encoding=content[1],
        digest=digest,
        subject=principal.subject,
        state="receiving",
        received=0,
        parts=0,
        counted=0,
        declared_at=clock.now(),
        touched_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    return row


async def get_upload(session: AsyncSession, upload_id: str, principal: Principal) -> Upload:
    """Raises UnknownUpload where there is none that this caller may touch."""
    row = await store.uploads.find_upload(session, upload_id)
    if row is None or not (row.subject == principal.subject or principal.has("operator")):
        raise UnknownUpload(f"{upload_id}: no upload of yours has this id")
    return row


async def claim_upload(session: AsyncSession, upload_id: str, principal: Principal) -> Upload:
    """The upload, which nobody else changes until the transaction ends. Raises UnknownUpload or UploadBusy."""
    claimed = await store.uploads.claim(session, upload_id)
    row = await get_upload(session, upload_id, principal)
    if not claimed:
        raise UploadBusy(f"{upload_id} is being counted or added to just now", headers={"Retry-After": "1"})
    return row


async def append(
    database: Database,
    upload_id: str,
    principal: Principal,
    offset: int,
    pieces: AsyncIterator[bytes],
    settings: HrSettings,
) -> int:
    """How many bytes of the file are there now. What came is stored in parts of PART bytes, and kept where the connection breaks.

    Raises UnknownUpload, UploadBusy, UploadEnded, OtherOffset, TooLarge, TooManyParts, or what `pieces` raise.
    """
    seal = Seal(settings.pseudonym_key.get_secret_value())
    waiting = bytearray()
    try:
        await _store(database, upload_id, principal, offset, b"", seal, settings)
        try:
            async for piece in pieces:
                waiting += piece
                while len(waiting) >= PART:
                    offset = await _store(database, upload_id, principal, offset, bytes(waiting[:PART]), seal, settings)
                    del waiting[:PART]
        finally:
            offset = await _store(database, upload_id, principal, offset, bytes(waiting), seal, settings)
    except (Conflict, NotFound, TooLarge):
        with suppress(Problem):  # read to its end: a client that is still sending would not see the answer
            async for _ in pieces:
                pass
        raise
    return offset


async def _store(
    database: Database, upload_id: str, principal: Principal, offset: int, data: bytes, seal: Seal, settings: HrSettings
) -> int:
    async with database.transaction() as session:
        row = await claim_upload(session, upload_id, principal)
        _check_receiving(row)
        if row.received != offset:
            detail = f"{row.received} bytes are there, so the next part begins at {row.received}"
            raise OtherOffset(
                f"{upload_id}: {detail}",
                errors=[FieldError(header="Upload-Offset", value=offset, detail=detail)],
                headers={"Upload-Offset": str(row.received)},
                members={"offset": row.received},
            )
        if not data:
            return offset
        if offset + len(data) > settings.largest_body_bytes:
            raise TooLarge(f"the file has more than {settings.largest_body_bytes} bytes")
        if row.parts >= MOST_PARTS:
            raise TooManyParts(f"{upload_id} has {MOST_PARTS} parts; send larger ones, up to {PART} bytes are one")
        await store.uploads.add_part(session, row, seal.close(data, place_of(upload_id, row.parts)), len(data))
        return row.received


def place_of(upload_id: str, number: int) -> str:
    return f"part {number} of upload {upload_id}"


def _check_receiving(row: Upload) -> None:
    if row.state in {"done", "refused"}:
        raise UploadEnded(f"{row.id} is {row.state}; nothing can be added to it")


async def give_up(session: AsyncSession, upload_id: str, principal: Principal) -> None:
    """It is as if it had never been declared; a snapshot that came of it stays."""
    await claim_upload(session, upload_id, principal)
    await store.uploads.delete_upload(session, upload_id)


async def forget_abandoned(database: Database, hours: float) -> int:
    """How many uploads that nobody touched for so long were deleted, a few at the most."""
    forgotten = 0
    async with database.transaction() as session:
        for upload_id in await store.uploads.list_untouched(session, clock.now() - timedelta(hours=hours), 5):
            if await store.uploads.claim(session, upload_id):
                await store.uploads.delete_upload(session, upload_id)
                forgotten += 1
    return forgotten
