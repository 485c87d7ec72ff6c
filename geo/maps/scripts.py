"""Modules of a page put together in one script."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["plain_script"]

_MODULE_WORDS: Final = re.compile(
    r"^import [^;]*;\n|^export (?=function|async|const|let|class)", re.MULTILINE
)
_COMMENTS: Final = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
"""Comments on lines of their own, types among them: for who reads the module, not for a page."""


def plain_script(module: str) -> str:
    r"""Give a module as a part of one script: a file that opens without a server can import none.

    Names of all modules of a page are different, and ``given.js`` is what stands around them.

    Parameters
    ----------
    module : str
        Text of an ES module.

    Examples
    --------
    >>> print(plain_script("// What it is for.\nimport { data } from './given.js';\nexport const n = 1;"))
    const n = 1;
    """
    return _COMMENTS.sub("", _MODULE_WORDS.sub("", module)).replace("\n\n\n", "\n\n")
