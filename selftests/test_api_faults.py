"""The admin API on a database that does not do its part: 503, a hint when to retry, no trace.

The application runs in the test's process, with waits short enough to be waited for.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.errors import ReadOnlySqlTransaction
from structlog.testing import capture_logs

from billing import invoices
from billing.api.app import create_app
from billing.api.database import Pool, Waits, make_pool, reading, writing
from billing.refusals import Refused
from selftests.queries_staging import staging as statements
from selftests.server import BEARER, INVOICES, TOKEN, checked, refusal
from selftests.staging import Staging

FEBRUARY, MARCH = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)


@contextmanager
def pool_on(conninfo: str, **waits: Any) -> Iterator[Pool]:
    """An open pool of two connections."""
    with make_pool(conninfo, Waits(**waits), max_size=2) as pool:
        yield pool


def call(pool: Pool, method: str, path: str, **more: Any) -> httpx.Response:
    """Call the application without a server between."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(pool, TOKEN))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://billing", headers=BEARER
        ) as client:
            return await client.request(method, path, **more)

    return checked(asyncio.run(send()))


@pytest.fixture
def draft(staging: Staging) -> invoices.Invoice:
    """A draft of a tenant with one event."""
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    return invoices.generate_draft(staging.connection, tenant_id, FEBRUARY, MARCH)


@pytest.mark.parametrize("waits", [{"lock": "50ms"}, {"lock": "0", "statement": "200ms"}])
def test_a_wait_that_is_too_long_is_a_503(
    staging: Staging, draft: invoices.Invoice, waits: dict[str, str]
) -> None:
    before = staging.rows()
    with pool_on(staging.conninfo, **waits) as pool, staging.connection.transaction():
        statements.hold_tenant(staging.connection, tenant_id=draft.tenant_id)
        body = {"tenantId": str(draft.tenant_id)}
        answer = call(pool, "POST", f"{INVOICES}/{draft.id}/issue", json=body)
    assert refusal(answer) == (503, "database_is_busy")
    assert answer.headers["Retry-After"] == "1"
    assert staging.rows() == before


def test_no_free_connection_is_a_503(staging: Staging) -> None:
    with (
        pool_on(staging.conninfo, connection_seconds=0.05) as pool,
        pool.connection(timeout=5),
        pool.connection(timeout=5),
    ):
        params = {"tenantId": str(uuid4())}
        answer = call(pool, "GET", f"{INVOICES}/{uuid4()}", params=params)
    assert refusal(answer) == (503, "database_is_busy")


def test_connections_that_ended_are_replaced_unasked(staging: Staging) -> None:
    with pool_on(staging.conninfo) as pool:
        assert call(pool, "GET", "/healthz").status_code == 200
        assert staging.end_api_sessions() >= 1
        assert call(pool, "GET", "/healthz").status_code == 200


@pytest.mark.parametrize("isolation", ["serializable", "repeatable read"])
def test_the_loser_of_two_issues_hears_the_rule_whatever_the_isolation(
    staging: Staging, draft: invoices.Invoice, isolation: str
) -> None:
    strict = isolation.replace(" ", "\\ ")
    options = f"-c default_transaction_isolation={strict}"

    def issue(_: int) -> str:
        try:
            with writing(pool) as connection:
                return invoices.issue(connection, draft.tenant_id, draft.id).status
        except Refused as refused:
            return str(refused.rule)

    with (
        pool_on(make_conninfo(staging.conninfo, options=options), lock="60s") as pool,
        ThreadPoolExecutor() as threads,
    ):
        pool.wait()
        with staging.connection.transaction():
            statements.hold_tenant(staging.connection, tenant_id=draft.tenant_id)
            told = threads.map(issue, range(2))
            staging.wait_for("billing-api", sessions=2)
        assert sorted(told) == ["ISSUED", "invoice_is_not_draft"]


def test_a_call_that_is_cut_off_is_a_503(staging: Staging, draft: invoices.Invoice) -> None:
    before = staging.rows()
    body = {"tenantId": str(draft.tenant_id)}
    with (
        pool_on(staging.conninfo) as pool,
        ThreadPoolExecutor() as threads,
        staging.connection.transaction(),
    ):
        statements.hold_tenant(staging.connection, tenant_id=draft.tenant_id)
        issuing = threads.submit(call, pool, "POST", f"{INVOICES}/{draft.id}/issue", json=body)
        staging.wait_for("billing-api")
        staging.end_api_sessions()
        answer = issuing.result(timeout=30)
    assert refusal(answer) == (503, "database_is_unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert staging.rows() == before


def test_a_database_out_of_reach_is_a_503(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pool_on(f"host={tmp_path_factory.mktemp('none')}", connection_seconds=0.1) as pool:
        for method, path in [("GET", "/healthz"), ("POST", f"{INVOICES}/{uuid4()}/cancel")]:
            answer = call(pool, method, path, json={"tenantId": str(uuid4())})
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]


def test_a_standby_says_that_it_is_none_to_write_on(
    staging: Staging, draft: invoices.Invoice
) -> None:
    before = staging.rows()
    read_only = make_conninfo(staging.conninfo, options="-c default_transaction_read_only=on")
    with pool_on(read_only) as pool:
        body = {"tenantId": str(draft.tenant_id)}
        answer = call(pool, "POST", f"{INVOICES}/{draft.id}/issue", json=body)
    assert refusal(answer) == (503, "database_is_read_only")
    assert "the primary" in answer.json()["detail"]
    assert staging.rows() == before


def test_what_nobody_foresaw_is_found_in_the_log_by_its_id(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invoices, "find", lambda *_: 1 / 0)
    named = [structlog.contextvars.merge_contextvars]
    with pool_on(staging.conninfo) as pool, capture_logs(named) as lines:
        answer = call(pool, "GET", f"{INVOICES}/{uuid4()}", params={"tenantId": str(uuid4())})
    assert refusal(answer) == (500, "internal_error")
    request_id = answer.headers["X-Request-ID"]
    assert answer.json()["detail"].endswith(f"request id {request_id}")
    (failed,) = [line for line in lines if line["log_level"] == "error"]
    assert (failed["request_id"], failed["exc_info"]) == (request_id, True)


def test_every_session_is_named_and_bounded(staging: Staging) -> None:
    with pool_on(staging.conninfo) as pool, writing(pool) as connection:
        assert statements.session_settings(connection) == {
            "application_name": "billing-api",
            "statement_timeout": "2min",
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "1min",
            "timezone": "UTC",
        }


def test_reading_refuses_to_write_and_leaves_no_trace(staging: Staging) -> None:
    tenant_id: UUID = staging.tenant()
    staging.event(tenant_id)
    with pool_on(staging.conninfo) as pool:
        for _ in range(3):
            with pytest.raises(ReadOnlySqlTransaction), reading(pool) as connection:
                invoices.generate_draft(connection, tenant_id, FEBRUARY, MARCH)
        for month in (FEBRUARY, None, None):
            with writing(pool) as connection:
                if month:
                    invoices.generate_draft(connection, tenant_id, month, MARCH)
                assert not connection.read_only
