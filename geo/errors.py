"""The errors this package raises, one tree, each also the fitting builtin."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "CrsError",
    "DownloadError",
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
