"""A contract's file: what is read, what is refused with file, line and key, and its schema."""

import json
import re
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import jsonschema_rs
import pytest

from oracle import schema
from oracle.contract import BadContract, Contract, Term, read
from oracle.period import parse_period
from selftests.contracts import EXAMPLE, contract
from selftests.gate import PROJECT

HEAD = """
schema = "p9a-contract/1"
tenant = "acme"
currency = "USD"
begins = 2026-01-01
"""
TERM = """
[[terms]]
from = 2026-01-01
rate = "25 %"
"""


def written(folder: Path, text: str) -> Path:
    """Write a contract to a file."""
    path = folder / "acme.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("rate", ["0.225", '"0.225"', '"22.5 %"', '"22.5%"', "0.225000"])
def test_a_rate_is_a_share_or_a_percentage_exactly(tmp_path: Path, rate: str) -> None:
    told = read(written(tmp_path, HEAD + TERM.replace('"25 %"', rate)))
    assert told.terms[0].rate == Decimal("0.225")


def test_a_short_contract_is_read_with_the_rules_that_are_documented(tmp_path: Path) -> None:
    told = read(written(tmp_path, "\ufeff" + HEAD + TERM))
    assert (told.rate_at, told.rounding.mode, told.rounding.each) == (
        "event",
        "half away from zero",
        "event",
    )
    assert (told.negative_total, told.free_months, told.minimum_per_invoice) == (
        "refused",
        (),
        None,
    )


