"""Counties run: to the byte what ``geo run`` writes, whatever happens to others, to workers, to the batch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pytest

from geo.batch import (
    BatchOptions,
    CountyEnd,
    CountyTask,
    Workers,
    hold_folder,
    read_batch,
    run_batch,
    run_county,
)
from geo.batch import cluster as clusters
from geo.batch import run as running
from geo.batch.cluster import LEAST_MB, default_workers, require_dask, starting_workers
from geo.batch.standing import is_done
from geo.errors import FileError, GeoError, InputError, StudyError
from tests.batch.small import write_studies
from tests.conftest import Run

pytestmark = [pytest.mark.study, pytest.mark.thorough]


def task_of(file: Path) -> CountyTask:
    job = read_batch([file]).jobs[0]
    return CountyTask(job.code, str(job.study), str(job.folder))


def files_in(folder: Path) -> dict[str, bytes]:
    names = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in names}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, CountyEnd], list[Any]]:
    """Run three counties on two workers, one of which has no people file."""
    folder = tmp_path_factory.mktemp("province")
    files = write_studies(folder, ["a", "b", "c"])
    (folder / "people-b.csv").unlink()
    told: list[Any] = []
    batch = read_batch(files, out=folder / "sum")
    ends = run_batch(batch, BatchOptions(workers=2, memory_mb=2_000), tell=told.append)
    return folder, ends, told


def test_a_county_that_cannot_be_run_stops_no_other(
    ran: tuple[Path, dict[str, CountyEnd], list[Any]],
) -> None:
    folder, ends, told = ran
    assert {code: end.state for code, end in ends.items()} == {"a": "done", "b": "refused", "c": "done"}
    assert "people-b.csv" in str(ends["b"].error)
    assert [(step.n, step.n_all) for step in told] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert told[-1].left_s == 0
    assert all(100 < ends[code].peak_mb < 2_000 and ends[code].cpu_s > 0 for code in "ac")
    assert not (folder / "out-b").exists()


def test_results_are_to_the_byte_those_of_geo_run(
    ran: tuple[Path, dict[str, CountyEnd], list[Any]], command: Run
) -> None:
    folder, _, _ = ran
    before = files_in(folder / "out-a")
    assert "map.html" in before
    assert command("run", folder / "a.toml", "-q")[0] in (0, 3)
    assert files_in(folder / "out-a") == before


def test_only_what_is_not_done_is_run_again(ran: tuple[Path, dict[str, CountyEnd], list[Any]]) -> None:
    folder, _, _ = ran
    tasks = [task_of(folder / f"{code}.toml") for code in "abc"]
    assert [is_done(task) for task in tasks] == [True, False, True]
    people = folder / "people-c.csv"
    kept = people.read_bytes()
    people.write_bytes(kept.replace(b"103", b"104"))
    assert not is_done(tasks[2])
    people.write_bytes(kept)
    os.utime(people)
    assert is_done(tasks[2])
    assert not is_done(replace(tasks[2], lang="zh"))
    (folder / "out-c" / "zones.csv").write_text("edited", encoding="utf-8")
    assert not is_done(tasks[2])
    assert run_county(tasks[2]).state == "done"
    assert is_done(tasks[2])


def test_a_side_file_that_came_since_is_read_by_a_new_run(tmp_path: Path) -> None:
    (file,) = write_studies(tmp_path, ["a"])
    gpd.read_file(tmp_path / "roads.geojson").to_file(tmp_path / "roads.shp")
    (tmp_path / "roads.cpg").unlink()
    text = file.read_text(encoding="utf-8").replace("roads.geojson", "roads.shp")
    file.write_text(text, encoding="utf-8")
    task = task_of(file)
    assert run_county(task).state == "done"
    assert is_done(task)
    (tmp_path / "roads.cpg").write_text("GBK", encoding="ascii")
    assert not is_done(task)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with starting_workers(Workers(2, 2_000)) as started:
        yield started


def test_a_lost_worker_takes_no_county_with_it(client: Any, tmp_path: Path) -> None:
    tasks = [task_of(file) for file in write_studies(tmp_path, ["a", "b", "c", "d"])]
    ends: list[CountyEnd] = []
    pids = client.run(os.getpid)

    def kill_one() -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            busy = [worker for worker, keys in client.processing().items() if keys]
            if busy:
                os.kill(pids[busy[0]], signal.SIGKILL)
                return
            time.sleep(0.02)

    killer = threading.Thread(target=kill_one)
    killer.start()
    running._hand_out(client, tasks, ends.append)
    killer.join()
    assert {end.code: end.state for end in ends} == dict.fromkeys("abcd", "done")
    assert not set(pids.values()) <= set(client.run(os.getpid).values())


def test_nothing_listens_beyond_this_machine(client: Any) -> None:
    import psutil

    own = psutil.Process()
    processes = [own, *own.children(recursive=True)]
    listening = [
        line.laddr.ip
        for process in processes
        for line in process.net_connections(kind="inet")
        if line.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}


@pytest.fixture
def open_scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the address of a cluster of two workers whose lines anybody on this machine may read."""
    monkeypatch.setattr(clusters, "_own_security", lambda: None)
    with starting_workers(Workers(2, 2_000)) as own:
        address = str(own.scheduler.address)
        assert address.startswith("tcp://127.0.0.1:")
        yield address


