"""``python -m reports``: what it says of evidence, what may be demanded, and its exit codes."""

import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.attestation import read_signing_key
from reports.evidence import NOT_SELECTED, ResidueFacts
from reports.files import RECORD, write_folder
from reports.renderings import RENDERINGS
from reports.sentences import judged_lines, period
from runbook.descriptions import digest
from selftests.gate import PROJECT
from selftests.records import (
    ALICE,
    LEDGERLINE,
    failed,
    not_ready,
    not_run,
    ready,
    ready_unjudged,
    run,
    tenant,
)
from selftests.verifying import faults, page_lines, said

pytest_plugins = ["selftests.verifying"]
pytestmark = pytest.mark.usefixtures("this_gate")


def test_verify_says_what_holds(
    folder: Path, public: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, "verify", folder, "--public-key", public)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{folder} is whole and unchanged; signed with the key of {public}",
        *judged_lines(ready()),
        f"READY: 1 tenant, {period(ready())}, judged 2026-03-01 02:17 UTC",
    ]
    assert "only with --public-key" in said(capsys, "verify", folder)[1]
    write_folder(run(ready().tenants, rehearsal=True), folder)
    _, out, _ = said(capsys, "verify", folder)
    assert "nobody signed it" in out
    assert "READY: a rehearsal, which says nothing about a customer; 1 tenant" in out


def test_verify_says_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "summary.md").write_text("all is well\n")
    code, out, err = said(capsys, "verify", folder)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        f"reports: {folder} cannot be trusted:",
        "  summary.md: is not the file of which SHA256SUMS tells [hash_differs]",
        "  summary.md: is not what evidence.json renders to [rendering_differs]",
        "  attestation.dsse.json: it is about other evidence than this [attestation_is_bad]",
        f"  it says that gate 0.1.0 {ready().tool.commit} wrote it",
    ]


def test_verify_says_the_verdict_last_and_wants_it_to_be_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    partial = run((tenant(ALICE, "Alice", {"S1.4": not_run(NOT_SELECTED)}),))
    aborted = run((), reason="the database cannot be reached")
    lost = run((tenant(ALICE, "Alice", {}),), residue=ResidueFacts(remaining=("invoice 1",)))
    for evidence, why in (
        (not_ready(), "tenant "),
        (partial, f"tenant {ALICE} is PARTIAL: only some checks were selected"),
        (aborted, "ABORTED: the database cannot be reached"),
        (lost, "ABORTED: rows of the run remain in the database"),
    ):
        write_folder(evidence, tmp_path)
        for asked in ((), ("--ready",)):
            code, out, err = said(capsys, "verify", tmp_path, *asked)
            assert out.splitlines()[-1].startswith(f"{evidence.verdict}: ")
            assert err.startswith(f"reports: {tmp_path} is not what was asked for: {why}")
            assert (code, err.count("\n")) == (1, 1)
        code, out, err = said(capsys, "verify", tmp_path, "--any-verdict")
        assert (code, err) == (0, "")
        assert out.splitlines()[-1].startswith(f"{evidence.verdict}: ")


def test_one_reason_is_enough_for_a_deployment(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "summary.md").write_text("all is well\n")
    (folder / "report.html").write_text("all is well\n")
    code, out, err = said(capsys, "verify", folder, "--ready")
    assert (code, out) == (1, "")
    assert err == (
        f"reports: {folder} cannot be trusted: report.html: is not the file of which SHA256SUMS "
        f"tells [hash_differs]\n"
    )


