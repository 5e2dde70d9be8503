"""Faults: what a network, or a liar between gate and platform, does to a call."""

import json
from threading import Barrier, BrokenBarrierError, Lock
from typing import Any

import httpx

from selftests.proxy import Answer, Forward

SECONDS_TO_MEET = 0.5  # longer than two calls at the same moment need, shorter than patience


def faithful(response: httpx.Response) -> Answer:
    """Answer what the platform did."""
    return response.status_code, response.content


def retold(response: httpx.Response, **wrong: Any) -> Answer:
    """Answer what the platform did, but for these members; a refusal is passed on."""
    if not response.is_success:
        return faithful(response)
    return response.status_code, json.dumps(response.json() | wrong).encode()


def refused(code: str, status: int) -> Answer:
    """Answer a problem by that name."""
    return status, json.dumps({"code": code, "detail": "no"}).encode()


def lines_of(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the lines of an answer; none of a refusal."""
    told: dict[str, Any] = response.json()
    return list(told.get("lines", ()))


class AtOnce:
    """Lets calls meet: of two at the same moment only the first to come is forwarded."""

    def __init__(self) -> None:
        self._barrier = Barrier(2)
        self._lock = Lock()
        self._first: httpx.Response | None = None

    def forward(self, forward: Forward) -> tuple[httpx.Response, bool]:
        """Return the platform's answer, and whether it is this call's own."""
        try:
            self._barrier.wait(SECONDS_TO_MEET)
        except BrokenBarrierError:
            self._barrier.reset()
            return forward(), True
        with self._lock:
            if self._first is None:
                self._first = forward()
                return self._first, True
            first, self._first = self._first, None
            return first, False
