"""Tables in the reader's language: headings, names of fields, and words for the codes in their cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas.array import GeometryDtype

from geo.maps import tell_marks, unit_of
from geo.plans import tell_needs
from geo.statistics import OUTSIDE
from geo.study import OTHER_TYPE, RECORDED, TODAY, Study
from geo.words import LANGS, Lang, say, say_if_there

__all__ = [
    "Wording",
    "code_of",
    "field_names",
    "field_title",
    "file_table",
    "in_words",
    "label_of",
    "unit_label",
    "with_flags_said",
    "with_named_fields",
    "word_of",
]

_SHARED: Final = re.compile(r"(.*) row (\d+)")
_COMPARATORS: Final = {">=": "≥", "<=": "≤", "none": ""}
_STATES: Final = ("today_status", "with_status", "status_before", "status_after", "flips", "state")
_ROOM_WORDS: Final = (
    "beyond",
    "cause",
    "change",
    "check",
    "class",
    "colour",
    "has_team",
    "how",
    "role",
    "rule",
)
_NAMES: Final = ("name", "scenario_name", "zone", "zone_id")
_KEYS: Final = ("figure",)
"""Columns of keys that say to a reader no more than the name beside them."""
_CITED: Final = ("standard", "source", "evidence", "evidence_zh", "evidence_en", "text", "text_zh", "text_en")


@dataclass(frozen=True)
class Wording:
    """How the tables of a study speak.

    Parameters
    ----------
    lang : {"zh", "en"}
        Language of the words in the cells, of headings and of names of layers.
    field_names : {"zh", "en"}
        Language of the names of fields in CSV files and GeoPackages; English names are those of the program
        and stay the same from version to version.
    is_synthetic : bool
        The data is invented, which each row must say.
    """

    lang: Lang
    field_names: Lang = "en"
    is_synthetic: bool = False

    @classmethod
    def of(cls, study: Study, lang: Lang) -> Wording:
        """Give the wording of a study's results in a language."""
        names = "en" if study.output is None else study.output.field_names
        return cls(lang, names, study.study.synthetic)


def in_words(table: pd.DataFrame, words: str, wording: Wording, *, is_marked: bool = True) -> pd.DataFrame:
    """Give a table as people read it: codes in words, texts of one language, invented rows marked.

    A text that is no code of ours stays as it is. Texts that the table has in both languages, such as
    ``evidence_zh`` and ``evidence_en``, become one column (``evidence``). A key that only programs use
    (``figure``) is left out where its name stands beside it.

    Parameters
    ----------
    table : DataFrame
        A result table; its index is kept.
    words : str
        The words file of its room.
    wording : Wording
        Language and mark.
    is_marked : bool
        Whether a column ``data`` marks invented rows.
    """
    told = _one_language(table, wording.lang)
    told = told.drop(columns=[key for key in _KEYS if key in told and "name" in told])
    for name, dtype in told.dtypes.items():
        if isinstance(dtype, GeometryDtype):
            continue  # to look for words among shapes takes long
        if dtype.kind in "OSUT" or isinstance(dtype, pd.StringDtype):
            words_of = _said_column(told[name], str(name), words, lang=wording.lang)
            if words_of is not None:
                told[name] = words_of
    if wording.is_synthetic and is_marked:
        told["data"] = say("maps.synthetic", lang=wording.lang)
    return told


def code_of(column: str, words: str, said: Any, codes: Iterable[str]) -> Any:
    """Give the code of which a table says the word, in either language; what is none stays as it is.

    Examples
    --------
    >>> code_of("status", "maps", "达标", ("met", "missed")), code_of("status", "maps", "met", ("met",))
    ('met', 'met')
    """
    for code in codes:
        for lang in LANGS:
            if _say_code(column, words, code, lang=lang) == said:
                return code
    return said


def word_of(column: str, words: str, code: str, *, lang: Lang) -> str:
    """Give the word that stands for a code in a column of a table; the code itself where it has none.

    Examples
    --------
    >>> word_of("status", "outputs", "planned", lang="zh"), word_of("kind", "outputs", "depot", lang="en")
    ('规划', 'Depot')
    """
    label = _say_code(column, words, code, lang=lang)
    return code if label is None else label


def field_title(words: str, column: str, *, lang: Lang) -> str:
    """Give the heading of a column, with its unit behind it where it has one.

    Examples
    --------
    >>> field_title("maps", "mean_s", lang="zh"), field_title("maps", "area_km2", lang="en")
    ('平均响应时间（秒）', 'Area (km²)')
    """
    return unit_label(label_of(words, column, lang=lang), column, lang=lang)


