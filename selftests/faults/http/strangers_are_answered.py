"""Another tenant's issuing is answered 200, without being done.

stands for: a handler that looks up an invoice by its id alone
checks: S4.4
says: issue as another tenant of an invoice that is DRAFT was not refused
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Open:
    """Knows the draft and tells it to everybody."""

    def __init__(self) -> None:
        self.draft: Answer = None

    def answer(self, name: str, forward: Forward) -> Answer:
        """Answer a stranger's issuing with the draft."""
        response = forward()
        if name == "invoices" and response.is_success:
            self.draft = 200, response.content
        return self.draft if name == "issue" and response.status_code == 404 else faithful(response)


answer = Open().answer
