"""What answers tell: each form that a description can name is read, and no other.

A server on loopback answers as platforms of every kind do; see :mod:`selftests.foreign_api`.
"""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from oracle.bill import Line
from oracle.period import Period
from platforms.port import Invoice, PlatformRefused
from selftests.foreign_api import (
    BILL,
    DRAFT,
    FEBRUARY,
    INVOICE,
    LINE,
    TENANT,
    Reply,
    Script,
    playing,
)

NO_LINES = {"lines": None}
EVENT = "9d8c7b6a-5f4e-4d3c-8b2a-190817263544"


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Script]:
    with playing(tmp_path) as script:
        yield script


def each(form: str, wrong: tuple[object, ...]) -> list[tuple[str, object]]:
    """Pair a form with what is not written in it."""
    return [(form, value) for value in wrong]


def issued(script: Script, told: object, **changes: Any) -> Invoice:
    """Return the invoice that an answer to ``issue`` is read as."""
    with closing(script.speaking(Reply(told), **changes)) as platform:
        return platform.issue(TENANT, INVOICE)


def nonsense(script: Script, told: object, **changes: Any) -> str:
    """Return what is said of an answer to ``issue`` that cannot be trusted."""
    with pytest.raises(PlatformRefused) as refused:
        issued(script, told, **changes)
    assert (refused.value.code, refused.value.lost) == ("platform_error", False)
    found = re.fullmatch("POST /.*/issue answered nonsense: (.*)", refused.value.message)
    assert found, refused.value.message
    return found[1]


# Where the answer is.


@pytest.mark.parametrize(
    ("envelope", "body"),
    [
        ("data", {"data": DRAFT, "meta": {}}),
        ("invoice", {"invoice": DRAFT}),
        ("data.attributes", {"data": {"type": "invoices", "attributes": DRAFT}}),
        ("[0]", [DRAFT]),
        ("results[?id]|[0]", {"results": [{}, DRAFT]}),
    ],
)
def test_an_answer_is_found_in_its_envelope(script: Script, envelope: str, body: object) -> None:
    assert issued(script, body, api={"envelope": envelope}).id == INVOICE


@pytest.mark.parametrize("body", [DRAFT, {"data": None}, {"data": []}, {"data": "no"}, [DRAFT]])
def test_an_answer_without_its_envelope_is_nonsense(script: Script, body: object) -> None:
    assert nonsense(script, body, api={"envelope": "data"}).startswith("data: ")


def test_a_call_may_have_an_envelope_of_its_own(script: Script) -> None:
    call = {"send": "POST /v2/{invoice}/issue", "envelope": ""}
    api = {"envelope": "data", "calls": {"issue": call}}
    assert issued(script, DRAFT, api=api).id == INVOICE
    assert nonsense(script, {"data": DRAFT}, api=api).startswith("id: ")


def test_names_and_places_may_be_any(script: Script) -> None:
    """As JSON:API has it, in snake_case, with money in an object."""
    body = {
        "data": {
            "type": "invoices",
            "id": INVOICE,
            "attributes": {
                "invoice_no": 1007,
                "state": "ISSUED",
                "total": {"amount": "25.00", "currency": "USD"},
                "line_items": [{"kind": "LATE", "fee": {"amount": "25.00"}}],
            },
            "relationships": {"account": {"data": {"id": TENANT}}},
        }
    }
    invoice = {
        "tenant_id": "relationships.account.data.id",
        "number": "attributes.invoice_no",
        "status": "attributes.state",
        "currency": "attributes.total.currency",
        "gain_share_amount": "attributes.total.amount",
        "lines": "attributes.line_items[].{finding_type: kind, gain_share_amount: fee.amount}",
    }
    gone = ("period_start", "period_end", "issued_at", "paid_at", "event_count", "recovered_amount")
    api = {"envelope": "data", "invoice": invoice | dict.fromkeys(gone)}
    told = issued(script, body, api=api)
    assert (told.tenant_id, told.number, told.status) == (TENANT, "1007", "ISSUED")
    assert (told.period, told.issued_at, told.paid_at) == (None, None, None)
    assert told.bill is not None
    assert told.bill.lines == (Line(finding_type="LATE", gain_share_amount=Decimal(25)),)
    assert (told.bill.event_count, told.bill.currency, told.amount) == (None, "USD", Decimal(25))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Reply(b"<bill/>", kind="application/xml"), "answered application/xml, not JSON"),
        (Reply(b"{}", kind="text/plain"), "answered text/plain, not JSON"),
        (Reply(b"{}", kind=""), "answered what it does not name, not JSON"),
        (Reply(b"", kind=""), "answered nonsense: the body: it is empty"),
        (Reply(b'{"id": "3f2b'), "answered nonsense: the body: it is no JSON"),
        (Reply(b'{"total": NaN}'), "answered nonsense: the body: it is no JSON: NaN"),
        (Reply(b'{"total": -Infinity}'), "answered nonsense: the body: it is no JSON"),
        (Reply(b'{"total": 1e99999999999999999999}'), "answered nonsense: the body: it is no JSON"),
        (Reply(b"\xff\xfe\xfd"), "answered nonsense: the body: it is no JSON"),
        (Reply(b"[" * 100_000), "answered nonsense: the body: it is no JSON"),
        (Reply(b'{"total": 999, "total": 25}'), "no JSON: total is told as 999 and as 25"),
        (Reply(b'{"bill": {"fee": 1, "fee": "1"}}'), 'no JSON: fee is told as 1 and as "1"'),
        (Reply([]), r"answered nonsense: the body: \[\] is no object"),
        (Reply("hello"), 'answered nonsense: the body: "hello" is no object'),
    ],
    ids=str,
)
def test_what_is_no_json_is_an_error(script: Script, answer: Reply, words: str) -> None:
    platform = script.speaking(answer)
    with closing(platform), pytest.raises(PlatformRefused, match=words):
        platform.issue(TENANT, INVOICE)


