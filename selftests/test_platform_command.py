"""The adapter for commands: against programs that keep the protocol, and programs that break it.

The documentation's examples are files here, and run for real in ``test_platform_monorepo.py``.
"""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from oracle.bill import Line
from oracle.period import Period
from platforms.command import CommandAdapter, conversation
from platforms.command.answers import Answers, Nonsense
from platforms.obstacles import Aborted
from platforms.port import Platform, PlatformRefused
from runbook.refusals import Rule
from runbook.statuses import InvoiceStatus
from selftests.commands import DRAFT, RULES, described, playing, program
from selftests.gate import PROJECT

FEBRUARY = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
PATIENCE_SECONDS = 20
HEALTHY = "hello()\nanswer_all()"

Call = Callable[[CommandAdapter], object]
CALLS: dict[str, Call] = {
    "preview": lambda platform: platform.preview("cus_1", FEBRUARY),
    "generate_draft": lambda platform: platform.generate_draft("cus_1", FEBRUARY, "p9a-key"),
    "cancel": lambda platform: platform.cancel("cus_1", "inv_1"),
    "issue": lambda platform: platform.issue("cus_1", "inv_1"),
    "mark_paid": lambda platform: platform.mark_paid("cus_1", "inv_1"),
    "void": lambda platform: platform.void("cus_1", "inv_1"),
    "find": lambda platform: platform.find("cus_1", "inv_1"),
}
OF_A_PERIOD = {"period_start": "2026-02-01T00:00:00Z", "period_end": "2026-03-01T00:00:00Z"}
MEMBERS = {
    "preview": OF_A_PERIOD,
    "generate_draft": OF_A_PERIOD | {"idempotency_key": "p9a-key"},
}


def refused(call: Call, platform: CommandAdapter) -> PlatformRefused:
    with pytest.raises(PlatformRefused) as told:
        call(platform)
    return told.value


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_one_line_with_its_members(tmp_path: Path, name: str) -> None:
    with playing(tmp_path, "hello()\nopen('asked', 'w').write(sys.stdin.readline())") as platform:
        refused(CALLS[name], platform)
    line = (tmp_path / "asked").read_text()
    assert line.count("\n") == 1
    asked = json.loads(line)
    assert asked == {"id": 1, "call": name, "tenant_id": "cus_1"} | MEMBERS.get(
        name, {"invoice_id": "inv_1"}
    )


def test_an_invoice_is_read_to_the_last_minor_unit(tmp_path: Path) -> None:
    with playing(tmp_path, HEALTHY) as platform:
        draft = platform.generate_draft("cus_1", FEBRUARY, "p9a-key")
        bill = platform.preview("cus_1", FEBRUARY)
        assert platform.build() == "1.4.2"
        platform.cancel("cus_1", draft.id)
    assert (draft.id, draft.tenant_id, draft.number) == ("inv_1", "cus_1", None)
    assert (draft.period, draft.status, draft.issued_at) == (FEBRUARY, InvoiceStatus.DRAFT, None)
    assert draft.bill == bill
    assert f"{bill.gain_share_amount}" == "25.00"
    assert bill.lines == (Line("DUPLICATE_CHARGE", Decimal("0.25"), 1, Decimal(100), Decimal(25)),)


def test_it_says_what_it_is(tmp_path: Path) -> None:
    platform: Platform = CommandAdapter(described(tmp_path, ["/opt/ours/bill", "--gate"]), {})
    assert (platform.name, platform.kind) == ("command bill", "command")
    assert not platform.shares_transaction
    assert platform.for_intruders() is None
    platform.close()


def test_one_process_serves_all_calls_and_outlives_the_thread_of_the_first(tmp_path: Path) -> None:
    does = "hello()\nwhile True: answer(hear(), DRAFT | {'id': str(os.getpid())})"
    with playing(tmp_path, does) as platform:
        ids: list[str] = []
        for _ in range(2):
            thread = Thread(target=lambda: ids.append(platform.find("cus_1", "inv_1").id))
            thread.start()
            thread.join()
        assert ids == [platform.find("cus_1", "inv_1").id] * 2


