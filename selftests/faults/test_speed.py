"""A difference on a hundred thousand events is looked into within two seconds of the processor."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from time import thread_time

import pytest

from oracle.bill import ALL_FACTS, Facts
from oracle.diagnosis import SECONDS, Seen, diagnose
from oracle.raw import Case
from oracle.ways import RIGHT
from selftests import busy

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
