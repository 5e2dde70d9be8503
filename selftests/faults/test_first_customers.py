"""A first customer, who has no events, is not READY on a platform that bills amounts wrongly.

Goal: each fault of amounts, rounding, rates and edges is refused at every rate. Method: customers
of Ledgerline at six rates, and of the reference platform in three currencies, all in one run for
each fault; what shows is planted by check M.1. What no amount can show, READY is right for.
"""

from datetime import date
from pathlib import Path

import pytest

from selftests.conftest import gate_on as gate_on_reference
from selftests.faults.catalogue import HERE
from selftests.ledgerline_gate import gate_on
from selftests.platforms.ledgerline.staging import Ledger
from selftests.reference import build_in
from selftests.server import TOKEN, serving
from selftests.staging import Staging

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]

RATES = ("20", "22.5", "25", "27.5", "30", "33.333")
EARLIER = "12.5"
MIDDLE, FIRST = "2025-06-15", "2025-06-01"
# At these no amount of whole cents tells: no share of one is just below a half, or a binary
# fraction is exact.
UNTOLD = {"round_twice": {"20", "25", "30"}, "fees_in_floats": {"25"}}
FAULTS = {
    "bill_no_reversals": MIDDLE,
    "bill_reversals_like_gains": MIDDLE,
    "bill_the_first_instant_of_march": MIDDLE,
    "bill_the_first_page_only": MIDDLE,
    "bill_what_is_only_identified": MIDDLE,
    "bill_what_was_deleted": MIDDLE,
    "bill_what_was_rejected": MIDDLE,
    "contract_lasts_a_day_longer": FIRST,
    "cut_fees_off": MIDDLE,
    "drop_findings_of_zero": MIDDLE,
    "drop_the_first_instant": MIDDLE,
    "drop_the_last_second": MIDDLE,
    "fees_in_floats": MIDDLE,
    "go_by_the_time_of_reporting": MIDDLE,
    "months_of_toronto": MIDDLE,
    "no_fee_below_zero": MIDDLE,
    "rate_of_each_findings_day": MIDDLE,
    "rate_of_the_last_day": MIDDLE,
    "rate_of_the_newest_contract": MIDDLE,
    "rates_without_their_decimals": MIDDLE,
    "round_halves_down": MIDDLE,
    "round_halves_to_even": MIDDLE,
    "round_halves_up": MIDDLE,
    "round_the_total_only": MIDDLE,
    "round_towards_minus_infinity": MIDDLE,
    "round_twice": MIDDLE,
    "swap_two_fees": MIDDLE,
    "take_equal_findings_for_one": MIDDLE,
    "take_percents_for_shares": MIDDLE,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_at_every_rate(fault: str, ledger: Ledger, tmp_path: Path) -> None:
    accounts = {}
    for rate in RATES:
        account_id = ledger.account(rate_percent=None)
        ledger.contract(account_id, EARLIER, "2024-01-01", FAULTS[fault])
        ledger.contract(account_id, rate, FAULTS[fault])
        accounts[str(account_id)] = rate
    before = ledger.rows()
    first, *others = accounts
    with gate_on(ledger, tmp_path, fault) as gate:
        outcome = gate(int(first), *(f"--tenant={account_id}" for account_id in others))
    assert outcome.evidence is not None, outcome.out + outcome.err
    ready = {accounts[one.id] for one in outcome.evidence.tenants if one.verdict == "READY"}
    assert ready == UNTOLD.get(fault, set()), outcome.out
    left = {row["table_name"] for row in ledger.rows() if row not in before}
    assert not left & {"findings", "invoices", "invoice_items"}


CURRENCIES = {"USD": "0.275", "JPY": "0.225", "KWD": "0.33333"}
OF_REFERENCE = (
    "cut_fees_off",
    "drop_events_of_zero",
    "drop_reversals",
    "go_by_the_time_of_recording",
    "rates_in_whole_percent",
    "round_every_fee_up",
    "round_half_down",
    "round_half_to_even",
    "round_reversals_up",
    "round_the_line_only",
    "round_towards_minus_infinity",
    "round_twice",
    "the_newest_terms_for_all",
    "work_in_floats",
)


@pytest.mark.parametrize("fault", OF_REFERENCE)
def test_a_fault_is_refused_in_every_currency(fault: str, staging: Staging, tmp_path: Path) -> None:
    changed = date.fromisoformat(MIDDLE)
    tenants = {}
    for currency, rate in CURRENCIES.items():
        tenant_id = staging.tenant("0.125", currency, valid_to=changed)
        staging.terms(tenant_id, rate, currency, valid_from=changed)
        tenants[str(tenant_id)] = currency
    before = staging.rows()
    build_in(staging.connection, (HERE / "sql" / f"{fault}.sql").read_text())
    first, *others = tenants
    with serving(staging.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
        gate = gate_on_reference(staging, tmp_path, "gate", env)
        outcome = gate(first, *(f"--tenant={tenant_id}" for tenant_id in others))
    assert outcome.evidence is not None, outcome.out + outcome.err
    ready = {tenants[one.id] for one in outcome.evidence.tenants if one.verdict == "READY"}
    assert ready == set(), outcome.out
    assert staging.rows() == before
