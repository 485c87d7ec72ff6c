"""What the commands share that write: where results go, and what is told of files that were kept."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from geo.words import Lang

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.errors import GeoError
    from geo.messages import Message
    from geo.outputs import Manifest
    from geo.study import Study

__all__ = ["ForceOption", "faults_of_folder", "folder_of", "read_asked", "read_from", "tell_kept"]

ForceOption: TypeAlias = Annotated[
    bool,
    typer.Option("--force-folder", help="cli.help_force_folder"),
]


def folder_of(study: Study, *, out: Path | None, asked: str, below: str = "") -> Path:
    """Give the folder of the results.

    Parameters
    ----------
    study : Study
        With its own folder of results; the embedded sample writes where the user stands.
    out : Path or None
        What ``--out`` says.
    asked : str
        What was run: a study file, or a manifest, beside which its replay is written.
    below : str
        A folder in the study's own.
    """
    if out is not None:
        return out
    if asked.casefold().endswith(".json"):
        return Path(asked).parent / "replay"
    from geo.outputs import default_folder

    return default_folder(study) / below


def read_asked(asked: str) -> tuple[Study, Manifest | None]:
    """Read the study that a command was given, with the manifest where it is a run to be replayed.

    Raises
    ------
    GeoError
        It cannot be read, or files of the replayed run have changed since.
    """
    from geo.outputs import read_manifest, require_same_inputs
    from geo.study import read_study

    if not asked.casefold().endswith(".json"):
        return read_study(asked), None
    replay = read_manifest(asked)
    require_same_inputs(replay)
    return replay.study, replay


def faults_of_folder(study: Study, asked: str) -> list[GeoError]:
    """Find what keeps a run from writing into the folder that the study file names: ``geo run`` stops there.

    Parameters
    ----------
    study : Study
        The study.
    asked : str
        What is checked: a study file.
    """
    from geo.outputs import RUN, folder_faults, run_files

    folder = folder_of(study, out=None, asked=asked)
    return folder_faults(study, folder, by=RUN, names=run_files(study), read_from=read_from(asked))


def read_from(asked: str) -> list[Path]:
    """Give the study file or manifest that a command was given; none for the embedded sample."""
    return [Path(asked)] if asked.casefold().endswith((".toml", ".json")) else []


def tell_kept(kept: Iterable[Message], lang: Lang) -> None:
    """Say on stderr what somebody had changed and was therefore kept: also where a command is quiet."""
    for message in kept:
        print(f"geo: {message.say(lang)}", file=sys.stderr)
