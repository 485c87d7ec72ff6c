"""How a file is named from a folder."""

from __future__ import annotations

import ntpath
import os
import sqlite3
from contextlib import closing
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote, urlsplit

import pytest

from geo.files import path_from, sqlite_address


def test_a_path_is_told_from_its_folder_with_slashes() -> None:
    assert path_from("out/live", "out/live/clock.toml") == "clock.toml"
    assert path_from("out/live", "roads.gpkg") == "../../roads.gpkg"


def test_on_windows_a_path_on_another_drive_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "relpath", ntpath.relpath)
    with pytest.raises(ValueError, match="mount"):
        os.path.relpath("D:/clock.toml", "C:/study")
    assert path_from("C:/study", "D:/规划/clock.toml") == "D:/规划/clock.toml"


def test_a_share_of_a_network_is_no_host_to_sqlite(tmp_path: Path) -> None:
    """A drive's letter resolves to its share on Windows, and SQLite opens no other host than this one."""
    told = urlsplit(sqlite_address(PureWindowsPath("//bureau/plans/甲 #1.gpkg"), "mode=ro"))
    assert (told.netloc, unquote(told.path), told.query) == ("", "//bureau/plans/甲 #1.gpkg", "mode=ro")
    with pytest.raises(sqlite3.OperationalError, match="authority"):
        sqlite3.connect(PureWindowsPath("//bureau/plans/a.gpkg").as_uri(), uri=True)
    path = tmp_path / "甲 #1%.gpkg"
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE towns (name TEXT)")
    address = sqlite_address(path, "mode=ro")
    for one in (address, address.replace("file:///", "file:////", 1)):
        with closing(sqlite3.connect(one, uri=True)) as base:
            assert base.execute("SELECT count(*) FROM towns").fetchone() == (0,)
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                base.execute("DROP TABLE towns")
