"""Vacancies and the trail of the registers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("kept", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("aggregate", "sequence", name=op.f("pk_changes")),
    )
    op.create_table(
        "vacancies",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("portfolio", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("duty_station", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("key_position", sa.Boolean(), nullable=False),
        sa.Column("gender_text", sa.Boolean(), nullable=True),
        sa.Column("geographic_post", sa.Boolean(), nullable=True),
        sa.Column("posted", sa.Date(), nullable=False),
        sa.Column("closed", sa.Date(), nullable=True),
        sa.Column("shortlisted", sa.Date(), nullable=True),
        sa.Column("selected", sa.Date(), nullable=True),
        sa.Column("on_post", sa.Date(), nullable=True),
        sa.Column("cancelled", sa.Date(), nullable=True),
        sa.Column("applicants", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_vacancies")),
    )
    op.create_index(op.f("ix_vacancies_posted"), "vacancies", ["posted"], unique=False)
    op.create_index(op.f("ix_vacancies_selected"), "vacancies", ["selected"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_vacancies_selected"), table_name="vacancies")
    op.drop_index(op.f("ix_vacancies_posted"), table_name="vacancies")
    op.drop_table("vacancies")
    op.drop_table("changes")
