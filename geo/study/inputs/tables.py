"""Which layers of a study are tables without shapes, also inside a zip."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from geo.errors import GeoError
from geo.layers import LAYER_FORMATS, TABLE_FORMATS, zip_names
from geo.study.settings import LayerSpec

__all__ = ["is_table"]


def is_table(spec: LayerSpec, file: Path) -> bool:
    """Whether a layer is a table, by the ending of its file or of the file that is meant in a zip.

    Parameters
    ----------
    spec : LayerSpec
        Its ``path``, and its ``layer`` where the zip has several files.
    file : Path
        Where it lies.
    """
    if not spec.path.casefold().endswith(".zip"):
        return spec.path.casefold().endswith(TABLE_FORMATS)
    if spec.layer is not None and spec.layer.casefold().endswith(LAYER_FORMATS):
        return spec.layer.casefold().endswith(TABLE_FORMATS)
    try:
        inside = [name for name in map(PurePosixPath, zip_names(file)) if name.parts[:1] != ("__MACOSX",)]
    except (GeoError, OSError):  # what is wrong with it is told where it is read
        return False
    meant = [name for name in inside if spec.layer in (None, name.stem, name.name)] or inside
    endings = [name.suffix.casefold() for name in meant if name.suffix.casefold() in LAYER_FORMATS]
    return bool(endings) and all(ending in TABLE_FORMATS for ending in endings)
