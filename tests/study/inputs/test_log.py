"""A layer as it was read is a value: what is found out later gives another; the log keeps the order."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from geo.layers import read_layer
from geo.messages import Fault, Message
from geo.study.inputs.far_from_roads import far_cells, far_faults
from geo.study.inputs.log import LayerLog, StudyLayer, read_spec
from geo.study.settings import LayerSpec

ROAD_ENDS = np.array([[0.0, 0.0], [1000.0, 0.0]])


def points(*x_m: float) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame({"people": 10.0}, index=range(2, 2 + len(x_m)), crs=CRS.from_epsg(32651),
                             geometry=[shapely.Point(x, 0) for x in x_m])  # fmt: skip
    return frame.rename_axis("row")


def layer(tmp_path: Path) -> StudyLayer:
    """Rows 2 and 4 bear the id A; row 3 says no number of people."""
    path = tmp_path / "a.csv"
    path.write_text("id,people,lon,lat\nA,1,121,31\nB,x,121,31\nA,3,121,31\n", encoding="utf-8")
    read = read_layer(path, crs="EPSG:4326")
    return StudyLayer("facilities 1", read.table, read.report)


def keys(read: StudyLayer) -> list[tuple[int, str]]:
    return [(fault.row, fault.reason.key) for fault in read.report.faults]


def test_later_faults_give_another_layer_and_leave_this_one(tmp_path: Path) -> None:
    read = layer(tmp_path)
    assert keys(read) == [(3, "layers.not_number"), (4, "layers.double_id")]
    more = read.with_faults([Fault(2, "geometry", "", Message("stations.point_inside"))])
    assert keys(more) == [(2, "stations.point_inside"), *keys(read)]
    assert (len(read.report.faults), more.report.n_kept) == (2, read.report.n_kept)


def test_a_row_that_is_left_out_for_its_id_is_not_told_as_kept(tmp_path: Path) -> None:
    left_out = Fault(4, "id", "A", Message("stations.id_taken", {"row": 2}))
    after = layer(tmp_path).with_faults([left_out], n_kept=2)
    assert keys(after) == [(3, "layers.not_number"), (4, "stations.id_taken")]
    assert after.report.n_kept == 2


def test_of_shapes_only_faults_of_the_geometry_count(tmp_path: Path) -> None:
    read = layer(tmp_path)
    far = Fault(4, "geometry", "", Message("study.far_from_roads", {"km": "50"}))
    assert read.report.guesses
    shapes = read.with_faults([far]).with_shapes_only()
    assert (keys(shapes), shapes.report.guesses) == ([(4, "study.far_from_roads")], ())


def test_far_is_more_than_fifty_kilometres_from_both_ends_of_every_road() -> None:
    # 51 km from the near end is far; 50 km and a bit less is not.
    places = points(500.0, 50_999.0, 52_000.0)
    assert [fault.row for fault in far_faults(places, places, ROAD_ENDS)] == [4]
    (note,) = far_cells(places, ROAD_ENDS)
    assert note == Message("study.far_cells", {"n": 1, "people": 10.0, "km": 50.0})
    assert far_cells(places.iloc[:2], ROAD_ENDS) == ()
    assert far_faults(places.iloc[:2], places.iloc[:2], ROAD_ENDS) == []


def test_the_log_keeps_the_order_of_reading(tmp_path: Path) -> None:
    read, log = layer(tmp_path), LayerLog()
    log.add(read)
    log.add(StudyLayer("land", read.table, read.report, credits=("OSM", "a planner")))
    log.note("roads")
    log.note("zones", Message("layers.heights_left_out"), Message("layers.total_row"))
    assert [section for section, _ in log.reports] == ["facilities 1", "land"]
    assert log.credits == ["OSM", "a planner"]
    assert [(section, note.key) for section, note in log.notes] == [
        ("zones", "layers.heights_left_out"),
        ("zones", "layers.total_row"),
    ]


def test_rows_that_where_leaves_out_have_no_faults_and_are_not_left_out(tmp_path: Path) -> None:
    # Of the other kind row 3 has no coordinates and row 4 no number; row 5 is asked for and lost.
    path = tmp_path / "a.csv"
    rows = [
        "code,kind,people,lon,lat",
        "1,站,5,121,31",
        "2,点,5,,",
        "2,点,x,121,31",
        "1,站,7,,",
        "1,站,9,121.1,31",
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")

    def read(**where: tuple[object, ...]) -> StudyLayer:
        return read_spec(LayerSpec(path="a.csv", crs="EPSG:4326", where=where), path, section="demand 1")

    assert [row for row, _ in keys(read())] == [3, 4, 5]
    for chosen in (read(kind=("站",)), read(code=("1",)), read(code=(1,))):
        assert chosen.table["people"].tolist() == [5, 9]
        assert [row for row, _ in keys(chosen)] == [5]
        assert chosen.left_out.index.tolist() == [5]
        assert sorted(chosen.not_selected.index) == [3, 4]
