"""Whatever goes to other processes comes out of a pickle as it went in."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TypeVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import (
    CrsError,
    DownloadError,
    FaultsError,
    FileError,
    GeoError,
    InfeasibleError,
    InputError,
    NetworkError,
    StudyError,
)
from geo.messages import Fault, Guess, Message
from geo.outputs import write_outputs
from geo.settings import FixedMapping
from geo.study import StudyResult, read_study

T = TypeVar("T")
KEYS = st.sampled_from(["layers.blank_rows", "plans.layer_with", "batch.as_told"])
PLAIN = st.one_of(st.integers(), st.floats(allow_nan=False), st.text(), st.booleans(), st.none())
MESSAGES = st.recursive(
    st.builds(Message, KEYS, st.dictionaries(st.text(), PLAIN)),
    lambda inner: st.builds(
        Message, KEYS, st.dictionaries(st.text(), st.one_of(PLAIN, inner, st.tuples(inner)))
    ),
    max_leaves=5,
)


def again(value: T) -> T:
    return cast("T", pickle.loads(pickle.dumps(value)))


@given(MESSAGES)
def test_a_message_is_the_same(message: Message) -> None:
    assert again(message) == message
    assert again(Fault(3, "people", "x", message)) == Fault(3, "people", "x", message)
    assert again(Guess("people", "人口", message)) == Guess("people", "人口", message)


@given(st.dictionaries(st.text(), PLAIN))
def test_a_table_that_cannot_be_changed_is_the_same(table: dict[str, object]) -> None:
    assert again(FixedMapping(table)) == table


NOTE = Message("layers.blank_rows", {"n": 2})


@pytest.mark.parametrize(
    "error",
    [
        *(cls(NOTE) for cls in (FileError, InputError, CrsError, NetworkError, StudyError)),
        *(cls("plain") for cls in (InfeasibleError, DownloadError, GeoError)),
        InputError(NOTE, faults=[Fault(2, "people", "x", NOTE)] * 7),
        FaultsError([FileError(NOTE), InputError(NOTE, faults=["row 3"])]),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_error_says_the_same(error: GeoError, lang: str) -> None:
    error.section = "roads"
    assert type(again(error)) is type(error)
    assert again(error).say(lang) == error.say(lang)
    assert str(again(error)) == str(error)


def test_a_study_is_the_same() -> None:
    study = read_study("sample")
    assert again(study) == study


@pytest.mark.study
def test_a_result_writes_the_same_files(sample_run: tuple[StudyResult, Path], tmp_path: Path) -> None:
    result, before = sample_run
    written = write_outputs(again(result), tmp_path / "again")
    differs = [name for name in written if (before / name).read_bytes() != written[name].read_bytes()]
    # the manifest tells the way to the study from its own folder
    assert differs in ([], ["manifest.json"])