def label_of(words: str, column: str, *, lang: Lang) -> str:
    """Give the heading of a column without its unit; the column's own name where no words file has one."""
    for room in (words, "outputs", "maps"):
        label = say_if_there(f"{room}.column_{column}", lang=lang)
        if label is not None:
            return label[:1].upper() + label[1:]
    return column


def unit_label(label: str, column: str, *, lang: Lang) -> str:
    """Put the unit of a column behind a label that does not end in one of its own."""
    unit = unit_of(column)
    is_closed = label.rstrip().endswith((")", "）"))
    if unit in ("", "n", "share", "people", "year") or (is_closed and unit != "s"):
        return label
    shown = say_if_there(f"outputs.unit_{unit.replace('²', '2').replace('/', '_')}", lang=lang) or unit
    if is_closed:  # mean response (of those reached): the unit goes into the brackets that are there
        before, sign, inside = re.split("([(（])", label, maxsplit=1)
        parts = re.split("[)），,]", inside)
        return label if shown in parts else f"{before}{sign}{shown}{'，' if lang == 'zh' else ', '}{inside}"
    return f"{label}（{shown}）" if lang == "zh" else f"{label} ({shown})"


def field_names(columns: Iterable[str], words: str, *, lang: Lang) -> dict[str, str]:
    """Give the names of fields in a language, no two the same; in English they stay the program's own.

    Chinese names are the headings, their brackets made to ``_``, which every program takes in a name.

    Examples
    --------
    >>> field_names(["name", "mean_s"], "maps", lang="zh")
    {'name': '名称', 'mean_s': '平均响应时间_秒'}
    """
    if lang == "en":
        return {column: column for column in columns}
    names: dict[str, str] = {}
    for column in columns:
        plain = re.sub(r"[^\w]+", "_", field_title(words, column, lang=lang)).strip("_")
        name, n = plain, 2
        while name in names.values():
            name, n = f"{plain}_{n}", n + 1
        names[column] = name
    return names


