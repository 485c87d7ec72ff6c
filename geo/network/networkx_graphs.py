"""Road networks as networkx graphs in osmnx's form, and GraphML files, both ways."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any, Final

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo import file_limits
from geo.errors import FileError, NetworkError
from geo.files import writing_whole
from geo.messages import Message
from geo.nesting import is_nested
from geo.network.build import from_roads, timed_roads
from geo.network.classes import known_class
from geo.network.mixed import name_whole, part_mixed
from geo.network.road_network import RoadNetwork
from geo.network.roads import Roads, without_repeats
from geo.network.tags import (
    access_flags,
    access_keys,
    first_value,
    is_in_series,
    listed_values,
    parse_maxspeed,
)
from geo.reading import reads_a_file
from geo.sources import require_size, require_source
from geo.standards import SpeedProfile
from geo.times import UNREACHED_MS, to_seconds

__all__ = ["GRAPH_TIMES", "from_networkx", "read_graphml", "to_networkx", "write_graphml"]

GRAPH_TIMES: Final = "GraphML travel_time"
"""Name, in the place of a speed profile's, of the times that a graph brings itself."""

_MOST_MIXED: Final = 6
_NUMBERS: Final = ("x", "y", "length", "speed_kph", "travel_time")


def to_networkx(network: RoadNetwork) -> nx.MultiDiGraph:
    """Give a graph on which osmnx and networkx work: one arc for each open direction of an edge.

    Nodes are the network's ``node_id`` with ``x``, ``y``. Arcs have ``osmid``, ``highway``, ``name``,
    ``oneway``, ``reversed``, ``length`` (m), ``speed_kph``, ``travel_time`` (s), ``geometry`` (drawn in
    the arc's direction) and ``edge`` (position in the network). The graph has ``crs``.

    Examples
    --------
    >>> import networkx as nx
    >>> from tests.towns import town
    >>> graph = to_networkx(town({1: (0, 0), 2: (1000, 0), 3: (1000, 500)}, [(1, 2, 60), (2, 3, 30)]))
    >>> nx.shortest_path_length(graph, 1, 3, weight="travel_time")
    90.0
    """
    graph = nx.MultiDiGraph(crs=network.crs.to_wkt(), created_with="emergency-geo")
    graph.add_nodes_from(
        (int(node), {"x": float(x), "y": float(y)})
        for node, (x, y) in zip(network.node_id, network.node_xy, strict=True)
    )
    ends = zip(network.node_id[network.edge_u], network.node_id[network.edge_v], strict=True)
    forward, back = to_seconds(network.edge_ms), to_seconds(network.edge_back_ms)
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, network.xy, (network.xy_start,))
    for edge, (u, v) in enumerate(ends):
        common = {
            "osmid": int(network.edge_source[edge]),
            "highway": network.classes[network.edge_class[edge]],
            "name": network.names[network.edge_name[edge]],
            "oneway": bool(np.isinf(forward[edge]) != np.isinf(back[edge])),
            "length": float(network.edge_length[edge]),
            "edge": edge,
        }
        for a, b, seconds, is_back in ((u, v, forward[edge], False), (v, u, back[edge], True)):
            if np.isinf(seconds):
                continue
            graph.add_edge(
                int(a),
                int(b),
                **common,
                reversed=is_back,
                speed_kph=float(common["length"] / seconds * 3.6),
                travel_time=float(seconds),
                geometry=lines[edge].reverse() if is_back else lines[edge],
            )
    return graph


def from_networkx(graph: nx.MultiDiGraph, *, profile: SpeedProfile | None = None) -> RoadNetwork:
    """Make a network of a directed graph in osmnx's form; two-way pairs become one edge again.

    Two arcs are one road when they join the same nodes in opposite directions with the same
    ``osmid``, length (to 1 mm) and shape.

    Parameters
    ----------
    graph : MultiDiGraph
        Nodes with ``x``, ``y``; arcs with ``length`` (m), and where there are any ``travel_time`` (s),
        ``highway``, ``maxspeed``, ``name``, ``osmid``, ``geometry``; ``graph["crs"]``.
    profile : SpeedProfile, optional
        Gives the times; without it every arc must have ``travel_time``.

    Raises
    ------
    NetworkError
        No arcs or CRS; a node without coordinates; an arc without a length, or without a time
        where there is no profile.
    """
    if not graph.is_directed() or not graph.number_of_edges():
        raise NetworkError(Message("network.graph_undirected"))
    try:
        crs = CRS.from_user_input(graph.graph.get("crs"))
    except CRSError as error:
        raise NetworkError(Message("network.graph_no_crs")) from error
    nodes = list(graph.nodes)
    lacking = [node for node, data in graph.nodes(data=True) if "x" not in data or "y" not in data]
    if lacking:
        raise NetworkError(Message("network.graph_no_xy", {"n": len(lacking), "first": lacking[0]}))
    xy = np.array([(data["x"], data["y"]) for _, data in graph.nodes(data=True)], dtype=np.float64)
    arcs = list(graph.edges(data=True))
    _require(arcs, "length", Message("network.lack_length"))
    place = {node: i for i, node in enumerate(nodes)}
    shapes = [_shape(data, xy[place[u]], xy[place[v]]) for u, v, data in arcs]
    pairs = _pair([(place[u], place[v]) for u, v, _ in arcs], shapes, [data for *_, data in arcs])
    roads = _roads(nodes, xy, crs, arcs, place, shapes, pairs)
    if profile is not None:
        return from_roads(part_mixed(without_repeats(roads)), profile)
    _require(arcs, "travel_time", Message("network.lack_time"))
    return _timed(name_whole(roads), arcs, pairs)


