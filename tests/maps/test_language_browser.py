"""The sample's map speaks one language: every text, title and label, seen or not, with every layer open."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from geo.maps import write_map
from geo.outputs import draw_map
from geo.study import StudyResult, read_study, run_study
from geo.words import data_dir
from tests.browser import texts_of
from tests.maps.test_web_map import payload

pytestmark = pytest.mark.browser

BOUND = """() => {
    const more = [];
    const sayEach = (circles, more) => circles._radii.forEach((_, i) => {
        circles.at = i;
        const bound = circles.getTooltip && circles.getTooltip();
        if (!bound) return;
        more.push(bound._content(circles));
        if (i % 20) return;  // a pop-up is built when it opens: those of some
        circles.fire('click', { latlng: map_coverage.getCenter() });
        more.push(map_coverage._popup.getElement().cloneNode(true));
        map_coverage.closePopup();
    });
    map_coverage.eachLayer(layer => {
        if (layer.eachLayer) return;  // a group says what its members say
        if (layer._radii) return sayEach(layer, more);
        for (const bound of [layer.getPopup && layer.getPopup(), layer.getTooltip && layer.getTooltip()]) {
            let content = bound && bound._content;
            if (typeof content === 'function') content = content(layer);
            if (content && content.nodeType) more.push(content);
        }
    });
    return more;
}"""
"""What popups and tooltips would show, opened or not."""
OPEN = """() => {
    for (const box of document.querySelectorAll('[data-layer]:not(:checked)')) box.click();
    for (const fold of document.querySelectorAll('details')) fold.open = true;
}"""
NAMES = re.compile(
    r"OpenStreetMap|Leaflet|GeoPackage|BSD-2|ODbL|\bCJJ\b|\bGB(/T)?\b|\bA[34]\b|\bS\b"
    r"|[\w.\-]+\.(geojson|csv|gpkg|toml|xlsx)\b|layers/standards/"  # files of the planner's own
    r"|\[[a-z_]+\]|\b[a-z]+_[a-z_]+\b|\b(ferries|true|false)\b"  # what she types into the study file
    r"|\bgeo check\b|\b(dispatch|drive)-\dmin\b"
)
"""Proper names and what is typed as it stands: no words of the language."""
CHINESE = re.compile("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return run_study(read_study("sample"), lang="zh")


def texts(result: StudyResult, folder: Path, open_page) -> tuple[list[str], dict]:
    drawn = draw_map(result)
    page = open_page(write_map(drawn, folder / "map.html")).page
    page.evaluate(OPEN)
    page.wait_for_timeout(500)
    found = texts_of(page, BOUND)
    page.emulate_media(media="print")
    page.wait_for_selector(".geo-sheet-side")
    return [*found, *texts_of(page, BOUND)], payload(drawn.get_root().render())


def names_of_data(page: dict) -> list[str]:
    """Give every name that stands in the sample's own tables, which are Chinese, the longest first."""
    names = [page["title"]]
    names += [row["name"] for group in ("stations", "zones", "gaps") for row in page[group]]
    names += [place["name"] for kind in page["facilities"] for place in kind["places"]]
    names += [*page["demand"]["names"], *page["demand"]["zones"], *page["unreached"]["name"]]
    for finding in page["findings"]:
        for column in (finding["title"], *finding["values"]):
            names += column["texts"]
    names += titles_of_documents()
    parts = {part for name in names for part in re.split(r"[ 、,;]+", name)}
    return sorted(filter(CHINESE.search, {*names, *parts}), key=len, reverse=True)


def titles_of_documents() -> list[str]:
    """Give the titles and clauses of standards and plans, which are called so in every language."""
    tables = [
        tomllib.loads(path.read_text(encoding="utf-8"))
        for folder in ("standards", "plans")
        for path in sorted((data_dir() / folder).glob("*.toml"))
    ]
    found = []
    while tables:
        for key, value in tables.pop().items():
            rows = value if isinstance(value, list) else [value]
            tables += [row for row in rows if isinstance(row, dict)]
            if key in ("standard", "clause", "document", "source") and isinstance(value, str):
                found += [value, *value.split("; ")]
    return found


def test_a_chinese_map_has_no_english_word(result, open_page, tmp_path):
    found, _ = texts(result, tmp_path, open_page)
    assert len(found) > 1000
    wrong = [text for text in found if re.search("[A-Za-z]{2,}|[A-Za-z]²|\\[", NAMES.sub("", text))]
    assert wrong == []


def test_an_english_map_has_no_chinese_word_but_names(result, open_page, tmp_path):
    found, page = texts(replace(result, lang="en"), tmp_path, open_page)
    assert len(found) > 1000
    known = names_of_data(page)
    other = {text for text in found if CHINESE.search(text)} - set(known)
    names = re.compile("|".join(map(re.escape, known)))
    wrong = [text for text in sorted(other) if CHINESE.search(names.sub("", text))]
    assert wrong == []
