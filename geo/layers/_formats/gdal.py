"""GDAL as the reader of a file, held to the drivers of the file's ending."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from geo import file_limits
from geo.errors import FileError, InputError
from geo.messages import Message
from geo.sources import ALONE, gdal_path, require_alone, require_number

__all__ = [
    "GDAL_ERRORS",
    "choose_layer",
    "damaged",
    "list_names",
    "opened_alone",
    "read_features",
    "read_one_layer",
    "require_head",
]

GDAL_ERRORS: Final = (
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
    ValueError,
    RuntimeError,
    OSError,
)


def require_head(path: Path, marks: Sequence[bytes], *, n_bytes: int = 512) -> bytes:
    """Check by its first bytes that a file is what its ending says, before GDAL chooses a driver by itself.

    Raises
    ------
    FileError
        None of the marks stands at the beginning.
    """
    with path.open("rb") as file:
        head = file.read(n_bytes)
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(tuple(marks)):
        raise FileError(Message("layers.not_its_ending", {"file": path.name, "ending": path.suffix}))
    return head


@contextmanager
def opened_alone(source: Path | bytes, what: str) -> Iterator[Path | bytes]:
    """Let GDAL open a file without any other: nothing virtual, no network, nothing written beside it.

    Gives what GDAL is to open.

    Raises
    ------
    FileError
        The file defines a virtual dataset, or its path would be taken for one into an archive.
    """
    require_alone(source, what) if isinstance(source, bytes) or not source.is_dir() else None
    place = source if isinstance(source, bytes) else gdal_path(source)
    before = {name: pyogrio.get_gdal_config_option(name) for name in ALONE}
    pyogrio.set_gdal_config_options(ALONE)
    try:
        with warnings.catch_warnings():
            # What GDAL warns of are endings, and shapes it cannot read: rows without any are reported.
            warnings.simplefilter("ignore", RuntimeWarning)
            # Measures along a line are no heights, and nothing is computed from them.
            warnings.filterwarnings("ignore", message="Measured", category=UserWarning)
            yield place
    finally:
        pyogrio.set_gdal_config_options(before)


def choose_layer(source: Path | bytes, layer: str | None, what: str) -> tuple[int, str, list[Message]]:
    """Choose the layer that is named, or the only one, or the only one with geometry: its number and name.

    Raises
    ------
    FileError
        The file cannot be opened, or has no such layer.
    InputError
        It has none, or several and none is named.
    """
    listed = _listed(source, what)
    names = [str(name) for name in listed[:, 0]]
    if layer is not None:
        if layer not in names:
            raise FileError(
                Message(
                    "layers.no_layer", {"file": what, "layer": layer, "names": ", ".join(names) or "(none)"}
                )
            )
        return names.index(layer), layer, []
    if not names:
        raise InputError(Message("layers.empty_file", {"file": what}))
    shaped = [place for place, kind in enumerate(listed[:, 1]) if kind is not None]
    if len(names) > 1 and len(shaped) != 1:
        raise InputError(Message("layers.several_layers", {"file": what, "names": ", ".join(names)}))
    place = (shaped or [0])[0]
    note = Message("layers.layer_chosen", {"layer": names[place], "names": ", ".join(names)})
    return place, names[place], [note] if len(names) > 1 else []


def list_names(path: Path) -> list[str]:
    """List the layers of a file.

    Raises
    ------
    FileError
        The file cannot be opened.
    """
    return [str(name) for name in _listed(path, path.name)[:, 0]]


def _listed(source: Path | bytes, what: str) -> NDArray[np.object_]:
    """List the layers of a source: name and kind of shapes."""
    try:
        with opened_alone(source, what) as place:
            listed: NDArray[np.object_] = pyogrio.list_layers(place)
    except FileError:
        raise
    except GDAL_ERRORS as error:
        raise damaged(what, error) from error
    return listed


def read_one_layer(
    path: Path,
    layer: str | None,
    encoding: str | None,
    drivers: Sequence[str],
    *,
    check: Callable[[Path, str], None] = lambda path, name: None,
    count: Callable[[Path, str], int] | None = None,
) -> tuple[pd.DataFrame, list[Message], str]:
    """Read the chosen layer of a file, once it is checked; give its features, what is to be told, its name.

    Raises
    ------
    FileError, InputError
        As :func:`choose_layer` and :func:`read_features`.
    """
    place, name, notes = choose_layer(path, layer, path.name)
    check(path, name)
    counted = None if count is None else partial(count, path, name)
    frame = read_features(path, path.name, drivers, layer=place, encoding=encoding, count=counted)
    return frame, notes, name


def read_features(
    source: Path | bytes,
    what: str,
    drivers: Sequence[str],
    *,
    layer: int | str | None = None,
    encoding: str | None = None,
    count: Callable[[], int] | None = None,
    **options: str,
) -> pd.DataFrame:
    """Read the features of one layer, if it is one of these drivers that opens the source.

    Where a file may state another number of rows than it holds, ``count`` counts them.

    Raises
    ------
    FileError
        The source is damaged, is of another driver, or its texts are in another encoding.
    """
    try:
        with opened_alone(source, what) as place:
            info = pyogrio.read_info(place, layer=layer, encoding=encoding, **options)
            if info["driver"] not in drivers:
                raise FileError(Message("layers.not_its_driver", {"file": what, "driver": info["driver"]}))
            # A number of rows that would have to be counted first is -1; such files are as large as they say.
            n_rows = info["features"] if count is None else count()
            n_values = max(n_rows, 0) * max(len(info["fields"]), 1)
            require_number(what, n_values, "values", file_limits.MOST_VALUES)
            if count is not None:  # a condition makes GDAL count as well: it believes the file without one
                options["where"] = "1 = 1"
            with warnings.catch_warnings():
                # One word among numbers makes GDAL call a column JSON; as text it is read here.
                warnings.filterwarnings("ignore", message="Could not parse column", category=UserWarning)
                return pyogrio.read_dataframe(
                    place, layer=layer, encoding=encoding, on_invalid="ignore", **options
                )
    except FileError:
        raise
    except UnicodeDecodeError as error:
        raise FileError(
            Message("layers.texts_encoded", {"file": what, "encoding": encoding or error.encoding})
        ) from error
    except GDAL_ERRORS as error:
        raise damaged(what, error) from error


def damaged(what: str, error: Exception) -> FileError:
    """Say that a file cannot be read, with what its reader found."""
    return FileError(Message("layers.feature_file_damaged", {"file": what, "why": error}))
