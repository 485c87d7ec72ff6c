"""Networks kept on disk: the same network back, rebuilt when anything changes or is damaged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.errors import FileError
from geo.messages import Message
from geo.network import Arcs, RoadNetwork, cache_key, load_network, load_or_build, save_network
from geo.standards import load_profile
from tests.towns import town

SQUARE = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000)}


def same(a: Any, b: Any) -> bool:
    if isinstance(a, RoadNetwork | Arcs):
        return all(same(getattr(a, item.name), getattr(b, item.name)) for item in fields(a))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and bool(np.array_equal(a, b))
    return bool(a == b)


class Builder:
    """Builds a town and counts how often."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> RoadNetwork:
        self.n += 1
        cut = Message("network.roads_cut", {"n": 2, "n_roads": 1, "ways": "7"})
        network = town(SQUARE, [(1, 2, 60), (2, 3, 30, np.inf)])
        return replace(network, names=("", "陈海公路"), notes=(cut,), impedance="mm")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "roads.osm.pbf"
    path.write_bytes(b"roads")
    return path


def test_the_second_time_loads_the_same_network(tmp_path: Path, source: Path) -> None:
    build = Builder()
    options = {"sources": [source], "settings": load_profile("fire_engine"), "folder": tmp_path / "kept"}
    first, note = load_or_build(build, **options)
    assert note == Message("network.cache_first")
    second, note = load_or_build(build, **options)
    assert (build.n, note) == (1, None)
    assert same(first, second)
    assert len(list((tmp_path / "kept").iterdir())) == 1, "no temporary file stays"


def test_notes_come_back_with_the_messages_and_lists_in_them(tmp_path: Path) -> None:
    within = Message("network.year_today", {"year": np.int64(2026)})
    note = Message("network.roads_cut", {"n": 2.5, "n_roads": within, "ways": ("7", within, "九")})
    network = replace(Builder()(), notes=(note,))
    save_network(network, tmp_path / "kept.npz")
    assert load_network(tmp_path / "kept.npz").notes == (note,)


def test_other_content_or_another_setting_is_another_network(tmp_path: Path, source: Path) -> None:
    profile = load_profile("fire_engine")
    key = cache_key([source], profile)
    assert cache_key([source], load_profile("fire_engine")) == key
    assert cache_key([source], replace(profile, junction_delay_s=9.0)) != key
    assert cache_key([source], {"profile": profile, "tolerance_m": 0.5}) != key
    copy = tmp_path / "copy.pbf"
    copy.write_bytes(b"roads")
    assert cache_key([copy], profile) == key, "the content counts, not the name"
    copy.write_bytes(b"roads!")
    assert cache_key([copy], profile) != key
    with pytest.raises(FileError):
        cache_key([tmp_path / "missing"], profile)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_file_is_built_again_with_a_note(tmp_path: Path, source: Path, damage: str) -> None:
    build = Builder()
    options = {"sources": [source], "settings": "x", "folder": tmp_path / "kept"}
    load_or_build(build, **options)
    (path,) = (tmp_path / "kept").iterdir()
    content = bytearray(path.read_bytes())
    content[content.find(build().xy.tobytes()) + 6] ^= 0x01  # one bit of one coordinate
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[:-200], "flip": bytes(content), "empty": b"", "text": b"no"}[damage])
    again, note = load_or_build(build, **options)
    assert build.n == 3
    assert note == Message("network.cache_damaged", {"file": path.name})
    assert same(again, build())
    assert load_or_build(build, **options)[1] is None, "the damaged file was replaced"


def test_what_a_killed_run_left_goes_also_where_nothing_is_kept_anew(tmp_path: Path, source: Path) -> None:
    options = {"sources": [source], "settings": "x", "folder": tmp_path / "kept"}
    load_or_build(Builder(), **options)
    (tmp_path / "kept" / ".writing-0123456789abcdef").mkdir()
    (tmp_path / "kept" / ".writing-0123456789abcdef" / "half.npz").write_bytes(b"half")
    (tmp_path / "kept" / ".writing-0123456789abcdef.lock").touch()
    assert load_or_build(Builder(), **options)[1] is None
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_a_file_that_is_saved_anew_while_it_is_read_is_not_kept_for_its_old_content(
    tmp_path: Path, source: Path
) -> None:
    def late() -> RoadNetwork:
        source.write_bytes(b"other roads")
        return Builder()()

    options = {"sources": [source], "settings": "x", "folder": tmp_path / "kept"}
    load_or_build(late, **options)
    source.write_bytes(b"roads")
    build = Builder()
    assert load_or_build(build, **options)[1] == Message("network.cache_first")
    assert build.n == 1


def test_several_at_once_each_get_the_network_and_keep_one(tmp_path: Path, source: Path) -> None:
    options = {"sources": [source], "settings": "x", "folder": tmp_path / "kept"}
    with ThreadPoolExecutor(8) as pool:
        built = list(pool.map(lambda _: load_or_build(Builder(), **options)[0], range(24)))
    assert all(same(network, built[0]) for network in built)
    assert len(list((tmp_path / "kept").iterdir())) == 1
    assert load_or_build(Builder(), **options)[1] is None


def test_a_folder_that_cannot_be_written_still_gives_the_network(tmp_path: Path, source: Path) -> None:
    network, note = load_or_build(Builder(), sources=[source], settings="x", folder=source)
    assert network.n_edges == 2
    assert note is not None
    assert "could not be kept" in note.say("en")
    assert note.say("zh").startswith("首次读取道路；路网未能保存")
    with pytest.raises(FileError):
        save_network(network, source / "x.npz")
    with pytest.raises(FileError):
        load_network(tmp_path / "missing.npz")
