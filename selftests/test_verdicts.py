"""Verdicts that were too good, reasons that were consequences, and what nobody warned of.

Goal: READY is said of nothing that another should look at first, and every word of a verdict is
true. Steps are acted in this process where no more of the gate has a part in it.
"""

import re
import shlex
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.lifecycle import following
from acceptance.overlooked import NOT_LOOKED_FOR
from fixtures.findings import Finding, failed, found
from fixtures.target import SeedMode
from platforms.description import RELATIONS, BadDescription, read
from runbook.statuses import Status
from selftests.gate import RunGate, run_gate
from selftests.judging import judge
from selftests.queries_staging import staging as statements
from selftests.reference import described_otherwise
from selftests.server import TOKEN, serving
from selftests.staging import Staging

USAGE, ABORTED = 4, 2
STEP_1 = ("-m", "p9a and step1")

# Words ---------------------------------------------------------------------------------------


@given(st.text(), st.text(), st.text(), st.booleans())
def test_what_failed_never_reads_as_if_it_held(
    got: str, expected: str, detail: str, alike: bool
) -> None:
    told = expected if alike else got
    for finding in (
        failed(told, expected, detail),
        found(holds=False, got=told, expected=expected, detail=detail),
    ):
        assert finding.got != finding.expected
        assert detail in finding.got + finding.detail


def test_what_holds_is_told_as_it_is() -> None:
    assert found(holds=True, got="3", expected="3") == Finding(Status.PASSED, "3", "3")


def test_what_may_follow_from_a_wrong_call_is_no_finding_of_its_own() -> None:
    refused, held = failed("refused, invoice_is_not_draft: it is sent", "ISSUED"), failed("a", "b")
    accepted = ("issue of an invoice that is stale was not refused", "and another")
    told = following(refused, accepted)
    assert told.status is Status.NOT_RUN
    assert told.detail == (
        "issue of an invoice that is stale was not refused, and this may follow from it: refused, "
        "invoice_is_not_draft: it is sent; see S4.4"
    )
    assert following(held, ()) is held
    right = found(holds=True, got="3", expected="3")
    assert following(right, accepted) is right


# An invoice that is in the way ---------------------------------------------------------------

IN_THE_WAY = ("OVERDUE", None, "issued", " ISSUED ", "WITHDRAWN")


