"""What is made of a finished run, a report or an atlas; where there is none, the study is run first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from geo.cli._folder import folder_of, read_from, tell_kept
from geo.cli._options import known_lang
from geo.cli._progress import showing_steps, tell_now
from geo.words import say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from collections.abc import Callable

    from geo.messages import Message
    from geo.outputs import FinishedRun
    from geo.study import Study

__all__ = ["asked_study", "write_from_finished"]


class Writer(Protocol):
    """Writes what is made of a run beside its results."""

    def __call__(
        self, run: FinishedRun, study: Study, *, tell: Callable[[Message], None]
    ) -> dict[str, Path]: ...


def asked_study(study: str, lang: str | None) -> Study:
    """Read the study that a command was given, in the language that it asks for."""
    from geo.study import read_study

    return read_study(study).in_lang(known_lang(lang) if lang is not None else None)


def write_from_finished(
    asked: Study,
    write: Writer,
    *,
    study: str,
    out: Path | None,
    is_quiet: bool,
    is_forced: bool,
) -> dict[str, Path]:
    """Write files that are made of the results of a study, and say when those were there already.

    Parameters
    ----------
    asked : Study
        In the language that is asked for.
    write : callable
        Makes and writes the files of a finished run.
    study : str
        The study as it was named to the command.
    out : Path or None
        What ``--out`` says.
    is_quiet, is_forced : bool
        As for ``geo run``.

    Returns
    -------
    dict of str to Path
        Each file by its name.

    Raises
    ------
    StudyError
        An input became another one while the study was run.
    """
    spoken = asked.study.lang
    folder = folder_of(asked, out=out, asked=study)
    finished, is_new = _finished_run(asked, folder, study, is_quiet=is_quiet, is_forced=is_forced)
    kept: list[Message] = []
    written = write(finished, asked, tell=kept.append)
    tell_kept(kept, spoken)
    if not is_quiet and not is_new:
        print(say("report.from_finished", lang=spoken, folder=str(folder)))
    return written


def _finished_run(
    asked: Study, folder: Path, study: str, *, is_quiet: bool, is_forced: bool
) -> tuple[FinishedRun, bool]:
    """Open the results of a study, and say whether they were computed for it just now."""
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
