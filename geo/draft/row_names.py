"""The names of the rows of a source, where no header that is known says which column has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from geo.draft.names import find_words
from geo.layers import with_row_names
from geo.words import word_lists

__all__ = ["OF_GROUND", "kind_of_name", "name_rows"]

_FEWEST: Final = 2
_LEAST_SHARE: Final = 0.8
OF_GROUND: Final = ("villages", "town")


def kind_of_name(name: str, kinds: tuple[str, ...] = ()) -> str:
    """Give the role that the name of one row says, empty where it says none.

    Parameters
    ----------
    name : str
        Such as 枕云消防救援站, 北村, 城桥镇.
    kinds : tuple of str
        Roles that a word anywhere in the name may say; villages and towns are known by its end.
    """
    said = [role for role, _ in find_words(name) if role in kinds]
    if said:
        return said[-1]
    plain = name.casefold().strip()
    for role, words in word_lists("role")["row"].items():
        if plain.endswith(words):
            return role
    return ""


def name_rows(table: pd.DataFrame, headers: Mapping[str, str]) -> tuple[pd.DataFrame, Mapping[str, str], str]:
    """Name the rows of a source by a column that its header does not tell, but what stands in it.

    Parameters
    ----------
    table : DataFrame
        Rows under our names.
    headers : mapping of str to str
        Our column and the header in the file.

    Returns
    -------
    (DataFrame, mapping, str)
        The table and the headers, and the header that a study file must state: empty where none is needed.
    """
    named = with_row_names(table)
    if "name" in named and named["name"].notna().any():
        return named, headers, ""
    for header in table.columns:
        if header not in headers and _are_names(table[header]):
            return (
                table.rename(columns={header: "name"}),
                {**headers, "name": str(header)},
                str(header),
            )
    return table, headers, ""


def _are_names(column: pd.Series) -> bool:
    """Whether a column has the names of villages or towns, each once."""
    if not pd.api.types.is_string_dtype(column.dropna()):
        return False
    names = column.dropna().astype(str).str.strip()
    if len(names) < max(_FEWEST, _LEAST_SHARE * len(column)) or names.nunique() < _LEAST_SHARE * len(names):
        return False
    return bool((names.map(kind_of_name).isin(OF_GROUND)).mean() >= _LEAST_SHARE)
