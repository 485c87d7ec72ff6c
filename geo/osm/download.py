"""Download roads, facilities and the boundary of a place with osmnx, as layers that a study reads."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.errors import DownloadError, InputError
from geo.files import (
    Earlier,
    InputFiles,
    find_earlier,
    folder_at_rest,
    require_own_folder,
    seal_files,
    writing_folder,
)
from geo.messages import Message
from geo.osm._file import ATTRIBUTION
from geo.osm.features import FACILITY_TAGS

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Fetched", "fetch"]

_WAY_TAGS: Final = (
    *("highway", "oneway", "junction", "name", "maxspeed", "bridge", "tunnel", "layer", "lanes", "service"),
    *("access", "motor_vehicle", "vehicle", "foot", "emergency", "area"),
)
_RECORD: Final = "source.json"
_COMMAND: Final = "geo fetch"
_KINDS: Final = ("fire_station", "hydrant", "water_point", "shelter")


@dataclass(frozen=True)
class Fetched:
    """What was downloaded.

    Parameters
    ----------
    layers : dict of str to Path
        The file of each layer: ``roads`` (GeoPackage, layer ``links`` with ``u``, ``v``), ``boundary``
        and the kinds of facility that were found (GeoJSON); ``source`` holds credit, date and address.
    notes : tuple of Message
        What was not found.
    """

    layers: dict[str, Path]
    notes: tuple[Message, ...]


def fetch(
    place: str | tuple[float, float, float, float],
    *,
    out: str | Path,
    kinds: Sequence[str] = _KINDS,
    overpass_url: str | None = None,
    nominatim_url: str | None = None,
    timeout_s: float = 180.0,
    force_folder: bool = False,
) -> Fetched:
    """Download the roads, facilities and boundary of a place from OpenStreetMap.

    Parameters
    ----------
    place : str or (west, south, east, north)
        A name that Nominatim finds, such as ``"崇明区, 上海市"``, or a box in degrees.
    out : path
        Folder of the layers; made when missing. It changes only when everything has arrived. Files of an
        earlier download, by its ``source.json``, are replaced; one that was changed since is kept under
        another name, and noted.
    kinds : sequence of str
        Keys of ``FACILITY_TAGS``.
    overpass_url, nominatim_url : str, optional
        Addresses of the servers; the public ones by default.
    timeout_s : float
        How long to wait for an answer.
    force_folder : bool
        Write also into a folder that holds other files; none of them is replaced.

    Returns
    -------
    Fetched
        Paths by layer, and notes.

    Raises
    ------
    DownloadError
        No network, a busy or failing server, an unknown place, or no road in it.
    InputError
        A kind or box that cannot be.
    FileError
        The folder cannot be written, or holds other files.
    """
    unknown = [kind for kind in kinds if kind not in FACILITY_TAGS]
    if unknown:
        raise InputError(
            Message("osm.kinds_unknown", {"unknown": tuple(unknown), "known": tuple(FACILITY_TAGS)})
        )
    home = Path(out)
    _require_folder(home, kinds, is_forced=force_folder)
    with _session(overpass_url, nominatim_url, timeout_s) as osmnx:
        boundary = _boundary(osmnx, place)
        polygon = boundary.geometry.iloc[0]
        layers = {"roads": _roads(osmnx, polygon), "boundary": boundary}
        layers |= _facilities(osmnx, polygon, kinds)
        address = osmnx.settings.overpass_url
    notes = tuple(Message(f"osm.no_{kind}") for kind in kinds if kind not in layers)
    source = {
        "attribution": ATTRIBUTION,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "place": place,
        "overpass_url": address,
    }
    kept: list[Message] = []
    return Fetched(layers=_write(layers, source, home, kept), notes=(*notes, *kept))


@contextmanager
def _session(overpass_url: str | None, nominatim_url: str | None, timeout_s: float) -> Iterator[Any]:
    """Set osmnx up for one download, turn its faults into ours, and put everything back."""
    import osmnx  # 8 s and 250 MB: only for a download
    import requests

    kept = {key: value for key, value in vars(osmnx.settings).items() if not key.startswith("_")}
    lookup = socket.getaddrinfo  # osmnx replaces it
    osmnx.settings.use_cache = False
    osmnx.settings.requests_timeout = timeout_s
    osmnx.settings.useful_tags_way = list(_WAY_TAGS)
    osmnx.settings.requests_kwargs = {**kept["requests_kwargs"], "hooks": {"response": _check_answer}}
    if overpass_url is not None:
        osmnx.settings.overpass_url = overpass_url
        osmnx.settings.overpass_rate_limit = False  # a server of one's own has no queue to ask about
    if nominatim_url is not None:
        osmnx.settings.nominatim_url = nominatim_url
    try:
        yield osmnx
    except requests.exceptions.Timeout as error:
        raise DownloadError(Message("osm.no_answer", {"seconds": timeout_s})) from error
    except requests.exceptions.RequestException as error:
        raise DownloadError(Message("osm.unreached", {"why": error})) from error
    except osmnx._errors.ResponseStatusCodeError as error:
        raise DownloadError(Message("osm.refused", {"why": error})) from error
    finally:
        socket.getaddrinfo = lookup
        for key, value in kept.items():
            setattr(osmnx.settings, key, value)


def _check_answer(response: Any, *_: Any, **__: Any) -> None:
    """Stop at a failing answer; osmnx would wait a minute and ask again for ever."""
    busy = {429: Message("osm.many_requests"), 504: Message("osm.server_busy")}
    if response.status_code in busy:
        raise DownloadError(
            Message(
                "osm.busy",
                {
                    "url": response.url.split("?")[0],
                    "code": response.status_code,
                    "why": busy[response.status_code],
                },
            )
        )
    if response.status_code >= 400:
        raise DownloadError(
            Message(
                "osm.failed",
                {"url": response.url.split("?")[0], "code": response.status_code, "why": response.reason},
            )
        )
    try:
        answer = response.json()
    except ValueError as error:
        raise DownloadError(Message("osm.no_json", {"url": response.url.split("?")[0]})) from error
    remark = str(answer.get("remark", "")) if isinstance(answer, dict) else ""
    if "error" in remark:
        raise DownloadError(Message("osm.gave_up", {"remark": remark}))


def _boundary(osmnx: Any, place: str | tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import shapely

    if not isinstance(place, str):
        west, south, east, north = place
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise InputError(Message("osm.box_wrong", {"box": place}))
        return gpd.GeoDataFrame({"name": ["box"]}, geometry=[shapely.box(*place)], crs="EPSG:4326")
    try:
        area = osmnx.geocode_to_gdf(place)
    except (osmnx._errors.InsufficientResponseError, TypeError) as error:
        raise DownloadError(Message("osm.no_area", {"place": place})) from error
    return area[["name", "display_name", "osm_type", "osm_id", "geometry"]]


def _roads(osmnx: Any, polygon: Any) -> gpd.GeoDataFrame:
    """Download roads, one row for each piece of a way between junctions."""
    try:
        graph = osmnx.graph_from_polygon(
            polygon,
            custom_filter='["highway"]["area"!~"yes"]',
            simplify=False,
            retain_all=True,
            truncate_by_edge=True,
        )
        graph = osmnx.simplify_graph(graph, edge_attrs_differ=["osmid"])
        links = osmnx.graph_to_gdfs(graph, nodes=False).reset_index()
    except osmnx._errors.InsufficientResponseError as error:
        raise DownloadError(Message("osm.no_roads")) from error
    except ValueError as error:
        raise DownloadError(Message("osm.no_usable_roads", {"why": error})) from error
    is_twin = (links["reversed"] == True) & (links["oneway"] == False)  # noqa: E712 - may hold lists
    links = links[~is_twin].drop(columns=["key", "reversed"])
    links["oneway"] = links["oneway"].map({True: "yes", False: "no"})
    for column in links.columns.difference(["geometry", "u", "v", "length"]):
        links[column] = links[column].map(_text)
    return links.rename(columns={"length": "length_m"}).reset_index(drop=True)


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return ";".join(str(part) for part in value)
    return None if value is None or value != value else str(value)


def _facilities(osmnx: Any, polygon: Any, kinds: Sequence[str]) -> dict[str, gpd.GeoDataFrame]:
    """Download facilities of all kinds at once, and tell them apart."""
    tags: dict[str, list[str]] = {}
    for kind in kinds:
        for key, value in FACILITY_TAGS[kind]:
            tags.setdefault(key, []).append(value)
    try:
        features = osmnx.features_from_polygon(polygon, tags).reset_index()
    except osmnx._errors.InsufficientResponseError:
        return {}
    local = features.geometry.to_crs(features.estimate_utm_crs())
    features["area_m2"] = local.area.where(local.area > 0)
    features["geometry"] = local.centroid.to_crs(features.crs)
    features["osm_id"] = features["element"] + "/" + features["id"].astype(str)
    layers = {}
    for kind in kinds:
        tagged = [features[key] == value for key, value in FACILITY_TAGS[kind] if key in features]
        is_kind = np.logical_or.reduce(tagged) if tagged else np.zeros(len(features), dtype=bool)
        if is_kind.any():
            layers[kind] = features[is_kind].drop(columns=["element", "id"]).dropna(axis=1, how="all")
    return layers


def _require_folder(out: Path, kinds: Sequence[str], *, is_forced: bool) -> None:
    """Check, before anything is downloaded, that the layers may be written."""
    names = [*(_file_name(layer) for layer in ("roads", "boundary", *kinds)), _RECORD]
    with folder_at_rest(out) as real:
        require_own_folder(out, names=names, earlier=_earlier(real), inputs=InputFiles(), is_forced=is_forced)


def _write(layers: dict[str, Any], source: dict[str, Any], out: Path, kept: list[Message]) -> dict[str, Path]:
    """Write all layers beside the folder first, then move them in."""
    files = {name: _file_name(name) for name in layers}
    with writing_folder(out, _earlier, tell=kept.append) as new:
        for name, layer in layers.items():
            options = {"layer": "links"} if name == "roads" else {}
            layer.to_file(new / files[name], engine="pyogrio", **options)
        text = json.dumps({**source, "written": seal_files(new, by=_COMMAND)}, ensure_ascii=False, indent=2)
        (new / _RECORD).write_text(text, encoding="utf-8")
    return {name: out / file for name, file in {**files, "source": _RECORD}.items()}


def _earlier(folder: Path) -> Earlier:
    return find_earlier(folder, record=_RECORD, by=_COMMAND)


def _file_name(layer: str) -> str:
    return f"{layer}.gpkg" if layer == "roads" else f"{layer}.geojson"
