"""Ledgerline for tests: a database of the test's own, or one that tests share with one server.

A test module that wants these fixtures names this one in its ``pytest_plugins``.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from selftests.clones import cloned
from selftests.gate import PROJECT, environment
from selftests.platforms.ledgerline.staging import Ledger
from selftests.server import Server
from selftests.warm import Warm, run_module

MODULE = "selftests.platforms.ledgerline"
KEY = "ledgerline-key-0123456789"
TIMEOUT_SECONDS = 30
_LISTENING = re.compile(r"ledgerline: listening on (http://127\.0\.0\.1:\d+)\n")


def migrate(conninfo: str) -> None:
    """Bring a database to Ledgerline's newest schema, by the platform's own command."""
    env = environment({"DATABASE_URL": conninfo})
    ended = run_module(MODULE, ["migrate"], PROJECT, env, TIMEOUT_SECONDS)
    assert ended.code == 0, ended.err


def load_ledgerline(**where: Any) -> None:
    """Do so with a new database."""
    where.pop("autocommit", None)
    migrate(make_conninfo(**where))


ledgerline_origin = factories.postgresql_noproc(
    depends_on="embedded_server", dbname="ledgerline", load=[load_ledgerline]
)


@pytest.fixture
def ledger(ledgerline_origin: NoopExecutor) -> Iterator[Ledger]:
    """A ledger of the test's own."""
    with cloned(ledgerline_origin) as connection:
        connection.autocommit = True
        yield Ledger(connection, connection.info.dsn)


@pytest.fixture(scope="session")
def shared_ledger(ledgerline_origin: NoopExecutor) -> Iterator[Ledger]:
    """A ledger that tests share with one server."""
    with ledger_named("ledgerline_served", ledgerline_origin) as ledger:
        yield ledger


@contextmanager
def ledger_named(dbname: str, origin: NoopExecutor) -> Iterator[Ledger]:
    """Make a ledger of that name, for as long as the block lasts."""
    host, port, user = origin.host, origin.port, origin.user
    janitor = DatabaseJanitor(
        host=host, port=port, user=user, dbname=dbname, template_dbname=origin.template_dbname
    )
    conninfo = make_conninfo(host=host, port=port, user=user, dbname=dbname)
    with janitor, psycopg.connect(conninfo, autocommit=True) as connection:
        yield Ledger(connection, conninfo)


@pytest.fixture(scope="session")
def ledgerline_api(shared_ledger: Ledger) -> Iterator["Caller"]:
    """A caller with the key, of a server on the shared ledger."""
    with serving(shared_ledger.conninfo) as server, Caller(server.url) as caller:
        yield caller


@contextmanager
def starting(conninfo: str, *arguments: str, fault: str = "", **env: str) -> Iterator[Server]:
    """Start a server with the tests' key, unless ``env`` says otherwise; it may have a fault."""
    given = {"DATABASE_URL": conninfo, "LEDGERLINE_API_KEY": KEY, "LEDGERLINE_FAULT": fault} | env
    with TemporaryDirectory() as place:
        out, log = Path(place, "out"), Path(place, "log")
        os.mkfifo(out)
        process = Warm(MODULE, ["serve", *arguments], PROJECT, environment(given), out, log)
        with out.open(encoding="utf-8") as stdout:
            try:
                yield Server(process, stdout, log)
            finally:
                process.kill()
                process.wait()


@contextmanager
def serving(conninfo: str, fault: str = "") -> Iterator[Server]:
    """Serve the database on a free port; stop the server if the test has not."""
    with starting(conninfo, "--port=0", fault=fault) as server:
        listening = _LISTENING.fullmatch(server.stdout.readline())
        assert listening, server.ended()
        server.url = listening[1]
        yield server
        if server.process.poll() is None:
            server.stop()


class Caller:
    """Calls Ledgerline with the key; every error is checked for what all of them must have."""

    def __init__(self, url: str, key: str = KEY) -> None:
        self._client = httpx.Client(
            base_url=url, timeout=TIMEOUT_SECONDS, headers={"X-Api-Key": key}, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send_request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send any request."""
        response = self._client.request(method, path, **more)
        if response.is_error:
            assert set(response.json()) == {"error"}, response.text
            assert set(response.json()["error"]) == {"code", "message"}, response.text
        return response

    def draft(self, account_id: int, month: str = "2026-02") -> httpx.Response:
        """Make a draft."""
        body = {"account_id": account_id, "month": month}
        return self.send_request("POST", "/v2/invoices", json=body)

    def find(self, account_id: int, invoice_id: int) -> httpx.Response:
        """Read an invoice."""
        asked = {"account_id": account_id}
        return self.send_request("GET", f"/v2/invoices/{invoice_id}", params=asked)

    def delete(self, account_id: int, invoice_id: int) -> httpx.Response:
        """Take a draft back."""
        asked = {"account_id": account_id}
        return self.send_request("DELETE", f"/v2/invoices/{invoice_id}", params=asked)

    def send(self, account_id: int, invoice_id: int) -> httpx.Response:
        """Send a draft."""
        return self._move(invoice_id, "send", account_id=account_id)

    def pay(self, account_id: int, invoice_id: int, amount_cents: int) -> httpx.Response:
        """Pay an invoice."""
        body = {"account_id": account_id, "amount_cents": amount_cents}
        return self._move(invoice_id, "payments", **body)

    def void(self, account_id: int, invoice_id: int) -> httpx.Response:
        """Take back an invoice that was sent."""
        return self._move(invoice_id, "void", account_id=account_id)

    def _move(self, invoice_id: int, transition: str, **body: int) -> httpx.Response:
        return self.send_request("POST", f"/v2/invoices/{invoice_id}/{transition}", json=body)


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return the status of a refused call, and the rule it names."""
    return response.status_code, response.json()["error"]["code"]
