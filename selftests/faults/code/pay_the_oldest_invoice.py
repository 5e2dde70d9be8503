"""A payment goes to the tenant's oldest open invoice, whichever it was meant for.

stands for: bcgov/sbc-pay/pull/2417, a payment under another's reference
checks: S4.3
says: another invoice was answered
tenant: billed_before
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Settles in the order of periods."""

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Pay the oldest instead."""
        issued = list(code.invoices_of(self._connection, tenant_id=tenant_id, status="ISSUED"))
        ids = [row["id"] for row in issued]
        return super().mark_paid(tenant_id, ids[0] if invoice_id in ids else invoice_id)


pytest_p9a_platform = offering(Faulty)
