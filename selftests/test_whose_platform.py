"""Nobody can be green by mistake: a READY is about the platform that was named, or there is none.

Goal: whatever is missing, empty, contradictory or of another platform ends the run with one line
and the documented exit code, and nothing is written. Method: real runs of the gate.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from selftests.gate import PROJECT, Outcome, run_gate
from selftests.staging import Staging

USAGE, ABORTED = 4, 2
SOMEBODY = "3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"
ANYBODY = f"--tenant={SOMEBODY}"
NOWHERE = "http://127.0.0.1:9"
TOKEN = {"BILLING_API_TOKEN": "t0ken-of-nobody"}


def judge(
    folder: Path, *arguments: str, env: Mapping[str, str] = {}, database: str = ""
) -> Outcome:
    return run_gate(folder / "evidence", *arguments, env=env, database=database)


def demand_refused(outcome: Outcome, code: int, *words: str) -> None:
    """Demand the exit code, the words, and that nobody is told READY."""
    said = outcome.out + outcome.err
    assert outcome.code == code, said
    assert [word for word in words if word not in said] == [], said
    assert "READY:" not in said.replace("NOT_READY:", "")
    assert "Traceback" not in said


NAMED_WITHOUT_A_DATABASE = [
    ((ANYBODY,), {}, "--tenant"),
    (("--platform=reference",), {}, "--platform"),
    ((f"--billing-api={NOWHERE}",), TOKEN, "--billing-api"),
    ((), {"P9A_TENANT": SOMEBODY}, "P9A_TENANT"),
    ((), {"P9A_PLATFORM": "reference"}, "P9A_PLATFORM"),
    ((), TOKEN | {"BILLING_API_URL": NOWHERE}, "BILLING_API_URL"),
    (("-o", "p9a_platform=reference"), {}, "p9a_platform"),
]


@pytest.mark.parametrize(("arguments", "env", "named"), NAMED_WITHOUT_A_DATABASE)
def test_a_target_without_its_database_is_a_wrong_call(
    tmp_path: Path, arguments: tuple[str, ...], env: Mapping[str, str], named: str
) -> None:
    outcome = judge(tmp_path, *arguments, env=env)
    demand_refused(outcome, USAGE, named, "DATABASE_URL is not set", "--rehearse")
    assert not (tmp_path / "evidence" / "evidence.json").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "  "),
        ("P9A_TENANT", ""),
        ("P9A_PLATFORM", " "),
        ("BILLING_API_URL", ""),
        ("P9A_TRAP_PERIOD", ""),
    ],
)
def test_an_empty_variable_is_a_missing_secret(tmp_path: Path, name: str, value: str) -> None:
    outcome = judge(tmp_path, env={name: value})
    demand_refused(outcome, USAGE, f"{name} is set, but empty")


@pytest.mark.parametrize("ci", ["true", "1", "woodpecker"])
def test_a_job_without_a_target_is_not_green(tmp_path: Path, ci: str) -> None:
    demand_refused(judge(tmp_path, env={"CI": ci}), USAGE, "CI is set", "--rehearse")


@pytest.mark.parametrize("env", [{"CI": "true"}, {"DATABASE_URL": "postgresql://nowhere/none"}])
def test_a_rehearsal_that_is_asked_for_by_name_runs_anywhere(
    tmp_path: Path, env: Mapping[str, str]
) -> None:
    outcome = judge(tmp_path, "--rehearse", "-m", "p9a and step1", env=env)
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.evidence is not None
    assert outcome.evidence.rehearsal
    assert "REHEARSAL" in outcome.out


@pytest.mark.parametrize("argument", [ANYBODY, "--platform=reference", f"--billing-api={NOWHERE}"])
def test_a_rehearsal_judges_nobody(tmp_path: Path, argument: str) -> None:
    outcome = judge(tmp_path, "--rehearse", argument, env=TOKEN)
    demand_refused(outcome, USAGE, "--rehearse judges nobody")


def test_a_platform_that_nobody_described_is_a_wrong_call(tmp_path: Path, database: str) -> None:
    outcome = judge(tmp_path, ANYBODY, "--platform=platforms/ours", database=database)
    demand_refused(outcome, USAGE, "no such folder", "python -m platforms init platforms/ours")


def test_a_description_that_cannot_be_read_is_told_with_its_line(
    tmp_path: Path, database: str
) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    text = (PROJECT / "platforms" / "reference" / "platform.toml").read_text()
    (folder / "platform.toml").write_text(text.replace("blocking", "blokking"))
    (folder / "relations.sql").write_text("")
    outcome = judge(tmp_path, ANYBODY, f"--platform={folder}", database=database)
    line = next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith("blocking"))
    said = outcome.out + outcome.err
    demand_refused(outcome, USAGE, f"{folder}/platform.toml:", "rules.blo")
    assert f"platform.toml:{line}:" in said or "rules.blocking" in said


def test_a_database_of_another_platform_is_not_judged(staging: Staging, tmp_path: Path) -> None:
    staging.build_in("forget_the_reference_platform")
    outcome = judge(tmp_path, ANYBODY, database=staging.conninfo)
    words = ("not the reference platform's", "python -m platforms init")
    demand_refused(outcome, ABORTED, *words)


def test_a_migrated_database_in_which_another_platform_bills_is_not_judged(
    staging: Staging, tmp_path: Path
) -> None:
    tenant_id = staging.tenant()
    staging.build_in("build_a_foreign_platform")
    asked = (f"--tenant={tenant_id}",)
    outcome = judge(tmp_path, *asked, database=staging.conninfo)
    demand_refused(outcome, ABORTED, "ledger.accounts", "python -m platforms init")
    named = judge(tmp_path, *asked, "--platform=reference", database=staging.conninfo)
    assert named.code == 0, named.out
    assert "reference platform" in named.out


def test_a_description_of_another_platform_is_refused_before_anything_is_judged(
    staging: Staging, tmp_path: Path
) -> None:
    staging.build_in("rename_a_column")
    tenant_id = staging.tenant()
    outcome = judge(
        tmp_path, f"--tenant={tenant_id}", "--platform=reference", database=staging.conninfo
    )
    demand_refused(outcome, ABORTED, "relations.sql:", "finding_type", "python -m platforms check")
    assert "collected" not in outcome.out


def test_a_platform_whose_api_is_down_is_not_judged(staging: Staging, tmp_path: Path) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    outcome = judge(
        tmp_path,
        f"--tenant={tenant_id}",
        f"--billing-api={NOWHERE}",
        env=TOKEN,
        database=staging.conninfo,
    )
    demand_refused(outcome, ABORTED, NOWHERE)
    assert staging.rows() == before


def test_an_api_that_the_description_does_not_know_is_a_wrong_call(
    tmp_path: Path, database: str
) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    source = PROJECT / "platforms" / "reference"
    text = (source / "platform.toml").read_text()
    start, end = text.index("[api]"), text.index("[words]")
    (folder / "platform.toml").write_text(text[:start] + text[end:])
    (folder / "relations.sql").write_text((source / "relations.sql").read_text())
    outcome = judge(
        tmp_path,
        ANYBODY,
        f"--platform={folder}",
        f"--billing-api={NOWHERE}",
        env=TOKEN,
        database=database,
    )
    demand_refused(outcome, USAGE, "has no [api]")
    (folder / "platform.toml").write_text(text.replace("[in_process]\n", ""))
    outcome = judge(tmp_path, ANYBODY, f"--platform={folder}", database=database)
    demand_refused(outcome, USAGE, "is reached over HTTP", "BILLING_API_URL")