def _one_language(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Keep of the columns that are there in both languages the reader's, under their common name."""
    other = next(each for each in LANGS if each != lang)
    stems = [name[:-3] for name in map(str, table.columns) if name.endswith(f"_{lang}")]
    both = [stem for stem in stems if f"{stem}_{other}" in table]
    if not both:
        return table.copy(deep=False)
    told = table.drop(columns=[f"{stem}_{other}" for stem in both])
    return told.rename(columns={f"{stem}_{lang}": stem for stem in both if stem not in told})


def _said_column(column: pd.Series, name: str, words: str, *, lang: Lang) -> pd.Series | None:
    """Say the codes of a column of texts; None where it has none."""
    plain = column.astype(object)
    texts = [value for value in plain.dropna().unique() if isinstance(value, str) and value]
    said = {}
    if _has_words(name, words):
        said = {value: _say_value(name, words, value, lang=lang) for value in texts}
    if texts and name not in (*_NAMES, *_CITED) and all(said[value] == value for value in said):
        said = _all_classes(texts, words, lang=lang) or said
    labels = {value: label for value, label in said.items() if label != value}
    return plain.map(lambda value: labels.get(value, value)) if labels else None


def _has_words(column: str, words: str) -> bool:
    """Whether values of a column may be said in other words; most hold numbers of things."""
    return column in (*_CITED, *_NAMES, "call_type", "comparator", "needs") or any(
        _keys(column, words, "", "")
    )


def _all_classes(codes: Iterable[str], words: str, *, lang: Lang) -> dict[str, str | None] | None:
    """Say the codes of a column as classes of its room; None where one is none."""
    said: dict[str, str | None] = {}
    for code in codes:
        label = _say_code("class", words, code, lang=lang)
        if label is None:
            return None
        said[code] = label
    return said


def _say_value(column: str, words: str, value: str, *, lang: Lang) -> str | None:
    if column in _CITED:
        row = _SHARED.fullmatch(value) if column == "source" else None
        if row is not None:
            return say("outputs.row_of", lang=lang, file=row[1], row=row[2])
        if column == "source" and value == "proposed":
            return say("outputs.proposed", lang=lang)
        return tell_marks(value, lang=lang)
    if column in _NAMES and value in (OUTSIDE, TODAY):
        return say("outputs.outside_zones" if value == OUTSIDE else "outputs.today", lang=lang)
    if column == "scenario_name" and value == RECORDED:
        return say("availability.class_recorded", lang=lang)
    if column == "call_type":
        return say("availability.class_other_type", lang=lang) if value == OTHER_TYPE else value
    if column == "needs":
        return tell_needs(value, lang=lang)
    if column == "comparator":
        return _COMPARATORS.get(value, value) or None
    if column == "name" and words == "vulnerability":
        return _road_name(value, lang=lang)
    return word_of(column, words, value, lang=lang)


def _road_name(value: str, *, lang: Lang) -> str:
    """Say the class that stands behind the town where a road has no name of its own."""
    town, _, highway = value.rpartition(" ")
    label = _say_code("highway", "network", highway, lang=lang)
    return value if label is None else f"{town} {label}".strip()


def _say_code(column: str, words: str, code: str, *, lang: Lang) -> str | None:
    plain = re.sub(r"[\s\-]", "_", code)
    for key in _keys(column, words, code, plain):
        label = say_if_there(key, lang=lang)
        if label is not None:
            return label[:1].upper() + label[1:] if ".class_" in key else label
    return None


def _keys(column: str, words: str, code: str, plain: str) -> Iterator[str]:
    """Give where the word for a code of a column may stand, the room's own first."""
    own = (f"{words}.class_{code}", f"{words}.class_{plain}")
    if column == "highway":
        yield f"network.class_{code}"
    elif column in ("name", "rule") and words == "siting":
        yield from own
    elif column in _ROOM_WORDS or column in _STATES or column == "status":
        yield from (*own, f"maps.status_{code}", f"maps.target_{plain}")
    elif column == "kind":
        yield from (*own, f"study.class_{code}", f"maps.kind_{code}")
    elif column == "station_class":
        yield f"maps.class_{code}"
    elif column == "places_from":
        yield from own
    elif column == "reason" or column.endswith("_reason"):
        yield from (*own, f"outputs.reason_{plain}")
    elif column == "level":
        yield from (*own, f"outputs.level_{code}")
    elif column == "mark":
        yield f"maps.mark_{code}"
    elif column == "side":
        yield f"outputs.side_{code}"
    elif column == "origin":
        yield f"outputs.origin_{code}"
    elif column == "binding":
        yield f"outputs.kind_{code}"
    elif column == "unit":
        yield from (f"plans.unit_{code}", f"outputs.unit_{code.replace('/', '_')}")


def file_table(table: pd.DataFrame, words: str, wording: Wording) -> pd.DataFrame:
    """Give a table as a CSV file holds it.

    Words stand in the study's language, and so do yes and no; in English they are the program's own codes.
    Under English names of fields a column of one language keeps its ending (``evidence_zh``).
    """
    if wording.lang == "en":
        told = _with_names_said(_one_language(table, "en"), lang="en")
        told = told.assign(data=say("maps.synthetic", lang="en")) if wording.is_synthetic else told
    else:
        told = with_flags_said(in_words(table, words, wording), lang=wording.lang)
    if wording.field_names == "en":
        of_one = {name.removesuffix(f"_{wording.lang}"): name for name in map(str, table.columns)}
        return told.rename(columns={stem: name for stem, name in of_one.items() if stem not in table})
    return with_named_fields(told, words, wording)


def with_named_fields(told: pd.DataFrame, words: str, wording: Wording) -> pd.DataFrame:
    """Give a table that is in words with the names of fields that are asked for."""
    shape = told.geometry.name if isinstance(told, gpd.GeoDataFrame) else None
    columns = [str(name) for name in told.columns if name != shape]
    named = told.rename(columns=field_names(columns, words, lang=wording.field_names))
    if named.index.name is None:
        return named
    return named.rename_axis(
        field_names([str(named.index.name)], words, lang=wording.field_names).popitem()[1]
    )


def _with_names_said(table: pd.DataFrame, *, lang: Lang) -> pd.DataFrame:
    """Say the names that the program itself gives, such as that of today among the scenarios."""
    given = {OUTSIDE: say("outputs.outside_zones", lang=lang), TODAY: say("outputs.today", lang=lang)}
    there = [name for name in _NAMES if name in table]
    return table.assign(**{name: table[name].replace(given) for name in there})


def with_flags_said(table: pd.DataFrame, *, lang: Lang) -> pd.DataFrame:
    """Say yes or no where a column has flags; one that is missing stays so."""
    said = {True: say("maps.yes", lang=lang), False: say("maps.no", lang=lang)}
    flags = {str(name): column.map(said) for name, column in table.items() if _has_flags(column)}
    return table.assign(**flags) if flags else table


def _has_flags(column: pd.Series) -> bool:
    """Whether a column holds flags, some of them perhaps missing."""
    if column.dtype.kind != "O":
        return bool(column.dtype.kind == "b")
    known = column.dropna()
    return len(known) > 0 and all(isinstance(value, (bool, np.bool_)) for value in known)
