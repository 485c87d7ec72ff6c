"""The live page speaks one language: every text, title and label, seen or not, before and after a change."""

from __future__ import annotations

import re

import pytest

from geo.serve import LiveStudy
from tests.browser import texts_of
from tests.reading_texts import without_titles
from tests.serve.conftest import Open, Serve, wait
from tests.tongues import CHINESE, latin_words

pytestmark = pytest.mark.browser

SWITCH = re.compile(r"^(English|中文)$")
"""The other language is named in its own."""


def texts(page) -> list[str]:
    """Give all texts of the page, with what is folded, but the name of the other language."""
    return [text for text in texts_of(page) if not SWITCH.match(text)]


def put_station(page) -> None:
    """Put a station into the middle of the map."""
    page.keyboard.press("n")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wait(page, "geoLive.model.state.n_undo === 1")


def test_no_english_word_on_the_chinese_page(sample: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(sample))
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    found = texts(page)
    put_station(page)
    found += texts(page)
    assert len(found) > 100
    assert {text: words for text in found if (words := latin_words(text))} == {}


def test_no_chinese_sign_on_the_english_page(town: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(town))
    assert page.evaluate("document.documentElement.lang") == "en"
    found = texts(page)
    assert len(found) > 30
    assert [text for text in found if re.search(CHINESE, without_titles(text))] == []
