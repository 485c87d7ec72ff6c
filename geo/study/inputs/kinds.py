"""The rows of a layer that are of the kind of their section, where a column tells kinds apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message
from geo.schema import FACILITY_KINDS
from geo.study.inputs.log import StudyLayer
from geo.words import Lang, word_lists

__all__ = ["keep_kind", "kinds_of_rows"]

_PARTS: Final = re.compile(r"[/;|>\\、,]+")
_OTHER: Final = "other"
_MOST_WORDS: Final = 5
_MOST_KINDS: Final = 30
_MOST_NAMED: Final = 0.8
"""Share of the rows of a column under a strange header that name a kind, for it to be one of kinds."""
_NAMES: Final = ("name", "zone", "village", "id", "source")


@dataclass(frozen=True)
class _Cell:
    """What a cell says: facility kinds that it names for certain, another thing, its own word."""

    kinds: frozenset[str]
    other: str
    word: str


_SILENT: Final = _Cell(frozenset(), "", "")


def keep_kind(
    layer: StudyLayer, kind: str, *, asked: Collection[str] = (), lang: Lang = "en"
) -> tuple[StudyLayer, list[Message]]:
    """Keep the rows of a kind where a column of the layer tells kinds apart.

    A column tells kinds apart when it names another kind of facility than that of the section, or beside the
    section's kind another thing, such as a village. Then rows count that say to be of the kind; those of
    other kinds, of words that are not known and without a word do not, and are told with their numbers. In a
    layer of villages only the rows that are facilities are left out. A column that names no other kind is of
    something else, classes perhaps: every row counts, and words beside the kind's own are told.

    Parameters
    ----------
    layer : StudyLayer
        As it was read.
    kind : str
        One of ``schema.FACILITY_KINDS``, or ``"village"``.
    asked : collection of str
        Columns by which the planner chose the rows already; they are not looked at.
    lang : {"zh", "en"}
        Language of an error.

    Returns
    -------
    layer : StudyLayer
        With the rows that count.
    notes : list of Message
        What does not count, or counts under a strange word.

    Raises
    ------
    InputError
        Kinds are told apart and no row is of the section's.
    """
    of_file = {guess.column: guess.header for guess in layer.report.guesses}
    cells_of = {
        header: _said(layer.table[name], header)
        for name, header in _kind_columns(layer.table, of_file, asked)
    }
    headers = _naming(cells_of)
    if not headers:
        return layer, _strange(layer, cells_of, kind)
    rows = _of_rows(cells_of, headers)
    is_kind = rows.map(lambda cell: kind in cell.kinds or kind == cell.other).astype(bool)
    is_facility = rows.map(lambda cell: bool(cell.kinds)).astype(bool) & ~is_kind
    is_other = rows.map(lambda cell: bool(cell.other)).astype(bool) & ~is_kind
    columns = ", ".join(headers)
    if kind == "village":
        is_left = is_facility if is_kind.any() else is_facility & False
    elif is_facility.any() or (is_kind.any() and is_other.any()):
        is_left = ~is_kind
    else:
        is_strange = ~is_kind & rows.map(lambda cell: bool(cell.word)).astype(bool)
        strange = rows[is_strange & ~_is_route(layer.table)]
        return layer, [_counted(strange, kind, columns)] if len(strange) and is_kind.any() else []
    if not is_left.any():
        return layer, []
    left = {"n": int(is_left.sum()), "n_rows": len(rows), "others": _tell(rows[is_left]), "columns": columns}
    if is_left.all():
        file = Path(layer.report.path).name
        values = {**left, "kind": _say(kind), "file": file}
        raise InputError(Message("study.none_of_kind", values).say(lang))
    kept = layer.table[~is_left]
    report = replace(layer.report, n_kept=len(kept))
    return replace(layer, table=kept, report=report), [
        Message(
            "study.among_villages" if kind == "village" else "study.other_kinds",
            {**left, "kind": _say(kind), "n_kept": len(kept)},
        )
    ]


def _is_route(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell the rows that are open lines, which count as no facility whatever they are called."""
    if not isinstance(table, gpd.GeoDataFrame):
        return np.zeros(len(table), dtype=bool)
    shapes = table.geometry.to_numpy()
    return np.asarray(np.isin(shapely.get_type_id(shapes), (1, 5)) & ~shapely.is_closed(shapes))


