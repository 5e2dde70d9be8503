"""The admin API over a real server and a real database: what it answers, and what it refuses.

Beside each call stand its refusals, and a refusal means that every row is as before.
"""

import json
import socket
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from billing.api.models import boundary, decimal_text
from billing.api.problems import STATUS, Fault
from runbook.refusals import Rule
from selftests.server import BEARER, FEBRUARY, INVOICES, TOKEN, Caller, checked, refusal
from selftests.staging import Staging

JSON = {"Content-Type": "application/json"}
TENANT_BODY = {"tenantId": str(uuid4())}


@pytest.fixture
def acme(served: Staging) -> UUID:
    """A tenant whose February 2026 holds the runbook's three recoveries: 616.44 at 25 %."""
    tenant = served.tenant()
    for amount, finding_type in [
        ("1200.50", "DUPLICATE_CHARGE"),
        ("875.25", "ADDRESS_CORRECTION"),
        ("390.00", "CLASSIFICATION_ERROR"),
    ]:
        served.event(tenant, amount, finding_type=finding_type)
    return tenant


def body(tenant_id: UUID | str, **more: Any) -> dict[str, Any]:
    return {"tenantId": str(tenant_id)} | FEBRUARY | more


def test_a_preview_tells_the_draft_and_writes_nothing(
    api: Caller, served: Staging, acme: UUID
) -> None:
    before = served.rows()
    preview = api.post("preview", body(acme))
    assert served.rows() == before
    assert preview.status_code == 200
    told = preview.json()
    assert told | {"lines": []} == {
        "tenantId": str(acme),
        "currency": "USD",
        "periodStart": "2026-02-01T00:00:00Z",
        "periodEnd": "2026-03-01T00:00:00Z",
        "eventCount": 3,
        "recoveredAmount": "2465.75",
        "gainShareAmount": "616.44",
        "lines": [],
    }
    assert [tuple(line.values()) for line in told["lines"]] == [
        ("ADDRESS_CORRECTION", "0.25", 1, "875.25", "218.81"),
        ("CLASSIFICATION_ERROR", "0.25", 1, "390.00", "97.50"),
        ("DUPLICATE_CHARGE", "0.25", 1, "1200.50", "300.13"),
    ]


def test_an_invoice_lives_from_draft_to_paid(api: Caller, acme: UUID) -> None:
    preview = api.post("preview", body(acme)).json()
    made = api.draft(acme)
    assert made.status_code == 201
    draft = made.json()
    assert {name: draft[name] for name in preview} == preview
    assert draft["status"] == "DRAFT"
    assert draft["invoiceNumber"] == f"DRAFT-2026-02-{draft['id'][:8]}"
    assert draft["createdAt"].endswith("Z")
    assert draft["issuedAt"] is draft["paidAt"] is None
    issued = api.move(acme, draft["id"], "issue").json()
    assert issued["issuedAt"] > draft["createdAt"]
    assert issued == draft | {
        "status": "ISSUED",
        "invoiceNumber": "INV-000001",
        "issuedAt": issued["issuedAt"],
    }
    paid = api.move(acme, draft["id"], "mark-paid").json()
    assert paid["paidAt"] > issued["issuedAt"]
    assert paid == issued | {"status": "PAID", "paidAt": paid["paidAt"]}
    assert api.get(draft["id"], params={"tenantId": str(acme)}).json() == paid


def test_a_cancelled_draft_never_was(api: Caller, served: Staging, acme: UUID) -> None:
    before = served.rows()
    draft = api.draft(acme, "key").json()
    cancelled = api.move(acme, draft["id"], "cancel")
    assert (cancelled.status_code, cancelled.content) == (204, b"")
    assert served.rows() == before
    assert api.draft(acme, "key").json()["id"] != draft["id"]


