"""What generated pages say in a language, and tables of Markdown."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from geo.words import Lang

__all__ = ["HERE", "ROOT", "cell", "read_words", "say", "table"]

HERE = Path(__file__).parent
ROOT = HERE.parent


@cache
def read_words(name: str) -> Mapping[str, Any]:
    """Read a words file of this folder."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def say(key: str, lang: Lang) -> str:
    """Give a text of ``words.toml``."""
    return str(read_words("words")[key][lang]).strip("\n")


def cell(text: object) -> str:
    """Give a text as a cell of a table: one line, in which no sign is taken for its end."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give a table of Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell(value) for value in line)} |" for line in lines)
