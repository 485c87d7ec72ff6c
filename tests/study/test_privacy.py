"""What is made of records of calls holds counts and squares: all files of all commands, and the live page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.errors import GeoError
from geo.outputs import (
    open_finished,
    write_atlas,
    write_calibration,
    write_outputs,
    write_report,
    write_simulation,
)
from geo.serve.frames import read_frame
from geo.serve.live_study import open_study
from geo.serve.page import page_files
from geo.serve.self_test import running, talk_to
from geo.serve.start import serving
from geo.study import Study, calibrate_study, run_study, simulate_study
from tests.outputs.report.reading import require_chinese_face
from tests.studies import EAST, NORTH
from tests.study.recorded_calls import SECRET_AT, secret_study, secrets, texts

NOW = datetime(2026, 11, 29, tzinfo=UTC)
AVAILABILITY = {"calls_per_year_per_10000": 60.0, "service_min": 60.0, "crews": 1, "years": 0.1, "runs": 2}


def asked(folder: Path) -> Study:
    return secret_study(
        folder,
        availability=AVAILABILITY,
        uncertainty={"draws": 3},
        scenarios=[{"name": "built", "build": ["P"]}],
        atlas={"formats": ["pdf", "svg"]},
    )


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write all that the commands make of a study with records of calls, into one folder."""
    require_chinese_face()
    folder = tmp_path_factory.mktemp("privacy")
    study, out = asked(folder), folder / "results"
    write_outputs(run_study(study), out)
    run = open_finished(study, out)
    assert run is not None
    write_report(run, study, now=NOW)
    write_atlas(run, study, now=NOW)
    write_simulation(simulate_study(study), out / "simulated")
    try:
        write_calibration(calibrate_study(study), out / "calibrated")
    except GeoError as error:  # ten trips tell no speeds
        (out / "calibrated.txt").write_text(f"{error.say('zh')} {error.say('en')}", encoding="utf-8")
    return out


def found(read: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    words = secrets()
    return {name: told for name, text in read if (told := [word for word in words if word in text])}


def test_no_file_of_any_command_holds_a_call(everything: Path) -> None:
    names = {path.name for path in everything.rglob("*")}
    assert {"report.pdf", "report.docx", "report.html", "atlas.pdf", "01-overview.svg"} <= names
    assert {"simulated.xlsx", "simulated_recorded.csv"} <= names
    assert [name for name in names if name.startswith("calibrated")]
    assert found(texts(everything)) == {}
    calls = everything.with_name("calls.csv").read_text(encoding="utf-8")
    assert {"SECRET", "PLATE77", "HOUSE", "2019-07-13", "77:77"} <= set(found(iter([("", calls)]))[""])


def test_the_chapter_of_calls_is_there_with_counts(everything: Path) -> None:
    """Else the search above would find nothing because nothing is told."""
    read = dict(texts(everything))
    assert "Errors of the model" in read["report.html"]
    assert "Errors of the model" in read["report.pdf"]
    assert "rows by hour of leaving are in tables.xlsx" in read["report.html"]
    assert "Hour of leaving" not in read["report.html"]  # as the cells of the workbook say it


def test_the_live_page_is_told_nothing_of_calls(tmp_path: Path) -> None:
    live = open_study(asked(tmp_path))
    told: list[tuple[str, str]] = [
        (name, content.decode("utf-8")) for name, (content, _) in page_files(live).items()
    ]
    calls = np.array([[EAST + SECRET_AT[0] + i, NORTH + SECRET_AT[1]] for i in range(9)])
    with serving(live, tmp_path / "live", port=0) as (server, made), running(made), talk_to(server) as line:
        header: dict[str, Any] = {}
        while header.get("kind") != "hello":
            frame = line.recv(timeout=300)
            assert isinstance(frame, bytes)
            header, arrays = read_frame(frame)
            told.append((str(header["kind"]), frame.decode("utf-8", "replace")))
            for name, values in arrays.items():
                pairs = np.asarray(values, dtype=float)[: len(values) // 2 * 2].reshape(-1, 2)
                for at in calls:
                    assert not (np.abs(pairs - at) < 0.6).all(axis=1).any(), name
    assert len(told) > 5
    assert found(iter(told)) == {}
