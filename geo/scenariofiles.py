"""The files of each scenario: a folder of its own with its map and tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.assessment import StudyResult
from geo.errors import FileError
from geo.maps import write_map
from geo.resultfiles import write_package, write_table
from geo.scenariomap import draw_difference
from geo.scenarioreport import difference_findings

__all__ = ["FOLDER", "folder_name", "write_scenarios"]

FOLDER: Final = "scenarios"
_FILES: Final = tuple(
    f"difference_{name}.csv" for name in ("people", "stations", "towns", "targets", "roads", "sites")
)
LAYERS: Final = "differences.gpkg"
"""All tables of a scenario that have places, for a GIS."""
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_OWN: Final = re.compile(r"\d+(-|$)")
_LONGEST: Final = 40


def folder_name(number: int, name: str) -> str:
    """Give the folder of a scenario, which every system can hold.

    Examples
    --------
    >>> folder_name(1, "圆沙站建成"), folder_name(2, 'A/B: "new" <b>. ')
    ('1-圆沙站建成', '2-A_B_ _new_ _b_')
    """
    plain = _FORBIDDEN.sub("_", name).strip()[:_LONGEST].rstrip(". ")
    return f"{number}-{plain}" if plain else str(number)


def write_scenarios(result: StudyResult, folder: Path) -> dict[str, Path]:
    """Write each scenario into ``scenarios/<number>-<name>``: its map, tables and layers; earlier ones go.

    Parameters
    ----------
    result : StudyResult
        With its scenarios.
    folder : Path
        Of the results.

    Returns
    -------
    dict of str to Path
        The map of each scenario, by its path from the folder.

    Raises
    ------
    FileError
        A file may not be written.
    """
    _clear(folder / FOLDER)
    written = {}
    for number, difference in enumerate(result.scenarios, start=1):
        own = folder / FOLDER / folder_name(number, difference.name)
        findings = difference_findings(difference, result.inputs.zones)
        for finding in findings:
            write_table(_told(finding.table), own / f"{finding.name}.csv", is_synthetic=result.is_synthetic)
        placed = {found.name: found.table for found in findings if isinstance(found.table, gpd.GeoDataFrame)}
        if placed:
            write_package(placed, own / LAYERS, is_synthetic=result.is_synthetic)
        path = write_map(draw_difference(result, difference), own / "map.html")
        written[path.relative_to(folder).as_posix()] = path
    return written


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table for a file: points in degrees, other shapes left out."""
    if isinstance(table, gpd.GeoDataFrame):
        is_point = len(table) > 0 and bool((table.geometry.geom_type == "Point").all())
        return table.to_crs(4326) if is_point else pd.DataFrame(table.drop(columns="geometry"))
    return table


def _clear(folder: Path) -> None:
    """Take away the scenarios of an earlier run; what else a planner keeps there stays."""
    try:
        for own in folder.iterdir() if folder.is_dir() else ():
            if not _OWN.match(own.name):
                continue
            for name in (*_FILES, LAYERS, "map.html"):
                (own / name).unlink(missing_ok=True)
            if own.is_dir() and not any(own.iterdir()):
                own.rmdir()
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise FileError(f"{folder} cannot be written: {error.strerror or error}") from None
