"""What can become of a check, and where an invoice can stand in its life."""

from enum import StrEnum


class Status(StrEnum):
    """What became of a check. Only what passed is green.

    ``not_run`` was not exercised in this run; ``not_judged`` rests on something that the platform
    has not, as its description declares.
    """

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"
    NOT_JUDGED = "not_judged"


class InvoiceStatus(StrEnum):
    """Where an invoice stands. A description says which words of its platform mean which."""

    DRAFT = "DRAFT"
    ISSUED = "ISSUED"
    PAID = "PAID"
    WITHDRAWN = "WITHDRAWN"
