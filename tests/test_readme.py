"""The READMEs are true: their code runs and their study files are understood."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from geo.study import parse_study
from handbook.contents import parts

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "README.zh-CN.md")
MADE = {entry.file for part in parts() for entry in part.entries if entry.is_made}
"""Pages that `make docs` generates: links to them are followed in the built site."""


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)
    return [re.sub(f"^{indent}", "", body, flags=re.MULTILINE) for indent, body in found]


@pytest.mark.parametrize("page", PAGES)
def test_every_study_file_shown_is_understood(page: str) -> None:
    shown = [tomllib.loads(block) for block in blocks(page, "toml")]
    whole = [data for data in shown if "study" in data]
    assert whole, "a page without a study file does not show the way in"
    for data in whole:
        assert parse_study(data, folder=ROOT, name=page).study.name
    for data in shown:
        if "study" not in data:  # a part of a study file, shown alone: it fits into a whole one
            parse_study(whole[0] | data, folder=ROOT, name=page)


def test_both_languages_show_the_same_study_files_and_code() -> None:
    english, chinese = ([_nameless(tomllib.loads(body)) for body in blocks(page, "toml")] for page in PAGES)
    assert english == chinese
    assert blocks(PAGES[0], "python") == blocks(PAGES[1], "python")


def _nameless(value: Any) -> Any:
    """Leave out what is said in the page's own language."""
    if isinstance(value, dict):
        return {key: _nameless(part) for key, part in value.items() if key not in ("name", "lang")}
    return [_nameless(part) for part in value] if isinstance(value, list) else value


@pytest.mark.study
def test_the_code_shown_runs() -> None:
    shown = blocks("README.md", "python")
    assert shown
    for block in shown:
        exec(compile(block, "README.md", "exec"), {})


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_points_to_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if not link.startswith("http")]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "docs/releasing.md"])
def test_every_make_command_named_is_one_of_the_makefile(page: str) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = re.findall(r"(?:`|^)make (\w+)", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert named
    assert set(named) <= set(targets)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.stem)
def test_every_file_that_a_document_points_to_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    links = [link for link in links if link not in MADE]
    assert [link for link in links if not link.startswith("http") and not (page.parent / link).exists()] == []
