"""The templates of a report: those of the program, and those that a planner puts in their place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo import file_limits
from geo.errors import InputError
from geo.files import require_new_file, write_text_whole
from geo.messages import Message
from geo.outputs.report.html_page import page_template
from geo.sources import require_size, require_source
from geo.study import Study
from geo.words import Lang

__all__ = ["Templates", "check_templates", "copy_templates", "find_templates"]

_OWN: Final = Path(__file__).parent / "assets"
_NAMES: Final = ("report.typ", "report.html", "report.docx")


@dataclass(frozen=True)
class Templates:
    """Files that say how a report looks.

    Parameters
    ----------
    pdf, html : Path
        For Typst, and for Jinja.
    docx : Path or None
        A Word file whose styles are taken; None for those of the program.
    """

    pdf: Path
    html: Path
    docx: Path | None


def find_templates(study: Study) -> Templates:
    """Find the templates of a study: each of its own folder where it is there, else that of the program.

    Raises
    ------
    InputError
        The folder is missing or holds none, or one is empty.
    FileError
        One is no plain file, or too large.
    """
    asked = None if study.report is None else study.report.template
    if asked is None:
        return Templates(_OWN / "report.typ", _OWN / "report.html", None)
    folder = study.file(asked)
    if not folder.is_dir():
        raise InputError(Message("report.template_no_folder", {"folder": asked}))
    there = {name: folder / name for name in _NAMES if os.path.lexists(folder / name)}
    if not there:
        raise InputError(Message("report.template_empty", {"folder": asked}))
    for path in there.values():
        if not require_source(path).st_size:
            raise InputError(Message("report.template_blank", {"file": path.name}))
        require_size(path, file_limits.MOST_TEMPLATE_BYTES)
    own = {name: there.get(name, _OWN / name) for name in _NAMES}
    return Templates(own["report.typ"], own["report.html"], there.get("report.docx"))


def check_templates(study: Study) -> None:
    """Check that the templates of a study can be used, as far as it shows without a report.

    Raises
    ------
    InputError
        As :func:`find_templates`; or the Word file is none, or the page does not follow the rules of Jinja.
    FileError
        As :func:`find_templates`.
    """
    templates = find_templates(study)
    if templates.docx is not None:
        from geo.outputs.report.word_file import open_template

        open_template(templates.docx)
    page_template(templates.html)


def copy_templates(folder: Path, *, lang: Lang) -> list[Path]:
    """Write the program's templates into a folder, for a planner to change; none is overwritten.

    Raises
    ------
    FileError
        A file of that name is there.
    """
    from geo.outputs.report.word_file import template_docx

    paths = [folder / name for name in _NAMES]
    for path in paths:
        require_new_file(path)
    for path in paths[:2]:
        write_text_whole(path, (_OWN / path.name).read_bytes())
    write_text_whole(paths[2], template_docx(lang=lang))
    return paths
