"""Cancelling an issued invoice is refused, but its events are free by then.

stands for: saeloun/miru-web/pull/1220; the rule that a refusal writes nothing
checks: S4.4
says: cancel of an invoice that is ISSUED wrote something
tenant: empty
"""

from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Acts first and asks then."""

    def cancel(self, tenant_id: str, invoice_id: str) -> None:
        """Release the events, then see whether it may be."""
        if self.owner(invoice_id) == tenant_id:
            code.release(self._connection, invoice_id=invoice_id)
        super().cancel(tenant_id, invoice_id)


pytest_p9a_platform = offering(Faulty)
