"""Engines of each kind, read from columns of the stations' layers that the study names."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd

from geo.errors import InputError
from geo.messages import Message
from geo.study.inputs.log import StudyLayer, find_column
from geo.study.settings import Study

__all__ = ["engine_column", "require_engines", "with_engines"]


def engine_column(i: int) -> str:
    """Name the column of a table of facilities that holds how many engines of the i-th kind each has."""
    return f"engines_{i + 1}"


def with_engines(study: Study, layer: StudyLayer) -> tuple[StudyLayer, tuple[str, ...]]:
    """Read the columns of engines of a layer of stations as numbers.

    A layer without a header, such as one of planned stations, says nothing of it; :func:`require_engines`
    tells where no layer has it.

    Returns
    -------
    layer : StudyLayer
        With a column for each kind that it tells; cells that are no number are faults.
    columns : tuple of str
        Those columns.
    """
    columns = []
    for i, kind in enumerate(study.availability.engines if study.availability else ()):
        if kind.column is None:
            continue
        try:
            theirs = find_column(layer, kind.column)
        except InputError:
            continue
        ours = engine_column(i)
        copied = replace(layer, table=layer.table.assign(**{ours: layer.table[theirs]}))
        layer = copied.with_numbers(ours, kind.column)
        columns.append(ours)
    return layer, tuple(columns)


def require_engines(study: Study, facilities: gpd.GeoDataFrame) -> None:
    """Check that each header of engines stands in a layer of stations.

    Raises
    ------
    InputError
        One stands in none.
    """
    for i, kind in enumerate(study.availability.engines if study.availability else ()):
        if kind.column is not None and engine_column(i) not in facilities:
            values = {"column": kind.column, "name": kind.name}
            raise InputError(Message("availability.no_engine_column", values))
