"""``python -m billing serve`` as a process: how it starts, fails to start, ends, and logs."""

import json
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx
import pytest
from psycopg import Connection

from billing.environment import take_database_url, take_token
from selftests.queries_staging import staging as statements
from selftests.server import INVOICES, TIMEOUT_SECONDS, TOKEN, Caller, refusal, serving, starting
from selftests.staging import Staging

PASSWORD = "not-to-be-seen"  # noqa: S105 - opens nothing
UNREACHABLE = f"postgresql://someone:{PASSWORD}@127.0.0.1:1/billing"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_a_clean_end(database: str, how: signal.Signals) -> None:
    with serving(database, cold=True) as server, Caller(server.url) as caller:
        assert caller.get("/healthz").status_code == 200
        code, out, _ = server.stop(how)
        assert (code, out) == (0, "")
        with pytest.raises(httpx.ConnectError):
            caller.get("/healthz")


def test_a_stop_finishes_what_has_begun(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    with serving(staging.conninfo, cold=True) as server, Caller(server.url) as caller:
        draft = caller.draft(tenant_id).json()["id"]
        with ThreadPoolExecutor() as threads:
            with staging.connection.transaction():
                statements.hold_tenant(staging.connection, tenant_id=tenant_id)
                issuing = threads.submit(caller.move, tenant_id, draft, "issue")
                staging.wait_for("billing-api")
                server.process.send_signal(signal.SIGTERM)
                wait_until_refused(server.url)
                assert not issuing.done()
            answer = issuing.result(timeout=10)
        assert (answer.status_code, answer.json()["status"]) == (200, "ISSUED")
        assert server.ended()[0] == 0


def wait_until_refused(url: str) -> None:
    """Ask the server until it takes no more connections."""
    target = httpx.URL(url)
    give_up = monotonic() + TIMEOUT_SECONDS
    while monotonic() < give_up:
        try:
            socket.create_connection((target.host, target.port or 0), timeout=5).close()
        except ConnectionError:
            return
    pytest.fail(f"{url} still takes connections")


@pytest.mark.parametrize(
    ("env", "code", "words"),
    [
        ({"BILLING_ADMIN_TOKEN": ""}, 4, "BILLING_ADMIN_TOKEN is not set"),
        ({"BILLING_ADMIN_TOKEN": "two words"}, 4, "BILLING_ADMIN_TOKEN is not visible ASCII"),
        ({"DATABASE_URL": ""}, 4, "DATABASE_URL is not set"),
        ({"DATABASE_URL": f"nonsense {PASSWORD}"}, 4, "DATABASE_URL cannot be read"),
        (
            {"DATABASE_URL": "postgresql://h/db?schema=app"},
            4,
            "DATABASE_URL cannot be read: the pa",
        ),
        ({"DATABASE_URL": UNREACHABLE}, 2, "the database cannot be reached"),
    ],
)
def test_what_is_missing_is_said_in_one_line(env: dict[str, str], code: int, words: str) -> None:
    with starting("--port=0", database="", env=env, cold=True) as server:
        ended, out, err = server.ended()
    assert (ended, out) == (code, "")
    assert err.startswith(f"billing: {words}")
    assert len(err.splitlines()) == 1
    assert "two words" not in err
    assert PASSWORD not in err


def test_a_port_in_use_is_said_in_one_line(database: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with starting(f"--port={port}", database=database, cold=True) as server:
            code, out, err = server.ended()
    assert (code, out) == (2, "")
    assert err.startswith(f"billing: cannot listen on 127.0.0.1:{port}: ")
    assert len(err.splitlines()) == 1


def test_an_empty_database_is_said_in_one_line(clone: Connection[Any], database: str) -> None:
    clone.autocommit = True
    statements.drop_schema(clone)
    with starting("--port=0", database=database, cold=True) as server:
        code, _, err = server.ended()
    assert code == 2
    assert err == ("billing: the database has no billing schema: run python -m billing migrate\n")


def test_the_log_is_json_under_the_requests_id_and_tells_no_secret(staging: Staging) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "12345.67")
    with serving(f"{staging.conninfo} password={PASSWORD}", cold=True) as server:
        with Caller(server.url) as caller:
            caller.draft(tenant_id, "secret-key")
            asked = {"X-Request-ID": "find-me"}
            caller.get(str(uuid4()), params={"tenantId": str(tenant_id)}, headers=asked)
        refused = httpx.get(f"{server.url}{INVOICES}?token={TOKEN}-wrong")
        assert refused.status_code == 401
        environ = Path(f"/proc/{server.process.pid}/cmdline").read_text()
        _, out, err = server.stop()
    lines = [json.loads(line) for line in err.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["status"]) for line in requests] == [
        ("POST", 201),
        ("GET", 404),
        ("GET", 401),
    ]
    assert requests[0]["path"] == INVOICES
    assert requests[0]["milliseconds"] > 0
    assert requests[1]["request_id"] == "find-me"
    assert refused.headers["X-Request-ID"] == requests[2]["request_id"]
    for secret in (TOKEN, PASSWORD, "12345.67", "secret-key", "?"):
        assert secret not in out + err + environ


def test_an_unforeseen_error_is_told_to_the_log_alone(staging: Staging) -> None:
    with serving(staging.conninfo, cold=True) as server, Caller(server.url) as caller:
        statements.drop_schema(staging.connection)
        answer = caller.draft(uuid4())
        _, _, err = server.stop()
    assert refusal(answer) == (500, "internal_error")
    assert "app." not in answer.text
    failed = [json.loads(line) for line in err.splitlines() if "the request failed" in line]
    assert [line["request_id"] for line in failed] == [answer.json()["instance"]]
    assert "UndefinedTable" in failed[0]["exception"]


def test_secrets_leave_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_ADMIN_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", UNREACHABLE)
    assert (take_token(), take_database_url("serve")) == (TOKEN, UNREACHABLE)
    assert {"BILLING_ADMIN_TOKEN", "DATABASE_URL"}.isdisjoint(os.environ)
