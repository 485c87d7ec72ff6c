"""The notebooks run top to bottom, offline, and store no outputs."""

from __future__ import annotations

import ast
import importlib
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.tongues import CHINESE, latin_words

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NO_NETWORK = "import socket\ndef _closed(*args, **options):\n    raise OSError('no network in notebooks')\n"
NO_NETWORK += "socket.getaddrinfo = _closed"


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_stores_no_outputs(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_text_is_there_in_both_languages_chinese_first(path: Path) -> None:
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    assert len(cells) > 4
    for text in cells:
        heading, paragraphs = re.match(r"(?:#+ (.*)\n*)?", text), re.sub(r"^#.*\n*", "", text).split("\n\n")
        if heading and heading[1]:
            zh, _, en = heading[1].partition(" · ")
            assert re.search(CHINESE, zh), text
            assert latin_words(zh, own=frozenset({"geopandas"})) == [], text
            assert en, text
            assert not re.search(CHINESE, en), text
        spoken = [re.sub(r"`.*?`|\*.*?\*", "", paragraph) for paragraph in paragraphs if paragraph]
        is_chinese = [len(re.findall(CHINESE, paragraph)) > 9 for paragraph in spoken]
        assert is_chinese == sorted(is_chinese, reverse=True), text
        assert 2 * sum(is_chinese) >= len(spoken), text


def _is_offered(node: ast.ImportFrom, name: str) -> bool:
    """Whether a front offers a name: a room of the house, or what a room's front names."""
    module = str(node.module)
    if module == "geo" and (ROOT / "geo" / name).is_dir():
        return not name.startswith("_")
    return module.count(".") <= 1 and name in importlib.import_module(module).__all__


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_takes_only_what_the_fronts_offer(path: Path) -> None:
    """A planner may copy every line: nothing in it is private, or stands in a module that may move."""
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    trees = [ast.parse(source) for source in cells]
    reached = []
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "geo":
            reached += [
                f"{node.module}.{name.name}" for name in node.names if not _is_offered(node, name.name)
            ]
        elif isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr):
            reached.append(node.attr)
        elif isinstance(node, ast.Import):
            reached += [name.name for name in node.names if name.name.startswith("geo.")]
    assert not reached


AS_THEY_ARE = frozenset({"inf", "nan", "none", "name"})
"""What pandas writes for numbers that are none, and below a series."""


def typed(source: str) -> set[str]:
    """Give the words of the texts of a cell that are no names of the program: its reader's own."""
    texts = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    own = (text for text in texts if not re.fullmatch("[a-z0-9_]+", text))
    return {word.casefold() for text in own for word in re.findall("[A-Za-z]+", text)}


def foreign_words(notebook: nbformat.NotebookNode) -> set[str]:
    """Give the English words of tables and of printed lines, but those that a reader types and ids."""
    cells = [cell for cell in notebook.cells[1:] if cell.cell_type == "code"]
    own = {word for cell in cells for word in typed(cell.source)} | AS_THEY_ARE
    words: set[str] = set()
    for output in (output for cell in cells for output in cell.outputs):
        data = output.get("data", {})
        if "<table" in data.get("text/html", "") and "srcdoc" not in data["text/html"]:
            plain = re.sub(r"\[\[?\w+\]\]?( \w+)?", "", data["text/plain"])  # settings: [snap] max_m
            words |= set(re.findall(r"(?<![\w-])[A-Za-z_]{3,}(?![\w-])", plain))
        elif output.output_type == "stream":
            words |= set(latin_words(output.text, own=frozenset(own)))
    return {word for word in words if word.casefold() not in own}


@pytest.mark.study
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_offline(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(NO_NETWORK))
    here = os.environ.get("PYTHONPATH", "")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), here]))}
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.create_kernel_manager()
    assert client.km is not None
    client.km.kernel_cmd = [  # type: ignore[attr-defined]
        sys.executable,
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
    ]
    client.execute(env=environment)
    shown = [
        output["data"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "execute_result"
    ]
    assert shown, "a notebook shows what it found"
    assert foreign_words(notebook) == set(), "what is printed is in the study's language"
    pages = [data["text/html"] for data in shown if "srcdoc" in data.get("text/html", "")]
    assert pages, "a notebook shows a map"
    assert not re.search(r"<script src=|https://cdn", pages[0]), "the map loads nothing from elsewhere"
