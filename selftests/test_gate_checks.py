"""The checks are themselves tested: each fault fails the right check, in the right words.

Each test builds one fault into a staging database of its own and runs the gate on it as a real
process. Beside the faults stand the healthy tenants that must pass. Whatever the verdict, the
database must be afterwards exactly as it was.
"""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from selftests.gate import RunGate
from selftests.reference import described_otherwise
from selftests.staging import Staging

# What these leave, the database itself does not let anybody remove.
UNREMOVABLE = {"leave_a_line", "draft_twice"}
FORESEEN = {"leave_the_draft", "keep_a_seed"}  # where what is made is committed, none is made
TERMS = "| terms | any finding type | 25 % | 2000-01-01 | until ever"


def test_a_tenant_with_events_of_its_own_is_ready(staging: Staging, either_gate: RunGate) -> None:
    tenant_id = staging.tenant()
    for amount, finding_type in [
        ("1200.50", "DUPLICATE_CHARGE"),
        ("875.25", "ADDRESS_CORRECTION"),
        ("390.00", "CLASSIFICATION_ERROR"),
        ("-100.02", "DUPLICATE_CHARGE"),
    ]:
        staging.event(tenant_id, amount, finding_type=finding_type)
    before = staging.rows()
    outcome = either_gate(tenant_id)
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
    assert f"{outcome.tenant.expected_gain_share}" == "591.43"
    assert outcome.tenant.seeds.inserted == 0
    assert outcome.check("S3.1").detail == "not needed: the period has billable events of its own"
    assert staging.rows() == before


