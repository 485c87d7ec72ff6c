"""Ctrl-C at every single change of the disk leaves nothing behind."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geo.files import write_text_whole, writing_folder

CHANGES = ("mkdir", "replace", "unlink", "rmdir")


def write(folder: Path, text: str) -> None:
    with writing_folder(folder) as new:
        write_text_whole(new / "a.txt", text)
        write_text_whole(new / "deep" / "b.txt", text)


@pytest.fixture(autouse=True)
def own_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C raise, also where the shell that started the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def stopped_after(k: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Send Ctrl-C when the k-th change is done, and before whoever asked for it knows; count the changes."""
    n = [0]

    def watched(act: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*args: Any, **options: Any) -> Any:
            result = act(*args, **options)
            n[0] += 1
            if n[0] == k:
                signal.raise_signal(signal.SIGINT)
            return result

        return changed

    for name in CHANGES:
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    return lambda: n[0]


@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread only"
)
def test_ctrl_c_after_any_change_of_the_disk_leaves_nothing(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        n_changes = stopped_after(-1, patch)
        write(tmp_path / "whole", "x")
    assert n_changes() > 10
    for k in range(1, n_changes() + 1):
        folder = tmp_path / f"{k}"
        with pytest.MonkeyPatch.context() as patch:
            stopped_after(k, patch)
            with pytest.raises(KeyboardInterrupt):
                write(folder, "x")
        names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
        assert names in (set(), {"a.txt", "deep", "deep/b.txt"}), k
