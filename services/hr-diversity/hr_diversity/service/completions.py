"""An upload is taken in like a push of its bytes.

What must not break: an upload is done, its parts are gone and its snapshot is there in one transaction; a service that dies before it
leaves an upload that can be completed; completed again, the same is answered.
"""

import hashlib
from collections.abc import AsyncIterator, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.intake import Layout, choose_form
from hr_diversity.intake.receiving import BLOCK
from hr_diversity.intake.sealing import Seal
from hr_diversity.models import Upload
from hr_diversity.schemas.snapshots import DryRun, Receipt
from hr_diversity.service.deltas import Asked
from hr_diversity.service.progress import telling
from hr_diversity.service.snapshots import push_snapshot
from hr_diversity.service.sources import find_layout
from hr_diversity.service.uploads import claim_upload, place_of
from hr_diversity.settings import HrSettings
from shared.auth import Principal
from shared.database import Database
from shared.errors import FieldError, Problem, TooLarge, Unprocessable
from shared.telemetry import request_id

FINAL = (Unprocessable, TooLarge)
"""Problems of the file itself: it will never be taken in. Others pass, and the upload can be completed later."""


class OtherDigest(Unprocessable):
    slug = "other-digest"


async def complete_upload(
    database: Database,
    upload_id: str,
    principal: Principal,
    *,
    digest: str | None = None,
    dry_run: bool = False,
    settings: HrSettings,
) -> tuple[Receipt | DryRun, bool]:
    """The file is taken in as a push of its bytes would be, and its parts are deleted with it. Completed again, the same is answered.

    Raises UnknownUpload, UploadBusy, OtherDigest, and as `push_snapshot` does. After a problem of the file itself it is refused and its
    parts are deleted, but for a dry run.
    """
    async with database.transaction() as session:
        row = await claim_upload(session, upload_id, principal)
        ended = await _ended(session, row, dry_run=dry_run)
        if ended is not None:
            return ended, False
        await store.uploads.change(session, upload_id, state="counting", counted=0)
    layout = await find_layout(database, row.source)
    try:
        async with telling(database, upload_id) as counted, database.transaction() as session:
            return await _take_in(
                session, upload_id, principal, layout, counted, digest=digest, dry_run=dry_run, settings=settings
            )
    except FINAL as problem:
        if dry_run:  # whose caller is told, and may say something else at the completion
            raise
        async with database.transaction() as session:
            await claim_upload(session, upload_id, principal)
            await store.uploads.change(session, upload_id, state="refused", problem=_document(problem))
            await store.uploads.delete_parts(session, upload_id)
        raise


async def _take_in(
    session: AsyncSession,
    upload_id: str,
    principal: Principal,
    layout: Layout,
    counted: Callable[[int], None],
    *,
    digest: str | None,
    dry_run: bool,
    settings: HrSettings,
) -> tuple[Receipt | DryRun, bool]:
    row = await claim_upload(session, upload_id, principal)
    await store.uploads.allow_long(session)
    ended = await _ended(session, row, dry_run=dry_run)
    if ended is not None:
        return ended, False
    form, packed = choose_form(row.content_type, row.content_encoding, layout.encoding)
    asked = Asked(row.source, row.as_of, "delta" if row.mode == "delta" else "full", row.base, dry_run)
    pieces = _read(session, row, digest, Seal(settings.pseudonym_key.get_secret_value()))
    receipt, new = await push_snapshot(
        session, pieces, form, packed=packed, asked=asked, settings=settings, layout=layout, counted=counted
    )
    if isinstance(receipt, DryRun):
        await store.uploads.change(session, upload_id, state="receiving")
    else:
        await store.uploads.change(session, upload_id, state="done", snapshot_id=receipt.id, counted=receipt.rows)
        await store.uploads.delete_parts(session, upload_id)
    return receipt, new


async def _read(session: AsyncSession, row: Upload, digest: str | None, seal: Seal) -> AsyncIterator[bytes]:
    """The parts in order, one at a time. Raises OtherDigest at the end where they are not the file that was named."""
    whole = hashlib.sha256()
    for number in range(row.parts):
        data = seal.open(await store.uploads.read_part(session, row.id, number), place_of(row.id, number))
        whole.update(data)
        for start in range(0, len(data), BLOCK):  # a part is more than is taken in at once
            yield data[start : start + BLOCK]
    for named in (row.digest, digest):
        if named is not None and named != whole.hexdigest():
            detail = f"the {row.received} bytes that came have the digest {whole.hexdigest()}"
            raise OtherDigest(
                f"digest {named}: {detail}", errors=[FieldError(parameter="digest", value=named, detail=detail)]
            )


async def _ended(session: AsyncSession, row: Upload, *, dry_run: bool) -> Receipt | DryRun | None:
    """The receipt where it is done; None where it can be completed. Raises the problem for which it was refused."""
    if row.state == "refused" and row.problem is not None:
        kept = row.problem
        kind = type("AsBefore", (Problem,), {"status": kept["status"], "title": kept["title"], "slug": kept["slug"]})
        raise kind(kept["detail"], errors=[FieldError(**one) for one in kept["errors"]])
    receipt = await find_receipt(session, row)
    if receipt is None or not dry_run:
        return receipt
    return DryRun.model_validate({**receipt.model_dump(), "id": None, "dry_run": True})


async def find_receipt(session: AsyncSession, row: Upload) -> Receipt | None:
    """What came of an upload that is done."""
    if row.snapshot_id is None:
        return None
    snapshot = await store.snapshots.find_snapshot(session, row.snapshot_id)
    return Receipt.model_validate(snapshot.receipt) if snapshot else None


def _document(problem: Problem) -> dict[str, object]:
    return {
        "slug": problem.slug,
        "type": f"urn:apge:problem:{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request_id(),
        "errors": [error.model_dump(exclude_none=True) for error in problem.errors],
    }