@pytest.mark.parametrize(
    ("status", "transition", "rule"),
    [
        ("DRAFT", "mark-paid", Rule.INVOICE_IS_NOT_ISSUED),
        ("ISSUED", "issue", Rule.INVOICE_IS_NOT_DRAFT),
        ("ISSUED", "cancel", Rule.INVOICE_IS_NOT_DRAFT),
        ("PAID", "issue", Rule.INVOICE_IS_NOT_DRAFT),
        ("PAID", "mark-paid", Rule.INVOICE_IS_NOT_ISSUED),
        ("PAID", "cancel", Rule.INVOICE_IS_NOT_DRAFT),
    ],
)
def test_a_transition_out_of_order_is_refused(
    api: Caller, served: Staging, acme: UUID, status: str, transition: str, rule: Rule
) -> None:
    invoice_id = api.draft(acme).json()["id"]
    for step in {"DRAFT": (), "ISSUED": ("issue",), "PAID": ("issue", "mark-paid")}[status]:
        assert api.move(acme, invoice_id, step).status_code == 200
    before = served.rows()
    assert refusal(api.move(acme, invoice_id, transition)) == (409, rule)
    assert served.rows() == before


def test_another_tenants_invoice_is_not_found(api: Caller, served: Staging, acme: UUID) -> None:
    neighbour, invoice_id = served.tenant(), api.draft(acme).json()["id"]
    before = served.rows()
    for transition in ("issue", "mark-paid", "cancel"):
        assert refusal(api.move(neighbour, invoice_id, transition)) == (404, "invoice_not_found")
    got = api.get(invoice_id, params={"tenantId": str(neighbour)})
    assert refusal(got) == (404, "invoice_not_found")
    assert served.rows() == before


def test_each_rule_of_creation_is_named(api: Caller, served: Staging, acme: UUID) -> None:
    suspended, poor, mixed = served.tenant(), served.tenant(), served.tenant()
    served.suspend(suspended)
    served.event(poor, currency="EUR")
    served.terms(mixed, "0.1", "EUR")
    served.event(mixed)
    served.event(mixed, currency="EUR")
    invoice_id = api.draft(acme, "used").json()["id"]
    before = served.rows()
    reversed_ends = api.draft(acme, periodStart="2026-03", periodEnd="2026-02")
    assert refusal(reversed_ends) == (422, "period_is_empty")
    assert refusal(api.draft(acme, periodEnd="2026-02")) == (422, "period_is_empty")
    assert refusal(api.draft(poor, "used")) == (422, "idempotency_key_reused")
    reused = api.draft(acme, "used", periodEnd="2026-02-28")
    assert refusal(reused) == (422, "idempotency_key_reused")
    assert refusal(api.draft(uuid4())) == (404, "tenant_not_found")
    assert refusal(api.draft(suspended)) == (409, "tenant_is_not_active")
    assert refusal(api.draft(acme)) == (409, "period_overlaps_invoice")
    assert refusal(api.draft(mixed, periodEnd="2026-02-02")) == (
        422,
        "no_billable_events",
    )
    assert refusal(api.draft(poor)) == (422, "event_has_no_terms")
    assert refusal(api.draft(mixed)) == (422, "events_in_several_currencies")
    assert served.rows() == before
    served.event(acme)
    assert refusal(api.move(acme, invoice_id, "issue")) == (409, "draft_is_stale")


def test_every_rule_has_a_status() -> None:
    assert set(STATUS) == {*Rule, *Fault}


def test_a_repeat_with_the_key_returns_the_first_invoice(
    api: Caller, served: Staging, acme: UUID
) -> None:
    key = "".join(map(chr, range(0x21, 0x7F))) + "k" * 161
    first = api.draft(acme, key)
    before = served.rows()
    again = api.draft(acme, key, periodStart="2026-02-01T01:00:00+01:00")
    assert (again.status_code, again.json()) == (201, first.json())
    assert served.rows() == before
    issued = api.move(acme, first.json()["id"], "issue")
    assert api.draft(acme, key).json() == issued.json()


