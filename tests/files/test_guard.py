"""What no result takes the place of: inputs by whatever name, and files that no run wrote."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from geo.errors import FileError
from geo.files import Earlier, InputFiles, find_earlier, require_own_folder, seal_files
from geo.files.record import file_digest


def recorded(folder: Path, *names: str, by: str = "geo run") -> dict[str, object]:
    """Write files and their record, as a run does."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    record: dict[str, object] = {"written": seal_files(folder, by=by)}
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    return record


def found(folder: Path, by: str = "geo run", inputs: InputFiles | None = None) -> Earlier:
    held = (inputs or InputFiles()).hold
    return find_earlier(folder, record="manifest.json", by=by, is_input=held)


def require(folder: Path, *names: str, inputs: InputFiles | None = None, is_forced: bool = False) -> None:
    held = inputs or InputFiles()
    earlier = found(folder, inputs=held)
    require_own_folder(folder, names=names, earlier=earlier, inputs=held, is_forced=is_forced)


def test_what_a_run_wrote_is_its_own_until_somebody_changes_it(tmp_path: Path) -> None:
    recorded(tmp_path, "a.csv", "scenarios/1/map.html")
    assert found(tmp_path) == Earlier(
        ("manifest.json", "a.csv", "scenarios/1/map.html"), record="manifest.json"
    )
    (tmp_path / "a.csv").write_text("my notes", encoding="utf-8")
    (tmp_path / "scenarios/1/map.html").unlink()
    assert found(tmp_path) == Earlier(("manifest.json",), ("a.csv",), record="manifest.json")
    assert found(tmp_path, by="geo site") == Earlier()


