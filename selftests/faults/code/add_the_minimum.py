"""The minimum is added to what the events cost, in place of being the least that is charged.

stands for: getlago.com/docs, a commitment is filled up and not added
checks: S1.4, X1, X3
says: gain share 1425.10, not 925.10
explained: adding the minimum per invoice
tenant: signed
with: --contract=selftests/faults/contracts/signed.toml
"""

from dataclasses import replace
from typing import Any

from billing import agreements, invoices
from billing.queries import queries
from selftests.faults.code import Reference, offering


class Faulty(Reference):
    """Adds."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        vars(invoices)["invoice_total"] = _added


def _added(connection: Any, tenant_id: Any, *given: Any) -> Any:
    agreed = queries.agreement(connection, tenant_id=tenant_id) or {}
    total = agreements.invoice_total(connection, tenant_id, *given)
    return replace(total, amount=total.amount + (agreed["minimum_per_invoice"] or 0))


pytest_p9a_platform = offering(Faulty)
