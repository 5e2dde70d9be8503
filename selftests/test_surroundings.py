"""What surrounds a run decides nothing: the same verdict, exit code and evidence in any shell."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.evidence import Evidence
from reports.files import point_latest, tool_facts, write_folder
from selftests.gate import FEBRUARY, NOT_THERE, PROJECT, environment, read_evidence, run_gate
from selftests.records import not_ready, ready
from selftests.staging import Staging
from selftests.warm import Warm

STEP_1 = ("-m", "p9a and step1")
# All of these at once; TERM is never set here.
HOSTILE = {
    "COLUMNS": "10",
    "GIT_DIR": "/nowhere/.git",
    "GIT_INDEX_FILE": "/nowhere/index",
    "GIT_WORK_TREE": "/nowhere",
    "HOME": "",
    "LC_ALL": "C",
    "PYTEST_ADDOPTS": "-qq -x --tb=no --no-summary -p no:cacheprovider -p no:junitxml",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONHASHSEED": "0",
    "PYTHONOPTIMIZE": "1",
    "PYTHONSAFEPATH": "1",
    "PYTHONUTF8": "0",
    "PYTHONWARNINGS": "error",
    "TZ": "Nowhere/Land",
}


@pytest.fixture(scope="session")
def tenant(served: Staging) -> str:
    """A tenant with an event to bill."""
    tenant_id = served.tenant()
    served.event(tenant_id)
    return str(tenant_id)


def test_a_rehearsal_is_ready_whatever_a_job_or_a_hook_sets(tmp_path: Path) -> None:
    outcome = run_gate(tmp_path, *FEBRUARY, env=HOSTILE, cold=True, strict=False)
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.evidence is not None
    assert (outcome.evidence.verdict, outcome.evidence.rehearsal) == ("READY", True)
    assert outcome.evidence.tool.commit == tool_facts().commit
    assert "READY, not judged: void" in outcome.out


@pytest.mark.parametrize("arguments", [(), ("-Werror", "-n", "1")])
def test_what_a_library_warns_of_decides_nothing(
    served: Staging, tenant: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    outcome = run_gate(
        tmp_path / "evidence",
        *(*STEP_1, *FEBRUARY, f"--tenant={tenant}", "-p", "selftests.plugins.warn", *arguments),
        database=served.conninfo,
        strict=False,
        cold=bool(arguments),  # a forked process has imported what pytest warns of
    )
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.failed() == []
    assert "DeprecationWarning: out of fashion, in a test" in outcome.out


def test_the_own_tests_take_warnings_for_errors(
    served: Staging, tenant: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    assert "error" in pytestconfig.getini("filterwarnings")
    outcome = run_gate(
        tmp_path / "evidence",
        *(*STEP_1, *FEBRUARY, f"--tenant={tenant}", "-p", "selftests.plugins.warn"),
        database=served.conninfo,
    )
    assert outcome.code != 0


def step_1(folder: Path, tenant: str) -> list[str]:
    return [*NOT_THERE, *STEP_1, *FEBRUARY, f"--tenant={tenant}", f"--evidence-dir={folder}"]


def partial_of(folder: Path) -> Evidence:
    evidence = read_evidence(folder)
    assert evidence is not None
    assert (evidence.verdict, evidence.reason) == ("PARTIAL", "")
    return evidence


def test_a_reader_who_has_seen_enough_changes_nothing(
    served: Staging, tenant: str, tmp_path: Path
) -> None:
    """As in ``pytest -m p9a … | head -1``."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    given = environment({"DATABASE_URL": served.conninfo})
    arguments = step_1(tmp_path / "evidence", tenant)
    run = Warm("pytest", arguments, PROJECT, given, pipe, tmp_path / "err")
    with pipe.open() as out:
        assert "test session starts" in out.readline()
    assert run.wait(60) == 0
    assert (tmp_path / "err").read_text() == ""
    assert partial_of(tmp_path / "evidence").tenants[0].id == tenant


@pytest.mark.parametrize("streams", ["<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
def test_streams_that_take_nothing_change_nothing(
    served: Staging, tenant: str, tmp_path: Path, streams: str
) -> None:
    called = [sys.executable, "-m", "pytest", *step_1(tmp_path / "evidence", tenant)]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {streams}', "sh", *called],  # noqa: S607 - whichever there is
        cwd=PROJECT,
        env=environment({"DATABASE_URL": served.conninfo}),
        check=False,
    )
    assert done.returncode == 0
    partial_of(tmp_path / "evidence")


def test_the_gate_is_the_gate_whatever_pytest_takes_for_its_root(
    served: Staging, tenant: str, tmp_path: Path
) -> None:
    outcome = run_gate(
        tmp_path / "evidence",
        *(*STEP_1, *FEBRUARY, f"--tenant={tenant}", f"--rootdir={tmp_path}", "acceptance"),
        database=served.conninfo,
    )
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.evidence is not None
    assert "PARTIAL: " in outcome.out


@pytest.mark.parametrize(("evidence", "code"), [(ready, 0), (not_ready, 1)])
def test_verify_says_the_same_to_a_reader_who_leaves(
    tmp_path: Path, evidence: Callable[[], Evidence], code: int
) -> None:
    write_folder(evidence(), tmp_path)
    verify = [sys.executable, "-O", "-m", "reports", "verify", str(tmp_path)]
    with subprocess.Popen(
        verify, cwd=PROJECT, env=environment({}), stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait() == code


# Whose commit it is ----------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    done = subprocess.run(
        ["git", *who, *arguments],  # noqa: S607 - whichever the reader has
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Another repository, with a commit of its own and a change."""
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "theirs")
    (tmp_path / "changed").touch()
    return tmp_path


def test_a_hooks_repository_is_not_the_gates(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tool_facts()
    monkeypatch.setenv("GIT_DIR", str(elsewhere / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(elsewhere))
    monkeypatch.setenv("GIT_INDEX_FILE", str(elsewhere / ".git" / "index"))
    assert tool_facts() == ours


def test_a_repository_around_the_gate_is_its_own_only_if_it_keeps_its_files(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = elsewhere / "vendor" / "gate"
    gate.mkdir(parents=True)
    (gate / "pyproject.toml").write_bytes((PROJECT / "pyproject.toml").read_bytes())
    monkeypatch.setattr("reports.files.PROJECT", gate)
    assert (tool_facts().commit, tool_facts().dirty) == ("", None)
    git(elsewhere, "add", "vendor")
    git(elsewhere, "commit", "--quiet", "-m", "the gate")
    assert (tool_facts().commit, tool_facts().dirty) == (git(elsewhere, "rev-parse", "HEAD"), False)
    (gate / "changed").touch()
    assert tool_facts().dirty


def test_a_folder_in_the_place_of_the_link_costs_a_line(tmp_path: Path) -> None:
    mine = tmp_path / "latest" / "mine"
    mine.mkdir(parents=True)
    assert f"{tmp_path / 'latest'} does not point there: " in point_latest(tmp_path / "a run")
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "latest", mine]
    mine.rmdir()
    (tmp_path / "latest").rmdir()
    assert point_latest(tmp_path / "a run") == ""
    assert (tmp_path / "latest").readlink() == Path("a run")
