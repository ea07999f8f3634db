"""When each line of a measure was shown last, and with which numbers; and the funnels that are out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NUMBERS = "(line->>'women')::bigint, (line->>'men')::bigint, (line->>'other')::bigint"
SHOWN_GROUPS = f"""
    INSERT INTO last_shown (code, "group", as_of, women, men, other)
    SELECT DISTINCT ON (code, line->>'group') code, line->>'group', as_of, {NUMBERS}
    FROM measures, jsonb_array_elements(state->'cells') AS line
    WHERE (line->>'women') IS NOT NULL AND state->>'dimension' IS DISTINCT FROM 'reason'
    ORDER BY code, line->>'group', as_of DESC
"""
SHOWN_TOTALS = f"""
    INSERT INTO last_shown (code, "group", as_of, women, men, other)
    SELECT DISTINCT ON (code) code, '', as_of, {NUMBERS}
    FROM (SELECT code, as_of, state AS line FROM measures) AS totals
    WHERE (line->>'women') IS NOT NULL
    AND code IN ('staff-by-grade', 'women-p5-plus-regular-budget', 'women-p5-plus-whole-workforce')
    ORDER BY code, as_of DESC
"""


def upgrade() -> None:
    op.create_table(
        "last_shown",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("women", sa.BigInteger(), nullable=False),
        sa.Column("men", sa.BigInteger(), nullable=False),
        sa.Column("other", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("code", "group", name=op.f("pk_last_shown")),
    )
    op.execute(SHOWN_GROUPS)
    op.execute(SHOWN_TOTALS)
    op.create_table(
        "funnels",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("shown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_funnels")),
    )


def downgrade() -> None:
    op.drop_table("funnels")
    op.drop_table("last_shown")