def test_answers_find_their_calls_in_whatever_order_they_come(tmp_path: Path) -> None:
    does = """
hello()
asked = [hear() for _ in range(8)]
for request in reversed(asked):
    answer(request, DRAFT | {"id": request["invoice_id"]})
hear()
"""
    ids = [f"inv_{number}" for number in range(8)]
    with playing(tmp_path, does) as platform, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda id: platform.find("cus_1", id), ids))
    assert [invoice.id for invoice in found] == ids


@pytest.mark.parametrize(
    "does",
    [
        pytest.param(
            "hello()\nfor _ in range(20000): log('noise ' * 20)\nanswer_all()",
            id="noise on stderr",
        ),
        pytest.param("hello(motto='ours')\nanswer(hear(), DRAFT | {'x': 2.5})", id="more members"),
        pytest.param(
            "hello()\nfor byte in json.dumps({'id': hear()['id'], 'ok': DRAFT}): write(byte)\n"
            "write('\\n')\nhear()",
            id="byte by byte",
        ),
        pytest.param('write(\'{"protocol": "p9a-command/1"}\\r\\n\')\nanswer_all()', id="no build"),
    ],
)
def test_what_breaks_no_rule_is_taken(tmp_path: Path, does: str) -> None:
    with playing(tmp_path, does) as platform:
        assert platform.find("cus_1", "inv_1").id == "inv_1"


def test_a_line_as_long_as_a_bill_of_many_lines_is_taken(tmp_path: Path) -> None:
    does = "hello()\nanswer(hear(), DRAFT | {'lines': DRAFT['lines'] * 40000})\nhear()"
    with playing(tmp_path, does) as platform:
        bill = platform.preview("cus_1", FEBRUARY)
    assert bill.lines is not None
    assert len(bill.lines) == 40000


LINE = DRAFT["lines"][0]


UNTRUSTED: list[tuple[Any, ...]] = [
    (DRAFT | {"gain_share_amount": 25.0}, "gain_share_amount should be a decimal number in"),
    (DRAFT | {"gain_share_amount": 25}, "gain_share_amount should be a decimal number in"),
    (DRAFT | {"gain_share_amount": "25,00"}, "gain_share_amount should be a decimal number"),
    (DRAFT | {"gain_share_amount": "NaN"}, "gain_share_amount should be a decimal number in"),
    (DRAFT | {"gain_share_amount": "2.5E1"}, "gain_share_amount should be a decimal number"),
    (DRAFT | {"gain_share_amount": " 25.00"}, "gain_share_amount should be a decimal number"),
    (DRAFT | {"gain_share_amount": "٢٥"}, "gain_share_amount should be a decimal number in"),
    (DRAFT | {"gain_share_amount": None}, "gain_share_amount should be a decimal number in"),
    (DRAFT | {"lines": [LINE | {"rate": 0.25}]}, "lines.0.rate should be a decimal number in"),
    (DRAFT | {"lines": [LINE, 7]}, "lines.1 should be an object, not 7"),
    (DRAFT | {"lines": {}}, "lines should be a list, not {}"),
    (DRAFT | {"event_count": "1"}, "event_count should be a whole number, not below zero, not"),
    (DRAFT | {"event_count": 1.0}, "event_count should be a whole number, not below zero, not"),
    (DRAFT | {"event_count": True}, "event_count should be a whole number, not below zero"),
    (DRAFT | {"period_start": "2026-02-01T00:00:00"}, "period_start should be an instant in"),
    (DRAFT | {"period_end": "2026-03-01T00:00:00+01:00"}, "period_end should be an instant"),
    (DRAFT | {"period_end": "2026-02-31T00:00:00Z"}, "period_end should be an instant in UTC"),
    (DRAFT | {"issued_at": 0}, "issued_at should be an instant in UTC"),
    (DRAFT | {"id": 7}, "id should be a text, not 7"),
    (DRAFT | {"id": None}, "id should be a text, not null"),
    (DRAFT | {"currency": ""}, 'currency should be a text, not ""'),
    *(
        ({key: value for key, value in DRAFT.items() if key != name}, f"{name} is missing")
        for name in DRAFT
    ),
    ([], "ok should be an object, not []"),
    (None, "ok should be an object, not null"),
]


@pytest.mark.parametrize(("told", "words"), UNTRUSTED, ids=[row[1] for row in UNTRUSTED])
def test_a_fact_that_cannot_be_trusted_is_named(told: object, words: str) -> None:
    read = Answers(described(PROJECT, ["x"]).description).invoice
    with pytest.raises(Nonsense) as nonsense:
        read(told)
    assert str(nonsense.value).startswith(words)


