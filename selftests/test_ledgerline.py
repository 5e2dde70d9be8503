"""The foreign platform is right: what is judged with it must not fail for its own sake.

Goal: a bill exact to the cent, a life told right, refusals that write nothing, also where two call
at once. Method: a real server, asked over HTTP; its rows are read by SQL.
"""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from selftests.faults import catalogue
from selftests.faults.catalogue import Fault
from selftests.faults.ledgerline.tenants import BUSY, TENANTS
from selftests.gate import PROJECT, environment
from selftests.platforms.ledgerline import staging
from selftests.platforms.ledgerline.fixtures import MODULE, Caller, refusal, serving, starting
from selftests.platforms.ledgerline.queries import queries
from selftests.platforms.ledgerline.staging import Ledger
from selftests.warm import run_module

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]

PLATFORM = Path(staging.__file__).parent
FAULTS = Path(catalogue.__file__).with_name("ledgerline")
NO_FAULTS = ("__init__", "tenants")
UNKNOWN = 999_999_999
BARRIER_SECONDS = 20


@pytest.fixture
def ledger(shared_ledger: Ledger) -> Ledger:
    """The ledger that the server bills from."""
    return shared_ledger


@pytest.fixture
def api(ledgerline_api: Caller) -> Caller:
    """A caller of that server."""
    return ledgerline_api


@pytest.fixture
def account(ledger: Ledger) -> int:
    """An account at 25 % with 1200.50, 875.25 and 390.00 USD to bill in February."""
    account_id = ledger.account()
    for amount_cents in (120_050, 87_525, 39_000):
        ledger.finding(account_id, amount_cents)
    return account_id


def data(response: httpx.Response) -> dict[str, Any]:
    """Return the invoice in an answer."""
    assert response.is_success, response.text
    told: dict[str, Any] = response.json()["data"]
    return told


def drafted(api: Caller, account_id: int, month: str = "2026-02") -> int:
    """Make a draft and return its id."""
    return int(data(api.draft(account_id, month))["id"])


def sent(api: Caller, account_id: int, month: str = "2026-02") -> int:
    """Send an invoice and return its id."""
    invoice_id = drafted(api, account_id, month)
    assert api.send(account_id, invoice_id).status_code == 200
    return invoice_id


def fees(api: Caller, account_id: int) -> list[int]:
    """Make a draft and return its fees."""
    return [item["fee_cents"] for item in data(api.draft(account_id))["items"]]


def demand_refusal(
    ledger: Ledger, call: Callable[[], httpx.Response], status: int, code: str
) -> None:
    """Fail unless the call is refused by that name, and writes nothing."""
    before = ledger.rows()
    assert refusal(call()) == (status, code)
    assert ledger.rows() == before


# What a bill is made of.


def test_a_draft_bills_every_finding_by_itself(api: Caller, account: int) -> None:
    draft = data(api.draft(account))
    assert [item["recovered_cents"] for item in draft["items"]] == [120_050, 87_525, 39_000]
    assert [item["fee_cents"] for item in draft["items"]] == [30_013, 21_881, 9_750]
    assert draft["total_cents"] == 61_644
    told = {name: draft[name] for name in ("account_id", "number", "state", "month", "currency")}
    assert told == {
        "account_id": account,
        "number": None,
        "state": "draft",
        "month": "2026-02",
        "currency": "usd",
    }
    assert draft["sent_at"] is draft["settled_at"] is None
    assert data(api.find(account, draft["id"])) == draft


@pytest.mark.parametrize(
    ("rate_percent", "amount_cents", "fee_cents"),
    [
        ("25", 2, 1),
        ("25", -2, -1),
        ("25", 6, 2),
        ("25", -6, -2),
        ("25", 1, 0),
        ("25", -3, -1),
        ("25", 0, 0),
        ("35", 70, 25),  # 24.5, of which binary fractions make less
        ("35", -70, -25),
        ("17.5", 2_437, 426),  # 426.475, which rounded twice is 427
        ("33.3333", 30_000, 10_000),  # 9999.99
        ("0.0001", 500_000, 1),
        ("100", 9_223_372_036_854_775_807, 9_223_372_036_854_775_807),
        ("25", 8_888_888_888_888_889_002, 2_222_222_222_222_222_251),
        ("0", 12_345, 0),
    ],
)
def test_fees_are_rounded_half_away_from_zero(
    ledger: Ledger, api: Caller, rate_percent: str, amount_cents: int, fee_cents: int
) -> None:
    account_id = ledger.account(rate_percent)
    ledger.finding(account_id, amount_cents)
    assert fees(api, account_id) == [fee_cents]


