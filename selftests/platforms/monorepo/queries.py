"""The statements of the monorepo's billing code, and those that prepare its rows for tests."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import aiosql
from psycopg import Connection
from psycopg.rows import dict_row

Row = dict[str, Any]
FOLDER = Path(__file__).parent


class MonorepoQueries(Protocol):
    """One method a named query of ``queries.sql``."""

    def customer(self, connection: Connection[Any], *, customer_id: str) -> Row | None: ...

    def lock_customer(self, connection: Connection[Any], *, customer_id: str) -> str | None: ...

    def lock_key(self, connection: Connection[Any], *, key: str) -> None: ...

    def opened_with(self, connection: Connection[Any], *, key: str) -> Row | None: ...

    def in_the_way(
        self,
        connection: Connection[Any],
        *,
        customer_id: str,
        starts_at: datetime,
        ends_at: datetime,
    ) -> Row | None: ...

    def quote(
        self,
        connection: Connection[Any],
        *,
        customer_id: str,
        starts_at: datetime,
        ends_at: datetime,
    ) -> Row | None: ...

    def insert_invoice(
        self,
        connection: Connection[Any],
        *,
        customer_id: str,
        starts_at: datetime,
        ends_at: datetime,
        share: Decimal,
        fee: Decimal,
        fingerprint: Decimal,
    ) -> str: ...

    def insert_key(self, connection: Connection[Any], *, key: str, invoice_id: str) -> int: ...

    def invoice(
        self, connection: Connection[Any], *, customer_id: str, invoice_id: str
    ) -> Row | None: ...

    def lock_invoice(
        self, connection: Connection[Any], *, customer_id: str, invoice_id: str
    ) -> str | None: ...

    def delete_invoice(self, connection: Connection[Any], *, invoice_id: str) -> int: ...

    def claim(
        self,
        connection: Connection[Any],
        *,
        customer_id: str,
        invoice_id: str,
        starts_at: datetime,
        ends_at: datetime,
    ) -> int: ...

    def finalize(
        self, connection: Connection[Any], *, customer_id: str, invoice_id: str
    ) -> int: ...

    def settle(self, connection: Connection[Any], *, invoice_id: str) -> int: ...

    def release(self, connection: Connection[Any], *, invoice_id: str) -> int: ...

    def void(self, connection: Connection[Any], *, invoice_id: str) -> int: ...


class StagingQueries(Protocol):
    """One method a named query of ``staging.sql``."""

    def insert_customer(
        self, connection: Connection[Any], *, name: str, currency: str, share: Decimal | None
    ) -> str: ...

    def delete_customer(self, connection: Connection[Any], *, customer_id: str) -> int: ...

    def insert_recovery(
        self,
        connection: Connection[Any],
        *,
        customer_id: str,
        amount: Decimal,
        state: str,
        key: str,
        happened_at: datetime,
    ) -> str: ...

    def change_share(
        self, connection: Connection[Any], *, customer_id: str, share: Decimal
    ) -> int: ...

    def counts(self, connection: Connection[Any], *, customer_id: str) -> Row: ...

    def hold_customer(self, connection: Connection[Any], *, customer_id: str) -> str: ...

    def overcharge(self, connection: Connection[Any]) -> str: ...

    def stop_overcharging(self, connection: Connection[Any]) -> str: ...


def _load(name: str) -> Any:
    return aiosql.from_path(FOLDER / name, "psycopg", kwargs={"row_factory": dict_row})


queries: MonorepoQueries = _load("queries.sql")
staging: StagingQueries = _load("staging.sql")
