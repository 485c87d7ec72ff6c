"""The live page speaks one language: every text, title and label, seen or not, before and after a change."""

from __future__ import annotations

import re

import pytest

from geo.serve import LiveStudy
from tests.serve.conftest import Open, Serve, wait
from tests.tongues import CHINESE, latin_words

pytestmark = pytest.mark.browser

WALK = """() => {
    const out = new Set(), eat = text => { if (text && text.trim()) out.add(text.trim()); };
    const walk = node => {
        if (node.nodeType === 3) eat(node.data);
        if (node.nodeType !== 1 || ['SCRIPT', 'STYLE'].includes(node.tagName)) return;
        for (const name of node.getAttributeNames()) {
            if (/^(title|alt|placeholder|aria-(label|description|roledescription|valuetext))$/.test(name)) {
                eat(node.getAttribute(name));
            }
        }
        for (const child of node.childNodes) walk(child);
    };
    walk(document.body);
    eat(document.title);
    return [...out];
}"""
SWITCH = re.compile(r"^(English|中文)$")
"""The other language is named in its own."""


def texts(page) -> list[str]:
    """Give all texts of the page as it opens, and with a new station in place."""
    before = page.evaluate(WALK)
    page.keyboard.press("n")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wait(page, "geoLive.model.state.n_undo === 1")
    every = [*before, *page.evaluate(WALK)]
    return [text for text in every if not SWITCH.match(text)]


def test_no_english_word_on_the_chinese_page(sample: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(sample))
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    found = texts(page)
    assert len(found) > 100
    assert {text: words for text in found if (words := latin_words(text))} == {}


def test_no_chinese_sign_on_the_english_page(town: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(town))
    assert page.evaluate("document.documentElement.lang") == "en"
    found = texts(page)
    assert len(found) > 100
    assert [text for text in found if re.search(CHINESE, text)] == []
