"""A result table as people read it, for notebooks: headings with units, codes in words, one language."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from geo.errors import InputError
from geo.findings import Finding
from geo.messages import Message, first_few
from geo.outputs.wording import Wording, field_title, in_words
from geo.words import Lang

__all__ = ["readable"]


def readable(
    table: pd.DataFrame | Finding, columns: Sequence[str] = (), *, lang: Lang, words: str = "outputs"
) -> pd.DataFrame:
    """Give a table in the language of its reader: headings, and words for the codes in its cells.

    Parameters
    ----------
    table : DataFrame or Finding
        Any table of a result: ``result.coverage.stations``, ``result.gaps``, a finding of
        ``result.findings``.
    columns : sequence of str
        Which columns, by the program's names, in this order; all of them when empty. A text that the table
        has in both languages, such as ``name_zh`` and ``name_en``, is asked for without its ending.
    lang : {"zh", "en"}
        Language.
    words : str
        Words file that has the headings; that of a finding is its own.

    Returns
    -------
    DataFrame
        Without shapes; the index has its own values, under the heading of its name. Numbers stay numbers, in
        the units that the headings name.

    Raises
    ------
    InputError
        The table has no such column.

    Examples
    --------
    >>> towns = pd.DataFrame({"name": ["Paper Town"], "mean_s": [312.4], "level": ["town"]})
    >>> readable(towns, ["name", "mean_s"], lang="zh").columns.tolist()
    ['名称', '平均响应时间（秒）']
    """
    if isinstance(table, Finding):
        table, words = table.table, table.words
    if isinstance(table, gpd.GeoDataFrame):
        table = pd.DataFrame(table.drop(columns=table.geometry.name))
    index = table.index.name
    is_named = index is not None and index not in table
    told = in_words(table.reset_index() if is_named else table, words, Wording(lang))
    told = told.set_index(index) if is_named else told
    missing = [name for name in columns if name not in told]
    if missing:
        there = first_few(list(map(str, told.columns)), len(told.columns))
        raise InputError(Message("outputs.no_column", {"names": first_few(missing), "there": there}))
    chosen = told[list(columns)] if columns else told
    titles = [field_title(words, str(name), lang=lang) for name in chosen.columns]
    heading = None if index is None else field_title(words, str(index), lang=lang)
    return chosen.set_axis(titles, axis="columns").rename_axis(heading)
