"""The adapter for the admin API against servers that answer wrongly, late, or not at all.

A real HTTP server on loopback plays the platform: it answers what the test has it answer, call by
call, and remembers what it was asked.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from oracle.period import Period
from platforms.http import ATTEMPTS, HttpPlatform
from platforms.port import AdminApi, PlatformRefused

TENANT = UUID("3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908")
INVOICE = UUID("3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1909")
FEBRUARY = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
BILL: dict[str, Any] = {
    "currency": "USD",
    "eventCount": 1,
    "recoveredAmount": "100.00",
    "gainShareAmount": "25.00",
    "lines": [
        {
            "findingType": "DUPLICATE_CHARGE",
            "rate": "0.25",
            "eventCount": 1,
            "recoveredAmount": "100.00",
            "gainShareAmount": "25.00",
        }
    ],
}
DRAFT = BILL | {
    "id": str(INVOICE),
    "tenantId": str(TENANT),
    "invoiceNumber": "DRAFT-2026-02-3f2b8a52",
    "status": "DRAFT",
    "periodStart": "2026-02-01T00:00:00Z",
    "periodEnd": "2026-03-01T00:00:00Z",
    "createdAt": "2026-03-02T08:00:00Z",
    "issuedAt": None,
    "paidAt": None,
}
Answer = tuple[int, bytes] | None


@dataclass
class Script:
    """What the server answers, in order, the last for ever; ``None`` hangs up without a word."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def next(self) -> Answer:
        """Return the next answer."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def platform(script: Script, tmp_path: Path) -> Iterator[HttpPlatform]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            script.asked.append((self.path, dict(self.headers), body))
            answer = script.next()
            if answer is None:
                self.connection.close()
                return
            status, content = answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing: the script remembers."""

    token_file = tmp_path / "token"
    token_file.write_text("s3cret-token")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        adapter = HttpPlatform(AdminApi(f"http://127.0.0.1:{server.server_port}", token_file))
        try:
            yield adapter
        finally:
            adapter.close()
            server.shutdown()
            thread.join()


def answer(content: object, status: int = 200) -> Answer:
    return status, json.dumps(content).encode()


Call = Callable[[HttpPlatform], object]
CALLS: dict[str, Call] = {
    "preview": lambda platform: platform.preview(TENANT, FEBRUARY),
    "creation": lambda platform: platform.generate_draft(TENANT, FEBRUARY, "p9a-key"),
    "issue": lambda platform: platform.issue(TENANT, INVOICE),
    "payment": lambda platform: platform.mark_paid(TENANT, INVOICE),
    "cancel": lambda platform: platform.cancel(TENANT, INVOICE),
}
REPEATED = ("preview", "creation")


def test_a_draft_is_read_to_the_last_minor_unit(platform: HttpPlatform, script: Script) -> None:
    script.answers = [answer(DRAFT, 201)]
    draft = platform.generate_draft(TENANT, FEBRUARY, "p9a-key")
    assert (draft.id, draft.period, draft.status) == (INVOICE, FEBRUARY, "DRAFT")
    assert f"{draft.amount}" == "25.00"
    ((path, headers, body),) = script.asked
    assert path == "/api/admin/billing/invoices"
    assert headers["Authorization"] == "Bearer s3cret-token"
    assert headers["Idempotency-Key"] == "p9a-key"
    assert json.loads(body) == {
        "tenantId": str(TENANT),
        "periodStart": "2026-02-01T00:00:00Z",
        "periodEnd": "2026-03-01T00:00:00Z",
    }


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("lost", [None, answer({}, 500), answer({}, 503)], ids=str)
def test_only_what_is_safe_to_repeat_is_repeated(
    platform: HttpPlatform, script: Script, name: str, lost: Answer
) -> None:
    script.answers = [lost]
    with pytest.raises(PlatformRefused) as refused:
        CALLS[name](platform)
    assert refused.value.code == "platform_error"
    assert len(script.asked) == (ATTEMPTS if name in REPEATED else 1)


@pytest.mark.parametrize("name", REPEATED)
def test_a_repeat_says_the_same_as_the_first_call(
    platform: HttpPlatform, script: Script, name: str
) -> None:
    script.answers = [None, answer(DRAFT)]
    CALLS[name](platform)
    first, second = script.asked
    assert first == second


def test_a_named_refusal_is_not_repeated_and_keeps_its_status(
    platform: HttpPlatform, script: Script
) -> None:
    script.answers = [answer({"code": "period_overlaps_invoice", "detail": "INV-000001"}, 409)]
    with pytest.raises(PlatformRefused) as refused:
        CALLS["creation"](platform)
    told = refused.value
    assert (told.code, told.message, told.status) == ("period_overlaps_invoice", "INV-000001", 409)
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (answer(DRAFT | {"gainShareAmount": 25.0}), "gainShareAmount"),
        (answer(DRAFT | {"gainShareAmount": "25,00"}), "gainShareAmount"),
        (answer(DRAFT | {"gainShareAmount": "NaN"}), "gainShareAmount"),
        (answer(DRAFT | {"gainShareAmount": "2.5E1"}), "gainShareAmount"),
        (answer(DRAFT | {"gainShareAmount": "2_5.00"}), "gainShareAmount"),
        (answer(DRAFT | {"gainShareAmount": " 25.00"}), "gainShareAmount"),
        (answer(DRAFT | {"lines": [BILL["lines"][0] | {"rate": 0.25}]}), "lines.0.rate"),
        (answer(DRAFT | {"eventCount": "1"}), "eventCount"),
        (answer(DRAFT | {"periodStart": "2026-02-01T00:00:00"}), "periodStart"),
        (answer({key: DRAFT[key] for key in DRAFT if key != "status"}), "status"),
        (answer([]), "the body"),
        ((200, b'{"id": "3f2b'), "the body"),
        ((200, b"<html>welcome</html>"), "the body"),
    ],
    ids=str,
)
def test_an_answer_that_cannot_be_trusted_is_an_error_that_names_the_field(
    platform: HttpPlatform, script: Script, content: Answer, words: str
) -> None:
    script.answers = [content]
    with pytest.raises(PlatformRefused, match=f"answered nonsense: {words}: ") as refused:
        CALLS["issue"](platform)
    assert refused.value.code == "platform_error"


def test_nothing_says_the_token(platform: HttpPlatform, script: Script) -> None:
    script.answers = [(401, b"who are you?")]
    with pytest.raises(PlatformRefused) as refused:
        CALLS["preview"](platform)
    assert "s3cret" not in str(refused.value) + repr(platform) + platform.name
    assert refused.value.status == 401


def test_an_intruder_bears_another_token(platform: HttpPlatform, script: Script) -> None:
    script.answers = [(401, b"who are you?")]
    with closing(platform.for_intruders()) as intruder, pytest.raises(PlatformRefused) as refused:
        CALLS["payment"](intruder)
    ((_, headers, _),) = script.asked
    assert headers["Authorization"].startswith("Bearer ")
    assert headers["Authorization"] != "Bearer s3cret-token"
    assert refused.value.status == 401
