"""The indicators service, put together."""

from pathlib import Path

from indicators import store
from indicators.api import router
from indicators.handlers import measures
from indicators.models import Base
from shared.app import Service

service = Service(
    name="indicators",
    title="Indicators",
    router=router,
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    projections=[measures],
    heads=store.heads.list_heads,
)
