"""Evidence that the first gates wrote, kept as they wrote it, still verifies, renders, compares."""

import json
import shutil
from pathlib import Path

import pytest

from reports.attestation import read_public_key
from reports.files import ATTESTATION, RECORD
from reports.history import history_of
from reports.nights import read_nights
from reports.record import load_record, spell
from selftests.golden import GOLDEN
from selftests.records import FIXED, ready
from selftests.verifying import faults, forged, said, sum_up

FIRST = GOLDEN / "p9a-evidence-1"
KEY = FIRST / "public.pem"


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A copy of what the first gate wrote and signed."""
    return Path(shutil.copytree(FIRST / "ready", tmp_path / "evidence"))


def test_it_verifies_and_says_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "verify", FIRST / "ready", "--public-key", KEY)
    assert (code, err) == (0, "")
    told = "it is p9a-evidence/1: on which platform, and on whose events, it does not say"
    assert told in out.splitlines()
    assert out.splitlines()[-1].startswith("READY: 1 tenant, ")
    code, _, err = said(capsys, "verify", FIRST / "not_ready")
    assert (code, "is NOT_READY: S1.4 " in err) == (1, True)
    assert said(capsys, "verify", FIRST / "not_ready", "--any-verdict")[0] == 0


def test_it_is_no_answer_to_who_asks_for_a_platform(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, "verify", FIRST / "ready", "--platform=reference")
    assert (code, "it is of no platform, and reference is description" in err) == (1, True)


def test_what_is_changed_in_it_is_found(first: Path) -> None:
    record = json.loads((first / RECORD).read_bytes())
    record["tenants"][0]["expected_gain_share"] = "616.45"
    (first / RECORD).write_bytes(spell(record))
    assert {"hash_differs", "attestation_is_bad"} <= faults(first)
    sum_up(first)
    assert faults(first) == {"attestation_is_bad"}
    (first / ATTESTATION).unlink()
    record["tenants"][0]["checks"][3]["status"] = "failed"
    (first / RECORD).write_bytes(spell(record))
    sum_up(first)
    assert faults(first) == {"criterion_does_not_follow", "verdict_does_not_follow"}


@pytest.mark.parametrize("field", ["platform", "not_judged", "own"])
def test_it_has_no_field_that_came_later(first: Path, field: str) -> None:
    record = json.loads((first / RECORD).read_bytes())
    place = record["tenants"][0] if field == "own" else record
    place[field] = None if field == "own" else []
    (first / RECORD).write_bytes(spell(record))
    sum_up(first)
    assert "record_is_bad" in faults(first)


def test_only_the_first_schema_may_be_without_what_came_later(tmp_path: Path) -> None:
    record = json.loads((FIRST / "ready" / RECORD).read_bytes())
    ids = [check["id"] for check in record["tenants"][0]["checks"]]
    assert "S4.5" not in ids
    (only,) = ready().tenants
    checks = tuple(check for check in only.checks if check.id in ids)
    without = only.model_copy(update={"checks": checks})
    evidence = ready().model_copy(update={"tenants": (without,)})
    assert "checks_differ" in forged(evidence, tmp_path)


def test_it_renders_and_stays_what_it_is(first: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (first / ATTESTATION).unlink()
    before = (first / RECORD).read_bytes()
    assert said(capsys, "render", first) == (0, "", "")
    assert (first / RECORD).read_bytes() == before
    assert faults(first) == set()
    assert (first / "bill.csv").read_bytes().count(b"\r\n") == 5
    assert "p9a-evidence/1" in (first / "report.html").read_text()


def test_it_compares_and_stands_in_a_history(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "compare", FIRST / "ready", FIRST / "not_ready")
    assert (code, "run verdict: READY -> NOT_READY" in out) == (0, True)
    nights, _ = read_nights([FIRST / "ready", FIRST / "not_ready"], read_public_key(KEY))
    history = history_of(nights)
    assert [len(history.rows), len(history.untrusted)] == [1, 1]  # only one of them is signed
    assert load_record((FIRST / "ready" / RECORD).read_bytes()).tenants != FIXED["ready"]().tenants
