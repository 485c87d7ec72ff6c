"""What a large study needs, told before it is read and before it is computed: minutes and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from geo.messages import Message
from geo.network import RoadNetwork
from geo.study.settings import Study

__all__ = ["tell_files", "tell_large", "tell_needs"]

_MB: Final = (420.0, 4.6e-3, 1.4e-3)
_SECONDS: Final = (12.0, 1.8e-4, 1.1e-4)
"""For any study, for each link of road and for each point with people; measured on runs of all rooms with
57,000 and 228,000 links, and on runs with 5,000 and 200,000 points."""
_OF_A_SCENARIO: Final = 0.5
"""A scenario is assessed as the study is, without being read and drawn."""
_PACKED: Final = (".pbf", ".gz", ".bz2")
_BOOKS: Final = (".xlsx", ".xlsm", ".xlsb", ".ods")
_RASTERS: Final = (".tif", ".tiff", ".asc", ".img", ".flt", ".bil")
"""Their cells are bounded and read block by block, whatever their size."""
_FILE_RATES: Final = {_PACKED: (0.6, 15.0), _BOOKS: (2.6, 70.0)}
_OTHER_RATES: Final = (0.1, 10.0)
"""Seconds and MB for each MB of a file: a map of 20 MB, a workbook of 0.6 MB, and layers of 8 to 16 MB."""
_MUCH_MB: Final = 4_000.0
_MUCH_S: Final = 300.0


def tell_needs(study: Study, network: RoadNetwork, n_points: int) -> tuple[Message, ...]:
    """Say what a run needs, if that is more than a planner expects of her computer.

    Parameters
    ----------
    study : Study
        Its scenarios and candidates count.
    network : RoadNetwork
        Its roads.
    n_points : int
        Points with people.
    """
    n_links = len(network.edge_u)
    base_mb, link_mb, point_mb = _MB
    base_s, link_s, point_s = _SECONDS
    mb = base_mb + link_mb * n_links + point_mb * n_points
    seconds = (base_s + link_s * n_links + point_s * n_points) * (1 + _OF_A_SCENARIO * len(study.scenarios))
    if mb < _MUCH_MB and seconds < _MUCH_S:
        return ()
    spec = study.candidates
    is_along_roads = spec is not None and (
        spec.source == "roads" or (spec.source == "auto" and not study.plots)
    )
    spacing = spec.spacing_m if spec is not None and is_along_roads else float("inf")
    values = {
        "links": n_links,
        "points": n_points,
        "scenarios": len(study.scenarios),
        "candidates": round(float(network.edge_length.sum()) / spacing),
        "minutes": max(seconds / 60, 1.0),
        "gb": mb / 1000,
    }
    return (Message("study.needs", values),)


def tell_files(files: Iterable[Path]) -> tuple[Message, ...]:
    """Say what reading the files of a study takes, if that is more than a planner expects of her computer.

    Nothing is opened: this is for what is said before.

    Parameters
    ----------
    files : iterable of Path
        Each once; what is missing or a raster counts nothing.
    """
    size = seconds = 0.0
    memory = _MB[0]
    for path in files:
        if path.is_file() and path.suffix.casefold() not in _RASTERS:
            mb = path.stat().st_size / 2**20
            rates = (rate for endings, rate in _FILE_RATES.items() if path.suffix.casefold() in endings)
            of_mb_s, of_mb_mb = next(rates, _OTHER_RATES)
            size, seconds, memory = size + mb, seconds + of_mb_s * mb, memory + of_mb_mb * mb
    if memory < _MUCH_MB and seconds < _MUCH_S:
        return ()
    values = {"mb": size, "minutes": max(seconds / 60, 1.0), "gb": memory / 1000}
    return (Message("study.needs_files", values),)


def tell_large(notes: Iterable[tuple[str, Message]], tell: Callable[[Message], None]) -> None:
    """Tell at once what was noted of a large study; the other notes can wait for the results."""
    for _, note in notes:
        if note.key == "study.needs":
            tell(note)
