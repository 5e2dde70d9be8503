"""Known wrong ways to read a contract: what is billed in one is explained by it, line by line."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from oracle.agreed import Agreement
from oracle.bill import ALL_FACTS, Bill, Facts
from oracle.contract import Contract
from oracle.diagnosis import diagnose
from oracle.explanations import Diagnosis, Seen
from oracle.kept import Kept, read_kept
from oracle.misreadings import MISREADINGS, Misreading, of_kept, of_rates, of_stored
from oracle.power import power
from oracle.raw import Case, read_case
from oracle.readonce import Agreed, read_agreed
from oracle.rereading import without_terms
from oracle.rules import Per
from oracle.terms import read_terms
from selftests.contracts import FACTS, FEBRUARY, FINAL, NO_AGREEMENT, contract, tiered
from selftests.ledger import Event, Ledger, Term

TOTAL = Facts(frozenset({"gain_share_amount"}), frozenset())
STEPS = (("25 %", "100"), ("20 %", "500"), ("10 %", None))
DAY = timedelta(days=1)
STORED = (Term(Decimal("0.25")), Term(Decimal("0.30"), finding_type="DUPLICATE"))
# Ties and reversals, an event above each cap, and what filled tiers before the period.
AMOUNTS = ("60.02", "90.02", "700.06", "-600.00", "0.50", "333.33")
EVENTS = (
    Event("old", "77.10", datetime(2026, 1, 20, tzinfo=UTC), key="old", billed=True),
    *(
        Event(f"e{n}", amount, FEBRUARY.start + n * DAY, key=f"k{n}")
        for n, amount in enumerate(AMOUNTS)
    ),
    Event("other", "212.10", FEBRUARY.start + 2 * DAY, "OTHER", key="other"),
)
INVOICES = ((datetime(2026, 1, 1, tzinfo=UTC), Decimal("30.00")),)
TWO_YEARS = {"begins": "2025-02-01"}
OTHER = {"finding_type": "OTHER", "rate": "30 %"}
OLD = {"from": "2025-02-01"}
CONTRACTS = {
    "tiers": contract(
        tiered("contract year", *STEPS), OTHER, minimum_per_invoice=70, caps={"per_event": 90}
    ),
    "tiers of the invoice": contract(tiered("invoice", *STEPS), OTHER),
    "tiers of the contract": contract(
        tiered("contract", *STEPS, **OLD), OTHER | OLD, caps={"per_event": 80}, **TWO_YEARS
    ),
    "tiers of the year": contract(tiered("contract year", *STEPS, **OLD), OTHER | OLD, **TWO_YEARS),
    "caps": contract(
        {"rate": "25 %"}, OTHER, caps={"per_event": 70, "per_invoice": 110}, free_months=["2026-03"]
    ),
    "cap of the year": contract(
        {"rate": "25 %"}, caps={"per_event": 120, "per_contract_year": 140}
    ),
    "free": contract({"rate": "25 %"}, free_months=["2026-02"], minimum_per_invoice=50),
    "minimum": contract({"rate": "25 %"}, minimum_per_invoice=500),
    "brought": contract(
        {"rate": "25 %"},
        negative_total="carried forward",
        brought_forward={"2026-02": "-12.50"},
        caps={"per_event": 100},
    ),
    "credited": contract(
        {"rate": "25 %", "until": "2026-02-03"},
        {"rate": "1 %", "from": "2026-02-03"},
        OTHER,
        caps={"per_event": 90},
    ),
}


def agreed(
    signed: Contract,
    events: tuple[Event, ...] = EVENTS,
    lines: Per = Per.FINDING_TYPE_AND_RATE,
    stored: tuple[Term, ...] = STORED,
    kept: Kept | None = None,
) -> Agreed:
    """Read what is to be billed by a contract, as the gate does."""
    ledger = Ledger(events, stored, invoices=INVOICES)
    agreement = Agreement(signed, ledger, "acme", FEBRUARY, signed.rules(lines), FINAL)
    terms = tuple(map(read_terms, ledger.rows("terms", tenant_id="acme")))
    read = read_agreed(agreement, kept or Kept(terms), len(events))
    assert read is not None
    return read


def bill(read: Agreed, way: Misreading | None = None) -> Bill | None:
    """Return what is billed, rightly or in a way."""
    agreement = read.agreement if way is None else way.read(read.agreement)
    return read.bill_of(agreement).bill


def explain(read: Agreed, told: Bill | None, facts: Facts = ALL_FACTS, **more: Any) -> Diagnosis:
    """Find out what a bill comes from."""
    right = bill(read)
    assert right is not None
    assert told is not None
    return diagnose(case_of(read), right, [Seen(told, facts)], **more)


def case_of(read: Agreed, events: tuple[Event, ...] = EVENTS) -> Case:
    """Read what a contract bills, and what it must not, as the gate does."""
    case = read_case(Ledger(events, STORED), "acme", FEBRUARY, read.agreement.rules)
    assert case is not None
    return replace(case, terms=tuple(read.agreement.terms), agreed=read)


def names(told: Diagnosis) -> list[str]:
    """Return the names of what explains it, in their order."""
    return [one.name for one in told.explanations]


@pytest.mark.parametrize("name", CONTRACTS)
def test_however_a_contract_is_misread_is_among_what_is_named(name: str) -> None:
    lines = Per.EVENT if name == "tiers" else Per.FINDING_TYPE_AND_RATE
    read = agreed(CONTRACTS[name], lines=lines)
    right, tried = bill(read), 0
    for way in (of_stored(read.stored), *MISREADINGS):
        wrong = bill(read, way)
        if wrong is not None and right is not None and wrong.differences(right, ALL_FACTS):
            assert way.name in names(explain(read, wrong)), way
            tried += 1
    assert tried


def test_every_misreading_shows_with_one_contract_or_another() -> None:
    reads = [agreed(one) for one in CONTRACTS.values()]
    shown = {way.name for way in MISREADINGS for one in reads if bill(one, way) != bill(one)}
    assert {way.name for way in MISREADINGS} - shown == set()


@pytest.mark.parametrize(
    ("signed", "total", "words"),
    [
        (contract(caps={"per_event": 100}), "199.03", "forgetting the cap per event"),
        (contract(minimum_per_invoice=500), "199.03", "forgetting the minimum per invoice"),
        (contract(minimum_per_invoice=500), "699.03", "adding the minimum per invoice"),
        (contract(tiered("invoice", *STEPS)), "79.60", "reading tiers as volume"),
        (contract(tiered("invoice", *STEPS)), "199.03", "forgetting the tiers above"),
        (contract(caps={"per_event": 120}), "120.00", "applying the cap per event to each invoice"),
    ],
)
def test_a_total_alone_is_explained_in_plain_words(
    signed: Contract, total: str, words: str
) -> None:
    read = agreed(signed)
    right = bill(read)
    assert right is not None
    told = explain(read, replace(right, gain_share_amount=Decimal(total)), TOTAL)
    assert told.lines[0].startswith(f"{total} is what {words}"), told.lines


def test_the_stored_terms_stand_first_and_name_the_events() -> None:
    """Stored is 25 % and 30 %, signed 20 % for all: with tiers, a minimum, or of rates alone."""
    for more in ({}, {"minimum_per_invoice": 1}):
        read = agreed(contract({"rate": "20 %"}, **more))
        told = explain(read, bill(read, of_stored(read.stored)))
        assert names(told)[0] == "stored terms"
        assert "(see S1.7) gives (k0: 18.01 for 12.00; k1: 27.01 for 18.00;" in told.lines[0]


def test_terms_that_begin_a_day_late_are_told_whether_they_give_a_bill_or_none() -> None:
    day = FEBRUARY.start + 2 * DAY
    signed = contract(
        {"rate": "20 %", "until": day.date()},
        {"rate": "25 %", "from": day.date()},
        caps={"per_event": 500},
    )
    late = (Term(Decimal("0.20"), ends=day + DAY), Term(Decimal("0.25"), day + DAY))
    read = agreed(signed, stored=late)
    assert without_terms(read) == ""
    told = explain(read, bill(read, of_stored(read.stored)))
    assert names(told)[0] == "stored terms"
    assert told.lines[0].endswith("(k2: 140.01 for 175.02; other: 42.42 for 53.03)")
    none = agreed(signed, stored=late[1:])
    assert without_terms(none).startswith(
        "3 DUPLICATE events in USD without terms on the date (k0, k1, k2); "
    )


def test_what_is_stored_of_limits_and_tiers_is_an_explanation_too() -> None:
    limits = {"per_event": 70, "per_invoice": 200, "per_contract_year": 250}
    signed = contract(tiered("contract year", *STEPS), OTHER, caps=limits, minimum_per_invoice=10)
    row = NO_AGREEMENT | {"begins": date(2026, 1, 1), "minimum_per_invoice": Decimal(10)}
    row |= {f"cap_{name}": Decimal(cap) for name, cap in limits.items()}
    terms: dict[str, Any] = {
        "finding_type": None,
        "currency": "USD",
        "rate": Decimal("0.25"),
        "id": "t",
    }
    terms |= {"valid_from": date(2026, 1, 1), "valid_to": None}
    other = terms | {"finding_type": "OTHER", "rate": Decimal("0.3"), "id": "o"}
    for column, value in {
        "cap_per_event": Decimal(12),
        "cap_per_invoice": Decimal(25),
        "cap_per_contract_year": Decimal(50),
        "minimum_per_invoice": Decimal(180),
        "tiers": Decimal("0.19"),
    }.items():
        rates = ("0.25", value if column == "tiers" else "0.20", "0.10")
        tiers: list[dict[str, Any]] = [
            {"terms_id": "t", "tiers_of": "contract year", "begins": None, "above": None}
            | {"up_to": up_to and Decimal(up_to), "rate": Decimal(rate)}
            for (_, up_to), rate in zip(STEPS, rates, strict=True)
        ]
        rows = [row if column == "tiers" else row | {column: value}]
        read = agreed(signed, kept=read_kept([terms, other], tiers, rows, FACTS | {"tiers"}))
        (wrong,) = [
            way
            for way in (of_stored(read.stored), *of_kept(read.kept, read.agreement))
            if bill(read, way) != bill(read)
        ]
        named = column.replace("_", " ") if column != "tiers" else "terms"
        assert wrong.name == f"stored {named}"
        told = explain(read, bill(read, wrong))
        assert names(told)[0] == wrong.name, told.lines
        assert "(see S1.7)" in told.lines[0]


def test_two_ways_together_are_found_where_none_does_alone() -> None:
    read = agreed(contract(minimum_per_invoice=500, caps={"per_event": 100}))
    ways = {way.name: way for way in MISREADINGS}
    both = ways["cap per event forgotten"].beside(ways["minimum added"])
    assert both.name in names(explain(read, bill(read, both)))


def test_where_nothing_fits_that_is_said_and_nothing_is_claimed() -> None:
    read = agreed(CONTRACTS["minimum"])
    right = bill(read)
    assert right is not None
    odd = replace(right, gain_share_amount=Decimal("4.56"))
    told = explain(read, odd)
    assert told.explanations == ()
    assert told.lines[0].startswith(
        "no known way of reading the contract, nor two of them together, gives 4.56; the nearest is"
    )
    cut = explain(agreed(CONTRACTS["minimum"]), odd, seconds=-1)
    assert re.fullmatch(r"the search was cut for time, after \d of \d+ ways", cut.lines[-1])
    moved = replace(read, agreement=replace(read.agreement, adds_minimum=True))
    lost = diagnose(replace(case_of(read), agreed=moved), right, [Seen(odd, ALL_FACTS)])
    assert lost.nearest == ": these raw events do not give the bill that was expected"


DECOYS = {
    "end included": Event("late", "400.40", FEBRUARY.end, key="late"),
    "day before": Event("early", "400.40", FEBRUARY.start - DAY / 2, key="early"),
    "not billable too": Event("idle", "400.40", FEBRUARY.start + DAY, key="idle", billable=False),
    "billed too": Event("billed", "400.40", FEBRUARY.start + DAY, key="billed", billed=True),
}


@pytest.mark.parametrize("name", DECOYS)
def test_events_that_are_taken_along_cost_what_the_contract_says(name: str) -> None:
    """In tiers of the invoice and above the cap: 80 for what would be 100.10 at the first rate."""
    signed = contract(tiered("invoice", *STEPS), caps={"per_event": 80})
    decoy = DECOYS[name]
    inside = min(max(decoy.occurred_at, FEBRUARY.start), FEBRUARY.end - DAY / 8)
    taken = replace(decoy, occurred_at=inside, billable=True, billed=False)
    wrong, read = bill(agreed(signed, (*EVENTS, taken))), agreed(signed, (*EVENTS, decoy))
    right, case = bill(read), case_of(read, (*EVENTS, decoy))
    assert right is not None
    assert wrong is not None
    told = diagnose(case, right, [Seen(wrong, ALL_FACTS)])
    assert name in names(told), told.lines
    assert name in power(case, [ALL_FACTS]).noticed
    assert name in power(case_of(read, EVENTS), [ALL_FACTS]).missed


def test_what_a_contract_caps_above_all_events_would_not_have_been_noticed() -> None:
    for cap, shows in ((400, False), (40, True)):
        read = agreed(contract({"rate": "25 %"}, caps={"per_event": cap}))
        told = power(case_of(read), [TOTAL])
        known = {*told.noticed, *told.missed}
        assert {"cap per event forgotten", "down", "end included"} <= known
        assert not known & {"tiers as volume", "minimum forgotten", "stored terms"}
        assert ("cap per event forgotten" in told.noticed) is shows


def test_a_contract_of_rates_alone_is_explained_by_the_known_ways_too() -> None:
    read = agreed(contract(free_months=["2026-02"]))
    told = explain(read, bill(read, MISREADINGS[0]))
    assert names(told)[0] == "free months forgotten"
    read = agreed(contract())
    ways = {way.name: way for way in of_rates(read.agreement)}
    assert "down" in names(explain(read, bill(read, ways["down"])))


def test_more_events_than_are_looked_into_are_not_read() -> None:
    signed = CONTRACTS["tiers"]
    read = agreed(signed)
    ledger = Ledger(EVENTS, STORED)
    agreement = replace(read.agreement, reader=ledger)
    assert read_agreed(agreement, Kept(), len(EVENTS)) is not None
    assert read_agreed(agreement, Kept(), len(EVENTS) - 1) is None
