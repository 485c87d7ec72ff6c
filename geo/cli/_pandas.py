"""How tables hold their texts while a command runs: as Python's own strings.

By themselves they hold them packed for the Arrow library. That pays for millions of rows; a district has
thousands, read one column and one cell at a time, and a whole run takes a sixth longer for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

__all__ = ["with_plain_texts"]

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def with_plain_texts(command: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Let a command hold texts as Python's strings; afterwards they are held as they were before.

    Examples
    --------
    >>> @with_plain_texts
    ... def storage() -> str:
    ...     import pandas as pd
    ...
    ...     return pd.get_option("mode.string_storage")
    >>> storage()
    'python'
    """

    @wraps(command)
    def held(*args: Given.args, **options: Given.kwargs) -> Answer:
        import pandas as pd  # not before a command is really run: help is shown without tables

        with pd.option_context("mode.string_storage", "python"):
            return command(*args, **options)

    return held