def test_an_answer_that_cannot_be_trusted_is_an_error(tmp_path: Path) -> None:
    told = DRAFT | {"gain_share_amount": 25.0}
    with playing(tmp_path, f"hello()\nanswer(hear(), {told!r})\nhear()") as platform:
        no = refused(CALLS["issue"], platform)
    assert (no.code, no.rules, no.lost) == ("platform_error", frozenset(), False)
    assert no.message == (
        "issue answered nonsense: gain_share_amount should be a decimal number in full, "
        'as a text like "616.44", not 25.0'
    )


def test_only_what_the_description_lacks_may_be_left_out(tmp_path: Path) -> None:
    names = ("event_count", "recovered_amount", "lines", "issued_at", "paid_at")
    lacks = dict.fromkeys(names, "it has none")
    told = {name: value for name, value in DRAFT.items() if name not in lacks}
    does = f"hello()\nanswer(hear(), {told!r})\nhear()"
    with playing(tmp_path, does, lacks=lacks, rules=RULES | {"lines": "none"}) as platform:
        draft = platform.find("cus_1", "inv_1")
    assert draft.bill is not None
    assert (draft.bill.lines, draft.bill.event_count) == (None, None)
    assert draft.amount == Decimal(25)


def test_a_call_that_the_description_lacks_is_not_made(tmp_path: Path) -> None:
    with playing(tmp_path, "sys.exit(1)", lacks={"void": "credit notes only"}) as platform:
        no = refused(CALLS["void"], platform)
    assert str(no) == "platform_error: void was not asked: there is none: credit notes only"


REFUSALS: dict[str, Any] = {
    "period_overlaps_invoice": {"code": "MONTH_TAKEN"},
    "draft_is_stale": {"code": ["OLD"], "calls": ["issue"]},
    "no_billable_events": {"code": "OLD", "calls": ["draft"]},
    "period_is_empty": {"status": 422},
}


NAMED: list[tuple[Any, ...]] = [
    ("draft_is_stale", "draft_is_stale", {Rule.DRAFT_IS_STALE}),
    (
        ["invoice_is_not_draft", "invoice_is_not_issued"],
        "invoice_is_not_draft or invoice_is_not_issued",
        {Rule.INVOICE_IS_NOT_DRAFT, Rule.INVOICE_IS_NOT_ISSUED},
    ),
    ("MONTH_TAKEN", "period_overlaps_invoice", {Rule.PERIOD_OVERLAPS_INVOICE}),
    ("OLD", "no_billable_events", {Rule.NO_BILLABLE_EVENTS}),
    ("NOT_TODAY", "NOT_TODAY", set()),
]


@pytest.mark.parametrize(("rule", "code", "rules"), NAMED, ids=[row[1] for row in NAMED])
def test_a_refusal_names_its_rules(
    tmp_path: Path, rule: object, code: str, rules: set[Rule]
) -> None:
    no = {"rule": rule, "message": "said so"}
    does = f"hello()\nsay({{'id': hear()['id'], 'refused': {no!r}}})\nhear()"
    with playing(tmp_path, does, refusals=REFUSALS) as platform:
        told = refused(CALLS["generate_draft"], platform)
    assert (told.code, set(told.rules), told.message) == (code, rules, "said so")
    assert (told.status, told.lost) == (None, False)


NEITHER: list[tuple[Any, ...]] = [
    ({"broken": {"message": "disk full"}}, "issue broke: disk full"),
    ({"broken": {}}, "issue answered nonsense: broken.message should be a text"),
    (
        {"refused": {"rule": "draft_is_stale"}},
        "issue answered nonsense: refused.message should",
    ),
    ({"refused": {"rule": 7, "message": ""}}, "issue answered nonsense: refused.rule should"),
    ({"refused": {"rule": [], "message": ""}}, "issue answered nonsense: refused.rule should"),
    ({"refused": "no"}, "issue answered nonsense: refused.message should be a text"),
    ({}, "issue answered nonsense: none of ok, refused, broken"),
    ({"ok": DRAFT, "broken": {"message": ""}}, "issue answered nonsense: ok and broken of ok"),
]


