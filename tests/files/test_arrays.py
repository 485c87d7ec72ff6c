"""Arrays that are kept: given back as they were, or refused in one message."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from geo.errors import FileError
from geo.files import opened_arrays, save_arrays


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "道路.npz"
    save_arrays(
        path, {"names": ["中山路", ""], "n": 2}, {"x": np.array([0.5, np.inf]), "none": np.empty((0, 2))}
    )
    return path


def test_they_come_back_as_they_were(kept: Path) -> None:
    with opened_arrays(kept) as (plain, arrays):
        assert plain == {"names": ["中山路", ""], "n": 2}
        assert list(arrays) == ["x", "none"]
        np.testing.assert_array_equal(arrays["x"], [0.5, np.inf])
        assert arrays["none"].shape == (0, 2)
    os.remove(kept)  # not held open


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no arrays"])
def test_what_is_no_kept_file_is_refused(kept: Path, content: bytes) -> None:
    kept.write_bytes(content)
    with pytest.raises(FileError, match=r"道路\.npz is no kept network or layer"), opened_arrays(kept):
        pytest.fail("it was opened")


def test_a_file_cut_anywhere_is_refused(kept: Path) -> None:
    whole = kept.read_bytes()
    for end in range(0, len(whole), 17):
        kept.write_bytes(whole[:end])
        with pytest.raises(FileError, match="it may be deleted"), opened_arrays(kept):
            pytest.fail(f"it was opened with {end} bytes")


def test_a_changed_bit_is_refused_or_changes_nothing(kept: Path) -> None:
    """Some bits stand for what nobody reads, such as the date of a part."""
    whole = kept.read_bytes()
    n_refused = 0
    for at in range(0, len(whole), 7):
        kept.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        try:
            with opened_arrays(kept) as (plain, arrays):
                assert plain == {"names": ["中山路", ""], "n": 2}, at
                assert (list(arrays), arrays["x"].tolist()) == (["x", "none"], [0.5, np.inf]), at
        except FileError:
            n_refused += 1
    assert n_refused > len(whole) / 7 / 2


def test_a_part_that_a_damaged_list_leaves_out_is_missed(kept: Path) -> None:
    """Where the list of parts says that the first has a long comment, the parts behind it are passed over."""
    whole = kept.read_bytes()
    length_of_comment = whole.index(b"PK\x01\x02") + 32
    kept.write_bytes(whole[:length_of_comment] + b"\xff\xff" + whole[length_of_comment + 2 :])
    with pytest.raises(FileError, match="arrays are missing or cut"), opened_arrays(kept):
        pytest.fail("it was opened")


@pytest.mark.parametrize(("was", "now"), [(b"(9000,)", b"(1000,)"), (b"'<f8'", b"'<f4'")])
def test_an_array_that_is_read_in_part_is_refused(tmp_path: Path, was: bytes, now: bytes) -> None:
    """The sum of a part is compared at its end, and a long one is not read to there."""
    path = tmp_path / "kept.npz"
    save_arrays(path, None, {"x": np.arange(9000.0)})
    whole = path.read_bytes()
    assert whole.count(was) == 1
    path.write_bytes(whole.replace(was, now))
    with pytest.raises(FileError, match=r"kept\.npz is no kept network or layer"), opened_arrays(path):
        pytest.fail("it was opened")


def test_what_the_block_cannot_use_is_told_of_the_file(kept: Path) -> None:
    with (
        pytest.raises(FileError, match=r"道路\.npz is no kept network or layer"),
        opened_arrays(kept) as (plain, _),
    ):
        plain["crs"]


def test_a_file_without_the_plain_value_is_refused(kept: Path) -> None:
    np.savez(kept, x=np.arange(3))
    with pytest.raises(FileError, match="no kept network or layer"), opened_arrays(kept):
        pytest.fail("it was opened")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.npz"), opened_arrays(tmp_path / "none.npz"):
        pytest.fail("it was opened")
