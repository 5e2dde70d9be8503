"""Each creation is answered with 202 and made a second later, and nobody says where to ask for it.

stands for: flexprice/flexprice/pull/1347, a creation that is accepted and done later
checks: S2.1
says: 202, to be done later, and the description names no place to poll
"""

from threading import Timer

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Answer the call of that name."""
    if name != "invoices":
        return faithful(forward())
    Timer(1.0, forward).start()
    return 202, b""
