"""Figures are shown as they are to the HR role only, and that is on record."""

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import Disclosure
from shared import clock
from shared.auth import Principal
from shared.errors import Forbidden
from shared.telemetry import current, new_id


class NotForYourRole(Forbidden):
    slug = "full-figures-for-the-hr-role"


async def disclose(session: AsyncSession, principal: Principal, asked: str) -> None:
    """The answer may hold figures without suppression: who asked for what is kept in its transaction. Raises NotForYourRole."""
    if not principal.has("hr-feeder"):
        raise NotForYourRole("figures without suppression are for the role hr-feeder")
    here = current()
    session.add(Disclosure(id=new_id(), asked=asked, actor=here.actor, subject=here.subject, disclosed_at=clock.now()))