def test_half_a_character_is_one_that_cannot_be_read(script: Script) -> None:
    said = json.dumps(DRAFT | {"invoiceNumber": "N\ud83d", "status": "\U0001f600"}).encode()
    twice = said.replace(b'"status"', b'"id": "' + INVOICE.encode() + b'", "status"')
    with closing(script.speaking(Reply(twice))) as platform:
        told = platform.issue(TENANT, INVOICE)
    assert (told.number, told.status) == ("N\ufffd", "\U0001f600")


def test_half_a_character_of_a_refusal_can_be_written_down(script: Script) -> None:
    problem = {"code": "period_overlaps_invoice", "detail": "cut off: \udc00"}
    with (
        closing(script.speaking(Reply(json.dumps(problem).encode(), 409))) as platform,
        pytest.raises(PlatformRefused) as refused,
    ):
        platform.issue(TENANT, INVOICE)
    assert str(refused.value).encode()


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.api+json; charset=utf-8"])
def test_json_may_be_said_in_several_ways(script: Script, kind: str) -> None:
    with closing(script.speaking(Reply(DRAFT, kind=kind))) as platform:
        assert platform.issue(TENANT, INVOICE).id == INVOICE


# Money.

TOTAL = "gainShareAmount (gain_share_amount): "
WHOLE = {"recoveredAmount": 1}


@pytest.mark.parametrize(
    ("money", "total", "expected"),
    [
        ("decimal string", "25.00", "25.00"),
        ("decimal string", "-0.01", "-0.01"),
        ("decimal string", "12345678901234567890123456789.01", "12345678901234567890123456789.01"),
        ("decimal string", "64935", "64935"),
        ("number", 649.35, "649.35"),
        ("number", 25, "25"),
        ("number", 2.5e1, "25.0"),
        ("minor units", 64935, "649.35"),
        ("minor units", "64935", "649.35"),
        ("minor units", -1, "-0.01"),
        (
            "minor units",
            12345678901234567890123456789012345,
            "123456789012345678901234567890123.45",
        ),
    ],
)
def test_an_amount_is_read_exactly(
    script: Script, money: str, total: object, expected: str
) -> None:
    recovered = "1" if money == "decimal string" else 1
    told = DRAFT | {"gainShareAmount": total, "recoveredAmount": recovered}
    read = issued(script, told, api={"money": money, "invoice": NO_LINES})
    assert f"{read.amount}" == expected


def test_a_number_never_becomes_a_float(script: Script) -> None:
    content = json.dumps(DRAFT | WHOLE).replace(
        '"25.00", "lines"', '0.1000000000000000055, "lines"'
    )
    api = {"money": "number", "invoice": NO_LINES}
    assert issued(script, content.encode(), api=api).amount == Decimal("0.1000000000000000055")


