"""Networks kept on disk, so that a study's roads are read once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np
from pyproj import CRS

from geo.errors import FileError
from geo.files import forget_oldest, mark_used, opened_arrays, remove_dead, save_arrays, stamp_of
from geo.messages import Message
from geo.network.csr import Arcs
from geo.network.road_network import RoadNetwork

__all__ = ["cache_key", "load_network", "load_or_build", "save_network"]

_FORMAT: Final = 14
"""Raise when the arrays of a network, or how roads are read, change between releases."""
_TEXTS: Final = ("profile", "attribution", "impedance")
_LISTS: Final = ("classes", "names")


def load_or_build(
    build: Callable[[], RoadNetwork],
    *,
    sources: Sequence[str | Path],
    settings: object,
    folder: str | Path,
) -> tuple[RoadNetwork, Message | None]:
    """Load the network that the same files and settings made before, or build and keep it.

    Parameters
    ----------
    build : callable
        Builds the network.
    sources : sequence of path
        The files that it is built from; their content counts, not their name or date.
    settings : object
        All else that decides the network: a mapping with the profile, tolerance and so on.
    folder : path
        Where networks are kept; made when missing.

    Returns
    -------
    network : RoadNetwork
        The network.
    note : Message or None
        None when it was loaded, else why it was built.

    Examples
    --------
    ``load_or_build(lambda: from_roads(read_roads(path), profile), sources=[path], settings=profile,
    folder=".cache")``
    """
    stamps = list(map(stamp_of, sources))
    path = Path(folder) / f"{Path(sources[0]).stem}-{cache_key(sources, settings)[:20]}.npz"
    note = Message("network.cache_first")
    remove_dead(path.parent, ".writing-")
    if path.exists():
        try:
            network = load_network(path)
            mark_used(path)
            return network, None
        except FileError:
            note = Message("network.cache_damaged", {"file": path.name})
    network = build()
    if stamps != list(map(stamp_of, sources)):
        return network, note  # saved anew meanwhile: it would be kept for the content from before
    try:
        save_network(network, path)
        forget_oldest(path.parent)
    except FileError as error:
        note = Message(
            "network.cache_not_kept",
            {"why": note, "error": error.args[0]},
        )
    return network, note


def cache_key(sources: Sequence[str | Path], settings: object) -> str:
    """Hash the content of files with settings and the package's version.

    Raises
    ------
    FileError
        A file cannot be read.
    """
    digest = hashlib.sha256()
    for source in sources:
        try:
            with Path(source).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise FileError(Message("reading.system", {"file": source, "why": error})) from error
    try:
        release = version("emergency-geo")
    except PackageNotFoundError:
        release = "checkout"
    digest.update(json.dumps([_FORMAT, release, settings], sort_keys=True, default=_plain).encode())
    return digest.hexdigest()


def _plain(value: Any) -> object:
    """Turn a setting into what JSON holds, the same in every run."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)


def save_network(network: RoadNetwork, path: str | Path) -> None:
    """Write a network, whole or not at all, as uncompressed arrays.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    arrays: dict[str, Any] = {}
    for item in fields(network):
        value = getattr(network, item.name)
        if isinstance(value, Arcs):
            arrays |= {f"{item.name}.{key}": array for key, array in asdict(value).items()}
        elif isinstance(value, np.ndarray):
            arrays[item.name] = value
    texts: dict[str, Any] = {key: getattr(network, key) for key in (*_TEXTS, *_LISTS)}
    texts["crs"] = network.crs.to_wkt()
    texts["notes"] = [_packed(note) for note in network.notes]
    save_arrays(path, texts, arrays)


def _packed(value: Any) -> Any:
    """Turn a message, and what fills it, into what JSON holds: messages and tuples under their kind."""
    if isinstance(value, Message):
        return {"message": value.key, "values": {name: _packed(each) for name, each in value.values.items()}}
    if isinstance(value, tuple):
        return {"tuple": [_packed(each) for each in value]}
    return value.item() if isinstance(value, np.generic) else value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict) and "message" in value:
        return Message(value["message"], {name: _unpacked(each) for name, each in value["values"].items()})
    if isinstance(value, dict):
        return tuple(_unpacked(each) for each in value["tuple"])
    return value


def load_network(path: str | Path) -> RoadNetwork:
    """Read a network that :func:`save_network` wrote.

    Raises
    ------
    FileError
        The file is missing, damaged or no kept network.
    """
    with opened_arrays(path) as (texts, arrays):
        values: dict[str, Any] = {key: texts[key] for key in _TEXTS}
        values |= {key: tuple(texts[key]) for key in _LISTS}
        values["notes"] = tuple(_unpacked(note) for note in texts["notes"])
        for name in ("arcs", "arcs_back"):
            values[name] = Arcs(**{item.name: arrays.pop(f"{name}.{item.name}") for item in fields(Arcs)})
        return RoadNetwork(crs=CRS.from_wkt(texts["crs"]), **values, **arrays)
