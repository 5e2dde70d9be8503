"""The creation is delivered twice without its key, and the second answer, a refusal, arrives.

stands for: bcgov/sbc-pay/pull/2417, two requests 229 ms apart
checks: S2.1
says: 1 invoice stored all the same
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Deliver creations twice, and lose their key."""
    if name != "invoices":
        return faithful(forward())
    unkeyed = {n: value for n, value in forward.headers.items() if n != "Idempotency-Key"}
    forward(headers=unkeyed)
    return faithful(forward(headers=unkeyed))
