"""What reporting can be told besides what every service is told. Each field is `APGE_<FIELD>` in the environment."""

from decimal import Decimal

from pydantic import Field

from shared.settings import Settings


class ReportingSettings(Settings):
    """The band has the names of hr-diversity's own settings: told once to both, the pages and the measures call the same parity."""

    parity_from_percent: Decimal = Field(
        Decimal(47), ge=0, le=50, description="the share of women from which a group is at parity"
    )
    parity_to_percent: Decimal = Field(
        Decimal(53), ge=50, le=100, description="the share of women up to which a group is at parity"
    )
