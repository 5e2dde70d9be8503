"""Faults: what a network, or a liar between gate and platform, does to a call."""

import json
from typing import Any

import httpx

from selftests.proxy import Answer


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
