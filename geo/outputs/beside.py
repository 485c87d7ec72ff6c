"""What is made of a finished run, written beside its results: a report, an atlas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from geo.files import find_earlier, seal_files, write_text_whole, writing_folder
from geo.messages import Message
from geo.outputs.files import as_json

__all__ = ["write_beside"]


def write_beside(
    folder: Path,
    contents: Mapping[str, str | bytes],
    *,
    record: str,
    by: str,
    made: datetime,
    tell: Callable[[Message], None],
) -> dict[str, Path]:
    """Write files into the folder of a run: all of them, or none where anything fails.

    A file that somebody edited since is kept under another name.

    Parameters
    ----------
    folder : Path
        Of the run's results.
    contents : mapping of str to str or bytes
        What each file holds, by its path in the folder.
    record : str
        Name of the file that notes what was written.
    by : str
        The command whose files these are.
    made : datetime
        When they were made.
    tell : callable
        Told which changed file was kept.

    Returns
    -------
    dict of str to Path
        Each file by its name.

    Raises
    ------
    FileError
        A file may not be written, or one of another hand is in the way.
    """
    with writing_folder(folder, partial(find_earlier, record=record, by=by), tell=tell) as new:
        for name, content in contents.items():
            write_text_whole(new / name, content)
        entries = {Path(record).stem: 1, "made": made.isoformat(), "written": seal_files(new, by=by)}
        write_text_whole(new / record, as_json(entries))
    return {name: folder / name for name in contents}
