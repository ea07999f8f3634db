"""Scorecards as they were issued, the meetings that had them on their agenda, and what cards take from plans."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scorecard_issues",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("portfolio", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("page", sa.LargeBinary(), nullable=False),
        sa.Column("paper", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_scorecard_issues")),
        sa.UniqueConstraint("portfolio", "number", name=op.f("uq_scorecard_issues_portfolio_number")),
    )
    op.create_table(
        "scorecard_tablings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("issue", sa.Text(), nullable=False),
        sa.Column("portfolio", sa.Text(), nullable=False),
        sa.Column("meeting_on", sa.Date(), nullable=False),
        sa.Column("meeting", sa.Text(), nullable=False),
        sa.Column("agenda_item", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("tabled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issue"],
            ["scorecard_issues.key"],
            name=op.f("fk_scorecard_tablings_issue_scorecard_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard_tablings")),
    )
    op.create_index(op.f("ix_scorecard_tablings_issue"), "scorecard_tablings", ["issue"], unique=False)
    op.create_index(op.f("ix_scorecard_tablings_meeting_on"), "scorecard_tablings", ["meeting_on"], unique=False)
    op.create_table(
        "plan_facts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_plan_facts")),
    )
    op.create_index(op.f("ix_plan_facts_kind"), "plan_facts", ["kind"], unique=False)


def downgrade() -> None:
    op.drop_table("plan_facts")
    op.drop_table("scorecard_tablings")
    op.drop_table("scorecard_issues")
