"""How calls over HTTP end: with an answer, late, with a refusal, or never."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest

from platforms.http import HttpAdapter
from platforms.http.speaking import ATTEMPTS
from platforms.obstacles import Aborted, TurnedAway
from platforms.port import AdminApi, Invoice, PlatformRefused
from runbook.refusals import Rule
from selftests.foreign_api import (
    BILL,
    CALLS,
    DRAFT,
    FEBRUARY,
    INVOICE,
    INVOICES,
    KEY,
    TENANT,
    TOKEN,
    Answer,
    Reply,
    Script,
    aborted,
    calling,
    described,
    free_url,
    playing,
    refused,
    stall,
)


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Script]:
    with playing(tmp_path) as script:
        yield script


REPEATED = ("preview", "draft", "find")
VOID: dict[str, Any] = {
    "api": {"calls": {"void": {"send": "POST /v2/invoices/{invoice}/void"}}},
    "lacks": {"void": None},
}

# How calls end.


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("lost", [None, Reply(b"<html>", 502), Reply({}, 504)], ids=str)
def test_only_what_is_safe_to_repeat_is_repeated(script: Script, name: str, lost: Answer) -> None:
    """What is never answered is nobody's fault: the network's, or the platform's."""
    words = aborted(name, script.speaking(lost, **VOID))
    assert words.startswith(f"the admin API at {script.url} gives no answer: ")
    assert len(script.asked) == (ATTEMPTS if name in REPEATED else 1)
    assert ("3 times over" in words) == (name in REPEATED)
    assert ("done all the same is not known" in words) == (name not in ("preview", "find"))


@pytest.mark.parametrize("name", CALLS)
def test_what_is_answered_is_judged_and_never_asked_again(script: Script, name: str) -> None:
    told = refused(name, script.speaking(Reply({}, 500), **VOID))
    assert (told.code, told.status, told.lost) == ("platform_error", 500, True)
    assert len(script.asked) == 1


def test_a_draft_is_not_repeated_where_keys_are_unknown(script: Script) -> None:
    platform = script.speaking(None, lacks={"idempotency": "no keys"})
    assert "done all the same is not known" in aborted("draft", platform)
    assert len(script.asked) == 1


@pytest.mark.parametrize("name", REPEATED)
def test_a_repeat_says_the_same_as_the_first_call(script: Script, name: str) -> None:
    with closing(script.speaking(None, Reply(DRAFT, 200))) as platform:
        told = CALLS[name](platform)
    first, second = script.asked
    assert first == second
    if isinstance(told, Invoice) and name == "draft":
        assert f"POST {INVOICES} got no answer: RemoteProtocolError" in told.stutter


def test_what_was_lost_once_stays_lost(script: Script) -> None:
    """The last attempt did not even connect; the first may have been worked out."""
    platform = script.speaking(None)
    with closing(platform):
        script.answers = [_hang_up_and_close]
        assert "done all the same is not known" in aborted("draft", platform)


def test_a_repeat_that_is_refused_may_be_refused_for_the_first(script: Script) -> None:
    taken = Reply({"code": "period_overlaps_invoice", "detail": "no"}, 409)
    told = refused("draft", script.speaking(None, taken))
    assert (told.code, told.lost) == ("period_overlaps_invoice", True)


def _hang_up_and_close(handler: BaseHTTPRequestHandler, _: Event) -> None:
    """Answer no later caller."""
    handler.server.server_close()


def test_what_was_never_sent_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    platform = HttpAdapter(described(), AdminApi(free_url(), tmp_path / "token"))
    words = aborted("issue", platform)
    assert f"POST {INVOICES}/{INVOICE}/issue got no answer: ConnectError" in words
    assert "done all the same" not in words


def dribble(what: bytes) -> Callable[[BaseHTTPRequestHandler, Event], None]:
    """Answer a byte now and then, for ever."""

    def answer(handler: BaseHTTPRequestHandler, over: Event) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + what)
        while not over.wait(0.1):
            handler.wfile.write(b"x")

    return answer


@pytest.mark.parametrize(
    "answer",
    [dribble(b"Content-Length: 999999\r\n\r\n"), dribble(b"X-Slow: "), stall],
    ids=["body", "headers", "nothing"],
)
def test_nothing_is_waited_for_without_end(script: Script, answer: Answer) -> None:
    begun = monotonic()
    words = aborted("issue", script.speaking(answer, patience=0.5))
    assert monotonic() - begun < 1.5
    assert f"POST {INVOICES}/{INVOICE}/issue got no answer in 0.5 s" in words


