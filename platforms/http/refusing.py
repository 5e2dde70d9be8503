"""What it means when an answer is not the one that was hoped for.

The platform said no, and means rules that its description has; or it broke; or somebody turned the
call away before the platform could answer it; or whoever answers is not the API at all.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from platforms.description import Description, ErrorFacts, Refusal
from platforms.http.answers import search
from platforms.http.wire import Answer, NoAnswer
from platforms.parsing import parsed
from platforms.port import PlatformRefused
from platforms.quoting import shortened
from runbook.refusals import Rule
from runbook.words import one_line

SERVER_ERROR = 500
LONGEST_MESSAGE = 500
MOST_NAMED = 4
NOT_LET_IN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
# Somebody has too much to do: nothing was done, and the call may be made again later.
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
# A gateway says that it had no answer.
UNHEARD = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
NO_SUCH_CALL = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
ELSEWHERE = range(300, 400)
PAGES = ("text/html", "application/xhtml+xml")


def refusal(description: Description, call: str, answer: Answer) -> PlatformRefused:
    """Return what an answer means that is not the one that was hoped for.

    One that fits no rule and is a server's error says nothing of what was done: it is lost.
    :class:`~platforms.http.wire.NoAnswer` is one that the platform had no part in.
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
    if not misfits and answer.status in (*BUSY, *UNHEARD):
        return _turned_away(code, f"{answer.said} answered {answer.status}", message, answer)
    return PlatformRefused(code, message, answer.status, lost=answer.status >= SERVER_ERROR)


def _turned_away(code: str, said: str, message: str, answer: Answer) -> NoAnswer:
    words = said if message == said else f"{said}: {message}"
    wait = _wait(answer)
    lost = answer.status != HTTPStatus.TOO_MANY_REQUESTS and wait is None
    turned = NoAnswer(code, words, answer.status, lost=lost)
    turned.wait = wait
    return turned


def _wait(answer: Answer) -> float | None:
    """Return how many seconds an answer asks to wait, by its own clock where it tells one."""
    told = answer.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    until = _instant(told)
    if until is None:
        return None
    now = _instant(answer.headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _instant(text: str) -> datetime | None:
    try:
        told = parsedate_to_datetime(text)
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def not_the_api(
    description: Description, answer: Answer, *, understood: bool
) -> tuple[str, str] | None:
    """Say why whoever answers is not the API, or lets nobody in, and what to do; None if it is.

    ``understood`` tells whether it has been understood before: then it is the API that says no.
    """
    words = _reason(description, answer.content)[1]
    said = f"{answer.said} answered {answer.status}{f', {words}' if words else ''}"
    if answer.status in ELSEWHERE:
        where = f"is not the API: {said}{_to(answer)}, a login or where it has moved"
        return where, "name the API's own address in BILLING_API_URL, with no login before it"
    if answer.status == HTTPStatus.UNAUTHORIZED or (
        answer.status == HTTPStatus.FORBIDDEN and not understood
    ):
        return f"refuses the token: {said}", "is BILLING_API_TOKEN right, and the headers in [api]?"
    if answer.status in NO_SUCH_CALL and not understood:
        remedy = "is the path in BILLING_API_URL right, and those in [api.calls]?"
        return f"is not the API, or not all of its address: {said}", remedy
    return None


def a_page(answer: Answer) -> tuple[str, str] | None:
    """Say that what should be read is a page for people, and what to do; None if it is not."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not answer.content or kind not in PAGES:
        return None
    reason = (
        f"is not the API: {answer.said} answered {answer.status} with a page ({kind}, not JSON)"
    )
    return reason, "is BILLING_API_URL the API's own address, with no login before it?"


def _to(answer: Answer) -> str:
    """Say where an answer sends its caller; without what may hold a secret."""
    parts = urlsplit(answer.headers.get("location", ""))
    host = parts.netloc.rpartition("@")[2]
    where = f"{parts.scheme}://{host}" if host else ""
    return f" to {one_line(where + parts.path)}" if where or parts.path else ""


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
    return code, message and shortened(one_line(message), LONGEST_MESSAGE)


def _told(expression: str | None, body: Any) -> str | None:
    try:
        told = search(expression, body) if expression else None
    except ValueError:
        return None
    usable = isinstance(told, str | int) and not isinstance(told, bool)
    return str(told) if usable and told != "" else None
