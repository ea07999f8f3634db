"""The tables of the service, and those of the plumbing that every service has."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
TABLES = (
    "projection_sequences", "projection_positions", "projection_parked", "outbox", "leases", "kept_answers",
    "custodianships", "units", "follow_up_actions", "recommendations", "evaluations",
)  # fmt: skip


def upgrade() -> None:
    _evaluations()
    _recommendations()
    _follow_up()
    _groups()
    _outbox()
    _answers_and_leases()
    _projections()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("issued", sa.Text(), nullable=False),
        sa.Column("period", JSON, nullable=True),
        sa.Column("provenance", JSON, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_evaluations")),
    )


def _recommendations() -> None:
    op.create_table(
        "recommendations",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("group_title", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("units", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("units_text", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("time_implication", sa.Text(), nullable=False),
        sa.Column("time_qualifier", sa.Text(), nullable=True),
        sa.Column("resource_implication", sa.Text(), nullable=False),
        sa.Column("sub_actions", JSON, nullable=False),
        sa.Column("depends_on", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("provenance", JSON, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("given_by", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN answer IS NULL THEN num_nonnulls(reason, given_on, given_by) = 0 ELSE num_nonnulls(given_on, given_by) = 2 AND (answer = 'accepted' OR reason IS NOT NULL) END",
            name=op.f("ck_recommendations_response_whole"),
        ),
        sa.ForeignKeyConstraint(["source"], ["evaluations.key"], name=op.f("fk_recommendations_source")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_recommendations")),
    )
    op.create_index("ix_recommendations_source_number", "recommendations", ["source", "number"], unique=True)


def _follow_up() -> None:
    op.create_table(
        "follow_up_actions",
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("responsible", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("evidence", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["recommendation"], ["recommendations.key"], name=op.f("fk_follow_up_actions_recommendation")
        ),
        sa.PrimaryKeyConstraint("recommendation", "number", name=op.f("pk_follow_up_actions")),
    )


def _groups() -> None:
    op.create_table(
        "custodianships",
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("indicator", "unit", name=op.f("pk_custodianships")),
    )
    op.create_index(op.f("ix_custodianships_unit"), "custodianships", ["unit"], unique=False)
    op.create_table(
        "units",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_units")),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True, cache=1), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("aggregatetype", sa.Text(), nullable=False),
        sa.Column("aggregateid", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlationid", sa.Text(), nullable=False),
        sa.Column("causationid", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_pending", "outbox", ["position"], unique=False, postgresql_where=sa.text("published_at IS NULL")
    )
    op.create_index(
        "ix_outbox_published_at",
        "outbox",
        ["published_at"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_refused", "outbox", ["aggregateid"], unique=False, postgresql_where=sa.text("refused IS NOT NULL")
    )


def _answers_and_leases() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_kept_answers")),
    )
    op.create_index(op.f("ix_kept_answers_kept_at"), "kept_answers", ["kept_at"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def _projections() -> None:
    op.create_table(
        "projection_parked",
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint(
            "projection", "aggregate", "topic", "partition", "offset", name=op.f("pk_projection_parked")
        ),
    )
    op.create_table(
        "projection_positions",
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("projection", "topic", "partition", name=op.f("pk_projection_positions")),
    )
    op.create_table(
        "projection_sequences",
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("projection", "aggregate", name=op.f("pk_projection_sequences")),
    )
