"""Every refusal comes with the status 400.

stands for: platforms that answer 400 for 409, where the contract says 409
checks: S4.4
says: 400
tenant: empty
"""

from selftests.platforms.ledgerline.refusals import STATUS


def build_in() -> None:
    """Forget the statuses."""
    STATUS.update(dict.fromkeys(STATUS, 400))