def test_a_scheduler_is_used_by_its_address(open_scheduler: str, tmp_path: Path) -> None:
    address = open_scheduler
    with starting_workers(Workers(1, 2_000, scheduler=address), seen=__file__) as other:
        assert len(other.scheduler_info(n_workers=-1)["workers"]) == 2
    gone = starting_workers(Workers(1, 2_000, scheduler=address), seen=str(tmp_path / "gone"))
    with pytest.raises(StudyError, match="do not see the folder"), gone:
        pass


def test_a_scheduler_that_does_not_answer_is_told() -> None:
    nobody = starting_workers(Workers(1, 2_000, scheduler="nonsense://127.0.0.1:1"))
    with pytest.raises(StudyError, match=r"nonsense://127.0.0.1:1 does not answer"), nobody:
        pass


def test_a_killed_batch_goes_on_where_it_stopped(tmp_path: Path, command: Run) -> None:
    files = write_studies(tmp_path, ["a", "b", "c"])
    words = [sys.executable, "-m", "geo", "batch", *map(str, files), "--out", str(tmp_path / "sum")]
    process = subprocess.Popen([*words, "--workers", "1"], stderr=subprocess.PIPE)
    import psutil

    until = time.monotonic() + 300
    while not (tmp_path / "out-a" / "manifest.json").exists() and time.monotonic() < until:
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    before = files_in(tmp_path / "out-a")
    stamp = (tmp_path / "out-a" / "manifest.json").stat().st_mtime_ns
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive
    code, out, err = command("batch", *files, "--out", tmp_path / "sum", "--workers", "1")
    assert code in (0, 3), err
    assert "3 counties" in out
    assert "counties done before, or that cannot be run: 1" in err
    assert (tmp_path / "out-a" / "manifest.json").stat().st_mtime_ns == stamp
    assert files_in(tmp_path / "out-a") == before
    assert (tmp_path / "sum" / "map.html").is_file()
    assert command("batch", *files, "--out", tmp_path / "sum")[0] in (0, 3)


def test_the_second_batch_into_a_folder_is_told(tmp_path: Path) -> None:
    folder, second = tmp_path / "sum", hold_folder(tmp_path / "sum")
    with hold_folder(folder), pytest.raises(FileError, match="another geo batch"), second:
        pass
    with hold_folder(folder):
        assert folder.is_dir()


def test_what_the_machine_stopped_is_tried_once_more_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[tuple[Workers, list[str]]] = []

    @contextmanager
    def start(workers: Workers, seen: str = "") -> Iterator[Any]:
        yield workers

    def hand_out(workers: Any, tasks: Any, note: Any) -> None:
        rounds.append((workers, [task.code for task in tasks]))
        states = {"a": "done", "b": "refused", "c": "failed", "d": "lost"}
        for task in tasks:
            note(CountyEnd(task.code, states[task.code] if len(rounds) == 1 else "done"))  # type: ignore[arg-type]

    monkeypatch.setattr(running, "starting_workers", start)
    monkeypatch.setattr(running, "_hand_out", hand_out)
    tasks = [CountyTask(code, "", "") for code in "abcd"]
    ends = running._run_all(tasks, Workers(4, 700), lambda progress: None)
    assert [codes for _, codes in rounds] == [["a", "b", "c", "d"], ["c"], ["d"]]
    assert (rounds[1][0].n, rounds[1][0].memory_mb) == (1, 2_800)
    assert {code: end.state for code, end in ends.items()} == {
        "a": "done",
        "b": "refused",
        "c": "done",
        "d": "done",
    }


