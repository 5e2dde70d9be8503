"""An environment that lacks what the gate needs, as one does that was made before an upgrade."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.breaking import why_broken
from runbook.installed import MADE_ANEW, why_not_installed
from selftests.gate import PROJECT, environment
from selftests.warm import run_cold

USAGE = 4
TOO_FULL = (
    "platforms: what was to be told could not be written whole: No space left on device; "
    "make room, and run again\n"
)
OLD = "cannot import name 'search' from 'jmespath'"


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("sqlglot", "and the gate needs sqlglot>="),
        ("psycopg_pool", "and the gate needs psycopg[binary"),
        ("xdist.plugin", "and the gate needs pytest-xdist>="),
        ("factory", "and the gate needs factory-boy>="),
        ("acme_sdk", ""),
        ("fixtures.nothing", ""),
        (None, ""),
    ],
)
def test_what_the_gate_needs_is_told_from_what_it_does_not(module: str | None, told: str) -> None:
    error = ModuleNotFoundError(f"No module named {module!r}", name=module)
    why = why_not_installed(error)
    assert bool(why) == bool(told)
    assert told in why
    if told:
        assert why in why_broken(error, None)


def test_what_is_too_old_is_told_with_its_version() -> None:
    why = why_not_installed(ImportError(OLD, name="jmespath"))
    assert why.startswith("jmespath 1.")
    assert OLD in why
    assert why.endswith(MADE_ANEW)


@pytest.mark.parametrize(
    ("module", "arguments", "begins"),
    [
        ("platforms", ("check", "reference"), "platforms: jmespath"),
        ("pytest", ("-m", "p9a", "--rehearse"), "ERROR: jmespath"),
    ],
)
def test_whoever_calls_is_told_in_one_line(
    tmp_path: Path, module: str, arguments: tuple[str, ...], begins: str
) -> None:
    (tmp_path / "jmespath.py").write_text(f"raise ImportError({OLD!r}, name='jmespath')\n")
    given = environment({"PYTHONPATH": str(tmp_path)})
    ended = run_cold(module, list(arguments), PROJECT, given, 60)
    assert ended.code == USAGE, ended.out + ended.err
    assert ended.err.strip().startswith(begins)
    assert ended.err.strip().count("\n") == 0, ended.err
    assert f"in {sys.prefix}" in ended.err


def test_the_advice_is_the_readmes_first_line_but_for_the_rehearsal() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert f"    {MADE_ANEW.removesuffix('--recreate --notest')}-- --rehearse\n" in readme


def test_whoever_reads_may_go_away_and_a_full_disk_is_an_error() -> None:
    reader, gone = os.pipe()
    os.close(reader)
    full = os.open("/dev/full", os.O_WRONLY)
    told = {}
    for out in (gone, full):
        ended = subprocess.run(
            [sys.executable, "-m", "platforms", "roles", "platforms/reference"],
            cwd=PROJECT,
            env=environment({}),
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.close(out)
        told[out] = (ended.returncode, ended.stderr)
    assert told == {gone: (0, ""), full: (1, TOO_FULL)}
