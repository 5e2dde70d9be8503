"""Issuing what is issued answers as the first time.

stands for: getlago/lago-api/pull/5523, finalised twice
checks: S4.4
says: issue of an invoice that is ISSUED was not refused
tenant: empty
"""

from threading import Lock

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Parrot:
    """Repeats the first answer."""

    def __init__(self) -> None:
        self.first: Answer = None
        self._lock = Lock()  # of two at once, the first is known before the other is answered

    def answer(self, name: str, forward: Forward) -> Answer:
        """Answer a refused issuing with the issued invoice."""
        if name != "issue":
            return faithful(forward())
        with self._lock:
            response = forward()
            if response.is_success:
                self.first = faithful(response)
        again = response.status_code == 409 and self.first
        return self.first if again else faithful(response)


answer = Parrot().answer
