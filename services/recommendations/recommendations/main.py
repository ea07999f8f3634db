"""The recommendations service, put together."""

from pathlib import Path

from recommendations import store
from recommendations.api import router
from recommendations.handlers import groups
from recommendations.models import Base
from shared.app import Service

service = Service(
    name="recommendations",
    title="Recommendations",
    router=router,
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    projections=[groups],
    heads=store.list_heads,
)
