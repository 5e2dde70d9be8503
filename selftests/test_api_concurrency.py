"""Calls at the same moment: threads that a barrier lets go together, each with its connection.

What must hold is in the database's hands (row locks, an exclusion constraint, a lock on the key),
so every interleaving must end the same way.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import httpx
import pytest

from selftests.server import Caller
from selftests.staging import Staging

INVOICES_AT_ONCE = 50
ROUNDS = 5


def at_once(url: str, *calls: Callable[[Caller], httpx.Response]) -> list[httpx.Response]:
    """Make all calls at the same moment and return their answers in the calls' order."""
    barrier = Barrier(len(calls))

    def make(call: Callable[[Caller], httpx.Response]) -> httpx.Response:
        with Caller(url) as caller:
            caller.get("/healthz")  # so that the connection is there before the start
            barrier.wait(timeout=60)
            return call(caller)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(make, calls))


@pytest.fixture
def acme(served: Staging) -> UUID:
    """A tenant with an event on each of fifty days."""
    tenant = served.tenant()
    for day in days():
        served.event(tenant, occurred_at=f"{day}T12:00:00+00:00")
    return tenant


def days() -> list[str]:
    return [f"2026-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 26)]


def statuses(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("code", "")) for answer in answers)


def test_fifty_issues_at_once_are_numbered_without_a_gap(api: Caller, acme: UUID) -> None:
    drafts = [
        api.draft(acme, periodStart=day, periodEnd=f"{day}T23:59:59Z").json()["id"]
        for day in days()
    ]
    issues = [lambda caller, id=id: caller.move(acme, id, "issue") for id in drafts]
    answers = at_once(api.url, *issues)
    assert statuses(answers) == {(200, ""): INVOICES_AT_ONCE}
    assert sorted(answer.json()["invoiceNumber"] for answer in answers) == [
        f"INV-{number:06}" for number in range(1, INVOICES_AT_ONCE + 1)
    ]


@pytest.mark.parametrize("again", range(ROUNDS))
def test_of_two_issues_at_once_one_wins(
    api: Caller, served: Staging, acme: UUID, again: int
) -> None:
    draft = api.draft(acme).json()["id"]
    answers = at_once(api.url, *[lambda caller: caller.move(acme, draft, "issue")] * 2)
    assert statuses(answers) == {(200, ""): 1, (409, "invoice_is_not_draft"): 1}


@pytest.mark.parametrize("again", range(ROUNDS))
def test_of_issue_and_cancel_at_once_one_wins(
    api: Caller, served: Staging, acme: UUID, again: int
) -> None:
    draft = api.draft(acme).json()["id"]
    issued, cancelled = at_once(
        api.url,
        lambda caller: caller.move(acme, draft, "issue"),
        lambda caller: caller.move(acme, draft, "cancel"),
    )
    left = api.get(draft, params={"tenantId": str(acme)})
    if issued.status_code == 200:
        assert (cancelled.status_code, cancelled.json()["code"]) == (409, "invoice_is_not_draft")
        assert left.json()["status"] == "ISSUED"
    else:
        assert (issued.status_code, issued.json()["code"]) == (404, "invoice_not_found")
        assert (cancelled.status_code, left.status_code) == (204, 404)


@pytest.mark.parametrize("again", range(ROUNDS))
def test_of_two_drafts_of_a_period_at_once_one_wins(api: Caller, acme: UUID, again: int) -> None:
    answers = at_once(
        api.url,
        lambda caller: caller.draft(acme, "one-" + str(acme)),
        lambda caller: caller.draft(acme, periodStart="2026-01-31"),
    )
    assert statuses(answers) == {(201, ""): 1, (409, "period_overlaps_invoice"): 1}


@pytest.mark.parametrize("again", range(ROUNDS))
def test_one_key_at_once_makes_one_draft(
    api: Caller, served: Staging, acme: UUID, again: int
) -> None:
    before = invoice_rows(served)
    answers = at_once(api.url, *[lambda caller: caller.draft(acme, str(acme))] * 4)
    assert statuses(answers) == {(201, ""): 4}
    assert len({answer.text for answer in answers}) == 1
    assert invoice_rows(served) == before + 1


@pytest.mark.parametrize("again", range(ROUNDS))
def test_one_key_at_once_for_two_tenants_is_refused_to_one(
    api: Caller, served: Staging, acme: UUID, again: int
) -> None:
    other = served.tenant()
    served.event(other)
    answers = at_once(
        api.url,
        lambda caller: caller.draft(acme, str(acme)),
        lambda caller: caller.draft(other, str(acme)),
    )
    assert statuses(answers) == {(201, ""): 1, (422, "idempotency_key_reused"): 1}


def invoice_rows(served: Staging) -> int:
    return sum(row["table_name"] == "invoices" for row in served.rows())
