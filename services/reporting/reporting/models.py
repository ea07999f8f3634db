"""What all views share: the metadata, and the feed of their changes.

What must not break: a feed row gets its position from the head row, which its transaction locks until it commits. So positions are
gapless and in commit order, and a reader that saw position n has seen all before it.
"""

from typing import Any

import orjson
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Table, Text, func, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from shared.database import new_metadata

FEED_CHANNEL = "apge_feed"


class Base(DeclarativeBase):
    metadata = new_metadata()


feed_head = Table(
    "feed_head",
    Base.metadata,
    Column("one", Boolean, primary_key=True),
    Column("epoch", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
)

feed = Table(
    "feed",
    Base.metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("view", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

_APPEND = text(f"""
    WITH head AS (
        INSERT INTO feed_head AS head (one, epoch, position)
        VALUES (true, substr(md5(gen_random_uuid()::text), 1, 12), CAST(:count AS bigint))
        ON CONFLICT (one) DO UPDATE SET position = head.position + CAST(:count AS bigint) RETURNING position
    ), told AS (
        INSERT INTO feed (position, kind, view, key, body)
        SELECT head.position - CAST(:count AS bigint) + place, kind, view, key, body
        FROM head, unnest(CAST(:kinds AS text[]), CAST(:views AS text[]), CAST(:keys AS text[]), CAST(:bodies AS text[]))
            WITH ORDINALITY AS change(kind, view, key, body, place)
    )
    SELECT pg_notify('{FEED_CHANNEL}', '') FROM head
""")


def is_silent(session: AsyncSession) -> bool:
    """Whether this is a rebuild, which tells nobody of each change."""
    return bool(session.info.get("silent"))


def changed(session: AsyncSession, view: str, key: str, body: dict[str, Any]) -> None:
    """`key` of `view` has changed to `body` in this transaction; of several changes of a key the last is told."""
    if is_silent(session):
        return
    session.info.setdefault("changes", {})[view, key] = body


async def write_feed(session: AsyncSession) -> None:
    """The last step of a projection's transaction: what `changed` was told becomes rows of the feed."""
    changes: dict[tuple[str, str], dict[str, Any]] = session.info.pop("changes", {})
    rows = [("change", view, key, body) for (view, key), body in changes.items()]
    await _append(session, rows)


TOLD_AS = {"status": ("status", "indicators", "resources"), "actions": ("indicators",)}
"""The views under which a projection's changes are told, where they are not its own name."""


async def announce_reset(session: AsyncSession, projection: str) -> None:
    """Clients of what `projection` feeds are told to load it anew."""
    await _append(
        session, [("reset", view, "", {"reason": "rebuilt"}) for view in TOLD_AS.get(projection, (projection,))]
    )


async def _append(session: AsyncSession, rows: list[tuple[str, str, str, dict[str, Any]]]) -> None:
    if not rows:
        return
    kinds, views, keys, bodies = zip(*rows, strict=True)
    columns = {
        "kinds": list(kinds),
        "views": list(views),
        "keys": list(keys),
        "bodies": [orjson.dumps(b, default=str).decode() for b in bodies],
    }
    await session.execute(_APPEND, {"count": len(rows), **columns})


async def position_of(session: AsyncSession) -> str:
    """Where the feed stands in this snapshot, as `<epoch>:<position>`; "-:0" before the first change."""
    row = (await session.execute(text("SELECT epoch, position FROM feed_head"))).first()
    return "-:0" if row is None else f"{row.epoch}:{row.position}"
