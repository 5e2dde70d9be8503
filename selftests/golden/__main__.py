"""Writes the golden pages anew."""

from selftests.golden import PAGES, rendered

for record, page in PAGES.items():
    page.write_text(rendered(record), encoding="utf-8")
    print(f"written: {page}")
