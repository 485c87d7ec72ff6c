"""What is told of a command line that cannot be understood, in Chinese; in English typer says it itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import typer

from geo.messages import Message
from geo.words import Lang, say

__all__ = ["MisuseError", "UsageError", "tell_misuse", "usage"]

UsageError: Final[type[Exception]] = typer.BadParameter.__mro__[1]  # type: ignore[assignment,unused-ignore]
"""What typer raises of a wrong command line; newer versions hide the class."""
_LIMITED: Final = ("towns", "seed", "nodes", "year", "timeout_s", "port", "workers", "memory")
_NAME: Final = re.compile(r"No such command '([^']*)'")
_EXTRA: Final = re.compile(r"unexpected extra arguments?(?:\(s\))? \((.*)\)")


class MisuseError(typer.BadParameter):
    """A wrong value of an option or argument, told in the language of all that is said with it.

    Parameters
    ----------
    message : Message
        What is wrong and what to write.
    hint : str
        The option.
    """

    def __init__(self, message: Message, *, hint: str = "") -> None:
        # Typer's own words stand around this text, and they are English; in Chinese `told` is said.
        super().__init__(message.say("en"), param_hint=hint or None)
        self.told = message


def tell_misuse(error: Any, words: Sequence[str], lang: Lang) -> str:
    """Tell a wrong command line: how the command is used, where help is, and what is wrong."""
    lines = []
    if error.ctx is not None:
        path = error.ctx.command_path
        lines += [usage(error.ctx, lang), say("cli.try_help", lang=lang, command=path)]
    return "\n".join([*lines, say("cli.misuse", lang=lang, what=_what(error, words).say(lang))])


def usage(ctx: Any, lang: Lang) -> str:
    """Give the line that says how a command is typed."""
    arguments = [param for param in ctx.command.params if param.param_type_name == "argument"]
    words = [say("cli.usage_options", lang=lang)]
    if hasattr(ctx.command, "commands"):
        words.append(say("cli.usage_command", lang=lang))
    for param in arguments:
        name = say(f"cli.value_{param.name}", lang=lang)
        words.append(f"<{name}>" if param.required else f"[<{name}>]")
    return say("cli.usage", lang=lang, command=ctx.command_path, words=" ".join(words))


def _what(error: Any, words: Sequence[str]) -> Message:
    told = getattr(error, "told", None)
    if told is not None:
        hint = error.param_hint
        return Message("cli.of_option", {"option": hint, "what": told}) if hint else told
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = tuple(sorted(error.possibilities or ()))
        key = "cli.no_option_near" if near else "cli.no_option"
        return Message(key, {"option": error.option_name, "near": near})
    if kind == "MissingParameter":
        return Message("cli.missing", {"what": _name(error.param)})
    if kind == "BadOptionUsage":
        return Message("cli.option_needs", {"option": error.option_name})
    if kind == "BadParameter":
        return _bad_value(error.param, words)
    return next(_of_text(str(error.message)), Message("cli.not_understood"))


def _of_text(text: str) -> Iterator[Message]:
    name, extra = _NAME.search(text), _EXTRA.search(text)
    if name is not None:
        yield Message("cli.no_command", {"name": name[1]})
    if extra is not None:
        yield Message("cli.too_much", {"words": extra[1]})
    if "Missing command" in text:
        yield Message("cli.no_command_given")


def _bad_value(param: Any, words: Sequence[str]) -> Message:
    """Say what an option should be; typer says it in words that change from version to version."""
    values = {"what": _name(param), "value": _typed(param, words)}
    if param is None or param.name not in _LIMITED:
        return Message("cli.bad_value", values)
    return Message("cli.bad_value_wanted", {**values, "wanted": Message(f"cli.wants_{param.name}")})


def _typed(param: Any, words: Sequence[str]) -> str:
    """Find what was typed behind an option."""
    for name in getattr(param, "opts", ()):
        for word, value in pairwise(words):
            if word == name:
                return value
        for word in words:
            if word.startswith(f"{name}="):
                return word.removeprefix(f"{name}=")
    return ""


def _name(param: Any) -> Message | str:
    """Name an option as it is typed, an argument by its place holder."""
    if param is None:
        return Message("cli.some_value")
    if param.param_type_name == "argument":
        return Message(f"cli.value_{param.name}")
    return str(max(param.opts, key=len))