def test_where_no_worker_starts_again_the_first_end_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[Workers] = []

    @contextmanager
    def start(workers: Workers, seen: str = "") -> Iterator[Any]:
        starts.append(workers)
        if len(starts) > 1:
            raise StudyError("the scheduler does not answer")
        yield workers

    def hand_out(workers: Any, tasks: Any, note: Any) -> None:
        note(CountyEnd("a", "done"))
        note(CountyEnd("b", "lost"))

    monkeypatch.setattr(running, "starting_workers", start)
    monkeypatch.setattr(running, "_hand_out", hand_out)
    tasks = [CountyTask(code, "", "") for code in "ab"]
    ends = running._run_all(tasks, Workers(2, 700, scheduler="tcp://a:1"), lambda progress: None)
    assert {code: end.state for code, end in ends.items()} == {"a": "done", "b": "lost"}
    assert len(starts) == 2


def test_counties_of_one_code_in_two_batches_do_not_meet() -> None:
    keys: list[Any] = []

    class Client:
        loop = None

        def submit(self, function: Any, task: CountyTask, **options: Any) -> Any:
            keys.append(options.get("key"))
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            running._hand_out(Client(), [CountyTask("a", "", "")], lambda end: None)
    assert keys == [None, None]  # then the library makes a name that nothing else bears


def test_a_county_that_was_done_keeps_its_faults(tmp_path: Path) -> None:
    (file,) = write_studies(tmp_path, ["a"])
    with (tmp_path / "people-a.csv").open("a", encoding="utf-8") as people:
        people.write("v9,121.001,31.0,many\n")
    first = run_batch(read_batch([file]), BatchOptions(workers=1, memory_mb=2_000))["a"]
    again = run_batch(read_batch([file]), BatchOptions(workers=1, memory_mb=2_000))["a"]
    assert (first.state, again.state) == ("done", "kept")
    assert first.n_faults == again.n_faults > 0


def test_a_county_whose_worker_went_away_each_time_says_so() -> None:
    from distributed import KilledWorker

    def result() -> None:
        raise KilledWorker("county-a", SimpleNamespace(address="tcp://127.0.0.1:5"), 1)

    end = running._end_of(SimpleNamespace(result=result), CountyTask("a", "", ""))
    assert (end.state, end.worker) == ("lost", "tcp://127.0.0.1:5")
    assert "went away 2 times" in str(end.error)


def test_what_no_study_foresees_is_told_with_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(write_studies(tmp_path, ["a"])[0])
    import geo.study

    def fail(*words: Any, **options: Any) -> None:
        raise ZeroDivisionError("never")

    monkeypatch.setattr(geo.study, "run_study", fail)
    end = run_county(task)
    assert (end.state, end.error and end.error.key) == ("failed", "batch.own_fault")
    assert "ZeroDivisionError: never" in (tmp_path / "last-error.txt").read_text(encoding="utf-8")
    for error, key in ((MemoryError(), "batch.memory"), (OSError(28, "full"), "batch.system")):
        monkeypatch.setattr(
            geo.study, "run_study", lambda *_, error=error, **__: (_ for _ in ()).throw(error)
        )
        stopped = run_county(task)
        assert (stopped.state, stopped.error and stopped.error.key) == ("failed", key)


def test_workers_are_as_many_as_cores_counties_and_memory_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "machine_mb", lambda: 10_000.0)
    monkeypatch.setattr(clusters, "_cores", lambda: 8)
    assert default_workers(None, None, 100) == Workers(8, 1_000)
    assert default_workers(None, 4_000, 100) == Workers(2, 4_000)
    assert default_workers(None, None, 3).n == 3
    assert default_workers(20, None, 100) == Workers(20, 400)
    assert default_workers(None, 9_999, 5).n == 1
    with pytest.raises(InputError, match="at least 600 MB"):
        default_workers(1, LEAST_MB - 1, 1)


def test_a_missing_library_is_told_with_the_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(GeoError, match=r"emergency-geo\[batch\]"):
        require_dask()


def test_an_address_beyond_this_machine_is_open_unless_it_is_encrypted() -> None:
    def is_open(address: str) -> bool:
        return Workers(1, 1, scheduler=address).is_open

    assert is_open("tcp://10.0.0.5:8786")
    assert not is_open("tls://10.0.0.5:8786")
    assert not is_open("tcp://127.0.0.1:8786")
    assert not is_open("")
