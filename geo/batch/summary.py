"""What all counties found, put together from the files of their results."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geo.batch.county import CountyEnd
from geo.batch.jobs import Batch, Job
from geo.errors import GeoError
from geo.messages import Message
from geo.outputs import RunRead, read_run
from geo.words import say

__all__ = ["DONE", "Summary", "sum_up"]

DONE: Final = ("done", "kept")
_WGS84: Final = "EPSG:4326"
_AROUND_DEG: Final = 0.005
"""A hull around places reaches so far beyond them: about half a kilometre."""
_FIGURES: Final = {
    "people": "people",
    "people_covered": "people_covered",
    "share_covered": "share_covered",
    "people_unreachable": "people_unreachable",
    "median_s": "median_s",
    "p90_s": "p90_s",
}
"""Our column, and the figure of ``summary.json`` on the study's clock."""
_TARGET: Final = ("name_zh", "name_en", "comparator", "target", "unit", "value", "status", "missed_by")
_STATES: Final = {"met": "n_met", "missed": "n_missed", "told": "n_told", "no data": "n_no_data"}


@dataclass(frozen=True, eq=False)
class Summary:
    """All counties side by side.

    Parameters
    ----------
    counties : GeoDataFrame
        Index ``code``; ``name``, ``state``, ``people``, ``people_covered``, ``share_covered`` (0-1),
        ``people_unreachable``, ``median_s``, ``p90_s``, ``n_stations``, ``standard``, ``n_met``,
        ``n_missed``, ``n_told``, ``n_no_data`` (targets), ``n_faults``, ``run_s``, ``peak_mb``; nan where a
        county is not done. Shapes in degrees, None where none is known.
    targets : DataFrame
        One row a county and target: ``code``, ``county``, ``target_id`` and what ``targets.csv`` says.
    stopped : DataFrame
        Counties that are not done: ``code``, ``name``, ``state``, ``why`` (Message), ``study``.
    n_synthetic : int
        Counties whose data is invented.
    """

    counties: gpd.GeoDataFrame
    targets: pd.DataFrame
    stopped: pd.DataFrame
    n_synthetic: int = 0


def sum_up(batch: Batch, ends: Mapping[str, CountyEnd]) -> Summary:
    """Put the results of all counties together; one whose files cannot be read is told as not done.

    Parameters
    ----------
    batch : Batch
        The counties.
    ends : mapping of str to CountyEnd
        How each ended.
    """
    rows, targets, stopped, shapes, n_synthetic = [], [], [], [], 0
    for job in batch.jobs:
        end, run = ends[job.code], None
        error = end.error
        if end.state in DONE:
            try:
                run = read_run(job.folder)
            except GeoError as unread:
                error = Message("batch.as_told", {"why": unread})
        rows.append({"code": job.code, **_county(job, end, run)})
        shapes.append(_shape(job) if run is not None or job.boundary is not None else None)
        if run is None:
            state = "refused" if end.state in DONE else end.state
            stopped.append((job.code, job.name, state, error, str(job.study)))
            continue
        targets += list(_targets(job, run))
        n_synthetic += bool(run.summary.get("synthetic"))
    counties = pd.DataFrame(rows).set_index("code")
    return Summary(
        counties=gpd.GeoDataFrame(counties, geometry=gpd.GeoSeries(shapes, index=counties.index, crs=_WGS84)),
        targets=pd.DataFrame(targets, columns=["code", "county", "target_id", *_TARGET]),
        stopped=pd.DataFrame(stopped, columns=["code", "name", "state", "why", "study"]),
        n_synthetic=n_synthetic,
    )


def _county(job: Job, end: CountyEnd, run: RunRead | None) -> dict[str, Any]:
    nan = float("nan")
    row: dict[str, Any] = {"name": job.name, "state": end.state if run is not None else "stopped"}
    clock = {} if run is None else run.summary["standard"]
    row |= {ours: _number(clock.get(name)) for ours, name in _FIGURES.items()}
    row["n_stations"] = nan if run is None else float(run.summary["stations"]["counted"])
    row["standard"] = clock.get("name", "")
    statuses = {} if run is None else run.summary.get("targets", {})
    row |= {ours: nan if run is None else float(statuses.get(name, 0)) for name, ours in _STATES.items()}
    row["n_faults"] = nan if run is None else float(run.summary.get("faults", 0))
    is_new = end.state == "done"
    return row | {"run_s": end.seconds if is_new else nan, "peak_mb": end.peak_mb if is_new else nan}


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _targets(job: Job, run: RunRead) -> Iterator[dict[str, Any]]:
    if run.targets is None:
        return
    for target_id, row in run.targets.iterrows():
        told = {name: row[name] if name in run.targets else None for name in _TARGET}
        yield {"code": job.code, "county": job.name, "target_id": str(target_id), **told}


def _shape(job: Job) -> Any | None:
    """Give the ground of a county: its boundary, else that of its zones, else around its people."""
    if job.boundary is not None:
        return job.boundary
    package = job.folder / "coverage.gpkg"
    for part in ("towns", "places"):
        for layer in (
            part,
            say(f"outputs.table_{part}", lang="zh"),
        ):  # as a package is named in each language
            with contextlib.suppress(Exception):  # without a shape a county stands in the tables only
                return _ground(pyogrio.read_dataframe(package, layer=layer, columns=[]).to_crs(_WGS84))
    return None


def _ground(table: gpd.GeoDataFrame) -> Any:
    """Give the ground of towns, else a hull around the places."""
    shapes = table.geometry.dropna().to_numpy()
    if (shapely.get_dimensions(shapes) == 2).any():
        return shapely.union_all(shapely.make_valid(shapes[shapely.get_dimensions(shapes) == 2]))
    return shapely.buffer(shapely.convex_hull(shapely.union_all(shapes)), _AROUND_DEG)