@pytest.mark.parametrize("key", ["", "two words", "k" * 256, "tab\tkey"])
def test_a_key_that_is_none_is_refused(api: Caller, served: Staging, key: str) -> None:
    tenant_id = served.tenant()
    served.event(tenant_id)
    refused = api.draft(tenant_id, key)
    assert refusal(refused) == (422, "request_is_invalid")
    assert refused.json()["errors"][0]["field"] == "header.Idempotency-Key"


@pytest.mark.parametrize(
    ("currency", "recovered", "fee"),
    [("USD", "100.00", "25.00"), ("JPY", "100", "25"), ("KWD", "100.000", "25.000")],
)
def test_money_is_in_full_with_the_currencys_digits(
    api: Caller, served: Staging, currency: str, recovered: str, fee: str
) -> None:
    tenant_id = served.tenant(currency=currency)
    served.event(tenant_id, "100", currency=currency)
    draft = api.draft(tenant_id).json()
    assert (draft["recoveredAmount"], draft["gainShareAmount"]) == (recovered, fee)


@pytest.mark.parametrize(
    ("amount", "digits", "text"),
    [
        ("2465.7500", 2, "2465.75"),
        ("0.0049", 2, "0.0049"),
        ("-0.1", 2, "-0.10"),
        ("1E+3", 2, "1000.00"),
        ("1E-7", 0, "0.0000001"),
        ("0.250000", 0, "0.25"),
        ("12345678901234567890123456789012345678.1234", 2, None),
    ],
)
def test_no_digit_of_an_amount_is_lost(amount: str, digits: int, text: str | None) -> None:
    assert decimal_text(Decimal(amount), digits) == (text or amount)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-02", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-03", datetime(2026, 2, 3, tzinfo=UTC)),
        ("2026-02-03T04:05:06Z", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2026-02-03T04:05:06.5-05:30", datetime(2026, 2, 3, 9, 35, 6, 500_000, tzinfo=UTC)),
    ],
)
def test_a_boundary_is_a_month_a_date_or_an_instant(text: str, instant: datetime) -> None:
    assert boundary(text) == instant
    assert boundary(text).tzinfo is UTC


NOT_BOUNDARIES = [
    "2026-02-01T00:00:00",
    "2026-02-01 00:00:00Z",
    "2026-02-30",
    "2026-13",
    "2026",
    "0000-01",
    "26-02",
    "2026-02-01T24:00:00Z",
    "2026-02-01T00:00:00.1234567Z",
    "202٦-02",
    "2026-02\n",
    "",
    20260201,
    1769904000.0,
    True,
    None,
    ["2026-02"],
]


@pytest.mark.parametrize("given", NOT_BOUNDARIES, ids=repr)
def test_nothing_else_is_a_boundary(given: object) -> None:
    with pytest.raises(ValueError, match=r"^(should be a string|day is out of range)"):
        boundary(given)


NOT_JSON = [b"tenantId=1", b'{"tenantId": ', b"\xff\xfe{", b"[" * 60_000, b"1" * 60_000]
NOT_OBJECTS = [b"", b"null", b"NaN", b"[]", b'"text"', b'{"\\ud800": 1}']
WRONG_FIELDS: list[tuple[str, object]] = [
    ("tenantId", "no-uuid"),
    ("tenantId", 7),
    ("tenantId", float("nan")),
    ("periodStart", 1769904000),
    ("periodEnd", float("nan")),
    ("periodEnd", "2026-03-01T00:00:00"),
    ("periodEnd", None),
    ("rate", "0.99"),
    ("tenant_id", "7d8f2c5e-3b1a-4c9d-9e0f-1a2b3c4d5e6f"),
]


@pytest.mark.parametrize("path", ["preview", "", f"{UUID(int=7)}/issue"])
def test_a_body_that_is_no_json_object_is_refused(api: Caller, served: Staging, path: str) -> None:
    before = served.rows()
    for content in NOT_JSON:
        answer = api.send("POST", path, content=content, headers=JSON)
        assert refusal(answer) == (400, "body_is_not_json"), content[:20]
    for content in NOT_OBJECTS:
        answer = api.send("POST", path, content=content, headers=JSON)
        assert refusal(answer) == (422, "request_is_invalid"), content
        assert {error["field"] for error in answer.json()["errors"]} == {"body"}, content
    assert served.rows() == before


