"""What a folder leaves open, as numbered choices; who answers is the caller's affair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from geo.messages import Message

__all__ = ["Answer", "Answered", "Asked", "Question", "Questions", "take_best"]


@dataclass(frozen=True)
class Question:
    """One thing that changes numbers and that the files do not say.

    Parameters
    ----------
    about : str
        What it is about: ``"role"``, ``"version"``, ``"people"``, ``"roads"``, ``"system"``, ``"column"``,
        ``"unit"``.
    text : Message
        The question.
    choices : tuple of Message
        The answers, the best one first.
    """

    about: str
    text: Message
    choices: tuple[Message, ...]


@dataclass(frozen=True)
class Answer:
    """Which choice was taken (from 0), and whether somebody took it."""

    choice: int = 0
    is_given: bool = False


Asked: TypeAlias = Callable[[Question], Answer]
"""Answers a question: a person at a terminal, or :func:`take_best`."""


def take_best(question: Question) -> Answer:
    """Take the best choice; nobody was asked, so that the line is marked in the study file.

    Examples
    --------
    >>> take_best(Question("roads", Message("draft.ask_roads"), (Message("draft.choice_leave"),)))
    Answer(choice=0, is_given=False)
    """
    return Answer()


@dataclass(frozen=True)
class Answered:
    """A question, and what was taken."""

    question: Question
    answer: Answer

    @property
    def taken(self) -> Message:
        """The choice that was taken."""
        return self.question.choices[self.answer.choice]

    @property
    def others(self) -> tuple[Message, ...]:
        """The choices that were not."""
        return tuple(
            choice for place, choice in enumerate(self.question.choices) if place != self.answer.choice
        )


@dataclass
class Questions:
    """Asks, and keeps what was asked.

    Parameters
    ----------
    ask : callable
        Answers one question.
    answered : list of Answered
        In the order of asking.
    """

    ask: Asked = take_best
    answered: list[Answered] = field(default_factory=list)

    def put(self, about: str, text: Message, choices: tuple[Message, ...]) -> Answered:
        """Ask a question and give its answer."""
        question = Question(about, text, choices)
        answered = Answered(question, self.ask(question))
        self.answered.append(answered)
        return answered
