"""The rules by which a call is refused. A refused call has written nothing."""

from enum import StrEnum


class Rule(StrEnum):
    """A rule's name, as callers read it."""

    UNAUTHORIZED = "UNAUTHORIZED"
    BAD_REQUEST = "BAD_REQUEST"
    NOT_FOUND = "NOT_FOUND"
    BAD_STATE = "BAD_STATE"
    MONTH_TAKEN = "MONTH_TAKEN"
    NOTHING_TO_BILL = "NOTHING_TO_BILL"
    NO_CONTRACT = "NO_CONTRACT"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    BUSY = "BUSY"


STATUS = {
    Rule.UNAUTHORIZED: 401,
    Rule.BAD_REQUEST: 400,
    Rule.NOT_FOUND: 404,
    Rule.BAD_STATE: 409,
    Rule.MONTH_TAKEN: 422,
    Rule.NOTHING_TO_BILL: 422,
    Rule.NO_CONTRACT: 422,
    Rule.WRONG_AMOUNT: 422,
    Rule.BUSY: 503,
}


class Refused(Exception):
    """A call is refused by a rule; the message says why."""

    def __init__(self, rule: Rule, message: str) -> None:
        super().__init__(message)
        self.rule = rule
