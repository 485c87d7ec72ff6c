"""The roads of a study that are lines of a layer, or of the layers of several districts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.errors import InputError
from geo.messages import Message
from geo.network import Roads, RoadWords, class_column, direction_words, roads_from_lines
from geo.standards import SpeedProfile, load_profile
from geo.study.inputs.log import LayerLog
from geo.study.settings import RoadsSpec, Study

__all__ = ["line_roads", "own_or_known", "profile_of"]


def own_or_known(study: Study, name: str) -> str:
    """Give how a profile or a clock is loaded: a file beside the study with its ``#part``, or one of ours."""
    path, mark, part = name.partition("#")
    own = study.file(path)
    return f"{own}{mark}{part}" if own.is_file() else name


def profile_of(study: Study, name: str) -> SpeedProfile:
    """Load a speed profile: a file beside the study, of which ``#part`` chooses a table, or one of ours."""
    return load_profile(own_or_known(study, name))


def line_roads(study: Study, file: Path, log: LayerLog) -> Roads:
    """Read the lines of the road layer, and of further files of the same roads.

    Raises
    ------
    GeoError
        A layer cannot be used, or the files keep their classes in different columns.
    """
    spec = study.roads
    kept = profile_of(study, spec.profile).speeds_kph
    words = RoadWords(spec.classes, spec.oneway_codes, kept=kept, year=study.study.year)
    tables = {file.name: _lines(spec, file, log)}
    for text in spec.more:
        path, _, layer = text.partition("#")
        tables[text] = _lines(replace(spec, layer=layer or None), study.file(path), log)
    return roads_from_lines(
        next(iter(tables.values())) if len(tables) == 1 else _joined(tables, spec, words, log),
        columns=spec.columns,
        tolerance_m=spec.tolerance_m,
        split_crossings=spec.split_crossings,
        words=words,
        attribution=spec.attribution,
    )


def _lines(spec: RoadsSpec, file: Path, log: LayerLog) -> gpd.GeoDataFrame:
    lines = log.read(replace(spec, columns={}), file, section="roads", geometry="line")
    log.add(lines)
    table: gpd.GeoDataFrame = lines.table
    return table


def _joined(
    tables: Mapping[str, gpd.GeoDataFrame], spec: RoadsSpec, words: RoadWords, log: LayerLog
) -> gpd.GeoDataFrame:
    """Put the rows of several files under each other, numbered on."""
    if "highway" not in spec.columns:
        classes = {name: class_column(table, words) or "-" for name, table in tables.items()}
        if len(set(classes.values())) > 1:
            columns_text = ", ".join(f"{name}: {column}" for name, column in classes.items())
            raise InputError(Message("study.roads_columns_differ", {"found": columns_text}))
    if "oneway" not in spec.columns:
        log.note("roads", *_directions_apart(tables, words))
    first = next(iter(tables.values()))
    start, parts, shown = 1, [], []
    for name, table in tables.items():
        numbers = range(start, start + len(table))
        shown.append(f"{name} {start}-{numbers[-1]}" if len(table) else name)
        parts.append(table.to_crs(first.crs).set_axis(pd.RangeIndex(start, start + len(table)), axis=0))
        start += len(table)
    log.note("roads", Message("study.roads_joined", {"n": len(tables), "rows": ", ".join(shown)}))
    return gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=first.crs)


def _directions_apart(tables: Mapping[str, gpd.GeoDataFrame], words: RoadWords) -> list[Message]:
    """Tell files without a column of directions beside files with one, and codes that differ."""
    said = {name: direction_words(table, words) for name, table in tables.items()}
    without = tuple(name for name, texts in said.items() if texts is None)
    notes = []
    if without and len(without) < len(said):
        notes.append(Message("study.roads_no_oneway_in", {"files": without}))
    coded = {name: texts for name, texts in said.items() if texts and all(map(_is_number, texts))}
    worded = [name for name, texts in said.items() if texts and name not in coded]
    if coded and worded and any(texts - {"0"} for texts in coded.values()):
        shown = "; ".join(f"{name}: {', '.join(sorted(texts)[:6])}" for name, texts in said.items() if texts)
        notes.append(Message("study.roads_oneway_mixed", {"found": shown}))
    return notes


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()
