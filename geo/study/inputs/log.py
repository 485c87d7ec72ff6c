"""Reading one layer of a study: its spec applied, and everything that happened kept for the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.demand import DemandNote
from geo.errors import GeoError, InputError
from geo.layers import LayerReport, read_layer
from geo.messages import Fault, Sentence
from geo.osm import ATTRIBUTION
from geo.study.settings import LayerSpec

__all__ = ["LayerLog", "find_column", "log_osm", "log_raster", "naming", "read_spec"]

FAR_M = 50_000.0
"""A point farther than this from every road lies outside the study."""


@dataclass
class LayerLog:
    """What was read so far, in the order of reading.

    Parameters
    ----------
    reports : list of (str, LayerReport)
        Section of the study file and the report of its layer.
    notes : list of (str, str or DemandNote)
        Section and one sentence on what was guessed, repaired or left out.
    credits : list of str
        Attributions of the layers.
    """

    reports: list[tuple[str, LayerReport]] = field(default_factory=list)
    notes: list[tuple[str, str | DemandNote]] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)

    def add_faults(self, faults: Sequence[Fault], *, n_kept: int) -> None:
        """Add faults found after reading to the newest report, with the rows that are left.

        A row that is left out now for its id was told before as kept; only the later fault is true.
        """
        section, report = self.reports[-1]
        out = {fault.row for fault in faults if _key(fault) == "id_taken"}
        before = [fault for fault in report.faults if _key(fault) != "double_id" or fault.row not in out]
        found = tuple(sorted([*before, *faults], key=lambda fault: fault.row))
        self.reports[-1] = section, replace(report, faults=found, n_kept=n_kept)

    def add_far(self, shapes: gpd.GeoDataFrame, road_ends: NDArray[np.float64]) -> None:
        """Add a fault for each row that lies so far from every road that its place must be wrong.

        Parameters
        ----------
        shapes : GeoDataFrame
            Rows of the newest report, in a metric CRS; they stay, and are out of reach.
        road_ends : float64 array, shape (N, 2)
            Ends of all roads in the same CRS; they stand for the roads.
        """
        far = np.flatnonzero(_is_far(shapes, road_ends))
        reason = Sentence("far_from_roads", km=f"{FAR_M / 1000:g}")
        faults = [Fault(int(row), "geometry", "", reason) for row in shapes.index[far]]
        self.add_faults(faults, n_kept=self.reports[-1][1].n_kept)

    def note_far(self, section: str, cells: gpd.GeoDataFrame, road_ends: NDArray[np.float64]) -> None:
        """Note how many people live in cells so far from every road; a raster often holds the whole province.

        Arguments are those of :meth:`add_far`; the cells have ``people``.
        """
        far = _is_far(cells, road_ends)
        if far.any():
            values = {
                "n": int(far.sum()),
                "people": float(cells.loc[far, "people"].sum()),
                "km": FAR_M / 1000,
            }
            self.notes.append((section, Sentence("far_cells", **values)))

    def keep_shapes_only(self) -> None:
        """Leave out of the newest report what concerns columns: of this layer only the shapes count."""
        section, report = self.reports[-1]
        faults = tuple(fault for fault in report.faults if fault.column == "geometry")
        self.reports[-1] = section, replace(report, faults=faults, guesses=())


def _key(fault: Fault) -> str:
    return fault.reason.key if isinstance(fault.reason, Sentence) else ""


def _is_far(shapes: gpd.GeoDataFrame, road_ends: NDArray[np.float64]) -> NDArray[np.bool_]:
    xy = shapely.get_coordinates(shapes.geometry.centroid.to_numpy())
    off_m, _ = cKDTree(road_ends).query(xy, distance_upper_bound=FAR_M)
    return np.asarray(np.isinf(off_m), dtype=np.bool_)


@contextmanager
def naming(section: str) -> Iterator[None]:
    """Name the section of the study file in front of any error inside."""
    try:
        yield
    except GeoError as error:
        if str(error).startswith("["):
            raise
        raise type(error)(f"[{section}] {error}") from error


def read_spec(
    spec: LayerSpec,
    file: Path,
    log: LayerLog,
    *,
    section: str,
    columns: Mapping[str, str] | None = None,
    geometry: Literal["any", "point", "line", "polygon", "none"] = "any",
) -> Any:
    """Read the layer of a spec, keep its rows that are asked for, and log its report.

    Parameters
    ----------
    spec : LayerSpec
        What the study file says of the layer.
    file : Path
        Its file.
    log : LayerLog
        Receives the report.
    section : str
        Where it stands in the study file.
    columns : mapping of str to str, optional
        Settled columns on top of the spec's.
    geometry : str
        Kind of shapes that is wanted; see :func:`geo.layers.read_layer`.

    Returns
    -------
    GeoDataFrame or DataFrame

    Raises
    ------
    InputError
        ``where`` names a column that the layer does not have, or keeps no row.
    """
    read = read_layer(
        file,
        layer=spec.layer,
        crs=spec.crs,
        encoding=spec.encoding,
        columns={**spec.columns, **(columns or {})},
        sheet=spec.sheet,
        geometry=geometry,
    )
    return _log(spec, read.table, read.report, log, section=section)


def _log(spec: LayerSpec, table: Any, report: LayerReport, log: LayerLog, *, section: str) -> Any:
    """Keep the rows that the spec selects, and log its layer."""
    chosen = table
    for header, values in spec.where.items():
        column = find_column(table, report, header)
        chosen = chosen[chosen[column].isin(values)]
        if not len(chosen):
            found = [str(value) for value in table[column].dropna().unique()]
            more = ", ..." if len(found) > 10 else ""
            raise InputError(
                f"where: no row of {Path(report.path).name} has {header} = {list(values)}; it has "
                f"{', '.join(found[:10])}{more}"
            )
    if spec.where:
        where = {header: list(values) for header, values in spec.where.items()}
        note = f"{len(chosen)} of {report.n_kept} rows selected by where = {where}"
        report = replace(report, n_kept=len(chosen), notes=(*report.notes, note))
    log.reports.append((section, report))
    if spec.attribution:
        log.credits.append(spec.attribution)
    return chosen


def find_column(table: pd.DataFrame, report: LayerReport, header: str) -> str:
    """Find a column by the file's header or our name for it.

    Raises
    ------
    InputError
        There is no such column; the message lists those there are.
    """
    ours = {guess.header: guess.column for guess in report.guesses}
    column = header if header in table else ours.get(header, header)
    if column not in table:
        have = ", ".join(str(name) for name in table.columns if name != "geometry")
        raise InputError(f"{Path(report.path).name} has no column {header!r}; it has {have}")
    return column


def log_osm(spec: LayerSpec, file: Path, table: Any, log: LayerLog, *, section: str) -> Any:
    """Keep the rows that a spec selects of what an OpenStreetMap file holds, and log them."""
    log.credits.append(ATTRIBUTION)
    return _log(spec, table, _report(file, table, "OpenStreetMap"), log, section=section)


def log_raster(spec: LayerSpec, file: Path, table: gpd.GeoDataFrame, log: LayerLog, *, section: str) -> None:
    """Log the inhabited cells of a raster."""
    _log(spec, table, _report(file, table, "raster"), log, section=section)


def _report(file: Path, table: gpd.GeoDataFrame, form: str) -> LayerReport:
    bounds = tuple(float(side) for side in table.total_bounds) if len(table) else None
    return LayerReport(
        path=str(file),
        format=form,
        encoding="",
        n_rows=len(table),
        n_kept=len(table),
        faults=(),
        guesses=(),
        crs=table.crs.to_string(),
        crs_note="",
        bounds=bounds,  # type: ignore[arg-type]
        notes=(),
    )
