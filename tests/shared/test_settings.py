"""Settings come from the environment; what is not known there is refused before anything starts."""

import sys
from types import ModuleType

import pytest
from pydantic import ValidationError
from tests.shared.sample import service

from shared import serve
from shared.settings import Settings

GOOD = {"DATABASE_URL": "postgresql+asyncpg://u:top-secret@h/d", "BUS": "postgres", "APGE_BUS_URL": "postgresql://x/y"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_BOOTSTRAP", "PORT", "APGE_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def complaint() -> str:
    with pytest.raises(ValidationError) as raised:
        Settings()
    return "; ".join(error["msg"] for error in raised.value.errors())


def test_a_good_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("APGE_LOG_LEVEL", "ERROR")
    settings = Settings()
    assert (settings.port, settings.log_level, settings.bus) == (8123, "ERROR", "postgres")
    assert settings.database_url.get_secret_value() == GOOD["DATABASE_URL"]


def test_an_unknown_apge_key_is_refused_by_name_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APGE_LOG_LEVLE", "ERROR")
    said = complaint()
    assert "unknown setting APGE_LOG_LEVLE" in said
    assert "APGE_LOG_LEVEL" in said


def test_a_key_of_another_program_and_of_the_command_line_is_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APGES_THING", "1")
    monkeypatch.setenv("APGE_CLI_DATA", "1")
    Settings()


def test_a_setting_of_a_sibling_in_the_same_process_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sibling(Settings):
        threshold: int = 5

    monkeypatch.setenv("APGE_THRESHOLD", "7")
    assert Sibling().threshold == 7
    Settings()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"BUS": "kafka"}, "BUS=kafka needs KAFKA_BOOTSTRAP"),
        ({"APGE_BUS_URL": None}, "BUS=postgres needs APGE_BUS_URL"),
        ({"BUS": "carrier-pigeon"}, "'postgres' or 'kafka'"),
        ({"PORT": "70000"}, "less than or equal to 65535"),
        ({"APGE_DATABASE_POOL": "0"}, "greater than or equal to 1"),
        ({"APGE_LOG_LEVEL": "LOUD"}, "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ({"DATABASE_URL": None}, "Field required"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None], sentence: str
) -> None:
    for name, value in changes.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    assert sentence in complaint()


def test_a_service_with_a_wrong_setting_ends_with_one_line_and_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    package, main = ModuleType("sample_package"), ModuleType("sample_package.main")
    main.service = service  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sample_package", package)
    monkeypatch.setitem(sys.modules, "sample_package.main", main)
    monkeypatch.setattr(sys, "argv", ["serve", "sample_package"])
    monkeypatch.setenv("APGE_DATABASE_POOL", "none")
    with pytest.raises(SystemExit) as raised:
        serve.main()
    assert str(raised.value.code).startswith("settings: ")
    assert "\n" not in str(raised.value.code)
    assert "database_pool" in str(raised.value.code)


def test_a_secret_is_not_shown_when_settings_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "top-secret" not in repr(Settings())
    monkeypatch.setenv("APGE_DATABASE_POOL", "none")
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert "top-secret" not in str(raised.value)
