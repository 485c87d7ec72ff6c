"""Tables and values of the house in one file: how what was read or found is kept to be taken up again.

Python's own format of objects can name any function to be called when it is read. Here only what tables,
shapes and the house's own values need is let through: a file that somebody else put there can be wrong, but
it runs nothing.
"""

from __future__ import annotations

import builtins
import dataclasses
import hashlib
import pickle
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO, Final

from geo.errors import FileError
from geo.files.kept import MOST_KEPT_BYTES
from geo.files.whole import writing_whole
from geo.messages import Message

__all__ = ["load_object", "save_object"]

_HEAD: Final = b"emergency-geo kept 1\n"
_SUM_BYTES: Final = hashlib.sha256().digest_size
_PROTOCOL: Final = 5
_MOST_BYTES: Final = MOST_KEPT_BYTES // 8
"""More would push out most of what is kept beside it."""
_PLAIN: Final = ("slice", "set", "frozenset", "complex", "bytearray")
_CALLED: Final = {
    "collections": ("OrderedDict", "defaultdict"),
    "datetime": ("date", "datetime", "time", "timedelta", "timezone"),
    "geopandas.array": ("GeometryArray",),
    "geopandas.geodataframe": ("GeoDataFrame",),
    "geopandas.geoseries": ("GeoSeries",),
    "numpy": ("dtype", "ndarray"),
    "numpy._core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.numeric": ("_frombuffer",),
    "numpy.core.multiarray": ("_reconstruct", "scalar"),
    "numpy.core.numeric": ("_frombuffer",),
    "pandas": (
        *(
            "BooleanDtype",
            "Categorical",
            "CategoricalDtype",
            "DataFrame",
            "DatetimeTZDtype",
            "Float64Dtype",
            "Index",
        ),
        *("Int64Dtype", "MultiIndex", "NA", "RangeIndex", "Series", "StringDtype", "Timestamp", "Timedelta"),
    ),
    "pandas._libs.arrays": ("__pyx_unpickle_NDArrayBacked",),
    "pandas._libs.internals": ("_unpickle_block",),
    "pandas._libs.missing": ("NA", "NAType", "_NA_unpickle"),
    "pandas._libs.tslibs.nattype": ("_nat_unpickle",),
    "pandas._libs.tslibs.timestamps": ("_unpickle_timestamp",),
    "pandas.arrays": (
        *("ArrowStringArray", "BooleanArray", "Categorical", "DatetimeArray", "FloatingArray"),
        *("IntegerArray", "StringArray"),
    ),
    "pandas.core.arrays.boolean": ("BooleanArray", "BooleanDtype"),
    "pandas.core.arrays.categorical": ("Categorical",),
    "pandas.core.arrays.datetimes": ("DatetimeArray",),
    "pandas.core.arrays.floating": ("Float64Dtype", "FloatingArray"),
    "pandas.core.arrays.integer": ("Int64Dtype", "IntegerArray"),
    "pandas.core.arrays.string_arrow": ("ArrowStringArray",),
    "pandas.core.dtypes.dtypes": ("CategoricalDtype", "DatetimeTZDtype"),
    "pandas.core.arrays.string_": ("StringArray", "StringDtype"),
    "pandas.core.frame": ("DataFrame",),
    "pandas.core.indexes.base": ("Index", "_new_Index"),
    "pandas.core.indexes.frozen": ("FrozenList",),
    "pandas.core.indexes.multi": ("MultiIndex",),
    "pandas.core.indexes.range": ("RangeIndex",),
    "pandas.core.internals.managers": ("BlockManager", "SingleBlockManager"),
    "pandas.core.series": ("Series",),
    "pathlib": ("Path", "PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"),
    "pathlib._local": ("Path", "PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"),
    "pyarrow.lib": ("_restore_array", "py_buffer", "type_for_alias"),
    "pyproj.crs.crs": ("CRS",),
    "shapely.io": ("from_wkb",),
    "shapely.strtree": ("STRtree",),
}
"""What may be called, by module: all that tables, arrays, shapes and coordinate systems are made by."""


def save_object(path: str | Path, value: object) -> None:
    """Write a value, whole or not at all, for this user alone to read.

    Parameters
    ----------
    path : path
        The file.
    value : object
        Tables, arrays, shapes, and frozen dataclasses of the house that hold such.

    Raises
    ------
    FileError
        The file cannot be written, or something in the value cannot be kept.
    """
    with writing_whole(path) as temporary, temporary.open("wb") as file:
        temporary.chmod(0o600)  # layers may say where people live
        file.write(_HEAD + bytes(_SUM_BYTES))
        summed = _Summed(file)
        try:
            pickle.Pickler(summed, protocol=_PROTOCOL).dump(value)
        except OSError:
            raise
        except Exception as error:  # whatever a library says that cannot be kept
            raise FileError(Message("files.not_kept", {"file": path, "why": error})) from error
        file.seek(len(_HEAD))
        file.write(summed.sum.digest())


def load_object(path: str | Path) -> Any:
    """Read what :func:`save_object` wrote.

    Raises
    ------
    FileError
        The file is missing, damaged, or holds what is not let through.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "kept.obj"
    >>> save_object(path, {"people": (3, 4)})
    >>> load_object(path)
    {'people': (3, 4)}
    """
    try:
        with Path(path).open("rb") as file:
            head, told = file.read(len(_HEAD)), file.read(_SUM_BYTES)
            if head != _HEAD or told != hashlib.file_digest(file, "sha256").digest():
                raise ValueError("damaged or cut")
            file.seek(len(_HEAD) + _SUM_BYTES)
            return _Reader(file).load()
    except MemoryError:
        raise
    except Exception as error:  # of another version of a library, or made to harm
        raise FileError(Message("files.not_kept", {"file": path, "why": error})) from error


class _Summed:
    """A file that is hashed while it is written, piece by piece: a city is not held once more as a text."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._n_bytes, self.sum = file, 0, hashlib.sha256()

    def write(self, piece: bytes | memoryview | pickle.PickleBuffer) -> int:
        content = memoryview(piece).cast("B")
        self._n_bytes += content.nbytes
        if self._n_bytes > _MOST_BYTES:
            raise ValueError(f"more than {_MOST_BYTES:,} bytes are too many")
        self.sum.update(content)
        return self._file.write(content)


class _Reader(pickle.Unpickler):
    """Reads objects, and calls nothing but what makes tables, shapes and the house's own values."""

    def find_class(self, module: str, name: str) -> Any:
        if "." not in name:  # a dotted name would go through one thing to another
            if name in _CALLED.get(module, ()):
                return super().find_class(module, name)
            if module == "builtins" and (name in _PLAIN or _is_error(getattr(builtins, name, None))):
                return getattr(builtins, name)
            if module.startswith("geo."):
                found = super().find_class(module, name)
                if _is_value(found) and found.__module__ == module:
                    return found
        raise pickle.UnpicklingError(f"{module}.{name} is not let through")


def _is_error(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, Exception)


def _is_value(found: object) -> bool:
    """Say whether it is a kind of value: a dataclass, an enumeration, a tuple with names, an error."""
    if not isinstance(found, type):
        return False
    is_mapping = found.__module__ == "geo.settings" and found.__name__ == "FixedMapping"
    return dataclasses.is_dataclass(found) or is_mapping or issubclass(found, Enum | tuple | Exception)
