"""The project's own rules that no linter knows: where SQL lives, and that it is described."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import partial
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
# Beginnings that are put before what a description says, and words that are read, not run.
ALLOWED = {
    (
        "platforms/relations/misfits.py",
        "EXPLAIN ",
    ): "asks whether a description's write could be run",
    ("platforms/relations/composing.py", "SELECT "): "puts NULL columns beside a description's",
    ("platforms/places.py", "SELECT"): "finds where a description's SELECT names its columns",
    ("platforms/roles/deriving.py", "SELECT"): "a privilege",
    ("platforms/roles/deriving.py", "GRANT"): "the GRANTs of sql/roles.sql are read",
    ("platforms/roles/deriving.py", "GRANT "): "what an administrator is to run is printed",
    ("platforms/roles/granting.py", "GRANT\\s+("): "the GRANTs of sql/roles.sql are read",
}
# Who must know no table of the reference platform's; its settings may be anybody's.
NAMELESS = ("acceptance", "fixtures", "oracle", "runbook", "reports", "platforms", "sql/acceptance")
KNOWN_TO = ("platforms/reference",)
TABLE = re.compile(r"\bapp\.(?!environment\b)\w+")
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
    found = list(statements(package))
    assert [one for one in found if not any(map(partial(is_allowed, *one), ALLOWED))] == []


def statements(package: str) -> Iterator[tuple[str, str]]:
    """Yield file and beginning of every string that looks like a statement."""
    for path in (PROJECT / package).rglob("*.py"):
        # What a test expects to read, or breaks on purpose, is not run by the project.
        if package != "selftests" or not path.name.startswith("test_"):
            for text in strings(path):
                if STATEMENT.match(text):
                    yield str(path.relative_to(PROJECT)), text


def is_allowed(place: str, text: str, allowed: tuple[str, str]) -> bool:
    where, beginning = allowed
    whole = not beginning.endswith("(")
    return place == where and (text == beginning if whole else text.startswith(beginning))


def test_the_gate_runs_from_its_own_folder() -> None:
    """``python -m`` takes modules from the folder that it is called in before all others."""
    names = {path.stem for path in (PROJECT / "acceptance").glob("*.py")}
    assert not names & sys.stdlib_module_names


@pytest.mark.parametrize("allowed", ALLOWED, ids=" ".join)
def test_what_is_allowed_is_there(allowed: tuple[str, str]) -> None:
    package = allowed[0].partition("/")[0]
    assert [one for one in statements(package) if is_allowed(*one, allowed)]


@pytest.mark.parametrize("folder", NAMELESS)
def test_nobody_knows_a_table_of_the_reference_platform(folder: str) -> None:
    named = [
        f"{path.relative_to(PROJECT)}: {found[0]}"
        for path in (PROJECT / folder).rglob("*.*")
        if path.suffix in (".py", ".sql", ".toml", ".json", ".html", ".j2")
        if not str(path.relative_to(PROJECT)).startswith(KNOWN_TO)
        for found in TABLE.finditer(path.read_text(encoding="utf-8"))
    ]
    assert named == []


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
