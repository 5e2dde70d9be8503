"""How pages are looked at: as a browser's parser reads them, and as a browser shows them.

A test module that wants the browser names this one in its ``pytest_plugins``.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element

import html5lib
import pytest

from selftests.browser import MISSING, Browser, browsing, find_chromium

PHONE, DESK = 390, 1280
LOOKS = [(width, scheme) for width in (PHONE, DESK) for scheme in ("light", "dark")]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Words whose contrast with what lies behind them is less than WCAG's 4.5.
FAINT = """(() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = channels(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c;
  } return [255, 255, 255]; };
  return [...document.body.querySelectorAll('*')].filter(e =>
    [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.checkVisibility()
    && !['title', 'desc'].includes(e.tagName)).filter(e => {
    const style = getComputedStyle(e);
    const front = light(channels(e.tagName === 'text' ? style.fill : style.color));
    const back = light(behind(e));
    return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05) < 4.5;
  }).map(e => e.textContent.slice(0, 40));
})()"""


def parse(page: str) -> Element:
    """The page as a browser's parser reads it; an error of markup is an error here."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(page)
    return root


def words(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def demand_a_way_through(root: Element) -> None:
    """Demand what a screen reader needs: landmarks, headings, named tables and drawings."""
    assert root.attrib["lang"] == "en"
    for landmark in ("header", "main", "footer"):
        assert len(list(root.iter(landmark))) == 1
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    assert levels[0] == levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    for table in root.iter("table"):
        assert table[0].tag == "caption"
        assert all("scope" in head.attrib for head in table.iter("th"))
    for drawing in root.iter("svg"):
        assert drawing.attrib["role"] == "img"
        assert [child.tag for child in drawing[:2]] == ["title", "desc"]
        assert all(words(child) for child in drawing[:2])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser, where one is installed."""
    program = find_chromium()
    if program is None:
        pytest.skip(MISSING)
    with browsing(program) as started:
        yield started