MISTAKES = {
    # a text that is put in place of another, the line it stands in then, and what is said
    "tenant: no such key": ("tenant =", "tenants =", 3, "no such key|Field required"),
    "currency": ('"USD"', '"usd"', 4, "currency: 'usd' is no ISO 4217 code"),
    "schema": ("contract/1", "contract/2", 2, "schema: .*p9a-contract/1"),
    "no date": ("begins = 2026-01-01", "begins = 2026", 5, "begins: "),
    "term before": ("from = 2026-01-01", "from = 2025-12-31", 8, "terms.0.from: 2025-12-31 is bef"),
    "rate as a number": (
        '"25 %"',
        "25",
        9,
        '25 is no share from 0 to 1: if it is a percentage, write "25 %"',
    ),
    "rate above all": ('"25 %"', '"125 %"', 9, "125 % is no share"),
    "negative rate": ('"25 %"', "-0.25", 9, "-0.25 is no share"),
    "no rate": ('"25 %"', '"a quarter"', 9, "'a quarter' is no rate"),
    "seven digits": ('"25 %"', "0.2500001", 9, "more than 6 decimals"),
    "float": ('"25 %"', "2.5e-1", 9, "is no rate"),
    "not finite": ('"25 %"', "nan", 9, "is no rate"),
    "truth": ('"25 %"', "true", 9, "is no rate"),
    "two things": ("rate =", "tiers_of = 'invoice'\nrate =", 9, "tiers_of: it goes with tiers"),
    "neither": ('rate = "25 %"', "", 7, "rate: a term has either a rate, or tiers"),
    "no time": ("rate =", "until = 2026-01-01\nrate =", 9, "until: 2026-01-01 is not after from"),
    "unknown": ("rate =", "rates = 1\nrate =", 9, "terms.0.rates: no such key; see oracle/schema"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_with_file_line_and_key(tmp_path: Path, mistake: str) -> None:
    old, new, line, says = MISTAKES[mistake]
    assert old in HEAD + TERM
    with pytest.raises(BadContract) as bad:
        read(written(tmp_path, (HEAD + TERM).replace(old, new)))
    told = str(bad.value)
    assert "\n" not in told
    assert re.search(says, told), told
    assert told.startswith(str(tmp_path / "acme.toml:")), told
    if "Field required" not in says:
        assert told.startswith(f"{tmp_path / 'acme.toml'}:{line}: "), told


CONTRADICTIONS = {
    "free_months = ['2026-1']": "free_months.0: ",
    "free_months = ['2026-01']\nrate_at = 'newest terms'": "free_months: the newest terms",
    "minimum_per_invoice = 100.001": "minimum_per_invoice: 100.001 is finer",
    "minimum_per_invoice = 0": "minimum_per_invoice: ",
    "caps = { per_invoice = 10 }\nminimum_per_invoice = 11": "minimum_per_invoice: 11 is above",
    "minimum_per_invoice = 1\nnegative_total = 'credited'": "negative_total: with a minimum",
    "brought_forward = { 2026-03 = '-1' }": "brought_forward: it needs negative_total",
    "negative_total = 'carried forward'\nbrought_forward = { 2026-03 = 1 }": "is below zero",
    "negative_total = 'paid out'": "negative_total: ",
    "expected_totals = { march = 1 }": "expected_totals.march: 'march' is no period",
    "expected_totals = { 2026-03 = '1,5' }": "'1,5' is no number",
    "rounding = { digits = 0 }\ncaps = { per_event = 10.5 }": "caps.per_event: 10.5 is finer",
    "caps = { per_year = 1 }": "caps.per_year: no such key",
}


@pytest.mark.parametrize("lines", CONTRADICTIONS)
def test_what_contradicts_itself_is_refused(tmp_path: Path, lines: str) -> None:
    with pytest.raises(BadContract, match=r"acme.toml:[67]: ") as bad:
        read(written(tmp_path, f"{HEAD}{lines}\n{TERM}"))
    assert CONTRADICTIONS[lines] in str(bad.value)


@pytest.mark.parametrize(
    ("second", "says"),
    [
        ("[[terms]]\nfrom = 2027-01-01\nrate = 0.2", r"toml:1[23]: terms.1.from: two terms"),
        ("[[terms]]\nfrom = 2027-01-01\nfinding_type = ''\nrate = 0.2", "toml:13: terms.1.finding"),
        (
            "[[terms]]\nfrom = 2027-01-01\nfinding_type = 'A'\nrate = 2",
            "toml:14: terms.1.rate: 2 is",
        ),
    ],
)
def test_a_mistake_in_a_later_term_is_found_there(tmp_path: Path, second: str, says: str) -> None:
    with pytest.raises(BadContract, match=says):
        read(written(tmp_path, f"{HEAD}{TERM}\n{second}\n"))


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ("[{ rate = 0.2, up_to = 10 }]", "the last tier has no end"),
        ("[{ rate = 0.2, up_to = 10 }, { rate = 0.1, up_to = 10 }, { rate = 0 }]", "each tier but"),
        ("[{ rate = 0.2 }, { rate = 0.1 }]", "each tier but the last"),
        ("[{ rate = 0.2, up_to = 0.005 }, { rate = 0 }]", "finer than what is billed"),
        ("[{ rate = 0.2, up_to = -5 }, { rate = 0 }]", "up_to: "),
    ],
)
def test_tiers_go_up_and_the_last_has_no_end(tmp_path: Path, tiers: str, says: str) -> None:
    term = f"[[terms]]\nfrom = 2026-01-01\ntiers_of = 'contract'\ntiers = {tiers}\n"
    with pytest.raises(BadContract, match=says):
        read(written(tmp_path, HEAD + term))
    late = "rate_at = 'issue'\n[[terms]]\nfrom = 2026-01-01\ntiers_of = 'contract'\n"
    with pytest.raises(BadContract, match="rate_at: tiers of more than one invoice"):
        read(written(tmp_path, f"{HEAD}{late}tiers = [{{ rate = 0.1 }}]\n"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("schema = ", r"acme.toml:1: cannot be read as TOML"),
        ("# \xff", "acme.toml:1: cannot be read as TOML"),
        ("a = " + "[" * 5000, "acme.toml:1: cannot be read as TOML: it is nested too deeply"),
        (
            f"rate = {'9' * 5000}",
            "acme.toml:1: cannot be read as TOML: a number in it has too many",
        ),
    ],
)
def test_what_is_no_toml_is_one_line_too(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "acme.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadContract, match=says):
        read(path)
    with pytest.raises(BadContract, match=r"nobody.toml: cannot be read: No such file"):
        read(tmp_path / "nobody.toml")


@pytest.mark.parametrize(
    ("begins", "instant", "year"),
    [
        ("2026-01-01", datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "2026-01-01"),
        ("2026-03-15", datetime(2027, 3, 14, 23, 59, tzinfo=UTC), "2026-03-15"),
        ("2026-03-15", datetime(2027, 3, 15, tzinfo=UTC), "2027-03-15"),
        ("2024-02-29", datetime(2026, 2, 28, tzinfo=UTC), "2025-03-01"),
        ("2024-02-29", datetime(2028, 2, 29, tzinfo=UTC), "2028-02-29"),
    ],
)
def test_a_contract_year_begins_on_the_anniversary(
    begins: str, instant: datetime, year: str
) -> None:
    told = contract({"from": "2026-06-01", "rate": 0}, begins=begins)
    assert f"{told.year_of(instant):%Y-%m-%d}" == year


def test_an_expected_total_is_found_however_its_period_is_written() -> None:
    told = contract(expected_totals={"2026-02": "1.50", "2026-01/2026-04": "9"})
    now = datetime(2026, 5, 1, tzinfo=UTC)
    wanted = {("2026-02", "2026-03"): "1.50", ("2026-02-01", "2026-03-01"): "1.50"}
    wanted |= {("2026-01", "2026-04"): "9"}
    assert {b: str(told.expected(parse_period(*b, now))) for b in wanted} == wanted
    assert told.expected(parse_period("2026-03", "2026-04", now)) is None


def test_the_same_contract_has_the_same_digest_however_it_is_spelled() -> None:
    spelled = contract({"rate": "25 %"}, caps={"per_invoice": 10})
    assert spelled.digest == contract({"rate": "25%"}, caps={"per_invoice": "10"}).digest
    assert spelled.digest != contract({"rate": "25 %"}, caps={"per_invoice": 11}).digest


def test_what_is_published_follows_from_the_model() -> None:
    """If not: ``python -m oracle.schema > oracle/schema/p9a-contract-1.json``."""
    assert schema.FILE.read_text() == schema.schema()
    first = EXAMPLE.read_text().splitlines()[0]
    assert (EXAMPLE.parent / first.removeprefix("#:schema ")).resolve() == schema.FILE


def test_the_page_explains_every_key_in_its_order() -> None:
    page = (PROJECT / "docs" / "contracts.md").read_text()
    explained = re.findall(
        r"^\| `([a-z_]+)` \|", page.partition("\n## How a bill")[0], re.MULTILINE
    )
    assert explained == [one.alias or name for name, one in Contract.model_fields.items()]
    for name, one in Term.model_fields.items():
        assert f"`{one.alias or name}`" in page


def test_an_editor_takes_the_example_and_marks_a_mistake() -> None:
    published = json.loads(schema.FILE.read_text())
    jsonschema_rs.meta.validate(published)
    editor = jsonschema_rs.Draft7Validator(published)
    told = json.loads(json.dumps(tomllib.loads(EXAMPLE.read_text()), default=str))
    assert not list(editor.iter_errors(told))
    assert list(editor.iter_errors(told | {"tenants": "acme"}))
    assert list(editor.iter_errors(told | {"negative_total": "paid out"}))
    assert '"description"' in json.dumps(published["definitions"]["Term"]["properties"]["until"])
