from pathlib import Path

from selftests.conftest import gate_on as on
from selftests.ledgerline_gate import gate_on
from selftests.platforms.ledgerline.staging import Ledger
from selftests.server import TOKEN, serving
from selftests.staging import Staging

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]


def test_reference(staging: Staging, tmp_path: Path) -> None:
    with serving(staging.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
        gate = on(staging, tmp_path, "gate", env)
        outcome = gate(staging.tenant())
        print(outcome.out, outcome.err)
        print(outcome.check("M.1"))
        print(
            {
                t["act"]: t["seconds"]
                for t in [
                    x.model_dump() if hasattr(x, "model_dump") else x
                    for x in outcome.tenant.timeline
                ]
            }
        )
        print(outcome.check("X3"))
    assert 0


def test_ledger(ledger: Ledger, tmp_path: Path) -> None:
    with gate_on(ledger, tmp_path) as gate:
        outcome = gate(ledger.account())
        print(outcome.out, outcome.err)
        print(outcome.check("M.1"))
        print(
            {
                t["act"]: t["seconds"]
                for t in [
                    x.model_dump() if hasattr(x, "model_dump") else x
                    for x in outcome.tenant.timeline
                ]
            }
        )
    assert 0
