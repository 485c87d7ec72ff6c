"""``geo simulate`` as a planner runs it: all files or none, the same numbers again, faults in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo.outputs import SIMULATED_FILES
from tests.conftest import Run
from tests.studies import changed, write_study, write_town

AVAILABILITY = {"calls_per_year_per_10000": 4000.0, "years": 0.1, "runs": 4}


def town(folder: Path, lang: str = "en", **changes: Any) -> Path:
    """Write the town with two scenarios and give its study file."""
    scenarios = [
        {"name": "built", "build": ["P"]},
        {"name": "closed", "close_roads": [{"name": "Side Road"}]},
    ]
    study = {"name": "T", "lang": lang}
    asked = {"availability": AVAILABILITY, "scenarios": scenarios, "study": study, **changes}
    return write_study(folder, changed(write_town(folder), **asked))


def test_a_simulation_writes_all_and_is_simulated_again(command: Run, tmp_path: Path) -> None:
    study, out = town(tmp_path), tmp_path / "out"
    code, told, _ = command("simulate", study, "--out", out)
    assert code in (0, 3)
    # the town has no records, no types of call and no kinds of engine
    others = {
        name for name in SIMULATED_FILES if any(word in name for word in ("recorded", "type", "engine"))
    }
    assert len(others) == 8
    assert {path.name for path in out.iterdir()} == set(SIMULATED_FILES) - others
    assert "95 % interval" in told
    figures = pd.read_csv(out / "simulated.csv", encoding="utf-8-sig")
    assert set(figures["scenario_name"]) == {"today", "built", "closed"}
    code, told, _ = command("simulate", out / "manifest.json")
    assert code in (0, 3)
    assert "Replayed" in told
    for name in ("simulated.csv", "simulated_places.csv", "summary.json"):
        assert (out / "replay" / name).read_bytes() == (out / name).read_bytes()


def test_options_replace_the_settings_and_are_kept(command: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("--scenario", "built", "--runs", 2, "--seed", 9, "--years", 0.05, "--quiet")
    code, told, _ = command("simulate", town(tmp_path), "--out", out, *words)
    assert (code in (0, 3), told) == (True, "")
    settings = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["settings"]
    kept = {name: settings["availability"][name] for name in ("runs", "seed", "years")}
    assert kept == {"runs": 2, "seed": 9, "years": 0.05}
    assert [scenario["name"] for scenario in settings["scenarios"]] == ["built"]


@pytest.mark.parametrize(
    ("words", "zh"),
    [
        (("--scenario", "nowhere"), "nowhere"),
        (("--runs", "0"), "runs"),
        (("--years", "-1"), "years"),
    ],
)
def test_a_wrong_option_is_told_and_nothing_is_written(
    command: Run, tmp_path: Path, words: tuple[str, ...], zh: str
) -> None:
    out = tmp_path / "out"
    code, told, err = command("simulate", town(tmp_path, "zh"), "--out", out, *words, "--lang", "zh")
    assert code == 1
    assert zh in told + err
    assert not out.exists()


def test_results_of_a_run_are_not_overwritten(command: Run, tmp_path: Path) -> None:
    study, out = town(tmp_path, scenarios=None), tmp_path / "out"
    assert command("run", study, "--out", out, "--quiet")[0] in (0, 3)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    code, _, err = command("simulate", study, "--out", out)
    assert code == 1
    assert "geo run" in err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_without_the_section_the_way_out_is_told(command: Run, tmp_path: Path) -> None:
    code, _, err = command("simulate", town(tmp_path, "zh", availability=None), "--lang", "zh")
    assert code == 1
    assert "calls_per_year_per_10000" in err


def test_the_run_prints_calls_in_time_with_engines_out(command: Run, tmp_path: Path) -> None:
    study = town(tmp_path, "zh", scenarios=None)
    _, told, _ = command("run", study, "--out", tmp_path / "out")
    assert "车辆可能在外" in told
    _, told, _ = command("check", study)
    assert "[availability]" in told
    assert "假定" in told
