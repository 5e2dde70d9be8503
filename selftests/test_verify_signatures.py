"""Who signed evidence, and what of it; keys are for their owner only."""

import json
import os
import shlex
import shutil
import stat
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from reports.attestation import BadKey, read_public_key, read_signing_key
from reports.command_line import main
from reports.evidence import NOT_SELECTED, Evidence, Verdict
from reports.files import ATTESTATION, RECORD, WRITTEN, write_folder
from reports.findings import Fault
from reports.renderings import RENDERINGS
from reports.sentences import SEEDS_ALONE
from reports.verify import verify_folder
from runbook.statuses import Status
from selftests.gate import FEBRUARY, run_gate
from selftests.records import (
    ALICE,
    not_judged,
    not_ready,
    not_run,
    ready,
    ready_unjudged,
    run,
    tenant,
)
from selftests.verifying import faults, page_lines, said, sum_up

pytest_plugins = ["selftests.verifying"]
pytestmark = pytest.mark.usefixtures("this_gate")


def test_what_is_signed_holds_with_and_without_the_key(signed: Path, public: Path) -> None:
    assert verify_folder(signed).findings == ()
    verified = verify_folder(signed, read_public_key(public))
    assert (verified.findings, verified.signed) == ((), True)
    assert verified.evidence == ready()


def test_a_signature_by_somebody_else_is_found(folder: Path, tmp_path: Path) -> None:
    assert main(["keygen", str(tmp_path / "other")]) == 0
    key = read_public_key(tmp_path / "other" / "p9a-public.pem")
    assert faults(folder, key=key) == {Fault.ATTESTATION_IS_BAD}


def test_a_signature_of_other_evidence_is_found(folder: Path, tmp_path: Path) -> None:
    write_folder(not_ready(), tmp_path / "other")
    shutil.copy(folder / ATTESTATION, tmp_path / "other")
    sum_up(tmp_path / "other")
    assert faults(tmp_path / "other") == {Fault.ATTESTATION_IS_BAD}


def _forgeries(envelope: dict[str, Any]) -> Iterator[dict[str, Any]]:
    (signature,) = envelope["signatures"]
    yield envelope | {"signatures": []}
    yield envelope | {"signatures": [signature, signature | {"keyid": "other"}]}
    yield envelope | {"signatures": [signature | {"note": "approved"}]}
    yield envelope | {"note": "approved"}
    yield envelope | {"payloadType": "application/json"}
    yield envelope | {"payload": envelope["payload"][:-4]}
    respelled = json.dumps(json.loads(b64decode(envelope["payload"]))).encode()
    yield envelope | {"payload": b64encode(respelled).decode()}
    yield {}


def test_an_envelope_that_says_more_or_less_is_found(folder: Path) -> None:
    envelope = json.loads((folder / ATTESTATION).read_bytes())
    for content in [json.dumps(it, indent=2) for it in _forgeries(envelope)] + ["[]", "", "{"]:
        (folder / ATTESTATION).write_text(content + "\n")
        sum_up(folder)
        assert faults(folder) == {Fault.ATTESTATION_IS_BAD}, content


def test_the_statement_names_files_commit_tenants_and_period(signed: Path) -> None:
    statement = _statement(signed)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    for subject in statement["subject"]:
        content = (signed / subject["name"]).read_bytes()
        assert subject["digest"] == {"sha256": sha256(content).hexdigest()}
    assert {subject["name"] for subject in statement["subject"]} == {RECORD, *RENDERINGS}
    gate, platform, alice = statement["predicate"]["configuration"]
    assert gate["digest"] == {"gitCommit": ready().tool.commit}
    assert gate["annotations"]["period_start"] == "2026-02-01"
    assert gate["annotations"]["verdict_in_words"].startswith("READY: all four exit criteria")
    assert platform["digest"] == {"sha256": ready().platform.description_sha256}
    assert platform["annotations"]["system_identifier"] == ready().target.system_identifier
    assert alice["uri"] == f"urn:uuid:{ALICE}"
    assert statement["predicate"]["result"] == "PASSED"
    assert f"S4.1 {ALICE}" in statement["predicate"]["warnedTests"]
    assert statement["predicate"]["failedTests"] == []


@pytest.mark.parametrize(
    ("evidence", "result"),
    [
        (not_ready(), "FAILED"),
        (run(ready().tenants, rehearsal=True), "WARNED"),
        (run((tenant(ALICE, "A", {"X3": not_run(NOT_SELECTED)}),)), "WARNED"),
        (run((), reason="unreachable"), "FAILED"),
    ],
    ids=["not ready", "rehearsal", "partial", "aborted"],
)
def test_only_a_sign_off_is_attested_as_passed(
    keys: Path, tmp_path: Path, evidence: Evidence, result: str
) -> None:
    write_folder(evidence, tmp_path, signer=read_signing_key(str(keys / "p9a-private.pem")))
    predicate = _statement(tmp_path)["predicate"]
    assert predicate["result"] == result
    undecided = [one for one in evidence.tenants if one.verdict is not Verdict.READY]
    harmless = (Status.PASSED, Status.NOT_JUDGED)  # as it is excused here
    told = [check.id for one in undecided for check in one.results if check.status not in harmless]
    assert [name.split()[0] for name in predicate["failedTests"]] == told