def test_a_status_that_no_description_names_is_in_the_way(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.build_in("let_invoices_be_anything")
    for number, status in enumerate(IN_THE_WAY, start=1):
        statements.insert_invoice(
            staging.connection,
            tenant_id=tenant_id,
            number=f"R{number}",
            status=status,
            period_start=date(2026, 1, 15),
            period_end=date(2026, 2, 2),
        )
    check = judge(staging, tenant_id).findings["S1.3"]
    assert check.status is Status.FAILED
    for told in (
        "'OVERDUE', which no",
        "without a status",
        "'issued', w",
        "' ISSUED ', w",
        "'WITH",
    ):
        assert f"({told}" in check.got
    odd = "' ISSUED ' and 'OVERDUE' and 'WITHDRAWN' and 'issued'"
    assert f"say in platform.toml, words.invoice, what {odd} means" in check.detail
    assert "the invoice without a status" in check.detail
    assert "cancel" not in check.detail


BOUNDLESS = {
    "N1": (None, None, "[?, ?)"),
    "N2": ("-infinity", "infinity", "[-infinity, infinity)"),
    "N3": (date(2026, 1, 15), "infinity", "[2026-01-15, infinity)"),
    "N4": (None, date(2026, 2, 5), "[?, 2026-02-05)"),
}


def test_an_invoice_that_does_not_say_what_it_bills_is_in_the_way(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.build_in("let_invoices_be_anything")
    for number, (start, end, _) in BOUNDLESS.items():
        statements.insert_invoice(
            staging.connection,
            tenant_id=tenant_id,
            number=number,
            status="ISSUED",
            period_start=start,
            period_end=end,
        )
    findings = judge(staging, tenant_id).findings
    assert findings["S1.3"].status is Status.FAILED
    for number, (_, _, bills) in BOUNDLESS.items():
        assert f"{number} (ISSUED) bills {bills}" in findings["S1.3"].got
    assert "have the period written that it bills" in findings["S1.3"].detail
    assert findings["S1.4"].status is Status.NOT_RUN
    assert findings["S1.4"].detail.endswith("see S1.3")


def test_an_event_at_no_instant_stops_nobody(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.build_in("events_at_no_instant")
    judged = judge(staging, tenant_id)
    assert not [id for id, one in judged.findings.items() if one.status is Status.FAILED]
    assert any("in -infinity, not invoiced" in told["words"] for told in judged.warnings)


def test_what_can_be_done_about_an_invoice_depends_on_where_it_stands(staging: Staging) -> None:
    drafted, issued = staging.tenant(), staging.tenant()
    for tenant_id in (drafted, issued):
        staging.event(tenant_id)
        staging.draft(tenant_id)
    cancel = "cancel the draft, or choose a period that is not billed yet"
    assert judge(staging, drafted).findings["S1.3"].detail == cancel
    staging.build_in("let_invoices_be_anything")
    statements.set_invoices(staging.connection, tenant_id=issued, status="ISSUED")
    told = judge(staging, issued).findings["S1.3"].detail
    assert told.startswith("void what has billed the period, if it was a mistake, or choose")


COUNTS_DRAFTS = """
CREATE TABLE app.counts (tenant_id uuid PRIMARY KEY, last integer);
CREATE FUNCTION app.count_on() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO app.counts VALUES (NEW.tenant_id, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET last = app.counts.last + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER count_on AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.count_on();
GRANT SELECT ON app.counts TO PUBLIC;
"""


def test_what_may_count_final_numbers_and_moves_with_drafts_is_warned_of_above_the_verdict(
    staging: Staging, gate: RunGate, tmp_path: Path
) -> None:
    staging.connection.execute(COUNTS_DRAFTS.encode())
    leaves = ("[lacks]\n", '[leaves]\n"app.counts" = "one number an issue"\n\n[lacks]\n')
    folder = described_otherwise(tmp_path / "ours", leaves)
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    outcome = gate(tenant_id, f"--platform={folder}")
    assert outcome.code == 0, outcome.out
    warning, verdict = (outcome.out.index(one) for one in ("final numbers may be gone", "\nREADY"))
    assert warning < verdict
    assert "moved app.counts, which [leaves] declares as 'one number an issue'" in outcome.out
    assert outcome.check("S2.3").got.endswith("but in app.counts (declared: one number an issue)")


# Totals that are no bill ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "kind"), [("-100.00", "negative"), ("0.00", "zero"), ("0.01", "zero")]
)
def test_a_total_that_is_not_positive_needs_somebody_who_says_so(
    staging: Staging, tmp_path: Path, amount: str, kind: str
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, amount)
    check = judge(staging, tenant_id).findings["S1.5"]
    assert check.status is Status.FAILED
    assert f"nothing says that {kind} totals are no mistake" in check.got
    assert f"--allow-total={kind}" in check.detail
    allowed = judge(staging, tenant_id, allowed_totals=frozenset({kind}))
    assert allowed.findings["S1.5"].passed
    other = {"zero": "negative", "negative": "zero"}[kind]
    assert not judge(staging, tenant_id, allowed_totals=frozenset({other})).findings["S1.5"].passed
    rule = ('"negative"]\nnumbers', f'"negative"]\nallowed_totals = ["{kind}"]\nnumbers')
    described = read(described_otherwise(tmp_path / "ours", rule))
    assert judge(staging, tenant_id, described).findings["S1.5"].passed


def test_seeds_do_not_hide_that_the_tenants_own_total_is_none(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "-100.00")
    check = judge(staging, tenant_id, seed_mode=SeedMode.ALWAYS).findings["S1.5"]
    assert "the tenant's own events: a total of -25.00 USD on 1 event" in check.got
    staging.event(tenant_id, "100.04")
    assert judge(staging, tenant_id, seed_mode=SeedMode.ALWAYS).findings["S1.5"].passed


def test_no_platform_may_be_allowed_what_it_does_not_make(tmp_path: Path) -> None:
    rule = (', "negative"]\nnumbers', ']\nallowed_totals = ["negative"]\nnumbers')
    with pytest.raises(BadDescription, match="no invoice is made of negative ones"):
        read(described_otherwise(tmp_path / "ours", rule))


@pytest.mark.parametrize("option", ["--allow-total=some", "--allow-total=zero,", "--allow-total="])
def test_another_kind_of_total_is_a_wrong_call(tmp_path: Path, option: str) -> None:
    outcome = run_gate(tmp_path / "evidence", option)
    assert outcome.code == USAGE, outcome.out
    assert "is none of zero, negative" in outcome.out + outcome.err


# Reasons -------------------------------------------------------------------------------------


def test_where_seeds_are_refused_that_is_the_reason_and_the_advice(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.build_in("refuse_seeds")
    outcome = gate(tenant_id)
    assert "see S3.1" in outcome.check("S1.2").detail
    assert "--seed=auto" not in outcome.out
    told = next(line for line in outcome.out.splitlines() if line.startswith("Reason: "))
    assert told.startswith("Reason: S3.1 ")
    assert "value_events_are_real" in told


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"seed_mode": SeedMode.NEVER}, "have the whole gate plant seeds: --seed=auto"),
        ({"seed_mode": SeedMode.AUTO, "read_only": True}, "leave out --read-only"),
    ],
)
def test_the_advice_is_not_what_was_just_tried(
    staging: Staging, given: dict[str, Any], advice: str
) -> None:
    detail = judge(staging, staging.tenant(), **given).findings["S1.2"].detail
    assert detail.endswith(advice)


