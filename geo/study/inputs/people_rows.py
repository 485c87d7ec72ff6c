"""Rows of one place in a table of people: parts beside their whole, one number on every point."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.demand import name_key, part_of_people, town_key
from geo.layers import read_amounts
from geo.messages import Message, first_few
from geo.study.inputs.log import StudyLayer
from geo.study.settings import DemandSpec
from geo.words import word_lists

__all__ = ["are_parts", "tell_alike", "tell_part_rows", "tell_registered", "tell_repeated", "with_names"]

_READ: Final = ("geometry", "name", "zone", "village", "id", "people", "lon", "lat", "lonlat", "source")
_LONGEST: Final = 24
_MOST_KINDS: Final = 30
_MOST_NAMES: Final = 5
_FEWEST_GROUPS: Final = 2
"""Two rows of one number may be so by chance."""
_FEW_SHARED: Final = 0.3
_MOST_CHANCE_ALIKE: Final = 0.05
_LEAST_OF_VILLAGE: Final = 20
"""Fewer people are those of a house or two, and often the same."""
_MOST_CHANCE: Final = 1e-3
"""So likely all may be alike by chance, and nothing is told."""
_MOSTLY: Final = 0.8
"""Of the places with several rows at least so many bear one number on all of them."""


def tell_part_rows(layer: StudyLayer) -> Iterator[Message]:
    """Note rows that count a part of a place's people, by a cell of theirs, beside a row of all of them.

    常住人口 and 其中：流动人口, 合计 and 60岁以上 as rows of one village: added up some people count twice.
    Parts alone (0-14岁, 15-59岁, 60岁以上) are everybody together.
    """
    table = layer.table
    if "people" not in table:
        return
    place = _places(table)
    people = _people(table)
    for column, header in _kinds_of_rows(layer):
        texts = _texts(table[column])
        words = _part_words(texts, is_remark=_has(header, word_lists("facility")["remark"]["headers"]))
        is_part = texts.map(words).to_numpy(dtype=bool)
        is_whole = ~is_part & (people > 0).to_numpy()
        both = set(place[is_part]) & set(place[is_whole])
        is_twice = is_part & place.isin(both).to_numpy() & (people > 0).to_numpy()
        if is_twice.any():
            wholes = [text for text in texts[is_whole].unique() if text]
            values = {
                "n": int(is_twice.sum()),
                "header": header,
                "words": tuple(texts[is_twice].unique()[:_MOST_NAMES]),
                "people": float(people[is_twice].sum()),
                "wholes": ", ".join(f'"{text}"' for text in wholes[:_MOST_NAMES]),
            }
            key = "study.people_part_rows" if wholes else "study.people_part_rows_blank"
            yield Message(key, values)
            return


def are_parts(layer: StudyLayer) -> bool:
    """Whether the rows of one place are parts of its people by a column of theirs, and none is the whole."""
    place = _places(layer.table)
    is_several = place.duplicated(keep=False).to_numpy()
    for column, _ in _kinds_of_rows(layer):
        texts = _texts(layer.table[column])
        is_part = texts.map(_part_words(texts)).to_numpy(dtype=bool)
        rows = pd.DataFrame({"place": place, "text": texts})[is_several]
        if is_several.any() and is_part[is_several].all() and not rows.duplicated().any():
            return True
    return False


def with_names(layer: StudyLayer) -> pd.DataFrame:
    """Give the rows; where neither a name nor another text tells them apart, named by their village."""
    table = layer.table
    if "name" in table or "village" not in table:
        return table
    texts = [table[column] for column in table.columns if column not in _READ]
    is_apart = any(
        not pd.api.types.is_numeric_dtype(text) and text.notna().all() and text.is_unique for text in texts
    )
    return table if is_apart else table.assign(name=table["village"])


def tell_repeated(layer: StudyLayer) -> Iterator[Message]:
    """Note rows that bear the people of the whole village or town to which they belong, each of them all.

    Points of a village (groups, estates) under one 行政村, villages under one 镇: where nearly every village
    with several rows has the same number on all of them, it is that of the village.
    """
    table = layer.table
    if "people" not in table:
        return
    people = _people(table)
    for column, header in _belongings(layer):
        texts = _texts(table[column])
        rows = pd.DataFrame({"of": texts, "people": people})[(texts != "") & (people > 0)]
        if column == "village" and "zone" in table:
            rows["of"] = rows["of"] + "\n" + _texts(table["zone"])[rows.index]
        groups = rows.groupby("of")["people"].agg(["size", "nunique", "first"])
        several = groups[groups["size"] > 1]
        alike = several[(several["nunique"] == 1) & (several["first"] >= _LEAST_OF_VILLAGE)]
        if len(alike) < max(_FEWEST_GROUPS, _MOSTLY * len(several)) or groups["first"].nunique() < 2:
            continue
        if _chance_alike(groups["first"]) ** int((alike["size"] - 1).sum()) > _MOST_CHANCE:
            continue
        names = [str(name).split("\n")[0] for name in alike.index]
        values = {
            "n": int(alike["size"].sum()),
            "header": header,
            "names": first_few(names, _MOST_NAMES),
            "people": float((alike["first"] * (alike["size"] - 1)).sum()),
        }
        yield Message("study.people_repeated", values)
        return


def _chance_alike(people: pd.Series) -> float:
    """Give the share of pairs of villages that have one number: small or rounded numbers are often alike."""
    n, each = len(people), people.value_counts().to_numpy()
    return float((each * (each - 1)).sum()) / max(n * (n - 1), 1)


def tell_alike(layer: StudyLayer) -> Iterator[Message]:
    """Note rows of one name and one number of people at different places, without a town.

    Parts of one village (an exclave, an island) bear the people of all of it.
    """
    table = layer.table
    if "people" not in table or "name" not in table or not isinstance(table, gpd.GeoDataFrame):
        return
    town = table["zone"] if "zone" in table else pd.Series(None, index=table.index, dtype=object)
    names = table["name"].map(name_key).where(table["name"].notna(), "")
    at = shapely.to_wkb(table.geometry.to_numpy())
    rows = pd.DataFrame({"name": names, "people": _people(table), "at": at, "shown": table["name"]})
    rows = rows[(rows["name"] != "") & (rows["people"] >= _LEAST_OF_VILLAGE) & town.isna().to_numpy()]
    is_several = rows.duplicated("name", keep=False)
    # Where many rows share a name it is one of a sort (住宅), and not of a place.
    if not is_several.any() or (is_several.mean() > _FEW_SHARED and is_several.sum() > 2 * _MOST_NAMES):
        return
    groups = rows[is_several].groupby("name")
    alike = groups.filter(lambda group: group["people"].nunique() == 1 and group["at"].is_unique)
    if len(alike) and _chance_alike(rows.drop_duplicates("name")["people"]) < _MOST_CHANCE_ALIKE:
        extra = alike[alike.duplicated("name")]
        values = {"n": len(alike), "people": float(extra["people"].sum())}
        yield Message(
            "study.people_row_alike",
            values | {"names": first_few(list(alike["shown"].unique()), _MOST_NAMES)},
        )


def tell_registered(layer: StudyLayer, spec: DemandSpec) -> Iterator[Message]:
    """Note that those with a household register alone count, while another column has those who moved in."""
    if spec.total is not None or not isinstance(spec.people, str) or "people" not in layer.table:
        return
    guessed = (guess.header for guess in layer.report.guesses if guess.column == "people")
    header = str(spec.columns.get("people") or next(guessed, spec.people))
    words = word_lists("people")["registered"]
    if not _has(header, words["words"]) or _has(header, words["everybody"]):
        return
    for column in layer.table.columns:
        name = str(column)
        if column in _READ or not _has(name, words["moved_in"]):
            continue
        n = float(np.nansum(read_amounts(layer.table[column], name)[0]))
        if n > 0:
            file = Path(layer.report.path).name
            values = {"file": file, "header": header, "other": name, "n": n}
            yield Message("study.people_registered", values)
            return


def _people(table: pd.DataFrame) -> pd.Series:
    return pd.to_numeric(table["people"], errors="coerce").fillna(0)


def _places(table: pd.DataFrame) -> pd.Series:
    """Give what place each row is of: its name and town, else where it lies."""
    name = next((column for column in ("name", "village") if column in table), None)
    if name is not None:
        town = table["zone"] if "zone" in table else pd.Series(None, index=table.index, dtype=object)
        keys = [(name_key(a), town_key(b)) for a, b in zip(table[name], town, strict=True)]
        return pd.Series(keys, index=table.index, dtype=object)
    if isinstance(table, gpd.GeoDataFrame):
        return pd.Series(shapely.to_wkb(table.geometry.to_numpy()), index=table.index, dtype=object)
    return pd.Series(range(len(table)), index=table.index, dtype=object)


def _kinds_of_rows(layer: StudyLayer) -> Iterator[tuple[str, str]]:
    """Give columns of a few short texts that may say whom a row counts, with their headers."""
    headers = {guess.column: guess.header for guess in layer.report.guesses}
    for column in layer.table.columns:
        if column in _READ or pd.api.types.is_numeric_dtype(layer.table[column]):
            continue
        different = _texts(layer.table[column]).unique()
        if len(different) <= _MOST_KINDS and max(map(len, different), default=0) <= _LONGEST:
            yield str(column), headers.get(str(column), str(column))


def _belongings(layer: StudyLayer) -> Iterator[tuple[str, str]]:
    """Give the columns that say to which village or town a row belongs, with their headers."""
    headers = {guess.column: guess.header for guess in layer.report.guesses}
    words = word_lists("people")["belongs"]["headers"]
    for column in layer.table.columns:
        if column in ("village", "zone"):
            yield str(column), headers.get(str(column), str(column))
            continue
        is_text = column not in _READ and not pd.api.types.is_numeric_dtype(layer.table[column])
        if is_text and _has(str(column), words):
            yield str(column), str(column)


def _part_words(texts: pd.Series, *, is_remark: bool = False) -> dict[str, bool]:
    """Say which texts name a part of the people; a remark (老人较多) only where it is nothing else."""
    words = {text: text != "" and part_of_people(text) != "" for text in texts.unique()}
    if not is_remark:
        return words
    lists = word_lists("people")["part"]
    return {
        text: is_part
        and (text.startswith(lists["of_which"]) or text.endswith(lists["remark_ends"]))
        and not _has(text, lists["remark_of_place"])
        for text, is_part in words.items()
    }


def _texts(column: pd.Series) -> pd.Series:
    return column.astype("string").fillna("").str.strip().astype(object)


def _has(header: str, words: Sequence[str]) -> bool:
    plain = unicodedata.normalize("NFKC", header).casefold()
    return any(word in plain for word in words)
