"""Roads of a drawing: of its layers those that hold roads, by the codes of CASS and other programs."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np

from geo.errors import NetworkError
from geo.messages import Message
from geo.network._line_texts import column_texts, plain_headers
from geo.words import word_lists

__all__ = ["only_drawn_roads"]

_MOST_LAYERS: Final = 8


def only_drawn_roads(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Leave out the layers of a drawing that are houses, contours and the like.

    Where one of its layers has the code of roads, only such layers are taken; else those that are known to
    be of something else are left out.

    Parameters
    ----------
    frame : GeoDataFrame
        Any layer of lines; one that is no drawing stays as it is.

    Raises
    ------
    NetworkError
        No layer of the drawing holds roads.
    """
    lists, headers = word_lists("road")["drawn_layers"], plain_headers(frame)
    header = next((headers[name] for name in lists["headers"] if name in headers), None)
    if header is None:
        return frame, []
    layers = column_texts(frame[header])
    plain = [layer.casefold() for layer in layers]
    known = {*lists["roads"], *lists["others"]}
    if known.isdisjoint(plain):
        return frame, []  # the level of a bridge, or layers called as the draughtsman liked
    has_roads = not {*lists["roads"]}.isdisjoint(plain)
    is_road = [layer in lists["roads"] if has_roads else layer not in lists["others"] for layer in plain]
    kept = np.array(is_road, dtype=bool)
    values = {"header": header, "left": _counted(layers, ~kept), "n": int(kept.sum())}
    if not kept.any():
        raise NetworkError(Message("network.drawing_no_roads", values))
    key = "network.drawing_left" if not has_roads else "network.drawing_roads"
    return frame[kept], [Message(key, {**values, "layers": _counted(layers, kept)})]


def _counted(layers: list[str], which: np.ndarray) -> str:
    names, counts = np.unique(np.array(layers, dtype=object)[which].astype(str), return_counts=True)
    order = np.lexsort((names, -counts))
    shown = [f"{names[i]} {counts[i]}" for i in order[:_MOST_LAYERS]]
    return ", ".join([*shown, "..."] if len(names) > _MOST_LAYERS else shown) or "-"
