"""OpenStreetMap files as editors and queries leave them: what counts, what is gone, what is refused."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import osmium
import pytest

from geo import osm
from geo.errors import FileError, InputError
from geo.network import from_roads
from geo.osm._edited import settle
from geo.standards import load_profile
from tests.osm.test_osm import links
from tests.shared import case

# Two streets that cross at node 2; node -4 and the way -11 to it were added, the way 12 deleted.
NODES = """
  <node id="1" lat="31.60" lon="121.40"/> <node id="2" lat="31.60" lon="121.41"/>
  <node id="3" lat="31.60" lon="121.42"/>
  <node id="-4" action="modify" visible="true" lat="31.61" lon="121.41"/>
  <node id="5" lat="31.59" lon="121.41"/> <node id="6" lat="31.58" lon="121.41" action="delete"/>
"""
WAYS = """
  <way id="-11" action="modify"><nd ref="2"/><nd ref="-4"/><tag k="highway" v="residential"/></way>
  <way id="10" version="3"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/>
    <tag k="name" v="A &amp; B &lt;路&gt; &quot;1&quot;"/></way>
  <way id="12" action="delete"><nd ref="2"/><nd ref="5"/><tag k="highway" v="residential"/></way>
  <way id="13" visible="false"><nd ref="3"/><nd ref="5"/><tag k="highway" v="residential"/></way>
