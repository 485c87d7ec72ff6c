"""Help in the language of the planner: its texts are words, typer's own layout speaks English only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import typer
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup

from geo.cli._language import asked_lang
from geo.cli._lines import fold, lay_out, terminal_width
from geo.cli._misuse import UsageError, tell_misuse, usage
from geo.cli.exit_codes import EXIT_STOPPED
from geo.words import Lang, say

__all__ = ["SpokenCommand", "SpokenGroup"]


class SpokenCommand(TyperCommand):
    """A command whose help texts are keys of ``layers/words/cli.toml``."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help: in English as typer lays it out, in Chinese by itself."""
        _write_help(self, ctx, formatter, in_english=super().format_help)


class SpokenGroup(TyperGroup):
    """A command of commands, whose help and complaints are told in the language of the planner."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help: in English as typer lays it out, in Chinese by itself."""
        _write_help(self, ctx, formatter, in_english=super().format_help)

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Run what was typed; in Chinese what cannot be understood of it is told here."""
        words = sys.argv[1:] if args is None else list(args)
        lang = asked_lang(words)
        options["obj"] = lang
        if lang == "en" or not options.get("standalone_mode", True):
            return super().main(args, *more, **options)
        options["standalone_mode"] = False
        try:
            code = super().main(args, *more, **options)
        except UsageError as error:
            sys.exit(_complain(error, words, lang))
        except typer.Abort:
            sys.exit(EXIT_STOPPED)
        sys.exit(code if isinstance(code, int) else 0)


def _lang(ctx: Any) -> Lang:
    return ctx.find_root().obj or "en"


def _complain(error: Any, words: Sequence[str], lang: Lang) -> int:
    """Print what is wrong with a command line; one without anything is answered by help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.message)
    else:
        print(tell_misuse(error, words, lang), file=sys.stderr)
    return int(error.exit_code)


def _write_help(command: Any, ctx: Any, formatter: Any, *, in_english: Callable[..., None]) -> None:
    for each in (command, *getattr(command, "commands", {}).values()):
        _say_texts(each, _lang(ctx))
    if _lang(ctx) == "en":
        in_english(ctx, formatter)
    else:
        formatter.write(_help(command, ctx))


def _say_texts(command: Any, lang: Lang) -> None:
    """Put the texts of a command and its options into words."""
    command.help = _said(command.help, lang)
    command.short_help = None
    for param in command.params:
        param.help = _said(getattr(param, "help", None), lang)


def _said(text: str | None, lang: Lang) -> str:
    if text is None or not text.startswith("cli."):
        return text or ""
    # English help is laid out by typer with rich, which takes [availability] for mark-up and drops it
    return escape(say(text, lang=lang)) if lang == "en" else say(text, lang=lang)


def _help(command: Any, ctx: Any) -> str:
    lang = _lang(ctx)
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.get_params(ctx) if param.param_type_name == "option"]
    parts = [usage(ctx, lang), "", *fold(command.help, terminal_width())]
    for title, rows in (
        ("cli.arguments", _argument_rows(arguments, lang)),
        ("cli.options", _option_rows(options, lang)),
        ("cli.commands", _command_rows(command)),
    ):
        listed = list(rows)
        if listed:
            parts += ["", say(title, lang=lang), _table(listed)]
    return "\n".join(parts)


def _argument_rows(params: Iterable[Any], lang: Lang) -> Iterator[tuple[str, str]]:
    for param in params:
        mark = say("cli.required", lang=lang) if param.required else ""
        yield say(f"cli.value_{param.name}", lang=lang), param.help + mark


def _option_rows(params: Iterable[Any], lang: Lang) -> Iterator[tuple[str, str]]:
    for param in params:
        names = ", ".join([*sorted(param.opts, key=len), *param.secondary_opts])
        if param.name == "help":
            yield names, say("cli.help_help", lang=lang)
            continue
        value = "" if param.is_flag else say(f"cli.value_{param.name}", lang=lang)
        mark = say("cli.required", lang=lang) if param.required else _default(param, lang)
        yield f"{names} {value}".rstrip(), param.help + mark


def _default(param: Any, lang: Lang) -> str:
    default = param.default
    is_number = isinstance(default, int | float) and not isinstance(default, bool)
    return say("cli.default", lang=lang, value=f"{default:g}") if is_number else ""


def _command_rows(command: Any) -> Iterator[tuple[str, str]]:
    for name, part in getattr(command, "commands", {}).items():
        yield name, part.help


def _table(rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(lay_out(rows, width=terminal_width(), margin="  "))
