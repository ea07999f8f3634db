"""The hr-diversity service: staffing snapshots in, measures out, never a person."""

from pathlib import Path

from hr_diversity import api, documents, handlers, store
from hr_diversity.models import Base
from hr_diversity.service.retention import keep_house
from hr_diversity.settings import HrSettings
from shared.app import Service

service = Service(
    name="hr-diversity",
    title="HR diversity",
    router=api.router,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[1] / "migrations",
    projections=[handlers.units, handlers.published, handlers.cards],
    workers=[keep_house, documents.follow],
    wrap=documents.wrap,
    prepare=documents.prepare,
    heads=store.heads.list_heads,
    settings=HrSettings,
)