REHEARSED = "it is of a rehearsal"
OTHER_PERIOD = "it is of 2026-02-01 to 2026-03-01, end exclusive, UTC: judge the period"
LEDGER_DIGEST = LEDGERLINE.description_sha256
DEMANDED: list[tuple[str, str]] = [
    (f"--tenant={ALICE}", ""),
    (f"--tenant={ALICE.upper()}", ""),
    (
        "--tenant=00000000-0c1d-4e6f-9a7b-5d4c3b2a1908",
        "tenant 00000000-0c1d-4e6f-9a7b",
    ),
    ("--period=2026-02", ""),
    ("--period=2026-02-01/2026-03", ""),
    ("--period=2026-01", OTHER_PERIOD),
    ("--period=2026-02/2026-04", OTHER_PERIOD),
    (f"--platform={LEDGERLINE.name}", ""),
    (f"--platform={LEDGER_DIGEST[:12]}", ""),
    ("--platform=reference", "it is of Ledgerline billing, HTTP, description "),
    ("--platform=000000000000", "it is of Ledgerline billing, HTTP, description "),
    ("--platform=Ledger", "it is of Ledgerline billing, HTTP, description "),
    ("--not-rehearsal", ""),
    ("--max-age=1", "cannot be trusted: evidence.json: the run ended"),
]


@pytest.mark.parametrize(("demand", "why"), DEMANDED)
def test_what_a_deployment_demands_is_met_or_the_one_reason_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], demand: str, why: str
) -> None:
    write_folder(ready_unjudged(), tmp_path)
    code, _, err = said(capsys, "verify", tmp_path, "--ready", demand)
    assert (code, why in err, err.count("\n")) == (int(bool(why)), True, int(bool(why)))
    assert said(capsys, "verify", tmp_path, "--any-verdict", demand)[0] == int(bool(why))


def test_the_call_of_a_deployment_is_right_as_the_page_writes_it(
    keys: Path, public: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    ours = LEDGERLINE.model_copy(
        update={"description_sha256": digest(PROJECT / "platforms/reference")}
    )
    evidence = run(ready_unjudged().tenants, platform=ours, started_at=now, finished_at=now)
    write_folder(evidence, tmp_path, signer=read_signing_key(str(keys / "p9a-private.pem")))
    call = page_lines("one exit code, and one line with the reason:").replace("\\\n", " ")
    call = call.replace("$TENANT", ALICE).replace("platforms/ours", "platforms/reference")
    called = shlex.split(call.replace("p9a-public.pem", str(public)))
    assert called[:5] == ["python", "-m", "reports", "verify", "evidence"]
    assert said(capsys, "verify", tmp_path, *called[5:])[::2] == (0, "")
    assert said(capsys, "verify", tmp_path, *called[5:], "--tenant=another")[0] == 1


def test_a_rehearsal_is_refused_where_a_customer_is_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_folder(run(ready().tenants, rehearsal=True), tmp_path)
    assert said(capsys, "verify", tmp_path, "--ready")[0] == 0
    code, _, err = said(capsys, "verify", tmp_path, "--ready", "--not-rehearsal")
    assert (code, "it is of a rehearsal, which says nothing about a customer" in err) == (1, True)


def test_a_platform_is_known_by_its_description_as_it_is_now(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / "platform.toml").write_text('name = "ours"')
    (ours / "relations.sql").touch()
    judged = LEDGERLINE.model_copy(update={"description_sha256": digest(ours)})
    evidence = ready_unjudged().model_copy(update={"platform": judged})
    write_folder(evidence, tmp_path / "evidence")
    call = ("verify", tmp_path / "evidence", "--ready", f"--platform={ours}")
    assert said(capsys, *call)[0] == 0
    (ours / "relations.sql").write_text("-- another")
    code, _, err = said(capsys, *call)
    assert code == 1
    assert f"{ours} is description {digest(ours)[:12]}" in err


def test_of_many_tenants_the_demanded_ones_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bob = "6f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"
    broken = {id: failed("0", "1") for id in ("S1.2", "X1", "X2", "X3", "X4")}
    tenants = (tenant(ALICE, "Alice", {}), tenant(bob, "Bob", broken))
    write_folder(run(tenants), tmp_path)
    assert said(capsys, "verify", tmp_path, "--ready")[0] == 1
    assert said(capsys, "verify", tmp_path, "--ready", f"--tenant={ALICE}")[0] == 0
    code, _, err = said(capsys, "verify", tmp_path, f"--tenant={ALICE}", f"--tenant={bob}")
    assert (code, f"tenant {bob} is NOT_READY: S1.2 " in err) == (1, True)
    write_folder(run(tenants, reason="interrupted before the end"), tmp_path)
    code, _, err = said(capsys, "verify", tmp_path, "--ready", f"--tenant={ALICE}")
    assert (code, "ABORTED: interrupted before the end" in err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "arguments are required"),
        (["approve"], "invalid choice: 'approve'"),
        (["verify"], "arguments are required: folder"),
        (["verify", "nowhere"], "nowhere is no folder: name one that a run wrote"),
        (
            ["verify", "reports", "--public-key", "nowhere.pem"],
            "nowhere.pem cannot be read: No such",
        ),
        (["verify", "reports", "--public-key", "README.md"], "holds no ed25519 public key in PEM"),
        (["verify", "reports", "--max-age", "soon"], "--max-age: invalid days value: 'soon'"),
        (["verify", "reports", "--max-age", "nan"], "--max-age: invalid days value: 'nan'"),
        (["verify", "reports", "--period", "February"], "--period: invalid period value"),
        (["verify", "reports", "--period", "2026-02-01"], "--period: invalid period value"),
        (["verify", "reports", "--period", "2026-03/2026-02"], "--period: invalid period value"),
        (["verify", "reports", "--ready", "--any-verdict"], "not allowed with argument --ready"),
        (["verify", "reports", "--max-age", "1e99"], "--max-age: invalid days value: '1e99'"),
        (["compare", "reports"], "arguments are required: newer"),
        (["compare", "nowhere", "reports"], "nowhere is no folder"),
        (["render", "README.md"], "README.md is no folder"),
        (["keygen", "README.md"], "README.md"),
    ],
)
def test_a_wrong_call_is_refused_in_one_line(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(PROJECT)
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (4, "")
    (line,) = err.splitlines()
    assert line.startswith("reports: ")
    assert words in line


def test_a_folder_without_a_record_is_no_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["render", tmp_path], ["compare", tmp_path, tmp_path]):
        code, _, err = said(capsys, *arguments)
        assert (code, err) == (
            1,
            f"reports: {tmp_path} holds no evidence.json: it is no evidence\n",
        )
    (tmp_path / RECORD).write_text("{")
    code, _, err = said(capsys, "render", tmp_path)
    assert code == 1
    assert err.startswith(f"reports: {tmp_path / RECORD}: it is no JSON, or cut off")


