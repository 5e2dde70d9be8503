"""The creation is redirected to a page to log in.

stands for: a session that ended at the gateway
says: is not the API: POST /api/admin/billing/invoices answered 302
verdict: ABORTED
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Send the caller elsewhere."""
    return (302, b"", "text/html") if name == "invoices" else faithful(forward())
