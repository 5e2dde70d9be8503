"""``docs/adapters.md`` says what is so: its examples run, and its tables are the code's."""

import ast
import json
import re
from typing import Any

import pytest

from oracle.period import Period
from oracle.rules import Per
from platforms.command import conversation
from platforms.command.answers import FORMS, NULLABLE, Answers
from platforms.command.conversation import PROTOCOL
from platforms.description import Description
from platforms.port import Platform
from runbook.lacks import Lack
from runbook.refusals import Rule
from selftests.commands import RULES, described
from selftests.gate import PROJECT

PAGE = (PROJECT / "docs" / "adapters.md").read_text(encoding="utf-8")
SHOWN = (
    "selftests/platforms/typescript/package.json",
    "selftests/platforms/typescript/billing.ts",
    "selftests/platforms/monorepo/__main__.py",
)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
INVOICE_MEMBERS = {"id", "tenant_id", "period_start", "lines", *FORMS} - {"finding_type", "rate"}


def table(head: str) -> list[list[str]]:
    """The rows of the table whose first column has that head."""
    (found,) = re.findall(
        rf"^\| {re.escape(head)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE
    )
    return [[cell.strip() for cell in row.strip("|\n").split(" | ")] for row in found.splitlines()]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def describing(**more: Any) -> Description:
    return described(PROJECT, ["x"], **more).description


@pytest.mark.parametrize("path", SHOWN)
def test_an_example_is_a_file_that_runs(path: str) -> None:
    ((_, shown),) = re.findall(
        rf"^`{re.escape(path)}`:\n\n```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )
    assert shown == (PROJECT / path).read_text(encoding="utf-8")


def test_what_is_python_on_the_page_is_python() -> None:
    assert [ast.parse(text) is not None for kind, text in BLOCKS if kind == "python"] == [True] * 3


def lines(word: str) -> list[dict[str, Any]]:
    told = [line for kind, text in BLOCKS if kind == "json" for line in text.splitlines()]
    return [json.loads(line) for line in told if line.startswith("{") and word in line]


def test_the_hello_is_that_of_the_protocol() -> None:
    assert lines('"build"') == [{"protocol": PROTOCOL, "build": "1.4.2"}]
    assert json.loads(conversation.HELLO) == lines('"build"')[0]


def test_the_answer_shown_is_read() -> None:
    (answer,) = lines('"ok"')
    invoice = Answers(describing()).invoice(answer["ok"])
    assert f"{invoice.bill}" == "616.44 USD on 3 events in 0 lines"
    assert isinstance(invoice.period, Period)


def test_the_calls_are_those_of_the_port() -> None:
    own = {"build", "for_intruders", "close"}
    calls = [name for name, one in vars(Platform).items() if callable(one) and name[0] != "_"]
    assert [codes(row[0]) for row in table("call")] == [[name] for name in calls if name not in own]
    (request,) = lines('"call": "generate_draft"')
    (row,) = [row for row in table("call") if codes(row[0]) == ["generate_draft"]]
    assert list(request) == ["id", "call", *codes(row[1])]


def test_the_refusals_are_the_runbooks_in_their_order() -> None:
    assert [codes(row[0]) for row in table("rule")] == [[rule.value] for rule in Rule]


def test_the_members_are_those_that_are_read() -> None:
    rows = {name: row for row in table("member") for name in codes(row[0])}
    assert rows.keys() == INVOICE_MEMBERS | {"period_end"}
    assert {name for name, row in rows.items() if "null" in row[2]} == NULLABLE
    optional = {name for name, row in rows.items() if row[3] != "never"}
    assert optional == {lack.value for lack in Lack} & rows.keys()
    assert optional | {"lines"} == optional


@pytest.mark.parametrize("per", [*Per, "none"])
def test_the_members_of_a_line_are_those_that_are_read(per: str) -> None:
    lacks = {"lines": "one amount"} if per == "none" else {}
    rows = {codes(row[0])[0]: codes(row[1]) for row in table("`rules.lines`")}
    facts = describing(rules=RULES | {"lines": per}, lacks=lacks).answered.line
    assert set(rows[f'"{per}"']) == facts


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"shorter than {conversation.LINE_BYTES >> 20} MiB" in PAGE
    assert "after ten seconds" in PAGE
    assert conversation.END_SECONDS == 10
    assert "last three lines" in PAGE
    assert conversation.LOG_LINES == 3
