"""Settings come from the environment, and nothing else. An unknown key is refused."""

import os
from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "APGE_"
OTHERS_PREFIX = "APGE_CLI_"  # the command line's own, which no service reads


class Settings(BaseSettings):
    """What every service needs. A service adds its own fields in a subclass; each is `APGE_<FIELD>` in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", populate_by_name=True)

    database_url: SecretStr = Field(
        validation_alias="DATABASE_URL", description="postgresql+asyncpg://... of this service's own database"
    )
    database_pool: int = Field(10, ge=1, le=100, description="connections kept at the most")
    bus: Literal["postgres", "kafka"] = Field("kafka", validation_alias="BUS", description="where events go")
    bus_url: SecretStr | None = Field(None, description="the database of the PostgreSQL log, where bus=postgres")
    kafka_bootstrap: str | None = Field(
        None, validation_alias="KAFKA_BOOTSTRAP", description="host:port,... where bus=kafka"
    )
    kafka_replication: int = Field(1, ge=1, description="replication factor of topics that do not exist yet")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, validation_alias="PORT", ge=0, le=65535, description="port to listen on")
    largest_body_bytes: int = Field(16 * 1024 * 1024, ge=1024, description="the most that one request may bring")
    auth_issuer: str = Field("urn:apge:local", description="who may sign tokens (iss)")
    auth_audience: str = Field("apge", description="whom tokens are for (aud)")
    auth_jwks_url: str | None = Field(None, description="where the issuer's keys are")
    auth_jwks_file: str | None = Field(None, description="a file of the issuer's keys, instead of the URL")
    anonymous_reading: bool = Field(
        False, description="callers without a token may read what the role 'reader' may read"
    )
    relay_poll_seconds: float = Field(
        0.25, gt=0, description="how long the relay sleeps at the most when nobody wakes it"
    )
    outbox_retention_days: int = Field(30, ge=1, description="how long published events stay in the outbox")
    idempotency_retention_days: int = Field(7, ge=1, description="how long an Idempotency-Key is remembered")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="the least that is logged")

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown(cls, values: Any) -> Any:
        # of every service in this process: in the embedded shape the four share one environment
        fields = [item for kind in _kinds(Settings) for item in kind.model_fields.items()]
        known = {PREFIX + name.upper() for name, field in fields if field.validation_alias is None}
        unknown = sorted(
            k for k in os.environ if k.startswith(PREFIX) and not k.startswith(OTHERS_PREFIX) and k not in known
        )
        if unknown:
            raise ValueError(f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return values

    @model_validator(mode="after")
    def bus_has_its_address(self) -> Self:
        if self.bus == "kafka" and not self.kafka_bootstrap:
            raise ValueError("BUS=kafka needs KAFKA_BOOTSTRAP (host:port of a broker)")
        if self.bus == "postgres" and self.bus_url is None:
            raise ValueError("BUS=postgres needs APGE_BUS_URL (the database of the event log)")
        return self


def _kinds(kind: type[Settings]) -> Iterator[type[Settings]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _kinds(inner)
