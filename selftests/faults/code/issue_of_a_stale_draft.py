"""A draft is issued although its events are no longer those that it was made of.

stands for: the rule draft_is_stale; the customer pays for what is not claimed
checks: S4.4
says: although an event of it is gone, of an invoice that is DRAFT was not refused
tenant: empty
"""

from uuid import UUID

from billing.queries import queries as billing
from platforms.port import Invoice, PlatformRefused
from selftests.faults.code import Reference, offering
from selftests.reference import known


class Faulty(Reference):
    """Issues what it once worked out."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Claim what there is, and bill what there was."""
        try:
            return super().issue(tenant_id, invoice_id)
        except PlatformRefused as refused:
            if refused.code != "draft_is_stale":
                raise
        now = billing.clock(self._connection)
        period = known(self.find(tenant_id, invoice_id).period)
        billing.claim_events(
            self._connection,
            invoice_id=UUID(invoice_id),
            tenant_id=UUID(tenant_id),
            period_start=period.start,
            period_end=period.end,
            billed_at=now,
        )
        billing.mark_issued(
            self._connection,
            invoice_id=UUID(invoice_id),
            invoice_number="INV-000001",
            issued_at=now,
        )
        return self.find(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
