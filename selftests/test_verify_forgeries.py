"""Evidence that was touched, cut off, forged or is old is refused, and says what is wrong."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.attestation import read_public_key, read_signing_key
from reports.evidence import NEVER_REPORTED, NOT_SELECTED, LackFacts, SeedFacts, Verdict
from reports.files import ATTESTATION, RECORD, SUMS, WRITTEN, write_folder
from reports.findings import Fault, Finding
from reports.record import load_record
from reports.renderings import RENDERINGS
from reports.verdict import conclude, conclude_tenant
from reports.verify import verify_folder
from selftests.gate import PROJECT
from selftests.records import (
    ALICE,
    AUDITED,
    LEDGERLINE,
    NO_PREVIEW,
    NOTHING,
    STRAY,
    THREE,
    failed,
    not_judged,
    not_ready,
    not_run,
    ready,
    ready_unjudged,
    run,
    tenant,
)
from selftests.verifying import faults, forged, saying_otherwise, sum_up

pytest_plugins = ["selftests.verifying"]
pytestmark = pytest.mark.usefixtures("this_gate")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_byte_of_any_file_that_changes_is_found(signed: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(WRITTEN), "file")
    content = (signed / name).read_bytes()
    place = data.draw(st.integers(0, len(content) - 1), "place")
    other = data.draw(st.integers(1, 255), "xor") ^ content[place]
    changed = content[:place] + bytes([other]) + content[place + 1 :]
    assert with_content(signed, name, changed)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_file_that_is_cut_off_or_longer_is_found(signed: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(WRITTEN), "file")
    content = (signed / name).read_bytes()
    kept = data.draw(st.integers(0, len(content) - 1), "kept")
    assert with_content(signed, name, content[:kept])
    assert with_content(signed, name, content + content[kept:])


def with_content(folder: Path, name: str, content: bytes) -> tuple[Finding, ...]:
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


@pytest.mark.long
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
        assert with_content(signed, RECORD, forged), place
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


def test_sums_of_any_bytes_are_read(folder: Path) -> None:
    (folder / SUMS).write_bytes((folder / SUMS).read_bytes() + b"0  n  \xff\n")
    (finding,) = verify_folder(folder).findings
    assert str(finding) == (
        "n  \N{REPLACEMENT CHARACTER}: is not the file of which SHA256SUMS tells [hash_differs]"
    )


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_rendering_that_says_something_else_is_found(folder: Path, name: str) -> None:
    (folder / name).write_bytes(saying_otherwise((folder / name).read_bytes()))
    sum_up(folder)
    assert Fault.RENDERING_DIFFERS in faults(folder)


def test_another_spelling_of_the_same_record_is_found(folder: Path) -> None:
    (folder / RECORD).write_text(json.dumps(json.loads((folder / RECORD).read_text())))
    sum_up(folder)
    assert Fault.RECORD_IS_BAD in faults(folder)


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


@pytest.mark.parametrize("name", ["name", "kind", "description_sha256"])
def test_a_verdict_about_a_platform_that_is_not_named_is_refused(tmp_path: Path, name: str) -> None:
    evidence = ready()
    unnamed = evidence.platform.model_copy(update={name: ""})
    wrong = evidence.model_copy(update={"platform": unnamed})
    assert forged(wrong, tmp_path) == {Fault.PLATFORM_IS_NOT_NAMED}


@pytest.mark.parametrize(("cents", "found"), [("01", set()), ("02", {Fault.MONEY_DIFFERS})])
def test_money_is_added_up_to_its_last_digit(tmp_path: Path, cents: str, found: set[str]) -> None:
    """A sum of many digits is not rounded to those that a decimal has by default."""
    total = Decimal(f"1{'0' * 40}.{cents}")
    own = THREE.model_copy(update={"gain_share_amount": Decimal(f"1{'0' * 40}.01")})
    one = tenant(ALICE, "Alice", {}, expected_gain_share=total, lines=(), own=own, seeded=NOTHING)
    assert forged(run((one.model_copy(update={"seeds": SeedFacts()}),)), tmp_path) == found