def test_an_answer_without_end_is_cut(script: Script) -> None:
    told = refused("issue", script.speaking(Reply(bytes(17 * 2**20))))
    assert told.message == f"POST {INVOICES}/{INVOICE}/issue answered more than 16 MiB"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(script: Script, status: int) -> None:
    elsewhere = {"Location": f"https://me:{TOKEN}@sso.example:8443/login?back={TOKEN}"}
    words = aborted("draft", script.speaking(Reply(b"", status, "text/html", elsewhere)))
    told = f"is not the API: POST {INVOICES} answered {status} to https://sso.example:8443/login,"
    assert told in words
    assert TOKEN not in words
    assert len(script.asked) == 1


def test_a_redirect_may_be_what_a_call_answers(script: Script) -> None:
    made = Reply(b"", 303, headers={"Location": f"/v2/invoices/{INVOICE}"})
    changes = calling(draft={"send": "POST /v2/invoices", "ok": 303, "then": "find"})
    with closing(script.speaking(made, Reply(DRAFT), **changes)) as platform:
        assert platform.generate_draft(TENANT, FEBRUARY, KEY).id == INVOICE


PAGE = Reply(b"<!doctype html><title>Log in</title>", 200, "text/html; charset=utf-8")


@pytest.mark.parametrize("name", ["preview", "draft", "issue", "find"])
def test_a_page_is_not_the_api(script: Script, name: str) -> None:
    words = aborted(name, script.speaking(PAGE, **VOID))
    assert "is not the API: " in words
    assert "answered 200 with a page (text/html, not JSON)" in words


def test_where_nothing_is_read_a_page_is_as_good_as_any_word(script: Script) -> None:
    with closing(script.speaking(PAGE)) as platform:
        platform.cancel(TENANT, INVOICE)


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_who_was_never_understood_may_not_be_the_api(script: Script, status: int) -> None:
    nobody = Reply({"detail": "none of yours"}, status)
    words = aborted("preview", script.speaking(nobody))
    assert f"POST {INVOICES}/preview answered {status}, none of yours;" in words
    assert ("BILLING_API_TOKEN" if status in (401, 403) else "BILLING_API_URL") in words


@pytest.mark.parametrize("status", [403, 404, 405])
def test_who_was_understood_is_judged_by_what_it_answers(script: Script, status: int) -> None:
    with closing(script.speaking(Reply(BILL), Reply({}, status))) as platform:
        CALLS["preview"](platform)
        assert refused("draft", platform).status == status


def test_a_token_that_is_refused_later_is_refused(script: Script) -> None:
    with closing(script.speaking(Reply(BILL), Reply({}, 401))) as platform:
        CALLS["preview"](platform)
        assert "refuses the token" in aborted("draft", platform)


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_had_nothing_done(script: Script, status: int) -> None:
    with closing(script.speaking(Reply({}, status))) as platform, pytest.raises(TurnedAway):
        CALLS["draft"](platform)


@pytest.mark.parametrize(
    "answers",
    [(None, Reply({}, 401)), (Reply({}, 503, headers={"Retry-After": "0"}), Reply({}, 401))],
    ids=["whose first call was lost", "whom 503 told to come again"],
)
def test_who_is_not_let_in_may_have_had_it_done_before(
    script: Script, answers: tuple[Reply | None, ...]
) -> None:
    with closing(script.speaking(*answers)) as platform, pytest.raises(Aborted) as aborted:
        CALLS["draft"](platform)
    assert not isinstance(aborted.value, TurnedAway)


# How long who is busy is waited for.


def busy(status: int, wait: str = "") -> Reply:
    return Reply({"detail": "slow down"}, status, headers={"Retry-After": wait} if wait else {})


def in_seconds(number: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=number), usegmt=True)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "turned_away",
    [busy(429, "0"), busy(503, "0"), busy(503, in_seconds(-60))],
    ids=["429", "503", "a date"],
)
def test_who_asks_to_wait_is_asked_again(script: Script, name: str, turned_away: Reply) -> None:
    done = Reply(BILL if name == "preview" else DRAFT, 200)
    with closing(script.speaking(turned_away, turned_away, done, **VOID)) as platform:
        told = CALLS[name](platform)
    assert len(script.asked) == 3
    assert not isinstance(told, Invoice) or told.stutter == ""


