"""How Chinese characters sound, for a search box that is typed into without an input method."""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["sounds_of"]

_LIBRARY: Final = "pypinyin"
_UMLAUT: Final = "\N{COMBINING DIAERESIS}"


def sounds_of(names: Iterable[str]) -> dict[str, str]:
    """Give the sounds of each Chinese character in some names, without tones, apart by blanks.

    All sounds of a character are given, since names of places often have the rare one; ü is typed as v or u.

    Examples
    --------
    >>> sounds_of(["重庆 A", "吕"])
    {'重': 'zhong chong tong', '庆': 'qing', '吕': 'lv lu'}
    """
    table = _table()
    characters = dict.fromkeys(character for name in names for character in name)
    return {character: _plain(table[ord(character)]) for character in characters if ord(character) in table}


@cache
def _table() -> Mapping[int, str]:
    """Read pypinyin's table of characters, without the library: its table of phrases takes 0.3 s to load."""
    package = importlib.util.find_spec(_LIBRARY)
    if package is None or not package.submodule_search_locations:
        return {}
    file = Path(package.submodule_search_locations[0]) / "pinyin_dict.py"
    spec = importlib.util.spec_from_file_location("geo_pinyin_dict", file)
    if spec is None or spec.loader is None:
        return {}
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table: Mapping[int, str] = module.pinyin_dict
    return table


def _plain(sounds: str) -> str:
    """Take the tones off sounds as pypinyin writes them, ``"lǚ,lú"``."""
    plain: dict[str, None] = {}
    for sound in sounds.split(","):
        letters = unicodedata.normalize("NFD", sound)
        has_umlaut = _UMLAUT in letters
        for u in ("v", "u") if has_umlaut else ("u",):
            typed = letters.replace(f"u{_UMLAUT}", u) if has_umlaut else letters
            plain[typed.encode("ascii", "ignore").decode()] = None
    return " ".join(sound for sound in plain if sound)
