"""Another tenant who asks to issue an invoice learns that it exists and is none of theirs.

stands for: flexprice/flexprice/pull/2516; to strangers an invoice does not exist
checks: S4.4
says: not invoice_not_found
tenant: empty
"""

from platforms.port import Invoice, PlatformRefused
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Explains itself to everybody."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Tell strangers that they may not."""
        if self.owner(invoice_id) != tenant_id:
            raise PlatformRefused("not_your_invoice", "the invoice is another tenant's")
        return super().issue(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
