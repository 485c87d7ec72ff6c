"""Which pages the site has, in which languages, and where a link of a page leads in the site."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from geo.words import Lang
from handbook.wording import HERE, ROOT

__all__ = ["ELSEWHERE", "Entry", "LinkError", "Part", "parts", "rewrite", "source_of", "without_breaks"]

ELSEWHERE: Final = "https://elsewhere.invalid"
"""Stands before the address of a page of the other language until all pages are built."""
_BREAK: Final = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef”’…])\n(?=[\u3000-\u9fff\uff00-\uffef“‘（])")
_LINK: Final = re.compile(r"(!?\[[^\]]*\]\()([^)\s#]+)((?:#[^)\s]*)?\))")


class LinkError(Exception):
    """A page links to a file that the site does not have."""


@dataclass(frozen=True)
class Entry:
    """A page: its file in the site, its titles, that under which the Chinese site leads to it, its source."""

    file: str
    titles: Mapping[str, str]
    led: str
    source: str
    is_made: bool


@dataclass(frozen=True)
class Part:
    """A part of the site: its titles and pages."""

    titles: Mapping[str, str]
    entries: Sequence[Entry]


@cache
def parts() -> tuple[Part, ...]:
    """Read the table of contents."""
    content = tomllib.loads((HERE / "contents.toml").read_text(encoding="utf-8"))
    return tuple(
        Part({"en": row["en"], "zh": row["zh"]}, tuple(_entry(page) for page in row["pages"]))
        for row in content["part"]
    )


def _entry(row: Mapping[str, str]) -> Entry:
    titles = {lang: row[lang] for lang in ("en", "zh") if lang in row}
    return Entry(
        row["file"],
        titles,
        row.get("led_zh", ""),
        row.get("from", f"docs/{row['file']}"),
        bool(row.get("made")),
    )


def source_of(entry: Entry, lang: Lang) -> str:
    """Give the file of the checkout that a page is written in."""
    return entry.source if lang == "en" else f"docs/zh/{entry.file}"


@cache
def _addresses() -> Mapping[str, tuple[str, frozenset[str]]]:
    """Give the place in the site of each file of the checkout, and the languages that have it."""
    known = {}
    for entry in (entry for part in parts() for entry in part.entries):
        known[entry.source] = (entry.file, frozenset(entry.titles))
        if "zh" in entry.titles:
            known[f"docs/zh/{entry.file}"] = (entry.file, frozenset({"zh"}))
    for path in (ROOT / "docs" / "decisions").glob("0*.md"):
        known[f"docs/decisions/{path.name}"] = (f"decisions/{path.name}", frozenset({"en"}))
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        known[f"notebooks/{path.name}"] = (f"gallery/{path.stem}.md", frozenset({"en"}))
    known |= {
        "README.md": ("index.md", frozenset({"en"})),
        "README.zh-CN.md": ("index.md", frozenset({"zh"})),
    }
    return known


def without_breaks(text: str) -> str:
    r"""Join lines of Chinese prose: a browser makes a blank of the end of a line.

    Examples
    --------
    >>> without_breaks("消防站\n能到 a\nb")
    '消防站能到 a\nb'
    """
    parts = re.split(r"(^ *```.*?^ *```)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.lstrip().startswith("```") else _BREAK.sub("", part) for part in parts)


def rewrite(text: str, source: str, here: str, lang: Lang, attached: set[str]) -> str:
    """Lead the links of a page to the pages of the site.

    Parameters
    ----------
    text : str
        The page.
    source, here : str
        Its file in the checkout, and in the site.
    lang : {"zh", "en"}
        Which of the two sites.
    attached : set of str
        Files of the checkout that the page links to and that are no pages: added to.

    Raises
    ------
    LinkError
        A link leads to a file that neither the site nor the checkout has.
    """

    def lead(match: re.Match[str]) -> str:
        url = match[2]
        if re.match(r"[a-z]+:", url):
            return match[0]
        return match[1] + _led(url, source, here, lang, attached) + match[3]

    return _LINK.sub(lead, text)


def _led(url: str, source: str, here: str, lang: Lang, attached: set[str]) -> str:
    path = os.path.normpath(PurePosixPath(source).parent / url).replace(os.sep, "/")
    start = str(PurePosixPath(here).parent)
    if path in _addresses():
        address, langs = _addresses()[path]
        if lang in langs:
            return os.path.relpath(address, start)
        other = "en" if "en" in langs else "zh"
        return f"{ELSEWHERE}/{other}/{address.removesuffix('.md')}.html"
    if not (ROOT / path).is_file():
        raise LinkError(f"{source}: {url} is no page of the site and no file")
    attached.add(path)
    return os.path.relpath(f"files/{path}", start)
