"""What the caller wants of a file."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Asked"]


@dataclass(frozen=True)
class Asked:
    """What is wanted of a file, as :func:`geo.layers.read_layer` was told.

    Parameters
    ----------
    layer, sheet, encoding : str, optional
        Settled by the planner.
    geometry : str
        The kind of shapes wanted: ``"any"``, ``"point"``, ``"line"``, ``"polygon"`` or ``"none"``.
    """

    layer: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    geometry: str = "any"
