"""The issued invoice is told with the draft's number.

stands for: Paymenter/Paymenter/pull/1244, numbers read before they are made
checks: S4.2
says: still the draft's number
tenant: empty
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


class Forgetful:
    """Knows the number that the draft had."""

    def __init__(self) -> None:
        self.number = ""

    def answer(self, name: str, forward: Forward) -> Answer:
        """Tell that number for the issued invoice."""
        response = forward()
        if name == "invoices" and response.is_success:
            self.number = response.json()["invoiceNumber"]
        return (
            retold(response, invoiceNumber=self.number) if name == "issue" else faithful(response)
        )


answer = Forgetful().answer
