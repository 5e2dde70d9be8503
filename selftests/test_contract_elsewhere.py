"""A contract on a platform of another house, whose rate is that of the period's first day."""

from pathlib import Path

from selftests.ledgerline_gate import gate_on
from selftests.platforms.ledgerline.staging import Ledger

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]

SIGNED = """
schema = "p9a-contract/1"
tenant = "{tenant}"
currency = "USD"
begins = 2025-01-01
rate_at = "period start"
{more}

[[terms]]
from = 2025-01-01
until = 2026-02-15
rate = "25 %"

[[terms]]
from = 2026-02-15
rate = "20 %"
"""


def test_what_was_signed_is_the_truth_there_too(ledger: Ledger, tmp_path: Path) -> None:
    account = ledger.account(rate_percent=None)
    ledger.contract(account, "25", ends="2026-02-15")
    ledger.contract(account, "20", starts="2026-02-15")
    ledger.finding(account, 10_000, "2026-02-20T12:00:00+00:00")
    (tmp_path / f"{account}.toml").write_text(SIGNED.format(tenant=account, more=""))
    (tmp_path / "capped.toml").write_text(
        SIGNED.format(tenant=account, more="caps = { per_event = 10 }")
    )
    with gate_on(ledger, tmp_path) as gate:
        kept = gate(account, f"--contract={tmp_path}")
        broken = gate(account, f"--contract={tmp_path / 'capped.toml'}")
    assert kept.code == 0, kept.out
    assert kept.check("S1.7").status == "passed"
    assert (broken.code, broken.failed()) == (1, ["S2.2"]), broken.out
    assert "25.00" in broken.check("S2.2").got
    assert "the cap per event" in broken.check("S1.7").detail
