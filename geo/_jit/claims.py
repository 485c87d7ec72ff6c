"""Which of two processes compiles which kernel: empty files in a folder that both know."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["Claims", "TakenError"]

_LONGEST_S: Final = 60.0
"""Longest wait for the other process: no kernel takes as long."""
_LOOK_S: Final = 0.01


class TakenError(Exception):
    """Work is left to the other process; it is raised in the helper only."""


@dataclass(frozen=True)
class Claims:
    """Work that a run or its helper does, so that the other does not do it as well.

    A claim is a file that only one of them can make. In a folder that cannot be used all claims are good:
    then work is done twice, and nothing else happens.

    Parameters
    ----------
    folder : Path
        Where the claims are.
    is_other_there : callable
        Says whether the other process is still at work.
    is_helper : bool
        The helper does no work that the run has claimed, and none twice; the run waits for what the helper
        has claimed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = Claims(Path(folder), lambda: True, is_helper=False)
    ...     helper = Claims(Path(folder), lambda: True, is_helper=True)
    ...     helper.take("zones")
    ...     helper.finish("zones")
    ...     run.take("zones")  # waits until it is done
    """

    folder: Path
    is_other_there: Callable[[], bool]
    is_helper: bool
    _own: set[str] = field(default_factory=set, init=False, repr=False)

    def take(self, name: str) -> None:
        """Claim work, and return when it may be done: the other process has not begun, or is through.

        Raises
        ------
        TakenError
            To the helper: the run has claimed it or has ended, or it was done before.
        """
        if self.is_helper:
            if not self.is_other_there() or not self._make(name):
                raise TakenError(name)
        elif name not in self._own and not self._make(name):
            self._wait(name)
        self._own.add(name)

    def finish(self, name: str) -> None:
        """Say that claimed work is through, well or not."""
        with contextlib.suppress(OSError):
            self._path(name, "done").touch()

    def _wait(self, name: str) -> None:
        end = time.monotonic() + _LONGEST_S
        while not self._path(name, "done").exists() and self.is_other_there() and time.monotonic() < end:
            time.sleep(_LOOK_S)

    def _make(self, name: str) -> bool:
        """Make the file of a claim; False if it is there."""
        try:
            os.close(os.open(self._path(name, "claim"), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        except OSError:
            return not self.is_helper
        return True

    def _path(self, name: str, suffix: str) -> Path:
        return self.folder / f"{name}.{suffix}"
