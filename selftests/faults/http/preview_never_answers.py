"""The preview takes longer than anybody waits.

stands for: getlago/lago-api/pull/1988, a lag after which work is taken for lost
says: gives no answer: POST /api/admin/billing/invoices/preview
verdict: ABORTED
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Hold previews until the run is over."""
    if name != "preview":
        return faithful(forward())
    forward.over.wait()
    return None