@pytest.mark.parametrize(
    ("money", "total"),
    [
        *each("decimal string", (25, 25.0, "25,00", "NaN", "2.5E1", "2_5.00")),
        *each("decimal string", (" 25.00", "", "+1", ".5", "5.", "²", True, {})),
        *each("number", ("25.00", True, [25], {"amount": 25}, 1e300, 1e-300)),
        *each("minor units", (649.35, 64935.0, "649.35", "6e4", True, "²")),
    ],
)
def test_an_amount_in_another_form_is_nonsense(script: Script, money: str, total: object) -> None:
    recovered = "1" if money == "decimal string" else 1
    told = DRAFT | {"gainShareAmount": total, "recoveredAmount": recovered}
    api = {"money": money, "invoice": NO_LINES}
    assert nonsense(script, told, api=api).startswith(TOTAL)


@pytest.mark.parametrize(
    ("currency", "expected"), [("USD", "649.35"), ("JPY", "64935"), ("KWD", "64.935")]
)
@pytest.mark.parametrize("told", [True, False])
def test_minor_units_are_those_of_the_currency(
    script: Script, currency: str, expected: str, *, told: bool
) -> None:
    api = {"money": "minor units", "invoice": NO_LINES | ({} if told else {"currency": None})}
    answer = DRAFT | WHOLE | {"gainShareAmount": 64935, "currency": currency if told else "no"}
    read = issued(script, answer, api=api, currency=None if told else currency)
    assert f"{read.amount}" == expected
    assert read.bill is not None
    assert read.bill.currency == (currency if told else None)


@pytest.mark.parametrize(
    ("told", "known", "words"),
    [
        (None, None, "a currency that is not known"),
        ("XAU", None, '"XAU", which has none by ISO 4217'),
        ("usd", None, '"usd", which has none'),
        (None, "dollars", '"dollars", which has none'),
    ],
)
def test_minor_units_of_nothing_known_are_nonsense(
    script: Script, told: str | None, known: str | None, words: str
) -> None:
    invoice = NO_LINES | ({} if told else {"currency": None})
    answer = DRAFT | WHOLE | {"gainShareAmount": 64935, "currency": told}
    api = {"money": "minor units", "invoice": invoice}
    assert words in nonsense(script, answer, api=api, currency=known)


@pytest.mark.parametrize(
    ("case", "told", "expected"),
    [("upper case", "USD", "USD"), ("upper case", "usd", "usd"), ("lower case", "usd", "USD")],
)
def test_a_currency_is_read_as_it_is_written(
    script: Script, case: str, told: str, expected: str
) -> None:
    """One in lower case, where upper is described, is passed on as it is, and compared."""
    read = issued(script, DRAFT | {"currency": told}, api={"currency": case})
    assert read.bill is not None
    assert read.bill.currency == expected


@pytest.mark.parametrize(
    ("case", "told"),
    [("lower case", "USD"), ("lower case", "Usd"), ("upper case", 840), ("lower case", None)],
)
def test_a_currency_in_another_form_is_nonsense(script: Script, case: str, told: object) -> None:
    words = nonsense(script, DRAFT | {"currency": told}, api={"currency": case})
    assert words.startswith("currency: ")


def test_totals_may_be_added_up_by_an_expression(script: Script) -> None:
    api = {"money": "number", "invoice": NO_LINES | {"gain_share_amount": "sum(items[].fee)"}}
    told = DRAFT | WHOLE | {"items": [{"fee": 0.1}, {"fee": 0.2}]}
    assert issued(script, told, api=api).amount == Decimal("0.3")
    wrong = nonsense(script, DRAFT | WHOLE | {"items": [{"fee": "0.1"}]}, api=api)
    assert wrong.startswith("sum(items[].fee) (gain_share_amount): ")


def test_a_string_may_be_made_a_number_but_not_a_float(script: Script) -> None:
    api = {"money": "number", "invoice": NO_LINES | {"gain_share_amount": "to_number(total)"}}
    assert issued(script, DRAFT | WHOLE | {"total": "0.10"}, api=api).amount == Decimal("0.10")
    assert "(gain_share_amount)" in nonsense(script, DRAFT | WHOLE | {"total": "1e1"}, api=api)


@pytest.mark.parametrize("name", ["foo(total)", "sum(id)", "avg(lines[].eventCount)"])
def test_an_expression_that_cannot_be_applied_is_told(script: Script, name: str) -> None:
    api = {"money": "number", "invoice": NO_LINES | {"gain_share_amount": name}}
    assert nonsense(script, DRAFT | WHOLE, api=api).startswith(f"{name} (gain_share_amount): ")


# Lines.

LINES = "items[].{event_id: finding, gain_share_amount: fee}"


