"""Every rendering of the record, by file name. Pure: the same record, the same bytes."""

from collections.abc import Callable

from reports.bill import render_bill
from reports.evidence import Evidence
from reports.files import REPORT
from reports.html import render_html, tenant_pages
from reports.junit import render_junit
from reports.summary import render_summary

RENDERINGS: dict[str, Callable[[Evidence], bytes]] = {
    "bill.csv": render_bill,
    "junit.xml": render_junit,
    REPORT: lambda evidence: render_html(evidence).encode(),
    "summary.md": render_summary,
}


def render_all(evidence: Evidence) -> dict[str, bytes]:
    """Return what every rendering of a record holds, by file name; of many tenants a page each."""
    rendered = {name: render(evidence) for name, render in RENDERINGS.items()}
    return rendered | {name: page.encode() for name, page in tenant_pages(evidence)}
