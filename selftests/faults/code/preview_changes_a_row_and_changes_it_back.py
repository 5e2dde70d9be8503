"""The preview gives every invoice another number for a moment, and its own again.

stands for: killbill/killbill/issues/2249, a dry run that acts
checks: S1.6, X1
says: an attempt to write
"""

from oracle.bill import Bill
from oracle.period import Period
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Marks what it has looked at, while it looks."""

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """Rename, look, and rename back."""
        with self._translated():
            for row in list(
                code.invoices_of(self._connection, tenant_id=tenant_id, status="ISSUED")
            ):
                number, invoice_id = row["invoice_number"], row["id"]
                for name in (f"{number}?", number):
                    code.set_number(self._connection, invoice_id=invoice_id, invoice_number=name)
        return super().preview(tenant_id, period)


pytest_p9a_platform = offering(Faulty)
