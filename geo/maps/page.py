"""What a map file carries inside itself: Leaflet from its installed package, our scripts and styles."""

from __future__ import annotations

import base64
import html
import json
import re
from functools import cache
from importlib import resources
from typing import Any, Final

from branca.element import Element, MacroElement
from jinja2 import Template

from geo.maps.scripts import plain_script

__all__ = ["json_for_script", "map_head", "map_script"]

_LEAFLET: Final = "js_lib_leaflet"
_SCRIPTS: Final = (
    "shapes.js",
    "screen.js",
    "tiles.js",
    "places.js",
    "routes.js",
    "fields.js",
    "draw_layers.js",
    "findings.js",
    "legend.js",
    "search.js",
    "towns.js",
    "panel.js",
    "print.js",
    "main.js",
)


class _Verbatim(Element):
    """An element whose text is written as it is: templates in the text stay text."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class _Script(MacroElement):
    """A child of the map whose text runs after the map is made.

    A plain ``MacroElement`` would read its text as a template once more, and so would run a
    ``{{...}}`` that came from a table.
    """

    def __init__(self, text: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.text = text

    def render(self, **kwargs: Any) -> str:
        figure: Any = self.get_root()
        figure.script.add_child(_Verbatim(self.text), name=self.get_name())
        return ""


def json_for_script(value: Any) -> str:
    r"""Write JSON that is safe inside an HTML ``<script>`` element.

    ``<``, ``>`` and ``&`` and the two line ends that JavaScript once refused become ``\u`` escapes,
    so no text from data can close the script or open a comment.

    Raises
    ------
    ValueError
        A number is not finite: callers turn ``inf`` and missing values into null first.

    Examples
    --------
    >>> print(json_for_script({"name": "</script>"}))
    {"name":"\u003c/script\u003e"}
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def map_head(title: str, *, tile_hosts: tuple[str, ...] = ()) -> dict[str, Element]:
    """Give the parts of the page's head, by name: policy, title, styles and Leaflet itself.

    The content policy lets the browser ask the network for nothing but pictures from ``tile_hosts``.
    """
    images = " ".join(["data:", *tile_hosts])
    policy = (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        f"img-src {images}; base-uri 'none'; form-action 'none'"
    )
    return {
        "geo_policy": _Verbatim(
            f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}" />'
        ),
        "geo_title": _Verbatim(f"<title>{html.escape(title)}</title>"),
        "geo_leaflet_css": _Verbatim(f"<style>{_leaflet_css()}</style>"),
        "geo_css": _Verbatim(f"<style>{_own('map.css')}{_own('trace.css')}</style>"),
        "geo_leaflet_js": _Verbatim(f"<script>{_leaflet_js()}</script>"),
    }


def map_script(map_name: str, payload: dict[str, Any]) -> MacroElement:
    """Give the map's child that draws ``payload`` on the Leaflet map in the variable ``map_name``."""
    body = "\n".join(plain_script(_own(name)) for name in _SCRIPTS)
    return _Script(
        f"(function (map, data) {{\n'use strict';\n{body}\nstart();\n}})"
        f"({map_name}, {json_for_script(payload)});"
    )


@cache
def _own(name: str) -> str:
    return (resources.files("geo") / "maps" / "assets" / name).read_text(encoding="utf-8")


def _leaflet(name: str) -> bytes:
    return (resources.files(_LEAFLET) / "static" / _LEAFLET / name).read_bytes()


@cache
def _leaflet_js() -> str:
    text = _leaflet("leaflet.js").decode("utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", text)


@cache
def _leaflet_css() -> str:
    def inline(match: re.Match[str]) -> str:
        return f"url(data:image/png;base64,{base64.b64encode(_leaflet(match[1])).decode('ascii')})"

    return re.sub(r"url\((images/[\w-]+\.png)\)", inline, _leaflet("leaflet.css").decode("utf-8"))
