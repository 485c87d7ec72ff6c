"""What a map file carries inside itself: Leaflet from its installed package, our scripts and styles."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # a fifth of a second to load, and no file that is written needs it
    import folium

__all__ = ["MapPage", "json_for_script"]

_LEAFLET: Final = "js_lib_leaflet"
_MODULE_WORDS: Final = re.compile(
    r"^import [^;]*;\n|^export (?=function|async|const|let|class)", re.MULTILINE
)
_COMMENTS: Final = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
"""Comments on lines of their own, types among them: for who reads the module, not for the file of a map."""
_PLACE: Final = re.compile(r"@(HEAD|CENTRE|SCRIPT)@")
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


@dataclass(frozen=True)
class MapPage:
    """A map that is drawn and not yet written: its page links to nothing and asks the network for nothing.

    A notebook shows it; :func:`geo.write_map` saves it.

    Attributes
    ----------
    title : str
        Title of the page.
    payload : mapping
        What the scripts draw; ``bounds`` is what is shown at first: south west, north east, degrees.
    tile_hosts : tuple of str
        Where pictures may come from besides the file.
    """

    title: str
    payload: Mapping[str, Any]
    tile_hosts: tuple[str, ...] = ()

    @property
    def centre(self) -> list[float]:
        """Latitude and longitude of the middle of what is shown at first, degrees."""
        (south, west), (north, east) = self.payload["bounds"]
        return [(south + north) / 2, (west + east) / 2]

    def render(self) -> str:
        """Give the page: the same map gives the same text, byte for byte."""
        head = "\n".join(f"    {part}" for part in _head(self.title, self.tile_hosts).values())
        parts = {
            "HEAD": head,
            "CENTRE": json.dumps(self.centre),
            "SCRIPT": _script("map_coverage", self.payload),
        }
        # in one pass: a sign of the page that stands in a table is text
        return _PLACE.sub(lambda place: parts[place[1]], _own("page.html"))

    def to_folium(self) -> folium.Map:
        """Give a folium map that draws the same page, to add layers of folium to it."""
        import folium
        from branca.element import MacroElement
        from jinja2 import Template

        drawn = folium.Map(
            location=self.centre, tiles=None, zoom_control=False, zoom_snap=0.25, font_size="14px"
        )
        drawn._id = "coverage"  # folium draws random ids
        drawn.default_js, drawn.default_css = [], []
        figure: Any = drawn.get_root()
        figure._id = "page"
        for name, text in _head(self.title, self.tile_hosts).items():
            figure.header.add_child(_verbatim(text), name=f"geo_{name}")
        script = MacroElement()  # type: ignore[no-untyped-call]
        script._id = "drawing"
        # Its text goes where scripts are, and is no template: a {{...}} that came from a table stays text.
        script._template = Template("")
        script.render = lambda **_: figure.script.add_child(  # type: ignore[method-assign]
            _verbatim(_script(drawn.get_name(), self.payload)), name="geo_drawing"
        )
        drawn.add_child(script, name="geo_drawing")
        return drawn

    def _repr_html_(self) -> str:
        frame = "position:absolute;width:100%;height:100%;left:0;top:0;border:none !important;"
        return (
            '<div style="width:100%;position:relative;height:0;padding-bottom:60%;">'
            f'<iframe srcdoc="{html.escape(self.render())}" style="{frame}" allowfullscreen></iframe></div>'
        )


def _verbatim(text: str) -> Any:
    """Give an element whose text is written as it is: templates in the text stay text."""
    from branca.element import Element
    from jinja2 import Template

    element: Any = Element()
    element._template = Template("{{ this.text }}")
    element.text = text
    return element


def _head(title: str, tile_hosts: tuple[str, ...]) -> dict[str, str]:
    """Give the parts of the page's head, by name: policy, title, styles and Leaflet itself.

    The content policy lets the browser ask the network for nothing but pictures from ``tile_hosts``.
    """
    images = " ".join(["data:", *tile_hosts])
    policy = (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        f"img-src {images}; base-uri 'none'; form-action 'none'"
    )
    return {
        "policy": f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}" />',
        "title": f"<title>{html.escape(title)}</title>",
        "leaflet_css": f"<style>{_leaflet_css()}</style>",
        "css": f"<style>{_own('map.css')}{_own('trace.css')}</style>",
        "leaflet_js": f"<script>{_leaflet_js()}</script>",
    }


def _script(map_name: str, payload: Mapping[str, Any]) -> str:
    """Give the script that draws ``payload`` on the Leaflet map in the variable ``map_name``."""
    body = "\n".join(_plain_script(_own(name)) for name in _SCRIPTS)
    return (
        f"(function (map, data) {{\n'use strict';\n{body}\nstart();\n}})"
        f"({map_name}, {json_for_script(dict(payload))});"
    )


def _plain_script(module: str) -> str:
    """Give a module as a part of one script: in a file that opens without a server none can be imported.

    Names of all modules are different, and ``given.js`` is what stands around them.
    """
    return _COMMENTS.sub("", _MODULE_WORDS.sub("", module)).replace("\n\n\n", "\n\n")


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
