"""How a file is named from a folder."""

from __future__ import annotations

import ntpath
import os

import pytest

from geo.files import path_from


def test_a_path_is_told_from_its_folder_with_slashes() -> None:
    assert path_from("out/live", "out/live/clock.toml") == "clock.toml"
    assert path_from("out/live", "roads.gpkg") == "../../roads.gpkg"


def test_on_windows_a_path_on_another_drive_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "relpath", ntpath.relpath)
    with pytest.raises(ValueError, match="mount"):
        os.path.relpath("D:/clock.toml", "C:/study")
    assert path_from("C:/study", "D:/规划/clock.toml") == "D:/规划/clock.toml"