@pytest.mark.parametrize(
    ("turned_away", "asked"),
    [
        (busy(429), ""),
        (busy(429, "soon"), ""),
        (busy(429, "3600"), " and asks to wait 3600 s"),
        (busy(503, "9" * 400), " and asks to wait 999999999 s"),
        (busy(503, in_seconds(86400)), " and asks to wait 8[56]... s"),
    ],
    ids=["no word", "no number", "an hour", "for ever", "a day"],
)
def test_nobody_waits_longer_than_a_call_may_take(
    script: Script, turned_away: Reply, asked: str
) -> None:
    begun = monotonic()
    words = aborted("issue", script.speaking(turned_away, patience=0.5))
    assert monotonic() - begun < 1
    said = f"POST {INVOICES}/{INVOICE}/issue answered {turned_away.status}: slow down"
    assert re.search(f"turns the call away: {said}{asked}; .* longer than the 0.5 s", words)
    assert len(script.asked) == 1


def test_who_is_refused_after_503_may_be_refused_for_what_was_done(script: Script) -> None:
    issued = Reply({"code": "invoice_is_not_draft", "detail": "it is ISSUED"}, 409)
    words = aborted("issue", script.speaking(busy(503, "0"), issued))
    assert "answered 503: slow down, and then it is ISSUED" in words
    assert "done all the same is not known" in words
    told = refused("issue", script.speaking(busy(429, "0"), issued))
    assert told.code == "invoice_is_not_draft"


def test_what_may_have_been_done_is_not_done_again(script: Script) -> None:
    """503 alone does not say that nothing was done."""
    words = aborted("issue", script.speaking(busy(503)))
    assert "done all the same is not known" in words
    assert len(script.asked) == 1


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
def test_what_is_not_encrypted_goes_through_no_proxy(
    script: Script, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, free_url())
    with closing(script.speaking(Reply(BILL))) as platform:
        CALLS["preview"](platform)
    assert len(script.asked) == 1


def test_a_call_that_is_not_described_is_not_made(script: Script) -> None:
    told = refused("void", script.speaking(Reply(DRAFT)))
    assert told.message == "the API has no call for void"


# What is accepted and done later.

POLL = {
    "send": "GET /v2/jobs/{job}",
    "job": "job_id",
    "done": "state == 'done'",
    "failed": "state == 'failed'",
    "seconds": 0.5,
    "every": 0.01,
}
LATER = calling(draft={"send": "POST /v2/invoices", "ok": 201, "poll": POLL})
PENDING = Reply({"job_id": 17, "state": "queued"})
ACCEPTED = Reply({"job_id": 17}, 202)


def test_what_is_done_later_is_asked_for_until_it_is(script: Script) -> None:
    done = Reply(DRAFT | {"state": "done"})
    with closing(script.speaking(ACCEPTED, PENDING, Reply(b"", 503), done, **LATER)) as platform:
        draft = platform.generate_draft(TENANT, FEBRUARY, KEY)
    assert (draft.id, draft.status, draft.stutter) == (INVOICE, "DRAFT", "")
    assert script.calls == ["POST /v2/invoices", *["GET /v2/jobs/17"] * 3]


def test_what_is_done_at_once_is_not_asked_for(script: Script) -> None:
    with closing(script.speaking(Reply(DRAFT, 201), **LATER)) as platform:
        platform.generate_draft(TENANT, FEBRUARY, KEY)
    assert len(script.asked) == 1


def test_a_job_may_be_told_by_its_address(script: Script) -> None:
    poll = POLL | {"job": None}
    poll = {name: value for name, value in poll.items() if value is not None}
    accepted = Reply(b"", 202, headers={"Location": "https://api.example/v2/jobs/a%2Fb/?x=y"})
    done = Reply(DRAFT | {"state": "done"})
    changes = calling(draft={"send": "POST /v2/invoices", "poll": poll})
    with closing(script.speaking(accepted, done, **changes)) as platform:
        platform.generate_draft(TENANT, FEBRUARY, KEY)
    assert script.calls[1] == "GET /v2/jobs/a%2Fb"


@pytest.mark.parametrize(
    ("answer", "code", "words", "lost"),
    [
        (PENDING, "platform_error", "was accepted, and after 0.5 s it is not done", True),
        (Reply(b"", 500), "platform_error", "GET /v2/jobs/17 answered 500", True),
        (Reply(b"", 404), "platform_error", "GET /v2/jobs/17 answered 404", True),
        (Reply(b"soon"), "platform_error", "answered nonsense: the body", True),
        (Reply({"state": "failed"}), "platform_error", "told that it failed", False),
        (Reply({"state": "failed", "code": "no_billable_events"}), "no_billable_events", "", False),
        (Reply({"state": "failed", "code": "OTHER", "detail": "x"}), "OTHER", "x", False),
    ],
)
def test_what_is_never_done_is_refused(
    script: Script, answer: Reply, code: str, words: str, *, lost: bool
) -> None:
    told = refused("draft", script.speaking(ACCEPTED, answer, **LATER))
    assert (told.code, told.lost) == (code, lost)
    assert words in told.message
    assert script.calls.count("POST /v2/invoices") == 1
    assert told.rules == ({Rule.NO_BILLABLE_EVENTS} if code == "no_billable_events" else set())


