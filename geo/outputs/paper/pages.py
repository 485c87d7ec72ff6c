"""Pages set by Typst: a template, the content as data, pictures; as PDF, or a drawing as a picture of pixels.

The content comes to the template as JSON, and no text of it is ever read as markup. Nothing is fetched: a
template that asks for a package of the web is refused.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from geo.errors import InputError
from geo.freeing import give_back
from geo.messages import Message
from geo.outputs.paper.fonts import system_fonts

__all__ = ["draw_pixels", "typeset"]

_PACKAGE: Final = re.compile(r'"@[\w-]+/')
_MAIN: Final = "main.typ"
_PICTURE: Final = b"""#set page(width: auto, height: auto, margin: 0pt)
#image("drawing.svg", width: eval(sys.inputs.width))
"""
_EMPTY: Final = "empty.typ"
_REMEMBERED: Final = 11
"""The typesetter forgets what the last ten documents had not: a picture of a page is some 15 megabytes."""


def typeset(
    template: Path, content: Mapping[str, Any], files: Mapping[str, bytes], *, made: datetime
) -> bytes:
    """Set a document and give it as PDF.

    Parameters
    ----------
    template : Path
        A Typst file; what lies in its folder beside it may be used by it.
    content : mapping
        Plain data; the template reads it from ``content.json``.
    files : mapping of str to bytes
        Pictures by the names that the content gives them.
    made : datetime
        When the document was made, as the file notes it.

    Raises
    ------
    InputError
        The template cannot be read or has a fault; the message says where.
    """
    import typst

    beside = _beside(template)
    with tempfile.TemporaryDirectory(prefix="geo-") as name:
        root = Path(name)
        for path, data in {**beside, **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        (root / "content.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        try:
            compiler = typst.Compiler(root / _MAIN, root=root, font_paths=system_fonts())
            done = compiler.compile(format="pdf", timestamp=made)
        except RuntimeError as error:
            why = str(error).replace(name, "").replace(_MAIN, template.name)
            raise InputError(Message("paper.template_fault", {"file": template.name, "why": why})) from error
    assert isinstance(done, bytes)
    return done


def _beside(template: Path) -> dict[str, bytes]:
    """Read a template and the files of its folder that it may use."""
    try:
        text = template.read_text(encoding="utf-8")
        others = [path for path in template.parent.iterdir() if path.is_file() and path != template]
        files = {path.name: path.read_bytes() for path in others if path.stat().st_size <= _MOST_BYTES}
    except (OSError, UnicodeDecodeError) as error:
        values = {"file": template, "why": error}
        raise InputError(Message("paper.template_unreadable", values)) from error
    for name, data in {template.name: text.encode(), **files}.items():
        if name.endswith(".typ") and _PACKAGE.search(data.decode("utf-8", "replace")):
            raise InputError(Message("paper.template_fetches", {"file": name}))
    return {**files, _MAIN: text.encode()}


_MOST_BYTES: Final = 20_000_000
"""A logo or a part of a template is smaller; what else lies there is not a part of it."""


def draw_pixels(svg: str, *, width_mm: float, dpi: float = 300.0) -> bytes:
    """Give a drawing as PNG, its texts in the faces that the drawing names.

    Parameters
    ----------
    svg : str
        The drawing.
    width_mm : float
        Its width on paper.
    dpi : float
        Pixels an inch.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="geo-") as name:
        root = Path(name)
        (root / _MAIN).write_bytes(_PICTURE)
        (root / "drawing.svg").write_text(svg, encoding="utf-8")
        compiler = typst.Compiler(
            root / _MAIN, root=root, font_paths=system_fonts(), sys_inputs={"width": f"{width_mm:g}mm"}
        )
        done = compiler.compile(format="png", ppi=dpi)
        _forget(root)
    assert isinstance(done, bytes)
    return done


def _forget(root: Path) -> None:
    """Let the typesetter drop what it keeps of earlier documents, and give the memory back."""
    import typst

    (root / _EMPTY).write_bytes(b"#set page(width: 1pt, height: 1pt)")
    compiler = typst.Compiler(root / _EMPTY, root=root, font_paths=system_fonts())
    for _ in range(_REMEMBERED):
        compiler.compile(format="svg")
    give_back()
