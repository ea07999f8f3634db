"""Which snapshots and entries of registers had their figures released, and what these withhold to hide small lines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("snapshots", sa.Column("released", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column(
        "snapshots",
        sa.Column("covering", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    )
    op.add_column("tallies", sa.Column("released", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.execute("UPDATE tallies SET released = said")


def downgrade() -> None:
    op.drop_column("tallies", "released")
    op.drop_column("snapshots", "covering")
    op.drop_column("snapshots", "released")
