"""The ``geo new`` command: a folder of files to a study file, with what it leaves open asked or marked."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geo.cli._folder import faults_of_folder
from geo.cli._language import lang_of_file, system_lang
from geo.cli._misuse import MisuseError
from geo.cli._options import known_lang
from geo.cli._pandas import with_plain_texts
from geo.cli._progress import showing_steps
from geo.cli.exit_codes import EXIT_ERROR, EXIT_FAULTS, EXIT_OK
from geo.messages import Message
from geo.words import Lang, say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.draft import Answer, Asked, Question, StudyText

__all__ = ["EXIT_OPEN", "new"]

EXIT_OPEN: Final = 4
"""Questions are open, and nobody is there to answer: nothing was written."""


@with_plain_texts
def new(
    folder: Annotated[Path | None, typer.Argument(help="cli.help_folder", show_default=False)] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="cli.help_yes")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang_or_system")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="cli.help_source")] = None,
    year: Annotated[int | None, typer.Option("--year", min=1900, max=2200, help="cli.help_year")] = None,
) -> None:
    """Draft study.toml from a folder of files, and check it. Exit code 4: questions are open."""
    from geo.draft import carry_over, draft_study, take_best

    chosen = known_lang(lang) if lang is not None else _lang_of(source, folder)
    is_asking = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    ask = _asking(chosen) if is_asking else take_best
    draft: StudyText
    if source is not None:
        draft = carry_over(source, folder=folder, year=year, ask=ask)
    elif folder is None or year is not None:
        key = "draft.new_no_folder" if folder is None else "draft.new_year_alone"
        raise MisuseError(Message(key))
    else:
        draft = draft_study(folder, lang=chosen, ask=ask)
    print(say("draft.new_looked", lang=chosen))
    for note in draft.told():
        print(f"  {note.say(chosen)}")
    if draft.open_questions and not yes and draft.is_changed:
        print(say("draft.new_open", lang=chosen, n=len(draft.open_questions)))
        _print_open(draft, chosen)
        raise typer.Exit(EXIT_OPEN)
    _write(draft, chosen)
    raise typer.Exit(_check(draft, chosen))


def _lang_of(source: Path | None, folder: Path | None) -> Lang:
    """Give the language of the study file that is there, else of the system; else Chinese."""
    from geo.draft import STUDY_FILE

    for file in filter(None, (source, folder and folder / STUDY_FILE)):
        lang = lang_of_file(file)
        if lang is not None:
            return lang
    return system_lang(otherwise="zh")


def _asking(lang: Lang) -> Asked:
    def ask(question: Question) -> Answer:
        from geo.draft import Answer

        print(f"\n? {question.text.say(lang)}")
        for number, choice in enumerate(question.choices, start=1):
            best = f"  ({say('draft.new_best', lang=lang)})" if number == 1 else ""
            print(f"  {number}. {choice.say(lang)}{best}")
        while True:
            try:
                typed = input(f"{say('draft.new_answer', lang=lang)}: ").strip() or "1"
            except EOFError:  # nobody is there any more: as Ctrl-C
                raise KeyboardInterrupt from None
            if typed.isdecimal() and 1 <= int(typed) <= len(question.choices):
                return Answer(int(typed) - 1, is_given=True)
            print(say("draft.new_again", lang=lang, n=len(question.choices)))

    return ask


def _print_open(draft: StudyText, lang: Lang) -> None:
    for answered in draft.open_questions:
        print(f"  ? {answered.question.text.say(lang)}")
        for number, choice in enumerate(answered.question.choices, start=1):
            print(f"    {number}. {choice.say(lang)}")


def _write(draft: StudyText, lang: Lang) -> None:
    from geo.draft import write_draft

    if not draft.is_changed:
        print(say("draft.new_same", lang=lang, file=draft.file))
        return
    copy = write_draft(draft)
    if draft.open_questions:
        print(say("draft.new_taken", lang=lang, n=len(draft.open_questions)))
        _print_open(draft, lang)
    print(say("draft.new_written", lang=lang, file=draft.file))
    if copy is not None:
        print(say("draft.new_copy", lang=lang, file=copy))


def _check(draft: StudyText, lang: Lang) -> int:
    """Check the study that was written, and say how it ends and what to type next."""
    from geo.errors import GeoError
    from geo.study import CHECKING, check_study, read_study

    print(say("draft.new_check", lang=lang))
    command = f'geo check "{draft.file}"'
    try:
        study = read_study(draft.file)
        with showing_steps(lambda: CHECKING, lang) as step:
            stops = faults_of_folder(study, str(draft.file))
            report = check_study(study, lang=lang, step=step, stops=stops)
    except GeoError as error:
        print(f"  ! {error.say(lang)}")
        print(say("draft.new_next_mend", lang=lang, command=command))
        return EXIT_ERROR
    lines = report.text.splitlines()
    for line in (*_marked(lines), *_notes_in(lines, lang)):
        print(line)
    print(lines[-1])
    if report.errors:
        print(say("draft.new_next_mend", lang=lang, command=command))
        return EXIT_ERROR
    print(say("draft.new_next", lang=lang, command=f'geo run "{draft.file}"'))
    return EXIT_FAULTS if report.n_faults else EXIT_OK


def _marked(lines: Sequence[str]) -> Iterator[str]:
    """Give the lines of a check that are marked, those of a layer under the line that names it."""
    heading = ""
    for line in lines:
        if line.startswith("!"):
            yield line
        elif line.lstrip().startswith("!"):
            if heading:
                yield heading
            heading = ""
            yield line
        elif line and not line.startswith(" "):
            heading = line


def _notes_in(lines: Sequence[str], lang: Lang) -> list[str]:
    """Give what the check says of how the layers were taken: any of it may change a number."""
    title = say("study.check_notes", lang=lang)
    rest = lines[lines.index(title) :] if title in lines else []
    return list(rest[: rest.index("")] if "" in rest else rest)
