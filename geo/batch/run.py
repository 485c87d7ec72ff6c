"""A batch run: counties handed to workers, lost workers outlived, what failed tried once more alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from geo.batch.cluster import Workers, default_workers, require_dask, starting_workers
from geo.batch.county import CountyEnd, CountyTask, lost_county, run_county
from geo.batch.jobs import Batch, Job
from geo.batch.standing import is_done, kept_end
from geo.errors import FileError, GeoError
from geo.files import holding_lock
from geo.messages import Message
from geo.words import Lang

__all__ = ["BatchOptions", "Progress", "hold_folder", "run_batch"]

_RETRIED: Final = ("failed", "lost")
"""Ends after which a county is tried once more: another time, alone, may end otherwise."""
_LOCK: Final = ".batch.lock"


@dataclass(frozen=True)
class BatchOptions:
    """How a batch is run.

    Parameters
    ----------
    workers : int or None
        Worker processes on this machine; one a core when missing.
    memory_mb : float or None
        Bound of each.
    scheduler : str
        Address of a scheduler of dask.distributed in place of own workers.
    tls : tuple of str
        Authority, certificate and key for it.
    lang, field_names : str or None
        As for ``geo run``.
    again : bool
        Run counties that are done as well.
    force_folder : bool
        As for ``geo run``.
    """

    workers: int | None = None
    memory_mb: float | None = None
    scheduler: str = ""
    tls: tuple[str, ...] = ()
    lang: Lang | None = None
    field_names: Lang | None = None
    again: bool = False
    force_folder: bool = False


@dataclass(frozen=True)
class Progress:
    """Where a batch stands.

    Parameters
    ----------
    n, n_all : int
        Counties that have ended, and all that are run.
    left_s : float
        Seconds that the others will take at the pace until now; nan before one has ended.
    end : CountyEnd or None
        That which ended last.
    """

    n: int
    n_all: int
    left_s: float = float("nan")
    end: CountyEnd | None = None


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold the folder of a batch while it runs.

    Raises
    ------
    FileError
        Another batch runs into it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = holding_lock(folder / _LOCK)
    try:
        lock.__enter__()
    except BlockingIOError as error:
        raise FileError(Message("batch.busy", {"folder": folder})) from error
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def run_batch(
    batch: Batch,
    options: BatchOptions,
    *,
    tell: Callable[[Progress], None] = lambda progress: None,
    before: Callable[[Workers, int], None] = lambda workers, n_kept: None,
) -> dict[str, CountyEnd]:
    """Run every county that is not done yet.

    Parameters
    ----------
    batch : Batch
        The counties.
    options : BatchOptions
        By whom and how.
    tell : callable
        Told each county as it ends.
    before : callable
        Told once who will compute, and how many counties are done already.

    Returns
    -------
    dict of str to CountyEnd
        How each county ended, by code, in their order.

    Raises
    ------
    GeoError
        dask.distributed is missing, a scheduler does not answer or its workers run another program.
    """
    ends = {job.code: CountyEnd(job.code, "refused", error=_why(job)) for job in batch.jobs if job.error}
    tasks = {job.code: _task(job, options) for job in batch.jobs if not job.error}
    if not options.again:
        ends |= {code: kept_end(task) for code, task in tasks.items() if is_done(task)}
    left = [task for code, task in tasks.items() if code not in ends]
    if left:
        require_dask()
        workers = default_workers(options.workers, options.memory_mb, len(left))
        workers = replace(workers, scheduler=options.scheduler, tls=options.tls)
        before(workers, len(batch.jobs) - len(left))
        ends |= _run_all(left, workers, tell)
    return {job.code: ends[job.code] for job in batch.jobs}


def _why(job: Job) -> Message:
    return Message("batch.as_told", {"why": job.error})


def _task(job: Job, options: BatchOptions) -> CountyTask:
    return CountyTask(
        code=job.code,
        study=str(job.study.absolute()),
        folder=str(job.folder.absolute()),
        lang=options.lang,
        field_names=options.field_names,
        force_folder=options.force_folder,
    )


def _run_all(
    tasks: Sequence[CountyTask], workers: Workers, tell: Callable[[Progress], None]
) -> dict[str, CountyEnd]:
    """Run counties side by side, then alone what failed by the machine and not by its data."""
    start = time.monotonic()
    ends: dict[str, CountyEnd] = {}

    def note(end: CountyEnd) -> None:
        ends[end.code] = end
        took, n_left = time.monotonic() - start, len(tasks) - len(ends)
        tell(Progress(len(ends), len(tasks), took / len(ends) * n_left, end))

    tell(Progress(0, len(tasks)))
    with starting_workers(workers, tasks[0].study) as client:
        _hand_out(client, tasks, note)
    again = [task for task in tasks if ends[task.code].state in _RETRIED]
    if again:
        # Alone: nobody beside it, and with the memory of all.
        alone = replace(workers, n=1, memory_mb=workers.memory_mb * workers.n)
        for task in again:
            # Without workers its first end stands, and what the others found is summed up.
            with suppress(GeoError, OSError), starting_workers(alone) as client:
                _hand_out(client, [task], note)
    return ends


def _hand_out(client: Any, tasks: Sequence[CountyTask], note: Callable[[CountyEnd], None]) -> None:
    """Hand counties to the workers and note each as it ends; all are taken back where the block is left."""
    from distributed import as_completed

    futures: Mapping[Any, CountyTask] = {
        # Each under a name of its own: a scheduler may serve two batches with counties of one code.
        client.submit(_in_worker, task, pure=False): task
        for task in tasks
    }
    try:
        for future in as_completed(list(futures), loop=client.loop):
            note(_end_of(future, futures[future]))
    finally:
        client.cancel(list(futures), force=True)


def _end_of(future: Any, task: CountyTask) -> CountyEnd:
    from distributed import KilledWorker

    try:
        end: CountyEnd = future.result()
    except KilledWorker as error:
        return lost_county(
            task.code, str(getattr(error.last_worker, "address", "")), error.allowed_failures + 1
        )
    except Exception as error:  # not of the county, of the way to it
        return CountyEnd(task.code, "failed", error=Message("batch.no_answer", {"why": type(error).__name__}))
    return end


def _in_worker(task: CountyTask) -> CountyEnd:
    from distributed import get_worker

    return run_county(task, worker=str(get_worker().address))
