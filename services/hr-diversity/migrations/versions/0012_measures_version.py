"""Which version of the measures and of the units' names is current: another one with every transaction that changes either."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("measures", "units")

# The number of the transaction: no two have the same, and the rows after the first find it set already. Deferred to the commit, where
# nothing else is waited for any more: whoever held the one row while it waits for another lock would stand in a circle with others.
FUNCTION = """
    CREATE FUNCTION new_measures_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE measures_version SET version = pg_current_xact_id()::text::bigint
        WHERE version <> pg_current_xact_id()::text::bigint;
        RETURN NULL;
    END $$
"""
TRIGGER = """
    CREATE CONSTRAINT TRIGGER new_measures_version AFTER INSERT OR UPDATE OR DELETE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION new_measures_version()
"""


def upgrade() -> None:
    op.create_table(
        "measures_version",
        sa.Column("one", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_measures_version_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_measures_version")),
    )
    op.execute("INSERT INTO measures_version (version) VALUES (0)")
    op.execute(FUNCTION)
    for table in TABLES:
        op.execute(TRIGGER.format(table=table))


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TRIGGER new_measures_version ON {table}")
    op.execute("DROP FUNCTION new_measures_version()")
    op.drop_table("measures_version")
