"""The same answers however the gate is started: selections, orders, workers, the wrapper."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from runbook.registry import CRITERIA, STEPS
from selftests.gate import FEBRUARY, PROJECT, Outcome, RunGate, environment, run_gate
from selftests.staging import Staging

IDS = [check.id for step in STEPS for check in step.checks] + [c.id for c in CRITERIA]
# What the reference platform has not, as it declares, and what of the registry rests on that alone.
# No contract is given.
STATUSES = dict.fromkeys(IDS, "passed") | {"S1.7": "not_run", "S4.5": "not_judged"}
WRAPPER = PROJECT / "scripts" / "run-invoice-dry-run.sh"


def test_the_rehearsal_is_ready_and_says_that_it_is_one(tmp_path: Path) -> None:
    outcome = run_gate(tmp_path / "evidence", *FEBRUARY)
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.evidence is not None
    assert (outcome.evidence.verdict, outcome.evidence.rehearsal) == ("READY", True)
    assert {id: outcome.check(id).status for id in IDS} == STATUSES
    assert f"{outcome.tenant.recovered_amount}" == "2465.75"
    assert f"{outcome.tenant.expected_gain_share}" == "616.44"
    assert "REHEARSAL" in outcome.out
    for criterion in CRITERIA:
        assert re.search(
            rf"^  {criterion.id} +passed +{criterion.title}:", outcome.out, re.MULTILINE
        )
    assert outcome.out.splitlines()[-2].startswith("READY, not judged: void: in this rehearsal ")


def test_every_entry_of_the_registry_has_its_test_and_every_test_its_entry() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "p9a", "--collect-only", "--quiet"],
        cwd=PROJECT,
        env=environment({}),
        capture_output=True,
        text=True,
        check=True,
    )
    nodes = [line for line in listed.stdout.splitlines() if "::" in line]
    assert sorted(node.partition("[")[2].partition("-")[0] for node in nodes) == sorted(IDS)


def test_junit_names_every_check(staging: Staging, gate: RunGate, tmp_path: Path) -> None:
    tenant_id = staging.tenant()
    report = tmp_path / "junit.xml"
    gate(tenant_id, f"--junit-xml={report}")
    names = {case.attrib["name"] for case in ET.parse(report).iter("testcase")}  # noqa: S314 - our own
    for id in IDS:
        assert any(f"[{id}-{tenant_id}]" in name for name in names)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-p", "randomly", "-p", "no:cacheprovider"],
        ["-p", "no:randomly"],
        ["-n", "2"],
        ["-vv", "-l", "-rA", "--tb=long"],
    ],
    ids=" ".join,
)
def test_order_workers_and_loudness_change_no_answer(
    staging: Staging, gate: RunGate, arguments: list[str]
) -> None:
    tenants = [staging.tenant() for _ in range(2)]
    outcome = gate(tenants[0], f"--tenant={tenants[1]}", "--lifecycle", *arguments)
    assert outcome.code == 0, outcome.out
    assert outcome.evidence is not None
    for tenant in outcome.evidence.tenants:
        statuses = {check.id: check.status for check in (*tenant.checks, *tenant.exit_criteria)}
        assert statuses == STATUSES


def test_the_maths_never_wait_for_what_a_tenants_draft_has_locked(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.build_in("draft_one_at_a_time")
    order = [f"acceptance/{name}.py" for name in ("test_step2_execute", "test_maths")]
    outcome = gate(tenant_id, *order, "-p", "no:randomly", "--lock-timeout=1")
    assert (outcome.code, outcome.failed()) == (0, []), outcome.out
    assert (outcome.check("S2.3").status, outcome.check("M.1").status) == ("passed", "passed")


@pytest.mark.parametrize("id", IDS)
def test_a_single_node_gives_the_same_answer_and_is_no_sign_off(
    staging: Staging, gate: RunGate, id: str
) -> None:
    tenant_id = staging.tenant()
    modules = {check.id: step.marker for step in STEPS for check in step.checks}
    files = {
        "step1": "test_step1_dry_run.py::test_step1",
        "step2": "test_step2_execute.py::test_step2",
        "step3": "test_step3_seeds.py::test_step3",
        "step4": "test_step4_lifecycle.py::test_step4",
        "maths": "test_maths.py::test_maths",
        "": "test_exit_criteria.py::test_exit_criterion",
    }
    node = f"acceptance/{files[modules.get(id, '')]}[{id}-{tenant_id}]"
    outcome = gate(tenant_id, node, "--lifecycle")
    judged = STATUSES[id] == "passed"  # of what was selected, something must be
    assert (outcome.code, outcome.tenant.verdict) == (0 if judged else 1, "PARTIAL"), outcome.out
    assert outcome.check(id).status == STATUSES[id]
    assert "this is no sign-off" in outcome.out


def test_a_failing_selection_is_partial_and_red(staging: Staging, gate: RunGate) -> None:
    outcome = gate(staging.tenant(), "--seed=never", "-m", "p9a and step1")
    assert (outcome.code, outcome.tenant.verdict) == (1, "PARTIAL")


@pytest.mark.parametrize("step", ["step2", "step3"])
def test_a_selection_of_which_nothing_was_exercised_is_red(
    staging: Staging, gate: RunGate, step: str
) -> None:
    outcome = gate(staging.tenant(), "--seed=never", "-m", f"p9a and {step}")
    assert outcome.failed() == []
    assert (outcome.code, outcome.tenant.verdict) == (1, "PARTIAL"), outcome.out


def test_a_selection_of_nothing_is_never_green(staging: Staging, gate: RunGate) -> None:
    outcome = gate(staging.tenant(), "-m", "p9a and not p9a")
    assert outcome.code == 2, outcome.out
    assert "no check was selected" in outcome.out


def test_what_was_selected_but_never_reported_is_never_green(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    outcome = gate(tenant_id, "-p", "no:randomly", "-p", "selftests.plugins.stop_early")
    assert outcome.code == 2, outcome.out
    assert outcome.tenant.verdict == "ABORTED"
    assert "interrupted before the end" in outcome.out


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        ("skip_a_step", "skipped, not by the gate: Skipped: slow"),
        ("say_nothing", "it ended without a finding"),
    ],
)
def test_a_step_that_was_skipped_is_never_green(
    staging: Staging, gate: RunGate, plugin: str, words: str
) -> None:
    outcome = gate(staging.tenant(), "-p", f"selftests.plugins.{plugin}")
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY"), outcome.out
    assert (outcome.check("S2.1").status, outcome.check("S2.1").detail) == ("not_run", words)


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
def test_a_process_that_dies_is_never_green(
    staging: Staging, gate: RunGate, workers: list[str]
) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    outcome = gate(tenant_id, "-p", "selftests.plugins.die", *workers)
    assert outcome.code != 0
    assert outcome.evidence is None or outcome.evidence.verdict != "READY"
    assert staging.rows() == before


def test_default_evidence_has_a_link_to_the_latest() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "p9a and step1", "--quiet"],
        cwd=PROJECT,
        env=environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search("^Evidence: (.*)$", done.stdout, flags=re.MULTILINE)
    assert told is not None
    folder = Path(told[1])
    assert folder.parent == PROJECT / "reports" / "out"
    evidence = json.loads((folder / "evidence.json").read_text())
    assert evidence["schema"] == "p9a-evidence/2"
    assert (folder / "junit.xml").exists()
    # Another run may have ended since: the link then points to that one's folder.
    latest = folder.parent / "latest"
    assert latest.is_symlink()
    assert (latest / "evidence.json").exists()


def run_wrapper(staging: Staging | None, *arguments: str) -> Outcome:
    database = {"DATABASE_URL": staging.conninfo_of("gate_in_process")} if staging else {}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [WRAPPER, *arguments],
        env=environment(database) | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr, None)


PERIOD = ("--period-start=2026-02", "--period-end=2026-03")


def test_the_wrapper_dry_runs_step_1(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    before = staging.rows()
    outcome = run_wrapper(staging, f"--tenant-id={tenant_id}", *PERIOD, "--verbose")
    assert outcome.code == 0, outcome.out + outcome.err
    assert "S1.4 passed" in outcome.out
    assert "PARTIAL" in outcome.out
    assert staging.rows() == before


def test_the_wrapper_executes_and_cleans_up(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    before = staging.rows()
    outcome = run_wrapper(staging, f"--tenant-id={tenant_id}", *PERIOD, "--execute", "--cleanup")
    assert outcome.code == 0, outcome.out + outcome.err
    assert "S2.3 passed" in outcome.out
    assert staging.rows() == before


def test_the_wrapper_leaves_the_draft_without_cleanup(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    before = staging.rows()
    outcome = run_wrapper(staging, f"--tenant-id={tenant_id}", *PERIOD, "--execute")
    assert outcome.code == 0, outcome.out + outcome.err
    added = [row["table_name"] for row in staging.rows() if row not in before]
    assert sorted(added) == ["invoices", "lines"]


def test_the_wrapper_says_when_there_is_nothing_to_bill(staging: Staging) -> None:
    outcome = run_wrapper(staging, f"--tenant-id={staging.tenant()}", *PERIOD)
    assert outcome.code == 1
    assert "S1.2 FAILED" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tenant-id=acme", *PERIOD], "--tenant-id='acme' is not a UUID"),
        ([*PERIOD], "--tenant-id='' is not a UUID"),
        (["--tenant-id=x'; DROP TABLE app.tenants; --", *PERIOD], "is not a UUID"),
        (
            ["--tenant-id=3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908", "--period-start=February"],
            "--period-start='February' is not a month",
        ),
        (
            ["--tenant-id=3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908", *PERIOD, "--cleanup"],
            "give both",
        ),
        (["--tenant=3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"], "is not an option"),
    ],
)
def test_the_wrapper_refuses_a_wrong_call_before_anything_else(
    arguments: list[str], words: str
) -> None:
    outcome = run_wrapper(None, *arguments)
    assert outcome.code == 4
    (line,) = outcome.err.splitlines()
    assert words in line
    assert outcome.out == ""
