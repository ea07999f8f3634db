"""Inputs and policies of geographic representation, and what of a snapshot was published by them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("range_inputs", "range_policies"):
        op.create_table(
            table,
            sa.Column("key", sa.Text(), nullable=False),
            sa.Column("sequence", sa.BigInteger(), nullable=False),
            sa.Column("code", sa.Text(), nullable=False),
            sa.Column("effective_from", sa.Date(), nullable=False),
            sa.Column("said", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
            sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("code", "effective_from", name=op.f(f"uq_{table}_code_effective_from")),
        )
    op.create_table(
        "representations",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("shown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_representations")),
    )
    op.create_index(op.f("ix_representations_source_as_of"), "representations", ["source", "as_of"])


def downgrade() -> None:
    op.drop_table("representations")
    op.drop_table("range_policies")
    op.drop_table("range_inputs")
