"""What hr-diversity can be told besides what every service is told. Each field is `APGE_<FIELD>` in the environment."""

from decimal import Decimal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

MEBIBYTE = 1 << 20


class HrSettings(Settings):
    model_config = SettingsConfigDict(env_parse_none_str="null")

    pseudonym_key: SecretStr = Field(
        min_length=32,
        description="secret from which staff ids become pseudonyms; another key makes other people of all",
    )
    suppression_threshold: int = Field(5, ge=2, le=100, description="counts from 1 to one less than this are withheld")
    largest_body_bytes: int = Field(
        512 * MEBIBYTE, ge=1024, description="the most that one request may bring: here, a snapshot as it is sent"
    )
    inflated_bytes: int = Field(1024 * MEBIBYTE, ge=1024, description="the most bytes of a snapshot when unpacked")
    parity_from_percent: Decimal = Field(
        Decimal(47), ge=0, le=50, description="the share of women from which a group is at parity"
    )
    parity_to_percent: Decimal = Field(
        Decimal(53), ge=50, le=100, description="the share of women up to which a group is at parity"
    )
    refused_share: float = Field(
        1.0, gt=0, le=1, description="share of refused rows from which the whole snapshot is refused"
    )
    rows_kept_years: int | None = Field(
        10,
        ge=1,
        le=200,
        description="years after its day that the rows of a snapshot are deleted; none are where it is null",
    )
    superseded_kept_days: int | None = Field(
        90,
        ge=0,
        le=100_000,
        description="days after its correction that the rows of a snapshot are deleted; none are where it is null",
    )
    uploads_kept_hours: float = Field(
        48, gt=0, description="hours after which a file sent in parts that nobody touched is deleted"
    )
    headcount_jump_percent: float = Field(
        20.0, gt=0, description="change of the headcount, against the snapshot before, that is warned about"
    )
