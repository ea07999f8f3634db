"""Commands on documents: attach one, give it content, withdraw it; and what a result may cite."""

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.models import Document
from indicators.schemas.documents import DocumentDefinition
from indicators.service import stating
from shared.errors import Conflict, Unprocessable, invalid
from shared.events.claims import DocumentAttached, DocumentWithdrawn
from shared.events.results import Evidence
from shared.versions import check_version, refuse_version_of_nothing


class DocumentExists(Conflict):
    slug = "document-exists"


class IsWithdrawn(Conflict):
    slug = "document-is-withdrawn"


class NotWhatItSays(Unprocessable):
    slug = "content-is-another-type"


async def attach_document(
    session: AsyncSession, code: str, given: DocumentDefinition, if_match: int | None, units: store.definitions.Scope
) -> tuple[Document, bool]:
    """The document can be cited under its code; whether it is new. It is the attaching units' own.

    Raises DocumentExists where another unit attached it, IsWithdrawn, PreconditionRequired, PreconditionFailed.
    """
    document = await store.definitions.claim(session, Document, code)
    if document is None:
        refuse_version_of_nothing(code, if_match)
        document = Document(key=code, sequence=0, withdrawn=False, units=[*(units or [])])
        session.add(document)
        await _set(session, document, given)
        return document, True
    if units is not None and not set(units) & set(document.units):
        raise DocumentExists(f"there is a document {code} already")
    if (document.title, document.url) == (given.title, given.url):
        return document, False
    check_version(document, if_match)
    _check_not_withdrawn(document)
    await _set(session, document, given)
    return document, False


async def _set(session: AsyncSession, document: Document, given: DocumentDefinition) -> None:
    document.title, document.url = given.title, given.url
    await stating.state(session, DocumentAttached.model_validate(document.state().model_dump()), document)


def _check_not_withdrawn(document: Document) -> None:
    if document.withdrawn:
        raise IsWithdrawn(f"the document {document.key} was withdrawn: {document.reason}")


async def keep_content(
    session: AsyncSession,
    code: str,
    media_type: str,
    content: bytes,
    if_match: int | None,
    units: store.definitions.Scope,
) -> Document:
    """The document has this content; the same bytes are stored once. The content that it had before stays with its digest.

    Raises NoSuchDocument, IsWithdrawn, NotWhatItSays, PreconditionRequired, PreconditionFailed.
    """
    document = await store.documents.get_document(session, code, units, lock=True)
    digest = hashlib.sha256(content).hexdigest()
    if (document.digest, document.media_type) == (digest, media_type):
        return document
    check_version(document, if_match)
    _check_not_withdrawn(document)
    if not rules.documents.is_what_it_says(media_type, content):
        raise NotWhatItSays(f"these bytes are no {media_type}")
    await store.documents.keep_content(session, digest, content)
    document.digest, document.media_type, document.bytes = digest, media_type, len(content)
    await stating.state(session, DocumentAttached.model_validate(document.state().model_dump()), document)
    return document


async def withdraw_document(
    session: AsyncSession, code: str, reason: str, if_match: int | None, units: store.definitions.Scope
) -> Document:
    """The document proves nothing any more, and nothing can cite it; what cites it stays and is flagged where it is shown.

    Raises NoSuchDocument, IsWithdrawn, PreconditionRequired, PreconditionFailed.
    """
    document = await store.documents.get_document(session, code, units, lock=True)
    check_version(document, if_match)
    _check_not_withdrawn(document)
    document.withdrawn, document.reason = True, reason
    await stating.state(session, DocumentWithdrawn.model_validate(document.state().model_dump()), document, reason)
    return document


async def check_evidence(session: AsyncSession, evidence: list[Evidence]) -> None:
    """Every document that is cited can be. Raises Unprocessable."""
    check_citations(evidence, await cited(session, [evidence]))


async def cited(session: AsyncSession, evidence: Iterable[list[Evidence]]) -> dict[str, Document]:
    """The documents that are named, by code, held until the transaction ends."""
    codes = {one.document for each in evidence for one in each if one.document is not None}
    return await store.documents.hold_documents(session, codes) if codes else {}


def check_citations(evidence: list[Evidence], known: Mapping[str, Document]) -> None:
    """Raises Unprocessable where a document is not `known`, or withdrawn."""
    for place, one in enumerate(evidence):
        if one.document is None:
            continue
        here = f"#/evidence/{place}/document"
        if one.document not in known:
            raise invalid(here, one.document, "there is no such document")
        if known[one.document].withdrawn:
            raise invalid(here, one.document, f"the document was withdrawn: {known[one.document].reason}")
