"""Issuing what is no draft is refused as if the invoice did not exist.

stands for: the rule invoice_is_not_draft, by which a caller knows that it was done already
checks: S4.4
says: not invoice_is_not_draft
tenant: empty
"""

from platforms.port import Invoice, PlatformRefused
from runbook.refusals import Rule
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Has one word for every no."""

    def issue(self, tenant_id: str, invoice_id: str) -> Invoice:
        """Say that there is no such invoice."""
        try:
            return super().issue(tenant_id, invoice_id)
        except PlatformRefused as refused:
            wrong = Rule.INVOICE_NOT_FOUND
            raise PlatformRefused(wrong, refused.message, rules=frozenset({wrong})) from refused


pytest_p9a_platform = offering(Faulty)
