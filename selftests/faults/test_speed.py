"""A difference on a hundred thousand events is looked into within two seconds of the processor."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from time import thread_time

import pytest

from oracle.agreed import Agreement
from oracle.bill import ALL_FACTS, Facts
from oracle.contract import Caps
from oracle.diagnosis import SECONDS, diagnose
from oracle.explanations import Seen
from oracle.kept import Kept
from oracle.paper import Paper, PaperEvent
from oracle.raw import Case, Event
from oracle.readonce import Agreed
from oracle.ways import RIGHT
from selftests import busy
from selftests.contracts import contract, tiered

MANY = 100_000
KINDS = ("ADDRESS_CORRECTION", "CLASSIFICATION_ERROR", "DUPLICATE_CHARGE")
# What is begun when the time is up is ended.
GRACE = 1.0


@pytest.fixture(scope="module")
def many() -> Case:
    """A case of many amounts, hardly any of them equal, billable and not, in and around a month."""
    random = Random(1)  # noqa: S311 - the same each time
    start = busy.PERIOD.start - timedelta(hours=40)
    seconds = (busy.PERIOD.end - start).total_seconds() + 40 * 3600
    events = (
        busy.event(
            number,
            f"{random.randint(-(10**4), 10**9)}E-2",
            random.choice(KINDS),
            (start + timedelta(seconds=random.uniform(0, seconds))).isoformat(),
            billable=random.random() > 0.05,
            billed=random.random() < 0.05,
        )
        for number in range(MANY)
    )
    return busy.case(*events)


@pytest.mark.parametrize("name", ["half to even", "billed too", ""])
@pytest.mark.parametrize("facts", [ALL_FACTS, Facts(frozenset({"gain_share_amount"}), frozenset())])
def test_it_is_found_in_time_or_said_to_be_cut(many: Case, name: str, facts: Facts) -> None:
    work = busy.workings(many)
    right, bill = work.bill(), work.bill(busy.way(name) if name else RIGHT)
    assert right is not None
    assert bill is not None
    if not name:
        bill = replace(bill, gain_share_amount=(bill.gain_share_amount or Decimal()) * 7)
    began = thread_time()
    told = diagnose(many, right, [Seen(bill, facts)])
    assert thread_time() - began < SECONDS + GRACE
    assert [one.name for one in told.explanations][:1] == ([name] if name else [])
    assert bool(told.cut) == (not name)


@pytest.mark.parametrize("name", ["cap per event forgotten", ""])
def test_so_it_is_by_a_contract_with_tiers(many: Case, name: str) -> None:
    steps = (("25 %", "1000000"), ("20 %", "50000000"), ("10 %", None))
    signed = contract(tiered("contract year", *steps), caps={"per_event": 900_000})
    reader = Paper(tuple(_on_paper(event) for event in many.events if event.billable))
    agreement = Agreement(signed, reader, "", many.period, signed.rules(many.rules.lines))
    agreed = Agreed(agreement, Kept(many.terms))
    right = agreement.expectation(keys_are_unique=True).bill
    other = _without_caps(agreement) if name else agreement
    bill = other.expectation(keys_are_unique=True).bill
    assert right is not None
    assert bill is not None
    if not name:
        bill = replace(bill, gain_share_amount=(bill.gain_share_amount or Decimal()) * 7)
    case = replace(many, terms=tuple(agreement.terms), agreed=agreed)
    began = thread_time()
    told = diagnose(case, right, [Seen(bill, ALL_FACTS)])
    assert thread_time() - began < SECONDS + GRACE
    assert [one.name for one in told.explanations][:1] in ([], [name])
    assert told.cut.startswith("the search was cut for time, ")


def _on_paper(event: Event) -> PaperEvent:
    return PaperEvent(
        id=event.id,
        key=event.key or "",
        occurred_at=event.occurred_at,
        finding_type=event.finding_type or "",
        amount=event.amount,
        currency=event.currency or "",
        billed=event.billed,
    )


def _without_caps(agreement: Agreement) -> Agreement:
    contract = agreement.contract.model_copy(update={"caps": Caps()})
    return replace(agreement, contract=contract)
