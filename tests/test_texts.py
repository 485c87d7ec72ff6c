"""The words files: named after rooms, every key used and there, the same holes in both languages."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from geo.maps.text import script_words
from geo.words import LANGS, data_dir
from tests.house import HOUSE, nodes

ROOMS = {path.stem for path in HOUSE.iterdir() if path.suffix == ".py" or path.is_dir()}
ROOMS |= {front.parent.name for front in HOUSE.rglob("__init__.pyi")}  # a package inside has words of its own
FILES = sorted((data_dir() / "words").glob("*.toml"))
WORDS: dict[str, dict[str, str]] = {
    f"{path.stem}.{name}": texts
    for path in FILES
    for name, texts in tomllib.loads(path.read_text(encoding="utf-8")).items()
}
MODULES = sorted(HOUSE.rglob("*.py"))
HOLE = "(.*)"


def _docstrings(module: Path) -> Iterator[ast.expr]:
    for node in nodes(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            yield first.value


def _pattern(text: ast.JoinedStr) -> str:
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else HOLE for part in text.values
    )


def _strings() -> tuple[set[str], set[str]]:
    """Give the program's texts, and its texts with holes as patterns; what explains does not count."""
    texts, patterns = set(), set()
    for module in MODULES:
        explains = set(map(id, _docstrings(module)))
        for node in nodes(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explains:
                texts.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                patterns.add(_pattern(node))
    return texts, patterns


def _said_by_the_live_page() -> tuple[set[str], set[str]]:
    """Give the texts of its scripts, with the keys of its words that they may be; and keys with holes."""
    scripts = [path.read_text(encoding="utf-8") for path in sorted(HOUSE.glob("serve/assets/*.js"))]
    words = {word for script in scripts for word in re.findall(r"'(\w+)'", script)}
    holed = {key for script in scripts for key in re.findall(r"say\(`([^`]+)`", script)}
    patterns = {r"serve\.page_" + re.sub(r"\$\{[^}]*\}", lambda _: HOLE, key) for key in holed}
    return words | {f"serve.page_{word}" for word in words}, patterns


@cache
def _said() -> tuple[set[str], set[str]]:
    """Give the texts of modules and of the live page, and their patterns; found out by the test that asks."""
    texts, patterns = (
        of_python | of_page for of_python, of_page in zip(_strings(), _said_by_the_live_page(), strict=True)
    )
    return texts, patterns


def _keys(asked: ast.expr) -> Iterator[str]:
    """Give the pattern of each key that an argument may be; nothing where it is worked out elsewhere."""
    if isinstance(asked, ast.IfExp):
        yield from _keys(asked.body)
        yield from _keys(asked.orelse)
    elif isinstance(asked, ast.Constant):
        yield re.escape(str(asked.value))
    elif isinstance(asked, ast.JoinedStr):
        yield _pattern(asked)


@cache
def _calls() -> tuple[ast.Call, ...]:
    return tuple(
        node
        for module in MODULES
        for node in nodes(module)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"say", "Message"} and node.args
    )


def _holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_a_words_file_bears_the_name_of_a_room() -> None:
    assert {path.stem for path in FILES} <= ROOMS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_is_there_in_both_languages_with_the_same_holes(path: Path) -> None:
    unlike = {}
    for key, texts in WORDS.items():
        if key.startswith(f"{path.stem}."):
            assert set(texts) == set(LANGS), key
            zh, en = (_holes(texts[lang]) for lang in ("zh", "en"))
            if zh != en:
                unlike[key] = zh ^ en
    assert not unlike


def test_every_key_that_is_said_exists() -> None:
    asked = {key for call in _calls() for key in _keys(call.args[0])}
    assert len(asked) > 300
    patterns = [re.compile(key) for key in sorted(asked)]
    assert not [pattern.pattern for pattern in patterns if not any(map(pattern.fullmatch, WORDS))]


def test_a_message_brings_what_its_text_asks_for() -> None:
    """Where the values stand beside the key, written out."""
    short, n = [], 0
    for call in _calls():
        if getattr(call.func, "id", "") != "Message" or not isinstance(call.args[0], ast.Constant):
            continue
        values = call.args[1] if len(call.args) > 1 else ast.Dict([], [])
        if isinstance(values, ast.Dict) and None not in values.keys:
            n += 1
            brought = {str(ast.literal_eval(key)) for key in values.keys if key is not None}
            if _holes(WORDS[str(call.args[0].value)]["en"]) - brought:
                short.append(call.args[0].value)
    assert n > 100
    assert not short


def test_the_scripts_of_both_pages_ask_for_words_that_are_there() -> None:
    said = {word for path in HOUSE.glob("serve/assets/*.js") for word in _asked(path, r"\bsay\('(\w+)'")}
    assert len(said) > 80
    assert {word for word in said if not {f"serve.page_{word}", f"serve.{word}"} & WORDS.keys()} == set()
    holed = _said_by_the_live_page()[1]
    assert {key for key in holed if not any(re.fullmatch(key, word) for word in WORDS)} == set()
    drawn = {word for path in HOUSE.glob("maps/assets/*.js") for word in _asked(path, r"data\.words\.(\w+)")}
    assert len(drawn) > 20
    assert drawn - script_words("zh").keys() == set()


def _asked(script: Path, pattern: str) -> list[str]:
    return re.findall(pattern, script.read_text(encoding="utf-8"))


def test_every_key_is_used() -> None:
    """As a text, or by a text with holes whose fillings are words of the program or its data."""
    data = [
        path.read_text(encoding="utf-8") for path in data_dir().rglob("*.toml") if path.parent.name != "words"
    ]
    texts, patterns = _said()
    known = {word for text in (*texts, *data) for word in re.split(r"[\W_]+", text)}
    telling = [
        re.compile(pattern)
        for pattern in patterns
        if re.search("[a-z]", pattern.rpartition(r"\.")[2].replace(HOLE, ""))
    ]

    def is_used(key: str) -> bool:
        name = key.partition(".")[2]
        if key in texts or name in texts:
            return True
        matches = (pattern.fullmatch(asked) for pattern in telling for asked in (key, name))
        return any(
            match and all(set(re.split(r"[\W_]+", part)) <= known for part in match.groups())
            for match in matches
        )

    assert [key for key in WORDS if not is_used(key)] == []
