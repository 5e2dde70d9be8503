"""The key of a creation is ignored: a repeat is a second creation.

stands for: frappe/central/pull/170, six workers, six invoices, no unique key
checks: S4.1
says: a repeat under its key was refused, period_overlaps_invoice
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Drop the key."""
    unkeyed = {n: value for n, value in forward.headers.items() if n != "Idempotency-Key"}
    return faithful(forward(headers=unkeyed))
