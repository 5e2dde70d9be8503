"""Evidence that was touched, cut off, forged or is old is refused, and says what is wrong."""

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.__main__ import main
from reports.attestation import BadKey, read_public_key, read_signing_key
from reports.evidence import NEVER_REPORTED, NOT_SELECTED, Evidence, LackFacts, Verdict
from reports.files import ATTESTATION, RECORD, SUMS, WRITTEN, clear_folder, sums, write_folder
from reports.record import BadRecord, load_record
from reports.renderings import RENDERINGS
from reports.sentences import SEEDS_ALONE, judged_lines, period
from reports.verdict import conclude, conclude_tenant
from reports.verify import Fault, Finding, verify_folder
from runbook.statuses import Status
from selftests.gate import FEBRUARY, PROJECT, run_gate
from selftests.records import (
    ALICE,
    AUDITED,
    FIXED,
    LEDGERLINE,
    NO_PREVIEW,
    STRAY,
    failed,
    not_judged,
    not_ready,
    not_run,
    ready,
    ready_unjudged,
    run,
    tenant,
)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key pair."""
    folder = tmp_path_factory.mktemp("keys")
    assert main(["keygen", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def public(keys: Path) -> Path:
    return keys / "p9a-public.pem"


@pytest.fixture(scope="session")
def signed(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of signed evidence; copy it before you touch it."""
    folder = tmp_path_factory.mktemp("signed")
    write_folder(ready(), folder, signer=read_signing_key(str(keys / "p9a-private.pem")))
    return folder


@pytest.fixture
def folder(signed: Path, tmp_path: Path) -> Path:
    """A folder of signed evidence to touch."""
    return Path(shutil.copytree(signed, tmp_path / "evidence"))


def faults(folder: Path, **how: Any) -> set[str]:
    return {finding.fault.value for finding in verify_folder(folder, **how).findings}


def sum_up(folder: Path) -> None:
    """Make the hashes right again, as who forges evidence would."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != SUMS}
    (folder / SUMS).write_bytes(sums(files))


@pytest.mark.parametrize("name", FIXED)
def test_what_the_gate_writes_holds(name: str, tmp_path: Path) -> None:
    write_folder(FIXED[name](), tmp_path)
    assert verify_folder(tmp_path).findings == ()


def test_what_is_signed_holds_with_and_without_the_key(signed: Path, public: Path) -> None:
    assert verify_folder(signed).findings == ()
    verified = verify_folder(signed, read_public_key(public))
    assert (verified.findings, verified.signed) == ((), True)
    assert verified.evidence == ready()


def test_every_file_that_is_written_is_known(signed: Path) -> None:
    assert set(WRITTEN) == {RECORD, SUMS, ATTESTATION, *RENDERINGS}
    assert {path.name for path in signed.iterdir()} == set(WRITTEN)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_byte_of_any_file_that_changes_is_found(signed: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(WRITTEN), "file")
    content = (signed / name).read_bytes()
    place = data.draw(st.integers(0, len(content) - 1), "place")
    other = data.draw(st.integers(1, 255), "xor") ^ content[place]
    changed = content[:place] + bytes([other]) + content[place + 1 :]
    assert _with(signed, name, changed)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_file_that_is_cut_off_or_longer_is_found(signed: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(WRITTEN), "file")
    content = (signed / name).read_bytes()
    kept = data.draw(st.integers(0, len(content) - 1), "kept")
    assert _with(signed, name, content[:kept])
    assert _with(signed, name, content + content[kept:])


def _with(folder: Path, name: str, content: bytes) -> tuple[Finding, ...]:
    """What is found with another content of one file, which is then put back."""
    before = (folder / name).read_bytes()
    (folder / name).write_bytes(content)
    try:
        return verify_folder(folder).findings
    finally:
        (folder / name).write_bytes(before)


def fields(document: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values in a document."""
    items: Any = ()
    if isinstance(document, dict):
        items = document.items()
    elif isinstance(document, list):
        items = enumerate(document)
    else:
        yield place
    for name, value in items:
        yield from fields(value, (*place, name))


