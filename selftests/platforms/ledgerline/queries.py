"""Statements by which tests furnish a ledger."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import aiosql
from psycopg import Connection
from psycopg.rows import dict_row


class LedgerQueries(Protocol):
    """One method a named query of ``staging.sql``."""

    def insert_account(
        self, connection: Connection[Any], *, title: str, handle: str, state: str, currency: str
    ) -> int: ...

    def insert_contract(
        self,
        connection: Connection[Any],
        *,
        account_id: int,
        rate_percent: Decimal,
        starts: date,
        ends: date | None,
    ) -> int: ...

    def keep_caps(self, connection: Connection[Any]) -> None: ...

    def cap_contracts(
        self, connection: Connection[Any], *, account_id: int, since: date, cap_cents: int
    ) -> int: ...

    def insert_finding(
        self,
        connection: Connection[Any],
        *,
        account_id: int,
        kind: str,
        state: str,
        amount_cents: int,
        happened_at: datetime,
        reference: str,
        deleted_at: datetime | None,
    ) -> int: ...

    def insert_invoice(
        self,
        connection: Connection[Any],
        *,
        account_id: int,
        month: date,
        state: str,
        number: str | None,
        rate_percent: Decimal,
        finding_ids: Sequence[int],
    ) -> int: ...

    def next_number(self, connection: Connection[Any], *, year: int) -> str: ...

    def set_account_state(
        self, connection: Connection[Any], *, account_id: int, state: str
    ) -> int: ...

    def set_invoice_state(
        self, connection: Connection[Any], *, invoice_id: int, state: str
    ) -> int: ...

    def set_amount(
        self, connection: Connection[Any], *, finding_id: int, amount_cents: int
    ) -> int: ...

    def set_rate(
        self, connection: Connection[Any], *, account_id: int, rate_percent: Decimal
    ) -> int: ...

    def delete_softly(self, connection: Connection[Any], *, finding_id: int) -> int: ...

    def delete_finding(self, connection: Connection[Any], *, finding_id: int) -> int: ...

    def touched(self, connection: Connection[Any], *, finding_id: int) -> datetime: ...

    def hold_account(self, connection: Connection[Any], *, account_id: int) -> int: ...

    def hold_counters(self, connection: Connection[Any]) -> str: ...

    def waiting(self, connection: Connection[Any]) -> int: ...

    def all_rows(self, connection: Connection[Any]) -> Iterable[dict[str, str]]: ...


queries: LedgerQueries = aiosql.from_path(
    Path(__file__).parent / "staging.sql", "psycopg", kwargs={"row_factory": dict_row}
)
