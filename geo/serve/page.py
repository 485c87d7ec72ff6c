"""The files of the page: its scripts and styles from the package, its words in both languages."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from geo.maps import plain_script
from geo.schema import STATION_CLASSES
from geo.serve.live_study import LiveStudy
from geo.words import LANGS, read_data, say

__all__ = ["page_files"]

_SCRIPTS: Final = (
    *("growth.js", "labels.js", "words.js", "frames.js", "line.js", "gestures.js", "aim.js", "canvas.js"),
    *(
        "flood.js",
        "reach.js",
        "conditions.js",
        "resources.js",
        "panel.js",
        "spot.js",
        "tools.js",
        "scenarios.js",
    ),
    *("export.js", "suggest.js", "beside.js", "main.js"),
)
"""In this order, behind those of the offline map, they are one script: a page asks for all at once."""
_TYPES: Final = {"js": "text/javascript", "css": "text/css", "html": "text/html", "json": "application/json"}
_FROM_MAPS: Final = ("seconds", "minutes", "minutes_seconds")
"""Words that the offline map says too."""
_SHARED: Final = ("shapes.js",)
"""Modules of the offline map that the page uses as they are."""
_GIVEN: Final = "const data = {};"
"""What ``given.js`` stands for: here the words are put into it."""


def page_files(live: LiveStudy) -> Mapping[str, tuple[bytes, str]]:
    """Give every file that the page asks for, by name, with its media type; ``""`` is the page itself."""
    own, maps = (resources.files("geo") / room / "assets" for room in ("serve", "maps"))
    modules = [(maps / name).read_text(encoding="utf-8") for name in _SHARED]
    modules += [(own / name).read_text(encoding="utf-8") for name in _SCRIPTS]
    texts = {"main.js": "\n".join([_GIVEN, *map(plain_script, modules)])}
    texts["live.css"] = (own / "live.css").read_text(encoding="utf-8")
    texts["map.css"] = (maps / "map.css").read_text(encoding="utf-8")
    texts["words.json"] = json.dumps(_words(), ensure_ascii=False)
    page = (own / "index.html").read_text(encoding="utf-8")
    lang = live.study.study.lang
    page = page.replace("{lang}", "zh-CN" if lang == "zh" else "en")
    texts["index.html"] = page.replace("{title}", html.escape(live.study.study.name))
    files = {name: (text.encode(), _TYPES[name.rpartition(".")[2]]) for name, text in texts.items()}
    return files | {"": files["index.html"]}


def _words() -> dict[str, dict[str, Any]]:
    """Give the texts of the page by language; holes are filled by the page."""
    own = read_data("words/serve")
    words = {name.removeprefix("page_"): text for name, text in own.items() if name.startswith("page_")}
    told: dict[str, dict[str, Any]] = {
        lang: {name: text[lang] for name, text in words.items()} for lang in LANGS
    }
    for lang in LANGS:
        told[lang] |= {name: read_data("words/maps")[name][lang] for name in _FROM_MAPS}
        told[lang] |= {f"class_{name}": say(f"maps.class_{name}", lang=lang) for name in STATION_CLASSES}
    return told
