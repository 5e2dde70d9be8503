"""A bill on paper: the command of the documentation, what it refuses, and how sheets are read."""

import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest

from oracle.__main__ import main
from oracle.sheet import BadSheet, read_sheet
from selftests.contracts import EVENTS, EXAMPLE
from selftests.gate import PROJECT, environment
from selftests.warm import run_module

PAGE = (PROJECT / "docs" / "contracts.md").read_text()
MARCH = ("--period-start=2026-03", "--period-end=2026-04")


def documented() -> list[str]:
    """Return the arguments of the page's own command."""
    block = re.search(r"    python -m oracle (bill .*\\\n.*)\n", PAGE)
    assert block is not None
    return shlex.split(block[1].replace("\\\n", " "))


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run the command in process; return its exit code and what it printed."""
    try:
        code = main([str(one) for one in arguments])
    except SystemExit as left:
        code = int(left.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_of_the_page_works_out_the_pages_example() -> None:
    ended = run_module("oracle", documented(), PROJECT, environment({}), 60)
    assert (ended.code, ended.err) == (0, "")
    quoted = re.search(r"```\n(sum: .*?)```", PAGE, re.DOTALL)
    assert quoted is not None
    assert ended.out.endswith(quoted[1])
    rows = {line.split()[0]: line for line in ended.out.splitlines() if line}
    charged = {row: rows[row].split()[-1] for row in ("mar-1", "mar-2", "mar-3", "mar-4")}
    in_page = re.findall(r"\| (mar-\d), .*\| (\S[^|]*) \|\n", PAGE)
    assert charged == {row: text.replace(" ", "").replace("\u2212", "-") for row, text in in_page}
    assert "25 % of 799.50 + 20 % of 1200.50 = 439.975" in rows["mar-2"]
    assert "capped at 5000.00" in rows["mar-3"]
    assert "feb-1" not in rows


def test_the_platforms_own_tables_and_a_database_are_not_needed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    february = ("--period-start=2026-02", "--period-end=2026-03")
    code, out, _ = told(capsys, "bill", EXAMPLE, EVENTS, *february)
    assert code == 0
    assert "total: 5600.00 USD" in out  # 24 500.00, and no invoice is more than 5 600


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("x,2027-03-02,ADDRESS,1.00", "cannot be billed: 1 ADDRESS event in USD without terms"),
        ("", "cannot be billed: there is no event to bill in the period"),
        ("x,2027-03-02,ADDRESS,1.00,EUR", "cannot be billed: 1 ADDRESS event in EUR without terms"),
    ],
)
def test_what_cannot_be_billed_is_said_with_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], event: str, says: str
) -> None:
    sheet = tmp_path / "events.csv"
    sheet.write_text(f"key,occurred_at,finding_type,amount,currency\na,2026-02-01,A,1.00,\n{event}")
    period = ("--period-start=2027-03", "--period-end=2027-04")
    code, out, err = told(capsys, "bill", EXAMPLE, sheet, *period)
    assert (code, err) == (1, "")
    assert says in out


HEAD = "key,occurred_at,finding_type,amount"
BAD = {
    "key,occurred_at,amount\n": r":1: the header has no column finding_type",
    "": r":1: the header has no column key, occurred_at, finding_type, amount",
    f"{HEAD},key\n": ":1: the header has several columns key",
    f"{HEAD}\n": ": there is no event",
    f"{HEAD}\na,2026-03-01,A,1.00\na,2026-03-01,A,1.00\n": r":3: key 'a' is there twice",
    f"{HEAD}\n,2026-03-01,A,1.00\n": r":2: key '' is missing",
    f"{HEAD}\na,2026-03-01,,1.00\n": r":2: finding_type '' is missing",
    f"{HEAD}\na,March,A,1.00\n": r":2: occurred_at 'March' is no instant",
    f"{HEAD}\na,0001-01-01T00:00:00+14:00,A,1.00\n": r":2: occurred_at '.*' is no instant",
    f"{HEAD}\na,2026-03-01,A,much\n": r":2: amount 'much' is no amount",
    f"{HEAD}\na,2026-03-01,A,NaN\n": r":2: amount 'NaN' is no amount",
    f"{HEAD}\na,2026-03-01,A,1e3\n": r":2: amount '1e3' is no amount",
    f"{HEAD}\n\na,2026-03-01,A,\n": r":3: amount '' is no amount",
    f"{HEAD}\na,2026-03-01,A,1,234.00\n": r":2: 5 values, where the header has 4 columns",
    f"{HEAD}\na,2026-03-01\n": r":2: 2 values, where the header has 4 columns",
    f"{HEAD},billed\na,2026-03-01,A,1.00,perhaps\n": r":2: billed 'perhaps' is neither yes nor no",
    f'{HEAD}\na,2026-03-01,A,"1.00\n': r":2: cannot be read as CSV",
    f"{HEAD}\na,2026-03-01,\xc4,1.00\n": r":2: is no UTF-8",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_sheet_is_one_line_with_its_row_and_exit_code_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    sheet = tmp_path / "events.csv"
    sheet.write_bytes(text.encode("latin-1"))
    code, out, err = told(capsys, "bill", EXAMPLE, sheet, *MARCH)
    assert (code, out) == (4, "")
    assert err.startswith(str(sheet)), err
    assert re.search(re.escape(str(sheet)) + BAD[text], err), err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "the following arguments are required"),
        (("bill", "nobody.toml", EVENTS, *MARCH), "nobody.toml: cannot be read"),
        (("bill", EXAMPLE, "nobody.csv", *MARCH), "nobody.csv: cannot be read"),
        (("bill", EXAMPLE, EVENTS, "--period-start=2026-03"), "a period needs both"),
        (("bill", EXAMPLE, EVENTS, *MARCH, "--invoiced-this-year=much"), "--invoiced-this-year"),
        (("bill", EXAMPLE, EVENTS, *MARCH, "--invoiced-this-year=1.000,50"), "is no amount: write"),
        (("bill", EXAMPLE, EVENTS, *MARCH, "--issued-at=today"), "'today' is no instant: write"),
        (("bill", "a\x1b[31m.toml", EVENTS, *MARCH), "a[U+001B][31m.toml: cannot be read"),
        (("bill", EVENTS, EVENTS, *MARCH), "acme-events.csv:1: cannot be read as TOML"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_4(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str | Path, ...], says: str
) -> None:
    code, out, err = told(capsys, *arguments)
    assert (code, out) == (4, "")
    assert says in err
    assert err.count("\n") == 1


def test_text_that_would_move_the_cursor_or_hide_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "events.csv"
    sheet.write_text(f'{HEAD}\n"a\x1b[2K\nb",2026-03-01,\u202eA,1.00\n')
    code, out, _ = told(capsys, "bill", EXAMPLE, sheet, *MARCH)
    assert code == 0
    assert "\na[U+001B][2K b  2026-03-01 00:00:00  [U+202E]A" in out
    assert out.replace("\n", "").isprintable()


# How amounts are read, whoever exported them

READ = {
    "1234": "1234",
    "1234.5": "1234.5",
    "-0.005": "-0.005",
    "0.125": "0.125",
    "1234,50": "1234.50",
    "1,234.50": "1234.50",
    "1.234,50": "1234.50",
    "1.234.567": "1234567",
    "1,234,567.8": "1234567.8",
    "1'234.50": "1234.50",
    "1\u2019234": "1234",
    "1 234,50": "1234.50",
    "1\u00a0234": "1234",
    "1\u202f234\u202f567,89": "1234567.89",
    "-12.345.678,90": "-12345678.90",
    "1234.567": "1234.567",
    "0.567": "0.567",
}
AMBIGUOUS = ["1,234", "1.234", "-12,345", "999.000", "12.345"]
NONE = [
    "",
    "12,34,56",
    "1,23,456.00",
    "1.234,567.89",
    "1 23",
    "616.44 USD",
    "$1",
    "(5.00)",
    "1e3",
    "--1",
    "1.",
    ".5",
    "1,2345.6",
]


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("text", READ)
def test_an_amount_that_can_be_read_in_one_way_is_read(
    tmp_path: Path, text: str, separator: str
) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f"\ufeffTotal{separator} Note \r\n{text}{separator}x\r\n")
    (row,) = read_sheet(sheet, ["total"])
    assert row.amount("total") == Decimal(READ[text])


@pytest.mark.parametrize("text", [*AMBIGUOUS, *NONE])
def test_an_amount_that_cannot_is_refused_with_its_row(tmp_path: Path, text: str) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f"note;total\nx;1\ny;{text}\n")
    *_, row = read_sheet(sheet, ["total"])
    says = "two ways" if text in AMBIGUOUS else "is no amount"
    with pytest.raises(BadSheet, match=f"sheet.csv:3: total .*{says}"):
        row.amount("total")


def test_the_advice_works_as_it_is_written(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("total;x\n-12,345;\n-12345.0;\n-12.3450;\n")
    odd, *written = read_sheet(sheet, ["total"])
    with pytest.raises(BadSheet, match=r"write -12345\.0 or -12\.3450$"):
        odd.amount("total")
    assert [row.amount("total") for row in written] == [Decimal(-12345), Decimal("-12.345")]


def test_three_decimals_are_what_a_dinar_has(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("total;x\n12.345;\n12,345;\n")
    point, comma = read_sheet(sheet, ["total"])
    assert point.amount("total", digits=3) == Decimal("12.345")
    with pytest.raises(BadSheet, match="two ways"):
        comma.amount("total", digits=3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_sheet_is_read_as_it_was_exported(tmp_path: Path, encoding: str) -> None:
    sheet = tmp_path / "sheet.csv"
    text = (
        'tenant,total,"note, of all"\r\n"acme","1,234.50","a ""note"", on\ntwo lines"\r\n;;\r\n\r\n'
    )
    sheet.write_text(text.replace(";;", ",,"), encoding=encoding, newline="")
    (row,) = read_sheet(sheet, ["tenant", "total"])
    assert (row["tenant"], row.amount("total")) == ("acme", Decimal("1234.50"))