def test_lines_may_be_of_events(script: Script) -> None:
    told = DRAFT | {"items": [{"finding": EVENT.upper(), "fee": "25.00"}]}
    read = issued(script, told, api={"invoice": {"lines": LINES}})
    assert read.bill is not None
    assert read.bill.lines == (Line(event_id=EVENT, gain_share_amount=Decimal(25)),)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (None, "(lines): it is missing, or null"),
        ("none", "(lines): it is missing, or null"),
        ([{"finding": EVENT}], "lines.0.gain_share_amount: it is missing"),
        ([{"finding": EVENT, "fee": 25}], "lines.0.gain_share_amount: 25 is not a string"),
        ([{"finding": 7, "fee": "1"}], "lines.0.event_id: 7 is no uuid"),
        ([{"finding": EVENT, "fee": "1"}, "x"], "lines.1."),
    ],
)
def test_lines_that_lack_a_fact_are_nonsense(script: Script, items: object, words: str) -> None:
    told = DRAFT | {"items": items}
    assert words in nonsense(script, told, api={"invoice": {"lines": LINES}})


def test_an_empty_list_of_lines_is_a_fact(script: Script) -> None:
    read = issued(script, DRAFT | {"lines": []})
    assert read.bill is not None
    assert read.bill.lines == ()


@pytest.mark.parametrize(
    ("api", "rate"),
    [
        ({}, "0.25"),
        ({"rates": "percent"}, "25"),
        ({"rates": "percent"}, "25.00"),
        ({"rates_as": "number"}, 0.25),
        ({"rates": "percent", "rates_as": "number"}, 25),
        ({"rates": "per mille"}, 250),
        ({"rates": "basis points"}, 2500),
        ({"rates": "basis points"}, "2500"),
    ],
)
def test_a_rate_is_read_as_a_share(script: Script, api: dict[str, str], rate: object) -> None:
    read = issued(script, DRAFT | {"lines": [LINE | {"rate": rate}]}, api=api)
    assert read.bill is not None
    assert read.bill.lines is not None
    assert read.bill.lines[0].rate == Decimal("0.25")


@pytest.mark.parametrize(
    ("api", "rate"),
    [({}, 0.25), ({}, "25 %"), ({"rates_as": "number"}, "0.25"), ({"money": "number"}, "0.25")],
)
def test_a_rate_in_another_form_is_nonsense(
    script: Script, api: dict[str, str], rate: object
) -> None:
    numbers = {"recoveredAmount": 1, "gainShareAmount": 1} if "money" in api else {}
    line = LINE | numbers | {"rate": rate}
    words = nonsense(script, DRAFT | numbers | {"lines": [line]}, api=api)
    assert words.startswith("lines.0.rate: ")


@pytest.mark.parametrize("rate", ["0.25", 0.25])
def test_beside_minor_units_a_rate_may_be_either(script: Script, rate: object) -> None:
    whole = {"recoveredAmount": 10000, "gainShareAmount": 2500}
    told = DRAFT | whole | {"lines": [LINE | whole | {"rate": rate}]}
    read = issued(script, told, api={"money": "minor units"})
    line = Line("DUPLICATE_CHARGE", Decimal("0.25"), 1, Decimal(100), Decimal(25))
    assert read.bill is not None
    assert read.bill.lines == (line,)


# Previews.


def previewed(script: Script, told: object, **changes: Any) -> Any:
    with closing(script.speaking(Reply(told), **changes)) as platform:
        return platform.preview(TENANT, FEBRUARY)


def test_a_preview_may_tell_totals_alone(script: Script) -> None:
    bill = {name: value for name, value in BILL.items() if name != "lines"}
    told = previewed(script, bill, lacks={"preview_lines": "totals alone"})
    assert (told.gain_share_amount, told.lines) == (Decimal(25), None)
    with pytest.raises(PlatformRefused, match=r"answered nonsense: lines.* \(lines\): "):
        previewed(script, bill)


def test_a_preview_may_be_told_in_other_places(script: Script) -> None:
    api = {"bill": {"gain_share_amount": "estimate.fee"}}
    told = previewed(script, {"estimate": {"fee": "25.00"}}, api=api)
    assert (told.gain_share_amount, told.currency, told.lines) == (Decimal(25), None, None)
    with pytest.raises(PlatformRefused, match=r"estimate.fee \(gain_share_amount\)"):
        previewed(script, {"estimate": {}}, api=api)


# Facts of an invoice.

