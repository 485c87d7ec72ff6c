"""The names of the rows of a layer: from the column of names, else from that of villages or towns."""

from __future__ import annotations

from typing import Final, TypeVar

import pandas as pd

__all__ = ["with_row_names"]

Table = TypeVar("Table", bound=pd.DataFrame)
_STAND_IN: Final = ("village", "zone")


def with_row_names(table: Table) -> Table:
    """Give a table whose rows are named, where some column names them.

    A list of towns calls its column 乡镇, which elsewhere says in which town a row is: where there is no
    name, the column of villages or of towns names the rows if most of its values differ.

    Parameters
    ----------
    table : DataFrame
        Rows under our names.

    Returns
    -------
    DataFrame
        The same rows; ``name`` is there if some column names them, and then no longer says of a town where
        it lies (``zone``).

    Examples
    --------
    >>> with_row_names(pd.DataFrame({"zone": ["城桥镇", "堡镇"], "people": [900, 800]})).to_dict("list")
    {'zone': [None, None], 'people': [900, 800], 'name': ['城桥镇', '堡镇']}
    >>> list(with_row_names(pd.DataFrame({"zone": ["城桥镇", "城桥镇"]})))
    ['zone']
    """
    if "name" in table and table["name"].notna().any():
        return table
    for column in _STAND_IN:
        if column in table and table[column].nunique() * 2 > len(table):
            towns = {"zone": None} if column == "zone" else {}
            named: Table = table.assign(name=table[column], **towns)
            return named
    return table
