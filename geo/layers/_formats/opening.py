"""A path to the table that stands in it: the format by its ending, in a folder or zip the one layer."""

from __future__ import annotations

import dataclasses
import glob
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from geo.errors import FileError, InputError
from geo.layers._formats.asked import Asked
from geo.layers._formats.databases import GDB_TABLE, is_geodatabase
from geo.layers._formats.table import LAYER_FORMATS, find_format, find_reader
from geo.layers._zip import extract_zip, zip_names
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.sources import require_source

__all__ = ["layers_in_zip", "open_layer", "read_zip"]

_OF_FOLDERS = (".shp", ".tab", ".mif", ".gdb")
"""Layers of several files, for which their folder stands."""


def open_layer(path: Path, asked: Asked) -> RawLayer:
    """Find the reader of a file or folder, and take the table as it stands.

    Raises
    ------
    FileError
        There is no such file, or it is of no format that is read; the message says what to do with it.
    InputError
        It is empty.
    """
    require_source(path, may_be_folder=True)
    if path.is_dir() and not is_geodatabase(path) and path.suffix.casefold() != ".gdb":
        return _open_folder(path, asked)
    form = find_format(path)
    if form is None:
        ending = path.suffix.casefold() or Message("layers.no_ending")
        raise FileError(
            Message(
                "layers.format_unknown",
                {"file": path.name, "ending": ending, "known": ", ".join(LAYER_FORMATS)},
            )
        )
    if form.key == "raster":
        raise FileError(Message("layers.raster_method", {"file": path.name}))
    if not form.reader:
        raise FileError(
            Message("layers.not_read", {"file": path.name, "form": form.name, "advice": form.advice})
        )
    if not path.is_dir() and not path.stat().st_size:
        raise InputError(Message("layers.no_bytes", {"file": path.name}))
    _require_plain_sides(path)
    try:
        raw = find_reader(form.reader)(path, asked)
    except PermissionError as error:
        raise FileError(Message("layers.not_allowed", {"file": path.name})) from error
    if raw.frame.index.name == "row":
        return raw
    return dataclasses.replace(
        raw, frame=raw.frame.set_axis(pd.RangeIndex(1, len(raw.frame) + 1, name="row"))
    )


def _require_plain_sides(path: Path) -> None:
    """Check the files that a reader opens beside the one that is named, or in its folder."""
    beside = path.iterdir() if path.is_dir() else path.parent.glob(f"{glob.escape(path.stem)}.*")
    for side in beside:
        if not side.is_dir() and side != path:
            require_source(side)


def read_zip(path: Path, asked: Asked) -> RawLayer:
    """Unpack a zip into a temporary folder, and read the one layer in it.

    Raises
    ------
    FileError
        The zip is not safe to open, holds no layer, or several and none is named by ``layer``.
    """
    with tempfile.TemporaryDirectory(prefix="geo-") as name:
        layers = layers_in_zip(path, Path(name))
        if not layers and any(_is_raster(Path(part)) for part in zip_names(path)):
            raise FileError(Message("layers.raster_method", {"file": path.name}))
        inner = _pick(layers, asked.layer, path.name)
        raw = open_layer(inner, _inside(inner, asked))
    return dataclasses.replace(raw, format=f"{raw.format} (zip)")


def _is_raster(path: Path) -> bool:
    form = find_format(path)
    return form is not None and form.key == "raster"


def layers_in_zip(path: Path, folder: Path) -> list[Path]:
    """Unpack a zip into a folder, and give the layers in it.

    Raises
    ------
    FileError
        The zip is not safe to open.
    """
    return _layers(_with_geodatabases(extract_zip(path, folder), folder, path))


def _open_folder(path: Path, asked: Asked) -> RawLayer:
    files = sorted(file for file in path.iterdir() if file.suffix.casefold() in _OF_FOLDERS)
    inner = _pick(files, asked.layer, path.name)
    return open_layer(inner, _inside(inner, asked))


def _inside(inner: Path, asked: Asked) -> Asked:
    """Give what is asked of a file in a folder, whose layer may have been named by the file."""
    return dataclasses.replace(asked, layer=None) if asked.layer in {inner.stem, inner.name} else asked


def _with_geodatabases(files: Sequence[Path], folder: Path, path: Path) -> list[Path]:
    """Put each geodatabase in the place of its files; one that was packed without its folder gets one."""
    homes = {file.parent for file in files if file.name.casefold() == GDB_TABLE}
    whole: list[Path] = []
    for home in sorted(homes):
        base = home
        if home.suffix.casefold() != ".gdb":
            base = folder / f"{path.name.split('.')[0]}-{len(whole)}.gdb"
            base.mkdir()
            for file in files:
                if file.parent == home:
                    shutil.move(file, base / file.name)
        whole.append(base)
    return [*(file for file in files if file.parent not in homes), *whole]


def _layers(files: Sequence[Path]) -> list[Path]:
    """Give the files that are layers, and not the table beside a layer."""
    stems = {file.with_suffix("") for file in files if file.suffix.casefold() in (".shp", ".tab")}
    return [
        file
        for file in files
        if file.suffix.casefold() in LAYER_FORMATS
        and file.suffix.casefold() != ".zip"
        and not (file.suffix.casefold() == ".dbf" and file.with_suffix("") in stems)
    ]


def _pick(files: Sequence[Path], layer: str | None, what: str) -> Path:
    """Choose the one file, or the one whose name is the layer's."""
    named = [file for file in files if layer in {file.stem, file.name}] or list(files)
    if not files:
        raise FileError(Message("layers.no_layer_file", {"file": what}))
    if len(named) > 1:
        names = ", ".join(sorted(file.name for file in files))
        raise FileError(Message("layers.several_layers", {"file": what, "names": names}))
    return named[0]
