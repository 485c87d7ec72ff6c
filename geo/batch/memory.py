"""How much memory this process takes and how much the machine has."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any, Final

__all__ = ["machine_mb", "peak_mb", "reset_peak"]

_STATUS: Final = Path("/proc/self/status")
_RESET: Final = Path("/proc/self/clear_refs")
_PEAK: Final = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


def reset_peak() -> None:
    """Let the peak of memory begin anew, where the system can: Linux."""
    with contextlib.suppress(OSError):
        _RESET.write_text("5", encoding="ascii")


def peak_mb() -> float:
    """Give the most memory that this process took since :func:`reset_peak`, else since it began; MB."""
    try:
        peak = _PEAK.search(_STATUS.read_text(encoding="ascii"))
        if peak is not None:
            return int(peak[1]) * 1024 / 1e6
    except OSError:
        pass
    info: Any = _own_process().memory_info()
    return float(getattr(info, "peak_wset", info.rss)) / 1e6


def machine_mb() -> float:
    """Give the memory of this machine, or of the container that this process runs in, MB."""
    from distributed.system import MEMORY_LIMIT

    return float(MEMORY_LIMIT) / 1e6


def _own_process() -> Any:
    import psutil

    return psutil.Process()
