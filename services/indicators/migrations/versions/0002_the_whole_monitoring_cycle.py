"""The whole monitoring cycle"""

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
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("aggregate", "sequence", name=op.f("pk_changes")),
    )
    op.create_table(
        "claims",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=True),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("indicator", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("numerator", sa.BigInteger(), nullable=True),
        sa.Column("denominator", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_claims")),
    )
    op.create_table(
        "document_contents",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_document_contents")),
    )
    op.create_table(
        "documents",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("units", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_documents")),
    )
    op.create_table(
        "markers",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("levels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_markers")),
    )
    op.create_table(
        "resources",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_budget", sa.Numeric(), nullable=True),
        sa.Column("published_expenditure", sa.Numeric(), nullable=True),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_resources")),
    )
    op.create_table(
        "rules",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("left", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("right", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("constant", sa.Numeric(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rules")),
    )
    op.add_column("actions", sa.Column("kind", sa.Text(), server_default=sa.text("'accelerating'"), nullable=False))
    op.add_column("actions", sa.Column("starts", sa.Date(), nullable=True))
    op.add_column("actions", sa.Column("resources", sa.Text(), nullable=True))
    op.add_column(
        "actions",
        sa.Column("responsible_roles", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("actions", sa.Column("opened_by", sa.Text(), nullable=True))
    op.create_index("ix_actions_opened_by", "actions", ["opened_by"], postgresql_where=sa.text("opened_by IS NOT NULL"))
    op.add_column("indicators", sa.Column("definition", sa.Text(), nullable=True))
    op.add_column("indicators", sa.Column("baseline", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("indicators", sa.Column("aggregation", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column(
        "indicators",
        sa.Column(
            "disaggregation", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
    )
    op.add_column("indicators", sa.Column("minimum", sa.Numeric(), nullable=True))
    op.add_column("indicators", sa.Column("maximum", sa.Numeric(), nullable=True))
    op.add_column(
        "indicators",
        sa.Column(
            "custodianships", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
    )
    op.add_column("indicators", sa.Column("predecessor", sa.Text(), nullable=True))
    op.add_column("indicators", sa.Column("comparable", sa.Boolean(), nullable=True))
    op.add_column("indicators", sa.Column("comparability", sa.Text(), nullable=True))
    op.add_column(
        "indicators",
        sa.Column("aligned_with", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("plans", sa.Column("version", sa.Text(), nullable=True))
    op.add_column("plans", sa.Column("predecessor", sa.Text(), nullable=True))
    op.add_column("plans", sa.Column("timezone", sa.Text(), server_default=sa.text("'UTC'"), nullable=False))
    op.add_column(
        "plans",
        sa.Column("rounds", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    )
    op.add_column("plans", sa.Column("self_approval", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("plans", sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("units", sa.Column("since", sa.Date(), nullable=True))
    op.add_column("units", sa.Column("until", sa.Date(), nullable=True))
    op.add_column(
        "units",
        sa.Column("formerly", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    )
    op.add_column("units", sa.Column("succeeded_by", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("units", "succeeded_by")
    op.drop_column("units", "formerly")
    op.drop_column("units", "until")
    op.drop_column("units", "since")
    op.drop_column("plans", "provenance")
    op.drop_column("plans", "self_approval")
    op.drop_column("plans", "rounds")
    op.drop_column("plans", "timezone")
    op.drop_column("plans", "predecessor")
    op.drop_column("plans", "version")
    op.drop_column("indicators", "aligned_with")
    op.drop_column("indicators", "comparability")
    op.drop_column("indicators", "comparable")
    op.drop_column("indicators", "predecessor")
    op.drop_column("indicators", "custodianships")
    op.drop_column("indicators", "maximum")
    op.drop_column("indicators", "minimum")
    op.drop_column("indicators", "disaggregation")
    op.drop_column("indicators", "aggregation")
    op.drop_column("indicators", "baseline")
    op.drop_column("indicators", "definition")
    op.drop_index("ix_actions_opened_by", table_name="actions")
    op.drop_column("actions", "opened_by")
    op.drop_column("actions", "responsible_roles")
    op.drop_column("actions", "resources")
    op.drop_column("actions", "starts")
    op.drop_column("actions", "kind")
    op.drop_table("rules")
    op.drop_table("resources")
    op.drop_table("markers")
    op.drop_table("documents")
    op.drop_table("document_contents")
    op.drop_table("claims")
    op.drop_table("changes")