def test_only_what_was_recovered_in_the_month_is_billed(ledger: Ledger, api: Caller) -> None:
    account_id, neighbour = ledger.account(), ledger.account()
    ledger.finding(neighbour)
    ledger.finding(account_id, 100, "2026-01-31T23:59:59.999999+00:00")
    first = ledger.finding(account_id, 200, "2026-02-01T00:00:00+00:00")
    last = ledger.finding(account_id, 300, "2026-02-28T23:59:59.999999+00:00")
    ledger.finding(account_id, 400, "2026-03-01T00:00:00+00:00")
    ledger.finding(account_id, state="identified")
    ledger.finding(account_id, state="rejected")
    ledger.finding(account_id, deleted_at="2026-02-11T00:00:00+00:00")
    billed = ledger.finding(account_id)
    ledger.invoice(account_id, "2026-01", [billed], "sent")
    freed = ledger.finding(account_id, 500, "2026-02-28T23:59:59.999999+00:00")
    ledger.invoice(account_id, "2026-01", [freed], "void")
    items = data(api.draft(account_id))["items"]
    assert [item["finding_id"] for item in items] == [first, last, freed]


def test_december_ends_with_the_year(ledger: Ledger, api: Caller) -> None:
    account_id = ledger.account()
    ledger.finding(account_id, 100, "2026-12-31T23:59:59.999999+00:00")
    ledger.finding(account_id, 200, "2027-01-01T00:00:00+00:00")
    assert data(api.draft(account_id, "2026-12"))["total_cents"] == 25


def test_the_contract_of_the_first_day_gives_the_rate(ledger: Ledger, api: Caller) -> None:
    account_id = ledger.account(rate_percent=None)
    ledger.contract(account_id, "20", "2025-01-01", "2026-02-01")
    ledger.contract(account_id, "25", "2026-02-01", "2026-02-02")
    ledger.contract(account_id, "30", "2026-02-02")
    ledger.finding(account_id, 1_000, "2026-02-20T12:00:00+00:00")
    assert fees(api, account_id) == [250]


# Its life.


def test_an_invoice_lives_from_draft_to_paid(ledger: Ledger, api: Caller, account: int) -> None:
    before = ledger.count("audit_log", "outbox", "payments")
    draft = data(api.draft(account))
    issued = data(api.send(account, draft["id"]))
    assert (issued["state"], issued["settled_at"]) == ("sent", None)
    assert issued["number"].startswith("LL-2026-")
    answer = api.pay(account, draft["id"], 61_644)
    paid = data(answer)
    assert answer.status_code == 201
    assert (paid["state"], paid["number"]) == ("paid", issued["number"])
    assert draft["created_at"] < issued["sent_at"] == paid["sent_at"] < paid["settled_at"]
    assert paid["items"] == draft["items"]
    assert paid["total_cents"] == draft["total_cents"]
    after = ledger.count("audit_log", "outbox", "payments")
    assert [now - then for now, then in zip(after, before, strict=True)] == [3, 3, 1]


@pytest.mark.parametrize("state", ["sent", "overdue"])
def test_an_overdue_invoice_is_paid_or_taken_back_like_one_that_was_sent(
    ledger: Ledger, api: Caller, account: int, state: str
) -> None:
    invoice_id = sent(api, account)
    queries.set_invoice_state(ledger.connection, invoice_id=invoice_id, state=state)
    assert data(api.void(account, invoice_id))["state"] == "void"
    second = sent(api, account)
    queries.set_invoice_state(ledger.connection, invoice_id=second, state=state)
    assert data(api.pay(account, second, 61_644))["state"] == "paid"


