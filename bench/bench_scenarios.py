"""What one facility changes: the preview against working everything out again; answers are compared first."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np

from bench.bench_study import write_shanghai
from geo.coverage import Coverage, cover
from geo.network import close_edges
from geo.routing import SnapRules
from geo.scenarios import prepare, preview
from geo.standards import load_response
from geo.stations import select
from geo.study import Inputs, Study, read_inputs, read_study

DATA = Path(os.environ.get("EMERGENCY_GEO_DATA", Path(__file__).parents[2] / "shared" / "data"))


def rows() -> list[dict[str, str]]:
    """Measure the sample and, where its data is there, all Shanghai."""
    found = _rows("the sample", read_study("sample"))
    if (DATA / "shanghai").is_dir():
        with TemporaryDirectory() as folder:
            found += _rows("all Shanghai", read_study(write_shanghai(Path(folder))))
    return found


def _rows(place: str, study: Study) -> list[dict[str, str]]:
    inputs = read_inputs(study)
    stations = select(inputs.facilities, kind="fire_station", status="existing")
    new = stations.iloc[[len(stations) // 2]].set_axis(["new"])
    new = new.set_geometry(new.geometry.translate(700.0, 300.0))
    today = _cover(study, inputs, stations)
    ready = prepare(
        today, max_snap_m=study.snap.max_m, access_kph=study.snap.access_kph, barriers=inputs.barriers
    )
    more = gpd.GeoDataFrame(_joined(stations, new), crs=stations.crs)
    whole = _cover(study, inputs, more).table
    quick = preview(ready, add=new)
    assert (whole["first_s"].to_numpy() == quick["first_s"].to_numpy()).all()
    assert (whole["second_s"].to_numpy() == quick["second_s"].to_numpy()).all()
    gone = str(stations.index[0])
    size = f"{inputs.network.n_nodes:,} nodes, {len(inputs.demand):,} homes, {len(stations)} stations"
    full_s = _best(lambda: _cover(study, inputs, more), times=3)
    return [
        _row(f"one station more, {place}", _best(lambda: preview(ready, add=new)), full_s, size),
        _row(
            f"one station fewer, {place}",
            _best(lambda: preview(ready, close=gone)),
            _best(lambda: _cover(study, inputs, stations.iloc[1:]), times=3),
            size,
        ),
        {
            "work": f"a road closed, {place}: the network afterwards",
            "ours": f"{_best(lambda: close_edges(inputs.network, [0])) * 1000:.1f} ms",
            "peer": "-",
            "ratio": "-",
            "target": "-",
            "note": "arcs and components; the snaps are kept",
        },
    ]


def _cover(study: Study, inputs: Inputs, stations: gpd.GeoDataFrame) -> Coverage:
    return cover(
        inputs.network,
        stations,
        inputs.demand,
        standard=load_response(study.response.standard),
        snapping=SnapRules(study.snap.max_m, study.snap.access_kph, inputs.barriers),
    )


def _joined(stations: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = [*range(len(stations)), len(stations) // 2]
    joined = stations.iloc[rows].set_axis([*stations.index, *new.index])
    shapes = np.array([*stations.geometry, *new.geometry], dtype=object)
    return joined.set_geometry(gpd.GeoSeries(shapes, index=joined.index, crs=stations.crs))


def _best(call: Callable[[], object], *, times: int = 9) -> float:
    """Give the least seconds of several calls: what others on the machine add is not ours."""
    call()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _row(work: str, ours_s: float, full_s: float, note: str) -> dict[str, str]:
    return {
        "work": work,
        "ours": f"{ours_s * 1000:.1f} ms",
        "peer": f"full coverage {full_s * 1000:.0f} ms",
        "ratio": f"{full_s / ours_s:.0f}x",
        "target": "-",
        "note": note,
    }
