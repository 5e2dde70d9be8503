"""A second creation of the same period is answered with the first draft, which was cancelled since.

stands for: a cache that knows the period and not the key
checks: S4.1
says: it is not stored
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Cache:
    """Keeps the first draft for good."""

    def __init__(self) -> None:
        self.draft: Answer = None

    def answer(self, name: str, forward: Forward) -> Answer:
        """Make one draft, and answer it ever after."""
        if name != "invoices":
            return faithful(forward())
        self.draft = self.draft or faithful(forward())
        return self.draft


answer = Cache().answer
