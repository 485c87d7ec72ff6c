"""Pages of the docs: their study files are understood, both languages say the same, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from geo.study import parse_study
from handbook.contents import Entry, parts, source_of
from handbook.links import Page, link_faults
from handbook.wording import ROOT
from tests.test_readme import _nameless, blocks

PAGES = [entry for part in parts() for entry in part.entries if not entry.is_made]
BOTH = [entry for entry in PAGES if "zh" in entry.titles]
ALONE = {"batch.md", "install.md", "formats.md", "glossary.md", "index.md"}
"""Pages whose two languages are not written side by side."""


@pytest.mark.parametrize("entry", BOTH, ids=lambda entry: entry.file)
def test_both_languages_show_the_same_examples(entry: Entry) -> None:
    english, chinese = (
        [_nameless(tomllib.loads(body)) for body in blocks(source_of(entry, lang), "toml")]
        for lang in ("en", "zh")
    )
    for profile in (data["ours"] for data in (*english, *chinese) if "ours" in data):
        assert profile.pop("source")
    assert english == chinese or entry.file in ALONE
    assert blocks(source_of(entry, "en"), "python") == blocks(source_of(entry, "zh"), "python")


@pytest.mark.parametrize(
    "page",
    [
        "docs/start.md",
        "docs/zh/start.md",
        "docs/scenarios.md",
        "docs/zh/scenarios.md",
        "docs/faq.md",
        "docs/zh/faq.md",
    ],
)
def test_every_study_file_shown_is_understood(page: str) -> None:
    whole = {
        "study": {"name": "x"},
        "roads": {"path": "r"},
        "facilities": [{"path": "f"}],
        "demand": [{"path": "d", "people": 1}],
    }
    shown = [tomllib.loads(block) for block in blocks(page, "toml")]
    assert shown
    for data in shown:
        if "ours" not in data:  # a speed profile
            parse_study(whole | data, folder=ROOT, name=page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_speed_profile_shown_is_understood(lang: str, tmp_path: Path) -> None:
    from geo.standards import load_profile

    page = "docs/faq.md" if lang == "en" else "docs/zh/faq.md"
    (profile,) = [block for block in blocks(page, "toml") if "[ours]" in block]
    (tmp_path / "our_speeds.toml").write_text(profile, encoding="utf-8")
    speeds = load_profile(tmp_path / "our_speeds.toml").speeds_kph
    assert (speeds["primary"], speeds["secondary"], speeds["tertiary"]) == (47, 41, 40)


def test_the_same_questions_are_answered_in_both_languages() -> None:
    english, chinese = (
        re.findall(r"^### .*\{#([\w-]+)\}$", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
        for page in ("docs/faq.md", "docs/zh/faq.md")
    )
    assert english == chinese
    assert len(set(english)) == len(english) >= 20


@pytest.mark.parametrize("entry", BOTH, ids=lambda entry: entry.file)
def test_both_languages_have_the_same_places(entry: Entry) -> None:
    """A link that follows a reader into the other language finds its heading there."""
    english, chinese = (
        re.findall(r"\{#([\w-]+)\}", (ROOT / source_of(entry, lang)).read_text(encoding="utf-8"))
        for lang in ("en", "zh")
    )
    assert english == chinese


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<a href="b.html">', "leads to no file"),
        ('<a href="a.html#far">', "has no such place"),
        ('<a href="#far">', "has no such place"),
        ('<script src="https://cdn.example/x.js">', "asks another machine"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "asks another machine"),
        ('<img src="c.png">', "leads to no file"),
        ('<a href="https://example.com/">', ""),
        ('<a id="near" href="#near">', ""),
        ('<a href="folder/">', ""),
    ],
)
def test_the_link_check_finds_what_leads_nowhere(html: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(html, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "index.html").write_text("<p id='x'>", encoding="utf-8")
    faults = link_faults(tmp_path)
    assert len(faults) == bool(fault)
    assert all(fault in text for text in faults)


@pytest.mark.study
def test_the_site_builds_and_every_link_is_followed(tmp_path: Path) -> None:
    if importlib.util.find_spec("zensical") is None or importlib.util.find_spec("mkdocstrings") is None:
        pytest.skip("zensical and mkdocstrings are not installed here: make docs builds the site")
    done = subprocess.run(
        [sys.executable, "-m", "handbook", "--quick", "--out", str(tmp_path / "site")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in ("en/study.html", "zh/study.html", "zh/faq.html", "en/api/geo.network.html"):
        assert Page(tmp_path / "site" / name).ids
    assert "消防站" in (tmp_path / "site" / "zh" / "search.js").read_text(encoding="utf-8")
