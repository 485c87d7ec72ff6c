"""Layers kept from an earlier reading: the same to the last bit as layers that are read anew."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from unittest import mock

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import GeoError
from geo.study import Inputs, Step, Study, parse_study, read_inputs
from geo.study.inputs import keeping
from tests.digests import digest_of
from tests.studies import changed, frame, lonlat, points, write_town

Edit = Callable[[Path, dict[str, Any], int], None]


@contextmanager
def cached_in(folder: Path) -> Iterator[None]:
    with mock.patch.dict(os.environ, {"XDG_CACHE_HOME": str(folder)}):
        yield


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> Iterator[Path]:
    with cached_in(tmp_path / "cache"):
        yield tmp_path / "cache" / "emergency-geo"


def town(folder: Path) -> dict[str, Any]:
    """Write the paper town with tables, a shapefile and people on foot; give its sections."""
    sections = write_town(folder)
    rows = [f"S{k},{x:.7f},{y:.7f},{k + 1}" for k, (x, y) in enumerate(lonlat((0, 5), (3000, 5), (6000, 5)))]
    (folder / "posts.csv").write_text("\n".join(["name,lon,lat,places", *rows]), encoding="utf-8")
    frame(points((100, 5), (2900, 5)), name=["h1", "h2"]).to_file(folder / "hydrants.shp")
    facilities = [
        *sections["facilities"],
        {"path": "posts.csv", "kind": "shelter", "crs": "EPSG:4326"},
        {"path": "hydrants.shp", "kind": "hydrant"},
    ]
    return changed(sections, facilities=facilities)


def told(study: Study, **options: Any) -> dict[str, str]:
    """Give a digest of everything that is read, or the words of what stops it."""
    try:
        inputs = read_inputs(study, **options)
    except GeoError as error:
        return {"error": str(error)}
    names = [field.name for field in fields(Inputs)]
    # Lines and trees of a network are made when they are first asked for: they say nothing of their own.
    return {name: digest_of(bare(getattr(inputs, name))) for name in names}


def bare(value: Any) -> Any:
    if type(value).__name__ != "RoadNetwork":
        return value
    return {f.name: bare(getattr(value, f.name)) for f in fields(value)}


def move_station(folder: Path, sections: dict[str, Any], n: int) -> None:
    table = gpd.read_file(folder / "stations.gpkg")
    table.loc[n % len(table), "geometry"] = shapely.Point(700 * n + 3, 4)
    table.to_file(folder / "stations.gpkg")


def change_post(folder: Path, sections: dict[str, Any], n: int) -> None:
    data = (folder / "posts.csv").read_bytes()  # perhaps spoilt before
    (folder / "posts.csv").write_bytes(data.replace(f"S{n % 3},".encode(), f"T{n},".encode()))


def change_places(folder: Path, sections: dict[str, Any], n: int) -> None:
    head, *lines = (folder / "posts.csv").read_bytes().split(b"\n")
    if lines:  # else it was spoilt before
        lines[n % len(lines)] = lines[n % len(lines)].rpartition(b",")[0] + f",{n}".encode()
    (folder / "posts.csv").write_bytes(b"\n".join([head, *lines]))


def change_people(folder: Path, sections: dict[str, Any], n: int) -> None:
    table = gpd.read_file(folder / "villages.gpkg")
    table["heads"] = table["heads"] + n
    table.to_file(folder / "villages.gpkg")


def cut_road(folder: Path, sections: dict[str, Any], n: int) -> None:
    roads = gpd.read_file(folder / "roads.gpkg", layer="links")
    roads.drop(roads.index[n % len(roads)]).to_file(folder / "roads.gpkg", layer="links")


def rename_towns(folder: Path, sections: dict[str, Any], n: int) -> None:
    towns = gpd.read_file(folder / "towns.gpkg")
    towns.assign(name=[f"town {n}-{k}" for k in range(len(towns))]).to_file(folder / "towns.gpkg")


def mislay_projection(folder: Path, sections: dict[str, Any], n: int) -> None:
    (folder / "hydrants.prj").unlink(missing_ok=True)


def spoil(folder: Path, sections: dict[str, Any], n: int) -> None:
    (folder / "posts.csv").write_bytes(b"\xff\xfe\x00" * n)


def touch(folder: Path, sections: dict[str, Any], n: int) -> None:
    os.utime(folder / "stations.gpkg", (n, n))


def keep_size_and_time(folder: Path, sections: dict[str, Any], n: int) -> None:
    """Write other content of the same size and time: only the bytes tell."""
    info = (folder / "posts.csv").stat()
    text = (folder / "posts.csv").read_bytes()
    (folder / "posts.csv").write_bytes(text[:-1] + str(n % 10).encode())
    os.utime(folder / "posts.csv", ns=(info.st_atime_ns, info.st_mtime_ns))


def change_setting(folder: Path, sections: dict[str, Any], n: int) -> None:
    changes: list[tuple[str, dict[str, Any]]] = [
        ("snap", {"max_m": 100 + n}),
        ("study", {"lang": ("zh", "en")[n % 2]}),
        ("roads", {"profile": ("speeds.toml", "fire_engine")[n % 2]}),
        ("siting", {"n": n + 1}),
        ("shelters", {"reach_m": 500 + n}),
        ("response", {"standard": ("clock.toml", "drive-5min")[n % 2]}),
    ]
    section, more = changes[n % len(changes)]
    sections[section] = {**sections.get(section, {}), **more}


def drop_section(folder: Path, sections: dict[str, Any], n: int) -> None:
    sections["facilities"] = sections["facilities"][: 1 + n % 3]


EDITS: tuple[Edit, ...] = (
    *(move_station, change_post, change_places, change_people, cut_road, rename_towns, mislay_projection),
    *(spoil, touch, keep_size_and_time, change_setting, drop_section),
)


@settings(max_examples=8)
@example([(spoil, 1, False), (change_post, 0, False)])
@example([(spoil, 0, False), (change_places, 0, False)])
@given(st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 9), st.booleans()), min_size=1, max_size=3))
def test_kept_is_the_same_as_read_whatever_is_edited(edits: list[tuple[Edit, int, bool]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, first = Path(name) / "town", Path(name) / "first"
        folder.mkdir()
        sections = town(folder)
        shutil.copytree(folder, first)
        with cached_in(Path(name) / "cache"):
            check(parse_study(sections, folder=folder))
            for edit, n, is_undone in edits:
                now = json.loads(json.dumps(sections))
                edit(folder, now, n)
                check(parse_study(now, folder=folder))
                if is_undone:
                    shutil.copytree(first, folder, dirs_exist_ok=True)
                    check(parse_study(sections, folder=folder))
                else:
                    sections = now


def check(study: Study) -> None:
    assert told(study) == told(study, use_cache=False)


def parts(cache: Path) -> set[str]:
    return {path.name.rsplit("-", 1)[0].removeprefix("study-") for path in cache.glob("study-*.kept")}


def test_only_what_an_edit_touches_is_read_again(tmp_path: Path, cache: Path) -> None:
    study = parse_study(town(tmp_path), folder=tmp_path)
    read_inputs(study)
    every = {"inputs", "roads", "walked", "zones", "people", "facilities-1", "facilities-2", "facilities-3"}
    assert parts(cache) == every
    before = set(cache.iterdir())
    move_station(tmp_path, {}, 1)
    read_inputs(study)
    new = {path.name.rsplit("-", 1)[0] for path in set(cache.iterdir()) - before}
    assert new == {"study-inputs", "study-facilities-1"}
    before = set(cache.iterdir())
    read_inputs(replace(study, siting=None))
    assert set(cache.iterdir()) == before


def test_steps_are_told_also_where_nothing_is_read(tmp_path: Path) -> None:
    study = parse_study(town(tmp_path), folder=tmp_path)
    steps: list[list[Step]] = [[], []]
    for now in steps:
        read_inputs(study, step=now.append)
    assert steps[0] == steps[1] == [Step.ROADS, Step.FACILITIES, Step.ZONES, Step.PEOPLE]


def test_damaged_and_foreign_files_are_made_again(tmp_path: Path, cache: Path) -> None:
    study = parse_study(town(tmp_path), folder=tmp_path)
    right = told(study)
    for spoilt in (b"", b"emergency-geo kept 1\n", b"\0" * 5000):
        for file in cache.iterdir():
            file.write_bytes(spoilt)
        assert told(study) == right
        assert all(file.read_bytes() != spoilt for file in cache.glob("*.kept"))


def test_another_program_or_year_takes_nothing(tmp_path: Path, cache: Path) -> None:
    study = parse_study(town(tmp_path), folder=tmp_path)
    read_inputs(study)
    n = len(list(cache.iterdir()))
    later = mock.Mock(today=lambda: mock.Mock(year=2099))
    for name, other in (("_program", lambda: ("another",)), ("date", later)):
        with mock.patch.object(keeping, name, other):
            read_inputs(study)
        assert len(list(cache.iterdir())) == 2 * n
        for file in sorted(cache.iterdir(), key=lambda file: file.stat().st_mtime_ns)[n:]:
            file.unlink()
    with mock.patch.dict(os.environ, {"SHAPE_ENCODING": "GBK"}):
        read_inputs(study)
    assert len(list(cache.iterdir())) == 2 * n
    with pd.option_context("mode.string_storage", "python"):
        read_inputs(study)
    assert len(list(cache.iterdir())) == 3 * n


def test_a_file_that_changes_while_it_is_read_is_not_kept(tmp_path: Path, cache: Path) -> None:
    study = parse_study(town(tmp_path), folder=tmp_path)

    def step(now: Step) -> None:
        if now is Step.PEOPLE:
            change_people(tmp_path, {}, 5)

    inputs = read_inputs(study, step=step)
    assert parts(cache) == {"roads", "zones", "facilities-1", "facilities-2", "facilities-3"}
    assert inputs.stamps != read_inputs(study).stamps


def test_nothing_is_kept_where_it_is_not_wanted_or_not_possible(tmp_path: Path, cache: Path) -> None:
    study = parse_study(town(tmp_path), folder=tmp_path)
    right = told(study, use_cache=False)
    assert not cache.exists()
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("a file stands where the folder should")
    assert told(study) == right
    assert cache.read_text() == "a file stands where the folder should"


def test_records_of_calls_are_never_kept(tmp_path: Path, cache: Path) -> None:
    sections = town(tmp_path)
    (x, y), *_ = lonlat((500, 5))
    row = f"secret-17,{x:.6f},{y:.6f},2025-01-01 10:00:00,2025-01-01 10:01:00,2025-01-01 10:05:00"
    head = "id,lon,lat,called_at,dispatched_at,arrived_at"
    (tmp_path / "calls.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    sections["calls"] = [{"path": "calls.csv", "crs": "EPSG:4326"}]
    study = parse_study(sections, folder=tmp_path)
    inputs = read_inputs(study)
    assert inputs.calls is not None
    assert "secret-17" in inputs.calls.table["call_id"].tolist()
    assert "roads" in parts(cache)
    assert "inputs" not in parts(cache)
    assert not any(b"secret-17" in file.read_bytes() for file in cache.iterdir())


def test_two_readers_at_once_agree(tmp_path: Path) -> None:
    study = parse_study(town(tmp_path), folder=tmp_path)
    right = told(study, use_cache=False)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(told, [study] * 8)) == [right] * 8
