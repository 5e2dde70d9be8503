"""A second payment of an invoice is answered 200.

stands for: hmislk/hmis/pull/23833, duplicate payments
checks: S4.4
says: mark_paid of an invoice that is PAID was not refused
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


class Cashier:
    """Takes whatever is brought."""

    def __init__(self) -> None:
        self.receipt: Answer = None

    def answer(self, name: str, forward: Forward) -> Answer:
        """Hand out the same receipt again."""
        response = forward()
        if name == "mark-paid" and response.is_success:
            self.receipt = faithful(response)
        again = name == "mark-paid" and response.status_code == 409 and self.receipt
        return self.receipt if again else faithful(response)


answer = Cashier().answer
