"""A study file in the making: what stands there now, what will, and how it is written without a loss."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from geo.draft.questions import Answered
from geo.files import write_text_whole
from geo.messages import Message
from geo.words import Lang

__all__ = ["StudyText", "is_copy", "write_draft"]


@dataclass(frozen=True, eq=False)
class StudyText:
    """The text of a study file that is not yet written.

    Parameters
    ----------
    file : Path
        Where it will stand.
    text : str
        Its text.
    before : str or None
        The text that stands there now.
    lang : {"zh", "en"}
        Of the study.
    answered : tuple of Answered
        What was left open, and what was taken.
    """

    file: Path
    text: str
    before: str | None
    lang: Lang
    answered: tuple[Answered, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether writing it would change anything."""
        return self.text != self.before

    @property
    def open_questions(self) -> tuple[Answered, ...]:
        """Questions that nobody answered: their best choice stands in the text with a mark."""
        return tuple(answered for answered in self.answered if not answered.answer.is_given)

    def told(self) -> Iterator[Message]:
        """Say what was done with each file."""
        yield from ()


def write_draft(draft: StudyText) -> Path | None:
    """Write a study file whole; the one that stood there is kept beside it under a name of its own.

    Returns
    -------
    Path or None
        The copy of the earlier file; None where there was none, or nothing changed.

    Raises
    ------
    FileError
        The folder may not be written.
    """
    if not draft.is_changed:
        return None
    copy = None
    if draft.before is not None:
        copy = next(name for name in _copies(draft.file) if not name.exists())
        write_text_whole(copy, draft.file.read_bytes())
    write_text_whole(draft.file, draft.text)
    return copy


def is_copy(name: str) -> bool:
    """Whether a file is a copy that :func:`write_draft` left of an earlier study file.

    Examples
    --------
    >>> is_copy("study.toml.2.bak"), is_copy("stations.csv.bak")
    (True, False)
    """
    return re.fullmatch(r".+\.toml\.\d+\.bak", name) is not None


def _copies(file: Path) -> Iterator[Path]:
    return (file.with_name(f"{file.name}.{number}.bak") for number in count(1))
