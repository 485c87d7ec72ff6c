"""GPX and GML: XML that GDAL reads, once its encoding and its root are known."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Final

import pandas as pd

from geo.errors import FileError, InputError
from geo.layers._formats.asked import Asked
from geo.layers._formats.gdal import read_features, read_one_layer
from geo.layers._formats.xml_text import load_xml, parse_xml, read_xml
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.sources import VECTOR_DRIVERS

__all__ = ["read_gml", "read_gpx"]

_GPX_LAYERS: Final = {"waypoints": "wpt", "routes": "rte", "tracks": "trk"}
_GPX_KINDS: Final = {"point": ("waypoints",), "line": ("routes", "tracks")}
_GML_ROOTS: Final = frozenset({"FeatureCollection", "GMLFeatureCollection", "CityModel"})

_LOCATION: Final = re.compile(r"""([sS]chemaLocation\s*=\s*)(?:"[^"]*"|'[^']*')""")
"""Where a file says that its schema lies: GDAL would go there, to other files and to servers."""
_NOWHERE: Final = r'\1""'


def read_gpx(path: Path, asked: Asked) -> RawLayer:
    """Read waypoints, routes or tracks of a GPX file: the layer named, else the kind wanted, else waypoints.

    Raises
    ------
    FileError
        It is no GPX, is damaged, or has no such layer.
    InputError
        It is empty, or holds both routes and tracks where lines are wanted.
    """
    text, encoding = read_xml(load_xml(path), frozenset({"gpx"}), path.name, encoding=asked.encoding)
    root = parse_xml(text, path.name)
    tags = [child.tag.rpartition("}")[2] for child in root]
    filled = [layer for layer, tag in _GPX_LAYERS.items() if tag in tags]
    layer = asked.layer or _gpx_layer(filled, asked.geometry, path.name)
    if layer not in _GPX_LAYERS:
        raise FileError(
            Message(
                "layers.no_layer", {"file": path.name, "layer": layer, "names": ", ".join(filled) or "(none)"}
            )
        )
    frame = read_features(text.encode(), path.name, VECTOR_DRIVERS[".gpx"], layer=layer)
    blank = [name for name in frame.columns if name != "geometry" and frame[name].isna().all()]
    frame = frame.drop(columns=blank)
    names = {name: name.removeprefix("ogr_") for name in frame.columns if name.startswith("ogr_")}
    frame = frame.rename(columns={own: name for own, name in names.items() if name not in frame})
    note = Message("layers.layer_chosen", {"layer": layer, "names": ", ".join(filled)})
    return RawLayer(frame, "GPX", encoding, crs=frame.crs, notes=(note,) if len(filled) > 1 else ())


def _gpx_layer(filled: list[str], geometry: str, what: str) -> str:
    if not filled:
        raise InputError(Message("layers.no_rows", {"file": what}))
    wanted = [layer for layer in filled if layer in _GPX_KINDS.get(geometry, _GPX_LAYERS)]
    if len(wanted) == 1 or (geometry in ("any", "none") and "waypoints" in wanted):
        return wanted[0]
    names = ", ".join(wanted or filled)
    raise InputError(Message("layers.several_layers", {"file": what, "names": names}))


def read_gml(path: Path, asked: Asked) -> RawLayer:
    """Read a layer of a GML file, in a copy: GDAL writes a file of its own beside what it reads.

    Raises
    ------
    FileError
        It is no GML, or is damaged.
    InputError
        The layer is not settled.
    """
    text, encoding = read_xml(load_xml(path), _GML_ROOTS, path.name, encoding=asked.encoding)
    parse_xml(text, path.name)
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        copy = Path(folder) / f"{path.stem}.gml"
        copy.write_text(_LOCATION.sub(_NOWHERE, text), encoding="utf-8")
        scheme = path.with_suffix(".xsd")
        if scheme.is_file():
            copied, _ = read_xml(load_xml(scheme), frozenset({"schema"}), scheme.name)
            parse_xml(copied, scheme.name)
            copy.with_suffix(".xsd").write_text(_LOCATION.sub(_NOWHERE, copied), encoding="utf-8")
        frame, notes, _ = read_one_layer(copy, asked.layer, None, VECTOR_DRIVERS[".gml"])
    frame = pd.DataFrame(frame) if "geometry" not in frame else frame
    return RawLayer(frame, "GML", encoding, crs=getattr(frame, "crs", None), notes=tuple(notes))
