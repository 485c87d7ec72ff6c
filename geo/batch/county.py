"""One county as a worker runs it: as ``geo run`` does, with what it took."""

from __future__ import annotations

import gc
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from geo.batch.memory import peak_mb, reset_peak
from geo.batch.warm import make_ready
from geo.errors import GeoError
from geo.messages import Message
from geo.reasons import Reason
from geo.words import Lang

__all__ = ["CountyEnd", "CountyTask", "State", "lost_county", "run_county"]

State: TypeAlias = Literal["done", "kept", "refused", "failed", "lost"]
"""``done``: computed now; ``kept``: was done before; ``refused``: its own data stops it; ``failed``: the
machine or the program did; ``lost``: its worker went away."""


@dataclass(frozen=True)
class CountyTask:
    """What a worker is asked for; all of it is text, so that it reaches any machine.

    Parameters
    ----------
    code : str
        Of the county.
    study, folder : str
        Its study file and the folder of its results, as every worker finds them.
    lang, field_names : str or None
        As ``geo run --lang`` and ``--field-names``.
    force_folder : bool
        As ``geo run --force-folder``.
    """

    code: str
    study: str
    folder: str
    lang: Lang | None = None
    field_names: Lang | None = None
    force_folder: bool = False


@dataclass(frozen=True)
class CountyEnd:
    """How the run of a county ended.

    Parameters
    ----------
    code : str
        Of the county.
    state : str
        One of :data:`State`.
    seconds, cpu_s : float
        On the clock and of the processor.
    peak_mb : float
        Most memory of its worker while it ran; nan where the system does not tell it.
    worker : str
        Who ran it.
    error : Message or None
        What stopped it.
    kept : tuple of Message
        Files that somebody had changed and that were kept under another name.
    n_faults : int
        Faults of its layers: the run is done, but something should be mended.
    """

    code: str
    state: State
    seconds: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = float("nan")
    worker: str = ""
    error: Message | None = None
    kept: tuple[Message, ...] = ()
    n_faults: int = 0


def run_county(task: CountyTask, *, worker: str = "") -> CountyEnd:
    """Run the study of a county and write its results, to the byte what ``geo run`` writes.

    Nothing is raised: what stops a county is told of it, and the worker takes the next one.

    Parameters
    ----------
    task : CountyTask
        What is asked for.
    worker : str
        Name of this worker.
    """
    make_ready()
    start, cpu = time.perf_counter(), time.process_time()
    reset_peak()
    state: State = "done"
    error: Message | None = None
    kept: list[Message] = []
    n_faults = 0
    try:
        n_faults = _run(task, kept)
    except GeoError as stopped:
        state, error = "refused", Message("batch.as_told", {"why": stopped})
    except Exception as stopped:
        state, error = "failed", _told(task, stopped)
    gc.collect()
    return CountyEnd(
        code=task.code,
        state=state,
        seconds=time.perf_counter() - start,
        cpu_s=time.process_time() - cpu,
        peak_mb=peak_mb(),
        worker=worker,
        error=error,
        kept=tuple(kept),
        n_faults=n_faults,
    )


def _run(task: CountyTask, kept: list[Message]) -> int:
    import pandas as pd

    from geo.outputs import RUN, require_result_folder, run_files, write_outputs
    from geo.study import count_faults, read_study, run_study

    # Texts are held as the command holds them; see ``geo run``.
    with pd.option_context("mode.string_storage", "python"):
        study = read_study(task.study).with_field_names(task.field_names)
        folder = Path(task.folder)
        require_result_folder(
            study,
            folder,
            by=RUN,
            names=run_files(study),
            read_from=[Path(task.study)],
            is_forced=task.force_folder,
        )
        result = run_study(study, lang=task.lang)
        write_outputs(result, folder, force_folder=task.force_folder, tell=kept.append)
        return count_faults(result.inputs, result.coverage)


def _told(task: CountyTask, error: Exception) -> Message:
    """Tell what no study foresees; its traceback is kept beside the results."""
    if isinstance(error, MemoryError):
        return Message("batch.memory", {"code": task.code})
    if isinstance(error, OSError):
        return Message("batch.system", {"why": Reason.of(error)})
    log = Path(task.folder).with_name("last-error.txt")
    text = "".join(traceback.format_exception(error))
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        print(text, file=sys.stderr)
    return Message("batch.own_fault", {"what": type(error).__name__, "log": log})


def lost_county(code: str, worker: str, n: int) -> CountyEnd:
    """Tell of a county whose worker went away each time."""
    return CountyEnd(code, "lost", worker=worker, error=Message("batch.lost", {"n": n}))
