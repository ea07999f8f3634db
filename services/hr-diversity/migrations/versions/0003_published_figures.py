"""Figures that documents publish of recruitment."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_figures",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_published_figures")),
    )
    op.create_index(op.f("ix_published_figures_concept"), "published_figures", ["concept"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_published_figures_concept"), table_name="published_figures")
    op.drop_table("published_figures")
