"""The errors this package raises, one tree, each also the fitting builtin."""

from __future__ import annotations

from collections.abc import Sequence

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
    """Base of every error raised on purpose: the message is for the planner to read."""


class FileError(GeoError, OSError):
    """A file is missing, unreadable, truncated, too large or of an unknown format."""


class InputError(GeoError, ValueError):
    """The content of a table is wrong.

    Parameters
    ----------
    message : str
        What is wrong and what to do, in one sentence.
    faults : sequence of str, optional
        Every fault found, one line each; the first five join the message.

    Examples
    --------
    >>> print(InputError("2 rows have no people", faults=["row 3: empty", "row 9: '约3万'"]))
    2 rows have no people
      row 3: empty
      row 9: '约3万'
    """

    def __init__(self, message: str, *, faults: Sequence[str] = ()) -> None:
        self.faults = tuple(faults)
        shown = [f"  {fault}" for fault in self.faults[:5]]
        if len(self.faults) > 5:
            shown.append(f"  ... and {len(self.faults) - 5} more")
        super().__init__("\n".join([message, *shown]))


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
        listed = [f"  {str(error).replace(chr(10), chr(10) + '  ')}" for error in self.errors]
        super().__init__("\n".join([f"{len(self.errors)} faults stop this study:", *listed]))
