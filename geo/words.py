"""The product's words in Chinese and English, and the words of others that it understands.

Both are data. ``layers/words`` holds what the product says, in two languages (:func:`say`).
``layers/standards/*_terms.toml`` holds the terms of planners and map makers by which their files are
understood (:func:`word_lists`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from geo.errors import StudyError
from geo.signs import printable

__all__ = ["LANGS", "Lang", "data_dir", "percent", "read_data", "say", "word_lists"]

Lang: TypeAlias = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh", "en")


@cache
def data_dir() -> Path:
    """Give the folder of the embedded data: ``layers/`` of the checkout, or its copy in the wheel."""
    packed = Path(__file__).parent / "_layers"
    return packed if packed.is_dir() else Path(__file__).parent.parent / "layers"


@cache
def read_data(name: str) -> Mapping[str, Any]:
    """Read a TOML file of the embedded data once, such as ``"standards/headers"``."""
    path = data_dir() / f"{name}.toml"
    return MappingProxyType(tomllib.loads(path.read_text(encoding="utf-8")))


@cache
def word_lists(name: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Give the lists of words by which one sort of layer is understood, in the order of their file.

    Parameters
    ----------
    name : str
        ``"facility"`` reads ``layers/standards/facility_terms.toml``.

    Returns
    -------
    mapping
        By what the words are about and what they mean.

    Examples
    --------
    >>> word_lists("facility")["status"]["candidate"]
    ('候选', '备选', 'candidate')
    """
    sections = read_data(f"standards/{name}_terms")
    return MappingProxyType(
        {
            about: MappingProxyType({meaning: tuple(words) for meaning, words in lists.items()})
            for about, lists in sections.items()
        }
    )


def percent(share: float) -> str:
    """Give a share in per cent: one decimal below the whole, none above; only the whole is 100 %.

    Examples
    --------
    >>> percent(0.43724), percent(0.99999), percent(1.0), percent(1.25), percent(0.00001), percent(0.0)
    ('43.7%', '99.9%', '100%', '125%', '0.1%', '0%')
    """
    return f"{min(max(share, 0.001), 0.999):.1%}" if 0 < share < 1 else f"{share:.0%}"


def say(key: str, /, *, lang: Lang, **values: Any) -> str:
    """Give a text in a language.

    Parameters
    ----------
    key : str
        ``"section.name"``: table ``name`` of ``layers/words/section.toml``, with keys ``zh`` and ``en``.
    lang : {"zh", "en"}
        The language.
    **values
        Fill the text's ``{placeholders}``.

    Raises
    ------
    StudyError
        The language is not one of ``LANGS``.
    KeyError
        The key is not in the word list: a fault of the program, not of the data.
    """
    if lang not in LANGS:
        raise StudyError(f"language {lang!r} is unknown; choose one of {', '.join(LANGS)}")
    section, name = key.split(".", 1)
    text: str = read_data(f"words/{section}")[name][lang]
    shown = {
        name: printable(value, in_lines=True) if isinstance(value, str) else value
        for name, value in values.items()
    }
    return text.format(**shown)
