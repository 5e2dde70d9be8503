"""What a run loads before, and beside, what it is asked for: a small run costs little else."""

import sys
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from jinja2 import Environment

from platforms.relations.columns import has_no_hash
from platforms.statements import Statement, Tables
from reports import markup
from selftests.gate import FEBRUARY, PROJECT, environment
from selftests.staging import Staging

# Of the gate's own libraries, what step 1 on events of the tenant's own has no use for.
UNUSED = ("anyio", "faker", "httpx", "hypothesis", "mirakuru", "sqlglot", "uvicorn", "xmlschema")


def test_step_1_loads_no_library_that_it_has_no_use_for(served: Staging, tmp_path: Path) -> None:
    tenant = served.tenant()
    served.event(tenant)
    called = [*FEBRUARY, "-m", "p9a and step1", f"--tenant={tenant}", f"--evidence-dir={tmp_path}"]
    python = [sys.executable, "-X", "importtime", "-m", "pytest"]
    done = run(
        # Nothing is captured, and no plugin that the gate's users have not.
        [*python, "-s", "-p", "no:randomly", *called],
        cwd=PROJECT,
        env=environment({"DATABASE_URL": served.conninfo}),
        capture_output=True,
        text=True,
        check=True,
    )
    told = (line.rpartition("|")[2].strip() for line in done.stderr.splitlines())
    loaded = {name.partition(".")[0] for name in told}
    assert "psycopg" in loaded
    assert loaded.isdisjoint(UNUSED), loaded & set(UNUSED)


def test_a_template_is_compiled_again_where_anything_that_decides_it_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled: list[str] = []
    compile_ = Environment.compile

    def noted(self: Environment, source: str, *more: Any, **named: Any) -> Any:
        compiled.append(source)
        return compile_(self, source, *more, **named)

    def loads() -> int:
        compiled.clear()
        markup.environment.cache_clear()
        markup.environment().get_template("page.html")
        return len(compiled)

    monkeypatch.setattr(Environment, "compile", noted)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    loads()
    assert loads() == 0
    monkeypatch.setattr(markup, "renderer_sha256", lambda: "another")
    assert loads() == 1
    monkeypatch.undo()
    markup.environment.cache_clear()


WITHOUT_A_HASH = (
    "one, 0) FROM pg_temp.unhashed AS one",
    "one, 0), 'FROM pg_temp.hashed one' FROM pg_temp.unhashed one",
    "one, 0) FROM pg_temp.hashed, pg_temp.unhashed one",
    "unhashed, 0) FROM pg_temp.unhashed WHERE true",
    'one, 0) FROM "pg_temp"."unhashed" AS one',
    "one, 0) FROM (SELECT 1 FROM pg_temp.hashed one) AS sub, pg_temp.unhashed one",
)
WITH_ONE = (
    "one, 0) FROM pg_temp.hashed one",
    "two, 0) FROM pg_temp.unhashed one JOIN pg_temp.hashed two ON true",
)


@pytest.mark.parametrize(
    ("hashed", "expected"),
    [*((select, True) for select in WITHOUT_A_HASH), *((select, False) for select in WITH_ONE)],
)
def test_rows_without_a_hash_are_found_however_their_table_is_named(
    scratch: Tables, hashed: str, expected: bool
) -> None:
    select = Statement("one", (f"SELECT hash_record_extended({hashed}",), frozenset())
    with scratch.connection.transaction(force_rollback=True):
        scratch.connection.execute("CREATE TEMP TABLE hashed (id int)")
        scratch.connection.execute("CREATE TEMP TABLE unhashed (id int, told json)")
        assert has_no_hash(scratch.connection, select) is expected