"""
KEPT = {(10, 1, 2), (10, 2, 3), (-11, 2, -4)}


def text(*parts: str, root: str = "osm") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} version="0.6">{"".join(parts)}</{root}>'


def ends(path: Path) -> set[tuple[int, int, int]]:
    """Give (way, end, end) of the roads of a file, the ends in the order of the way."""
    return set(links(osm.read_roads(path)))


@pytest.mark.parametrize("parts", [(NODES, WAYS), (WAYS, NODES)], ids=["nodes first", "ways first"])
@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".xml"])
def test_what_was_added_counts_and_what_was_deleted_is_gone(
    tmp_path: Path, parts: tuple[str, str], ending: str
) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {".osm.gz": gzip.compress, ".osm.bz2": bz2.compress}
    path = tmp_path / f"edit{ending}"
    path.write_bytes(pack.get(ending, bytes)(text(*parts).encode()))
    roads = osm.read_roads(path)
    assert set(links(roads)) == KEPT
    assert 'A & B <路> "1"' in roads.names
    assert [str(note) for note in roads.notes] == [
        f"edit{ending} was edited: 3 deleted objects are left out, 2 new ones (negative ids) count"
    ]


def test_a_file_in_order_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plain.osm"
    path.write_text(
        text('<node id="2" lat="31.6" lon="121.4"/><node id="1" lat="31.6" lon="121.5"/>'
             '<way id="7"><nd ref="1"/><nd ref="2"/><tag k="highway" v="service"/></way>'),
        encoding="utf-8",
    )  # fmt: skip
    assert settle(path).content is None
    assert ends(path) == {(7, 1, 2)}


def test_ways_that_bring_their_own_places_need_no_nodes(tmp_path: Path) -> None:
    """As ``out geom`` of Overpass gives them."""
    path = tmp_path / "geom.osm"
    path.write_text(
        text('<way id="7"><bounds minlat="1"/><nd ref="1" lat="31.6" lon="121.4"/>'
             '<nd ref="2" lat="31.6" lon="121.5"/><tag k="highway" v="service"/></way>'),
        encoding="utf-8",
    )  # fmt: skip
    assert ends(path) == {(7, 1, 2)}


def test_of_two_versions_the_later_counts(tmp_path: Path) -> None:
    older = '<way id="10" version="2"><nd ref="1"/><nd ref="5"/><tag k="highway" v="primary"/></way>'
    path = tmp_path / "twice.osm"
    path.write_text(text(NODES, WAYS, older), encoding="utf-8")
    assert ends(path) == KEPT


def test_stations_places_and_areas_of_an_edited_file_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "station.osm"
    corners = "".join(
        f'<node id="{-20 - i}" lat="{31.6 + y}" lon="{121.4 + x}"/>'
        for i, (x, y) in enumerate([(0, 0), (0.001, 0), (0.001, 0.001), (0, 0.001)])
    )
    ring = "".join(f'<nd ref="{-20 - i}"/>' for i in (0, 1, 2, 3, 0))
    gone = '<node id="9" action="delete" lat="31.6" lon="121.4"><tag k="amenity" v="fire_station"/></node>'
    area = f'<way id="-30">{ring}<tag k="amenity" v="fire_station"/><tag k="name" v="新站"/></way>'
    path.write_text(text(area, corners, gone), encoding="utf-8")
    stations = osm.read_facilities(path, kinds=("fire_station",))
    assert stations[["name", "osm_id"]].to_numpy().tolist() == [["新站", "way/-30"]]
    # 0.001 x 0.001 degree at 31.6 N is 94.9 m x 110.9 m.
    assert stations["area_m2"].iloc[0] == pytest.approx(10_520, rel=2e-3)


def test_a_binary_file_out_of_order_is_put_in_order(tmp_path: Path) -> None:
    path = tmp_path / "edit.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        writer.add_way(osmium.osm.mutable.Way(id=-7, nodes=[-1, 2], tags={"highway": "service"}))
        for number, lon in ((-1, 121.4), (2, 121.5)):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, 31.6)))
    assert ends(path) == {(-7, -1, 2)}


def test_changes_are_no_map(tmp_path: Path) -> None:
    changes = text(f"<modify>{NODES}{WAYS}</modify>", root="osmChange")
    for name in ("day.osc", "day.osm"):
        (tmp_path / name).write_text(changes, encoding="utf-8")
        with pytest.raises(FileError, match=r"holds changes, not a map; open it in JOSM"):
            osm.read_roads(tmp_path / name)
    (tmp_path / "cut.osm").write_text(text(WAYS, NODES)[:-200], encoding="utf-8")
    with pytest.raises(FileError, match="cut short"):
        osm.read_facilities(tmp_path / "cut.osm")


def test_an_empty_map_has_no_stations(tmp_path: Path) -> None:
    (tmp_path / "empty.osm").write_text(text(), encoding="utf-8")
    assert len(osm.read_facilities(tmp_path / "empty.osm")) == 0


def test_roads_can_be_chosen_by_their_tags(tmp_path: Path) -> None:
    path = tmp_path / "town.osm"
    path.write_text(text(NODES, WAYS), encoding="utf-8")
    roads = osm.read_roads(path, where={"highway": ["primary"]})
    assert set(links(roads)) == {(10, 1, 3)}, "a road that is not chosen cuts no other"
    assert str(roads.notes[-1]) == '1 roads were selected by where = { highway = ["primary"] }'
    with pytest.raises(InputError, match=r"where: no road of town\.osm has"):
        osm.read_roads(path, where={"highway": ["motorway"]})


def test_limits_that_are_not_believed_are_told_to_profiles_that_use_limits(tmp_path: Path) -> None:
    path = tmp_path / "town.osm"
    fast = '<tag k="maxspeed" v="999"/><tag k="highway" v="primary"/>'
    path.write_text(text(NODES, f'<way id="10"><nd ref="1"/><nd ref="2"/>{fast}</way>'), encoding="utf-8")
    roads = osm.read_roads(path)
    told = [str(note) for note in from_roads(roads, load_profile("car")).notes]
    assert told[-1] == (
        "1 roads have a maxspeed outside 5-130 km/h, which is not believed; the usual speed of their class "
        "counts: 999 (ways 10)"
    )
    assert len(from_roads(roads, load_profile("fire_engine")).notes) == len(told) - 1


def test_the_new_road_of_a_case_is_a_road_and_the_deleted_one_none() -> None:
    engine = load_profile("fire_engine")
    mixed, plain, deleted = (
        from_roads(osm.read_roads(case(name) / "map.osm"), engine)
        for name in ("a_josm_mixed", "b_josm", "a_josm_pos_deleted")
    )
    assert (mixed.n_edges, plain.n_edges, deleted.n_edges) == (312, 312, 300)
    assert mixed.n_components == plain.n_components == 1
    # The new road was drawn with a bend of 3 m in each of its 12 pieces: 3.6 cm longer each.
    assert mixed.edge_length.sum() - plain.edge_length.sum() == pytest.approx(12 * 0.036, abs=0.01)
    new = mixed.edges[mixed.edges["source"] == -100]
    assert np.allclose(new["travel_time"], 47.0, atol=0.1)


@pytest.mark.parametrize("writer", ["osm", "osm.gz", "osm.pbf"])
def test_ways_whose_ids_do_not_grow_are_put_in_order(writer: str, tmp_path: Path) -> None:
    # Merged files, and roads added by other programs, hold a way 900 before a way 10.
    text = (
        "<osm version='0.6'>"
        + "".join(f"<node version='1' id='{i}' lat='31.{i}' lon='121.{i}'/>" for i in (11, 12, 13))
        + "<way id='900' version='1'><nd ref='11'/><nd ref='12'/><tag k='highway' v='primary'/></way>"
        + "<way version='1' id='10'><nd ref='12'/><nd ref='13'/><tag k='highway' v='service'/></way>"
        + "</osm>"
    )
    path = tmp_path / f"town.{writer}"
    if writer == "osm":
        path.write_text(text, encoding="utf-8")
    elif writer == "osm.gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        (tmp_path / "plain.osm").write_text(text, encoding="utf-8")
        with osmium.SimpleWriter(str(path), overwrite=True) as out:
            for item in osmium.FileProcessor(str(tmp_path / "plain.osm")):
                out.add(item)
    assert sorted(osm.read_roads(path).edge_source.tolist()) == [10, 900]
    assert len(osm.read_facilities(path, kinds=("fire_station",))) == 0
