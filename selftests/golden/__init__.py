"""Records of runs, and the pages that they must give. The records are given.

``python -m selftests.golden`` writes every golden file anew.
"""

from datetime import timedelta
from pathlib import Path

from reports.evidence import Evidence
from reports.history import history_of
from reports.history_pages import pages_of
from reports.html import render_html
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
