"""People of cells, of a grid of polygons or of a raster: judged, cut at the borders of zones, as points."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import require_same, to_metric
from geo.demand._doubts import doubt_density, find_fill
from geo.demand._formats import RASTER_ENDINGS, Unit
from geo.demand._pieces import cut_cells, near_borders, straddling
from geo.demand._units import doubt_unit, says_unit
from geo.demand.points_and_zones import DemandRead, LeftOut, assign_zones, demand_from_points, demand_table
from geo.errors import InputError
from geo.messages import Message
from geo.reading import reads_a_file

if TYPE_CHECKING:
    from geo.demand._raster import Cells, Grid, RasterReading

__all__ = ["RASTER_ENDINGS", "Unit", "demand_from_grid", "demand_from_raster"]


def demand_from_grid(
    cells: gpd.GeoDataFrame,
    *,
    crs: CRS | None = None,
    people: str = "people",
    unit: Unit | None = None,
    zones: gpd.GeoDataFrame | None = None,
) -> DemandRead:
    """Make demand of grid cells: the people of each cell stand at its middle.

    Arguments, result and errors are those of :func:`demand_from_points`, and:

    Parameters
    ----------
    unit : {"people", "per_km2", "per_ha"}, optional
        Whether cells, as polygons, hold people or densities.
    zones : geopandas.GeoDataFrame, optional
        A cell that their borders run through becomes a point for each zone, with its share by area.
    """
    read = demand_from_points(cells, crs=crs, people=people)
    placed, table = cells if crs is None else to_metric(cells, crs), read.table
    outlines = placed.geometry.to_numpy()
    if not (shapely.get_dimensions(outlines) == 2).all():
        if unit in ("per_km2", "per_ha"):
            raise InputError(Message("demand.no_area", {"unit": unit}))
        return read
    area_m2 = shapely.area(outlines)
    if unit in ("per_km2", "per_ha"):
        table = table.assign(people=table["people"] * area_m2 * (1e-6 if unit == "per_km2" else 1e-4))
    xy = shapely.get_coordinates(table.geometry.to_numpy())
    notes = [*read.notes, *_require_people(table["people"].to_numpy(), area_m2, xy, unit, people)]
    table, cut = _cut(table, outlines, zones)
    return DemandRead(table, (*notes, *cut), people_in=float(table["people"].sum()))


@reads_a_file
def demand_from_raster(
    path: str | os.PathLike[str],
    *,
    crs: CRS,
    zones: gpd.GeoDataFrame | None = None,
    keep_outside: bool = False,
    min_people: float = 0.0,
    reading: RasterReading | None = None,
) -> DemandRead:
    """Make demand of a raster with people per cell (such as WorldPop): one point per inhabited cell.

    Cell centres are moved to the CRS, nothing is resampled, so the total is that of the raster. A cell that
    a border of the zones runs through becomes a point for each zone, with its share of the people by area. To
    bring the cells to census totals, spread zones over them: ``demand_from_zones(zones,
    over=demand_from_raster(...).table, weight="people")``.

    Parameters
    ----------
    path : path
        A raster; one band is read, in windows.
    crs : pyproj.CRS
        Metric CRS of the result.
    zones : geopandas.GeoDataFrame, optional
        Cells are cut at their borders, and only what lies inside is read; points get their zone.
    keep_outside : bool
        Read what lies outside the zones too.
    min_people : float
        Leave out cells with fewer people; how many people that loses is noted.
    reading : RasterReading, optional
        What the planner says of the raster: its CRS, unit, 'no data' value and band.

    Returns
    -------
    DemandRead
        Index: the number of the cell in the raster (``"<number>-<k>"`` of a piece). Cells without people
        have no row.

    Raises
    ------
    FileError, CrsError
        The raster cannot be read, or its CRS is not known.
    InputError
        Nobody lives in the raster or the zones; one value fills its border or is impossible; so many people
        cannot live on so little ground, its name or its notes say that it holds densities, or the people of
        the zones say so, and no unit is settled.
    """
    from geo.demand._raster import RasterReading, read_cells  # rasterio takes a third of a second to load

    reading = reading or RasterReading()
    land = None if zones is None else to_metric(zones, crs)
    is_part = land is not None and not keep_outside
    bounds = tuple(float(bound) for bound in land.total_bounds) if land is not None and is_part else None
    cells = read_cells(path, crs=crs, bounds=bounds, min_people=min_people, reading=reading)  # type: ignore[arg-type]
    notes = _judge(cells, reading, Path(path).name, land)
    table = gpd.GeoDataFrame(
        {"people": cells.people},
        index=pd.Index(cells.number, name="demand_id"),
        geometry=shapely.points(cells.xy),
        crs=crs,
    )
    people_in = float(cells.people.sum()) + cells.people_dropped
    left = [LeftOut(Message("demand.left_few", {"least": min_people}), 0, cells.people_dropped)]
    if land is not None:
        table, cut = _cut_raster(table, cells.grid, land)
        notes += cut
    if land is not None and is_part:
        table["zone"] = assign_zones(table, land)
        outside = table["zone"].isna()
        people = float(table.loc[outside, "people"].sum())
        left.append(LeftOut(Message("demand.left_outside"), int(outside.sum()), people))
        table = table[~outside]
    if table.empty:
        raise InputError(Message("demand.nobody", {"file": Path(path).name}))
    if cells.people_dropped:
        numbers = {"n": round(cells.people_dropped), "least": min_people}
        notes.append(Message("demand.few_people", numbers))
    return DemandRead(
        demand_table(table, table["people"].to_numpy()),
        tuple(notes),
        people_in=people_in,
        left_out=tuple(part for part in left if part.people),
        label=cells.label,
    )


def _cut_raster(
    table: gpd.GeoDataFrame, grid: Grid, zones: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Cut the cells of a raster at the borders of the zones; only those near a border get an outline."""
    if table.empty:
        return table, []
    some = grid.outlines(table.index.to_numpy()[[0, len(table) // 2, -1]])
    reach_m = 0.51 * float(np.ptp(shapely.bounds(some).reshape(-1, 2, 2), axis=1).sum(axis=1).max())
    is_near = near_borders(table, zones, reach_m)
    outlines = np.full(len(table), None, dtype=object)
    outlines[is_near] = grid.outlines(table.index.to_numpy()[is_near])
    return _cut(table, outlines, zones)


def _cut(
    table: gpd.GeoDataFrame, outlines: NDArray[np.object_], zones: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Cut the cells that a border of the zones runs through, and say how many; the others stay."""
    if zones is None or not len(zones):
        return table, []
    require_same(table, zones)
    is_cut = straddling(outlines, zones)
    if not is_cut.any():
        return table, []
    near = np.flatnonzero(is_cut)
    middles = table.geometry.to_numpy()
    of, share, spots = cut_cells(middles[near], outlines[near], zones)
    n_pieces = np.ones(len(table), dtype=np.int64)
    n_pieces[near] = np.bincount(of, minlength=len(near))
    if (n_pieces == 1).all():
        return table, []
    row = np.repeat(np.arange(len(table)), n_pieces)
    of_piece = is_cut[row]
    parts, places = np.ones(len(row)), middles[row]
    parts[of_piece], places[of_piece] = share, spots
    nth = np.arange(len(row)) - np.searchsorted(row, row) + 1
    names = [
        f"{name}-{k}" if n > 1 else str(name)
        for name, k, n in zip(table.index[row], nth, n_pieces[row], strict=True)
    ]
    cut = table.iloc[row].set_axis(pd.Index(names, name=table.index.name))
    cut["people"] = cut["people"].to_numpy() * parts
    straddlers = n_pieces > 1
    numbers = {"n": int(straddlers.sum()), "people": float(table.loc[straddlers, "people"].sum())}
    return cut.set_geometry(gpd.GeoSeries(places, index=cut.index, crs=table.crs)), [
        Message("demand.cells_cut", numbers)
    ]


def _judge(cells: Cells, reading: RasterReading, file: str, zones: gpd.GeoDataFrame | None) -> list[Message]:
    """Say what is odd in a raster.

    Raises
    ------
    InputError
        What it holds can be no people, or may be densities, and the planner has not settled it.
    """
    notes = list(cells.crs_notes)
    if cells.n_negative:
        numbers = {"n": cells.n_negative, "value": cells.negative}
        notes.append(Message("demand.negative_cells", numbers))
    if cells.n_bands > 1:
        band = {"n": cells.n_bands - 1, "band": reading.band, "label": cells.label or "-"}
        notes.append(Message("demand.first_band", band))
    if (cells.scale, cells.offset) != (1, 0):
        notes.append(Message("demand.scaled", {"scale": cells.scale, "offset": cells.offset}))
    area_m2 = cells.grid.areas(cells.number)
    if reading.nodata != "none":
        fill = find_fill(cells.stored, cells.people / area_m2 * 1e6, cells.on_rim, cells.n_rim)
        if fill is not None:
            value, n, of_rim = fill
            people = float(cells.people[cells.stored == value].sum())
            total = float(cells.people.sum())
            values = {"file": file, "value": value, "n": n, "rim": of_rim, "people": people, "total": total}
            raise InputError(Message("demand.fill_value", values))
    said, name = says_unit([file, cells.label, *cells.texts])
    if reading.unit is None and said == "density":
        total = float(cells.people.sum())
        raise InputError(Message("demand.named_density", {"name": name, "people": total}))
    notes += _require_people(cells.people, area_m2, cells.xy, reading.unit, file)
    if reading.unit is None and said is None:
        notes += doubt_unit(cells.people, area_m2, cells.xy, zones, file=file)
    return notes


def _require_people(
    people: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    xy: NDArray[np.float64],
    unit: Unit | None,
    file: str,
) -> list[Message]:
    """Stop where so many people cannot live on so little ground, unless the planner says what they are."""
    doubt = doubt_density(people, area_m2, xy)
    if doubt is None:
        return []
    is_impossible, message = doubt
    if not is_impossible or unit is not None:
        return [message]
    cell_m2 = float(np.median(area_m2))
    if_density = float((people * area_m2).sum()) / 1e6
    values = {"file": file, "what": message, "cell_m2": cell_m2, "if_density": if_density}
    raise InputError(Message("demand.ask_unit", values))