def test_a_deleted_draft_stays_on_record_and_bills_nothing(api: Caller, account: int) -> None:
    draft = data(api.draft(account))
    deleted = api.delete(account, draft["id"])
    assert (deleted.status_code, deleted.content) == (204, b"")
    kept = data(api.find(account, draft["id"]))
    assert kept == draft | {"state": "void"}
    again = data(api.draft(account))
    assert again["id"] != draft["id"]
    assert again["items"] == draft["items"]


def test_a_voided_invoice_keeps_its_number_and_frees_its_month(api: Caller, account: int) -> None:
    first = data(api.find(account, sent(api, account)))
    voided = data(api.void(account, first["id"]))
    assert voided == first | {"state": "void"}
    second = data(api.find(account, sent(api, account)))
    assert second["items"] == first["items"]
    assert second["number"] > first["number"]


def test_numbers_have_no_gap_in_a_year_over_all_accounts(ledger: Ledger, api: Caller) -> None:
    accounts = [ledger.account() for _ in range(3)]
    months = ("2031-11", "2031-12", "2032-01")
    numbers = []
    for month in months:
        for account_id in accounts:
            ledger.finding(account_id, happened_at=f"{month}-10T12:00:00+00:00")
            deleted = drafted(api, account_id, month)
            assert api.delete(account_id, deleted).status_code == 204
            invoice_id = drafted(api, account_id, month)
            assert refusal(api.pay(account_id, invoice_id, 2_500)) == (409, "BAD_STATE")
            numbers.append(data(api.send(account_id, invoice_id))["number"])
    assert numbers == [
        *(f"LL-2031-{count:06}" for count in range(1, 7)),
        *(f"LL-2032-{count:06}" for count in range(1, 4)),
    ]


# What is refused writes nothing.


@pytest.mark.parametrize("state", ["draft", "sent", "overdue", "paid"])
def test_a_month_with_an_invoice_is_taken(ledger: Ledger, api: Caller, state: str) -> None:
    account_id = ledger.account()
    ledger.invoice(account_id, "2026-02", [ledger.finding(account_id)], state)
    ledger.finding(account_id)
    demand_refusal(ledger, lambda: api.draft(account_id), 422, "MONTH_TAKEN")


def test_without_findings_or_contract_there_is_no_draft(ledger: Ledger, api: Caller) -> None:
    account_id = ledger.account(rate_percent=None)
    demand_refusal(ledger, lambda: api.draft(account_id), 422, "NOTHING_TO_BILL")
    ledger.finding(account_id)
    ledger.contract(account_id, "25", "2026-02-02")
    demand_refusal(ledger, lambda: api.draft(account_id), 422, "NO_CONTRACT")


@pytest.mark.parametrize("state", ["frozen", "closed"])
def test_only_active_accounts_are_billed(
    ledger: Ledger, api: Caller, account: int, state: str
) -> None:
    invoice_id = drafted(api, account)
    queries.set_account_state(ledger.connection, account_id=account, state=state)
    demand_refusal(ledger, lambda: api.draft(account, "2026-03"), 409, "BAD_STATE")
    demand_refusal(ledger, lambda: api.send(account, invoice_id), 409, "BAD_STATE")
    queries.set_account_state(ledger.connection, account_id=account, state="trial")
    assert data(api.send(account, invoice_id))["state"] == "sent"


def test_every_call_wants_its_state(ledger: Ledger, api: Caller, account: int) -> None:
    invoice_id = drafted(api, account)
    calls = {
        "delete": lambda: api.delete(account, invoice_id),
        "send": lambda: api.send(account, invoice_id),
        "pay": lambda: api.pay(account, invoice_id, 61_644),
        "void": lambda: api.void(account, invoice_id),
    }

    def demand_only(*allowed: str) -> None:
        for name, call in calls.items():
            if name not in allowed:
                demand_refusal(ledger, call, 409, "BAD_STATE")

    demand_only("delete", "send")
    calls["send"]()
    demand_only("pay", "void")
    calls["void"]()
    demand_only()
    invoice_id = sent(api, account)
    calls["pay"]()
    demand_only()


