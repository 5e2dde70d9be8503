"""Records of runs, and the pages that they must give. The records are given.

``python -m selftests.golden`` writes every golden file anew.
"""

from datetime import timedelta
from pathlib import Path

from reports.evidence import Evidence
from reports.files import page_of
from reports.history import history_of
from reports.history_pages import pages_of
from reports.html import render_html, tenant_pages
from reports.nights import Night, night_of
from reports.record import load_record
from reports.verify import Verified

GOLDEN = Path(__file__).parent
# Each record, and its page.
PAGES = {
    GOLDEN / "evidence.json": GOLDEN / "report.html",
    GOLDEN / "ready.json": GOLDEN / "ready.html",
}


def rendered(record: Path) -> str:
    """Return the page of a record in a file."""
    return render_html(Evidence.model_validate_json(record.read_bytes()))


# The pages of a run on many tenants: the overview, and one tenant's own.
FLEET = {"report.html": "fleet.html", "tenant.html": "fleet-tenant.html"}


def fleet_pages() -> dict[str, str]:
    """Return the overview of the record that is not ready, of more tenants, and its first page."""
    evidence = load_record((GOLDEN / "record-not_ready.json").read_bytes())
    *bad, ready = evidence.tenants
    more = (ready.model_copy(update={"id": f"{n}{ready.id[1:]}", "name": f"N. {n}"}) for n in "123")
    many = evidence.model_copy(update={"tenants": (*more, *bad, ready)})
    own = dict(tenant_pages(many))
    return {"report.html": render_html(many), "tenant.html": own[page_of(bad[0].id)]}


# The pages of a history, by what they are called there.
HISTORY = {"index.html": "history.html", "tenant.html": "history-tenant.html"}


def history_pages() -> dict[str, bytes]:
    """Return the overview, and the page of its first tenant, of three nights and a damaged one."""
    nights: dict[Path, Night] = {}
    for day, record in enumerate(("ready", "not_judged", "not_ready", "ready")):
        evidence = load_record((GOLDEN / f"record-{record}.json").read_bytes())
        at = evidence.started_at + timedelta(days=day)
        moved = {"started_at": at, "finished_at": at + timedelta(seconds=3.5)}
        one = night_of(Verified(evidence.model_copy(update=moved), signed=False, findings=()))
        nights[Path(f"/runs/{day}")] = one
    nights[Path("/runs/damaged")] = Night(findings=("summary.md: is not the file",))
    made = list(
        pages_of(history_of(nights), Path("/runs/history"), "python -m reports history runs")
    )
    return {"index.html": made[0][1], "tenant.html": made[1][1]}
