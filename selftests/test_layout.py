"""The project's own rules that no linter knows: where SQL lives, and that it is described."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftests.gate import PROJECT

PACKAGES = (
    "acceptance",
    "billing",
    "fixtures",
    "oracle",
    "platforms",
    "reports",
    "runbook",
    "selftests",
)
STATEMENT = re.compile(
    r"^\s*(SELECT|INSERT INTO|UPDATE \w|DELETE FROM|CREATE|ALTER|DROP|WITH \w+ AS|TRUNCATE|SET "
    r"|EXPLAIN|LOCK TABLE|GRANT|REVOKE|PREPARE|VALUES)\b"
)
SQL_FILES = sorted((PROJECT / "sql").rglob("*.sql"))


def strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def options(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "addoption":
            name = node.args[0]
            assert isinstance(name, ast.Constant)
            yield str(name.value)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_sql_hides_in_python(package: str) -> None:
    hidden = [
        f"{path.name}: {text[:60]}"
        for path in (PROJECT / package).rglob("*.py")
        # What a test expects to read, or breaks on purpose, is not run by the project.
        if package != "selftests" or not path.name.startswith("test_")
        for text in strings(path)
        if STATEMENT.match(text) and " " in text.strip()
    ]
    assert hidden == []


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_statement_is_named_once_and_ends(path: Path) -> None:
    text = path.read_text()
    names = re.findall(r"^-- name: (\w+)", text, flags=re.MULTILINE)
    assert len(names) == len(set(names))
    assert names or path.parent.name == "schema" or path.name == "roles.sql"
    assert text.startswith("-- ")
    assert text.rstrip().endswith(";")


def test_the_readme_declares_every_option_that_the_gate_has() -> None:
    readme = (PROJECT / "README.md").read_text()
    declared = {option for path in (PROJECT / "fixtures").glob("*.py") for option in options(path)}
    assert "--tenant" in declared
    assert sorted(option for option in declared if f"`{option}" not in readme) == []
