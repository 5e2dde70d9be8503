"""The token that calls bear: as it was given, or fetched with it; and how it is kept to itself."""

from base64 import b64encode
from collections.abc import Callable
from threading import Lock
from uuid import uuid4

from platforms.quoting import hiding


class Token:
    """A token, fetched when it is first needed where there is a way to fetch it."""

    def __init__(self, given: str, fetch: Callable[[str], str] | None = None) -> None:
        self.given = given
        self._fetch = fetch
        self._fetched: str | None = None
        self._secrets = {given}
        self._lock = Lock()

    @classmethod
    def of_an_intruder(cls, like: str) -> "Token":
        """Return one that nobody gave out; in two parts like ``user:password`` if the other is."""
        return cls(f"{uuid4()}:{uuid4()}" if ":" in like else str(uuid4()))

    def current(self) -> str:
        """Return the token to show."""
        with self._lock:
            if self._fetch is None:
                return self.given
            if self._fetched is None:
                self._fetched = self._fetch(self.given)
                self._secrets.add(self._fetched)
            return self._fetched

    def another(self, refused: str) -> str | None:
        """Return one to show in place of a fetched one that was refused; None if there is none."""
        if self._fetch is None:
            return None
        with self._lock:
            if self._fetched == refused:
                self._fetched = None
        return self.current()

    def hidden(self, text: str) -> str:
        """Return a text without any token, in whatever way it was sent."""
        return hiding({sent for one in self._secrets for sent in (one, based_64(one))})(text)


def values(token: str) -> dict[str, str]:
    """Return what stands for a token in a call."""
    return {"token": token, "token_base64": based_64(token)}


def based_64(text: str) -> str:
    """Write a text in base64, as for Basic authentication."""
    return b64encode(text.encode()).decode()