def test_a_payment_is_the_total(ledger: Ledger, api: Caller, account: int) -> None:
    invoice_id = sent(api, account)
    for amount_cents in (61_643, 61_645, 0, -61_644):
        demand_refusal(
            ledger,
            lambda wrong=amount_cents: api.pay(account, invoice_id, wrong),  # type: ignore[misc]
            422,
            "WRONG_AMOUNT",
        )


@pytest.mark.parametrize("call", ["find", "delete", "send", "void"])
def test_another_accounts_invoice_is_not_found(
    ledger: Ledger, api: Caller, account: int, call: str
) -> None:
    invoice_id = drafted(api, account)
    stranger = ledger.account()
    for account_id, id in ((stranger, invoice_id), (UNKNOWN, invoice_id), (account, UNKNOWN)):
        demand_refusal(
            ledger,
            lambda whose=account_id, which=id: getattr(api, call)(whose, which),  # type: ignore[misc]
            404,
            "NOT_FOUND",
        )
    demand_refusal(ledger, lambda: api.pay(stranger, invoice_id, 61_644), 404, "NOT_FOUND")


def test_an_account_that_is_not_there_is_not_found(ledger: Ledger, api: Caller) -> None:
    demand_refusal(ledger, lambda: api.draft(UNKNOWN), 404, "NOT_FOUND")


STALE: dict[str, Callable[[Ledger, int, int], object]] = {
    "a finding came": lambda ledger, account_id, _: ledger.finding(account_id, 1),
    "a finding was deleted": lambda ledger, _, finding_id: queries.delete_softly(
        ledger.connection, finding_id=finding_id
    ),
    "an amount changed": lambda ledger, _, finding_id: queries.set_amount(
        ledger.connection, finding_id=finding_id, amount_cents=10_001
    ),
    "the rate changed": lambda ledger, account_id, _: queries.set_rate(
        ledger.connection, account_id=account_id, rate_percent=Decimal("25.0001")
    ),
}


@pytest.mark.parametrize("what", STALE)
def test_a_stale_draft_is_not_sent(ledger: Ledger, api: Caller, what: str) -> None:
    account_id = ledger.account()
    _, finding_id = ledger.finding(account_id), ledger.finding(account_id)
    invoice_id = drafted(api, account_id)
    STALE[what](ledger, account_id, finding_id)
    demand_refusal(ledger, lambda: api.send(account_id, invoice_id), 409, "BAD_STATE")
    assert api.delete(account_id, invoice_id).status_code == 204
    assert data(api.find(account_id, sent(api, account_id)))["state"] == "sent"


@pytest.mark.parametrize("key", ["", "wrong"])
def test_nobody_is_let_in_without_the_key(
    ledger: Ledger, api: Caller, account: int, key: str
) -> None:
    invoice_id = drafted(api, account)
    url = str(api.send_request("GET", "/health").url.join("/"))
    with Caller(url, key) as stranger:
        for call in (stranger.find, stranger.delete, stranger.send, stranger.void):
            demand_refusal(
                ledger,
                lambda call=call: call(account, invoice_id),  # type: ignore[misc]
                401,
                "UNAUTHORIZED",
            )
        demand_refusal(ledger, lambda: stranger.draft(account), 401, "UNAUTHORIZED")
        assert stranger.send_request("GET", "/health").json() == {"version": "7.3.1"}


@pytest.mark.parametrize(
    "body",
    [
        {"account_id": "1", "month": "2026-02"},
        {"account_id": 1, "month": "2026-13"},
        {"account_id": 1, "month": "2026-02-01"},
        {"account_id": 1},
        {"account_id": 1, "month": "2026-02", "preview": True},
        [],
    ],
)
def test_what_cannot_be_read_is_refused(api: Caller, body: object) -> None:
    answer = api.send_request("POST", "/v2/invoices", json=body)
    assert refusal(answer) == (400, "BAD_REQUEST")


# Two at once.


