"""Every reason for which a platform says no, by name.

A refusal writes nothing. Where several rules are broken at once, the first of this order is named.
"""

from enum import StrEnum


class Rule(StrEnum):
    """The rule that a call broke. A description says how its platform tells each of them."""

    INVOICE_NOT_FOUND = "invoice_not_found"
    INVOICE_IS_NOT_DRAFT = "invoice_is_not_draft"
    INVOICE_IS_NOT_ISSUED = "invoice_is_not_issued"
    PERIOD_IS_EMPTY = "period_is_empty"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    TENANT_NOT_FOUND = "tenant_not_found"
    TENANT_IS_NOT_ACTIVE = "tenant_is_not_active"
    PERIOD_OVERLAPS_INVOICE = "period_overlaps_invoice"
    NO_BILLABLE_EVENTS = "no_billable_events"
    EVENT_AMOUNT_IS_NOT_FINITE = "event_amount_is_not_finite"
    EVENT_HAS_NO_TERMS = "event_has_no_terms"
    EVENTS_IN_SEVERAL_CURRENCIES = "events_in_several_currencies"
    TOTAL_IS_NEGATIVE = "total_is_negative"
    DRAFT_IS_STALE = "draft_is_stale"
