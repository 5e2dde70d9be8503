"""Two payments of an invoice at the same moment are both accepted.

stands for: hmislk/hmis/pull/23833, double submit, duplicate payments
checks: S4.4
says: mark_paid, asked for twice at once, was done twice
tenant: empty
"""

from selftests.faults.http import AtOnce, faithful
from selftests.proxy import Answer, Forward

meet = AtOnce()


def answer(name: str, forward: Forward) -> Answer:
    """Answer both with the first's answer."""
    return faithful(meet.forward(forward)[0] if name == "mark-paid" else forward())
