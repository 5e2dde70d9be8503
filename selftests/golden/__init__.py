"""Records of runs, and the pages that they must give. The records are given.

``python -m selftests.golden`` writes every golden file anew.
"""

from pathlib import Path

from reports.evidence import Evidence
from reports.html import render_html

GOLDEN = Path(__file__).parent
# Each record, and its page.
PAGES = {
    GOLDEN / "evidence.json": GOLDEN / "report.html",
    GOLDEN / "ready.json": GOLDEN / "ready.html",
}


def rendered(record: Path) -> str:
    """Return the page of a record in a file."""
    return render_html(Evidence.model_validate_json(record.read_bytes()))
