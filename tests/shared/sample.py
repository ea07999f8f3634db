"""A service as small as can be, made of the same plumbing as the real ones: notes, their events, a view of them.

It stands in the tests of `shared` for any service: one aggregate, one projection with a view, routes that succeed, fail early, fail
late (at the commit) and fail by mistake.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, Column, Integer, Table, Text, UniqueConstraint, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared import outbox, requests
from shared.app import Service
from shared.auth import Anyone, Principal, allow
from shared.database import AggregateRow, Database, Reader, Session, new_metadata
from shared.errors import NotFound, invalid
from shared.events.base import EVENTS, Aggregate, Event
from shared.idempotency import OnceOnly
from shared.operations import Head, digest
from shared.paging import Paging
from shared.projection import Fact, Projection
from shared.telemetry import new_id
from shared.versions import IfMatch, check_version, etag


class NoteWritten(Event, type="sample.note-written.v1"):
    """A note has this text."""

    aggregate: ClassVar[Aggregate] = "unit"
    text: str


class NoteRead(Event, type="sample.note-read.v1"):
    """A note was read: an event that the view does not listen to."""

    aggregate: ClassVar[Aggregate] = "unit"
    text: str


SAMPLE_EVENTS: dict[str, type[Event]] = {event.type: event for event in (NoteWritten, NoteRead)}
for name in SAMPLE_EVENTS:  # the contract lists what real services state; a fixture adds these where a test needs them
    del EVENTS[name]


class Base(DeclarativeBase):
    metadata = new_metadata()


class Note(AggregateRow, Base):
    __tablename__ = "notes"
    # deferred, so that a breach shows at the commit and not before
    __table_args__ = (UniqueConstraint("label", deferrable=True, initially="DEFERRED"),)

    text: Mapped[str] = mapped_column(Text)
    label: Mapped[str | None] = mapped_column(Text)


marks = Table("marks", Base.metadata, Column("id", Text, primary_key=True))

note_views = Table(
    "note_views",
    Base.metadata,
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
turns = Table("turns", Base.metadata, Column("id", Integer, primary_key=True), Column("count", Integer, nullable=False))


async def count_turn(session: AsyncSession) -> None:
    """Counts the live transactions of the view, as a change feed would."""
    statement = insert(turns).values(id=1, count=1)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"count": turns.c.count + 1}))


view = Projection("note-views", ["sample"], tables=[note_views], finish=count_turn)


@view.on(NoteWritten, fold=True)
async def note_written(session: AsyncSession, facts: list[Fact[NoteWritten]]) -> None:
    rows = [
        {"key": fact.envelope.subject.partition("/")[2], "text": fact.event.text, "sequence": fact.sequence}
        for fact in facts
    ]
    statement = insert(note_views)
    changed = {name: statement.excluded[name] for name in ("text", "sequence")}
    await session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changed), rows)


class NewNote(requests.Request):
    text: str = Field(min_length=1, max_length=2000)
    label: str | None = None
    count: int = 0


class NoteState(BaseModel):
    key: str
    text: str
    sequence: int


class Notes(BaseModel):
    items: list[NoteState]
    next: str | None


def state_of(note: Note) -> NoteState:
    return NoteState(key=note.key, text=note.text, sequence=note.sequence)


router = APIRouter(prefix="/v1", tags=["notes"])
Writer = Annotated[Principal, Depends(allow("custodian"))]


async def write(session: AsyncSession, new: NewNote, key: str | None = None) -> Note:
    note = Note(key=key or new_id(), text=new.text, label=new.label)
    session.add(note)
    await outbox.record(session, NoteWritten(text=note.text), note)
    return note


async def rewrite(session: AsyncSession, key: str, words: str) -> Note:
    """The note with another text; its row stays locked until the commit."""
    note = await get_note(session, key)
    note.text = words
    await outbox.record(session, NoteWritten(text=words), note)
    return note


async def get_note(session: AsyncSession, key: str) -> Note:
    note = (await session.execute(select(Note).where(Note.key == key).with_for_update())).scalar_one_or_none()
    if note is None:
        raise NotFound(f"note {key}: there is none")
    return note


@router.post("/notes", status_code=201)
async def write_note(session: Session, _: Writer, once: OnceOnly, new: NewNote) -> Response:
    async def effect() -> tuple[BaseModel, dict[str, str]]:
        if new.text == "forbidden":
            raise invalid("#/text", new.text, "is a word that is not written here")
        note = await write(session, new)
        return state_of(note), {"ETag": etag(note.sequence)}

    return await once.answer(session, 201, effect)


@router.put("/notes/{key}")
async def rewrite_note(
    session: Session, _: Writer, if_match: IfMatch, key: str, new: NewNote, response: Response
) -> NoteState:
    note = await get_note(session, key)
    check_version(note, if_match)
    note = await rewrite(session, key, new.text)
    response.headers["ETag"] = etag(note.sequence)
    return state_of(note)


@router.get("/notes")
async def list_notes(session: Reader, _: Anyone, page: Paging) -> Notes:
    statement = select(Note).order_by(Note.key).limit(page.limit + 1)
    if page.after is not None:
        statement = statement.where(Note.key > page.after[0])
    rows, cursor = page.cut(list((await session.execute(statement)).scalars()), lambda note: [note.key])
    return Notes(items=[state_of(note) for note in rows], next=cursor)


@router.get("/views")
async def list_views(session: Reader, _: Anyone, page: Paging) -> Notes:
    rows = (await session.execute(select(note_views).order_by(note_views.c.key).limit(page.limit + 1))).all()
    page_rows, cursor = page.cut(list(rows), lambda row: [row.key])
    return Notes(items=[NoteState(key=row.key, text=row.text, sequence=row.sequence) for row in page_rows], next=cursor)


@router.get("/notes/{key}")
async def get_one_note(session: Reader, _: Anyone, key: str) -> NoteState:
    note = (await session.execute(select(Note).where(Note.key == key))).scalar_one_or_none()
    if note is None:
        raise NotFound(f"note {key}: there is none")
    return state_of(note)


@router.delete("/notes/{key}", status_code=204)
async def drop_note(session: Session, _: Writer, key: str) -> None:
    await session.execute(delete(Note).where(Note.key == key))


@router.get("/broken")
async def break_down(_: Anyone) -> NoteState:
    raise RuntimeError("a secret of the inside")


@router.get("/slow")
async def wait_in_the_database(
    session: Session, _: Anyone, seconds: Annotated[float, Query(ge=0, le=60)] = 0.01
) -> NoteState:
    await session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
    return NoteState(
        key="slow", text="", sequence=(await session.execute(select(func.count()).select_from(Note))).scalar_one()
    )


@router.post("/upload", status_code=201)
async def upload(request: Request, _: Writer) -> dict[str, int]:
    return {"bytes": sum([len(piece) async for piece in request.stream()])}


async def heads(session: AsyncSession) -> AsyncIterator[Head]:
    for note in (await session.execute(select(Note).order_by(Note.key))).scalars():
        yield Head(aggregate=f"unit/{note.key}", sequence=note.sequence, digest=digest(state_of(note)))


service = Service(
    name="sample",
    title="Sample",
    router=router,
    metadata=Base.metadata,
    migrations=Path(__file__).parent / "sample_migrations",
    projections=[view],
    heads=heads,
)


async def scalar(database: Database, sql: str, **named: Any) -> Any:
    """The one value that `sql` selects."""
    async with database.transaction() as session:
        return (await session.execute(text(sql), named)).scalar_one()


async def execute(database: Database, sql: str, **named: Any) -> None:
    async with database.transaction() as session:
        await session.execute(text(sql), named)
