"""A ledger for tests to furnish, and to look at; amounts are in cents, rates in percent."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import Connection

from selftests.platforms.ledgerline.queries import queries


@dataclass(frozen=True)
class Ledger:
    """A database with Ledgerline's tables; ``connection``, a superuser's, commits at once."""

    connection: Connection[Any]
    conninfo: str

    def account(
        self, rate_percent: str | None = "25", state: str = "live", currency: str = "usd"
    ) -> int:
        """Add an account, with a contract since 2025 unless there is no rate; return its id."""
        account_id = queries.insert_account(
            self.connection,
            title="Acme Freight",
            handle=f"acme-{uuid4()}",
            state=state,
            currency=currency,
        )
        if rate_percent is not None:
            self.contract(account_id, rate_percent)
        return account_id

    def contract(
        self, account_id: int, rate_percent: str, starts: str = "2025-01-01", ends: str = ""
    ) -> None:
        """Add a contract, until the day before ``ends`` if that is given."""
        queries.insert_contract(
            self.connection,
            account_id=account_id,
            rate_percent=Decimal(rate_percent),
            starts=date.fromisoformat(starts),
            ends=date.fromisoformat(ends) if ends else None,
        )

    def finding(
        self,
        account_id: int,
        amount_cents: int = 10_000,
        happened_at: str = "2026-02-10T12:00:00+00:00",
        state: str = "recovered",
        kind: str = "duplicate_charge",
        reference: str = "",
        deleted_at: str = "",
    ) -> int:
        """Add a finding and return its id; its reference is a random one unless given."""
        return queries.insert_finding(
            self.connection,
            account_id=account_id,
            kind=kind,
            state=state,
            amount_cents=amount_cents,
            happened_at=datetime.fromisoformat(happened_at),
            reference=reference or f"audit-{uuid4()}",
            deleted_at=datetime.fromisoformat(deleted_at) if deleted_at else None,
        )

    def invoice(
        self,
        account_id: int,
        month: str,
        finding_ids: Sequence[int],
        state: str = "draft",
        rate_percent: str = "25",
        numbered: bool | None = None,
    ) -> int:
        """Add an invoice of those findings and return its id.

        It is numbered unless it is a draft; a void one may have been a draft, or ``numbered``.
        """
        billed = date.fromisoformat(f"{month}-01")
        numbered = state not in ("draft", "void") if numbered is None else numbered
        number = queries.next_number(self.connection, year=billed.year) if numbered else None
        return queries.insert_invoice(
            self.connection,
            account_id=account_id,
            month=billed,
            state=state,
            number=number,
            rate_percent=Decimal(rate_percent),
            finding_ids=list(finding_ids),
        )

    def rows(self) -> list[dict[str, str]]:
        """Every row of every table, in a fixed order."""
        return list(queries.all_rows(self.connection))

    def count(self, *tables: str) -> list[int]:
        """How many rows each of the tables has."""
        names = [row["table_name"] for row in self.rows()]
        return [names.count(table) for table in tables]

    @contextmanager
    def held(self, account_id: int) -> Iterator[None]:
        """Let whoever bills the account wait until the block ends."""
        with psycopg.connect(self.conninfo) as holder:
            queries.hold_account(holder, account_id=account_id)
            yield

    @contextmanager
    def counters_held(self) -> Iterator[None]:
        """Let whoever needs a number wait until the block ends."""
        with psycopg.connect(self.conninfo) as holder:
            queries.hold_counters(holder)
            yield

    def wait_for(self, sessions: int, seconds: int = 10) -> None:
        """Ask until so many of the platform's sessions wait for a lock."""
        give_up = monotonic() + seconds
        while queries.waiting(self.connection) < sessions:
            assert monotonic() < give_up, f"{sessions} sessions never waited"
