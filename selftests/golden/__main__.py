"""Writes the golden files anew: read their difference before you commit it."""

from selftests.golden import PAGES, rendered
from selftests.records import write_golden_files

write_golden_files()
for record, page in PAGES.items():
    page.write_text(rendered(record), encoding="utf-8")
