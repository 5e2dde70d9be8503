"""The first creation is done and answered with 500; whoever asks again is told the truth.

stands for: frappe/central/pull/170, whose callers tried again and made invoices anew
checks: S2.1
says: invoices answered 500
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Broken:
    """Breaks one answer."""

    def __init__(self) -> None:
        self.done = False

    def answer(self, name: str, forward: Forward) -> Answer:
        """Forward every call; break the answer to the first creation."""
        response = forward()
        if name != "invoices" or self.done:
            return faithful(response)
        self.done = True
        return 500, b""


answer = Broken().answer
