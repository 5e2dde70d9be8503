"""Calls as a description writes them, sent: with their token, again where that is safe, and polled.

An answer is one that the description accepts; any other is raised as what it means.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from typing import Any

from platforms.description import TOKENS, Api, Call, Description, Poll, TokenCall, placeholders
from platforms.http import filling, values
from platforms.http.answers import Told, end_of_location
from platforms.http.refusing import failed, refusal
from platforms.http.tokens import Token
from platforms.http.tokens import values as token_values
from platforms.http.wire import Answer, NoAnswer, Request, Wire
from platforms.obstacles import Aborted
from platforms.port import AdminApi, PlatformRefused
from runbook.words import one_line

ATTEMPTS = 3
ACCEPTED = 202
UNAUTHORIZED = 401
NOT_LET_IN = (401, 403)
DONE = range(200, 300)


class Speaker:
    """Sends the calls of one description to one API. ``token`` may be replaced."""

    def __init__(self, description: Description, api: Api, where: AdminApi) -> None:
        self._description = description
        self._api = api
        self._name = f"the admin API at {where.url}"
        self._wire = Wire(where.url, where.patience)
        given = where.token() if api.bears_a_token else ""
        self.token = Token(given, self._fetched if api.token else None)

    def close(self) -> None:
        """Close every connection."""
        self._wire.close()

    @contextmanager
    def discreet(self) -> Iterator[None]:
        """Let no refusal say a token, even one that the platform says back."""
        try:
            yield
        except PlatformRefused as refused:
            refused.code = self.token.hidden(refused.code)
            refused.message = self.token.hidden(refused.message)
            refused.args = (f"{refused.code}: {refused.message}",)
            raise

    def ask(self, name: str, call: Call, known: dict[str, Any]) -> Answer:
        """Make the call of that name once: whether it may be made again, only the table tells."""
        answer = self.send(call, known)
        if answer.status == ACCEPTED and call.poll is not None:
            return self._polled(name, call.poll, answer, known)
        if name == "draft" and answer.status == ACCEPTED and ACCEPTED not in call.accepted:
            raise PlatformRefused(
                "platform_error",
                f"{answer.said} answered 202, to be done later, and the description names no place "
                f"to poll: say where with poll in [api.calls], so that it can be judged",
                answer.status,
                lost=True,
            )
        if answer.status not in call.accepted:
            raise refusal(self._description, name, answer)
        return answer

    def repeat(self, name: str, call: Call, known: dict[str, Any]) -> tuple[Answer, str]:
        """Make a call that is safe to make again, again where no answer came; say why it was."""
        stutter, lost = "", False
        for _ in range(ATTEMPTS - 1):
            try:
                return self.ask(name, call, known), stutter
            except NoAnswer as error:
                stutter, lost = self.token.hidden(str(error)), lost or error.lost
        try:
            return self.ask(name, call, known), stutter
        except NoAnswer as error:
            error.lost |= lost
            raise

    def send(self, call: Call, known: dict[str, Any]) -> Answer:
        """Send a call, and once more with another token where a fetched one is refused."""
        if not TOKENS & (call.placeholders | placeholders(dict(self._api.headers))):
            return self._wire.send(self._request(call, known))
        token = self.token.current()
        answer = self._wire.send(self._request(call, known | token_values(token)))
        another = self.token.another(token) if answer.status == UNAUTHORIZED else None
        if another is None:
            return answer
        return self._wire.send(self._request(call, known | token_values(another)))

    def reach(self, call: Call | None) -> Answer | None:
        """Return the answer to a call; without one, none: it is enough that somebody answers.

        Raises :class:`~platforms.obstacles.Aborted` where nobody does, or lets us in.
        """
        try:
            answer = self._reached(call)
        except PlatformRefused as refused:
            reason, remedy = refused.message, "is it up, and BILLING_API_URL right?"
            if refused.status is not None:
                remedy = "is BILLING_API_TOKEN right, and [api.token]?"
            raise self._aborted(f"cannot be reached: {reason}", remedy) from None
        if answer is not None and answer.status in NOT_LET_IN:
            reason = f"refuses the token: {answer.said} answered {answer.status}"
            raise self._aborted(reason, "is BILLING_API_TOKEN right, and the headers in [api]?")
        return answer

    def _reached(self, call: Call | None) -> Answer | None:
        if call is not None:
            return self.send(call, {})
        self._wire.knock()
        self.token.current()
        return None

    def _aborted(self, reason: str, remedy: str) -> Aborted:
        return Aborted(self.token.hidden(one_line(f"{self._name} {reason}; {remedy}")))

    def _request(self, call: Call, known: dict[str, Any]) -> Request:
        """Return what is sent; a header of every call is left out where it needs what is not there.

        That is so where the build is told, which is nobody's, and where a token is fetched.
        """
        told = known.keys() - (TOKENS if isinstance(call, TokenCall) else set())
        headers = self._api.headers.items()
        shared = {name: text for name, text in headers if placeholders(text) <= told}
        return filling.request(call, shared, known)

    def _fetched(self, given: str) -> str:
        """Fetch a token with the one that was given. None was sent yet, so nothing can be lost."""
        call = self._api.token
        assert call is not None  # noqa: S101 - or nobody would ask
        try:
            answer = self._wire.send(self._request(call, token_values(given)))
            if answer.status not in call.accepted:
                raise refusal(self._description, "", answer)
            return Told.by(answer, call.envelope).get("token", call.at, _secret)
        except PlatformRefused as refused:
            reason = f"no token could be had: {refused.message}"
            raise PlatformRefused(refused.code, reason, refused.status) from None

    def _polled(self, name: str, poll: Poll, first: Answer, known: dict[str, Any]) -> Answer:
        """Ask what became of work that was accepted, until it is done.

        A question that was asked in time may be answered as late as any other call.
        """
        call, about = Call(send=poll.send), known | {"job": _job(poll, first)}
        until, pause = monotonic() + poll.seconds, Event()
        why = "it is not done"
        while (left := until - monotonic()) > 0:
            pause.wait(min(poll.every, left))
            try:
                answer = self._looked_after(name, poll, call, about)
            except NoAnswer as error:
                why = error.message
                continue
            if answer is not None:
                return answer
        reason = f"{first.said} was accepted, and after {poll.seconds:g} s {why}"
        raise PlatformRefused("platform_error", reason, lost=True)

    def _looked_after(
        self, name: str, poll: Poll, call: Call, about: dict[str, Any]
    ) -> Answer | None:
        """Ask once; return the answer if the work is done."""
        try:
            answer = self.send(call, about)
            if answer.status not in DONE:
                raise refusal(self._description, name, answer)
            told = Told.by(answer)
            has_failed = poll.failed is not None and told.holds("failed", poll.failed)
            is_done = told.holds("done", poll.done)
        except PlatformRefused as refused:
            refused.lost = not refused.rules
            raise
        if has_failed:
            raise failed(self._description, name, answer)
        return answer if is_done else None


def _job(poll: Poll, first: Answer) -> str:
    if poll.job is None:
        return end_of_location(first)
    return Told.by(first).get("job", poll.job, values.name)


def _secret(value: Any) -> str:
    """Read a token; what is none may hold one, and is not shown."""
    if not isinstance(value, str) or not value:
        raise ValueError("it is no string, or empty")
    return value
