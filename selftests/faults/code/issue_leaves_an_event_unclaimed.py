"""One of the events that an issued invoice bills stays billable.

stands for: getlago/lago-api/pull/5916, one event billed twice
checks: S4.4
says: 2 of 3 seeds claimed
tenant: empty
"""

from platforms.port import Invoice
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Claims all but one."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Release one event again."""
        issued = super().issue(tenant_id, invoice_id)
        code.release_one(self._connection, invoice_id=invoice_id)
        return issued


pytest_p9a_platform = offering(Faulty)