def test_an_empty_period_is_judged_on_the_runbooks_seeds(
    staging: Staging, either_gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    outcome = either_gate(tenant_id)
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
    assert f"{outcome.tenant.recovered_amount}" == "2465.75"
    assert f"{outcome.tenant.expected_gain_share}" == "616.44"
    assert outcome.tenant.seeds.inserted == outcome.tenant.seeds.removed == 3
    assert all(key.startswith("dryrun-2026-02-p9a-") for key in outcome.tenant.seeds.keys)
    assert staging.rows() == before


def test_seeds_can_be_planted_beside_events(staging: Staging, either_gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "4.00")
    before = staging.rows()
    outcome = either_gate(tenant_id, "--seed=always")
    assert outcome.code == 0, outcome.out
    assert f"{outcome.tenant.expected_gain_share}" == "617.44"
    assert staging.rows() == before


@pytest.mark.parametrize(
    ("currency", "total"), [("JPY", "617"), ("KWD", "616.438"), ("EUR", "616.44")]
)
def test_seeds_are_in_a_currency_the_tenant_has_terms_in(
    staging: Staging, either_gate: RunGate, currency: str, total: str
) -> None:
    outcome = either_gate(staging.tenant(currency=currency))
    assert outcome.code == 0, outcome.out
    assert outcome.tenant.currency == currency
    assert f"{outcome.tenant.expected_gain_share}" == total


VOID_IS_KNOWN = ('paid = ["PAID"] }', 'paid = ["PAID"], withdrawn = ["VOID"] }')


@pytest.mark.parametrize("own", [0, 1])
def test_a_platform_that_keeps_voided_drafts_on_record_is_accepted_where_it_says_so(
    staging: Staging, either_gate: RunGate, tmp_path: Path, own: int
) -> None:
    folder = described_otherwise(tmp_path / "keeps-drafts", VOID_IS_KNOWN)
    tenant_id = staging.tenant()
    for _ in range(own):
        staging.event(tenant_id)
    before = staging.rows()
    staging.build_in("void_the_draft")
    outcome = either_gate(tenant_id, f"--platform={folder}")
    assert outcome.code == 0, outcome.out
    assert "stays on record as WITHDRAWN" in outcome.check("S2.3").detail
    assert outcome.tenant.invoice is not None
    assert outcome.tenant.invoice.status == "WITHDRAWN"
    after = staging.rows()
    kept = 2 if own and outcome.over_http else 0  # an invoice made of seeds goes with them
    assert len(after) == len(before) + kept
    assert [row for row in before if row not in after] == []


def test_a_word_that_the_description_does_not_know_is_no_record(
    staging: Staging, either_gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    staging.build_in("void_the_draft")
    outcome = either_gate(tenant_id)
    assert outcome.code == 1, outcome.out
    assert "S2.3" in outcome.failed()
    assert "is still VOID" in outcome.check("S2.3").got
    assert staging.rows() == before


def test_a_suspended_tenant_fails_the_first_check(staging: Staging, either_gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.suspend(tenant_id)
    outcome = either_gate(tenant_id)
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY")
    assert "S1.1" in outcome.failed()
    assert "got suspended, expected active" in outcome.out


def test_an_unknown_tenant_is_named_with_the_remedy(staging: Staging, either_gate: RunGate) -> None:
    outcome = either_gate("00000000-0000-4000-8000-000000000000")
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY")
    assert outcome.failed() == ["S1.1"]
    assert "got no such tenant, expected an active tenant" in outcome.out
    assert "list them with: python -m platforms tenants reference" in outcome.out


def test_a_period_without_events_fails_where_seeding_is_off(
    staging: Staging, either_gate: RunGate
) -> None:
    outcome = either_gate(staging.tenant(), "--seed=never")
    assert outcome.code == 1
    assert "S1.2" in outcome.failed()
    assert outcome.check("S1.2").got == "0 events"
    assert "--seed=never" in outcome.check("S1.2").detail
    assert outcome.check("S2.1").status == "not_run"


def test_an_overlapping_draft_is_named(staging: Staging, either_gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    number = staging.draft(tenant_id)
    before = staging.rows()
    outcome = either_gate(tenant_id)
    assert outcome.code == 1
    assert "S1.3" in outcome.failed()
    assert outcome.check("S1.3").got == f"{number} (DRAFT) bills [2026-02-01, 2026-03-01)"
    assert staging.rows() == before


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    [
        ("round_down", "S1.4", "gain share 616.43, not 616.44"),
        ("overcharge_by_a_cent", "S2.2", "the lines add up to 616.44, not to the total 616.45"),
        ("lose_a_line", "S2.2", "missing line: DUPLICATE_CHARGE at 25 %: 1 event, 1200.50 recov"),
        ("draft_twice", "S2.1", "2 new invoices stored"),
        ("leave_a_line", "S2.3", "1 line of the removed draft still there"),
        ("leave_the_draft", "S2.3", "is still DRAFT"),
        ("mark_events_billed", "S2.3", "app.value_events"),
        ("keep_a_seed", "S3.3", "got 2 removed, 1 left"),
        ("refuse_seeds", "S3.1", "value_events_are_real"),
    ],
)
def test_a_fault_of_the_platform_fails_its_check(
    staging: Staging, either_gate: RunGate, fault: str, check: str, words: str
) -> None:
    tenant_id = staging.tenant()
    staging.build_in(fault)
    before = staging.rows()
    outcome = either_gate(tenant_id)
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY"), outcome.out
    if fault in FORESEEN and outcome.over_http:
        check, words = "S3.1", "could not be removed again, so that nothing is made"
    assert check in outcome.failed()
    assert words in outcome.out
    if not (fault in UNREMOVABLE and outcome.over_http):
        assert staging.rows() == before
    else:
        assert outcome.check("X4").status == "failed"


def test_generated_events_find_what_the_tenants_own_do_not_show(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "100.00")
    staging.build_in("round_down")
    outcome = gate(tenant_id)
    assert (outcome.code, outcome.failed()) == (1, ["M.1"]), outcome.out
    assert outcome.check("M.1").got.startswith("preview: ")
    assert outcome.check("M.1").detail.startswith(
        "a tenant billed in USD\n  | terms | any finding "
    )
    rows = [line for line in outcome.out.splitlines() if line.lstrip().startswith("| ")]
    assert " ".join(rows[0].split()) == TERMS
    assert outcome.check("X3").status == "failed"


def test_a_preview_that_tries_to_write_fails_its_check(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.build_in("write_while_previewing")
    before = staging.rows()
    outcome = gate(tenant_id)
    assert outcome.code == 1
    assert "S1.6" in outcome.failed()
    assert "an attempt to write" in outcome.check("S1.6").got
    assert staging.rows() == before


def test_a_preview_that_has_written_elsewhere_fails_its_check(
    staging: Staging, either_gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    outcome = either_gate(tenant_id, "-p", "selftests.plugins.write_while_previewing")
    evidence = outcome.evidence
    assert evidence is not None
    # What surrounded the run is told: who looked over its shoulder, and where the server is.
    assert evidence.tool.plugins["selftests.plugins.write_while_previewing"] == "of unknown version"
    assert evidence.tool.plugins["pytest-xdist"] == version("pytest-xdist")
    assert not [name for name in evidence.tool.plugins if name.startswith(("fixtures", "_pytest"))]
    assert "conftest" not in evidence.tool.plugins
    assert re.fullmatch(r"/\S+:5432|127\.0\.0\.1:\d+", evidence.target.host)
    if not outcome.over_http:
        # One transaction sees one moment: who wrote meanwhile, in another, nobody can tell.
        assert (outcome.code, outcome.tenant.verdict) == (2, "ABORTED"), outcome.out
        assert "could not serialize access" in outcome.tenant.reason
        return
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY"), outcome.out
    assert f"app.tenants {tenant_id} is changed" in outcome.check("S1.6").got


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    [
        ("issue_without_claiming", "S4.2", "draft_is_stale"),
        ("raise_the_amount_at_issue", "S4.2", "gain share 616.45, not 616.44"),
        ("never_pay", "S4.3", "status ISSUED"),
        ("renumber_when_paid", "S4.4", "number or issue moved when it was paid"),
        ("lose_the_time_of_creation", "S4.4", "amount, event count or creation moved"),
        ("claim_an_event_more", "S4.4", "3 of 3 seeds claimed, 4 events in all"),
    ],
)
def test_a_fault_of_the_lifecycle_fails_its_check(
    staging: Staging, either_gate: RunGate, fault: str, check: str, words: str
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, occurred_at="2026-01-10T12:00:00+00:00")
    staging.build_in(fault)
    outcome = either_gate(tenant_id, "--lifecycle")
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY"), outcome.out
    assert check in outcome.failed()
    assert words in outcome.out


def test_the_whole_life_of_an_invoice_leaves_nothing(
    staging: Staging, either_gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, occurred_at="2026-01-10T12:00:00+00:00")
    before = staging.rows()
    outcome = either_gate(tenant_id, "--lifecycle")
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
    tried = 17 if outcome.over_http else 13
    life = f"DRAFT to ISSUED to PAID, 3 events claimed, {tried} of {tried} refusals"
    assert outcome.check("S4.4").got == life
    assert staging.rows() == before


def test_events_of_the_tenants_own_are_never_billed_for_real(
    staging: Staging, either_gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, occurred_at="2026-02-20T12:00:00+00:00")
    before = staging.rows()
    outcome = either_gate(tenant_id, "--lifecycle", "--seed=always")
    assert (outcome.code, outcome.failed()) == (1, ["S4.1"]), outcome.out
    assert "no seeds of this run" in outcome.check("S4.1").detail
    assert "choose a period that begins after 2026-02-20" in outcome.check("S4.1").detail
    assert staging.rows() == before


def test_an_amount_that_is_not_a_number_is_named(staging: Staging, either_gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.build_in("allow_nan")
    staging.event(tenant_id)
    staging.event(tenant_id, "NaN", key="audit-odd")
    outcome = either_gate(tenant_id)
    assert outcome.code == 1
    assert "S1.5" in outcome.failed()
    expected = "1 DUPLICATE_CHARGE event whose amount is not a finite number (audit-odd"
    assert expected in outcome.check("S1.5").got


def test_missing_terms_are_named(staging: Staging, either_gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.event(tenant_id, key="audit-old", occurred_at="2026-02-01T00:00:00+00:00")
    staging.end_terms(tenant_id, "2026-02-10")
    outcome = either_gate(tenant_id)
    assert outcome.code == 1
    assert "S1.5" in outcome.failed()
    assert "1 DUPLICATE_CHARGE event in USD without terms on the date" in outcome.check("S1.5").got
    assert "audit-old" not in outcome.check("S1.5").got


def test_two_currencies_are_named(staging: Staging, either_gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.terms(tenant_id, "0.25", "EUR")
    staging.event(tenant_id)
    staging.event(tenant_id, currency="EUR")
    outcome = either_gate(tenant_id)
    assert outcome.code == 1
    assert "S1.5" in outcome.failed()
    assert "the period has 2 currencies: EUR, USD" in outcome.check("S1.5").got


def test_seeds_planted_by_hand_are_used_reported_and_left_alone(
    staging: Staging, either_gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "875.25")
    without = staging.rows()
    staging.event(tenant_id, "1200.50", key="dryrun-2026-02-001")
    before = staging.rows()
    outcome = either_gate(tenant_id)
    assert (outcome.code, outcome.failed()) == (1, []), outcome.out
    assert outcome.check("X4").status == "failed"
    assert "DELETE FROM app.value_events" in outcome.check("X4").detail
    keys, _, statement = outcome.check("X4").detail.partition(": remove what you do not need: ")
    assert keys == "dryrun-2026-02-001"
    assert staging.rows() == before
    staging.connection.execute(statement.encode())
    assert staging.rows() == without


def test_the_expected_total_from_outside_must_be_met(
    staging: Staging, either_gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "100.00")
    met = either_gate(tenant_id, "--expected-total=25.00")
    assert met.code == 0, met.out
    missed = either_gate(tenant_id, "--expected-total=25.01")
    assert (missed.code, missed.failed()) == (1, [])
    assert missed.check("X3").got == "25.00 USD"
    assert missed.check("X3").expected == "25.01 USD (--expected-total)"
