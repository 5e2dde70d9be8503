"""The preview makes a draft of the period behind the gate's back.

stands for: aerele/jarvis/pull/198, a preview with effects
checks: S1.6
says: app.billing_invoices * is new
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Make a draft once the preview is answered."""
    response = forward()
    if name == "preview":
        forward(path=forward.path.removesuffix("/preview"))
    return faithful(response)