def test_terms_that_are_missing_come_before_the_preview_that_says_so(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.end_terms(tenant_id, "2026-01-01")
    outcome = gate(tenant_id)
    assert {"S1.4", "S1.5"} <= set(outcome.failed())
    assert "\nReason: S1.5 every amount can be billed: got 1 DUPLICATE_CHARGE event" in outcome.out


# Warnings ------------------------------------------------------------------------------------


def test_what_was_never_billed_is_told_by_month_name_and_amount(staging: Staging) -> None:
    tenant_id = staging.tenant()
    assert judge(staging, tenant_id).warnings == []
    staging.event(tenant_id, "100.00")
    staging.build_in("let_invoices_be_anything")
    statements.insert_invoice(
        staging.connection,
        tenant_id=tenant_id,
        number="INV-1",
        status="ISSUED",
        period_start=date(2026, 1, 1),
        period_end=date(2026, 2, 1),
    )
    for amount, key, day in (
        ("8000.00", "audit-a", "2025-12-31T23:59:59.999999"),
        ("3000.00", "audit-b", "2026-01-01T00:00:00"),
        ("1000.00", "audit-c", "2026-01-31T23:59:59.999999"),
        ("9.00", "audit-later", "2026-03-01T00:00:00"),
    ):
        staging.event(tenant_id, amount, key, occurred_at=f"{day}+00:00")
    staging.event(tenant_id, "7", "audit-yen", "JPY", occurred_at="2026-01-05T00:00:00+00:00")
    yen, dollars = judge(staging, tenant_id).warnings
    assert dollars == {
        "kind": "never_billed",
        "words": "never billed: 12000.00 USD recovered before the period, 3 events: 4000.00 in "
        "2026-01, in a period that is invoiced already (2 events such as audit-b); 8000.00 in "
        "2025-12, not invoiced (1 event such as audit-a)",
        "event_count": 3,
        "amount": "12000.00",
        "currency": "USD",
    }
    assert (yen["amount"], yen["currency"]) == ("7", "JPY")


def test_what_is_recorded_twice_is_told_by_name_and_amount(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "100.00", "audit-1")
    staging.event(tenant_id, "100.00", "audit-another")
    staging.event(tenant_id, "-5.00", "audit-3")
    assert judge(staging, tenant_id).warnings == []
    for key, again in (("audit-1", "retry-1"), ("audit-1", "retry-2"), ("audit-3", "retry-3")):
        statements.record_again(staging.connection, key=key, again=again)
    (warned,) = judge(staging, tenant_id).warnings
    assert (warned["kind"], warned["event_count"]) == ("recorded_twice", 3)
    assert (warned["amount"], warned["currency"]) == ("195.00", "USD")
    assert (
        "audit-1 and retry-2, DUPLICATE_CHARGE of 100.00 at 2026-02-10 12:00:00" in warned["words"]
    )
    assert "audit-another" not in warned["words"]


def test_what_cannot_be_looked_for_is_said(staging: Staging, tmp_path: Path) -> None:
    folder = described_otherwise(tmp_path / "ours")
    relations = folder / RELATIONS
    text = relations.read_text()
    assert "    event.source_entity_id AS entity,\n" in text
    relations.write_text(text.replace("    event.source_entity_id AS entity,\n", ""))
    tenant_id = staging.tenant()
    staging.event(tenant_id, key="audit-1")
    statements.record_again(staging.connection, key="audit-1", again="retry-1")
    assert judge(staging, tenant_id, read(folder)).warnings == [NOT_LOOKED_FOR]


def test_a_warning_stands_above_the_verdict_and_changes_none(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.event(tenant_id, "12000.00", "audit-9", occurred_at="2025-12-10T00:00:00+00:00")
    outcome = gate(tenant_id)
    assert outcome.code == 0, outcome.out
    (warned,) = outcome.tenant.warnings
    assert (f"{warned.amount}", warned.currency) == ("12000.00", "USD")
    *_, above, verdict = outcome.out[: outcome.out.index("\nREADY") + 6].splitlines()
    assert above == f"Warning: {warned.words}"
    assert verdict == "READY"


# What only the gate excuses ------------------------------------------------------------------


def test_nobody_but_the_gate_excuses_a_check(staging: Staging, gate: RunGate) -> None:
    plugin = "selftests.plugins.spare_the_lifecycle"
    outcome = gate(staging.tenant(), "--lifecycle", "-p", plugin)
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY"), outcome.out
    assert [
        (outcome.check(f"S4.{n}").status, outcome.check(f"S4.{n}").detail) for n in range(1, 6)
    ] == [
        ("not_run", "skipped, not by the gate: Skipped: slow"),
        ("not_run", "it ended without a finding"),
        ("not_run", "it ended without a finding"),
        ("not_run", "it ended without a finding"),
        ("not_run", "skipped, not by the gate: Skipped: flaky"),
    ]
    assert (
        "\nReason: S4.1 a draft is generated to be issued: skipped, not by the gate" in outcome.out
    )


@pytest.mark.parametrize("part", ["p9a-collector", "p9a-scan", "acceptance.acts"])
def test_a_part_of_the_gate_cannot_be_turned_off(tmp_path: Path, part: str) -> None:
    outcome = run_gate(tmp_path / "evidence", "-p", f"no:{part}")
    assert outcome.code == USAGE, outcome.out
    assert f"-p no:{part} turns off a part of the gate" in outcome.out + outcome.err


# Own and seeded money ------------------------------------------------------------------------


def test_a_total_from_outside_is_met_by_the_tenants_own_money(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "4000.00")
    outcome = gate(tenant_id, "--seed=always", "--expected-total=1000.00")
    assert outcome.code == 0, outcome.out
    own, seeded = outcome.tenant.own, outcome.tenant.seeded
    assert own is not None
    assert seeded is not None
    assert [f"{money.gain_share_amount}" for money in (own, seeded)] == ["1000.00", "616.44"]


# How it ended, and how to ask again ----------------------------------------------------------


def test_ctrl_c_after_a_failure_is_an_interruption(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.suspend(tenant_id)
    plugin = ("-p", "no:randomly", "-p", "selftests.plugins.press_ctrl_c")
    outcome = gate(tenant_id, *plugin)
    assert outcome.code == ABORTED, outcome.out
    assert "Reason: interrupted by SIGINT before the end" in outcome.out


def test_every_rendering_says_how_to_ask_the_same_again(staging: Staging, tmp_path: Path) -> None:
    folder, ours = tmp_path / "evidence", described_otherwise(tmp_path / "it's ours")
    tenant_id = staging.tenant()
    with serving(staging.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN, "P9A_PLATFORM": str(ours)}
        given = ("--seed=always", "--allow-total=zero", "--allow-total=negative", "--api-timeout=9")
        database = staging.conninfo_of("gate")
        run_gate(folder, f"--tenant={tenant_id}", *given, *STEP_1, database=database, env=env)
    again = [
        *("pytest", "-m", "p9a and (step1)", f"--tenant={tenant_id}"),
        *("--period-start=2026-10-01", "--period-end=2026-11-01"),
        *(f"--platform={ours}", f"--billing-api={server.url}"),
        *("--allow-total=zero,negative", "--api-timeout=9", "--seed=always"),
    ]
    summary = unescape((folder / "summary.md").read_text())
    (told,) = re.findall("<code>(pytest .*)</code>", summary)
    assert shlex.split(told) == again
    page = unescape((folder / "report.html").read_text())
    assert shlex.join(again) in page
    assert TOKEN not in summary + page


@pytest.mark.parametrize("option", ["--co", "--fixtures", "--markers", "--version"])
def test_no_setting_has_nothing_judged_in_silence(tmp_path: Path, option: str) -> None:
    outcome = run_gate(tmp_path, "--rehearse", env={"PYTEST_ADDOPTS": option})
    assert outcome.code == 4
    assert "PYTEST_ADDOPTS, or addopts of an ini file, holds --" in outcome.err
    assert "nothing is judged" in outcome.err
