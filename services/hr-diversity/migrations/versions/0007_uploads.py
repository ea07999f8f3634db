"""Deltas and their bases, all findings, uploads in parts, and the trail of what was deleted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("snapshots", sa.Column("mode", sa.Text(), server_default="full", nullable=False))
    op.add_column("snapshots", sa.Column("base_id", sa.Text(), nullable=True))
    op.add_column("snapshots", sa.Column("headcount", sa.BigInteger(), nullable=True))
    # what was kept before are the findings that the receipt shows
    op.add_column("snapshots", sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("snapshots", sa.Column("rows_deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE snapshots SET headcount = (receipt->>'accepted')::bigint, findings = receipt->'refused'")
    op.alter_column("snapshots", "headcount", nullable=False)
    op.alter_column("snapshots", "findings", nullable=False)
    op.create_index(op.f("ix_snapshots_base_id"), "snapshots", ["base_id"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("base", sa.Date(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content_encoding", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=True),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_touched_at"), "uploads", ["touched_at"], unique=False)
    op.create_index(op.f("ix_uploads_subject_digest"), "uploads", ["subject", "digest"], unique=False)
    op.create_table(
        "upload_parts",
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name=op.f("fk_upload_parts_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_upload_parts")),
    )
    # what is sealed cannot be compressed
    op.execute("ALTER TABLE upload_parts ALTER COLUMN sealed SET STORAGE EXTERNAL")
    op.create_table(
        "erasures",
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_erasures")),
    )


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("upload_parts")
    op.drop_table("uploads")
    op.drop_index(op.f("ix_snapshots_base_id"), table_name="snapshots")
    for column in ("rows_deleted_at", "findings", "headcount", "base_id", "mode"):
        op.drop_column("snapshots", column)
