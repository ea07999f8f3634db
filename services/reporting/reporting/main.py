"""The reporting service, put together."""

from pathlib import Path

from reporting import live, models
from reporting.api import list_heads, router
from reporting.documents import wrap
from reporting.projections.actions import actions
from reporting.projections.parity import parity
from reporting.projections.recommendations import recommendations
from reporting.projections.registers import registers
from reporting.projections.resources import resources
from reporting.projections.status import status
from reporting.settings import ReportingSettings
from reporting.web.pages import pages
from shared.app import Service

service = Service(
    name="reporting",
    title="Reporting",
    router=router,
    metadata=models.Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    states_events=False,
    projections=[status, actions, resources, recommendations, parity, registers],
    workers=[live.follow],
    wrap=wrap,
    prepare=live.prepare,
    pages=pages,
    heads=list_heads,
    announce=models.announce_reset,
    settings=ReportingSettings,
)
