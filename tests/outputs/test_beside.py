"""What is made of a finished run beside its results: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo.errors import InputError
from geo.outputs import FinishedRun, write_atlas, write_report
from geo.study import Study
from tests.outputs.odd_towns import finish
from tests.studies import town_study


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[FinishedRun, Study]:
    folder = tmp_path_factory.mktemp("town")
    study = town_study(folder, study={"lang": "zh"})
    return finish(study, folder / "out"), study


@pytest.mark.parametrize(("write", "name"), [(write_atlas, "atlas"), (write_report, "report")])
def test_a_missing_face_is_told_and_nothing_is_written(
    town: tuple[FinishedRun, Study],
    write: Callable[..., dict[str, Path]],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class NoFaces:
        def families(self) -> list[str]:
            return ["Libertinus Serif", "DejaVu Sans"]

    monkeypatch.setattr("geo.outputs.paper.fonts.system_fonts", NoFaces)
    run, study = town
    with pytest.raises(InputError, match="fonts-noto-cjk"):
        write(run, study, now=datetime(2026, 11, 29, tzinfo=UTC))
    assert not list(run.folder.glob(f"{name}*"))