@pytest.mark.parametrize(("field", "value"), WRONG_FIELDS)
def test_a_field_that_is_wrong_is_named(
    api: Caller, served: Staging, acme: UUID, field: str, value: object
) -> None:
    before = served.rows()
    content = json.dumps(body(acme) | {field: value})
    for path in ("preview", ""):
        answer = api.send("POST", path, content=content, headers=JSON)
        assert refusal(answer) == (422, "request_is_invalid")
        assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}"]
    assert served.rows() == before


def test_what_was_sent_is_not_repeated(api: Caller, acme: UUID) -> None:
    for field in ("tenantId", "periodStart", "surplus"):
        answer = api.post("preview", body(acme) | {field: "<script>"})
        assert refusal(answer) == (422, "request_is_invalid")
        assert "<script>" not in answer.text


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(api: Caller, served: Staging, content_type: str) -> None:
    tenant_id = served.tenant()
    served.event(tenant_id)
    content, headers = json.dumps(body(tenant_id)).encode(), {"Content-Type": content_type}
    answer = api.send("POST", "", content=content, headers=headers)
    assert refusal(answer) == (415, "content_type_is_not_json")


@pytest.mark.parametrize(
    "invoice_id", ["no-uuid", "1", "%00", "0b0e7c1d-5a4f-4e3b-8c2d-9f8e7d6c5b4g"]
)
def test_an_id_that_is_none_is_refused(api: Caller, invoice_id: str) -> None:
    answer = api.post(f"{invoice_id}/issue", TENANT_BODY)
    assert refusal(answer) == (422, "request_is_invalid")
    assert answer.json()["errors"][0]["field"] == "path.id"


def test_a_query_of_more_than_the_tenant_is_refused(api: Caller) -> None:
    answer = api.get(str(uuid4()), params=TENANT_BODY | {"verbose": "1"})
    assert refusal(answer) == (422, "request_is_invalid")
    assert answer.json()["errors"][0]["field"] == "query.verbose"


def test_unknown_paths_and_methods_are_problems_too(api: Caller) -> None:
    assert refusal(api.get("/api/admin/billing/nothing")) == (404, "path_not_found")
    assert refusal(api.post("/api/admin/billing/invoices/", {})) == (404, "path_not_found")
    for method, path, allowed in [("DELETE", "", "POST"), ("GET", "preview", "POST")]:
        answer = api.send(method, path)
        assert refusal(answer) == (405, "method_is_not_allowed")
        assert answer.headers["Allow"] == allowed


def test_a_body_over_64_kib_is_refused(api: Caller, served: Staging, acme: UUID) -> None:
    before = served.rows()
    large = json.dumps(body(acme)).encode().ljust(2_000_000)
    assert refusal(api.send("POST", "", content=large, headers=JSON)) == (413, "body_is_too_large")
    chunks = (large[i : i + 1000] for i in range(0, len(large), 1000))
    assert refusal(api.send("POST", "", content=chunks, headers=JSON)) == (413, "body_is_too_large")
    assert served.rows() == before
    fits = json.dumps(body(acme)).encode().ljust(64 * 1024)
    assert api.send("POST", "", content=fits, headers=JSON).status_code == 201


def spoken(url: str, *parts: bytes) -> bytes:
    """Say the parts of a request whose body never ends, and return the beginning of the answer."""
    target = httpx.URL(url)
    with socket.create_connection((target.host, target.port or 0), timeout=10) as line:
        line.sendall(b"".join(parts))
        return line.recv(65536)


def test_a_chunked_body_over_64_kib_is_refused_before_its_end(api: Caller) -> None:
    head = f"POST {INVOICES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (70_000, b" " * 70_000)
    assert spoken(api.url, head.encode(), chunk).startswith(b"HTTP/1.1 413 ")