def _require(arcs: list[tuple[Hashable, Hashable, dict[str, Any]]], key: str, what: Message) -> None:
    lacking = [(u, v) for u, v, data in arcs if data.get(key) is None]
    if lacking:
        raise NetworkError(
            Message("network.graph_edges_lack", {"n": len(lacking), "what": what, "first": lacking[0]})
        )


def _shape(data: dict[str, Any], a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    line = data.get("geometry")
    return np.vstack([a, b]) if line is None else shapely.get_coordinates(line)


def _pair(
    ends: list[tuple[int, int]], shapes: list[NDArray[np.float64]], data: list[dict[str, Any]]
) -> list[tuple[int, int | None]]:
    """Pair each arc with the arc that drives the same road the other way, or with None."""
    waiting: dict[tuple[Any, ...], list[int]] = {}
    pairs: dict[int, int | None] = {}
    for i, ((u, v), shape) in enumerate(zip(ends, shapes, strict=True)):
        # osmnx lists the ways of an edge in another order on the way back.
        ways = tuple(sorted(re.findall(r"[\w.-]+", str(data[i].get("osmid")))))
        road = (ways, round(float(data[i]["length"]), 3))
        there, back = shape.tobytes(), shape[::-1].tobytes()
        partners = waiting.get((v, u, *road, back))
        if partners:
            pairs[partners.pop(0)] = i
        else:
            waiting.setdefault((u, v, *road, there), []).append(i)
            pairs[i] = None
    return list(pairs.items())


def _roads(
    nodes: list[Hashable],
    xy: NDArray[np.float64],
    crs: CRS,
    arcs: list[tuple[Hashable, Hashable, dict[str, Any]]],
    place: dict[Hashable, int],
    shapes: list[NDArray[np.float64]],
    pairs: list[tuple[int, int | None]],
) -> Roads:
    first = [arcs[i] for i, _ in pairs]
    kind, classes = _numbered(_class_of(data.get("highway")) for *_, data in first)
    name, names = _numbered(["", *(first_value(data.get("name")) for *_, data in first)])
    counts = [len(shapes[i]) for i, _ in pairs]
    has_ids = all(isinstance(node, int | np.integer) for node in nodes)
    return Roads(
        crs=crs,
        node_id=np.array(nodes if has_ids else range(len(nodes)), dtype=np.int64),
        node_xy=xy,
        edge_u=np.array([place[u] for u, _, _ in first], dtype=np.int32),
        edge_v=np.array([place[v] for _, v, _ in first], dtype=np.int32),
        edge_length=np.array([data["length"] for *_, data in first], dtype=np.float64),
        edge_class=kind.astype(np.int16),
        edge_oneway=np.array([back is None for _, back in pairs], dtype=np.int8),
        edge_maxspeed=np.array([parse_maxspeed(first_value(data.get("maxspeed"))) for *_, data in first]),
        edge_access=np.array([_access_of(data) for *_, data in first], dtype=np.int8),
        edge_is_urban=np.zeros(len(first), dtype=bool),
        edge_name=name[1:].astype(np.int32),
        edge_source=np.array([_number(data.get("osmid"), i) for i, (*_, data) in enumerate(first)]),
        xy=np.concatenate([shapes[i] for i, _ in pairs]),
        xy_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        classes=classes,
        names=names,
        notes=_mixed_notes(first),
    )


def _access_of(data: dict[str, Any]) -> int:
    """Give the flags of who may not use an edge, by those of its tags that osmnx was asked to keep."""
    return access_flags({key: _text_of(data[key]).casefold() for key in access_keys() if data.get(key)})


def _mixed_notes(arcs: Iterable[tuple[Hashable, Hashable, dict[str, Any]]]) -> tuple[Message, ...]:
    """Say which edges are of several classes one after another, of which the file says no more."""
    km: dict[str, float] = {}
    n_mixed = 0
    for *_, data in arcs:
        text = _text_of(data.get("highway"))
        if is_in_series(text):
            key = str(sorted(listed_values(text)))
            km[key] = km.get(key, 0.0) + float(data["length"]) / 1000
            n_mixed += 1
    if not km:
        return ()
    first = sorted(km, key=lambda words: -km[words])
    shown = [f"{' + '.join(listed_values(words))} ({km[words]:,.1f} km)" for words in first]
    values = {"n": n_mixed, "km": sum(km.values())}
    words = (*shown[:_MOST_MIXED], *["..."] * (len(shown) > _MOST_MIXED))
    return (Message("network.graph_mixed", {**values, "words": words}),)


def _timed(
    roads: Roads,
    arcs: list[tuple[Hashable, Hashable, dict[str, Any]]],
    pairs: list[tuple[int, int | None]],
) -> RoadNetwork:
    """Make a network with the graph's own times."""

    def ms(arc: int | None) -> int:
        if arc is None:
            return int(UNREACHED_MS)
        start, end, data = arcs[arc]
        seconds = float(data["travel_time"])
        if not 0 <= seconds * 1000 < UNREACHED_MS:
            values = {"start": str(start)[:40], "end": str(end)[:40], "time": f"{seconds:g}"}
            raise NetworkError(Message("network.graph_time", values))
        return max(1, round(seconds * 1000))

    return timed_roads(
        roads,
        ms=np.array([ms(there) for there, _ in pairs]),
        back_ms=np.array([ms(back) for _, back in pairs]),
        crs=None,
        no_access=SpeedProfile(name="", speeds_kph={}).no_access,
        profile=GRAPH_TIMES,
        notes=roads.notes,
    )


def _require_plain_xml(path: Path) -> None:
    """Check that a GraphML file declares no entities, which can grow without limit."""
    with path.open("rb") as file:
        head = file.read(2**16)
    if re.search(rb"<!(?:DOCTYPE|ENTITY)\b", head.replace(b"\0", b""), re.IGNORECASE):
        raise FileError(Message("network.graphml_entities", {"file": path.name}))


def _class_of(highway: object) -> str:
    """Give the class of an edge; of several one after another as :func:`known_class` has it."""
    text = _text_of(highway)
    return known_class(text) or text or "unclassified"


def _text_of(value: object) -> str:
    """Write a value as a file has it: a list in square brackets."""
    return str(list(map(str, value))) if isinstance(value, list | tuple) else str(value or "")


def _number(osmid: object, default: int) -> int:
    digits = re.search(r"-?\d+", str(osmid))
    return int(digits.group()) if digits else default


def _numbered(words: Iterable[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number words in order of appearance."""
    number: dict[str, int] = {}
    codes = [number.setdefault(word, len(number)) for word in words]
    return np.array(codes, dtype=np.int64), tuple(number)


def write_graphml(network: RoadNetwork, path: str | Path) -> None:
    """Write a network as GraphML that osmnx's ``load_graphml`` and :func:`read_graphml` read.

    Every value is text, as osmnx writes it, and numbers keep all their digits.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    graph = to_networkx(network)
    for _, data in graph.nodes(data=True):
        data.update({key: str(value) for key, value in data.items()})
    for *_, data in graph.edges(data=True):
        data["geometry"] = shapely.to_wkt(data["geometry"], rounding_precision=-1)
        data.update({key: str(value) for key, value in data.items()})
    with writing_whole(path) as temporary:
        nx.write_graphml(graph, temporary)


@reads_a_file
def read_graphml(
    path: str | Path, *, profile: SpeedProfile | None = None, if_untimed: SpeedProfile | None = None
) -> RoadNetwork:
    """Read a GraphML file that osmnx or :func:`write_graphml` wrote; see :func:`from_networkx`.

    ``if_untimed`` gives the times of a graph none of whose arcs has a ``travel_time``, as osmnx saves it.

    Raises
    ------
    FileError
        The file is missing, cut short or no GraphML.
    NetworkError
        As :func:`from_networkx`.
    """
    path = Path(path)
    require_source(path)
    require_size(path, file_limits.MOST_TEXT_BYTES)
    _require_plain_xml(path)
    try:
        graph = nx.read_graphml(path, force_multigraph=True)
    except OSError as error:
        raise FileError(Message("reading.system", {"file": path, "why": error})) from error
    except Exception as error:  # the XML reader's own errors share no base
        raise FileError(Message("network.no_graphml", {"file": path.name, "why": error})) from error
    if all(re.fullmatch(r"-?\d+", str(node)) for node in graph.nodes):
        graph = nx.relabel_nodes(graph, int)
    try:
        for _, data in graph.nodes(data=True):
            data.update({key: float(data[key]) for key in _NUMBERS if key in data})
        for *_, data in graph.edges(data=True):
            data.update({key: float(data[key]) for key in _NUMBERS if key in data})
            if "geometry" in data:
                if is_nested(data["geometry"]):
                    raise ValueError("shapes inside shapes without end")
                data["geometry"] = shapely.from_wkt(data["geometry"])
    except (ValueError, shapely.errors.GEOSException) as error:
        raise FileError(Message("network.graphml_value", {"file": path.name, "why": error})) from error
    is_timed = any("travel_time" in data for *_, data in graph.edges(data=True))
    return from_networkx(graph, profile=profile if is_timed else profile or if_untimed)