ISSUED_AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instants", "told"),
    [
        ("RFC 3339", "2026-03-02T08:30:00Z"),
        ("RFC 3339", "2026-03-02T10:30:00+02:00"),
        ("RFC 3339", "2026-03-02 08:30:00.000000000z"),
        ("RFC 3339 without zone", "2026-03-02T08:30:00"),
        ("RFC 3339 without zone", "2026-03-02T09:30:00.000+01:00"),
        ("epoch seconds", 1772440200),
        ("epoch seconds", 1772440200.0),
        ("epoch milliseconds", 1772440200000),
    ],
)
def test_an_instant_is_read_in_utc(script: Script, instants: str, told: object) -> None:
    read = issued(script, DRAFT | {"issuedAt": told}, api={"instants": instants})
    assert read.issued_at == ISSUED_AT
    assert read.issued_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("instants", "told"),
    [
        *(
            ("RFC 3339", wrong)
            for wrong in ("2026-03-02T08:30:00", "2026-03-02", "now", 1772440200)
        ),
        *each("RFC 3339", ("2026-02-30T08:30:00Z", "2026-03-02T08:30Z", "")),
        ("RFC 3339 without zone", "2026-03-02"),
        *each("epoch seconds", ("1772440200", True, 10**40, -(10**12), 1e35)),
    ],
)
def test_an_instant_in_another_form_is_nonsense(
    script: Script, instants: str, told: object
) -> None:
    words = nonsense(script, DRAFT | {"issuedAt": told}, api={"instants": instants})
    assert words.startswith("issuedAt (issued_at): ")


@pytest.mark.parametrize("missing", ["issuedAt", "paidAt"])
def test_an_instant_may_be_missing(script: Script, missing: str) -> None:
    told = {name: value for name, value in DRAFT.items() if name != missing}
    read = issued(script, told)
    assert (read.issued_at, read.paid_at) == (None, None)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ({"as": "%Y-%m"}, "2026-02", "2026-3"),
        ({"as": "%Y-%m"}, "2026-02-01", "2026-03-01"),
        ({"as": "%Y-%m-%d"}, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ({"as": "epoch seconds"}, "1769904000", "1772323200"),
        ({}, "2026-02-01T00:00:00", "2026-03-01T00:00:00"),
        ({}, "2026-02-01", "2026-03-01"),
        ({}, None, "2026-03-01T00:00:00Z"),
        ({}, "2026-02-01T00:00:00Z", None),
    ],
)
def test_bounds_in_another_form_are_nonsense(
    script: Script, period: dict[str, str], start: object, end: object
) -> None:
    told = DRAFT | {"periodStart": start, "periodEnd": end}
    assert nonsense(script, told, api={"period": period}).startswith("period")


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (
            {"as": "%Y-%m", "whole": "months", "answers": {"as": "%Y-%m-%d", "end": "inclusive"}},
            "2026-02-01",
            "2026-02-28",
        ),
        ({"as": "%Y-%m", "answers": {}}, "2026-02-01T00:00:00Z", "2026-03-01T01:00:00+01:00"),
        ({"as": "%Y-%m-%dT%H:%M:%S"}, "2026-02-01T00:00:00", "2026-03-01T00:00:00"),
    ],
)
def test_answers_may_write_bounds_in_their_own_way(
    script: Script, period: dict[str, Any], start: str, end: str
) -> None:
    told = DRAFT | {"periodStart": start, "periodEnd": end}
    assert issued(script, told, api={"period": period}).period == FEBRUARY


def test_a_period_that_is_another_is_told_as_it_is(script: Script) -> None:
    told = issued(script, DRAFT | {"periodEnd": "2026-02-28T23:59:59Z"})
    assert told.period == Period(FEBRUARY.start, datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC))


NAMES = {
    "id": "id",
    "tenantId": "tenantId (tenant_id)",
    "invoiceNumber": "invoiceNumber (number)",
    "status": "status",
    "periodStart": "periodStart (period_start)",
    "periodEnd": "periodEnd (period_end)",
    "currency": "currency",
    "eventCount": "eventCount (event_count)",
    "recoveredAmount": "recoveredAmount (recovered_amount)",
    "gainShareAmount": "gainShareAmount (gain_share_amount)",
}


@pytest.mark.parametrize("null", [True, False])
@pytest.mark.parametrize("missing", NAMES)
def test_a_fact_that_is_described_must_be_there(
    script: Script, missing: str, *, null: bool
) -> None:
    told = {name: value for name, value in DRAFT.items() if name != missing}
    told |= {missing: None} if null else {}
    assert nonsense(script, told) == f"{NAMES[missing]}: it is missing, or null"


