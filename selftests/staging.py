"""A staging database for the gate to judge: a tenant at 25 %, and faults to build into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from billing.invoices import generate_draft
from fixtures.database import about
from selftests.queries_staging import staging
from selftests.reference import build_in, writes_of


@dataclass(frozen=True)
class Staging:
    """A clone of the reference database; ``connection``, a superuser's, commits at once."""

    connection: Connection[Any]
    conninfo: str

    def conninfo_of(self, user: str) -> str:
        """How to connect as ``reader``, ``gate`` or ``gate_in_process``, not as a superuser."""
        return make_conninfo(self.conninfo, user=user)

    def tenant(self, rate: str = "0.25", currency: str = "USD", **terms: Any) -> UUID:
        """Add an active tenant with general terms, and return its id."""
        tenant_id = uuid4()
        self.insert_tenant(tenant_id, "Acme Freight", f"acme-{tenant_id}")
        self.terms(tenant_id, rate, currency, **terms)
        return tenant_id

    def insert_tenant(self, tenant_id: UUID | str, name: str, slug: str) -> None:
        """Add an active tenant without terms."""
        writes_of(self.connection).act("scratch_tenant", tenant_id=tenant_id, name=name, slug=slug)

    def terms(
        self,
        tenant_id: UUID | str,
        rate: str,
        currency: str = "USD",
        valid_from: date = date(2025, 1, 1),
        valid_to: date | None = None,
        finding_type: str | None = None,
    ) -> None:
        """Add terms."""
        writes_of(self.connection).act(
            "scratch_terms",
            tenant_ids=[tenant_id],
            finding_types=[finding_type],
            currencies=[currency],
            rates=[Decimal(rate)],
            valid_froms=[valid_from],
            valid_tos=[valid_to],
        )

    def event(
        self,
        tenant_id: UUID | str,
        amount: str = "100.00",
        key: str = "",
        currency: str = "USD",
        finding_type: str = "DUPLICATE_CHARGE",
        occurred_at: str = "2026-02-10T12:00:00+00:00",
    ) -> None:
        """Add a billable event; its key is a random one unless given."""
        staging.insert_event(
            self.connection,
            tenant_id=tenant_id,
            key=key or f"audit-{uuid4()}",
            amount=Decimal(amount),
            currency=currency,
            finding_type=finding_type,
            occurred_at=datetime.fromisoformat(occurred_at),
        )

    def suspend(self, tenant_id: UUID | str) -> None:
        """Suspend the tenant."""
        staging.set_status(self.connection, tenant_id=tenant_id, status="suspended")

    def end_terms(self, tenant_id: UUID | str, day: str) -> None:
        """Let the tenant's terms end before ``day``."""
        staging.end_terms(self.connection, tenant_id=tenant_id, day=date.fromisoformat(day))

    def draft(self, tenant_id: UUID, key: str | None = None, month: int = 2) -> str:
        """Have the platform make a draft of a month of 2026, and return its number."""
        starts, ends = (datetime(2026, number, 1, tzinfo=UTC) for number in (month, month + 1))
        return generate_draft(self.connection, tenant_id, starts, ends, key).invoice_number

    @contextmanager
    def held_by(self, application_name: str, tenant_id: UUID | str) -> Iterator[int]:
        """Hold the lock that a run of the gate takes on the tenant, and yield the holder's pid."""
        with psycopg.connect(
            self.conninfo, application_name=application_name, autocommit=True
        ) as holder:
            about(holder).row("lock_tenant_runs", tenant_id=tenant_id)
            yield holder.info.backend_pid

    def wait_for(self, application_name: str, seconds: int = 30, sessions: int = 1) -> None:
        """Ask until sessions of that name, ``billing-api`` or ``p9a-gate``, wait for a lock."""
        give_up = monotonic() + seconds
        with self.elsewhere() as watcher:
            while staging.waiting(watcher, application_name=application_name) < sessions:
                assert monotonic() < give_up, f"no session of {application_name} waits"

    def end_api_sessions(self) -> int:
        """End every connection of the admin API, and return how many there were."""
        with self.elsewhere() as watcher:
            return staging.end_api_sessions(watcher)

    def end_gate_sessions(self) -> int:
        """End every connection of the gate, and return how many there were."""
        return staging.end_gate_sessions(self.connection)

    def end_lock(self, tenant_id: UUID | str) -> str:
        """End the session that holds the lock on a tenant, and return in what state it was."""
        holder = about(self.connection).row("lock_holder", tenant_id=tenant_id)
        assert holder is not None
        return staging.end_session(self.connection, pid=holder["pid"])

    def allow_connections(self, allowed: bool) -> None:
        """Let nobody new connect, as if the database were gone, or let them again."""
        staging.allow_connections(self.connection, allowed=allowed)

    def elsewhere(self) -> Connection[Any]:
        """A connection outside the test's transaction: inside, activity is seen as it was once."""
        return psycopg.connect(self.conninfo, autocommit=True)

    def build_in(self, fault: str) -> None:
        """Run the named script of ``staging.sql``."""
        build_in(self.connection, getattr(staging, fault).sql)

    def rows(self) -> list[dict[str, str]]:
        """Every row of the application's tables, in a fixed order."""
        return list(staging.all_rows(self.connection))
