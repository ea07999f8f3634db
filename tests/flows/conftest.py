"""The whole platform as `make run` starts it, once over the PostgreSQL log and once over a real Kafka broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests import embedded as shape
from tests.embedded import Embedded
from tests.kafka import require_kafka, running_kafka

BUSES = [
    pytest.param("postgres", id="postgres-log"),
    pytest.param("kafka", id="kafka", marks=[pytest.mark.kafka, pytest.mark.timeout(600)]),
]


@pytest.fixture(scope="module", params=BUSES)
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Started, loaded with the source data, stopped at the end."""
    folder = Path(tmp_path_factory.mktemp(f"flows-{request.param}")) / "data"
    if request.param == "postgres":
        with _running(folder) as up:
            yield up
        return
    require_kafka()
    with running_kafka() as bootstrap, _running(folder, BUS="kafka", KAFKA_BOOTSTRAP=bootstrap) as up:
        yield up


@contextmanager
def _running(folder: Path, **more: str) -> Iterator[Embedded]:
    up = shape.start(folder, **more)
    up.kafka = more.get("KAFKA_BOOTSTRAP")
    try:
        yield up
    finally:
        up.stop()
