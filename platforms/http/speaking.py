"""Calls as a description writes them, sent: with their token, again where that is safe, and polled.

An answer is one that the description accepts; any other is raised as what it means. What the
platform answers is judged. Where it answers nothing, or whoever answers is not the API, nothing can
be said of it: that is :class:`~platforms.obstacles.Aborted`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Event
from time import monotonic
from typing import Any

from platforms.description import TOKENS, Api, Call, Description, Poll, TokenCall, placeholders
from platforms.http import filling, values
from platforms.http.answers import Told, end_of_location
from platforms.http.refusing import (
    BUSY,
    NO_SUCH_CALL,
    NOT_LET_IN,
    a_page,
    failed,
    not_the_api,
    refusal,
)
from platforms.http.tokens import Token
from platforms.http.tokens import values as token_values
from platforms.http.wire import Answer, NoAnswer, Request, Wire
from platforms.obstacles import Aborted, TurnedAway
from platforms.port import AdminApi, PlatformRefused
from runbook.words import one_line

ATTEMPTS = 3
# Seconds before a call is made again that was turned away, where nobody says how long to wait.
PAUSES = (1.0, 2.0, 4.0)
SHORTEST = 0.05
ACCEPTED = 202
DONE = range(200, 300)
# Calls after which nothing can be there that was not before.
HARMLESS = ("preview", "find")


class Speaker:
    """Sends the calls of one description to one API.

    ``takes_any_answer`` tells that whoever answers will do: what is no answer of the API is then
    told as a refusal.
    """

    def __init__(self, description: Description, api: Api, where: AdminApi) -> None:
        self._description = description
        self._api = api
        self._name = f"the admin API at {where.url}"
        self._wire = Wire(where.url, where.patience)
        given = where.token() if api.bears_a_token else ""
        self.token = Token(given, self._fetched if api.token else None)
        self._understood = self.takes_any_answer = False

    def close(self) -> None:
        """Close every connection."""
        self._wire.close()

    def intrude(self) -> None:
        """Show a token that nobody gave out from now on; to be turned away is an answer then."""
        self.token = Token.of_an_intruder(like=self.token.given)
        self.takes_any_answer = True

    @contextmanager
    def discreet(self) -> Iterator[None]:
        """Let nothing say a token, even one that the platform says back."""
        try:
            yield
        except PlatformRefused as refused:
            refused.code = self.token.hidden(refused.code)
            refused.message = self.token.hidden(refused.message)
            refused.args = (f"{refused.code}: {refused.message}",)
            raise

    def ask(self, name: str, call: Call, known: dict[str, Any]) -> Answer:
        """Make the call of that name once: whether it may be made again, only the table tells."""
        return self._heard(name, call, known, attempts=1)[0]

    def repeat(self, name: str, call: Call, known: dict[str, Any]) -> tuple[Answer, str]:
        """Make a call that is safe to make again, again where no answer came; say why it was."""
        return self._heard(name, call, known, attempts=ATTEMPTS)

    def _heard(
        self, name: str, call: Call, known: dict[str, Any], attempts: int
    ) -> tuple[Answer, str]:
        """Make a call until it is answered, as often as may be; say what was lost before."""
        lost, pauses, number = "", _Pauses(self._wire.patience), 1
        while True:
            try:
                return self._patiently(name, call, known, pauses, safe=attempts > 1), lost
            except NoAnswer as error:
                if number == attempts or error.status in BUSY:
                    raise self._nothing_said(name, error, number, lost) from None
                lost = lost or error.message
                number += 1
            except TurnedAway as error:
                if not lost and not pauses.made:
                    raise
                raise Aborted(str(error)) from None
            except PlatformRefused as error:
                error.lost |= bool(lost)
                raise

    def _patiently(
        self, name: str, call: Call, known: dict[str, Any], pauses: "_Pauses", *, safe: bool
    ) -> Answer:
        """Make a call, and again after a pause where it is turned away by who is busy.

        Nothing was done with 429, nor with 503 that asks to be called again; a refusal after the
        latter is not held against the platform, for that may not be true.
        """
        doubtful: NoAnswer | None = None
        while True:
            try:
                return self._once(name, call, known)
            except NoAnswer as error:
                undone = safe or not error.lost
                if error.status not in BUSY or not undone or not pauses.make(error.wait):
                    raise
                if not safe and error.status == HTTPStatus.SERVICE_UNAVAILABLE:
                    doubtful = error
            except PlatformRefused as refused:
                if doubtful is None:
                    raise
                doubtful.message += f", and then {refused.message}"
                doubtful.lost = True
                raise self._nothing_said(name, doubtful, 1, "") from None

    def _once(self, name: str, call: Call, known: dict[str, Any]) -> Answer:
        answer = self.send(call, known)
        polled = answer.status == ACCEPTED and call.poll is not None
        if polled or answer.status in call.accepted:
            is_read = name != "cancel" and call.then is None
            self._demand_the_api(a_page(answer) if is_read else None)
            self._understood = True
            if polled and call.poll is not None:
                return self._polled(name, call.poll, answer, known)
            return answer
        if name == "draft" and answer.status == ACCEPTED:
            raise PlatformRefused(
                "platform_error",
                f"{answer.said} answered 202, to be done later, and the description names no place "
                f"to poll: say where with poll in [api.calls], so that it can be judged",
                answer.status,
                lost=True,
            )
        refused = refusal(self._description, name, answer)
        self._understood |= bool(refused.rules)
        if not refused.rules:
            understood = self._understood
            other = not_the_api(self._description, answer, understood=understood)
            self._demand_the_api(other, TurnedAway if answer.status in NOT_LET_IN else Aborted)
        raise refused

    def _demand_the_api(self, other: tuple[str, str] | None, kind: type[Aborted] = Aborted) -> None:
        """Raise what says that this is not the API, or lets nobody in."""
        if other is not None and not self.takes_any_answer:
            raise kind(str(self._aborted(*other)))

    def _nothing_said(self, name: str, error: NoAnswer, times: int, lost: str) -> Aborted:
        """Say that a call was not answered, and whether it may be done all the same."""
        reason = error.message + (f", {times} times over" if times > 1 else "")
        if error.status in BUSY:
            wait = "" if error.wait is None else f" and asks to wait {error.wait:.0f} s"
            reason = f"turns the call away: {reason}{wait}"
            took = f"longer than the {self._wire.patience:g} s that a call may take"
            remedy = f"run again when it does not, or, if it takes {took}, with more --api-timeout"
        else:
            reason = f"gives no answer: {reason}"
            remedy = "see that it is up, and what lies on the way to it, and run again"
        if (error.lost or lost) and name not in HARMLESS:
            remedy = f"whether that was done all the same is not known; {remedy}"
        return self._aborted(reason, remedy)

    def send(self, call: Call, known: dict[str, Any]) -> Answer:
        """Send a call, and once more with another token where a fetched one is refused."""
        if not TOKENS & (call.placeholders | placeholders(dict(self._api.headers))):
            return self._wire.send(self._request(call, known))
        token = self.token.current()
        answer = self._wire.send(self._request(call, known | token_values(token)))
        refused = answer.status == HTTPStatus.UNAUTHORIZED
        another = self.token.another(token) if refused else None
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
            remedy = "is it up, and BILLING_API_URL right?"
            raise self._aborted(f"cannot be reached: {refused.message}", remedy) from None
        if answer is not None and answer.status not in NO_SUCH_CALL:
            other = not_the_api(self._description, answer, understood=False)
            self._demand_the_api(a_page(answer) or other)
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
        except NoAnswer as error:
            error.message, error.lost = f"no token could be had: {error.message}", False
            raise
        except PlatformRefused as refused:
            reason = f"lets nobody in: no token could be had: {refused.message}"
            remedy = "is BILLING_API_TOKEN right, and [api.token]?"
            raise self._aborted(reason, remedy) from None

    def _polled(self, name: str, poll: Poll, first: Answer, known: dict[str, Any]) -> Answer:
        """Ask what became of work that was accepted, until it is done.

        A question that was asked in time may be answered as late as any other call.
        """
        call, about = Call(send=poll.send), known | {"job": _job(poll, first)}
        until, pause, every = monotonic() + poll.seconds, Event(), poll.every
        unheard: NoAnswer | None = None
        while (left := until - monotonic()) > 0:
            pause.wait(min(every, left))
            try:
                answer, unheard = self._looked_after(name, poll, call, about), None
            except NoAnswer as error:
                unheard, every = error, max(poll.every, error.wait or 0)
                continue
            if answer is not None:
                return answer
        accepted = f"{first.said} was accepted, and after {poll.seconds:g} s"
        if unheard is not None:
            unheard.message, unheard.lost = f"{accepted} {unheard.message}", True
            raise self._nothing_said(name, unheard, 1, "")
        raise PlatformRefused("platform_error", f"{accepted} it is not done", lost=True)

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
        except NoAnswer:
            raise
        except PlatformRefused as refused:
            refused.lost = not refused.rules
            raise
        if has_failed:
            raise failed(self._description, name, answer)
        return answer if is_done else None


class _Pauses:
    """The pauses of one call, which end before a slow answer would have to be there.

    ``made`` tells whether there was any.
    """

    def __init__(self, seconds: float) -> None:
        self.made = False
        self._until = monotonic() + seconds
        self._own = list(PAUSES)

    def make(self, asked: float | None) -> bool:
        """Wait as long as is asked, or a while; return whether there was time for it."""
        if asked is None and not self._own:
            return False
        seconds = self._own.pop(0) if asked is None else max(asked, SHORTEST)
        if monotonic() + seconds > self._until:
            return False
        Event().wait(seconds)
        self.made = True
        return True


def _job(poll: Poll, first: Answer) -> str:
    if poll.job is None:
        return end_of_location(first)
    return Told.by(first).get("job", poll.job, values.name)


def _secret(value: Any) -> str:
    """Read a token; what is none may hold one, and is not shown."""
    if not isinstance(value, str) or not value:
        raise ValueError("it is no string, or empty")
    return value
