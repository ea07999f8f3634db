"""Money and markers have a view of their own"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("markers", "resources"):
        op.create_table(
            name,
            sa.Column("aggregate", sa.Text(), nullable=False),
            sa.Column("sequence", sa.BigInteger(), nullable=False),
            sa.Column("plan", sa.Text(), nullable=False),
            sa.Column("phase", sa.Text(), nullable=False),
            sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
            sa.PrimaryKeyConstraint("aggregate", name=op.f(f"pk_{name}")),
        )
        op.create_index(f"ix_{name}_plan", name, ["plan", "phase"], unique=False)
    op.execute("DELETE FROM definitions WHERE split_part(aggregate, '/', 1) IN ('resources', 'markers')")


def downgrade() -> None:
    for name in ("resources", "markers"):
        op.drop_index(f"ix_{name}_plan", table_name=name)
        op.drop_table(name)
