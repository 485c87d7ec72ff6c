"""What the command prints to: streams that never fail on a character, and not when their reader has gone."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Any

from geo.cli._lines import Folding

__all__ = ["can_show", "flush_streams", "prepare_streams"]


class _Patient(io.FileIO):
    """A stream whose reader may go before all is written, as ``head`` does: the rest is for nobody."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            return len(data)


def prepare_streams() -> None:
    """Let stdout and stderr take any character and outlive their readers.

    A stream that was shut before the start (``>&-``) would hand its number to the next file that is opened,
    and what a library prints would end up in that file: the numbers are taken by the null device first.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the process
        elif hasattr(stream, "reconfigure"):  # a Windows console may be GBK: never fail on a character
            setattr(sys, name, _outliving(stream, getattr(sys, f"__{name}__")))
            if getattr(sys, name).isatty():
                setattr(sys, name, Folding(getattr(sys, name)))


def _outliving(stream: Any, own: Any) -> Any:
    """Give a stream that passes over a reader that has gone; a terminal does not go, and others are left."""
    stream.reconfigure(errors="replace")
    if stream is not own or stream.isatty() or os.name == "nt":
        return stream
    raw = _Patient(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
        write_through=stream is sys.stderr,
    )


def flush_streams() -> bool:
    """Write what is still held back; say whether stdout could take it, as a full disk cannot."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            # Python would try again at its very end, and print a traceback.
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            if stream is sys.stdout:
                return False
    return True


def can_show(text: str) -> bool:
    """Whether stderr has the characters of a text: in an ASCII locale Chinese would be question marks."""
    try:
        text.encode(getattr(sys.stderr, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
