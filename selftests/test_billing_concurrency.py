"""Invoices under concurrency: whoever comes second sees what the first one did.

Goal: two admins, or an admin and the business, never bill twice, never skip a number, and the one
who loses reads a named refusal. Method: real connections to one database, each in a thread of its
own, set off together by a barrier; where the order matters, one transaction is held open until the
server says that the other one waits for it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from billing import invoices
from billing.invoices import Invoice
from billing.refusals import Refused
from runbook.refusals import Rule
from selftests.queries_billing import Customer, Everything, queries

FEBRUARY, MARCH = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
# Nothing here waits that long, unless two transactions wait for each other for ever.
NO_LONGER = "-c statement_timeout=20s"
BARRIER_SECONDS = 20
Call = Callable[[Connection[Any]], object]


@pytest.fixture
def customer(clone: Connection[Any]) -> Customer:
    """A customer at 25 % without events."""
    clone.autocommit = True
    return Customer.new(clone, "customer")


@contextmanager
def connections(database: str, count: int) -> Iterator[list[Connection[Any]]]:
    """Open connections of their own to the test's database."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(psycopg.connect(database, autocommit=True, options=NO_LONGER))
            for _ in range(count)
        ]


def outcome(call: Call, connection: Connection[Any]) -> str:
    """Make the call and say in a word how it ended: its rule, its error, or the new status."""
    try:
        result = call(connection)
    except Refused as refusal:
        return refusal.rule
    except psycopg.Error as error:
        return type(error).__name__
    return result.status if isinstance(result, Invoice) else "done"


def at_once(sessions: Sequence[Connection[Any]], calls: Sequence[Call]) -> list[str]:
    """Make each call in its own thread and session, all at one moment, and tell the outcomes."""
    barrier = Barrier(len(calls))

    def start(call: Call, connection: Connection[Any]) -> str:
        barrier.wait(BARRIER_SECONDS)
        return outcome(call, connection)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(start, calls, sessions))


def drafting(customer: Customer, start: datetime = FEBRUARY, end: datetime = MARCH) -> Call:
    return lambda connection: invoices.generate_draft(connection, customer.id, start, end)


def issuing(customer: Customer, invoice_id: UUID) -> Call:
    return lambda connection: invoices.issue(connection, customer.id, invoice_id)


def cancelling(customer: Customer, invoice_id: UUID) -> Call:
    return lambda connection: invoices.cancel(connection, customer.id, invoice_id)


def paying(customer: Customer, invoice_id: UUID) -> Call:
    return lambda connection: invoices.mark_paid(connection, customer.id, invoice_id)


def draft_of(customer: Customer, start: datetime = FEBRUARY, end: datetime = MARCH) -> UUID:
    return invoices.generate_draft(customer.connection, customer.id, start, end).id


def demand_outcomes(got: list[str], *expected: str) -> None:
    """Fail in words unless the outcomes are these, in whatever order."""
    assert Counter(got) == Counter(expected), (
        f"got {', '.join(sorted(got))}, but should be {', '.join(sorted(expected))}"
    )


@contextmanager
def waiting(
    watcher: Connection[Any], sessions: Sequence[Connection[Any]], call: Call
) -> Iterator[list[Future[str]]]:
    """Make the call in each session, and begin once the server says that all of them wait.

    What they wait for is the caller's to release.
    """
    with ThreadPoolExecutor(len(sessions)) as pool:
        results = [pool.submit(outcome, call, session) for session in sessions]
        while queries.waiting(watcher) < len(sessions):
            early = [result.result() for result in results if result.done()]
            assert not early, f"got {', '.join(early)} at once, but should wait"
        yield results


# Two at once.


