"""Every link, anchor and resource of the built pages: there, and on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

__all__ = ["Page", "link_faults"]

LOADED = {"src", "data", "poster", "srcset"}
"""What a browser asks for by itself; of a link to another page it does not."""


class Page(HTMLParser):
    """The ids of a page, what it loads and where it leads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the ids, loads and links of a tag."""
        given = {name: value or "" for name, value in attrs}
        self.ids.update(given[name] for name in ("id", "name") if name in given)
        self.loads += [given[name] for name in LOADED & set(given)]
        if tag == "link" and set(given.get("rel", "").split()) & {
            "stylesheet",
            "icon",
            "preload",
            "preconnect",
        }:
            self.loads.append(given.get("href", ""))
        elif tag in ("a", "link", "area") and "href" in given:
            self.links.append(given["href"])


def link_faults(folder: Path) -> list[str]:
    """List links and anchors that lead nowhere, and what would be asked of another machine."""
    pages = {path.resolve(): Page(path) for path in sorted(folder.rglob("*.html"))}
    return [fault for page in pages.values() for fault in _faults(page, pages)]


def _faults(page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    for url in page.loads:
        if urlsplit(url).scheme in ("http", "https") or url.startswith("//"):
            yield f"{page.path}: asks another machine for {url}"
    for url in [*page.loads, *page.links]:
        parts = urlsplit(url)
        if parts.scheme or parts.netloc or not url:
            continue
        path, anchor = urldefrag(url)
        target = (page.path.parent / unquote(urlsplit(path).path)).resolve() if path else page.path.resolve()
        target = target / "index.html" if target.is_dir() else target
        if not target.exists():
            yield f"{page.path}: {url} leads to no file"
        elif anchor and target in pages and unquote(anchor) not in pages[target].ids:
            yield f"{page.path}: {url} has no such place"
