"""XML as text: its encoding, its root, and nothing that reaches outside the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from geo import file_limits
from geo.errors import FileError
from geo.layers._encodings import decode_text
from geo.messages import Message
from geo.sources import require_number, require_size

__all__ = ["load_xml", "parse_xml", "read_xml"]

_DECLARATION: Final = re.compile(r"""^\s*<\?xml[^>]*?(?:encoding\s*=\s*["']([\w.-]+)["'])?[^>]*?\?>""")
_OUTSIDE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)
_ROOT: Final = re.compile(r"<(?!\?|!--)(?:[\w.-]+:)?([\w.-]+)")
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_PREFIX: Final = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[\w.-]+\s*=")


def load_xml(path: Path) -> bytes:
    """Give the bytes of an XML file that is not too large to be held as a tree.

    Raises
    ------
    FileError
        It is too large.
    """
    require_size(path, file_limits.MOST_TEXT_BYTES)
    return path.read_bytes()


def read_xml(
    data: bytes, roots: frozenset[str], what: str, *, encoding: str | None = None
) -> tuple[str, str]:
    """Decode an XML file of a known root; give its text without the declaration, and its encoding.

    Raises
    ------
    FileError
        Its encoding cannot be told, its root is another, or it declares entities, which can reach other
        files or grow without limit.
    """
    try:
        text, known = decode_text(data, encoding=encoding, what=what)
    except FileError:
        stated = _DECLARATION.match(data[:200].decode("ascii", "replace"))
        if encoding is not None or stated is None or not stated[1]:
            raise
        text, known = decode_text(data, encoding=stated[1], what=what)
    text = _DECLARATION.sub("", text.lstrip("\ufeff \r\n\t"), count=1).lstrip()
    if _OUTSIDE.search(text):
        raise FileError(Message("layers.xml_entities", {"file": what}))
    root = _ROOT.search(_COMMENT.sub("", text[:100_000]))
    if root is None or root[1] not in roots:
        raise FileError(
            Message(
                "layers.xml_root",
                {"file": what, "root": root[1] if root else "?", "wanted": ", ".join(sorted(roots))},
            )
        )
    return text, known


def parse_xml(text: str, what: str) -> ElementTree.Element:
    """Parse a text of XML; a prefix that no line declares, as many programs leave it, is let pass.

    Raises
    ------
    FileError
        It is not well formed, or has more elements or levels than are taken in.
    """
    require_number(what, text.count("</") + text.count("/>"), "elements", file_limits.MOST_ELEMENTS)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        if "unbound prefix" in str(error):
            names = {name for pair in _PREFIX.findall(text) for name in pair if name} - {"xml", "xmlns"}
            unbound = sorted(name for name in names if f"xmlns:{name}=" not in text)
            declared = "".join(f' xmlns:{name}="urn:undeclared:{name}"' for name in unbound)
            if declared:
                return parse_xml(re.sub(r"<(?!\?|!--)([\w.:-]+)", rf"<\1{declared}", text, count=1), what)
        raise FileError(Message("layers.xml_damaged", {"file": what, "why": error})) from error
    require_number(what, _depth(root), "levels", file_limits.MOST_DEPTH)
    return root


def _depth(root: ElementTree.Element) -> int:
    """Count the levels of a tree; what walks through it takes some of the stack for each."""
    level, n = [root], 0
    while level and n <= file_limits.MOST_DEPTH:
        level, n = [child for element in level for child in element], n + 1
    return n
