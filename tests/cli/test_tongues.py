"""What goes wrong is told in the planner's language: about a hundred faults, through the command itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.wrong_studies import WRONG
from tests.conftest import Run
from tests.studies import CRS, changed, write_town
from tests.tongues import CHINESE, latin_words

pytestmark = pytest.mark.study

LOCALES = {"zh": "zh_CN.UTF-8", "en": "en_US.UTF-8"}
_TOWN = "west east old side middle island road fire station links heads staff village villages town towns"
TOWN = frozenset(_TOWN.split())
"""Words of the layers that every study of the table has."""


def provoke(name: str, folder: Path, command: Run, lang: str) -> tuple[int, str]:
    """Run a wrong study; give the exit code and all that is printed, without the folder's path."""
    sections = changed(write_town(folder), study={"name": "T", "lang": lang, "crs": CRS})
    words = WRONG[name](folder, sections) or ["check", str(folder / "study.toml")]
    code, out, err = command(*words)
    return code, (out + err).replace(str(folder), "").replace(folder.name, "")


def own_words(folder: Path) -> frozenset[str]:
    """Give the words that the planner wrote herself: in text files, as names of files, and of the town."""
    texts = [path.name for path in folder.iterdir()]
    texts += [path.read_text(encoding="utf-8") for path in folder.glob("*.toml")]
    texts += [path.read_text(encoding="utf-8") for path in folder.glob("*.csv")]
    return TOWN | {word.casefold() for text in texts for word in re.findall("[A-Za-z]{3,}", text)}


@pytest.fixture
def speaking(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Let the system speak a language."""
    lang: str = request.param
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", LOCALES[lang])
    return lang


@pytest.mark.parametrize("speaking", ["zh"], indirect=True)
@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_told_without_an_english_word(
    name: str, speaking: str, command: Run, tmp_path: Path
) -> None:
    code, told = provoke(name, tmp_path, command, speaking)
    assert code != 0, told
    assert re.search(CHINESE, told), told
    typed = frozenset({"about", "far", "runn", "other", "folder", "nowhere", "weather", "firestation"})
    assert latin_words(told, own=own_words(tmp_path) | typed) == [], told


CHINESE_OF_ITS_OWN = ("a language that is unknown", "signs of a Chinese keyboard")
"""A study that names no language it could be told in is told in Chinese; what the planner wrote is shown."""


@pytest.mark.parametrize("speaking", ["en"], indirect=True)
@pytest.mark.parametrize("name", [name for name in WRONG if name not in CHINESE_OF_ITS_OWN])
def test_a_fault_is_told_without_a_chinese_sign(
    name: str, speaking: str, command: Run, tmp_path: Path
) -> None:
    code, told = provoke(name, tmp_path, command, speaking)
    assert code != 0, told
    assert re.findall(CHINESE, told) == [], told