@pytest.mark.parametrize("shift", [timedelta(), timedelta(days=27)], ids=["same", "overlapping"])
def test_of_two_drafts_at_once_one_overlaps_the_other(
    customer: Customer, database: str, shift: timedelta
) -> None:
    customer.event(occurred_at=MARCH - DAY)
    calls = [drafting(customer), drafting(customer, FEBRUARY + shift, MARCH + shift)]
    with connections(database, 2) as sessions:
        demand_outcomes(at_once(sessions, calls), "DRAFT", Rule.PERIOD_OVERLAPS_INVOICE)
    stored = customer.invoices()
    assert len(stored) == 1, f"got {len(stored)} stored drafts, but should be 1"
    assert list(queries.invoice_lines(customer.connection, invoice_id=stored[0]["id"]))


def test_drafts_in_a_crowd_end_in_one_draft_and_named_refusals(
    customer: Customer, database: str
) -> None:
    crowd, rounds = 8, 30
    with connections(database, crowd) as sessions:
        for number in range(rounds):
            day = FEBRUARY + number * DAY
            customer.event(occurred_at=day)
            got = at_once(sessions, [drafting(customer, day, day + DAY)] * crowd)
            demand_outcomes(got, "DRAFT", *[Rule.PERIOD_OVERLAPS_INVOICE] * (crowd - 1))


def test_of_two_issues_at_once_one_wins(customer: Customer, database: str) -> None:
    event_id = customer.event()
    draft_id = draft_of(customer)
    with connections(database, 2) as sessions:
        got = at_once(sessions, [issuing(customer, draft_id)] * 2)
    demand_outcomes(got, "ISSUED", Rule.INVOICE_IS_NOT_DRAFT)
    assert customer.claimed() == {event_id: draft_id}, "the one event is claimed by the one invoice"
    assert [row["invoice_number"] for row in customer.invoices()] == ["INV-000001"]


def test_of_two_payments_at_once_one_wins(customer: Customer, database: str) -> None:
    customer.event()
    draft_id = draft_of(customer)
    invoices.issue(customer.connection, customer.id, draft_id)
    with connections(database, 2) as sessions:
        got = at_once(sessions, [paying(customer, draft_id)] * 2)
    demand_outcomes(got, "PAID", Rule.INVOICE_IS_NOT_ISSUED)


def test_an_issue_and_a_cancel_at_once_never_both_succeed(
    customer: Customer, database: str
) -> None:
    for number in range(10):
        day = FEBRUARY + number * DAY
        event_id = customer.event(occurred_at=day)
        draft_id = draft_of(customer, day, day + DAY)
        calls = [issuing(customer, draft_id), cancelling(customer, draft_id)]
        with connections(database, 2) as sessions:
            got = at_once(sessions, calls)
        if got[0] == "ISSUED":
            assert got[1] == Rule.INVOICE_IS_NOT_DRAFT, f"got {got[1]} after the issue won"
            assert customer.claimed()[event_id] == draft_id, "an issued event is claimed"
        else:
            assert got == [Rule.INVOICE_NOT_FOUND, "done"], f"got {got} after the cancel won"
            assert customer.claimed()[event_id] is None, "a cancelled event is billable again"


def test_twenty_drafts_issued_at_once_get_numbers_without_a_gap(
    customer: Customer, database: str
) -> None:
    days = [FEBRUARY + number * DAY for number in range(20)]
    claims = {}
    for day in days:
        event_id = customer.event(occurred_at=day)
        claims[event_id] = draft_of(customer, day, day + DAY)
    with connections(database, len(days)) as sessions:
        got = at_once(sessions, [issuing(customer, draft_id) for draft_id in claims.values()])
    demand_outcomes(got, *["ISSUED"] * len(days))
    numbers = [row["invoice_number"] for row in customer.invoices()]
    expected = [f"INV-{number:06d}" for number in range(1, 21)]
    assert numbers == expected, f"got {numbers} by instant of issue, but should be {expected}"
    assert customer.claimed() == claims, "each invoice claims the event of its own day"


