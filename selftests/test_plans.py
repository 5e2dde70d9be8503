"""PostgreSQL plans the composed statements as those that are written by hand against the tables.

Goal: what is put between the gate and a platform's tables costs nothing, on a million events.
Method: EXPLAIN of both, compared node by node: kinds of nodes, tables, indexes and their ranges,
filters, groups and orders; the names that a query gives to its tables are left out.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from billing.queries import queries
from fixtures.server import EmbeddedServer
from oracle.generated import PERIOD
from platforms.relations.canonical import RELATION_COLUMNS
from platforms.statements import Statement, Tables, parse
from selftests.reference import known, tables_of, writes_of

BY_HAND = parse((Path(__file__).parent / "sql" / "plans.sql").read_text())
EVENTS = 1_000_000
TENANTS = [str(UUID(int=number)) for number in range(1, 21)]
MONTH = {"period_start": PERIOD.start, "period_end": PERIOD.end}
PIECE = {"starts": PERIOD.start, "ends": PERIOD.end}
NO_BOUNDS = {"starts": None, "ends": None}
NOBODY = str(UUID(int=99))
COMPARED: dict[str, dict[str, Any]] = {
    "amounts": PIECE | {"shares": 1, "share": 0},
    "billable_number": PIECE,
    "any_unbilled": MONTH,
    "known_events": MONTH,
    "has_other_events": MONTH | {"seed_ids": [], "invoice_ids": [NOBODY]},
    "seed_keys": {},
    "claimed_events": {"invoice_id": NOBODY},
    "fingerprint": NO_BOUNDS | {"relations": list(RELATION_COLUMNS)},
}
SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan")
IN_A_RANGE = ("amounts", "billable_number", "any_unbilled")
LEFT_OUT = re.compile(r"Cost|Rows|Width|Alias|Subplan|Parent|Parallel|Async|Disabled|Planned")
QUALIFIER = re.compile(r"\b[a-z]\w*\.(?=[a-z(*])")


@pytest.fixture(scope="module")
def crowded(embedded_server: EmbeddedServer, reference: NoopExecutor) -> Iterator[Tables]:
    """A database in which twenty tenants have a million events of a year."""
    where: dict[str, Any] = {"host": embedded_server.host, "port": embedded_server.port}
    where |= {"user": embedded_server.user, "dbname": "crowded"}
    janitor = DatabaseJanitor(**where, template_dbname=reference.template_dbname)
    with janitor, psycopg.connect(**where, autocommit=True) as connection:
        for tenant_id in TENANTS:
            writes_of(connection).act(
                "scratch_tenant", tenant_id=tenant_id, name="Crowd", slug=tenant_id
            )
        by_hand = Tables(connection, BY_HAND)
        by_hand.act("hurry")
        assert by_hand.act("fill", tenant_ids=TENANTS, event_count=EVENTS) == EVENTS
        by_hand.act("analyse")
        yield tables_of(connection)


def plan(connection: Connection[Any], statement: Statement, values: dict[str, Any]) -> Any:
    """Return how a statement would be executed, without what a query only calls things."""
    (part,) = statement.parts
    bound = {name: values[name] for name in statement.values}
    explained = connection.execute(f"EXPLAIN (FORMAT JSON) {part}", bound).fetchone()
    assert explained is not None
    return _bare(explained[0][0]["Plan"])


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if not LEFT_OUT.search(key)}
    if isinstance(node, list):
        return [_bare(part) for part in node]
    return QUALIFIER.sub("", node) if isinstance(node, str) else node


@pytest.mark.parametrize("name", COMPARED)
def test_a_composed_statement_is_planned_as_one_by_hand(crowded: Tables, name: str) -> None:
    values = {"tenant_id": TENANTS[7], **COMPARED[name]}
    composed = plan(crowded.connection, crowded.statements[name], values)
    by_hand = plan(crowded.connection, BY_HAND[name], values)
    assert composed == by_hand


@pytest.mark.parametrize("name", IN_A_RANGE)
def test_a_period_is_one_range_of_the_index(crowded: Tables, name: str) -> None:
    values = {"tenant_id": TENANTS[7], **COMPARED[name]}
    told = str(plan(crowded.connection, crowded.statements[name], values))
    assert "'Index Name': 'value_events_unbilled'" in told
    assert re.search(r"'Index Cond': \"\(\(tenant_id = .*occurred_at >= .*occurred_at < ", told)
    assert "Seq Scan" not in told


def test_a_bill_is_priced_in_ranges_of_one_index_that_holds_all_it_needs(crowded: Tables) -> None:
    values = {"tenant_id": TENANTS[7], **MONTH}
    statement = f"EXPLAIN (FORMAT JSON) {queries.price_unbilled.sql}"  # type: ignore[attr-defined]
    explained = crowded.connection.execute(statement, values).fetchone()
    scans = [node for node in _nodes(known(explained)[0][0]["Plan"]) if node["Node Type"] in SCANS]
    events = [scan for scan in scans if scan["Relation Name"] == "value_events"]
    told = {(scan["Node Type"], scan["Index Name"]) for scan in events}
    assert told == {("Index Only Scan", "value_events_to_price")}
    (priced,) = [scan["Index Cond"] for scan in events if "occurred_at" in scan["Index Cond"]]
    for column in (
        "tenant_id =",
        "currency =",
        "finding_type =",
        "occurred_at >=",
        "occurred_at <",
    ):
        assert f"({column}" in priced


def test_what_is_compared_can_differ(crowded: Tables) -> None:
    values = {"tenant_id": TENANTS[7], **MONTH}
    plans = [plan(crowded.connection, BY_HAND[n], values) for n in ("any_unbilled", "known_events")]
    assert plans[0] != plans[1]