def other(value: Any) -> Any:
    """Another value, of the same type where there is one."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value + 1
    known = {"READY": "PARTIAL", "passed": "failed", "not_run": "passed", "not_judged": "passed"}
    known |= {"preview": "void", "void": "preview", "HTTP": "command"}
    if re.fullmatch(r"\d{4}-\d\d-\d\d.*", value):
        return value.replace("2026", "2025")
    return known.get(value, f"{value}1")


RECORDED = json.loads(Path(PROJECT / "selftests/golden/record-not_judged.json").read_text())


def test_any_field_that_is_forged_is_refused_even_if_all_else_is_made_again(
    keys: Path, public: Path, tmp_path: Path
) -> None:
    signed = tmp_path / "signed"
    write_folder(ready_unjudged(), signed, signer=read_signing_key(str(keys / "p9a-private.pem")))
    key = read_public_key(public)
    places = list(fields(RECORDED))
    assert len(places) > 200
    for place in places:
        document = json.loads((signed / RECORD).read_bytes())
        inner = document
        for name in place[:-1]:
            inner = inner[name]
        inner[place[-1]] = other(inner[place[-1]])
        forged = json.dumps(document, indent=2).encode() + b"\n"
        assert _with(signed, RECORD, forged), place
        assert _made_again(forged, signed, tmp_path / "again", key), place


def _made_again(record: bytes, signed: Path, folder: Path, key: Any) -> tuple[Finding, ...]:
    """What is found where a forger renders a record, keeps the signature and sums up."""
    try:
        evidence = load_record(record)
    except Exception as error:  # noqa: BLE001 - no record at all is refused as well
        return (Finding(Fault.RECORD_IS_BAD, RECORD, str(error)),)
    write_folder(evidence, folder)
    shutil.copy(signed / ATTESTATION, folder)
    sum_up(folder)
    return verify_folder(folder, key).findings


@pytest.mark.parametrize("name", WRITTEN)
def test_a_missing_file_is_found(folder: Path, public: Path, name: str) -> None:
    (folder / name).unlink()
    wanted = Fault.NOT_SIGNED if name == ATTESTATION else Fault.FILE_IS_MISSING
    assert wanted in faults(folder, key=read_public_key(public))


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to(RECORD)])
def test_what_the_gate_never_writes_is_found(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "notes.txt")
    assert faults(folder) == {Fault.FILE_IS_UNKNOWN}


def test_a_link_to_a_file_elsewhere_is_no_file_of_the_run(folder: Path, tmp_path: Path) -> None:
    (folder / RECORD).rename(tmp_path / RECORD)
    (folder / RECORD).symlink_to(tmp_path / RECORD)
    assert Fault.FILE_IS_UNKNOWN in faults(folder)


def test_an_empty_folder_is_no_evidence(tmp_path: Path) -> None:
    assert faults(tmp_path) == {Fault.FILE_IS_MISSING}
    assert faults(tmp_path / "nowhere") == {Fault.NO_FOLDER}


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_rendering_that_says_something_else_is_found(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes().replace(b"READY", b"GREEN"))
    sum_up(folder)
    assert Fault.RENDERING_DIFFERS in faults(folder)


def test_another_spelling_of_the_same_record_is_found(folder: Path) -> None:
    (folder / RECORD).write_text(json.dumps(json.loads((folder / RECORD).read_text())))
    sum_up(folder)
    assert Fault.RECORD_IS_BAD in faults(folder)


def forged(evidence: Evidence, folder: Path) -> set[str]:
    write_folder(evidence, folder)
    return faults(folder)


def test_a_verdict_that_does_not_follow_is_found(tmp_path: Path) -> None:
    evidence = not_ready()
    green = evidence.model_copy(update={"verdict": Verdict.READY})
    assert forged(green, tmp_path) == {Fault.VERDICT_DOES_NOT_FOLLOW}
    tenants = [one.model_copy(update={"verdict": Verdict.READY}) for one in evidence.tenants]
    green = green.model_copy(update={"tenants": tuple(tenants)})
    assert forged(green, tmp_path) == {Fault.VERDICT_DOES_NOT_FOLLOW}


def test_ready_without_any_tenant_is_found(tmp_path: Path) -> None:
    nobody = run(()).model_copy(update={"verdict": Verdict.READY})
    assert forged(nobody, tmp_path) == {Fault.VERDICT_DOES_NOT_FOLLOW}


def test_ready_of_a_run_that_ended_early_is_found(tmp_path: Path) -> None:
    early = ready().model_copy(update={"reason": "interrupted before the end"})
    assert forged(early, tmp_path) == {Fault.VERDICT_DOES_NOT_FOLLOW}


def test_a_criterion_that_does_not_follow_is_found(tmp_path: Path) -> None:
    for outcome in (failed("x", "y"), not_run("no time")):
        evidence = run((tenant(ALICE, "Alice", {"S2.2": outcome}),))
        assert Fault.CRITERION_DOES_NOT_FOLLOW in forged(evidence, tmp_path)
    failing = run((tenant(ALICE, "Alice", {"S3.3": failed("1 left", "0 left")}),))
    assert forged(failing, tmp_path) == {Fault.CRITERION_DOES_NOT_FOLLOW}


def test_a_criterion_may_pass_without_what_was_not_selected_or_not_needed(tmp_path: Path) -> None:
    partial = {"S1.4": not_run(NOT_SELECTED), "S3.3": not_run("not needed")}
    evidence = run((tenant(ALICE, "Alice", partial),))
    assert (evidence.verdict, forged(evidence, tmp_path)) == (Verdict.PARTIAL, set())


def test_a_criterion_may_have_passed_where_the_run_then_broke(tmp_path: Path) -> None:
    lost = {"S1.4": not_run(NEVER_REPORTED)}
    evidence = run((tenant(ALICE, "Alice", lost, reason="the run ended before S1.4 reported"),))
    assert (evidence.verdict, forged(evidence, tmp_path)) == (Verdict.ABORTED, set())


def test_a_criterion_that_passed_over_rows_left_behind_is_found(tmp_path: Path) -> None:
    declared = run((tenant(ALICE, "Alice", {}, left_behind=(AUDITED,)),))
    assert forged(declared, tmp_path) == set()
    stray = run((tenant(ALICE, "Alice", {}, left_behind=(AUDITED, STRAY)),))
    assert forged(stray, tmp_path) == {Fault.CRITERION_DOES_NOT_FOLLOW}


def test_a_check_that_no_declared_lack_lets_go_is_found(tmp_path: Path) -> None:
    for id, declared in (("S1.4", ()), ("S1.1", (NO_PREVIEW,)), ("X1", (NO_PREVIEW,))):
        platform = LEDGERLINE.model_copy(update={"declared": declared})
        one = tenant(ALICE, "Alice", {id: not_judged("no time")}, declared=declared)
        evidence = run((one,), platform=platform)
        assert evidence.verdict is Verdict.NOT_READY
        assert Fault.NOT_JUDGED_WITHOUT_LACK in forged(evidence, tmp_path)
        green = [one.model_copy(update={"verdict": Verdict.READY}) for one in evidence.tenants]
        update = {"verdict": Verdict.READY, "tenants": tuple(green)}
        found = forged(evidence.model_copy(update=update), tmp_path)
        assert {Fault.NOT_JUDGED_WITHOUT_LACK, Fault.VERDICT_DOES_NOT_FOLLOW} <= found


def test_lacks_that_are_told_otherwise_than_declared_are_found(tmp_path: Path) -> None:
    evidence = ready_unjudged()
    softer = (NO_PREVIEW.model_copy(update={"why": "not needed"}), *evidence.not_judged[1:])
    for told in ((), evidence.not_judged[1:], evidence.not_judged[::-1], softer):
        forgery = evidence.model_copy(update={"not_judged": told})
        assert forged(forgery, tmp_path) == {Fault.LACKS_DIFFER}


@pytest.mark.parametrize(
    "declared",
    [
        (NO_PREVIEW, NO_PREVIEW.model_copy(update={"why": "not needed"})),
        (NO_PREVIEW.model_copy(update={"checks": ("S1.4", "S2.2")}),),
        (NO_PREVIEW.model_copy(update={"checks": ("S9.9",)}),),
    ],
    ids=["twice", "more than rests on it", "no check"],
)
def test_lacks_that_are_none_are_found(tmp_path: Path, declared: tuple[LackFacts, ...]) -> None:
    platform = LEDGERLINE.model_copy(update={"declared": declared})
    evidence = run((tenant(ALICE, "Alice", {}, declared=declared),), platform=platform)
    assert forged(evidence, tmp_path) == {Fault.LACKS_DIFFER}


@pytest.mark.parametrize("part", ["checks", "exit_criteria"])
def test_checks_that_are_not_those_of_the_gate_are_found(tmp_path: Path, part: str) -> None:
    (one,) = ready().tenants
    results = getattr(one, part)
    renamed = results[0].model_copy(update={"title": "all is well"})
    for changed in (
        (),
        results[1:],
        (*results, results[0]),
        results[::-1],
        (renamed, *results[1:]),
    ):
        judged = one.model_copy(update={part: changed})
        judged = judged.model_copy(update={"verdict": conclude_tenant(judged, ())})
        evidence = ready().model_copy(update={"tenants": (judged,)})
        evidence = evidence.model_copy(update={"verdict": conclude(evidence)})
        assert Fault.CHECKS_DIFFER in forged(evidence, tmp_path)


def test_a_tenant_who_stands_there_twice_is_found(tmp_path: Path) -> None:
    assert forged(run(ready().tenants * 2), tmp_path) == {Fault.CHECKS_DIFFER}


def test_old_evidence_is_found_where_it_matters(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    recent = run((), reason="x", started_at=now, finished_at=now)
    write_folder(recent, tmp_path)
    assert faults(tmp_path, max_age=timedelta(days=1)) == set()
    write_folder(ready(), tmp_path)
    assert faults(tmp_path, max_age=timedelta(days=1)) == {Fault.TOO_OLD}


def test_impossible_times_are_found(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for started, finished in ((now, now - timedelta(1)), (now, now + timedelta(1))):
        evidence = run(ready().tenants, started_at=started, finished_at=finished)
        assert forged(evidence, tmp_path) == {Fault.TIMES_ARE_IMPOSSIBLE}


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


@pytest.mark.parametrize("name", ["name", "kind", "description_sha256"])
def test_a_verdict_about_a_platform_that_is_not_named_is_refused(tmp_path: Path, name: str) -> None:
    evidence = ready()
    unnamed = evidence.platform.model_copy(update={name: ""})
    wrong = evidence.model_copy(update={"platform": unnamed})
    assert forged(wrong, tmp_path) == {Fault.PLATFORM_IS_NOT_NAMED}


def test_what_was_not_judged_is_attested_as_a_warning_only_where_it_is_excused(
    keys: Path, tmp_path: Path
) -> None:
    signer = read_signing_key(str(keys / "p9a-private.pem"))
    write_folder(ready_unjudged(), tmp_path, signer=signer)
    predicate = _statement(tmp_path)["predicate"]
    assert predicate["result"] == "PASSED"
    assert predicate["warnedTests"] == [f"S1.4 {ALICE}", f"S4.5 {ALICE}"]
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


def page_lines(after: str) -> str:
    """The indented lines that follow a sentence of the page on the evidence."""
    _, found, rest = (PROJECT / "docs" / "evidence.md").read_text().partition(after)
    assert found, after
    block = re.match(r"\n\n((?:    .*\n)+)", rest)
    assert block is not None
    return re.sub(r"^    ", "", block[1], flags=re.MULTILINE)


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


# Writing -------------------------------------------------------------------------------------


def test_sha256sum_checks_the_sums(signed: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", SUMS],  # noqa: S607 - whichever the reader has
        cwd=signed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count(": OK") == len(WRITTEN) - 1


def test_a_folder_that_is_not_written_to_the_end_is_never_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = len(RENDERINGS) + 2
    for lasting in range(files):
        with monkeypatch.context() as patched:
            _break_after(patched, lasting)
            with pytest.raises(OSError, match="no space"):
                write_folder(not_ready(), folder)
        assert not (folder / SUMS).exists()
        assert Fault.FILE_IS_MISSING in faults(folder)
    write_folder(not_ready(), folder)
    assert faults(folder) == set()


def _break_after(patched: pytest.MonkeyPatch, lasting: int) -> None:
    left = iter([True] * lasting)
    replace = Path.replace

    def break_down(self: Path, target: Path) -> Path:
        if not next(left, False):
            raise OSError("no space")
        return replace(self, target)

    patched.setattr(Path, "replace", break_down)


def test_a_record_that_does_not_fit_the_schema_is_not_written(tmp_path: Path) -> None:
    wrong = ready().model_copy(update={"verdict": "MAYBE"})
    with (
        pytest.warns(UserWarning, match="Expected `enum`"),
        pytest.raises(BadRecord, match="at verdict"),
    ):
        write_folder(wrong, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_of_an_earlier_run_stays(folder: Path) -> None:
    (folder / ".evidence.json.new").touch()
    (folder / "notes.txt").touch()
    clear_folder(folder)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


# Runs of the gate ----------------------------------------------------------------------------


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


def test_a_run_that_dies_leaves_nothing_of_the_run_before(folder: Path) -> None:
    outcome = run_gate(folder, *FEBRUARY, "-p", "selftests.plugins.die")
    assert outcome.code != 0
    assert outcome.evidence is None
    assert list(folder.iterdir()) == []


def test_listing_the_checks_leaves_evidence_alone(folder: Path) -> None:
    assert run_gate(folder, "--collect-only").code == 0
    assert faults(folder) == set()


def test_a_junit_file_among_the_evidence_is_a_wrong_call(tmp_path: Path) -> None:
    outcome = run_gate(tmp_path, f"--junit-xml={tmp_path}/junit.xml")
    assert outcome.code == 4
    assert "which gets a junit.xml of its own" in outcome.err
    assert list(tmp_path.iterdir()) == []


# Commands ------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


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
        f"  it says that gate 0.1.0 {ready().tool.commit} wrote it: another may render otherwise",
    ]


def test_evidence_of_an_older_gate_is_for_that_gate_to_verify(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = (folder / RECORD).read_text()
    (folder / RECORD).write_text(record.replace("p9a-evidence/2", "p9a-evidence/1"))
    assert faults(folder) == {Fault.RECORD_IS_OLDER}
    told = (
        f"reports: {folder / RECORD}: it is p9a-evidence/1, written by an older gate: verify it "
        "with that one, as this gate reads p9a-evidence/2 only\n"
    )
    assert said(capsys, "verify", folder) == (1, "", told)
    for arguments in (["render", folder], ["compare", folder, folder]):
        assert said(capsys, *arguments) == (1, "", told)


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
