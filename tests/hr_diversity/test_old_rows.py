"""Rows that were taken in by an earlier release are there after an upgrade, and can be counted with new ones."""

import io

import polars as pl
from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from hr_diversity.main import service
from hr_diversity.measures.cubes import count_people
from shared import migrations
from shared.testing import Postgres

OLD = pl.DataFrame(
    {
        "pseudonym": [b"1", b"2"],
        "sex": ["F", None],
        "grade": ["P4", "P5"],
        "contract_source": ["regular_budget", "other"],
        "portfolio": ["policy", None],
        "region": ["africa", "africa"],
        "unit": ["HRD", "HRD"],
        "duty_station": ["Dakar", None],
        "nationality": ["CHE", None],
        "geographic_post": [True, None],
        "birth_band": [1980, None],
    }
)
SNAPSHOT = """
    INSERT INTO snapshots (id, source, as_of, revision, digest, receipt, state, headcount, findings)
    VALUES ('s', 'hris', '2021-12-31', 1, 'd', '{}', '{}', 2, '[]')
"""
CHUNK = "INSERT INTO snapshot_chunks (snapshot_id, number, rows, data) VALUES ('s', 0, 2, :data)"


async def test_rows_without_an_age_band_get_one_that_says_it_is_not_stated(postgres: Postgres) -> None:
    async with postgres.database() as url:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(
                lambda sync: command.upgrade(migrations.configuration(service.migrations, sync), "0007")
            )
            await connection.execute(text(SNAPSHOT))
            out = io.BytesIO()
            OLD.write_parquet(out)
            await connection.execute(text(CHUNK), {"data": out.getvalue()})
            await connection.run_sync(
                lambda sync: command.upgrade(migrations.configuration(service.migrations, sync), "head")
            )
            data = (await connection.execute(text("SELECT data FROM snapshot_chunks"))).scalar_one()
        await engine.dispose()
    people = pl.read_parquet(io.BytesIO(data))
    assert people["age_band"].to_list() == ["not_stated"] * 2
    assert people.drop("age_band").equals(OLD)
    assert count_people(people).ages["n"].sum() == 2
