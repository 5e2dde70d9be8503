"""The payment is answered with what was answered to the issuing.

stands for: a cache that knows the address of a call and not what it asks
checks: S4.3
says: status ISSUED
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Cache:
    """Keeps the issued invoice."""

    def __init__(self) -> None:
        self.issued: Answer = None

    def answer(self, name: str, forward: Forward) -> Answer:
        """Answer a payment from the cache."""
        response = forward()
        if name == "issue" and response.is_success:
            self.issued = faithful(response)
        return self.issued if name == "mark-paid" and response.is_success else faithful(response)


answer = Cache().answer
