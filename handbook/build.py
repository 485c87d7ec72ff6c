"""Put the pages together, let Zensical build both languages, and lead each to the other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from geo.layers import tell_formats
from geo.words import LANGS, Lang
from handbook import wording
from handbook.api_pages import api_pages
from handbook.contents import ELSEWHERE, parts, rewrite, source_of, without_breaks
from handbook.gallery import gallery_pages
from handbook.links import link_faults
from handbook.plan_pages import plans_page, standards_page
from handbook.study_reference import reference_page
from handbook.wording import HERE, ROOT

__all__ = ["BuildError", "build_site", "write_sources"]

SAME: Final = "-this-page-"
"""Stands for the page itself in the menu of languages."""
_WORKER: Final = "https://unpkg.com/iframe-worker/shim"
"""Zensical's pages ask this address for a script when they are opened from a disk."""
_TITLES: Final = {"zh": "emergency-geo 应急资源空间规划", "en": "emergency-geo"}


class BuildError(Exception):
    """Zensical found a fault, or a link of the built pages leads nowhere."""


def build_site(out: Path, work: Path, *, is_run: bool) -> int:
    """Build the site of both languages.

    Parameters
    ----------
    out : Path
        Folder of the site; what it held is replaced.
    work : Path
        Folder for the sources of the pages.
    is_run : bool
        Whether the notebooks of the gallery are run.

    Returns
    -------
    int
        How many pages it has.

    Raises
    ------
    BuildError
        A page has a fault.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for lang in LANGS:
        project = work / lang
        shutil.rmtree(project, ignore_errors=True)
        write_sources(project / "docs", lang, is_run=is_run)
        (project / "zensical.toml").write_text(_config(lang), encoding="utf-8")
        _zensical(project)
        shutil.move(project / "site", out / lang)
        (out / lang / "404.html").unlink()  # what a server shows: its addresses begin at the server's root
    shutil.copy(HERE / "assets" / "disk-worker.js", out)
    shutil.copy(HERE / "assets" / "index.html", out)
    pages = sorted(out.rglob("*.html"))
    for page in pages:
        _lead(page, out)
    faults = link_faults(out)
    if faults:
        raise BuildError("\n".join(faults))
    return len(pages)


def write_sources(folder: Path, lang: Lang, *, is_run: bool = False) -> None:
    """Write the pages of a language as Markdown, with the files that they link to."""
    folder.mkdir(parents=True)
    pages = {"study.md": reference_page, "plans.md": plans_page, "standards.md": standards_page}
    attached: set[str] = set()
    for entry in (entry for part in parts() for entry in part.entries if lang in entry.titles):
        if entry.file in pages:
            text = pages[entry.file](lang)
        elif entry.is_made:
            continue
        else:
            text = (ROOT / source_of(entry, lang)).read_text(encoding="utf-8")
        if entry.file == "formats.md" and lang == "zh":
            _, heads, rows = tell_formats(lang)
            text = text.replace("<!-- formats -->", wording.table(heads, rows))
        text = without_breaks(text) if lang == "zh" else text
        _write(folder / entry.file, rewrite(text, source_of(entry, lang), entry.file, lang, attached))
    if lang == "en":
        _write_library(folder, attached, is_run=is_run)
    for path in attached:
        (folder / "files" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / "files" / path)
    _write(folder / "site.css", (HERE / "assets" / "site.css").read_text(encoding="utf-8"))


def _write_library(folder: Path, attached: set[str], *, is_run: bool) -> None:
    """Write the pages of the library: decisions, public names, notebooks."""
    for path in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        place = f"decisions/{path.name}"
        text = path.read_text(encoding="utf-8")
        _write(folder / place, rewrite(text, f"docs/{place}", place, "en", attached))
    for name, text in api_pages().items():
        _write(folder / "api" / name, text)
    listed = gallery_pages(folder / "gallery", is_run=is_run)
    lines = ["# Notebooks", "", "Each answers one question, on invented data, without a network.", ""]
    lines += [f"- [{title}]({name})" for title, name in listed]
    _write(folder / "gallery" / "index.md", "\n".join(lines) + "\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _nav(lang: Lang) -> str:
    """Write the menu; pages of the other language are links out of this one."""
    lines = []
    for part in parts():
        items = []
        for entry in part.entries:
            title = entry.titles.get(lang) or f"{entry.led}（英文）"
            address = f"{ELSEWHERE}/en/{entry.file.removesuffix('.md')}.html"
            items.append(f'{{ "{title}" = "{entry.file if lang in entry.titles else address}" }}')
        lines.append(f'  {{ "{part.titles[lang]}" = [{", ".join(items)}] }},')
    return "nav = [\n" + "\n".join(lines) + "\n]"


def _config(lang: Lang) -> str:
    text = (HERE / "zensical.toml").read_text(encoding="utf-8")
    same = f"{ELSEWHERE}/{{}}/{SAME}"
    values = {"TITLE": _TITLES[lang], "LANG": lang, "ROOT": ROOT.as_posix(), "NAV": _nav(lang)}
    values |= {"EN": same.format("en"), "ZH": same.format("zh")}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _zensical(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=project,
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )
    if done.returncode:
        raise BuildError(re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr))


def _lead(page: Path, out: Path) -> None:
    """Make addresses relative: those of the other language, and of the script for pages on a disk."""
    text = page.read_text(encoding="utf-8")
    up = os.path.relpath(out, page.parent)
    here = page.relative_to(out).as_posix().partition("/")[2]
    for lang in LANGS:
        same = here if (out / lang / here).exists() else "index.html"
        text = text.replace(f"{ELSEWHERE}/{lang}/{SAME}", f"{up}/{lang}/{same}")
    text = text.replace(ELSEWHERE, up).replace(_WORKER, f"{up}/disk-worker.js")
    page.write_text(text, encoding="utf-8")
