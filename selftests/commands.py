"""Commands that play a platform: short programs in Python, each of which does one thing wrong.

A program says and hears lines through the words of ``WORDS``; its folder has no description, so
the description is made here.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from platforms.command import CommandAdapter
from platforms.description import Described, Description

DRAFT: dict[str, Any] = {
    "id": "inv_1",
    "tenant_id": "cus_1",
    "number": None,
    "status": "OPEN",
    "period_start": "2026-02-01T00:00:00Z",
    "period_end": "2026-03-01T00:00:00Z",
    "issued_at": None,
    "paid_at": None,
    "currency": "USD",
    "event_count": 1,
    "recovered_amount": "100.00",
    "gain_share_amount": "25.00",
    "lines": [
        {
            "finding_type": "DUPLICATE_CHARGE",
            "rate": "0.25",
            "event_count": 1,
            "recovered_amount": "100.00",
            "gain_share_amount": "25.00",
        }
    ],
}
RULES: dict[str, Any] = {
    "rate_at": "event",
    "rounding": {},
    "lines": "finding type and rate",
    "claims": "issue",
    "blocking": ["draft", "issued", "paid"],
    "totals": ["positive"],
    "numbers": {"drafts": "none"},
}
WORDS = f"""
import json, os, signal, sys, time

DRAFT = {DRAFT!r}

def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()

def say(told, end="\\n"):
    write(json.dumps(told) + end)

def hello(**more):
    say({{"protocol": "p9a-command/1", "build": "1.4.2"}} | more)

def hear():
    line = sys.stdin.readline()
    return json.loads(line) if line else sys.exit()

def answer(request, ok=DRAFT):
    say({{"id": request["id"], "ok": ok}})

def answer_all():
    while True:
        answer(hear())

def log(text):
    sys.stderr.write(text + "\\n")
    sys.stderr.flush()

"""


def described(folder: Path, run: list[str], **more: Any) -> Described:
    """Return the description of a platform with text ids that is reached by that command."""
    command = {"run": run, "seconds": 20} | more.pop("command", {})
    told = {
        "schema": "p9a-platform/1",
        "name": "a command",
        "ids": {"tenant": "text", "event": "text", "invoice": "text"},
        "command": command,
        "words": {
            "invoice": {"draft": ["OPEN"], "issued": ["FINAL"], "paid": ["SETTLED"]},
            "tenant": {"active": ["live"]},
        },
        "rules": RULES,
    }
    return Described(folder, Description.model_validate(told | more), "")


def program(folder: Path, does: str) -> list[str]:
    """Write a program in the words of this module, and return what runs it."""
    path = folder / "platform.py"
    path.write_text(f"{WORDS}{does}\n", encoding="utf-8")
    return [sys.executable, "-I", "-S", str(path)]


@contextmanager
def playing(
    folder: Path,
    does: str,
    environment: Mapping[str, str] | None = None,
    patience: float | None = None,
    **more: Any,
) -> Iterator[CommandAdapter]:
    """Yield an adapter for a program; it is closed in the end."""
    description = described(folder, program(folder, does), **more)
    adapter = CommandAdapter(description, environment or {}, patience)
    try:
        yield adapter
    finally:
        adapter.close()
