"""A second draft of the period is not refused: it takes the place of the first.

stands for: getlago/lago-api/pull/958, two invoices where one was to be
checks: S4.4
says: a second draft, beside an invoice that is DRAFT was not refused
tenant: empty
"""

from oracle.period import Period
from platforms.port import Invoice, PlatformRefused
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Takes the newest draft for the right one."""

    def generate_draft(self, tenant_id: str, period: Period, idempotency_key: str) -> Invoice:
        """Cancel what is in the way."""
        try:
            return super().generate_draft(tenant_id, period, idempotency_key)
        except PlatformRefused as refused:
            if refused.code != "period_overlaps_invoice":
                raise
        for row in list(code.invoices_of(self._connection, tenant_id=tenant_id, status="DRAFT")):
            super().cancel(tenant_id, row["id"])
        return super().generate_draft(tenant_id, period, idempotency_key)


pytest_p9a_platform = offering(Faulty)