def test_202_without_a_place_to_ask_is_no_answer(script: Script) -> None:
    told = refused("draft", script.speaking(ACCEPTED))
    assert told.message == (
        f"POST {INVOICES} answered 202, to be done later, and the description names no place to "
        f"poll: say where with poll in [api.calls], so that it can be judged"
    )
    assert told.lost


@pytest.mark.parametrize("answer", [Reply(b"", 503), busy(429, "0"), None], ids=str)
def test_whose_job_is_never_answered_for_aborts(script: Script, answer: Answer) -> None:
    words = aborted("draft", script.speaking(ACCEPTED, answer, **LATER))
    assert "POST /v2/invoices was accepted, and after 0.5 s GET /v2/jobs/17 " in words
    assert "done all the same is not known" in words
    assert script.calls.count("POST /v2/invoices") == 1


THEN_FIND = calling(
    draft={"send": "POST /v2/invoices", "ok": 201, "then": "find"},
    issue={"send": "POST /v2/invoices/{invoice}/send", "ok": 204, "then": "find"},
    find={"send": "GET /v2/invoices/{invoice}"},
)


@pytest.mark.parametrize(
    "made",
    [
        Reply({"id": INVOICE}, 201),
        Reply(b"", 201, headers={"Location": f"/v2/invoices/{INVOICE}"}),
    ],
)
def test_facts_may_come_from_another_call(script: Script, made: Reply) -> None:
    issued = Reply(DRAFT | {"status": "ISSUED"})
    answers = [made, Reply(DRAFT), Reply(b"", 204), issued]
    with closing(script.speaking(*answers, **THEN_FIND)) as platform:
        draft = platform.generate_draft(TENANT, FEBRUARY, KEY)
        assert (draft.id, draft.status) == (INVOICE, "DRAFT")
        assert platform.issue(TENANT, INVOICE).status == "ISSUED"
    assert script.calls[1::2] == [f"GET /v2/invoices/{INVOICE}"] * 2


def test_what_was_done_and_cannot_be_read_is_no_refusal_of_it(script: Script) -> None:
    gone = Reply({"code": "invoice_not_found", "detail": "gone"}, 404)
    told = refused("draft", script.speaking(Reply({"id": INVOICE}, 201), gone, **THEN_FIND))
    assert (told.code, told.rules) == ("platform_error", frozenset())
    assert told.message == "POST /v2/invoices was done, and cannot be read: gone"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (Reply({"uuid": INVOICE}, 201), "id: it is missing"),
        (Reply(b"", 201, headers={"Location": "/v2/invoices/new"}), "Location: .* is no uuid"),
        (Reply(b"", 201), "the body: it is empty"),
    ],
)
def test_without_an_id_there_is_nothing_to_find(script: Script, made: Reply, words: str) -> None:
    platform = script.speaking(made, **THEN_FIND)
    with closing(platform), pytest.raises(PlatformRefused, match=f"answered nonsense: {words}"):
        platform.generate_draft(TENANT, FEBRUARY, KEY)
    assert len(script.asked) == 1


# What a refusal means.

OVERLAPS = {Rule.PERIOD_OVERLAPS_INVOICE}
SEVERAL = {Rule.INVOICE_IS_NOT_DRAFT, Rule.INVOICE_IS_NOT_ISSUED}
NOT_FOUND = {Rule.INVOICE_NOT_FOUND}
NESTED = {"error": {"code": "error.code", "message": "error.message"}}


def status_alone(status: int | list[int], **more: Any) -> dict[str, Any]:
    return {"status": status, "code": None, **more}


