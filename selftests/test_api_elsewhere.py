"""What answers is not the platform's API, or not that of the database: nothing can be said."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from selftests.conftest import gate_on
from selftests.described import REFERENCE, copy_of
from selftests.gate import Outcome
from selftests.proxy import Answer, Forward, Proxy, proxying
from selftests.server import TOKEN, Caller, serving
from selftests.staging import Staging


@pytest.fixture
def somebody(staging: Staging) -> UUID:
    return staging.tenant()


@pytest.fixture
def untouched(staging: Staging, somebody: UUID) -> Iterator[None]:
    """Demand that the gate leaves the staging as it was."""
    before = staging.rows()
    yield
    assert staging.rows() == before


def demand_aborted(outcome: Outcome, *words: str) -> None:
    """Demand one reason, told once, and that nobody is blamed."""
    assert outcome.code == 2, outcome.out
    assert (outcome.tenant.verdict, outcome.failed()) == ("ABORTED", [])
    assert [word for word in words if word not in outcome.tenant.reason] == []
    assert outcome.out.count(words[0]) == 1, outcome.out


COUNTS_INSERTIONS = """
CREATE SEQUENCE app.planted;
GRANT USAGE ON SEQUENCE app.planted TO PUBLIC;
CREATE FUNCTION app.count_planted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM nextval('app.planted'); RETURN NULL; END $$;
CREATE TRIGGER count_planted AFTER INSERT ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.count_planted();
"""


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("prefix", "token", "words"),
    [
        ("", "wrong-token-0123456789", "refuses the token: POST /api/admin/billing/invoices/"),
        ("/v1", TOKEN, "is not the API, or not all of its address: POST /api/admin/billing/"),
    ],
    ids=["a wrong token", "a wrong path"],
)
def test_who_is_not_let_in_judges_nothing(
    staging: Staging,
    tmp_path: Path,
    api: Caller,
    somebody: UUID,
    prefix: str,
    token: str,
    words: str,
) -> None:
    staging.connection.execute(COUNTS_INSERTIONS.encode())
    env = {"BILLING_API_URL": api.url + prefix, "BILLING_API_TOKEN": token}
    demand_aborted(gate_on(staging, tmp_path, "gate", env)(somebody), words)
    counted = staging.connection.execute("SELECT is_called FROM app.planted").fetchone()
    assert counted == (False,), "seeds were planted for a platform that lets nobody in"


@pytest.mark.usefixtures("untouched")
def test_what_was_not_let_in_made_no_draft(
    staging: Staging, tmp_path: Path, somebody: UUID
) -> None:
    def mistreat(name: str, forward: Forward) -> Answer:
        if name == "invoices":
            return 401, b"{}"
        response = forward()
        return response.status_code, response.content

    with serving(staging.conninfo) as server, proxying(server.url, Proxy(mistreat)) as url:
        env = {"BILLING_API_URL": url, "BILLING_API_TOKEN": TOKEN}
        outcome = gate_on(staging, tmp_path, "gate", env)(somebody)
    demand_aborted(outcome, "refuses the token: POST /api/admin/billing/invoices answered 401")
    assert "REMAINS" not in outcome.out


@pytest.mark.usefixtures("untouched")
def test_an_api_that_knows_no_such_tenant_has_another_database(
    staging: Staging, tmp_path: Path, api: Caller, somebody: UUID
) -> None:
    outcome = gate_on(staging, tmp_path, "gate", reached(api))(somebody)
    demand_aborted(outcome, f"knows no tenant {somebody}", "BILLING_API_URL and DATABASE_URL")


@pytest.mark.usefixtures("untouched")
def test_a_preview_of_other_events_says_where_they_may_be(
    staging: Staging, served: Staging, tmp_path: Path, api: Caller, somebody: UUID
) -> None:
    there_too(served, somebody, events=2)
    outcome = gate_on(staging, tmp_path, "gate", reached(api))(somebody)
    assert (outcome.code, outcome.failed()) == (1, ["S1.4", "S3.2"])
    assert "it works on another database: have BILLING" in outcome.check("S1.4").detail


@pytest.mark.usefixtures("untouched")
def test_a_draft_that_was_made_elsewhere_is_told_and_taken_back_there(
    staging: Staging, served: Staging, tmp_path: Path, api: Caller, somebody: UUID
) -> None:
    there_too(served, somebody, events=2)
    before = served.rows()
    blind = copy_of(
        REFERENCE,
        tmp_path,
        ("preview = {", "# preview = {"),
        ("[lacks]\n", '[lacks]\npreview = "none"\n'),
    )
    outcome = gate_on(staging, tmp_path, "gate", reached(api))(somebody, f"--platform={blind}")
    demand_aborted(
        outcome,
        "works on another database than DATABASE_URL names",
        f"of tenant {somebody} and finds it",
        "it was cancelled there again",
    )
    assert "REMAINS" not in outcome.out
    assert served.rows() == before


def reached(api: Caller) -> dict[str, str]:
    """Name the API that works on the database ``served``."""
    return {"BILLING_API_URL": api.url, "BILLING_API_TOKEN": TOKEN}


def there_too(served: Staging, somebody: UUID, events: int) -> None:
    """Have a tenant of the same id in the other database, with events of its own."""
    served.insert_tenant(somebody, "Acme Freight", f"acme-{somebody}")
    served.terms(somebody, "0.25")
    for _ in range(events):
        served.event(somebody)
