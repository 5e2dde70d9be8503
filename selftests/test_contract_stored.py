"""What is stored beside what was signed: each difference, in words that finance can act on."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from acceptance.signed import compare, judge_terms
from oracle.comparison import judged_by_bills, unlike
from oracle.kept import Kept, read_kept
from oracle.rules import Each, Mode, RateAt, Rounding, Rules
from runbook.statuses import Status
from selftests.contracts import NO_AGREEMENT, contract, row, tiered

TERMS = {"terms": "app.terms"}


def differences(signed: Any, *rows: Any, rules: Rules | None = None) -> list[str]:
    comparison = compare(signed, read_kept(rows), rules or Rules())
    assert comparison is not None
    return list(comparison.differences)


SIGNED = contract(
    {"until": "2026-07-01", "rate": "25 %"},
    {"from": "2026-07-01", "rate": "20 %"},
    {"finding_type": "DUPLICATE", "rate": "30 %"},
)
STORED = (
    row("0.25", until="2026-07-01"),
    row("0.200", "2026-07-01"),
    row("0.30", finding_type="DUPLICATE"),
)


def test_what_is_stored_as_signed_is_no_difference_however_it_is_cut() -> None:
    assert differences(SIGNED, *STORED) == []
    cut = (row("0.25", "2020-01-01", "2026-03-01"), row("0.25", "2026-03-01", "2026-07-01"))
    assert differences(SIGNED, *cut, *STORED[1:]) == []


def test_what_was_stored_before_the_contract_is_not_about_it() -> None:
    assert differences(SIGNED, row("0.99", "2019-01-01", "2026-01-01"), *STORED) == []


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (
            (row("0.025", until="2026-07-01"), *STORED[1:]),
            "any finding type from 2026-01-01 until 2026-07-01: 2.5 % stored, 25 % signed",
        ),
        (
            (row("0.25", "2026-01-02", "2026-07-01"), *STORED[1:]),
            "any finding type from 2026-01-01 until 2026-01-02: nothing stored, 25 % signed",
        ),
        (
            (row("0.25", until="2026-07-01 05:30"), row("0.20", "2026-07-01 05:30"), STORED[2]),
            "any finding type from 2026-07-01 until 2026-07-01 05:30:00: 25 % stored, 20 % signed",
        ),
        (STORED[:2], "DUPLICATE from 2026-01-01: 25 % stored, 30 % signed"),
        (
            (*STORED, row("0.1", finding_type="ADDRESS", until="2026-02-01")),
            "ADDRESS from 2026-01-01 until 2026-02-01: 10 % stored, 25 % signed",
        ),
        (
            (STORED[0], row("0.2", "2026-07-01", "2027-01-01"), STORED[2]),
            "any finding type from 2027-01-01: nothing stored, 20 % signed",
        ),
        ((*STORED, row("0.25", currency="EUR")), "terms in EUR stored, in USD alone signed"),
        (
            (*STORED, row("0.4", "2027-01-01", finding_type="DUPLICATE")),
            "DUPLICATE from 2027-01-01: 30 % and 40 % stored, 30 % signed",
        ),
        (
            (*STORED[:2], row(None, finding_type="DUPLICATE")),
            "DUPLICATE from 2026-01-01: no rate stored, 30 % signed",
        ),
    ],
)
def test_each_difference_is_told_by_type_and_time(stored: Any, told: str) -> None:
    found = differences(SIGNED, *stored)
    if told.startswith("DUPLICATE from 2026-01-01: 25 %"):
        assert found == [told.replace("01: 25", "01 until 2026-07-01: 25"), found[1]]
        assert "20 % stored, 30 % signed" in found[1]
    else:
        assert found == [told]


def test_free_months_are_stored_as_a_rate_of_nothing() -> None:
    free = contract(free_months=["2026-02"])
    stored = (row("0.25", until="2026-02-01"), row("0", "2026-02-01", "2026-03-01"))
    assert differences(free, *stored, row("0.25", "2026-03-01")) == []
    assert differences(free, row("0.25")) == [
        "any finding type from 2026-02-01 until 2026-03-01: 25 % stored, 0 % signed"
    ]


def test_of_tiers_the_first_rate_is_compared_and_the_rest_is_said_to_be_judged_by_bills() -> None:
    steps = (("25 %", "100"), ("20 %", None))
    signed = contract(tiered("invoice", *steps), caps={"per_event": 5, "per_contract_year": 9})
    assert differences(signed, row("0.25")) == []
    assert differences(signed, row("0.20")) == [
        "any finding type from 2026-01-01: 20 % stored, 25 % up to 100.00, 20 % per invoice signed"
    ]
    assert judged_by_bills(signed) == [
        "tiers above the first rate",
        "the cap per event",
        "the cap per contract year",
    ]
    assert judged_by_bills(contract()) == []


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (Rules(rate_at=RateAt.ISSUE), "the instant that chooses the rate: issue by"),
        (Rules(rounding=Rounding(mode=Mode.HALF_TO_EVEN)), "rounding: half to even by"),
        (Rules(rounding=Rounding(each=Each.INVOICE)), "what is rounded: invoice by"),
        (Rules(rounding=Rounding(digits=3)), "digits: 3 by the platform's description, 2 signed"),
    ],
)
def test_the_rules_of_the_description_are_compared_too(rules: Rules, told: str) -> None:
    (difference,) = unlike(contract(), Kept(), rules)[1:]
    assert difference.startswith(told)
    kept = replace(rules, per_contract=frozenset({"rate_at", "rounding"}))
    named = ["the instant that chooses the rate", "rounding"]
    assert (len(unlike(contract(), Kept(), kept)), judged_by_bills(contract(), kept)) == (1, named)
    same = replace(rules, rate_at=RateAt.EVENT, rounding=Rounding(digits=2))
    assert len(unlike(contract(), Kept(), same)) == 1


def test_the_check_says_what_was_signed_and_what_to_do() -> None:
    found = judge_terms(compare(SIGNED, read_kept(STORED), Rules()), TERMS)
    assert (found.status, found.got) == (Status.PASSED, f"3 terms of {SIGNED}")
    wrong = judge_terms(compare(SIGNED, read_kept(STORED[:2]), Rules()), TERMS)
    assert wrong.status is Status.FAILED
    assert wrong.detail == "correct the terms in app.terms, or the contract"
    capped = contract(caps={"per_invoice": 5})
    held = judge_terms(compare(capped, read_kept([row("0.25")]), Rules()), TERMS)
    assert held.detail == "told by no table, and judged by the bills alone: the cap per invoice"
    rows, facts = [NO_AGREEMENT | {"cap_per_invoice": Decimal(5)}], {"cap_per_invoice"}
    told = compare(capped, read_kept([row("0.25")], (), rows, facts), Rules())
    seen = judge_terms(told, TERMS | {"agreed": "app.agreed"})
    assert (seen.status, seen.detail) == (Status.PASSED, "compared as stored: the cap per invoice")
    rows[0]["cap_per_invoice"] = Decimal(6)
    differing = compare(capped, read_kept([row("0.25")], (), rows, facts), Rules())
    remedy = judge_terms(differing, TERMS | {"agreed": "app.agreed"}).detail
    assert remedy.startswith("correct the terms in app.terms, app.agreed, or the contract; comp")


def test_without_a_contract_it_passes_nothing() -> None:
    found = judge_terms(compare(None, None, Rules()), TERMS)
    assert (found.status, found.detail) == (
        Status.NOT_RUN,
        "terms as stored; no contract was given",
    )
