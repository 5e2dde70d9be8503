"""Writes the golden files anew: read their difference before you commit it."""

from selftests.golden import FLEET, GOLDEN, HISTORY, PAGES, fleet_pages, history_pages, rendered
from selftests.records import write_golden_files

write_golden_files()
for record, page in PAGES.items():
    page.write_text(rendered(record), encoding="utf-8")
for name, text in fleet_pages().items():
    (GOLDEN / FLEET[name]).write_text(text, encoding="utf-8")
for name, content in history_pages().items():
    (GOLDEN / HISTORY[name]).write_bytes(content)