def _strange(layer: StudyLayer, told: Mapping[str, pd.Series], kind: str) -> list[Message]:
    """Note the words of a column that is called one of kinds, where none of them is known."""
    classed = {guess.header for guess in layer.report.guesses if guess.column == "station_class"}
    is_called = word_lists("facility")["kind_header"]["endings"]
    for header, said in told.items():
        is_word = said.map(lambda cell: bool(cell.word) and not cell.other).astype(bool)
        words = said[is_word & ~_is_route(layer.table)]
        is_named = _bare(header).endswith(is_called) or _bare(header) in ("kind", "type", "facilitytype")
        if kind in FACILITY_KINDS and is_named and header not in classed and words.map(_word).nunique() > 1:
            return [_counted(words, kind, header)]
    return []


def _word(cell: _Cell) -> str:
    return cell.word


def _counted(strange: pd.Series, kind: str, columns: str) -> Message:
    return Message(
        "study.counted_as_kind",
        {"n": len(strange), "words": _tell(strange), "kind": _say(kind), "columns": columns},
    )


def kinds_of_rows(table: pd.DataFrame, headers: Mapping[str, str]) -> pd.Series:
    """Give the kinds of each row where a column of a table tells kinds of facility.

    Parameters
    ----------
    table : DataFrame
        Columns under our names, or under those of the file.
    headers : mapping of str to str
        Our columns and their headers in the file.

    Returns
    -------
    Series of tuple of str
        Kinds of facility; of a row of another thing that is known its name (``"village"``, ``"school"``);
        empty tuples for the rest, and an empty series where no column tells kinds.
    """
    told = {header: _said(table[name], header) for name, header in _kind_columns(table, headers, ())}
    naming = _naming(told)
    if not naming:
        return pd.Series(dtype=object)
    return _of_rows(told, naming).map(_kinds_named)


def _kinds_named(cell: _Cell) -> tuple[str, ...]:
    return tuple(sorted(cell.kinds)) or ((cell.other,) if cell.other not in ("", _OTHER) else ())


def _naming(told: Mapping[str, pd.Series]) -> list[str]:
    """Give the headers under which some row names a kind."""
    return [header for header, said in told.items() if said.map(lambda cell: bool(cell.kinds)).any()]


def _of_rows(told: Mapping[str, pd.Series], naming: Collection[str]) -> pd.Series:
    """Give what each row says to be."""
    columns = [said for header, said in told.items() if header in naming or _is_tag(header)]
    cells = [_of_row(said) for said in zip(*columns, strict=True)]
    return pd.Series(cells, index=columns[0].index, dtype=object)


def _kind_columns(
    table: pd.DataFrame, headers: Mapping[str, str], asked: Collection[str]
) -> list[tuple[str, str]]:
    """Give the columns that may tell kinds, the likeliest first, with their headers in the file."""
    lists = word_lists("facility")["kind_header"]
    ranks = {_bare(name): rank for rank, name in enumerate(lists["names"])}
    places = {_bare(name): len(ranks) + 1 + rank for rank, name in enumerate(lists["places"])}
    tags = {_bare(name): -1 for name in lists["tags"]}
    ranked: list[tuple[int, int, str, str]] = []
    for name in table.columns:
        header = headers.get(str(name), str(name))
        if name == "geometry" or {str(name), header} & set(asked):
            continue
        keys = (_bare(header), _bare(str(name)))
        known = [table[key] for table in (tags, ranks, places) for key in keys if key in table]
        if not known and _bare(header).endswith(lists["endings"]):
            known = [len(ranks)]
        if not known and str(name) not in _NAMES and _is_list_of_kinds(table[name]):
            known = [len(ranks)]
        if known and _is_text(table[name]):
            ranked.append((min(known), len(ranked), str(name), header))
    return [(name, header) for _, _, name, header in sorted(ranked)]


def _is_tag(header: str) -> bool:
    return _bare(header) in {_bare(tag) for tag in word_lists("facility")["kind_header"]["tags"]}


