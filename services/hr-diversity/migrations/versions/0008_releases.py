"""Which snapshots and entries of registers had their figures released, and what these withhold to hide small lines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LINES = ("covering", "told", "told_others")


def upgrade() -> None:
    op.add_column("snapshots", sa.Column("released", sa.Boolean(), server_default=sa.true(), nullable=False))
    for name in LINES:
        column = sa.Column(
            name, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        )
        op.add_column("snapshots", column)
    op.add_column("tallies", sa.Column("released", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.execute("UPDATE tallies SET released = said")
    _state_no_age()


def _state_no_age() -> None:
    """Rows from before people were counted by age have no age band; which one it was cannot be told from five years of birth."""
    import io

    import polars as pl

    from hr_diversity.measures.ladder import AGE_BANDS, NOT_STATED

    chunks, bind = (
        sa.table("snapshot_chunks", sa.column("snapshot_id"), sa.column("number"), sa.column("data")),
        op.get_bind(),
    )
    where = chunks.c.snapshot_id == sa.bindparam("of"), chunks.c.number == sa.bindparam("at")
    for of, at in bind.execute(sa.select(chunks.c.snapshot_id, chunks.c.number)).all():
        data = bind.execute(sa.select(chunks.c.data).where(*where), {"of": of, "at": at}).scalar_one()
        out = io.BytesIO()
        people = pl.read_parquet(io.BytesIO(data))
        people.with_columns(age_band=pl.lit(NOT_STATED, pl.Enum(AGE_BANDS))).write_parquet(out, compression_level=1)
        bind.execute(sa.update(chunks).where(*where).values(data=out.getvalue()), {"of": of, "at": at})


def downgrade() -> None:
    op.drop_column("tallies", "released")
    for name in reversed(LINES):
        op.drop_column("snapshots", name)
    op.drop_column("snapshots", "released")
