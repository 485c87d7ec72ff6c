"""Recorded times beside modelled ones: errors by group, and by square of the map."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

__all__ = ["compare_groups", "residual_cells"]

MIN_CALLS: Final = 30
"""Fewer calls than this tell little of a group (assumed)."""
MIN_CALLS_CELL: Final = 5
"""Fewer calls than this in a square could show one household's call (assumed)."""
_NEAR_SHARE: Final = 0.2
_NEAR_S: Final = 60.0


def compare_groups(trips: pd.DataFrame, by: str | None = None, *, min_calls: int = MIN_CALLS) -> pd.DataFrame:
    """Give the error of modelled times against recorded ones, by group.

    Parameters
    ----------
    trips : DataFrame
        ``recorded_s`` and ``modelled_s`` (``inf`` where no route is found) and the column of groups. Rows
        without a recorded or modelled value (nan) are not compared.
    by : str, optional
        The column of groups; one group of all when left out. A missing value is a group of its own.
    min_calls : int
        Groups of fewer compared calls bear ``is_few``.

    Returns
    -------
    DataFrame
        By group: ``n_calls`` compared, ``n_no_route``, ``bias_s`` (mean of modelled - recorded;
        negative where the model is too fast), ``median_s``, ``mae_s`` (mean absolute), ``p90_s`` (absolute
        error that 90 % stay within, an observed value), ``share_near`` (within 20 % or one minute, whichever
        is more), ``is_few``.
    """
    known = trips[trips["recorded_s"].notna() & trips["modelled_s"].notna()]
    groups = pd.Series("all", known.index) if by is None else known[by]
    rows = {group: _errors(part, min_calls) for group, part in known.groupby(groups, dropna=False, sort=True)}
    columns = ["n_calls", "n_no_route", "bias_s", "median_s", "mae_s", "p90_s", "share_near", "is_few"]
    table = pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name=by or "group"), columns=columns)
    return table.astype({"n_calls": int, "n_no_route": int, "is_few": bool})


def _errors(part: pd.DataFrame, min_calls: int) -> list[float]:
    recorded, modelled = part["recorded_s"].to_numpy(dtype=float), part["modelled_s"].to_numpy(dtype=float)
    has_route = np.isfinite(modelled)
    error, of = (modelled - recorded)[has_route], recorded[has_route]
    n = len(error)
    if not n:
        return [0, len(part), *[np.nan] * 5, True]
    off = np.abs(error)
    p90 = np.quantile(off, 0.9, method="inverted_cdf")
    near = off <= np.maximum(_NEAR_SHARE * of, _NEAR_S)
    return [
        n,
        len(part) - n,
        error.mean(),
        np.median(error),
        off.mean(),
        p90,
        near.mean(),
        n < min_calls,
    ]


def residual_cells(
    trips: gpd.GeoDataFrame, *, cell_m: float = 1000.0, min_calls: int = MIN_CALLS_CELL
) -> tuple[gpd.GeoDataFrame, int]:
    """Give the errors by square cell; calls of cells with too few of them are only counted.

    Parameters
    ----------
    trips : GeoDataFrame
        ``call_id``, ``recorded_s``, ``modelled_s`` and points in metres; rows without a
        place are no part of it.
    cell_m : float
        Side of a cell, metres; corners lie on whole multiples of it.
    min_calls : int
        Cells with fewer calls are left out. Engines of one call count once.

    Returns
    -------
    (GeoDataFrame, int)
        ``n_calls``, ``n_trips``, ``median_s`` (modelled - recorded) and the square; and the calls left out.
    """
    keep = trips["recorded_s"].notna() & np.isfinite(trips["modelled_s"])
    shapes = trips.geometry.to_numpy()
    known = trips[keep & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    corner = np.floor(np.column_stack([known.geometry.x, known.geometry.y]) / cell_m).astype(np.int64)
    errors = pd.DataFrame(
        {
            "column": corner[:, 0],
            "row": corner[:, 1],
            "call_id": known["call_id"].to_numpy(),
            "error_s": (known["modelled_s"] - known["recorded_s"]).to_numpy(),
        }
    )
    cells = errors.groupby(["column", "row"], as_index=False).agg(
        n_calls=("call_id", "nunique"), n_trips=("error_s", "size"), median_s=("error_s", "median")
    )
    is_shown = cells["n_calls"] >= min_calls
    shown = cells[is_shown].reset_index(drop=True)
    west, south = shown["column"] * cell_m, shown["row"] * cell_m
    squares = shapely.box(west, south, west + cell_m, south + cell_m)
    table = gpd.GeoDataFrame(shown[["n_calls", "n_trips", "median_s"]], geometry=squares, crs=trips.crs)
    return table, int(cells.loc[~is_shown, "n_calls"].sum())
