"""The answer to the first creation is lost; the repeat under the same key is answered.

stands for: a connection that idles out as the first draft of the day is made
checks: S2.1
says: asked for again under its key
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Stutter:
    """Loses one answer."""

    def __init__(self) -> None:
        self.lost = False

    def answer(self, name: str, forward: Forward) -> Answer:
        """Break the connection after the first draft is made."""
        response = forward()
        if name != "invoices" or self.lost:
            return faithful(response)
        self.lost = True
        return None


answer = Stutter().answer
