"""Every call stands in the audit log twice.

stands for: getlago/lago-api/pull/5495, two requests for one
checks: S2.3
says: ledger.audit_log
"""

from selftests.platforms.ledgerline import billing
from selftests.platforms.ledgerline.faulty import replace
from selftests.platforms.ledgerline.models import AuditEntry, Invoice

right = billing.note


def note(call: str, topic: str, invoice: Invoice) -> None:
    """Note it by the model, and by hand."""
    right(call, topic, invoice)
    detail = f"invoice {invoice.pk}"
    AuditEntry.objects.create(account=invoice.account, call=call, detail=detail)


def build_in() -> None:
    """Note so."""
    replace(billing.note, note)