# One after the other.


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (True, [Rule.PERIOD_OVERLAPS_INVOICE, Rule.PERIOD_OVERLAPS_INVOICE]),
        (False, ["DRAFT", Rule.PERIOD_OVERLAPS_INVOICE]),
    ],
    ids=["kept", "given up"],
)
def test_two_drafts_that_waited_for_a_third_never_wait_for_each_other(
    customer: Customer, database: str, kept: bool, expected: list[str]
) -> None:
    customer.event()
    with connections(database, 3) as (first, *others):
        first.autocommit = False
        invoices.preview(first, customer.id, FEBRUARY, MARCH)  # opens a transaction
        drafting(customer)(first)
        with waiting(customer.connection, others, drafting(customer)) as results:
            if kept:
                first.commit()
            else:
                first.rollback()
            got = [result.result() for result in results]
    demand_outcomes(got, *expected)


def test_a_draft_that_waited_for_one_written_past_the_platform_is_refused(
    customer: Customer, database: str
) -> None:
    customer.event()
    with connections(database, 2) as (admin, other):
        other.autocommit = False
        queries.insert_draft(
            other, tenant_id=customer.id, period_start=FEBRUARY, period_end=FEBRUARY + DAY
        )
        with waiting(customer.connection, [admin], drafting(customer)) as (result,):
            other.commit()
            got = result.result()
    demand_outcomes([got], Rule.PERIOD_OVERLAPS_INVOICE)
    assert len(customer.invoices()) == 1, "a refused draft is not stored"


def test_an_issue_waits_for_no_other_tenant(customer: Customer, database: str) -> None:
    other = Customer.new(customer.connection, "other")
    other.event()
    draft_id = draft_of(other)
    with connections(database, 2) as (holder, session), holder.transaction():
        queries.hold_tenant(holder, tenant_id=customer.id)
        assert outcome(issuing(other, draft_id), session) == "ISSUED"


def test_an_event_committed_after_the_draft_makes_it_stale(
    customer: Customer, database: str
) -> None:
    customer.event()
    with connections(database, 2) as (admin, business):
        draft = invoices.generate_draft(admin, customer.id, FEBRUARY, MARCH)
        late = replace(customer, connection=business).event()
        assert outcome(issuing(customer, draft.id), admin) == Rule.DRAFT_IS_STALE
    assert customer.claimed()[late] is None, "a refused issue claims nothing"
    assert customer.invoices()[0]["status"] == "DRAFT", "a refused issue moves nothing"


def test_an_event_not_yet_committed_is_neither_billed_nor_lost(
    customer: Customer, database: str
) -> None:
    first = customer.event()
    draft_id = draft_of(customer)
    with connections(database, 2) as (admin, business):
        with business.transaction():
            late = replace(customer, connection=business).event()
            assert outcome(issuing(customer, draft_id), admin) == "ISSUED"
        claimed = customer.claimed()
    assert claimed == {first: draft_id, late: None}, f"got claims {claimed}"


def test_an_issue_waits_for_a_changing_amount_and_then_finds_the_draft_stale(
    customer: Customer, database: str
) -> None:
    event_id = customer.event("100")
    draft_id = draft_of(customer)
    with connections(database, 2) as (admin, business):
        business.autocommit = False
        queries.set_amount(business, event_id=event_id, amount=Decimal(101))
        call = issuing(customer, draft_id)
        with waiting(customer.connection, [admin], call) as (result,):
            business.commit()
            got = result.result()
    assert got == Rule.DRAFT_IS_STALE, f"got {got}, but should be draft_is_stale"
    assert customer.claimed() == {event_id: None}, "a refused issue claims nothing"


def test_an_issue_whose_session_dies_leaves_nothing(customer: Customer, database: str) -> None:
    event_ids = [customer.event(), customer.event()]
    draft_id = draft_of(customer)
    before = Everything.of(customer.connection)
    with connections(database, 2) as (admin, business):
        business.autocommit = False
        queries.set_amount(business, event_id=event_ids[1], amount=Decimal(101))
        call = issuing(customer, draft_id)
        with waiting(customer.connection, [admin], call) as (result,):
            queries.end_backend(customer.connection, pid=admin.info.backend_pid)
            got = result.result()
        business.rollback()
    assert got == "AdminShutdown", f"got {got}, but should be the end of the session"
    left = Everything.of(customer.connection).difference(before)
    assert not left, f"got traces of a dead session, but should be none: {left}"
