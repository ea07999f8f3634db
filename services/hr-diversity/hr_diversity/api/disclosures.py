"""The record of who saw figures without suppression."""

from fastapi import APIRouter, Depends

from hr_diversity import store
from hr_diversity.schemas.disclosures import Disclosure, Disclosures
from shared.auth import allow
from shared.database import Reader
from shared.paging import Paging
from shared.parameters import refuse_unknown_parameters

router = APIRouter(tags=["operations"], dependencies=[Depends(refuse_unknown_parameters)])


@router.get("/disclosures", dependencies=[Depends(allow("operator"))])
async def list_disclosures(session: Reader, page: Paging) -> Disclosures:
    """The newest first."""
    rows, following = await store.disclosures.list_disclosures(session, page)
    return Disclosures(items=[Disclosure.model_validate(row) for row in rows], next=following)
