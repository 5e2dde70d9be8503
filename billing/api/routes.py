"""The calls of the admin API; each is one transaction on one connection of the pool."""

from email.message import Message
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request, Security
from fastapi.security import HTTPBearer
from psycopg import Connection

from billing import invoices
from billing.api.database import Pool, reading, writing
from billing.api.documentation import ANY_ADMIN_CALL, ANY_CALL, PRICING, TRANSITION, can_end_in
from billing.api.models import (
    INVOICE,
    Health,
    Invoice,
    PeriodRequest,
    Preview,
    TenantRequest,
    invoice_body,
    preview_body,
)
from billing.queries import queries
from runbook.refusals import Rule

# The middleware has checked the token already: this one tells the document of it.
TOKEN = HTTPBearer(
    scheme_name="adminToken",
    description="The server's BILLING_ADMIN_TOKEN.",
    auto_error=False,
)
admin = APIRouter(
    prefix="/api/admin/billing/invoices", tags=["invoices"], dependencies=[Security(TOKEN)]
)
health = APIRouter(tags=["health"])


def demand_json(request: Request) -> None:
    """Refuse a body that does not say that it is JSON."""
    header = Message()
    header["Content-Type"] = request.headers.get("Content-Type", "")
    if header.get_content_type() != "application/json":
        raise HTTPException(415)


def pool_of(request: Request) -> Pool:
    """Return the application's connections."""
    return cast("Pool", request.app.state.pool)


ThePool = Annotated[Pool, Depends(pool_of)]
InvoiceId = Annotated[UUID, Path(description="The invoice.", examples=[INVOICE])]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 255 visible ASCII characters of the caller's choice, new for each draft "
        "that is wanted. A repeat of the call with the same key returns the draft that the first "
        "one made; with another tenant or period it is refused.",
        pattern="^[!-~]{1,255}$",
        examples=["billing-run-2026-02-7d8f2c5e"],
    ),
]
JSON_BODY = [Depends(demand_json)]


@admin.post("/preview", dependencies=JSON_BODY, responses=can_end_in(*PRICING))
def preview_draft(asked: PeriodRequest, pool: ThePool) -> Preview:
    """Tell what a draft of the period would be; writes nothing."""
    with reading(pool) as connection:
        preview = invoices.preview(
            connection, asked.tenant_id, asked.period_start, asked.period_end
        )
        return preview_body(preview, _minor_digits(connection, preview.currency))


@admin.get("/preview", include_in_schema=False)
def refuse_to_get_preview() -> None:
    """Say that a preview is posted; else this would be looked for as an invoice."""
    raise HTTPException(405, headers={"Allow": "POST"})


@admin.post(
    "",
    status_code=201,
    dependencies=JSON_BODY,
    responses=can_end_in(*PRICING, Rule.IDEMPOTENCY_KEY_REUSED),
)
def create_draft(
    asked: PeriodRequest, pool: ThePool, idempotency_key: IdempotencyKey = None
) -> Invoice:
    """Make a draft invoice of the period; the events stay unbilled until it is issued."""
    with writing(pool) as connection:
        draft = invoices.generate_draft(
            connection, asked.tenant_id, asked.period_start, asked.period_end, idempotency_key
        )
        return _body(connection, draft)


@admin.get("/{id}", responses=can_end_in(*ANY_ADMIN_CALL, Rule.INVOICE_NOT_FOUND))
def get_invoice(id: InvoiceId, asked: Annotated[TenantRequest, Query()], pool: ThePool) -> Invoice:
    """Return the tenant's invoice; another tenant's is not found."""
    with reading(pool) as connection:
        return _body(connection, invoices.find(connection, asked.tenant_id, id))


@admin.post(
    "/{id}/issue",
    dependencies=JSON_BODY,
    responses=can_end_in(
        *TRANSITION, Rule.TENANT_IS_NOT_ACTIVE, Rule.INVOICE_IS_NOT_DRAFT, Rule.DRAFT_IS_STALE
    ),
)
def issue_invoice(id: InvoiceId, asked: TenantRequest, pool: ThePool) -> Invoice:
    """Make a draft final: claim its events and give it the tenant's next number."""
    with writing(pool) as connection:
        return _body(connection, invoices.issue(connection, asked.tenant_id, id))


@admin.post(
    "/{id}/mark-paid",
    dependencies=JSON_BODY,
    responses=can_end_in(*TRANSITION, Rule.INVOICE_IS_NOT_ISSUED),
)
def mark_invoice_paid(id: InvoiceId, asked: TenantRequest, pool: ThePool) -> Invoice:
    """Record that an issued invoice was paid; nothing else moves."""
    with writing(pool) as connection:
        return _body(connection, invoices.mark_paid(connection, asked.tenant_id, id))


@admin.post(
    "/{id}/cancel",
    status_code=204,
    dependencies=JSON_BODY,
    responses=can_end_in(*TRANSITION, Rule.INVOICE_IS_NOT_DRAFT),
)
def cancel_draft(id: InvoiceId, asked: TenantRequest, pool: ThePool) -> None:
    """Remove a draft and its lines as if it had never been."""
    with writing(pool) as connection:
        invoices.cancel(connection, asked.tenant_id, id)


@health.get("/healthz", responses=can_end_in(*ANY_CALL))
def tell_health(pool: ThePool) -> Health:
    """Tell whether the database answers; needs no token."""
    with pool.connection(timeout=2) as connection:
        queries.answers(connection)
    return Health()


def _body(connection: Connection[Any], invoice: invoices.Invoice) -> Invoice:
    return invoice_body(invoice, _minor_digits(connection, invoice.currency))


def _minor_digits(connection: Connection[Any], currency: str) -> int:
    return queries.minor_digits(connection, currency=currency)