def test_without_the_token_no_body_is_waited_for(api: Caller) -> None:
    head = f"POST {INVOICES} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    assert spoken(api.url, head.encode()).startswith(b"HTTP/1.1 401 ")


STRANGERS = [
    (401, {}, ""),
    (401, {}, f"?token={TOKEN}"),
    (401, {}, f"?access_token={TOKEN}&authorization=Bearer%20{TOKEN}"),
    (401, {"Authorization": ""}, ""),
    (401, {"Authorization": "Bearer"}, ""),
    (401, {"Authorization": TOKEN}, ""),
    (401, {"Authorization": f"Basic {TOKEN}"}, ""),
    (403, {"Authorization": f"Bearer {TOKEN}x"}, ""),
    (403, {"Authorization": f"Bearer {TOKEN[:-1]}"}, ""),
    (403, {"Authorization": f"Bearer {TOKEN.upper()}"}, ""),
]


@pytest.mark.parametrize(("status", "headers", "query"), STRANGERS)
def test_without_the_token_nothing_is_read_or_written(
    api: Caller, served: Staging, acme: UUID, status: int, headers: dict[str, str], query: str
) -> None:
    invoice_id = api.draft(acme, periodEnd="2026-02-11").json()["id"]
    code = {401: "token_is_missing", 403: "token_is_wrong"}[status]
    before = served.rows()
    with httpx.Client(base_url=api.url, headers=headers) as stranger:
        for path, content in [
            ("", body(acme, periodStart="2026-02-12")),
            ("/preview", body(acme)),
            (f"/{invoice_id}/issue", {"tenantId": str(acme)}),
            (f"/{invoice_id}/cancel", {"tenantId": str(acme)}),
            (f"/{invoice_id}/mark-paid", {"tenantId": str(acme)}),
            ("/no/such/path", {}),
        ]:
            answer = checked(stranger.post(f"{INVOICES}{path}{query}", json=content))
            assert refusal(answer) == (status, code)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        tenant = f"{query or '?'}&tenantId={acme}"
        answer = checked(stranger.get(f"{INVOICES}/{invoice_id}{tenant}"))
        assert (*refusal(answer), "gainShareAmount" in answer.text) == (status, code, False)
    assert served.rows() == before


def test_a_token_outside_ascii_is_only_wrong(api: Caller) -> None:
    odd = {b"Authorization": "Bearer \xe9".encode("latin-1")}
    answer = checked(httpx.get(f"{api.url}{INVOICES}/{uuid4()}", headers=odd))
    assert refusal(answer) == (403, "token_is_wrong")


def test_the_token_may_not_be_sent_twice(api: Caller) -> None:
    twice = [("Authorization", f"Bearer {TOKEN}"), ("Authorization", "Bearer other")]
    answer = checked(httpx.get(f"{api.url}{INVOICES}/{uuid4()}", headers=twice))
    assert refusal(answer) == (401, "token_is_missing")


def test_health_and_docs_are_open_and_need_no_network(api: Caller) -> None:
    health = checked(httpx.get(f"{api.url}/healthz"))
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    page = httpx.get(f"{api.url}/docs").text
    assert "http://" not in page
    assert "https://" not in page
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon.png"):
        assert f"/docs/assets/{asset}" in page
        assert httpx.get(f"{api.url}/docs/assets/{asset}").status_code == 200
    assert httpx.get(f"{api.url}/openapi.json").json()["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("run-7.A_b", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("a/b", False)],
)
def test_a_well_formed_request_id_is_kept(api: Caller, given: str, kept: bool) -> None:
    answer = api.get(str(uuid4()), params=TENANT_BODY, headers={"X-Request-ID": given} | BEARER)
    assert (answer.headers["X-Request-ID"] == given) == kept
    assert answer.json()["instance"] == answer.headers["X-Request-ID"]
