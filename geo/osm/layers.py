"""Layers of an OpenStreetMap file, read together in one pass and kept on disk."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo.errors import FileError
from geo.files import forget_oldest, mark_used, opened_arrays, remove_dead, save_arrays, stamp_of
from geo.network import cache_key
from geo.osm._file import notes_of_file
from geo.osm._shapes import LayerName, Shapes, read_shapes

__all__ = ["OsmLayers", "OsmSource", "load_shapes", "save_shapes", "shapes_of"]

_FORMAT: Final = 1
"""Raise when what is kept of a layer, or how it is read, changes between releases."""


class OsmLayers:
    """The layers of an OpenStreetMap file that are needed, read in one pass when the first is asked for.

    It stands for the path of the file wherever :mod:`geo.osm` reads one.

    Parameters
    ----------
    path : path
        The file.
    layers : collection of str
        Which ones will be asked for, of ``"facilities"``, ``"places"``, ``"boundaries"``, ``"water"`` and
        ``"buildings"``; any other is read by itself.
    folder : path, optional
        Where layers are kept for later runs, by the content of the file, not its name or date; without it
        nothing is kept.
    """

    def __init__(
        self, path: str | Path, layers: Collection[LayerName], *, folder: str | Path | None = None
    ) -> None:
        self._path, self._layers = Path(path), tuple(layers)
        self._folder = None if folder is None else Path(folder)
        self._shapes: dict[LayerName, Shapes] = {}

    def __fspath__(self) -> str:
        return str(self._path)

    def __getitem__(self, layer: LayerName) -> Shapes:
        """Give what the file has of a layer.

        Raises
        ------
        FileError
            The file is missing, truncated, corrupt or no OSM file.
        """
        if layer not in self._shapes:
            self._read({layer, *self._layers} - self._shapes.keys())
        return self._shapes[layer]

    def _read(self, layers: Collection[LayerName]) -> None:
        notes_of_file(self._path)  # what cannot be read is told before it is looked for among what is kept
        if self._folder is None:
            self._shapes |= read_shapes(self._path, sorted(layers))
            return
        stamp = stamp_of(self._path)
        key = cache_key([self._path], {"layers": _FORMAT})[:20]
        kept = {layer: self._folder / f"{self._path.stem}-{layer}-{key}.npz" for layer in sorted(layers)}
        remove_dead(self._folder, ".writing-")
        missing: list[LayerName] = []
        for layer, file in kept.items():
            try:
                self._shapes[layer] = load_shapes(file)
                mark_used(file)
            except FileError:
                missing.append(layer)
        if not missing:
            return
        self._shapes |= read_shapes(self._path, missing)
        if stamp != stamp_of(self._path):
            return  # saved anew meanwhile: they would be kept for the content from before
        for layer in missing:
            try:
                save_shapes(self._shapes[layer], kept[layer])
            except FileError:
                return  # a full or closed disk: the next run reads the file again
        forget_oldest(self._folder)


OsmSource = str | Path | OsmLayers
"""A file, or layers of one that are read together."""


def shapes_of(path: OsmSource, layer: LayerName) -> Shapes:
    """Give one layer of a file, or of layers that are read together."""
    return path[layer] if isinstance(path, OsmLayers) else read_shapes(path, (layer,))[layer]


def save_shapes(shapes: Shapes, path: str | Path) -> None:
    """Write a layer, whole or not at all.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    wkb = shapely.to_wkb(shapes.shape)
    arrays: dict[str, Any] = {
        "wkb": np.frombuffer(b"".join(wkb), dtype=np.uint8),
        "end": np.cumsum([len(item) for item in wkb], dtype=np.int64),
    }
    if shapes.area_m2 is not None:
        arrays["area_m2"] = shapes.area_m2
    save_arrays(path, [shapes.osm_id, shapes.tags], arrays)


def load_shapes(path: str | Path) -> Shapes:
    """Read a layer that :func:`save_shapes` wrote.

    Raises
    ------
    FileError
        The file is missing, damaged or no kept layer.
    """
    with opened_arrays(path) as ((osm_id, tags), arrays):
        wkb, end = arrays["wkb"].tobytes(), arrays["end"].tolist()
        pieces = [wkb[a:b] for a, b in zip([0, *end[:-1]], end, strict=True)] if end else []
        shape = np.array(shapely.from_wkb(pieces), dtype=object)
        area = arrays.get("area_m2")
        if not len(osm_id) == len(tags) == len(shape) == (len(shape) if area is None else len(area)):
            raise ValueError("columns of different lengths")
        return Shapes(osm_id, tags, shape, area)
