"""Disks that are full, may not be written or go away: one message, the earlier results as they were."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import geo
from geo.errors import FileError
from geo.outputs import write_outputs
from geo.study import StudyResult, run_study
from tests.conftest import Run
from tests.faults.test_kept_files import hashes, study
from tests.studies import town_study

pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return run_study(town_study(tmp_path_factory.mktemp("town")))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 3 MB: the results of the town fit once, not twice."""
    home = tmp_path / "disk"
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(home)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    try:
        yield home
    finally:
        subprocess.run(["umount", "-l", str(home)], check=False)


def test_on_a_full_disk_the_earlier_results_stay(town: StudyResult, small_disk: Path) -> None:
    write_outputs(town, small_disk / "out")
    before = hashes(small_disk / "out")
    size = sum(path.stat().st_size for path in (small_disk / "out").rglob("*"))
    n_full = 0
    for share in (0.05, 0.3, 0.6, 0.9, 0.98):
        room = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        (small_disk / "filler").write_bytes(bytes(max(0, int(room - (1 - share) * size))))
        try:
            write_outputs(town, small_disk / "out")
        except FileError:
            n_full += 1
        assert hashes(small_disk / "out") == before
        (small_disk / "filler").unlink()
    assert n_full >= 3
    write_outputs(town, small_disk / "out")


@pytest.mark.parametrize("limit", [0, 2_000, 30_000, 200_000])
def test_files_that_may_not_grow_end_a_run_with_one_message(tmp_path: Path, limit: int) -> None:
    resource = pytest.importorskip("resource")
    path = study(tmp_path)
    env = os.environ | {"PYTHONPATH": str(Path(geo.__file__).parents[1])}
    before = hashes(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "geo", "run", str(path), "--quiet"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert "cannot be written" in done.stderr
    left = hashes(tmp_path)
    assert {name: left[name] for name in before} == before
    assert [name for name in left if name not in before] == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may write anywhere")
def test_a_folder_that_may_not_be_written_is_told_before_the_run(
    command: Run,
    tmp_path: Path,
) -> None:
    path = study(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o500)
    code, _, err = command("run", path)
    assert (code, "read-only" in err) == (1, True)


@pytest.mark.parametrize("out", ["out", "new", "new/out"])
def test_a_disk_that_is_mounted_read_only_is_told_before_the_run(
    command: Run,
    small_disk: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    out: str,
) -> None:
    path = study(tmp_path / "town")
    (small_disk / "out").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    monkeypatch.setattr("geo.study.run_study", lambda *args, **options: pytest.fail("computed"))
    code, _, err = command("run", path, "--out", small_disk / out)
    assert (code, "cannot be written: Read-only file system" in err) == (1, True)


def test_a_folder_that_goes_during_the_run_is_made_again(town: StudyResult, tmp_path: Path) -> None:
    write_outputs(town, tmp_path / "out")

    def remove(step: object) -> None:
        shutil.rmtree(tmp_path / "out", ignore_errors=True)

    with contextlib.suppress(FileError):
        write_outputs(town, tmp_path / "out", step=remove)
    found = hashes(tmp_path)
    assert not found or {"out/manifest.json", "out/map.html"} <= set(found)
    write_outputs(town, tmp_path / "out")
    assert {"manifest.json", "map.html"} <= set(os.listdir(tmp_path / "out"))