def _is_list_of_kinds(column: pd.Series) -> bool:
    """Whether a column of any header holds kinds, each of several rows: SSLX, 备注."""
    texts = column.dropna().astype(str).str.strip()
    texts = texts[texts != ""]
    words = texts.unique()
    if not _is_text(column) or not 2 <= len(words) <= min(len(texts) / 2, _MOST_KINDS):
        return False
    kinds = {word: _read(word, is_tag=False).kinds for word in words}
    named = texts.map(lambda text: bool(kinds[text])).mean()
    return bool(named >= _MOST_NAMED) and len(frozenset().union(*kinds.values())) > 1


def _is_text(column: pd.Series) -> bool:
    return not (pd.api.types.is_float_dtype(column) or pd.api.types.is_bool_dtype(column))


def _bare(text: str) -> str:
    return re.sub(r"[\s_\-*:：/()（）]", "", unicodedata.normalize("NFKC", text).casefold())


def _said(column: pd.Series, header: str) -> pd.Series:
    texts = column.astype("string").fillna("").str.strip()
    by_text = {text: _read(str(text), is_tag=_is_tag(header)) for text in texts.unique()}
    return texts.map(by_text).astype(object)


def _read(text: str, *, is_tag: bool) -> _Cell:
    """Read a cell, from its last part to its first: the deepest folder and the finest class count."""
    if not text:
        return _SILENT
    plain = unicodedata.normalize("NFKC", text).casefold()
    parts = [part.strip() for part in reversed(_PARTS.split(plain)) if part.strip()]
    several = [kinds for part in parts if (kinds := _kinds_of(part))]
    if several and ("、" in plain or "," in plain):  # one thing that is two: 避难场所、储备库
        return _Cell(frozenset().union(*several), "", text)
    for part in parts:
        if kinds := _kinds_of(part):
            return _Cell(kinds, "", text)
        others = word_lists("facility")["other_kind"].items()
        if other := next((other for other, words in others if part in words), ""):
            return _Cell(frozenset(), other, text)
    return _Cell(frozenset(), _OTHER if is_tag and plain not in ("yes", "no") else "", text)


@cache
def _kinds_of(part: str) -> frozenset[str]:
    """Give the kinds that a part of a text names, each by its longest words."""
    codes = {kind for kind, listed in word_lists("facility")["kind_code"].items() if part in listed}
    words = set(_pattern().findall(part))
    named = {
        kind for kind, listed in word_lists("facility")["kind"].items() if kind == part or words & set(listed)
    }
    return frozenset(codes | named)


@cache
def _pattern() -> re.Pattern[str]:
    words = {word for listed in word_lists("facility")["kind"].values() for word in listed}
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))))


def _of_row(cells: Sequence[_Cell]) -> _Cell:
    """Put together what the columns of a row say: the first that names a kind counts."""
    named = next((cell for cell in cells if cell.kinds), None)
    if named is None:
        return next((cell for cell in cells if cell.other), None) or next(
            (cell for cell in cells if cell.word), _SILENT
        )
    # 类别 says more than 设施类型: a fire station that is called 微型站 there is one of those.
    if named.kinds == {"fire_station"}:
        return next((cell for cell in cells if cell.kinds == {"micro_station"}), named)
    return named


def _tell(rows: Iterable[_Cell]) -> tuple[Message, ...]:
    """Tell rows by what they say, the most first: words of the file, how many, the kind where it is known."""
    counts = pd.Series([(cell.word, *sorted(cell.kinds)) for cell in rows], dtype=object).value_counts()
    parts = []
    for (word, *kinds), n in list(counts.items())[:_MOST_WORDS]:
        values = {"word": word[:40], "n": int(n), "kind": tuple(map(_say, kinds))}
        parts.append(Message("study.kind_" + ("known" if kinds else "strange" if word else "blank"), values))
    if len(counts) > _MOST_WORDS:
        rest = int(counts.iloc[_MOST_WORDS:].sum())
        parts.append(Message("study.kind_more", {"n": rest}))
    return tuple(parts)


def _say(kind: str) -> Message:
    return Message(f"study.check_kind_{kind}" if kind in FACILITY_KINDS else "study.kind_village")