def test_render_makes_everything_again(
    folder: Path, keys: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in RENDERINGS:
        (folder / name).unlink()
    code, _, err = said(capsys, "render", folder)
    assert code == 4
    assert "is signed: set P9A_SIGNING_KEY" in err
    monkeypatch.setenv("P9A_SIGNING_KEY", "")
    code, _, err = said(capsys, "render", folder)
    assert code == 4
    assert "P9A_SIGNING_KEY is set, but empty" in err
    monkeypatch.setenv("P9A_SIGNING_KEY", str(keys / "p9a-private.pem"))
    assert said(capsys, "render", folder) == (0, "", "")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_render_writes_what_jenkins_reads(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "jenkins.xml"
    assert said(capsys, "render", folder, "--jenkins", place) == (0, "", "")
    assert place.read_bytes() == (PROJECT / "selftests/golden/ready.jenkins.xml").read_bytes()
    code, _, err = said(capsys, "render", folder, "--jenkins", folder / "jenkins.xml")
    assert code == 4
    assert "lies among the evidence" in err
    assert faults(folder) == set()


def test_compare_tells_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    older, newer = tmp_path / "older", tmp_path / "newer"
    write_folder(ready(), older)
    write_folder(run((tenant(ALICE, "Alice & Söhne", {"S1.2": failed("0", "1")}),)), newer)
    code, out, err = said(capsys, "compare", older, newer)
    assert (code, err) == (0, "")
    assert "run verdict: READY -> NOT_READY" in out
    assert (
        "S1.2 the period has billable events: passed, got all well, as expected -> FAILED, " in out
    )
    assert said(capsys, "compare", older, older)[1] == "nothing changed\n"
    assert said(capsys, "compare", older, newer, "--markdown")[1].startswith("| what changed |")
