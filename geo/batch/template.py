"""A study file with ``{placeholders}``, filled with the values of a county."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.errors import InputError, StudyError
from geo.files import path_from
from geo.messages import Message
from geo.reading import parse_toml, read_toml_text
from geo.signs import toml_value
from geo.words import nearest_words

__all__ = ["BOUNDARY", "Template", "read_template"]

BOUNDARY: Final = "boundary"
"""The placeholder for the file of the county's boundary."""
_TOKEN: Final = re.compile(
    r"""(?P<long>\"{3}|'{3})|(?P<text>"(?:\\.|[^"\\])*"|'[^']*')|(?P<comment>\#.*$)|"""
    r"""(?P<bare>\{[^\s{}"'=,\[\]\#]+\})"""
)
_NAME: Final = re.compile(r"\{([^\s{}\"'=]+)\}")
_KEY: Final = re.compile(r"([\w-]+)\s*=\s*[\[{]?[^=]*$")
_NUMBER: Final = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?")
"""As TOML writes it; a code with leading zeros is a text."""
_NO_PATHS: Final = ("name", "attribution", "title", "organisation", "out", "lang", "crs")
"""Settings whose texts name no input."""


@dataclass(frozen=True)
class Template:
    """A study file that is the same for all counties but for its placeholders.

    Parameters
    ----------
    file : Path
        Where it stands: its relative paths start there.
    text : str
        As it was read.
    """

    file: Path
    text: str

    def placeholders(self) -> dict[str, int]:
        """Give the names in braces, each with the line where it stands first; comments do not count."""
        names: dict[str, int] = {}
        for row, line in enumerate(self.text.splitlines(), start=1):
            for token in _TOKEN.finditer(line):
                if token["text"] or token["bare"]:
                    for name in _NAME.findall(token[0]):
                        names.setdefault(name, row)
        return names

    def require_known(self, columns: Iterable[str]) -> None:
        """Check that each placeholder is a column of the table of counties.

        Raises
        ------
        StudyError
            One is not; the message names its line, and what is there.
        """
        known = list(dict.fromkeys([BOUNDARY, *columns]))
        for name, row in self.placeholders().items():
            if name not in known:
                near = nearest_words(name, known)
                hint = Message(
                    "settings.did_you_mean" if near else "settings.known", {"words": _listed(near or known)}
                )
                values = {"file": self.file.name, "row": row, "name": name, "hint": hint}
                raise StudyError(Message("batch.placeholder_unknown", values))

    def fill(self, values: Mapping[str, str], folder: Path) -> str:
        """Give the study file of a county.

        Parameters
        ----------
        values : mapping of str to str
            By placeholder; the boundary as it is named from ``folder``.
        folder : Path
            Where the study file will stand: paths to the template's neighbours lead there from it.

        Raises
        ------
        InputError
            The county has no value for a placeholder.
        """
        lines = []
        for row, line in enumerate(self.text.splitlines(), start=1):
            lines.append(_TOKEN.sub(self._filling(row, line, values, folder), line))
        return "\n".join(lines) + "\n"

    def _filling(
        self, row: int, line: str, values: Mapping[str, str], folder: Path
    ) -> Callable[[re.Match[str]], str]:
        def value(name: re.Match[str]) -> str:
            if not values.get(name[1], ""):
                raise InputError(
                    Message("batch.no_value", {"name": name[1], "file": self.file.name, "row": row})
                )
            return values[name[1]]

        def fill(token: re.Match[str]) -> str:
            if token["long"]:
                raise StudyError(Message("batch.long_text", {"file": self.file.name, "row": row}))
            if token["comment"]:
                return token[0]
            if token["bare"]:
                bare = _NAME.sub(value, token[0])
                return bare if _NUMBER.fullmatch(bare) else toml_value(bare)
            text = str(parse_toml(f"text = {token[0]}")["text"])
            filled = _NAME.sub(value, text)
            is_key = line[token.end() :].lstrip().startswith("=")
            if not is_key and f"{{{BOUNDARY}}}" not in text:
                filled = self._moved(filled, _key_before(line[: token.start()]), folder)
            return token[0] if filled == text else toml_value(filled)

        return fill

    def _moved(self, text: str, key: str, folder: Path) -> str:
        """Give a path as it leads from the folder of the county; a text that is none stays."""
        name, mark, part = text.partition("#")
        if key in _NO_PATHS or not name or any(letter < " " for letter in name):
            return text
        there = Path(os.path.abspath(self.file.parent / name))
        try:
            is_path = key == "path" or ("." in name and there.exists()) or ("/" in name and there.exists())
        except (OSError, ValueError):
            return text
        return path_from(os.path.realpath(folder), there) + mark + part if is_path else text


def read_template(file: Path) -> Template:
    """Read a template.

    Raises
    ------
    FileError
        It is missing or not UTF-8 text.
    """
    return Template(file.resolve(), read_toml_text(file))


def _key_before(text: str) -> str:
    key = _KEY.search(text)
    return key[1] if key else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
