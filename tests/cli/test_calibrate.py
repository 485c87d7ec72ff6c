"""``geo calibrate`` as a planner runs it: from a file of calls to a study that drives by it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from geo.study import read_inputs, read_study
from geo.words import data_dir
from tests.conftest import Run
from tests.study.recorded import Drawn, drawn_rows

HEADERS = {
    "call_id": "警情编号",
    "station_id": "出动站",
    "called_at": "报警时间",
    "dispatched_at": "出动指令时间",
    "left_at": "出发时间",
    "arrived_at": "到场时间",
    "back_at": "归队时间",
    "lon": "经度",
    "lat": "纬度",
}


def write_study(folder: Path, n: int) -> Path:
    """Copy the sample with calls as a dispatch system exports them, and give its study file."""
    shutil.copytree(data_dir() / "sample", folder)
    study = read_study(folder / "study.toml")
    inputs = read_inputs(study)
    rows = drawn_rows(study, inputs, n, Drawn(), seed=2)
    at = rows.to_crs(4326).geometry
    table = pd.DataFrame(rows.drop(columns="geometry")).assign(lon=at.x.round(6), lat=at.y.round(6))
    table["station_id"] = table["station_id"].map(inputs.facilities["name"])
    table.rename(columns=HEADERS).to_csv(folder / "calls.csv", index=False, encoding="utf-8-sig")
    file = folder / "study.toml"
    calls = '\n[[calls]]\npath = "calls.csv"\ncrs = "EPSG:4326"\n'
    file.write_text(file.read_text(encoding="utf-8") + calls, encoding="utf-8")
    return file


@pytest.mark.thorough
def test_calls_become_the_speeds_of_the_study(command: Run, tmp_path: Path) -> None:
    study = write_study(tmp_path / "d", 500)
    folder = study.parent / "calibrated"
    code, told, err = command("calibrate", study)
    assert (code, err) == (0, "")
    assert "95% 区间" in told
    lines = told[told.index("[roads]") :].split("\n")
    assert 'profile = "calibrated/speeds.toml#measured"' in lines
    assert 'standard = "calibrated/response.toml#measured"' in lines

    code, told, _ = command("calibrate", folder / "manifest.json", "--lang", "en")
    assert code == 0
    assert "Replayed" in told
    again = pd.read_csv(folder / "replay" / "calibrated.csv", encoding="utf-8-sig")
    assert again["state"].iloc[0] in ("measured", "together", "rare", "unsure")

    # what the planner changed is kept, and a file of somebody else is not replaced
    speeds = folder / "speeds.toml"
    speeds.write_text(speeds.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    assert command("calibrate", study, "-q")[0] == 0
    (edited,) = folder.glob("speeds?*.toml")
    assert "# mine" in edited.read_text(encoding="utf-8")
    other = tmp_path / "other"
    other.mkdir()
    (other / "speeds.toml").write_text("mine", encoding="utf-8")
    code, _, err = command("calibrate", study, "--out", other, "--lang", "zh")
    assert code == 1
    assert "speeds.toml" in err
    assert [path.name for path in other.iterdir()] == ["speeds.toml"]

    text = study.read_text(encoding="utf-8")
    for old, new in (
        ('profile = "fire_engine"', 'profile = "calibrated/speeds.toml#measured"'),
        ('standard = "dispatch-5min"', 'standard = "calibrated/response.toml#measured"'),
    ):
        assert old in text
        text = text.replace(old, new)
    study.write_text(text, encoding="utf-8")
    code, told, _ = command("run", study)
    assert code in (0, 3)
    assert "实测（measured）" in told
    summary = json.loads((study.parent / "out" / "summary.json").read_text(encoding="utf-8"))
    assert "起警情记录（calls.csv）" in summary["standard"]["source"]
    page = (study.parent / "out" / "map.html").read_text(encoding="utf-8")
    assert "起警情记录（calls.csv）（实测）" in page
    before = speeds.read_bytes()
    code, _, err = command("calibrate", study, "--lang", "zh")
    assert code == 1
    assert "本研究正在使用" in err
    assert speeds.read_bytes() == before


def test_without_calls_the_way_is_told(command: Run, tmp_path: Path) -> None:
    code, _, err = command("calibrate", "sample", "--lang", "zh", "--out", tmp_path / "out")
    assert code == 1
    assert "[[calls]]" in err
    assert not (tmp_path / "out").exists()
