"""Work of two processes: none is done twice, and none is waited for in vain."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from geo._jit import Claims, TakenError, kernel, sharing


@kernel
def double(x):  # type: ignore[no-untyped-def]
    return 2 * x


def run(folder: Path, *, helper_is_there: bool = True) -> Claims:
    return Claims(folder, lambda: helper_is_there, is_helper=False)


def helper(folder: Path, *, run_is_there: bool = True) -> Claims:
    return Claims(folder, lambda: run_is_there, is_helper=True)


def test_the_helper_leaves_what_the_run_has_claimed(tmp_path: Path) -> None:
    run(tmp_path).take("zones")
    helper(tmp_path).take("areas")
    with pytest.raises(TakenError):
        helper(tmp_path).take("zones")


def test_the_helper_leaves_it_when_the_run_is_through_as_well(tmp_path: Path) -> None:
    # else both might write to the same index of kernels: the run for other types of arguments
    own = run(tmp_path)
    own.take("zones")
    own.finish("zones")
    with pytest.raises(TakenError):
        helper(tmp_path).take("zones")


def test_the_helper_claims_nothing_twice(tmp_path: Path) -> None:
    own = helper(tmp_path)
    own.take("zones")
    own.finish("zones")
    with pytest.raises(TakenError):
        own.take("zones")


def test_the_helper_stops_with_the_run(tmp_path: Path) -> None:
    with pytest.raises(TakenError):
        helper(tmp_path, run_is_there=False).take("zones")


def test_the_run_waits_until_the_helper_is_through(tmp_path: Path) -> None:
    other, order = helper(tmp_path), []
    other.take("zones")

    def work() -> None:
        time.sleep(0.1)
        order.append("helper")
        other.finish("zones")

    thread = threading.Thread(target=work)
    thread.start()
    run(tmp_path).take("zones")
    order.append("run")
    thread.join()
    assert order == ["helper", "run"]


def test_the_run_does_not_wait_for_a_helper_that_has_gone(tmp_path: Path) -> None:
    helper(tmp_path).take("zones")
    run(tmp_path, helper_is_there=False).take("zones")


def test_the_run_does_not_wait_for_itself(tmp_path: Path) -> None:
    own = run(tmp_path)
    own.take("zones")
    own.take("zones")  # the first time it failed, say


def test_without_a_folder_the_run_goes_on_and_the_helper_does_not(tmp_path: Path) -> None:
    run(tmp_path / "gone").take("zones")
    run(tmp_path / "gone").finish("zones")
    with pytest.raises(TakenError):
        helper(tmp_path / "gone").take("zones")


def test_a_kernel_is_claimed_before_it_is_compiled(tmp_path: Path) -> None:
    with sharing(run(tmp_path)):
        assert double(21) == 42
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{__name__}.double.claim",
        f"{__name__}.double.done",
    }


def test_a_kernel_that_is_claimed_is_not_compiled_by_the_helper(tmp_path: Path) -> None:
    run(tmp_path).take(f"{__name__}.double")
    with sharing(helper(tmp_path)), pytest.raises(TakenError):
        double("for this type it was never compiled")
    assert double(21) == 42
