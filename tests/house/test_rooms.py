"""The house stays the house: rooms, sizes, words, and no trace of a machine in it."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = {
    "indicators": "indicators",
    "hr-diversity": "hr_diversity",
    "recommendations": "recommendations",
    "reporting": "reporting",
}
ROOMS = {
    "main", "api", "schemas", "service", "store", "models", "rules", "handlers", "settings", "measures", "intake", "sheets",
    "code_lists", "projections", "live", "exports", "web", "documents", "consolidated",
}  # fmt: skip
NO_NAMES = {"utils", "helpers", "common", "constants", "manager", "core", "misc"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 50


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


def sources() -> list[Path]:
    return [path for path in tracked("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize(("folder", "package"), SERVICES.items())
def test_a_service_has_only_the_rooms_of_the_house(folder: str, package: str) -> None:
    rooms = {path.stem for path in (ROOT / "services" / folder / package).iterdir() if not path.name.startswith("__")}
    assert rooms <= ROOMS, f"{folder} has rooms that no other service would know: {sorted(rooms - ROOMS)}"


@pytest.mark.parametrize(("folder", "package"), SERVICES.items())
def test_a_service_is_put_together_in_under_forty_lines(folder: str, package: str) -> None:
    assert len((ROOT / "services" / folder / package / "main.py").read_text().splitlines()) < 40


def test_no_module_is_named_for_what_it_is_instead_of_what_it_holds() -> None:
    assert not [path for path in sources() if path.stem in NO_NAMES]


def test_no_source_file_is_longer_than_three_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in sources()
        if (n := path.read_text().count("\n")) > LONGEST_FILE and "tests" not in path.parts
    }
    assert not long


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = [
        (str(path.relative_to(ROOT)), name, lines)
        for path in sources()
        if "tests" not in path.parts
        for name, lines in functions(path)
        if lines > LONGEST_FUNCTION
    ]
    assert not long


def test_no_committed_file_names_a_registry_or_a_folder_of_this_machine() -> None:
    home = str(ROOT.parent) + "/"
    words = [home, "pypi" + ".org/simple", "files.python" + "hosted", "repo.maven" + ".apache", "registry.npm" + "js"]
    found = [
        (path.name, word)
        for path in tracked("*")
        if path.is_file() and path.suffix not in {".png", ".ico", ".woff2"}
        for word in words
        if word in path.read_text(errors="ignore")
    ]
    assert not found


def test_lock_files_hold_versions_and_hashes_only() -> None:
    for lock in (ROOT / "locks").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        assert all(
            re.match(r"^([A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+|    --hash=sha256:[0-9a-f]{64}| *#|$)", line)
            for line in text.splitlines()
        ), lock.name


def test_only_the_database_module_commits() -> None:
    committing = [
        path.name
        for path in sources()
        if "tests" not in path.parts and re.search(r"session\.commit\(|\.commit\(\)", path.read_text())
    ]
    assert set(committing) <= {"migrations.py"}, committing


def test_every_setting_says_what_it_is_for() -> None:
    from hr_diversity.main import service as hr
    from shared.settings import Settings

    for kind in (Settings, hr.settings):
        assert [name for name, field in kind.model_fields.items() if not field.description] == []


def test_every_decision_has_a_line_to_quote() -> None:
    for page in (ROOT / "docs" / "decisions").glob("0*.md"):
        assert "**Decision.** *" in page.read_text(), page.name
