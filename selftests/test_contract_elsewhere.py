"""A contract on a platform of another house, whose rate is that of the period's first day."""

from datetime import date
from pathlib import Path

import pytest

from acceptance.signed import read_stored
from platforms.description import read
from platforms.obstacles import Aborted
from platforms.relations.composing import load
from platforms.statements import Tables
from selftests.described import LEDGERLINE, Place, copy_of, not_ok
from selftests.ledgerline_gate import gate_on
from selftests.platforms.ledgerline.queries import queries
from selftests.platforms.ledgerline.staging import Ledger

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]

SIGNED = """
schema = "p9a-contract/1"
tenant = "{tenant}"
currency = "USD"
begins = 2025-01-01
rate_at = "period start"
{more}

[[terms]]
from = 2025-01-01
until = 2026-02-15
rate = "25 %"

[[terms]]
from = 2026-02-15
rate = "20 %"
"""


def test_what_was_signed_is_the_truth_there_too(ledger: Ledger, tmp_path: Path) -> None:
    account = ledger.account(rate_percent=None)
    ledger.contract(account, "25", ends="2026-02-15")
    ledger.contract(account, "20", starts="2026-02-15")
    ledger.finding(account, 10_000, "2026-02-20T12:00:00+00:00")
    (tmp_path / f"{account}.toml").write_text(SIGNED.format(tenant=account, more=""))
    (tmp_path / "capped.toml").write_text(
        SIGNED.format(tenant=account, more="caps = { per_event = 10 }")
    )
    with gate_on(ledger, tmp_path) as gate:
        kept = gate(account, f"--contract={tmp_path}")
        broken = gate(account, f"--contract={tmp_path / 'capped.toml'}")
    assert kept.code == 0, kept.out
    assert kept.check("S1.7").status == "passed"
    assert (broken.code, broken.failed()) == (1, ["S2.2"]), broken.out
    assert "25.00" in broken.check("S2.2").got
    assert "the cap per event" in broken.check("S1.7").detail


CAPS = """-- name: agreed
SELECT
    contract.account_id AS tenant_id, contract.starts AS valid_from, contract.ends AS valid_to,
    contract.item_cap_cents * 0.01 AS cap_per_event
FROM ledger.contracts AS contract;

-- name: invoices
"""


# Beside each agreement one that never begins, and one that ended before anything was.
NEVER = """-- name: agreed
SELECT
    contract.account_id AS tenant_id, coalesce(never.starts, contract.starts) AS valid_from,
    coalesce(never.ends, contract.ends) AS valid_to,
    CASE WHEN never IS NULL THEN contract.item_cap_cents ELSE 1 END * 0.01 AS cap_per_event
FROM ledger.contracts AS contract
CROSS JOIN (
    VALUES (NULL::date, NULL::date), ('infinity', NULL), ('-infinity', '-infinity')
) AS never (starts, ends);

-- name: invoices
"""


def test_what_a_contract_keeps_beside_its_rate_is_compared_where_a_relation_tells(
    ledger: Ledger, tmp_path: Path
) -> None:
    account = ledger.account(rate_percent=None)
    ledger.contract(account, "25", ends="2026-02-15")
    ledger.contract(account, "20", starts="2026-02-15")
    ledger.finding(account, 10_000, "2026-02-20T12:00:00+00:00")
    queries.keep_caps(ledger.connection)
    capped = date(2026, 1, 1)
    queries.cap_contracts(ledger.connection, account_id=account, since=capped, cap_cents=7_500)
    (tmp_path / f"{account}.toml").write_text(
        SIGNED.format(tenant=account, more="caps = { per_event = 75 }")
    )
    told = copy_of(LEDGERLINE, tmp_path, ("-- name: invoices\n", NEVER))
    step_1 = (f"--contract={tmp_path}", "-m", "p9a and step1")
    with gate_on(ledger, tmp_path, description=told) as gate:
        lost = gate(account, *step_1).check("S1.7")
        queries.cap_contracts(
            ledger.connection, account_id=account, since=date.max, cap_cents=7_500
        )
        kept = gate(account, *step_1).check("S1.7")
    words = "the cap per event from 2026-02-15: nothing stored, 75.00 USD signed"
    assert (lost.status, lost.got) == ("failed", words)
    assert "correct the terms in ledger.contracts, or the contract" in lost.detail
    assert (kept.status, kept.detail) == ("passed", "compared as stored: the cap per event")


TIERS = """-- name: tiers
SELECT 'c-' || contract.id AS terms_id, 'invoice' AS tiers_of, NULL::numeric AS up_to, 0.2 AS rate
FROM ledger.contracts AS contract;

-- name: invoices"""
MISTAKES = [
    (
        "contract.item_cap_cents * 0.01",
        "(SELECT title FROM ledger.accounts)::numeric",
        4,
        "agreed.cap_per_event cannot be read of every row, which would end a run: invalid input sy",
    ),
    (
        "cap_per_event",
        "cap_per_event, 'usd' AS currency",
        4,
        "agreed.currency holds 'usd' (1 row), and codes are in upper case: select upper(...)",
    ),
    ("-- name: invoices", TIERS, 8, "tiers.terms_id is never what terms has as id (1 row), so"),
    (
        "cap_per_event",
        "cap_per_event, 'HALF_EVEN' AS rounding_mode",
        4,
        "agreed.rounding_mode holds 'HALF_EVEN' (1 row), which is none of half away from zero, h",
    ),
    (
        "contract.item_cap_cents * 0.01",
        "contract.item_cap_cents",
        4,
        "agreed.cap_per_event is int8, but",
    ),
    ("cap_per_event", "cap_per_item", 4, "agreed.cap_per_item is none of tenant_id, currency"),
    ("contract.starts AS", "contract.begun AS", 3, "agreed: column contract.begun does not"),
    ("contract.account_id AS tenant_id, ", "", 1, "agreed.tenant_id is missing: select it"),
    ("-- name: agreed", "-- name: agrees", 1, "agrees is none of tenants, events, terms, inv"),
    ("AS contract;", "AS contract WHERE id = :id;", 1, "agreed is one SELECT without values"),
]


def test_a_mistake_in_what_is_agreed_is_told_by_file_and_line(
    ledger: Ledger, tmp_path: Path
) -> None:
    account = ledger.account()
    queries.keep_caps(ledger.connection)
    unread = copy_of(
        LEDGERLINE, tmp_path, ("-- name: invoices\n", CAPS.replace(*MISTAKES[0][:2], 1))
    )
    relations = load(ledger.connection, read(unread))
    tables = Tables(ledger.connection, relations.statements)
    with pytest.raises(Aborted, match=r'a row of agreed cannot be read: .* numeric: "'):
        read_stored(tables, relations.survey, str(account))
    first = (LEDGERLINE / "relations.sql").read_text().split("-- name: invoices")[0].count("\n")
    for number, (before, after, line, says) in enumerate(MISTAKES):
        edit = CAPS.replace(before, after, 1)
        told = copy_of(LEDGERLINE, tmp_path / str(number), ("-- name: invoices\n", edit))
        found = not_ok(Place(ledger.conninfo).check(told))
        place = f"{told / 'relations.sql'}:{first + line} "
        assert any(words.startswith(place) and says in words for words in found), found