@pytest.mark.parametrize(
    ("call", "changes", "answer", "code", "rules"),
    [
        # problem details, as of RFC 9457
        (
            "draft",
            {},
            Reply(
                {"code": "period_overlaps_invoice", "detail": "no"}, 409, "application/problem+json"
            ),
            "period_overlaps_invoice",
            OVERLAPS,
        ),
        # {error: {code, message}}, in the platform's own words
        (
            "draft",
            {
                "api": NESTED,
                "refusals": {"period_overlaps_invoice": {"status": 422, "code": "MONTH_TAKEN"}},
            },
            Reply({"error": {"code": "MONTH_TAKEN", "message": "no"}}, 422),
            "period_overlaps_invoice",
            OVERLAPS,
        ),
        # one code for several rules, told apart by nothing, or by the call
        (
            "issue",
            {
                "refusals": {
                    "invoice_is_not_draft": {"code": "BAD_STATE"},
                    "invoice_is_not_issued": {"code": "BAD_STATE"},
                }
            },
            Reply({"code": "BAD_STATE", "detail": "no"}, 409),
            "invoice_is_not_draft or invoice_is_not_issued",
            SEVERAL,
        ),
        (
            "issue",
            {
                "refusals": {
                    "invoice_is_not_draft": {"code": "BAD_STATE", "calls": ["issue", "cancel"]},
                    "invoice_is_not_issued": {"code": "BAD_STATE", "calls": ["mark_paid"]},
                }
            },
            Reply({"code": "BAD_STATE", "detail": "no"}, 409),
            "invoice_is_not_draft",
            {Rule.INVOICE_IS_NOT_DRAFT},
        ),
        # a status alone
        (
            "issue",
            {"refusals": {"invoice_is_not_draft": status_alone(412, calls=["issue"])}},
            Reply(b"no", 412, "text/plain"),
            "invoice_is_not_draft",
            {Rule.INVOICE_IS_NOT_DRAFT},
        ),
        # 400 for 409, 403 for 404
        (
            "draft",
            {"refusals": {"period_overlaps_invoice": {"status": 400}}},
            Reply({"code": "period_overlaps_invoice", "detail": "no"}, 400),
            "period_overlaps_invoice",
            OVERLAPS,
        ),
        (
            "issue",
            {"refusals": {"invoice_not_found": status_alone([403, 404])}},
            Reply(b"", 403),
            "invoice_not_found",
            NOT_FOUND,
        ),
        # codes that are numbers, one of several codes, and a 500 that is described
        (
            "issue",
            {"refusals": {"invoice_not_found": {"code": ["1404", "1405"]}}},
            Reply({"code": 1405, "detail": "no"}, 404),
            "invoice_not_found",
            NOT_FOUND,
        ),
        (
            "issue",
            {"refusals": {"invoice_not_found": {"status": 500}}},
            Reply({"code": "invoice_not_found", "detail": "no"}, 500),
            "invoice_not_found",
            NOT_FOUND,
        ),
    ],
)
def test_a_refusal_means_the_rules_that_are_described(
    script: Script,
    call: str,
    changes: dict[str, Any],
    answer: Reply,
    code: str,
    rules: set[Rule],
) -> None:
    told = refused(call, script.speaking(answer, **changes))
    assert (told.code, set(told.rules), told.status) == (code, rules, answer.status)
    assert told.message in ("no", f"POST {INVOICES}/{INVOICE}/issue answered {answer.status}")
    assert (told.lost, len(script.asked)) == (False, 1)


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (
            Reply({"code": "invoice_is_not_draft", "detail": "no"}, 400),
            "invoice_is_not_draft with 400, not 409",
            "no",
        ),
        (Reply({"code": "too_many", "detail": "slow\ndown"}, 418), "too_many", "slow down"),
        (Reply({"code": "too_many"}, 418), "too_many", "issue answered 418"),
        (Reply({"detail": "slow down"}, 418), "platform_error", "slow down"),
        (Reply(b"slow down", 418, "text/plain"), "platform_error", "issue answered 418"),
        (Reply({"code": ["no"], "detail": {}}, 409), "platform_error", "issue answered 409"),
        (Reply([], 409), "platform_error", "issue answered 409"),
        (Reply({"code": "", "detail": "no"}, 409), "platform_error", "no"),
    ],
)
def test_a_refusal_that_fits_no_rule_means_none(
    script: Script, answer: Reply, code: str, message: str
) -> None:
    told = refused("issue", script.speaking(answer))
    assert (told.code, told.rules, told.lost) == (code, frozenset(), False)
    assert told.message.endswith(message)


def test_a_misfit_may_be_of_several_rules_and_statuses(script: Script) -> None:
    refusals = {
        "invoice_is_not_draft": {"status": [409, 422], "code": "BAD"},
        "invoice_is_not_issued": {"status": 410, "code": "BAD"},
    }
    told = refused("issue", script.speaking(Reply({"code": "BAD"}, 400), refusals=refusals))
    assert told.code == (
        "invoice_is_not_draft with 400, not 409 or 422 or invoice_is_not_issued with 400, not 410"
    )
