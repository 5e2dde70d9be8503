"""The adapter for HTTP: how calls are written, as each platform wants them.

A server on loopback plays the platform and remembers what it was asked.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from oracle.bill import Bill
from oracle.period import parse_period
from platforms.http import HttpAdapter
from platforms.http.answers import Told
from platforms.port import PlatformRefused
from selftests.foreign_api import (
    CALLS,
    DRAFT,
    FEBRUARY,
    INVOICE,
    INVOICES,
    KEY,
    TENANT,
    TOKEN,
    Reply,
    Script,
    calling,
    playing,
    refused,
)


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Script]:
    with playing(tmp_path) as script:
        yield script


# How calls are written.


def test_a_draft_is_asked_for_and_read_to_the_last_minor_unit(script: Script) -> None:
    with closing(script.speaking(Reply(DRAFT, 201))) as platform:
        draft = platform.generate_draft(TENANT, FEBRUARY, KEY)
    assert (draft.id, draft.period, draft.status) == (INVOICE, FEBRUARY, "DRAFT")
    assert (f"{draft.amount}", draft.number) == ("25.00", "DRAFT-2026-02-3f2b8a52")
    (asked,) = script.asked
    assert asked.call == f"POST {INVOICES}"
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["Idempotency-Key"] == KEY
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.body == {
        "tenantId": TENANT,
        "periodStart": "2026-02-01T00:00:00Z",
        "periodEnd": "2026-03-01T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("name", "call", "status", "asked"),
    [
        (
            "preview",
            {"send": "GET /v2/preview", "query": {"account": "{tenant}", "from": "{start}"}},
            200,
            f"GET /v2/preview?account={TENANT}&from=2026-02-01T00%3A00%3A00Z",
        ),
        ("draft", {"send": "PUT /v2/{tenant}/drafts", "ok": 201}, 201, f"PUT /v2/{TENANT}/drafts"),
        ("draft", {"send": "POST /v2/drafts?of={tenant}"}, 200, f"POST /v2/drafts?of={TENANT}"),
        ("issue", {"send": "PATCH /v2/invoices/{invoice}"}, 200, f"PATCH /v2/invoices/{INVOICE}"),
        ("cancel", {"send": "DELETE /v2/{invoice}", "ok": 204}, 204, f"DELETE /v2/{INVOICE}"),
        ("find", {"send": "GET /v2/{invoice}"}, 200, f"GET /v2/{INVOICE}"),
    ],
)
def test_a_call_has_the_verb_path_and_status_that_are_described(
    script: Script, name: str, call: dict[str, Any], status: int, asked: str
) -> None:
    answer = Reply(DRAFT if status != 204 else b"", status)
    with closing(script.speaking(answer, **calling(**{name: call}))) as platform:
        CALLS[name](platform)
    assert script.calls == [asked]
    assert not script.asked[0].content


@pytest.mark.parametrize("status", [200, 202, 203])
def test_another_status_of_success_is_none(script: Script, status: int) -> None:
    platform = script.speaking(
        Reply(DRAFT, status), **calling(issue={"send": "POST /v2/{invoice}", "ok": 201})
    )
    told = refused("issue", platform)
    assert (told.code, told.status) == ("platform_error", status)
    assert told.message == f"POST /v2/{INVOICE} answered {status}"


def test_an_id_cannot_lead_elsewhere(script: Script) -> None:
    changes = calling(find={"send": "GET /v2/{invoice}", "query": {"of": "{tenant}"}})
    platform = script.speaking(Reply(DRAFT), ids={"invoice": "text", "tenant": "text"}, **changes)
    with closing(platform):
        platform.find("a&b=c d", "../x?y")
    assert script.calls == ["GET /v2/..%2Fx%3Fy?of=a%26b%3Dc%20d"]


@pytest.mark.parametrize(("ids", "sent"), [("as stored", 7), ("string", "7")])
def test_a_bigint_is_written_as_the_api_wants_it(script: Script, ids: str, sent: object) -> None:
    body = {"data": [{"account": "{tenant}", "note": "for {tenant}"}], "dry": False}
    changes: dict[str, Any] = calling(draft={"send": "POST /v2/{tenant}", "body": body, "ok": 201})
    changes["api"]["ids"] = ids
    types = {"tenant": "bigint", "invoice": "bigint"}
    answer = Reply(DRAFT | {"id": 12, "tenantId": "7"}, 201)
    with closing(script.speaking(answer, ids=types, **changes)) as platform:
        draft = platform.generate_draft("7", FEBRUARY, KEY)
    assert (draft.id, draft.tenant_id) == ("12", "7")
    (asked,) = script.asked
    assert asked.call == "POST /v2/7"
    assert asked.body == {"data": [{"account": sent, "note": "for 7"}], "dry": False}


def test_a_form_is_sent_as_one(script: Script) -> None:
    form = {"customer": "{tenant}", "expand": ["lines", "tax"], "auto": False}
    changes = calling(draft={"send": "POST /v1/invoices", "form": form})
    with closing(script.speaking(Reply(DRAFT), **changes)) as platform:
        platform.generate_draft(TENANT, FEBRUARY, KEY)
    (asked,) = script.asked
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.content.decode() == f"customer={TENANT}&expand=lines&expand=tax&auto=false"


@pytest.mark.parametrize(
    ("period", "sent"),
    [
        ({"as": "%Y-%m", "whole": "months"}, ["2026-02", "2026-03"]),
        ({"as": "%Y-%m", "whole": "months", "end": "inclusive"}, ["2026-02", "2026-02"]),
        ({"as": "%Y-%m-%d"}, ["2026-02-01", "2026-03-01"]),
        ({"as": "%Y-%m-%d", "end": "inclusive"}, ["2026-02-01", "2026-02-28"]),
        ({"as": "%d.%m.%Y", "whole": "months", "end": "inclusive"}, ["01.02.2026", "28.02.2026"]),
        (
            {"as": "%Y-%m-%dT%H:%M:%SZ", "end": "inclusive"},
            ["2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z"],
        ),
        (
            {"as": "%Y-%m-%dT%H:%M:%S.%LZ", "end": "inclusive"},
            ["2026-02-01T00:00:00.000Z", "2026-02-28T23:59:59.999Z"],
        ),
        (
            {"as": "%Y-%m-%d %H:%M:%S.%f", "end": "inclusive"},
            ["2026-02-01 00:00:00.000000", "2026-02-28 23:59:59.999999"],
        ),
        ({"as": "epoch seconds"}, [1769904000, 1772323200]),
        ({"as": "epoch milliseconds", "end": "inclusive"}, [1769904000000, 1772323199999]),
    ],
)
def test_a_period_is_written_and_read_as_described(
    script: Script, period: dict[str, Any], sent: list[object]
) -> None:
    start, end = sent
    answer = Reply(DRAFT | {"periodStart": start, "periodEnd": end}, 201)
    with closing(script.speaking(answer, api={"period": period})) as platform:
        draft = platform.generate_draft(TENANT, FEBRUARY, KEY)
    (asked,) = script.asked
    assert [asked.body["periodStart"], asked.body["periodEnd"]] == sent
    assert draft.period == FEBRUARY


MONTH_ONLY = {"send": "POST /v2/invoices", "body": {"month": "{start}"}}


@pytest.mark.parametrize(
    ("bounds", "period", "calls", "words"),
    [
        (("2026-02-02", "2026-03-01"), {"whole": "months"}, {}, "bills whole months"),
        (("2026-02-01", "2026-02-28"), {"whole": "months"}, {}, "bills whole months"),
        (("2026-02-02", "2026-03-01"), {}, {}, "cannot be written as %Y-%m"),
        (("2026-02", "2026-04"), {"whole": "months"}, {"draft": MONTH_ONLY}, "one of its months"),
    ],
)
def test_a_period_that_cannot_be_told_is_not_asked_for(
    script: Script,
    bounds: tuple[str, str],
    period: dict[str, Any],
    calls: dict[str, Any],
    words: str,
) -> None:
    told = {"period": {"as": "%Y-%m"} | period, "calls": calls}
    platform = script.speaking(Reply(DRAFT), api=told)
    with closing(platform), pytest.raises(PlatformRefused, match=words):
        platform.generate_draft(TENANT, parse_period(*bounds, FEBRUARY.end), KEY)
    assert script.asked == []


def test_a_month_without_its_end_is_a_month(script: Script) -> None:
    api = {
        "period": {"as": "%Y-%m", "whole": "months"},
        "calls": {"draft": MONTH_ONLY},
        "invoice": {"period_start": "month", "period_end": None},
    }
    with closing(script.speaking(Reply(DRAFT | {"month": "2026-02"}), api=api)) as platform:
        draft = platform.generate_draft(TENANT, FEBRUARY, KEY)
    assert (draft.period, script.asked[0].body) == (FEBRUARY, {"month": "2026-02"})


# What a payment says of the invoice.

PAYMENT = {
    "send": "POST /v2/invoices/{invoice}/payments",
    "body": {"amount": "{total}", "currency": "{currency}", "of": "{number}", "key": "{key}"},
}


@pytest.mark.parametrize(
    ("api", "told", "sent"),
    [
        ({}, {"gainShareAmount": "25.000"}, "25.00"),
        ({"money": "number", "invoice": {"lines": None}}, {"gainShareAmount": 616.44}, 616.44),
        ({"money": "minor units", "invoice": {"lines": None}}, {"gainShareAmount": 61644}, 61644),
    ],
)
def test_a_payment_says_what_the_invoice_came_to(
    script: Script, api: dict[str, Any], told: dict[str, Any], sent: object
) -> None:
    numbers = {"recoveredAmount": told["gainShareAmount"]}
    changes: dict[str, Any] = {"api": api | {"calls": {"mark_paid": PAYMENT}}}
    with closing(script.speaking(Reply(DRAFT | numbers | told), **changes)) as platform:
        platform.issue(TENANT, INVOICE)
        platform.mark_paid(TENANT, INVOICE)
        platform.mark_paid(TENANT, INVOICE)
    first, second = (asked.body for asked in script.asked[1:])
    key = first.pop("key")
    assert first == {"amount": sent, "currency": "USD", "of": DRAFT["invoiceNumber"]}
    assert key != second["key"], "a key that nobody gave is new for each call"


def test_an_amount_is_written_in_full_and_never_as_a_float(script: Script) -> None:
    changes: dict[str, Any] = {"api": {"money": "number", "invoice": {"lines": None}}}
    changes["api"]["calls"] = {"mark_paid": PAYMENT}
    told = DRAFT | {"recoveredAmount": 1, "gainShareAmount": 0}
    content = json.dumps(told).replace(": 0,", ": 123456789012345678.10,").encode()
    with closing(script.speaking(Reply(content), **changes)) as platform:
        platform.issue(TENANT, INVOICE)
        platform.mark_paid(TENANT, INVOICE)
    assert b'"amount": 123456789012345678.10,' in script.asked[1].content


def test_what_nobody_told_yet_is_looked_up(script: Script) -> None:
    with closing(script.speaking(Reply(DRAFT), **calling(mark_paid=PAYMENT))) as platform:
        platform.mark_paid(TENANT, INVOICE)
    find = f"GET {INVOICES}/{INVOICE}?tenantId={TENANT}"
    assert script.calls == [find, f"POST /v2/invoices/{INVOICE}/payments"]


@pytest.mark.parametrize(
    ("invoice", "words"),
    [({"number": None}, "needs {number}"), ({"currency": None}, "needs {currency}")],
)
def test_what_nobody_tells_is_not_made_up(
    script: Script, invoice: dict[str, None], words: str
) -> None:
    api = {"calls": {"mark_paid": PAYMENT}, "invoice": invoice}
    platform = script.speaking(Reply(DRAFT), api=api)
    with closing(platform):
        platform.issue(TENANT, INVOICE)
        assert words in refused("mark_paid", platform).message
    assert len(script.asked) == 1


def test_the_tenants_currency_is_said_where_no_answer_tells_it(script: Script) -> None:
    api = {
        "currency": "lower case",
        "calls": {"draft": {"send": "POST /v2/invoices", "body": {"currency": "{currency}"}}},
        "invoice": {"currency": None},
    }
    with closing(script.speaking(Reply(DRAFT), api=api, currency="EUR")) as platform:
        platform.generate_draft(TENANT, FEBRUARY, KEY)
    assert script.asked[0].body == {"currency": "eur"}


# What words cannot say.


def test_an_adapter_of_ones_own_overrides_a_method(script: Script) -> None:
    class Ours(HttpAdapter):
        def _read_bill(self, told: Told, _: str) -> Bill:
            return Bill("USD", None, None, Decimal(told.value["cents"]) / 100, None)

    with closing(script.speaking(Reply({"cents": 5}), adapter=Ours)) as platform:
        assert platform.preview(TENANT, FEBRUARY).gain_share_amount == Decimal("0.05")
        intruder = platform.for_intruders()
        assert isinstance(intruder, Ours)
        intruder.close()
