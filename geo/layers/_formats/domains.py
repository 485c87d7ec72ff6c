"""Coded values given their words: domains of geodatabases, GeoPackages and Esri services."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from geo.files import sqlite_address
from geo.messages import Message

__all__ = ["package_words", "read_domains", "with_words"]


def with_words(
    frame: pd.DataFrame, words: Mapping[str, Mapping[str, str]]
) -> tuple[pd.DataFrame, list[Message]]:
    """Give the words of coded columns; a code that has none stays as it is.

    Parameters
    ----------
    frame : DataFrame
        The features.
    words : mapping of str to mapping
        Column -> code, as text -> its word.
    """
    changed = {}
    for column, by_code in words.items():
        if column in frame and by_code:
            codes = frame[column].map(_code, na_action="ignore")
            changed[column] = codes.map(by_code).where(
                codes.isin(list(by_code)), frame[column].astype(object)
            )
    notes: list[Message] = [Message("layers.codes_worded", {"names": ", ".join(changed)})] if changed else []
    return frame.assign(**changed) if changed else frame, notes


def _code(value: Any) -> str:
    """Give a code as text: 1, 1.0 and "1" are one."""
    text = str(value).strip()
    return text.removesuffix(".0")


def package_words(path: Path, layer: str) -> dict[str, dict[str, str]]:
    """Read the words of a GeoPackage's coded columns, which stand in tables of their own."""
    words: dict[str, dict[str, str]] = {}
    address = sqlite_address(path.resolve(), "mode=ro&immutable=1")
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(address, uri=True)) as base:
        base.execute("PRAGMA trusted_schema = OFF")
        rows = base.execute(
            "SELECT c.column_name, e.value, e.description FROM gpkg_data_columns c "
            "JOIN gpkg_data_column_constraints e ON e.constraint_name = c.constraint_name "
            "WHERE e.constraint_type = 'enum' AND e.description IS NOT NULL "
            "AND lower(c.table_name) = lower(?)",
            (layer,),
        )
        for column, value, word in rows:
            words.setdefault(str(column), {})[_code(value)] = str(word)
    return words


def read_domains(definitions: list[str], layer: str) -> dict[str, dict[str, str]]:
    """Read the words of a geodatabase's coded columns from the definitions of its items.

    Parameters
    ----------
    definitions : list of str
        XML of the items: domains, and layers with the domain of each column.
    layer : str
        The layer whose columns are wanted.
    """
    roots = [
        ElementTree.fromstring(text)
        for text in definitions
        if text.strip().startswith("<") and "<!" not in text
    ]
    domains = {
        _text(root, "DomainName"): {
            _code(_text(pair, "Code")): _text(pair, "Name") for pair in root.iter("CodedValue")
        }
        for root in roots
        if root.tag.endswith("GPCodedValueDomain2")
    }
    words: dict[str, dict[str, str]] = {}
    for root in roots:
        if _text(root, "Name") == layer and root.find("GPFieldInfoExs") is not None:
            for column, domain in _fields(root):
                if domain in domains:
                    words[column] = domains[domain]
            kinds = {
                _code(_text(kind, "SubtypeCode")): _text(kind, "SubtypeName") for kind in root.iter("Subtype")
            }
            if column := _text(root, "SubtypeFieldName"):
                words.setdefault(column, kinds)
    return words


def _fields(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for field in root.iter("GPFieldInfoEx"):
        yield _text(field, "Name"), _text(field, "DomainName")


def _text(element: ElementTree.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
