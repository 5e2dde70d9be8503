"""The answer tells the number of the tenant's last invoice; another one is stored.

stands for: Paymenter/Paymenter/pull/1244, duplicate numbers by read-increment-write
checks: S4.4
says: answered as INV-000001
tenant: billed_before
"""

from dataclasses import replace

from platforms.port import Invoice
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Reads the number before it is counted up."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Answer the number before this one's."""
        issued = super().issue(tenant_id, invoice_id)
        return replace(issued, number="INV-000001")


pytest_p9a_platform = offering(Faulty)
