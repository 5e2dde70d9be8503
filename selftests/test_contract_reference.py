"""What the reference platform has stored of a contract, beside what was signed."""

from typing import Any

import pytest

from acceptance.signed import read_stored
from oracle.comparison import judged_by_bills, unlike
from oracle.contract import Contract, read
from oracle.generated import NEIGHBOUR_ID, TENANT_ID
from oracle.rules import Rules
from platforms.relations.survey import Survey
from platforms.statements import Tables
from selftests.contracts import EXAMPLE, contract, tiered
from selftests.queries_agreed import write_contract

ACME = read(EXAMPLE)
FLAT = contract({"until": "2026-07-01"} | {"rate": "25 %"}, {"from": "2026-07-01", "rate": "20 %"})
RULED = contract(
    rate_at="period start",
    rounding={"mode": "floor", "each": "invoice", "digits": 0},
    negative_total="carried forward",
    free_months=["2026-02"],
)
TIERED = contract(
    tiered("contract", ("25 %", "100"), ("20 %", None)),
    tiered("invoice", ("30 %", "100"), ("10 %", None), finding_type="DUPLICATE"),
    free_months=["2026-03"],
)


def stored_otherwise(
    tables: Tables, survey: Survey, signed: Contract, *kept: Contract
) -> list[str]:
    """Return where a contract differs from one that is stored for the tenant, if any is."""
    with tables.connection.transaction(force_rollback=True):
        for tenant_id in (TENANT_ID, NEIGHBOUR_ID):
            tables.act("scratch_tenant", tenant_id=tenant_id, name="Acme", slug=tenant_id[-2:])
        for one in kept:
            write_contract(tables.connection, TENANT_ID, one)
        write_contract(tables.connection, NEIGHBOUR_ID, contract(caps={"per_event": 1}))
        return unlike(signed, read_stored(tables, survey, TENANT_ID), Rules())


@pytest.mark.parametrize("signed", [ACME, FLAT, RULED, TIERED])
def test_a_contract_that_is_stored_as_it_was_signed_differs_in_nothing(
    scratch: Tables, survey: Survey, signed: Contract
) -> None:
    assert stored_otherwise(scratch, survey, signed, signed) == []
    facts = read_stored(scratch, survey, TENANT_ID).facts
    assert judged_by_bills(signed, Rules(), facts) == []


def otherwise(signed: Contract, **more: Any) -> Contract:
    """Return another contract, but for some keys the same."""
    told = signed.model_dump(by_alias=True, exclude_defaults=True) | {"schema": "p9a-contract/1"}
    return Contract.model_validate(told | more)


@pytest.mark.parametrize(
    ("signed", "kept", "told"),
    [
        (
            ACME,
            otherwise(ACME, caps={"per_event": 500, "per_invoice": 5600}),
            [
                "the cap per event: 500.00 USD stored, 5000.00 USD signed",
                "the cap per contract year: nothing stored, 30000.00 USD signed",
            ],
        ),
        (
            ACME,
            otherwise(ACME, minimum_per_invoice=10),
            ["the minimum per invoice: 10.00 USD stored, 100.00 USD signed"],
        ),
        (
            FLAT,
            otherwise(FLAT, caps={"per_event": 9}),
            ["the cap per event: 9.00 USD stored"],
        ),
        (
            RULED,
            otherwise(RULED, rate_at="event", rounding={"digits": 0}, negative_total="credited"),
            [
                "what becomes of a negative total: credited stored, carried forward signed",
                "the instant that chooses the rate: event stored, period start signed",
                "rounding: half away from zero stored, floor signed",
                "what is rounded: event stored, invoice signed",
            ],
        ),
        (
            TIERED,
            contract(
                tiered("invoice", ("25 %", "100"), ("20 %", None)),
                tiered("invoice", ("30 %", "1000"), ("10 %", None), finding_type="DUPLICATE"),
                free_months=["2026-03"],
            ),
            [
                "any finding type from 2026-01-01 until 2026-03-01: what fills tiers: invoice sto",
                "any finding type from 2026-04-01: what fills tiers: invoice stored, contract sig",
                "DUPLICATE from 2026-01-01 until 2026-03-01: tier above 100.00 up to 1000.00: 30 %",
                "DUPLICATE from 2026-04-01: tier above 100.00 up to 1000.00: 30 % stored, 10 % sig",
            ],
        ),
    ],
)
def test_a_contract_that_is_stored_otherwise_is_told(
    scratch: Tables, survey: Survey, signed: Contract, kept: Contract, told: list[str]
) -> None:
    found = stored_otherwise(scratch, survey, signed, kept)
    assert len(found) == len(told), found
    assert all(one.startswith(words) for one, words in zip(found, told, strict=True)), found


def test_a_contract_that_was_never_stored_is_told_item_by_item(
    scratch: Tables, survey: Survey
) -> None:
    found = stored_otherwise(scratch, survey, ACME)
    told = [
        "any finding",
        "DUPLICATE",
        "the cap per event",
        "the cap per invoice",
        "the cap per con",
    ]
    told.append("the minimum per invoice: nothing stored, 100.00 USD signed")
    kinds = [one for one in found if one.startswith(tuple(told))]
    assert kinds == found
    assert {start for start in told for one in found if one.startswith(start)} >= set(told[2:])
    assert stored_otherwise(scratch, survey, contract(), contract()) == []
