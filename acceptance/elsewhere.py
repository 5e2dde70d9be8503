"""A platform that works on another database than ``DATABASE_URL`` names cannot be judged by it."""

from fixtures.calls import Refusal, attempt, attempt_whole
from oracle.bill import Bill
from platforms.port import Invoice, Platform
from platforms.statements import Tables
from runbook.refusals import Rule

SAME = "have BILLING_API_URL and DATABASE_URL name one and the same staging"
HINT = f"if it bills other events than DATABASE_URL holds, it works on another database: {SAME}"


def made_elsewhere(platform: Platform, tables: Tables, tenant_id: str, draft: Invoice) -> str:
    """Say that a draft was made in another database, and take it back there; else nothing.

    One that is nowhere, or that the platform does not find again, was not made at all.
    """
    if platform.shares_transaction or tables.row("invoice_origin", invoice_id=draft.id):
        return ""
    found = attempt(platform.find, tenant_id, draft.id)
    if isinstance(found, Refusal) and Rule.INVOICE_NOT_FOUND in found.rules:
        return ""
    cancelled = attempt_whole(platform.cancel, tenant_id, draft.id)
    if isinstance(found, Refusal) and cancelled is not None:
        return ""
    fate = "it was cancelled there again"
    if cancelled is not None:
        fate = f"take it back there, for the cancel was {cancelled}"
    return (
        f"the {platform.name} works on another database than DATABASE_URL names: it made "
        f"{draft.name} of tenant {tenant_id} and finds it, and here it is not; {fate}; {SAME}"
    )


def unknown_there(platform: Platform, tenant_id: str, told: Bill | Invoice | Refusal | None) -> str:
    """Say that an active tenant of this database is none of the platform's; else nothing."""
    if platform.shares_transaction or not isinstance(told, Refusal):
        return ""
    if Rule.TENANT_NOT_FOUND not in told.rules:
        return ""
    return (
        f"the {platform.name} knows no tenant {tenant_id}, which is active in the database that "
        f"DATABASE_URL names: {told}; {SAME}"
    )


def hint(platform: Platform, told: Bill | Refusal | None, expected: Bill | None) -> str:
    """Say that other events may have been billed than are here, where it looks like that."""
    if platform.shares_transaction or expected is None:
        return ""
    if isinstance(told, Refusal):
        return HINT if Rule.NO_BILLABLE_EVENTS in told.rules else ""
    if told is None or told.event_count in (None, expected.event_count):
        return ""
    return HINT
