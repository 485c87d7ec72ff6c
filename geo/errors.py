"""The errors this package raises, one tree, each also the fitting builtin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geo.signs import printable

__all__ = [
    "CrsError",
    "DownloadError",
    "FaultsError",
    "FileError",
    "GeoError",
    "InfeasibleError",
    "InputError",
    "NetworkError",
    "StudyError",
]


class GeoError(Exception):
    """Base of every error raised on purpose: the message is for the planner to read.

    It is a text, or a :class:`geo.messages.Message`, which is told in the language of the study.
    """

    section = ""
    """Where in the study file it stands; it is told first."""

    def say(self, lang: str) -> str:
        """Give the message in a language; a message that is a plain text is given as it is."""
        return self._within(self._in_words(lang))

    def _in_words(self, lang: str) -> str:
        return _say(self.args[0], lang) if len(self.args) == 1 else super().__str__()

    def _within(self, text: str) -> str:
        shown = printable(text, in_lines=True)
        return f"[{self.section}] {shown}" if self.section else shown

    def __str__(self) -> str:
        return self._within(super().__str__())


def _say(what: Any, lang: str) -> str:
    """Say a message; a text is itself."""
    return str(what.say(lang)) if hasattr(what, "say") else str(what)


class FileError(GeoError, OSError):
    """A file is missing, unreadable, truncated, too large or of an unknown format."""


class InputError(GeoError, ValueError):
    """The content of a table is wrong.

    Parameters
    ----------
    message : str or Message
        What is wrong and what to do, in one sentence.
    faults : sequence of str or Fault, optional
        Every fault found, one line each; the first five join the message.

    Examples
    --------
    >>> print(InputError("2 rows have no people", faults=["row 3: empty", "row 9: '约3万'"]))
    2 rows have no people
      row 3: empty
      row 9: '约3万'
    """

    def __init__(self, message: Any, *, faults: Sequence[Any] = ()) -> None:
        self.message = message
        self.faults = tuple(faults)
        super().__init__(self._in_words("en"))

    def _in_words(self, lang: str) -> str:
        shown = [f"  {_say(fault, lang)}" for fault in self.faults[:5]]
        if len(self.faults) > 5:
            n_more = len(self.faults) - 5
            shown.append(f"  ……另有 {n_more} 处" if lang == "zh" else f"  ... and {n_more} more")
        return "\n".join([_say(self.message, lang), *shown])


class CrsError(GeoError, ValueError):
    """A coordinate reference system is missing, not metric, different or not what it says."""


class NetworkError(GeoError, ValueError):
    """Roads cannot be made into a network, or nothing can be placed on it."""


class StudyError(GeoError, ValueError):
    """A study file, plan or option is mistyped, incomplete or contradicts itself."""


class InfeasibleError(GeoError, RuntimeError):
    """No plan can satisfy what was asked; the message says why."""


class DownloadError(GeoError, ConnectionError):
    """A download failed or its answer cannot be used."""


class FaultsError(StudyError):
    """Several things stop a study; all are told at once, so that one look mends them.

    Parameters
    ----------
    errors : sequence of GeoError
        Each with its own message, in the order of the study file.

    Examples
    --------
    >>> print(FaultsError([FileError("[roads] no such file"), InputError("[demand 1] is empty")]))
    2 faults stop this study:
      [roads] no such file
      [demand 1] is empty
    """

    def __init__(self, errors: Sequence[GeoError]) -> None:
        self.errors = tuple(errors)
        super().__init__(self._in_words("en"))

    def __reduce__(self) -> tuple[type[FaultsError], tuple[Any, ...], dict[str, Any]]:
        # By themselves errors are made again of their text, and this one needs what it was made of.
        return type(self), (self.errors,), self.__dict__

    def _in_words(self, lang: str) -> str:
        n = len(self.errors)
        head = f"以下 {n} 处问题使研究无法进行：" if lang == "zh" else f"{n} faults stop this study:"
        listed = [f"  {error.say(lang).replace(chr(10), chr(10) + '  ')}" for error in self.errors]
        return "\n".join([head, *listed])