def at_once(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """Make every call in a thread of its own, all at one moment."""
    barrier = Barrier(len(calls))

    def start(call: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait(BARRIER_SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(start, calls))


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_one_of_many_drafts_is_made(ledger: Ledger, api: Caller, account: int) -> None:
    answers = at_once(*[lambda: api.draft(account)] * 4)
    assert statuses(answers) == {201: 1, 422: 3}
    assert {refusal(answer)[1] for answer in answers if answer.is_error} == {"MONTH_TAKEN"}


@pytest.mark.parametrize("call", ["send", "delete", "void", "pay"])
def test_what_is_done_once_is_done_by_one(
    ledger: Ledger, api: Caller, account: int, call: str
) -> None:
    invoice_id = drafted(api, account) if call in ("send", "delete") else sent(api, account)
    amount = (61_644,) if call == "pay" else ()
    before = ledger.count("audit_log", "outbox", "payments")
    answers = at_once(*[lambda: getattr(api, call)(account, invoice_id, *amount)] * 4)
    assert sorted(answer.is_success for answer in answers) == [False, False, False, True]
    assert {refusal(answer) for answer in answers if answer.is_error} == {(409, "BAD_STATE")}
    after = ledger.count("audit_log", "outbox", "payments")
    done = [now - then for now, then in zip(after, before, strict=True)]
    assert done == [1, 1, int(call == "pay")]


def test_who_waits_for_an_account_sees_what_the_first_one_did(
    ledger: Ledger, api: Caller, account: int
) -> None:
    with ThreadPoolExecutor() as pool:
        with ledger.held(account):
            waiting = [pool.submit(api.draft, account) for _ in range(2)]
            ledger.wait_for(2)
        answers = [answer.result() for answer in waiting]
    assert statuses(answers) == {201: 1, 422: 1}


def test_accounts_that_are_sent_at_once_leave_no_gap(ledger: Ledger, api: Caller) -> None:
    month = "2033-05"
    accounts = [ledger.account() for _ in range(6)]
    for account_id in accounts:
        ledger.finding(account_id, happened_at=f"{month}-10T12:00:00+00:00")
    drafts = [(account_id, drafted(api, account_id, month)) for account_id in accounts]
    with ThreadPoolExecutor() as pool:
        with ledger.counters_held():
            waiting = [pool.submit(api.send, *draft) for draft in drafts]
            ledger.wait_for(len(drafts))
        numbers = sorted(data(answer.result())["number"] for answer in waiting)
    assert numbers == [f"LL-2033-{count:06}" for count in range(1, 7)]


def test_a_finding_is_billed_by_one_invoice_at_a_time(ledger: Ledger, api: Caller) -> None:
    account_id = ledger.account()
    finding_id = ledger.finding(account_id)
    for _ in range(3):
        draft = data(api.draft(account_id))
        assert [item["finding_id"] for item in draft["items"]] == [finding_id]
        api.delete(account_id, draft["id"])


# What the database itself keeps.


def test_a_billed_finding_cannot_be_deleted(ledger: Ledger, api: Caller) -> None:
    account_id = ledger.account()
    finding_id = ledger.finding(account_id)
    api.delete(account_id, drafted(api, account_id))
    with pytest.raises(Exception, match="violates foreign key constraint"):
        queries.delete_finding(ledger.connection, finding_id=finding_id)


def test_a_change_is_told_by_the_row(ledger: Ledger) -> None:
    finding_id = ledger.finding(ledger.account())
    instants = [queries.touched(ledger.connection, finding_id=finding_id)]
    for amount_cents in (1, 1):
        queries.set_amount(ledger.connection, finding_id=finding_id, amount_cents=amount_cents)
        instants.append(queries.touched(ledger.connection, finding_id=finding_id))
    assert all(earlier < later for earlier, later in pairwise(instants))


# The process.


def test_the_calls_are_described(api: Caller) -> None:
    paths = api.send_request("GET", "/openapi.json").json()["paths"]
    assert sorted(paths) == [
        "/health",
        "/v2/invoices",
        "/v2/invoices/{id}",
        "/v2/invoices/{id}/payments",
        "/v2/invoices/{id}/send",
        "/v2/invoices/{id}/void",
    ]


def test_what_django_refuses_has_the_same_shape(api: Caller) -> None:
    assert refusal(api.send_request("GET", "/nowhere")) == (404, "NOT_FOUND")
    wrong = api.send_request("PUT", "/v2/invoices")
    assert refusal(wrong) == (405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["Allow"] == "POST"


def test_a_server_ends_when_it_is_told_to(shared_ledger: Ledger) -> None:
    with serving(shared_ledger.conninfo) as server:
        assert httpx.get(f"{server.url}/health", trust_env=False).status_code == 200
        assert server.stop() == (0, "", "")


@pytest.mark.parametrize(
    ("env", "code", "words"),
    [
        ({"LEDGERLINE_API_KEY": ""}, 4, "LEDGERLINE_API_KEY is not set"),
        ({"DATABASE_URL": ""}, 4, "DATABASE_URL names no database"),
        ({"DATABASE_URL": "nonsense"}, 4, "DATABASE_URL cannot be read"),
        ({"DATABASE_URL": "host=/nowhere dbname=x"}, 2, "the database cannot be reached"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    shared_ledger: Ledger, env: dict[str, str], code: int, words: str
) -> None:
    with starting(shared_ledger.conninfo, "--port=0", **env) as server:
        ended, out, err = server.ended()
    assert (ended, out) == (code, "")
    assert err.startswith(f"ledgerline: {words}")
    assert len(err.splitlines()) == 1


def test_the_migrations_make_what_the_models_say(shared_ledger: Ledger) -> None:
    given = {"DATABASE_URL": shared_ledger.conninfo, "DJANGO_SETTINGS_MODULE": f"{MODULE}.settings"}
    env = environment(given)
    asked = ["makemigrations", "--check", "--dry-run"]
    ended = run_module("django", asked, PROJECT, env, 30)
    assert (ended.code, ended.out) == (0, "No changes detected\n")


def test_the_platform_knows_nothing_of_the_gate() -> None:
    for path in PLATFORM.rglob("*.py"):
        names = re.findall(r"^(?:from|import) (\S+)", path.read_text(), flags=re.MULTILINE)
        if path.name != "fixtures.py":
            assert [
                n for n in names if n.startswith("selftests") and not n.startswith(MODULE)
            ] == []
        gate = ("acceptance", "billing", "fixtures", "oracle", "platforms", "reports", "runbook")
        assert [name for name in names if name.split(".")[0] in gate] == []


# What the catalogue of faults builds on.


def test_without_a_fault_its_tenants_are_billed_right(ledger: Ledger, api: Caller) -> None:
    draft = data(api.draft(TENANTS["busy"](ledger)))
    assert Counter(item["recovered_cents"] for item in draft["items"]) == Counter(
        [50_000, *(amount_cents for amount_cents, _, _ in BUSY)]
    )
    assert draft["total_cents"] == 51_375
    for name in ("empty", "billed_before"):
        assert refusal(api.draft(TENANTS[name](ledger))) == (422, "NOTHING_TO_BILL")


def test_a_fault_is_built_in_where_it_is_named(shared_ledger: Ledger, api: Caller) -> None:
    account_id = shared_ledger.account()
    shared_ledger.finding(account_id, 2)
    assert fees(api, account_id) == [1]
    faulty = shared_ledger.account()
    shared_ledger.finding(faulty, 2)
    with (
        serving(shared_ledger.conninfo, "round_halves_down") as server,
        Caller(server.url) as caller,
    ):
        assert fees(caller, faulty) == [0]


def read_faults() -> list[Fault]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "IDS", [*catalogue.IDS, "S4.5"])
        paths = [path for path in FAULTS.iterdir() if path.suffix in (".py", ".sql")]
        return [catalogue.read(path) for path in paths if path.stem not in NO_FAULTS]


def test_every_fault_says_what_it_is() -> None:
    faults = read_faults()
    assert len(faults) >= 80
    assert len({fault.sentence for fault in faults}) == len(faults)
    assert {fault.tenant for fault in faults} == set(TENANTS)
    python = [fault.path.read_text() for fault in faults if fault.path.suffix == ".py"]
    assert all("\ndef build_in() -> None:" in text for text in python)
