"""What it means when a platform says no: the rules that are broken, as its description has it."""

from typing import Any

from platforms.description import Description, ErrorFacts, Refusal
from platforms.http.answers import parsed, search
from platforms.http.wire import Answer, NoAnswer
from platforms.port import PlatformRefused
from runbook.refusals import Rule
from runbook.words import one_line

SERVER_ERROR = 500
LONGEST_MESSAGE = 500
MOST_NAMED = 4
NOT_LET_IN = (401, 403)


def refusal(description: Description, call: str, answer: Answer) -> PlatformRefused:
    """Return what an answer means that is not the one that was hoped for.

    One that fits no rule and is a server's error says nothing of what was done: it is lost.
    """
    code, message = _reason(description, answer.content)
    message = message or f"{answer.said} answered {answer.status}"
    rules = _rules(description, call, answer.status, code)
    if rules:
        return PlatformRefused(_names(rules), message, answer.status, rules=frozenset(rules))
    misfits = " or ".join(
        f"{rule} with {answer.status}, not {' or '.join(map(str, told.statuses))}"
        for rule, told in _in_order(description)
        if told.code and told.fits(call, code)
    )
    if answer.status in NOT_LET_IN and not misfits:
        message += " (who calls is told by BILLING_API_TOKEN: is it right?)"
    code = misfits or code or "platform_error"
    if answer.status >= SERVER_ERROR:
        return NoAnswer(code, message, answer.status, lost=True)
    return PlatformRefused(code, message, answer.status)


def failed(description: Description, call: str, answer: Answer) -> PlatformRefused:
    """Return what it means that work which was accepted has failed, by its code alone."""
    code, message = _reason(description, answer.content)
    rules = [
        rule for rule in _rules(description, call, None, code) if description.refusals[rule].code
    ]
    name = _names(rules) or code or "platform_error"
    message = message or f"{answer.said} told that it failed"
    return PlatformRefused(name, message, rules=frozenset(rules))


def _rules(description: Description, call: str, status: int | None, code: str | None) -> list[Rule]:
    return [rule for rule, told in _in_order(description) if told.means(call, status, code)]


def _in_order(description: Description) -> list[tuple[Rule, Refusal]]:
    return [(rule, description.refusals[rule]) for rule in Rule if rule in description.refusals]


def _names(rules: list[Rule]) -> str:
    """Name the rules that an answer may mean; of many, how many they are."""
    return " or ".join(rules) if len(rules) <= MOST_NAMED else f"one of {len(rules)} rules"


def _reason(description: Description, content: bytes) -> tuple[str | None, str | None]:
    """Return the platform's code and words, as far as it tells them."""
    where = description.api.error if description.api else ErrorFacts()
    try:
        body = parsed(content)
    except ValueError:
        return None, None
    code, message = _told(where.code, body), _told(where.message, body)
    return code, message and one_line(message)[:LONGEST_MESSAGE]


def _told(expression: str | None, body: Any) -> str | None:
    try:
        told = search(expression, body) if expression else None
    except ValueError:
        return None
    usable = isinstance(told, str | int) and not isinstance(told, bool)
    return str(told) if usable and told != "" else None
