"""Pages of the notebooks, run from top to bottom; their outputs are stored in the site alone."""

from __future__ import annotations

import html
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat

from handbook.wording import ROOT

__all__ = ["gallery_pages", "notebooks"]


def notebooks() -> list[Path]:
    """Give the notebooks in their order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def gallery_pages(folder: Path, *, is_run: bool) -> list[tuple[str, str]]:
    """Write a page for each notebook, with maps as files of their own beside it.

    Parameters
    ----------
    folder : Path
        Where pages go.
    is_run : bool
        Whether the notebooks are run first; else pages have their code alone.

    Returns
    -------
    list of tuple of str
        Title and file name of each page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for path in notebooks():
        notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        if is_run:
            _run(notebook)
        text = "\n\n".join(_cell(cell, folder, f"{path.stem}-{i}") for i, cell in enumerate(notebook.cells))
        (folder / f"{path.stem}.md").write_text(text + "\n", encoding="utf-8")
        pages.append((re.findall(r"^# (.+)$", text, flags=re.MULTILINE)[0], f"{path.stem}.md"))
    return pages


def _run(notebook: Any) -> None:
    """Run a notebook in a folder that is removed afterwards."""
    from nbclient import NotebookClient

    here = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}})
        client.execute(env=os.environ | {"PYTHONPATH": here})


def _cell(cell: Any, folder: Path, name: str) -> str:
    if cell.cell_type == "markdown":
        return str(cell.source)
    parts = [f"```python\n{cell.source}\n```"]
    parts += [_output(output, folder, f"{name}-{i}") for i, output in enumerate(cell.get("outputs", []))]
    return "\n\n".join(filter(None, parts))


def _output(output: Any, folder: Path, name: str) -> str:
    """Give an output: a map as a page in a frame, a table or a text in the place where it stands."""
    if output.output_type == "stream":
        return f"```text\n{output.text.rstrip()}\n```" if output.name == "stdout" else ""
    data = output.get("data", {})
    page = data.get("text/html", "")
    if frame := re.search(r'srcdoc="(.*?)"', page, flags=re.DOTALL):
        (folder / f"{name}.html").write_text(html.unescape(frame[1]), encoding="utf-8")
        return f'<iframe src="{name}.html" title="{name}" width="100%" height="480" loading="lazy"></iframe>'
    if page:
        return f'<div class="output">{re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL)}</div>'
    return f"```text\n{data['text/plain']}\n```" if "text/plain" in data else ""
