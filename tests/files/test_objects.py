"""Values kept on disk: what comes back is what was kept, nothing else is run, and damage is told."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import FileError, InputError
from geo.files import forget_oldest, load_object, save_object
from geo.files import objects as kept_objects
from geo.messages import Message
from geo.settings import FixedMapping


def everything() -> dict[str, Any]:
    table = gpd.GeoDataFrame(
        {
            "name": ["a", None, "丙"],
            "n": pd.array([1, None, 3], dtype="Int64"),
            "x": [0.1, np.nan, -np.inf],
            "is": pd.array([True, None, False], dtype="boolean"),
            "day": pd.to_datetime(["2026-01-01", None, "2026-03-01"]),
            "class": pd.Categorical(["first", "second", "first"]),
            "text": pd.array(["x", None, "y"], dtype="string"),
        },
        geometry=[shapely.Point(1, 2), None, shapely.box(0, 0, 1, 1)],
        index=pd.Index(["r1", "r2", "r3"], name="id", dtype=object),
        crs=32651,
    )
    why = Message("layers.blank_rows", {"n": 1})
    return {
        "table": table,
        "note": Message("layers.blank_rows", {"n": np.int64(2), "why": InputError(why)}),
        "fixed": FixedMapping({"a": (1.5, {2}, frozenset({3}))}),
        "array": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "path": Path("a/b"),
        "range": pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, "x")])),
    }


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    value = everything()
    save_object(tmp_path / "a.kept", value)
    if os.name == "posix":
        assert (tmp_path / "a.kept").stat().st_mode & 0o077 == 0
    back = load_object(tmp_path / "a.kept")
    pd.testing.assert_frame_equal(back["table"], value["table"])
    assert back["table"].crs == value["table"].crs
    assert str(back["note"].values["why"]) == str(value["note"].values["why"])
    assert back["fixed"] == value["fixed"]
    assert back["array"].flags.f_contiguous
    pd.testing.assert_frame_equal(back["range"], value["range"])
    assert back["path"] == value["path"]


class Harm:
    def __init__(self, called: Any, *given: Any) -> None:
        self.called, self.given = called, given

    def __reduce__(self) -> tuple[Any, ...]:
        return self.called, self.given


def test_a_file_made_to_harm_runs_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for called, given_ in (
        (os.mkdir, (str(mark),)),
        (np.memmap, (str(mark), "float64", "w+", 0, 4)),
        (pd.read_csv, (str(mark),)),
        (getattr, (mark, "mkdir")),
        (save_object, (str(mark), 1)),
    ):
        save_object(tmp_path / "bad.kept", {"table": Harm(called, *given_)})
        with pytest.raises(FileError):
            load_object(tmp_path / "bad.kept")
    assert not mark.exists()


def test_names_with_dots_lead_nowhere(tmp_path: Path) -> None:
    # protocol 4 looks for attributes of attributes: geo.files.kept has os in it
    body = b"\x80\x04\x8c\x0egeo.files.kept\x8c\x09os.getcwd\x93)R."
    assert pickle.loads(body) == os.getcwd(), "without the wall it would run"
    content = kept_objects._HEAD + hashlib.sha256(body).digest() + body
    (tmp_path / "bad.kept").write_bytes(content)
    with pytest.raises(FileError, match="not let through"):
        load_object(tmp_path / "bad.kept")


@given(st.data())
def test_any_damage_is_told(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.kept"
    save_object(path, {"people": list(range(50))})
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    path.write_bytes(bytes(content))
    with pytest.raises(FileError):
        load_object(path)


def test_what_cannot_be_kept_is_told_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileError):
        save_object(tmp_path / "a.kept", lambda: 1)
    monkeypatch.setattr(kept_objects, "_MOST_BYTES", 100)
    with pytest.raises(FileError, match="too many"):
        save_object(tmp_path / "a.kept", bytes(101))
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_go_first_by_size_and_by_number(tmp_path: Path) -> None:
    for n in range(6):
        save_object(tmp_path / f"{n}.kept", bytes(1000))
        os.utime(tmp_path / f"{n}.kept", (n, n))
    (tmp_path / "mine.txt").write_text("stays")
    forget_oldest(tmp_path, most_files=4)
    assert sorted(path.name for path in tmp_path.glob("*.kept")) == ["2.kept", "3.kept", "4.kept", "5.kept"]
    forget_oldest(tmp_path, most_bytes=2500)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["4.kept", "5.kept", "mine.txt"]
