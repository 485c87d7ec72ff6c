"""One bad input by its number: the same seed and number always make the same input."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Final

from geo.crs import parse_crs
from geo.demand import demand_from_raster
from geo.draft import draft_study
from geo.errors import GeoError
from geo.layers import read_layer
from geo.network import read_graphml
from geo.osm import notes_of_file, read_boundaries, read_buildings, read_facilities, read_places, read_roads
from geo.outputs import (
    compare_runs,
    open_finished,
    read_manifest,
    read_run,
    require_same_inputs,
    write_outputs,
    write_report,
    write_sites,
)
from geo.serve import open_study
from geo.standards import load_profile
from geo.study import check_study, read_study, run_study, site_study
from tests.faults.mutate import mutate, mutate_cells
from tests.faults.seeds import LAYERS, OTHERS

__all__ = ["Case", "hash_of", "make_case"]

SIDES: Final = {
    "a.shp": ("a.shx", "a.dbf", "a.prj", "a.cpg"),
    "a.tab": ("a.dat", "a.map", "a.id"),
    "a.mif": ("a.mid",),
}
"""Files beside a layer, any of which may be the bad one."""
TABLES: Final = (
    *("stations.csv", "villages.csv", "hydrants.csv", "shelters.csv", "depots.csv"),
    *("roads.geojson", "towns.geojson", "plots.geojson"),
)
SETTINGS: Final = ("study.toml", "study.toml", "study.toml", "plan.toml", "clock.toml", "speeds.toml")
RESULTS: Final = (*("manifest.json",) * 3, "summary.json", "zones.csv", "targets.csv")
TEMPLATES: Final = ("report.typ", "report.html", "report.docx")


class Case:
    """A bad input in a folder of its own, and what is done with it.

    Parameters
    ----------
    name : str
        What was spoilt.
    folder : Path
        Where the files are that must stay as they are.
    act : callable
        Reads or runs it.
    """

    def __init__(self, name: str, folder: Path, act: Callable[[], Any]) -> None:
        self.name, self.folder, self.act = name, folder, act


def make_case(number: int, *, seed: int, seeds: Path, folder: Path) -> Case:
    """Make the bad input of a number: 80 of 100 are files for one reader, the others whole studies."""
    chance = Random(f"{seed}/{number}")
    kind = chance.random()
    if kind < 0.55:
        return _layer(chance, seeds, folder)
    if kind < 0.8:
        return _other(chance, seeds, folder)
    home = folder / "study"
    if kind < 0.83:
        shutil.copytree(seeds / "study", home)
        return _template(chance, home) if kind < 0.806 else _results(chance, seeds, home)
    shutil.copytree(seeds / "study", home, ignore=shutil.ignore_patterns("out"))
    is_table = kind < 0.92
    name = chance.choice(TABLES if is_table else SETTINGS)
    path = home / name
    if path.suffix == ".csv" and chance.random() < 0.8:
        # Line ends stay as they are: a row of the planner is a row of the mutant.
        text = mutate_cells(path.read_text(encoding="utf-8"), chance)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    else:
        path.write_bytes(mutate(path.read_bytes(), name, chance))
    act = chance.choice((_run, _report, _check, _check, _site, _serve, _draft))
    return Case(f"{act.__name__[1:]} {name}", home, lambda: act(home, folder))


def hash_of(folder: Path) -> str:
    """Hash all files below a folder, with their names; results of a run are not among them."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "out" not in path.relative_to(folder).parts[:1]:
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _layer(chance: Random, seeds: Path, folder: Path) -> Case:
    name = chance.choice(LAYERS)
    files = [name, *SIDES.get(name, ())]
    home = folder / "layer"
    home.mkdir()
    for file in files:
        shutil.copy(seeds / file, home / file)
    spoilt = chance.choice([name, *files])
    (home / spoilt).write_bytes(mutate((seeds / spoilt).read_bytes(), spoilt, chance))
    crs = chance.choice((None, "EPSG:4326", "EPSG:4326", "GCJ-02", "EPSG:32651"))
    shape: Any = chance.choice(("any", "point", "point", "line", "none"))
    shape = "none" if name.endswith(".dbf") else shape
    return Case(f"layer {spoilt}", home, lambda: read_layer(home / name, crs=crs, geometry=shape))


def _other(chance: Random, seeds: Path, folder: Path) -> Case:
    name = chance.choice(OTHERS)
    home = folder / "file"
    home.mkdir()
    path = home / name
    path.write_bytes(mutate((seeds / name).read_bytes(), name, chance))

    def act() -> None:
        if name.endswith(".graphml"):
            read_graphml(path, if_untimed=load_profile("fire_engine"))
        elif name.startswith("people"):
            from geo.demand import RasterReading

            crs = None if name.endswith(".tif") else parse_crs("EPSG:4326")
            demand_from_raster(path, crs=parse_crs("EPSG:32651"), reading=RasterReading(crs=crs))
        else:
            _read_all(path)

    return Case(f"file {name}", home, act)


def _read_all(path: Path) -> None:
    """Ask each reader of OSM files by itself; what one refuses, another one may still take."""
    errors: list[GeoError] = []
    for read in (notes_of_file, read_facilities, read_places, read_boundaries, read_buildings, read_roads):
        try:
            read(path)
        except GeoError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _results(chance: Random, seeds: Path, home: Path) -> Case:
    """Spoil a file of results that are run again, or held against others."""
    name = chance.choice(RESULTS)
    right = home / "out"
    spoilt = home / "spoilt"
    shutil.copytree(right, spoilt)
    (spoilt / name).write_bytes(mutate((right / name).read_bytes(), name, chance))

    def act() -> None:
        require_same_inputs(read_manifest(spoilt / "manifest.json"))
        read_study(spoilt / "manifest.json")
        compare_runs(read_run(right), read_run(spoilt))

    return Case(f"results {name}", home, act)


def _template(chance: Random, home: Path) -> Case:
    """Spoil the planner's own template of a report."""
    name = chance.choice(TEMPLATES)
    path = home / "templates" / name
    path.write_bytes(mutate(path.read_bytes(), name, chance))

    def act() -> None:
        study = read_study(home / "study.toml")
        finished = open_finished(study, home / "out")
        assert finished is not None
        write_report(finished, study)

    return Case(f"template {name}", home, act)


def _run(home: Path, folder: Path) -> None:
    study = read_study(home / "study.toml")
    write_outputs(run_study(study), folder / "results")


def _report(home: Path, folder: Path) -> None:
    _run(home, folder)
    study = read_study(home / "study.toml")
    finished = open_finished(study, folder / "results")
    assert finished is not None
    write_report(finished, study)


def _serve(home: Path, folder: Path) -> None:
    open_study(read_study(home / "study.toml")).today()


def _draft(home: Path, folder: Path) -> None:
    """Look what is new beside the study that is there, and draft one from the layers alone."""
    draft_study(home, lang="zh")
    bare = folder / "bare"
    shutil.copytree(home, bare)
    (bare / "study.toml").unlink()
    draft_study(bare, lang="zh")


def _check(home: Path, folder: Path) -> None:
    check_study(read_study(home / "study.toml"), lang="zh")


def _site(home: Path, folder: Path) -> None:
    result = site_study(read_study(home / "study.toml"))
    write_sites(result, folder / "results")
