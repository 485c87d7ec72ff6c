"""What goes wrong is told in the planner's language: about a hundred faults, through the command itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.main import get_command

from geo.cli import app
from geo.cli._language import asked_lang
from geo.cli._misuse import _LIMITED
from geo.study import SheetKind
from geo.words import LANGS, say
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


def commands(group: Any, *before: str) -> Iterator[tuple[str, ...]]:
    """Give the words of every command that is there, and of those within commands."""
    yield before
    for name, part in getattr(group, "commands", {}).items():
        yield from commands(part, *before, name)


COMMANDS = list(commands(get_command(app)))
FILES_AND_WORDS = frozenset({"help", "quiet", "yes", "serve", "password", "calls", "calibrated", "scenarios"})


@pytest.mark.parametrize("speaking", ["zh"], indirect=True)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_told_in_the_language_of_the_system(
    words: tuple[str, ...], speaking: str, command: Run
) -> None:
    code, out, _ = command(*words, "--help")
    assert (code, out[:3]) == (0, "用法：")
    assert latin_words(out, own=FILES_AND_WORDS) == []


@pytest.mark.parametrize("speaking", ["en"], indirect=True)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_in_english_has_no_chinese_sign_and_keeps_names_of_sections(
    words: tuple[str, ...], speaking: str, command: Run
) -> None:
    """A section such as [availability] is no mark-up that the layout may take away."""
    code, out, _ = command(*words, "--help")
    assert (code, re.findall(CHINESE, out)) == (0, [])
    part: Any = get_command(app)
    for word in words:
        part = part.commands[word]
    named = {name for text in texts_of(part) for name in re.findall(r"\[[a-z]+\]+", say(text, lang="en"))}
    assert [name for name in named if name not in out] == []


def texts_of(command: Any) -> Iterator[str]:
    """Give the keys of the texts in the help of a command."""
    yield command.help
    yield from (param.help for param in command.params if (param.help or "").startswith("cli."))
    yield from (part.help for part in getattr(command, "commands", {}).values())


def test_help_names_every_command_and_option_that_is_there() -> None:
    """What is added later needs words in both languages as well."""

    def texts(group: Any) -> Iterator[tuple[str, str]]:
        for name, part in group.commands.items():
            yield name, part.help
            yield from ((f"{name} {param.name}", param.help) for param in part.params)
            yield from texts(part) if hasattr(part, "commands") else ()

    unsaid = {name: text for name, text in texts(get_command(app)) if not (text or "").startswith("cli.")}
    assert {name for name in unsaid if not name.endswith(" help")} == set()


@pytest.mark.parametrize("lang", LANGS)
def test_the_help_of_the_atlas_names_every_sheet_in_its_order(lang: Any) -> None:
    told = re.findall("[a-z]+", say("cli.help_sheets", lang=lang))
    assert [word for word in told if word in get_args(SheetKind)] == list(get_args(SheetKind))


def limited_options(group: Any) -> Iterator[tuple[str, float, float]]:
    """Give the options of all commands that take numbers of a range, as any version of typer holds it."""
    for part in group.commands.values():
        for param in part.params:
            span: Any = param if hasattr(param, "min") else getattr(param, "type", None)
            if getattr(span, "min", None) is not None:
                yield param.name, span.min, span.max
        yield from limited_options(part) if hasattr(part, "commands") else ()


def test_a_number_out_of_its_range_is_told_with_the_range() -> None:
    limited = list(limited_options(get_command(app)))
    assert {name for name, *_ in limited} == set(_LIMITED)
    for name, least, most in limited:
        for lang in LANGS:
            told = re.findall(r"\d+", say(f"cli.wants_{name}", lang=lang))
            assert [float(number) for number in told] == [least, most], name


@pytest.mark.parametrize("words", [("new",), ("new", "--year", "2030"), ("plan", "list", "--lang", "xx")])
@pytest.mark.parametrize("variable", ["zh_CN.UTF-8", "en_US.UTF-8", "C.UTF-8"])
def test_wrong_usage_is_told_in_one_language(
    words: tuple[str, ...], variable: str, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", variable)
    code, _, err = command(*words)
    assert code == 2
    if variable.startswith("zh"):
        assert err.startswith("用法：")
        assert latin_words(err, own=frozenset({"year", "list", "help", "lang"})) == []
    else:
        assert re.findall(CHINESE, err) == []


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.GBK"}, "zh"),
        ({"LC_ALL": "zh_TW.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "en_GB", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_CN.UTF-8", "LANG": "C"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows tells the language of its screens")
def test_the_system_says_its_language_in_its_variables(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], lang: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert asked_lang(["run", "nowhere.toml"]) == lang
    assert asked_lang(["run", "nowhere.toml", "--lang=zh"]) == "zh"
    assert asked_lang([]) == lang


def test_a_study_or_its_results_say_the_language_before_the_system_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    (tmp_path / "study.toml").write_text('[study]\nlang = "en"\n', encoding="utf-8")
    (tmp_path / "manifest.json").write_text('{"study": {"lang": "en"}}', encoding="utf-8")
    for word in (tmp_path / "study.toml", tmp_path / "manifest.json", tmp_path):
        for command in ("compare", "report", "atlas", "serve", "run"):
            assert asked_lang([command, str(word)]) == "en"
    assert asked_lang(["plan", "show", str(tmp_path / "study.toml")]) == "zh"