@pytest.mark.parametrize(("answer", "words"), NEITHER, ids=[row[1] for row in NEITHER])
def test_what_is_neither_done_nor_refused_is_an_error(
    tmp_path: Path, answer: dict[str, Any], words: str
) -> None:
    does = f"hello()\nsay({{'id': hear()['id']}} | {answer!r})\nanswer_all()"
    with playing(tmp_path, does) as platform:
        no = refused(CALLS["issue"], platform)
        assert platform.find("cus_1", "inv_1").id == "inv_1"
    assert (no.code, no.lost) == ("platform_error", False)
    assert no.message.startswith(words)


BROKEN_WORDS: list[tuple[Any, ...]] = [
    ("write('Debugger attached.\\n')", "said what is no answer: 'Debugger attached.'"),
    ("write('\\n')", "said what is no answer: ''"),
    ('write(\'{"id": 1, "ok": {"x": NaN}}\\n\')', "said what is no answer: '{"),
    ("write('[1]\\n')", "said what is no answer: '[1]'"),
    ('write(\'{"id": 1, "ok": {"amount": "1", "amount": "2"}}\\n\')', "said what is no answer: '{"),
    ("say({'id': 1.0, 'ok': DRAFT})", "said what is no answer: '{"),
    ("say({'id': True, 'ok': DRAFT})", "said what is no answer: '{"),
    ("say({'ok': DRAFT})", "said what is no answer: '{"),
    ("sys.stdout.buffer.write(b'\\xff\\n'); write('')", "said what is no answer: '\ufffd'"),
    ("say({'id': 99, 'ok': DRAFT})", "answered what it was not asked, or twice: '{"),
    ("write('x' * 70000)", "said a line of 0 MiB or more"),
    ("log('out of memory'); sys.exit(3)", "ended (exit code 3); its last words: out of"),
    ("os.kill(os.getpid(), signal.SIGKILL)", "ended (SIGKILL); it said nothing on stderr"),
    ("say({'id': 1}, ''); sys.exit(3)", "broke off in the middle of a line: '{\"id\": 1}'"),
]


@pytest.mark.parametrize(
    ("misbehaves", "words"), BROKEN_WORDS, ids=[row[1] for row in BROKEN_WORDS]
)
def test_a_process_that_breaks_its_word_is_told_and_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, misbehaves: str, words: str
) -> None:
    monkeypatch.setattr(conversation, "LINE_BYTES", 2**16)
    does = f"hello()\nif hear()['call'] == 'find': answer_all()\n{misbehaves}\ntime.sleep(60)"
    with playing(tmp_path, does.replace("answer_all()", "say({'id': 1, 'ok': DRAFT})")) as platform:
        no = refused(CALLS["issue"], platform)
        assert no.message.startswith(f"issue got no answer: the command {words}"), no.message
        assert (no.code, no.lost) == ("platform_error", True)
        assert platform.find("cus_1", "inv_1").id == "inv_1"


@pytest.mark.parametrize(
    "dawdles",
    [
        "time.sleep(60)",
        "while True: write(' '); time.sleep(0.01)",
        "hear()\nhear()",
    ],
)
def test_a_call_has_an_overall_deadline(tmp_path: Path, dawdles: str) -> None:
    does = f"hello(build=str(os.getpid()))\nhear()\nlog('thinking')\n{dawdles}"
    with playing(tmp_path, does) as platform:
        pidfd = os.pidfd_open(int(platform.build()))
        platform.patience = 0.5
        no = refused(CALLS["issue"], platform)
        demand_gone(pidfd)
    assert no.message == (
        "issue got no answer: the command did not answer issue within 0.5 s; "
        "its last words: thinking"
    )
    assert (no.code, no.lost) == ("platform_error", True)


def test_the_deadline_is_the_descriptions_unless_the_run_has_one(tmp_path: Path) -> None:
    description = described(tmp_path, ["x"], command={"seconds": 45})
    assert CommandAdapter(description, {}).patience == 45
    assert CommandAdapter(description, {}, patience=7).patience == 7


def test_a_process_that_does_not_read_cannot_hold_a_call_up(tmp_path: Path) -> None:
    with playing(tmp_path, "hello()\ntime.sleep(60)") as platform:
        platform.build()
        platform.patience = 0.5
        no = refused(lambda platform: platform.find("cus_1", "x" * 2**20), platform)
    assert "did not answer find within 0.5 s" in no.message


