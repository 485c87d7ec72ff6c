"""The product's words in Chinese and English, read from ``layers/words``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from geo.errors import StudyError

__all__ = ["LANGS", "Lang", "data_dir", "percent", "say"]

Lang: TypeAlias = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh", "en")


@cache
def data_dir() -> Path:
    """Give the folder of the embedded data: ``layers/`` of the checkout, or its copy in the wheel."""
    packed = Path(__file__).parent / "_layers"
    return packed if packed.is_dir() else Path(__file__).parent.parent / "layers"


@cache
def _words(section: str) -> dict[str, dict[str, str]]:
    path = data_dir() / "words" / f"{section}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


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
    return _words(section)[name][lang].format(**values)
