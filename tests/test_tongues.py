"""No English word in what is said in Chinese, no Chinese sign in what is said in English."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator

import pytest

from geo.words import data_dir
from tests.tongues import CHINESE, latin_words

FILES = sorted((data_dir() / "words").glob("*.toml"))
SAMPLE = "sample"
"""Its words become files of a place in China, with names and TOML in both languages."""
SWITCH = "serve.page_language"
"""The name of the other language, in that language."""
STANDARD = "建标"
"""The name of a standard: 建标 152-2017."""


def _texts(lang: str) -> Iterator[tuple[str, str]]:
    for path in FILES:
        for name, texts in tomllib.loads(path.read_text(encoding="utf-8")).items():
            yield f"{path.stem}.{name}", texts[lang]


def _spoken(text: str) -> str:
    """Give a text without its placeholders."""
    return " ".join(part for part, *_ in string.Formatter().parse(text))


def test_no_chinese_sentence_has_an_english_word() -> None:
    english = {
        key: words
        for key, text in _texts("zh")
        if not key.startswith((f"{SAMPLE}.", SWITCH)) and (words := latin_words(_spoken(text)))
    }
    assert english == {}


def test_no_english_sentence_has_a_chinese_sign() -> None:
    chinese = {
        key: words
        for key, text in _texts("en")
        if not key.startswith((f"{SAMPLE}.", SWITCH))
        and (words := re.findall(f"{CHINESE}+", text.replace(STANDARD, "")))
    }
    assert chinese == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('请写 kind = "fire_station"', []),
        ("读取 ./data/x.gpkg 的 roads 图层 is missing", ["missing"]),
        ("the file must 有一列", ["the", "file", "must"]),
    ],
)
def test_a_run_of_letters_is_english_unless_it_is_a_name(text: str, words: list[str]) -> None:
    assert latin_words(text) == words
