"""Why a library or the system failed: its own words in English, what they mean in Chinese."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from geo.words import Lang, say, word_lists

__all__ = ["Reason"]

_MOST_LETTERS: Final = 200
_PLACE: Final = re.compile(r"\bline (\d+)(?:,? column (\d+))?")


@dataclass(frozen=True)
class Reason:
    """Why something failed, as a library or the system says it.

    Libraries speak English. What they say most often is known by its words (``reason_terms.toml``) and told
    in Chinese, with the line that they name; the rest is told as what cannot be understood in the file.

    Parameters
    ----------
    text : str
        The library's own words.
    number : int, optional
        ``errno`` of the system.

    Examples
    --------
    >>> reason = Reason("Unclosed array (at line 3, column 9)")
    >>> reason.say("en"), reason.say("zh")
    ('Unclosed array (at line 3, column 9)', '方括号没有成对，第 3 行第 9 列')
    >>> Reason.of(FileNotFoundError(2, "No such file or directory")).say("zh")
    '文件或文件夹不存在'
    """

    text: str
    number: int | None = None

    @classmethod
    def of(cls, error: BaseException) -> Reason:
        """Give the reason of an error, on one line and cut where it is long."""
        number = error.errno if isinstance(error, OSError) else None
        why = error.strerror if isinstance(error, OSError) else None
        return cls(" ".join((why or str(error)).split())[:_MOST_LETTERS], number)

    def say(self, lang: Lang) -> str:
        """Give the reason in a language."""
        return self.text if lang == "en" else self._meaning(lang)

    def __str__(self) -> str:
        return self.text

    def _meaning(self, lang: Lang) -> str:
        name = errno.errorcode.get(self.number or 0, "").casefold()
        kind = next(
            (
                meaning
                for meaning, words in _terms().items()
                if name in words or any(word in self.text.casefold() for word in words)
            ),
            "other",
        )
        place = _PLACE.search(self.text)
        if place is None:
            return say(f"reasons.why_{kind}", lang=lang)
        where = "column" if place[2] else "line"
        return say(
            f"reasons.at_{where}",
            lang=lang,
            what=say(f"reasons.why_{kind}", lang=lang),
            row=place[1],
            column=place[2] or "",
        )


@cache
def _terms() -> dict[str, tuple[str, ...]]:
    """Give the words of libraries by what they mean; the first that fits counts."""
    return dict(word_lists("reason")["meaning"])
