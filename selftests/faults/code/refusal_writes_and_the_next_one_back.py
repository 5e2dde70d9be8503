"""A payment that is refused alters what an earlier invoice billed; the next one puts it right.

stands for: the rule that a refusal writes nothing, although nothing of it is left in the end
checks: S4.4
says: mark_paid of an invoice that is DRAFT wrote something
tenant: billed_before
"""

from platforms.port import Invoice, PlatformRefused
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Writes a later instant where it refuses, and the right one when it refuses again."""

    seconds = 1

    def mark_paid(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Alter the instant, once it is sure that nothing is paid."""
        try:
            return super().mark_paid(tenant_id, invoice_id)
        except PlatformRefused:
            if self.owner(invoice_id) == tenant_id:
                code.alter_what_was_billed(
                    self._connection,
                    tenant_id=tenant_id,
                    invoice_id=invoice_id,
                    seconds=self.seconds,
                )
                self.seconds = -self.seconds
            raise


pytest_p9a_platform = offering(Faulty)
