"""The live page of a result inside a notebook, as long as it is wanted."""

from __future__ import annotations

import html
from contextlib import ExitStack
from pathlib import Path

from geo.outputs import default_folder
from geo.serve.access_control import NOTEBOOKS
from geo.serve.live_study import live_of
from geo.serve.self_test import running
from geo.serve.start import serving
from geo.study import Result

__all__ = ["LivePage", "show_live"]


class LivePage:
    """A live page that runs on this machine; a notebook shows it where it is the last line of a cell.

    Parameters
    ----------
    url : str
        The whole address, with its key.
    height : int
        Of the frame in a notebook, in pixels.
    title : str
        Name of the study.
    running : ExitStack
        Ends the server when it is closed.

    Examples
    --------
    ``page = result.live()`` shows it, ``page.stop()`` ends it; ``with result.live() as page:`` does both.
    """

    def __init__(self, url: str, *, height: int, title: str, running: ExitStack) -> None:
        self.url, self.height, self.title, self._running = url, height, title, running
        self.is_running = True

    def stop(self) -> None:
        """End the server; changes that were made are kept, and nothing happens where it has ended."""
        self.is_running = False
        self._running.close()

    def __enter__(self) -> LivePage:
        """Give the page, which ends with the block."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the server."""
        self.stop()

    def __repr__(self) -> str:
        """Give the address."""
        return f"<LivePage {self.url if self.is_running else 'stopped'}>"

    def _repr_html_(self) -> str:
        if not self.is_running:
            return f"<i>{html.escape(self.title)}: stopped</i>"
        return (
            f'<iframe src="{html.escape(self.url)}" title="{html.escape(self.title)}" width="100%" '
            f'height="{self.height}" style="border: 1px solid #c9ccd1" allow="clipboard-write"></iframe>'
        )


def show_live(result: Result, *, height: int = 760, folder: str | Path | None = None) -> LivePage:
    """Serve the live page of a result on this machine, for a notebook that runs on it too.

    Only pages of notebooks on this machine may frame it.

    Parameters
    ----------
    result : Result
        Its layers are used as they are; nothing is read again.
    height : int
        Of the frame, in pixels.
    folder : path, optional
        Where changes are kept and exports are written; ``live`` in the study's folder of results when left
        out.

    Raises
    ------
    GeoError
        No port is free, or no station stands on the roads.
    """
    study = result.study
    live = live_of(study, result.inputs)
    with ExitStack() as stack:
        desk = default_folder(study) / "live" if folder is None else Path(folder)
        server, made = stack.enter_context(serving(live, desk, port=0, frame_from=NOTEBOOKS))
        stack.enter_context(running(made))
        return LivePage(server.url, height=height, title=study.study.name, running=stack.pop_all())
    raise AssertionError("a server runs")