def test_all_calls_that_are_under_way_are_lost_with_the_process(tmp_path: Path) -> None:
    does = "hello()\nasked = [hear(), hear()]\nwrite('oops\\n')\ntime.sleep(60)"
    with playing(tmp_path, does) as platform, ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(refused, CALLS["issue"], platform) for _ in range(2)]
        assert [(no.result().lost, "'oops'" in no.result().message) for no in calls] == [
            (True, True),
            (True, True),
        ]


def test_an_end_that_nobody_asked_for_is_told_once(tmp_path: Path) -> None:
    does = "hello(build=str(os.getpid()))\nanswer(hear())\nlog('good night')\nsys.exit(4)"
    with playing(tmp_path, does) as platform:
        pidfd = os.pidfd_open(int(platform.build()))
        platform.find("cus_1", "inv_1")
        demand_gone(pidfd)
        no = refused(CALLS["issue"], platform)
        assert "the command ended (exit code 4); its last words: good night" in no.message
        assert platform.find("cus_1", "inv_1").id == "inv_1"


NO_HELLOS: list[tuple[Any, ...]] = [
    ("log('no licence'); sys.exit(1)", "ended (exit code 1) before its hello; its last words"),
    (
        "say({'protocol': 'p9a-command/2'})\nhear()",
        "speaks another protocol than p9a-command/1",
    ),
    ("write('Welcome!\\n')\nhear()", "began with what is no hello: 'Welcome!'"),
    ("say(['p9a-command/1'])\nhear()", "began with what is no hello: '["),
    ("hello(build=7)\nhear()", "tells a build that is no text: '{"),
    ("write('hello')", "broke off in the middle of a line: 'hello'"),
]


@pytest.mark.parametrize(("does", "words"), NO_HELLOS, ids=[row[1] for row in NO_HELLOS])
def test_without_its_hello_nothing_can_be_said(tmp_path: Path, does: str, words: str) -> None:
    with playing(tmp_path, does) as platform, pytest.raises(Aborted) as told:
        CALLS["preview"](platform)
    message = str(told.value)
    assert message.startswith(f"the command {sys.executable} {words}")
    assert message.endswith("with nothing else on its stdout; docs/adapters.md tells the rest")
    assert len(message.splitlines()) == 1


def test_a_hello_has_a_deadline_too(tmp_path: Path) -> None:
    with playing(tmp_path, "time.sleep(60)", patience=0.5) as platform:
        with pytest.raises(Aborted) as told:
            platform.build()
        assert "said no hello within 0.5 s; it said nothing on stderr" in str(told.value)


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (["no-such-program"], "No such file or directory"),
        ([str(PROJECT)], "Permission denied"),
        ([str(PROJECT / "README.md")], "Permission denied"),
        (["env", "a\0b"], "embedded null byte"),
    ],
)
def test_what_cannot_be_started_says_so(tmp_path: Path, run: list[str], why: str) -> None:
    platform = CommandAdapter(described(tmp_path, run), {"PATH": str(tmp_path)})
    with pytest.raises(Aborted) as told:
        platform.build()
    assert str(told.value) == (
        f"the command {run[0]} cannot be started in {tmp_path}: {why}; mend run in [command] of "
        f"platform.toml, or install what it names"
    )
    platform.close()


def test_it_is_given_its_folder_and_the_variables_that_are_named(tmp_path: Path) -> None:
    does = (
        "names = {name: os.environ[name] for name in os.environ if name != 'LC_CTYPE'}\n"
        "hello()\nanswer(hear(), DRAFT | {'id': json.dumps([os.getcwd(), names])})\nhear()"
    )
    given = {"LEDGER_REGION": "ca", "DATABASE_URL": "postgresql://x", "TOKEN": "t", "PATH": "/bin"}
    named = ["LEDGER_REGION", "NOT_SET"]
    with playing(tmp_path, does, given, command={"environment": named}) as platform:
        folder, names = json.loads(platform.find("cus_1", "inv_1").id)
    assert names == {"LEDGER_REGION": "ca", "DATABASE_URL": "postgresql://x"}
    assert Path(folder) == tmp_path


