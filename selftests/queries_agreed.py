"""Writes what a contract agrees into the reference platform's tables."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import aiosql
from psycopg import Connection

from oracle.contract import Contract
from oracle.signed import signed_terms


class AgreedQueries(Protocol):
    """One method a named query of ``selftests/sql/agreed.sql``."""

    def agree(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID | str,
        begins: date,
        cap_per_event: Decimal | None,
        cap_per_invoice: Decimal | None,
        cap_per_contract_year: Decimal | None,
        minimum_per_invoice: Decimal | None,
        negative_total: str,
        rate_at: str,
        rounding_mode: str,
        rounding_each: str,
        rounding_digits: int | None,
    ) -> int: ...

    def forget_terms(self, connection: Connection[Any], *, tenant_id: UUID | str) -> int: ...

    def add_scale(
        self,
        connection: Connection[Any],
        *,
        scale_id: UUID,
        tenant_id: UUID | str,
        filled_by: str,
        begins: date,
    ) -> int: ...

    def add_tier(
        self,
        connection: Connection[Any],
        *,
        scale_id: UUID,
        above: Decimal | None,
        up_to: Decimal | None,
        rate: Decimal,
    ) -> int: ...

    def add_terms(
        self,
        connection: Connection[Any],
        *,
        tenant_id: UUID | str,
        finding_type: str | None,
        currency: str,
        rate: Decimal | None,
        valid_from: date,
        valid_to: date | None,
        scale_id: UUID | None,
    ) -> int: ...

    def carry_forward(
        self, connection: Connection[Any], *, tenant_id: UUID | str, amount: Decimal
    ) -> int: ...

    def cap_the_invoice_in_place_of_the_event(
        self, connection: Connection[Any], *, tenant_id: UUID | str
    ) -> int: ...


agreed: AgreedQueries = aiosql.from_path(Path(__file__).parent / "sql" / "agreed.sql", "psycopg")


def write_contract(connection: Connection[Any], tenant_id: UUID | str, contract: Contract) -> None:
    """Have the platform bill a tenant as a contract says."""
    caps = contract.caps
    agreed.forget_terms(connection, tenant_id=tenant_id)
    agreed.agree(
        connection,
        tenant_id=tenant_id,
        begins=contract.begins,
        cap_per_event=caps.per_event,
        cap_per_invoice=caps.per_invoice,
        cap_per_contract_year=caps.per_contract_year,
        minimum_per_invoice=contract.minimum_per_invoice,
        negative_total=contract.negative_total.value,
        rate_at=contract.rate_at.value,
        rounding_mode=contract.rounding.mode.value,
        rounding_each=contract.rounding.each.value,
        rounding_digits=contract.rounding.digits,
    )
    scales = {n: _scale(connection, tenant_id, contract, n) for n in range(len(contract.terms))}
    for piece in signed_terms(contract):
        agreed.add_terms(
            connection,
            tenant_id=tenant_id,
            finding_type=piece.finding_type,
            currency=piece.currency,
            rate=piece.rate,
            valid_from=piece.starts.date(),
            valid_to=piece.ends and piece.ends.date(),
            scale_id=scales[piece.tiers.term] if piece.tiers else None,
        )


def _scale(
    connection: Connection[Any], tenant_id: UUID | str, contract: Contract, number: int
) -> UUID | None:
    term = contract.terms[number]
    if term.tiers_of is None:
        return None
    scale_id, above = uuid4(), None
    agreed.add_scale(
        connection,
        scale_id=scale_id,
        tenant_id=tenant_id,
        filled_by=term.tiers_of.value,
        begins=contract.begins,
    )
    for tier in term.tiers:
        agreed.add_tier(
            connection, scale_id=scale_id, above=above, up_to=tier.up_to, rate=tier.rate
        )
        above = tier.up_to
    return scale_id
