"""The finished run that a report or an atlas is made of; where there is none, the study is run first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geo.cli._folder import read_from, tell_kept
from geo.cli._progress import showing_steps, tell_now

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.messages import Message
    from geo.outputs import FinishedRun
    from geo.study import Study

__all__ = ["finished_run"]


def finished_run(
    asked: Study, folder: Path, study: str, *, is_quiet: bool, is_forced: bool
) -> tuple[FinishedRun, bool]:
    """Open the results of a study, and say whether they were computed for it just now.

    Parameters
    ----------
    asked : Study
        In the language that is asked for.
    folder : Path
        Of its results.
    study : str
        As it was named to the command.
    is_quiet, is_forced : bool
        As for ``geo run``.

    Raises
    ------
    StudyError
        An input became another one while the study was run.
    """
    from geo.errors import StudyError
    from geo.messages import Message
    from geo.outputs import open_finished

    finished = open_finished(asked, folder)
    if finished is not None:
        return finished, False
    _run_first(asked, folder, study, is_quiet=is_quiet, is_forced=is_forced)
    finished = open_finished(asked, folder)
    if finished is None:
        raise StudyError(Message("report.changed_meanwhile", {"folder": folder}))
    return finished, True


def _run_first(asked: Study, folder: Path, study: str, *, is_quiet: bool, is_forced: bool) -> None:
    """Run the study as ``geo run`` does, its files beside the report."""
    from geo.outputs import RUN, require_result_folder, run_files, write_outputs
    from geo.study import run_steps, run_study

    require_result_folder(
        asked, folder, by=RUN, names=run_files(asked), read_from=read_from(study), is_forced=is_forced
    )
    kept: list[Message] = []
    spoken = asked.study.lang
    with showing_steps(lambda: run_steps(asked), spoken, is_quiet=is_quiet) as step:
        result = run_study(asked, step=step, tell=lambda note: tell_now(note, spoken))
        write_outputs(result, folder, step=step, force_folder=is_forced, tell=kept.append)
    tell_kept(kept, spoken)
