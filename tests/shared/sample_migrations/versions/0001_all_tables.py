"""All tables, as their definitions have them."""

from alembic import op
from tests.shared.sample import Base

from shared.database import platform

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for metadata in (Base.metadata, platform):
        metadata.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    for metadata in (platform, Base.metadata):
        metadata.drop_all(op.get_bind(), checkfirst=False)