def test_what_was_not_judged_is_attested_as_a_warning_only_where_it_is_excused(
    keys: Path, tmp_path: Path
) -> None:
    signer = read_signing_key(str(keys / "p9a-private.pem"))
    write_folder(ready_unjudged(), tmp_path, signer=signer)
    predicate = _statement(tmp_path)["predicate"]
    assert predicate["result"] == "PASSED"
    assert predicate["warnedTests"] == [f"{id} {ALICE}" for id in ("S1.4", "S1.7", "S4.5")]
    gate, platform, alice = predicate["configuration"]
    words = "READY, not judged: preview, idempotency, void"
    assert gate["annotations"]["verdict"] == alice["annotations"]["verdict"] == "READY"
    assert gate["annotations"]["verdict_in_words"].startswith(f"{words}: ")
    assert alice["annotations"]["verdict_in_words"] == words
    assert alice["annotations"]["remarks"][0] == SEEDS_ALONE
    told = platform["annotations"]["not_judged"]
    assert told[0] == {"what": "preview", "why": "the API has none", "checks": ["S1.4"]}
    unexcused = run((tenant(ALICE, "Alice", {"S1.4": not_judged("no time")}),))
    write_folder(unexcused, tmp_path, signer=signer)
    assert _statement(tmp_path)["predicate"]["failedTests"] == [f"S1.4 {ALICE}"]


def _statement(folder: Path) -> Any:
    envelope = json.loads((folder / ATTESTATION).read_bytes())
    done = subprocess.run(
        ["openssl", "base64", "-d", "-A"],  # noqa: S607 - whichever the reader has
        input=envelope["payload"].encode(),
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("tampered", [False, True], ids=["as signed", "tampered with"])
def test_the_page_verifies_without_the_gate(
    folder: Path, public: Path, tmp_path: Path, tampered: bool
) -> None:
    if tampered:
        content = json.loads((folder / ATTESTATION).read_bytes())
        content["payload"] = b64encode(b64decode(content["payload"]) + b" ").decode()
        (folder / ATTESTATION).write_text(json.dumps(content, indent=2))
        sum_up(folder)
    script = page_lines("With nothing but coreutils and OpenSSL:")
    script = script.replace("reports/out/latest", shlex.quote(str(folder)))
    script = script.replace("p9a-public.pem", shlex.quote(str(public)))
    done = subprocess.run(
        ["sh", "-ec", script],  # noqa: S607 - whichever the reader has
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (not tampered), done.stdout + done.stderr
    assert ("Signature Verified Successfully" in done.stdout) == (not tampered)
    assert sorted(path.name for path in folder.iterdir()) == sorted(WRITTEN)


def test_a_run_signs_with_a_key_that_it_never_shows(
    tmp_path: Path, keys: Path, public: Path
) -> None:
    secret = (keys / "p9a-private.pem").read_text()
    place = tmp_path / "job-summary"
    given = {"P9A_SIGNING_KEY": secret, "GITHUB_STEP_SUMMARY": str(place)}
    folder = tmp_path / "evidence"
    arguments = ("--seed=never", "-n", "1", "-vv", "-l", "-rA")
    outcome = run_gate(folder, *FEBRUARY, *arguments, env=given)
    assert outcome.code == 1
    verified = verify_folder(folder, read_public_key(public))
    assert (verified.findings, verified.signed) == ((), True)
    assert "::error title=S1.2 " in outcome.out
    assert place.read_bytes() == (folder / "summary.md").read_bytes()
    shown = outcome.out + outcome.err + "".join(p.read_text() for p in folder.iterdir())
    assert not any(line in shown for line in secret.splitlines() if line)


def test_a_wrong_key_is_a_wrong_call(tmp_path: Path) -> None:
    outcome = run_gate(tmp_path / "evidence", env={"P9A_SIGNING_KEY": "-----BEGIN s3cret-key"})
    assert outcome.code == 4
    assert "P9A_SIGNING_KEY is neither an unencrypted ed25519 private key" in outcome.err
    assert "s3cret-key" not in outcome.out + outcome.err
    assert not (tmp_path / "evidence").exists()


def test_an_empty_key_is_a_missing_secret(tmp_path: Path) -> None:
    outcome = run_gate(tmp_path / "evidence", "--rehearse", env={"P9A_SIGNING_KEY": " "})
    assert outcome.code == 4
    assert "P9A_SIGNING_KEY is set, but empty" in outcome.err
    assert not (tmp_path / "evidence").exists()


def test_what_is_no_private_key_is_never_shown(public: Path, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff")
    locked = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:x"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    rsa = subprocess.run(
        ["openssl", "genpkey", "-quiet", "-algorithm", "rsa"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    wrong = ["s3cret", "a\0b", "x" * 5000, str(tmp_path), str(binary), str(public)]
    for value in [*wrong, locked.stdout, rsa.stdout]:
        with pytest.raises(BadKey, match="is neither an unencrypted ed25519") as caught:
            read_signing_key(value)
        assert value not in str(caught.value)


def test_keys_are_for_their_owner_only_and_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(capsys, "keygen", tmp_path / "keys")
    assert code == 0
    private = tmp_path / "keys" / "p9a-private.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    before = private.read_bytes()
    assert before.splitlines()[1].decode() not in out
    code, _, err = said(capsys, "keygen", tmp_path / "keys")
    assert code == 4
    assert "keys are never overwritten" in err
    assert private.read_bytes() == before