@pytest.mark.parametrize("wrong", ["1", 1.0, 1.5, -1, True, [], {}])
def test_a_count_is_a_whole_number(script: Script, wrong: object) -> None:
    assert nonsense(script, DRAFT | {"eventCount": wrong}).startswith("eventCount (event_count): ")


@pytest.mark.parametrize(
    ("ids", "told", "expected"),
    [
        ("uuid", INVOICE.upper(), INVOICE),
        ("bigint", 7, "7"),
        ("bigint", "7", "7"),
        ("text", "in_1N", "in_1N"),
        ("text", 7, "7"),
    ],
)
def test_an_id_is_read_as_its_row_has_it(
    script: Script, ids: str, told: object, expected: str
) -> None:
    with closing(script.speaking(Reply(DRAFT | {"id": told}), ids={"invoice": ids})) as platform:
        assert platform.issue(TENANT, "7").id == expected


@pytest.mark.parametrize(
    ("ids", "wrong"),
    [
        *each("uuid", ("7", 7, "", True, {})),
        *each("bigint", ("seven", " 7", "1_0", 7.0, "7.0", True, "")),
        *each("text", ("", 7.5, [], True)),
    ],
)
def test_what_is_no_id_is_nonsense(script: Script, ids: str, wrong: object) -> None:
    platform = script.speaking(Reply(DRAFT | {"id": wrong}), ids={"invoice": ids})
    with closing(platform), pytest.raises(PlatformRefused, match="answered nonsense: id: "):
        platform.issue(TENANT, "7")


@pytest.mark.parametrize(
    ("word", "status"), [("open", "DRAFT"), ("sent", "ISSUED"), ("overdue", "ISSUED"), ("x", "x")]
)
def test_a_status_is_told_in_the_gates_words_or_its_own(
    script: Script, word: str, status: str
) -> None:
    words = {"invoice": {"draft": ["open"], "issued": ["sent", "overdue"]}}
    assert issued(script, DRAFT | {"status": word}, words=words).status == status


@pytest.mark.parametrize("wrong", [1, True, ["DRAFT"]])
def test_a_status_is_a_word(script: Script, wrong: object) -> None:
    assert nonsense(script, DRAFT | {"status": wrong}).startswith("status: ")


WORDS = {"words": {"invoice": {"withdrawn": ["VOID"]}}}


@pytest.mark.parametrize(
    ("drafts", "call", "status", "allowed"),
    [
        ("none", "draft", "DRAFT", True),
        ("none", "find", "DRAFT", True),
        ("none", "find", "VOID", True),
        ("none", "draft", None, True),
        ("none", "issue", "ISSUED", False),
        ("none", "issue", None, False),
        ("none", "issue", "VOID", False),
        ("own", "draft", "DRAFT", False),
        ("final", "draft", "DRAFT", False),
    ],
)
@pytest.mark.parametrize("number", [None, ...])
def test_only_a_draft_may_have_no_number(
    script: Script,
    drafts: str,
    call: str,
    status: str | None,
    number: object,
    *,
    allowed: bool,
) -> None:
    told = DRAFT | {"status": status, "invoiceNumber": number}
    told = {name: value for name, value in told.items() if value is not ...}
    changes: dict[str, Any] = {"rules": {"numbers": {"drafts": drafts}}} | WORDS
    changes["api"] = {"invoice": {} if status else {"status": None}}
    with closing(script.speaking(Reply(told), **changes)) as platform:
        calls = {
            "draft": lambda: platform.generate_draft(TENANT, FEBRUARY, "key"),
            "find": lambda: platform.find(TENANT, INVOICE),
            "issue": lambda: platform.issue(TENANT, INVOICE),
        }
        if allowed:
            assert calls[call]().number is None
        else:
            with pytest.raises(PlatformRefused, match=r"invoiceNumber \(number\): it is missing"):
                calls[call]()


ALL_BUT_THE_ID = (
    *("tenant_id", "number", "status", "period_start", "period_end", "issued_at", "paid_at"),
    *("currency", "event_count", "recovered_amount", "gain_share_amount", "lines"),
)


def test_what_is_not_described_is_not_told(script: Script) -> None:
    told = issued(script, DRAFT, api={"invoice": dict.fromkeys(ALL_BUT_THE_ID)})
    assert told == Invoice(INVOICE)
