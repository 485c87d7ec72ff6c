"""A result table as people read it, for notebooks: headings with units, codes in words, one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd

from geo.errors import InputError
from geo.findings import Finding
from geo.messages import Message, first_few
from geo.outputs.wording import Wording, field_title, in_words, label_of, unit_label, with_flags_said
from geo.words import Lang, read_data

__all__ = ["readable"]


def readable(
    table: pd.DataFrame | Finding | Mapping[str, float],
    columns: Sequence[str] = (),
    *,
    lang: Lang,
    words: str = "outputs",
) -> pd.DataFrame:
    """Give a table, or figures, in the language of its reader: headings, and words for codes.

    Parameters
    ----------
    table : DataFrame, Finding or mapping of str to float
        Any table of a result: ``result.coverage.stations``, ``result.gaps``, a finding of
        ``result.findings``; or figures by their names, such as those of a scenario.
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
        Without shapes; the index has its own values, under the heading of its name; where these are codes or
        names of figures, their words. Flags are yes and no. Numbers stay numbers, in
        the units that the headings name. Figures have a row each.

    Raises
    ------
    InputError
        The table has no such column.

    Examples
    --------
    >>> towns = pd.DataFrame({"name": ["Paper Town"], "mean_s": [312.4], "level": ["town"]})
    >>> readable(towns, ["name", "mean_s"], lang="zh").columns.tolist()
    ['名称', '平均响应时间（秒）']
    >>> readable({"gain_people": 14204.0}, lang="zh", words="scenarios").index.tolist()
    ['新增达标人口']
    """
    if isinstance(table, Mapping):
        return _figures(table, columns, words, lang=lang)
    if isinstance(table, Finding):
        table, words = table.table, table.words
    if isinstance(table, gpd.GeoDataFrame):
        table = pd.DataFrame(table.drop(columns=table.geometry.name))
    index = table.index.name
    is_named = index is not None and index not in table
    told = in_words(table.reset_index() if is_named else table, words, Wording(lang))
    told = with_flags_said(told, lang=lang)
    told = told.set_index(index) if is_named else told.set_axis(_said_figures(told.index, words, lang=lang))
    missing = [name for name in columns if name not in told]
    if missing:
        there = first_few(list(map(str, told.columns)), len(told.columns))
        raise InputError(Message("outputs.no_column", {"names": first_few(missing), "there": there}))
    chosen = told[list(columns)] if columns else told
    titles = [field_title(words, str(name), lang=lang) for name in chosen.columns]
    heading = None if index is None else field_title(words, str(index), lang=lang)
    return chosen.set_axis(titles, axis="columns").rename_axis(heading)


def _figures(figures: Mapping[str, float], names: Sequence[str], words: str, *, lang: Lang) -> pd.DataFrame:
    """Give figures as a table of one column: a row each, under its word with its unit."""
    missing = [name for name in names if name not in figures]
    if missing:
        there = first_few(list(figures), len(figures))
        raise InputError(Message("outputs.no_column", {"names": first_few(missing), "there": there}))
    chosen = {name: figures[name] for name in names or figures}
    heads = [_figure_title(words, name, lang=lang) for name in chosen]
    return pd.DataFrame({label_of("maps", "value", lang=lang): list(chosen.values())}, index=heads)


def _said_figures(index: pd.Index, words: str, *, lang: Lang) -> pd.Index:
    """Say the names of figures that an index without a name holds; ids and numbers stay as they are."""
    if index.name is not None or not all(isinstance(name, str) for name in index):
        return index
    said = [_own_title(words, name, lang=lang) for name in index]
    return index if None in said else pd.Index(said, dtype=object)


def _figure_title(words: str, name: str, *, lang: Lang) -> str:
    """Give the word of a figure: its own, else that of a column of its name."""
    return _own_title(words, name, lang=lang) or field_title(words, name, lang=lang)


def _own_title(words: str, name: str, *, lang: Lang) -> str | None:
    there = read_data(f"words/{words}")
    keys = (f"result_{name}", f"class_{name}", f"figure_{name}")
    own = next((there[key][lang] for key in keys if key in there and "{" not in there[key][lang]), None)
    return None if own is None else unit_label(own, name, lang=lang)
