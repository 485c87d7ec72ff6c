"""How a command ends: the exit codes of docs/exit-codes.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.coverage import Coverage
    from geo.study import Inputs

__all__ = ["EXIT_ERROR", "EXIT_FAULTS", "EXIT_OK", "EXIT_OWN_FAULT", "EXIT_STOPPED", "exit_code"]

EXIT_OK: Final = 0
EXIT_ERROR: Final = 1
EXIT_FAULTS: Final = 3
"""Done, but something in the layers should be mended."""
EXIT_OWN_FAULT: Final = 70
"""The program itself is at fault (``EX_SOFTWARE`` of sysexits.h)."""
EXIT_STOPPED: Final = 130
"""Stopped by Ctrl-C, as shells count: 128 and the number of the signal."""


def exit_code(inputs: Inputs, covered: Coverage) -> int:
    """Give the exit code of a run that is done: the same that the check of the same study gives."""
    from geo.study import count_faults

    return EXIT_FAULTS if count_faults(inputs, covered) else EXIT_OK
