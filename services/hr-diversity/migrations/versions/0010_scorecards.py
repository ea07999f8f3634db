"""Scorecards."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the part that it belongs to."""


def downgrade() -> None:
    """The same."""