PASSWORD = "s3cret/p@ss:w0rd%\"&<'\\!"  # noqa: S105 - of nobody
URL = "postgresql://bob:s3cret%2Fp%40ss%3Aw0rd%25%22%26%3C%27%5C%21@db.staging:5432/x"
TOKEN = "t0ken-0123456789\nt0ken-abcdefghij"  # noqa: S105 - of nobody
TELLS = f"""
tokens = os.environ["LEDGER_TOKEN"].splitlines()
secrets = [os.environ["DATABASE_URL"], {PASSWORD!r}, json.dumps({PASSWORD!r}), *tokens]
"""


@pytest.mark.parametrize(
    "does",
    [
        "hello()\nhear()\nlog(' '.join(secrets))\nsys.exit(1)",
        "hello()\nhear()\nfor secret in secrets[1:]: log('x' * 150 + secret)\nsys.exit(1)",
        "hello()\nhear()\nwrite(' '.join(secrets[:3]) + '\\n')",
        "hello()\nhear()\nwrite('x' * 70 + tokens[0] + '\\n')",
        "hello()\nanswer(hear(), DRAFT | {'gain_share_amount': secrets})\nhear()",
        "hello()\nsay({'id': hear()['id'], 'broken': {'message': str(secrets)}})\nhear()",
        "hello()\nsay({'id': hear()['id'], 'refused': {'rule': secrets, 'message': ''}})\nhear()",
        "write(secrets[0] + '\\n')",
        "say({'protocol': secrets[0]})\nhear()",
        "log(str(secrets))\nsys.exit(1)",
    ],
)
def test_no_message_tells_a_secret(tmp_path: Path, does: str) -> None:
    given = {"DATABASE_URL": URL, "LEDGER_TOKEN": TOKEN}
    command = {"environment": ["LEDGER_TOKEN"]}
    with playing(tmp_path, TELLS + does, given, command=command) as platform:
        with pytest.raises((Aborted, PlatformRefused)) as told:
            CALLS["issue"](platform)
        shown = f"{told.value} {told.value!r} {platform!r} {vars(platform)['_launch']!r}"
    assert [part for part in ("s3cret", "w0rd", "t0ken") if part in shown] == []


def test_a_build_tells_no_secret(tmp_path: Path) -> None:
    with playing(tmp_path, f"hello(build='1.4 {URL}')\nhear()", {"DATABASE_URL": URL}) as platform:
        assert platform.build() == "1.4 ***"


def test_its_stdin_is_closed_and_it_is_given_time_to_end(tmp_path: Path) -> None:
    does = "hello()\nanswer(hear())\nsys.stdin.read()\ntime.sleep(0.2)\nopen('ended', 'w').close()"
    with playing(tmp_path, does) as platform:
        platform.find("cus_1", "inv_1")
    assert (tmp_path / "ended").exists()


def test_a_process_that_does_not_end_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "END_SECONDS", 0.2)
    does = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nchild = os.fork()\n"
        "if child: hello(build=f'{os.getpid()} {child}')\nwhile True: time.sleep(60)"
    )
    with playing(tmp_path, does) as platform:
        pidfds = [os.pidfd_open(int(pid)) for pid in platform.build().split()]
    for pidfd in pidfds:
        demand_gone(pidfd)


CALLER = """
import pathlib, sys
from platforms.command import CommandAdapter
from selftests.commands import described
platform = CommandAdapter(described(pathlib.Path(sys.argv[1]), sys.argv[2:]), {})
print(platform.build(), flush=True)
sys.stdin.read()
"""


def test_nothing_outlives_a_caller_that_is_killed(tmp_path: Path) -> None:
    run = program(tmp_path, "hello(build=str(os.getpid()))\nwhile True: time.sleep(60)")
    with subprocess.Popen(
        [sys.executable, "-c", CALLER, tmp_path, *run],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as caller:
        assert caller.stdout is not None
        pidfd = os.pidfd_open(int(caller.stdout.readline()))
        caller.send_signal(signal.SIGKILL)
        demand_gone(pidfd)


def demand_gone(pidfd: int) -> None:
    """Fail unless that process ends soon."""
    ends = select.poll()
    ends.register(pidfd, select.POLLIN)
    gone = ends.poll(PATIENCE_SECONDS * 1000)
    os.close(pidfd)
    assert gone, "the process should have ended"
