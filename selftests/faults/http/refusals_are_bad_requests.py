"""What an invoice's state forbids is refused with 400, not 409.

stands for: RFC 9110: a caller cannot tell its own mistake from a conflict
checks: S4.4
says: with 400, not 409
tenant: empty
"""

from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Call conflicts the caller's fault."""
    response = forward()
    status = response.status_code
    return (400 if status == 409 else status), response.content