def test_an_edited_list_counts_as_none(tmp_path: Path) -> None:
    record = recorded(tmp_path, "a.csv")
    (tmp_path / "mine.csv").write_text("mine", encoding="utf-8")
    written = record["written"]
    assert isinstance(written, dict)
    written["files"]["mine.csv"] = file_digest(tmp_path / "mine.csv")
    (tmp_path / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    assert found(tmp_path) == Earlier()


def test_a_sealed_list_of_somebody_else_leads_nowhere_outside(tmp_path: Path) -> None:
    out, outside = tmp_path / "out", tmp_path / "outside.csv"
    outside.write_text("mine", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "own.csv").write_text("mine", encoding="utf-8")
    recorded(out, "a.csv")
    (out / "linked.csv").symlink_to(outside)
    (out / "way").symlink_to(tmp_path / "elsewhere")
    names = [
        "../outside.csv",
        str(outside),
        "linked.csv",
        "way/own.csv",
        "a.csv/..",
        "./a.csv",
        "",
        ".",
        "C:\\a",
    ]
    files = {name: file_digest(outside) for name in names}
    from geo.files.record import _seal

    written = {"by": "geo run", "files": files, "seal": _seal("geo run", files)}
    (out / "manifest.json").write_text(json.dumps({"written": written}), encoding="utf-8")
    assert found(out).names == {"manifest.json"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", '{"written": 7}', '{"written": {"by": "geo run", "files": [], "seal": ""}}', "[" * 9999],
)
def test_what_is_no_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    assert found(tmp_path) == Earlier()


def test_a_geopackage_that_was_only_looked_at_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "coverage.gpkg"
    with sqlite3.connect(path) as base:
        base.execute("create table zones (name text)")
    base.close()
    before, raw = file_digest(path), path.read_bytes()
    base = sqlite3.connect(path)
    base.execute("pragma journal_mode = wal")  # as QGIS opens it
    base.execute("select * from zones").fetchall()
    base.execute("pragma journal_mode = delete")  # and closes it
    base.close()
    assert path.read_bytes() != raw
    assert file_digest(path) == before
    with sqlite3.connect(path) as base:
        base.execute("insert into zones values ('mine')")
    base.close()
    assert file_digest(path) != before


def test_an_input_is_known_by_whatever_name_it_has(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in ("roads.shp", "Depots.csv", "other.csv"):
        (data / name).write_text(name, encoding="utf-8")
    (data / "base.gdb").mkdir()
    (tmp_path / "link.csv").symlink_to(data / "Depots.csv")
    os.link(data / "Depots.csv", tmp_path / "hard.csv")
    (tmp_path / "way").symlink_to(data)
    inputs = InputFiles.of(
        [data / "roads.shp", tmp_path / "way" / "Depots.csv", data / "base.gdb", data / "none"]
    )
    held = [
        "data/Depots.csv",
        "link.csv",
        "hard.csv",
        "way/roads.shp",
        "data/base.gdb/a.csv",
        "data/depots.CSV",
    ]
    assert [name for name in held if not inputs.hold(tmp_path / name)] == []
    assert not inputs.hold(data / "other.csv")
    assert not inputs.hold(data / "new.csv")
    assert inputs.hold_folder(data / "base.gdb")
    assert not inputs.hold_folder(data)


def test_no_folder_that_holds_inputs_is_taken_unasked(tmp_path: Path) -> None:
    (tmp_path / "stations.csv").touch()
    inputs = InputFiles.of([tmp_path / "stations.csv"])
    with pytest.raises(FileError, match=r"holds 1 input files .*stations\.csv.* --force-folder") as caught:
        require(tmp_path, "depots.csv", inputs=inputs)
    assert "输入文件" in caught.value.say("zh")
    require(tmp_path, "depots.csv", inputs=inputs, is_forced=True)
    with pytest.raises(FileError, match=r"stations\.csv cannot be written"):
        require(tmp_path, "stations.csv", inputs=inputs, is_forced=True)


def test_a_result_that_is_read_as_an_input_now_is_not_replaced(tmp_path: Path) -> None:
    recorded(tmp_path, "sites.csv", "map.html")
    inputs = InputFiles.of([tmp_path / "sites.csv"])
    assert found(tmp_path, inputs=inputs).inputs == ("sites.csv",)
    with pytest.raises(FileError, match=r"sites\.csv is an input of this study"):
        require(tmp_path, "sites.csv", inputs=inputs, is_forced=True)


def test_a_folder_with_files_of_others_is_refused_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "notes.docx").touch()
    (tmp_path / "photos").mkdir()
    require(tmp_path / "photos", "map.html")
    (tmp_path / "photos" / "a.jpg").touch()
    with pytest.raises(FileError, match=r"holds 2 entries .*notes\.docx, photos"):
        require(tmp_path, "map.html")
    require(tmp_path, "map.html", is_forced=True)
    with pytest.raises(FileError, match=r"NOTES\.docx|notes\.docx cannot be written"):
        require(tmp_path, "NOTES.docx", is_forced=True)


def test_what_systems_leave_in_folders_and_other_results_do_not_count(tmp_path: Path) -> None:
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "~$tables.xlsx"):
        (tmp_path / name).touch()
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    recorded(tmp_path / "sites", "map.html", by="geo site")
    require(tmp_path, "map.html")


def test_own_files_beside_the_results_of_an_earlier_run_are_no_reason_to_refuse(tmp_path: Path) -> None:
    recorded(tmp_path, "map.html")
    (tmp_path / "notes.docx").touch()
    require(tmp_path, "map.html", "manifest.json")


def test_results_of_another_command_are_not_replaced(tmp_path: Path) -> None:
    recorded(tmp_path, "map.html", by="geo site")
    for is_forced in (False, True):
        with pytest.raises(FileError, match="holds results of `geo site`"):
            require(tmp_path, "map.html", is_forced=is_forced)


def test_nothing_goes_through_a_link_or_into_an_input(tmp_path: Path) -> None:
    recorded(tmp_path / "out", "map.html")
    (tmp_path / "mine").mkdir()
    (tmp_path / "out" / "scenarios").symlink_to(tmp_path / "mine")
    for name in ("scenarios/", "scenarios/1/map.html"):
        with pytest.raises(FileError, match=r"scenarios.* cannot be written"):
            require(tmp_path / "out", name)
    (tmp_path / "base.gdb").mkdir()
    inputs = InputFiles.of([tmp_path / "base.gdb"])
    with pytest.raises(FileError, match="is an input of this study, or lies in one"):
        require(tmp_path / "base.gdb" / "out", "map.html", inputs=inputs)


def test_a_geopackage_that_is_open_elsewhere_is_not_replaced(tmp_path: Path) -> None:
    recorded(tmp_path, "coverage.gpkg")
    (tmp_path / "coverage.gpkg-wal").touch()
    with pytest.raises(FileError, match=r"open in another program.* coverage\.gpkg-wal"):
        require(tmp_path, "coverage.gpkg")


def test_a_disk_without_numbers_of_files_does_not_make_all_of_them_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On some network disks each file has the number 0; inputs are then known by their names."""
    for name in ("input.csv", "other.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    look = os.stat

    def unnumbered(path: Any, *args: Any, **options: Any) -> os.stat_result:
        state = list(look(path, *args, **options))
        state[1] = 0
        return os.stat_result(state)

    monkeypatch.setattr(os, "stat", unnumbered)
    inputs = InputFiles.of([tmp_path / "input.csv"])
    assert inputs.hold(tmp_path / "input.csv")
    assert inputs.hold(tmp_path / "INPUT.CSV")
    assert not inputs.hold(tmp_path / "other.csv")


@pytest.mark.parametrize(
    "name", ["nul", "COM1.csv", "aux.tar.gz", "lpt¹", "a.csv.", "a.csv ", "con/a.csv", "c:a.csv"]
)
def test_a_record_leads_to_no_device_and_no_second_name_of_a_file(tmp_path: Path, name: str) -> None:
    """What Windows takes for a device, or for a file without the dot or blank at the end."""
    recorded(tmp_path, "a.csv", name)
    assert found(tmp_path).names == {"manifest.json", "a.csv"}
