"""An issue that is refused, for the draft is stale, alters what an earlier invoice billed.

stands for: the rule that a refusal writes nothing, where what it claimed first is taken back
checks: S4.4
says: issue, although an event of it is gone, of an invoice that is DRAFT wrote something
tenant: billed_before
"""

from platforms.port import Invoice, PlatformRefused
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Takes back its claims, and another instant to those of another invoice."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Alter them, once it is sure that nothing is issued."""
        try:
            return super().issue(tenant_id, invoice_id)
        except PlatformRefused as refused:
            if refused.code == "draft_is_stale":
                code.alter_what_was_billed(
                    self._connection, tenant_id=tenant_id, invoice_id=invoice_id, seconds=1
                )
            raise


pytest_p9a_platform = offering(Faulty)
