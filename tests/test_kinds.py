"""Tests say what they need, so that `make fast` can leave out what takes long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

KINDS = ("unit", "study", "browser", "real")


def marks(item: pytest.Item) -> set[str]:
    return {mark.name for mark in item.iter_markers()}


def test_every_test_has_a_kind_and_every_law_is_thorough(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        assert marks(item) & set(KINDS), item.nodeid
        assert ("unit" in marks(item)) != bool(marks(item) & set(KINDS[1:])), item.nodeid
        if isinstance(item, pytest.Function) and getattr(item.obj, "is_hypothesis_test", False):
            assert "thorough" in marks(item), item.nodeid


@given(st.integers())
def test_a_law_is_told_from_other_tests(n: int) -> None:
    assert getattr(test_a_law_is_told_from_other_tests, "is_hypothesis_test", False)
