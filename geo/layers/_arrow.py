"""Large tables of shapes as streams of Arrow columns, which GDAL takes block by block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

__all__ = ["is_streamable", "stream"]

_ROWS: Final = 65_536
_WKB: Final = {b"ARROW:extension:name": b"ogc.wkb"}


def is_streamable(table: pd.DataFrame) -> bool:
    """Whether a table has flat shapes of one kind, and beside them numbers, flags or texts alone."""
    if not isinstance(table, gpd.GeoDataFrame):
        return False
    shapes = table.geometry.array
    types = shapely.get_type_id(shapes)
    return (
        len(table) > 0
        and bool((types == types[0]).all())
        and types[0] >= 0
        and not (shapely.get_coordinate_dimension(shapes) > 2).any()
        and all(_is_plain(column) for _, column in table.drop(columns=table.geometry.name).items())
    )


def _is_plain(column: pd.Series) -> bool:
    if column.dtype.kind in "iufb":
        return True
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty")


def stream(table: gpd.GeoDataFrame) -> Any:
    """Give a streamable table block by block: a copy of all of it would double its memory."""
    shape = table.geometry.name
    fields = [
        pa.field(shape, pa.binary(), metadata=_WKB) if name == shape else pa.field(name, _type_of(column))
        for name, column in table.items()
    ]
    schema = pa.schema(fields)
    return pa.RecordBatchReader.from_batches(schema, _blocks(table, schema))


def _type_of(column: pd.Series) -> pa.DataType:
    if column.dtype.kind in "iufb":
        return pa.Array.from_pandas(column.iloc[:1]).type
    return pa.string()


def _blocks(table: gpd.GeoDataFrame, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    shape = table.geometry.name
    for first in range(0, len(table), _ROWS):
        rows = table.iloc[first : first + _ROWS]
        arrays = [
            pa.array(shapely.to_wkb(rows.geometry.to_numpy()), field.type)
            if field.name == shape
            else pa.Array.from_pandas(_told(rows[field.name]), type=field.type)
            for field in schema
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _told(column: pd.Series) -> Any:
    return column if column.dtype.kind in "iufb" else np.asarray(column, dtype=object)
