"""Issuing what is issued answers as the first time.

stands for: getlago/lago-api/pull/5523, finalised twice
checks: S4.4
says: issue of an invoice that is ISSUED was not refused
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Parrot:
    """Repeats the first answer."""

    def __init__(self) -> None:
        self.first: Answer = None

    def answer(self, name: str, forward: Forward) -> Answer:
        """Answer a refused issuing with the issued invoice."""
        response = forward()
        if name != "issue":
            return faithful(response)
        if response.is_success:
            self.first = faithful(response)
        return self.first if response.status_code == 409 else faithful(response)


answer = Parrot().answer
