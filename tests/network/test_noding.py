"""Where lines meet: at shared vertices, at ends beside other lines, and at crossings where asked for."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.network._vertices import Vertices
from geo.network.noding import Noded, node_lines

Line = list[tuple[float, float]]


def noded(lines: list[Line], level: list[int] | None = None, *, tolerance_m: float = 0.5) -> Noded:
    return _noded(lines, level, tolerance_m=tolerance_m, at_crossings=False)


def crossed(lines: list[Line], level: list[int] | None = None) -> Noded:
    return _noded(lines, level, tolerance_m=0.5, at_crossings=True)


def _noded(lines: list[Line], level: list[int] | None, *, tolerance_m: float, at_crossings: bool) -> Noded:
    xy = np.concatenate([np.array(line, dtype=float) for line in lines])
    vertices = Vertices(xy, xy, np.repeat(np.arange(len(lines)), [len(line) for line in lines]))
    levels = np.array(level or [0] * len(lines))
    return node_lines(vertices, levels, tolerance_m=tolerance_m, at_crossings=at_crossings)


def groups(result: Noded, n_lines: int) -> set[frozenset[int]]:
    """Give the sets of lines that hang together."""
    n = len(result.line)
    pairs = [(int(a), int(b)) for a in range(n) for b in range(a) if _touch(result.ends, n, a, b)]
    return brute_groups(n_lines, [(int(result.line[a]), int(result.line[b])) for a, b in pairs])


def _touch(ends: np.ndarray, n: int, a: int, b: int) -> bool:
    return bool({ends[a], ends[a + n]} & {ends[b], ends[b + n]})


def brute_groups(n: int, pairs: list[tuple[int, int]]) -> set[frozenset[int]]:
    number = list(range(n))
    for _ in range(n):
        for a, b in pairs:
            number[a] = number[b] = min(number[a], number[b])
    return {frozenset(i for i in range(n) if number[i] == k) for k in set(number)}


EAST: Line = [(0, 0), (100, 0), (200, 0)]
NORTH: Line = [(100, -50), (100, 0), (100, 50)]


@pytest.mark.parametrize(
    ("lines", "level", "pieces", "n_apart"),
    [
        ([EAST, NORTH], [0, 0], [2, 2], 0),  # in the middle of both
        ([EAST, NORTH], [0, 1], [1, 1], 1),  # one is a bridge: told
        ([EAST, [(100, 0), (100, 50)]], [0, 1], [2, 1], 0),  # a bridge begins at the road
        ([EAST, [(200, 0), (300, 0)]], [0, 1], [1, 1], 0),  # end to end
        ([EAST, [(100, 0.4), (100, 50)]], [0, 0], [2, 1], 0),  # within the tolerance of a vertex
        ([[(0, 0), (200, 0)], [(100, 0.5), (100, 50)]], [0, 0], [2, 1], 0),  # beside the middle, at the limit
        ([[(0, 0), (200, 0)], [(100, 0.51), (100, 50)]], [0, 0], [1, 1], 0),  # beyond it
        ([[(0, 0), (200, 0)], [(100, 0.5), (100, 50)]], [0, 1], [1, 1], 1),  # a garage under the street: told
        ([[(0, 0), (200, 0)], [(100, -50), (100, 50)]], [0, 0], [1, 1], 0),  # only cross
        ([EAST, [(100, 0.3), (150, 40), (100, 80)]], [0, 0], [2, 1], 0),
        ([[(0, 0), (100, 0.3), (200, 0)], NORTH], [0, 0], [2, 2], 0),  # vertices in the middle, 0.3 m apart
        ([[(0, 0), (100, 0.3), (200, 0)], NORTH], [0, 1], [1, 1], 0),
        ([EAST, EAST[::-1]], [0, 0], [1, 1], 0),  # drawn twice: no junction at each bend
        ([EAST, [(0, 9), (0, 0), (100, 0), (200, 0), (200, 9)]], [0, 0], [1, 3], 0),  # a shared stretch
        ([[(0, 0), (100, 0), (100, 99), (50, 99), (100, 0)]], [0], [2], 0),  # a loop at the end of its stem
        ([[(0, 0), (0, 0), (9, 0)], [(9, 0), (9, 9)]], [0, 0], [1, 1], 0),  # a vertex twice
    ],
)
def test_lines_are_cut_where_they_meet(
    lines: list[Line], level: list[int], pieces: list[int], n_apart: int
) -> None:
    result = noded(lines, level)
    assert np.bincount(result.line).tolist() == pieces
    assert result.n_apart == n_apart
    assert result.n_cut == sum(n > 1 for n in pieces)


def test_a_line_without_a_vertex_passes_over_a_junction() -> None:
    # A viaduct along a street has no vertex where two pieces of the street below meet; a dead end meets it.
    through: Line = [(0, 0), (200, 0)]
    sides: list[Line] = [[(100, 0), (100, 50)], [(100, 0), (100, -50)]]
    assert np.bincount(noded([through, *sides]).line).tolist() == [1, 1, 1]
    assert np.bincount(crossed([through, *sides]).line).tolist() == [2, 1, 1]
    assert noded([through, sides[0]]).n_touching == 1


def test_crossings_are_cut_once_on_one_level() -> None:
    lines: list[Line] = [
        [(0, 0), (200, 0)],
        [(100, -50), (100, 50)],
        [(50, -50), (150, 50)],
        [(20, 0.2), (20, 9)],
    ]
    # The first three cross at (100, 0); the fourth begins beside the first.
    result = crossed(lines)
    assert np.bincount(result.line).tolist() == [3, 2, 2, 1]
    assert len(set(result.ends.tolist())) == 2 + 2 + 2 + 1 + 1 + 1
    assert np.bincount(crossed(lines, [0, 1, 1, 0]).line).tolist() == [2, 2, 2, 1]


def test_a_crossing_at_a_vertex_of_one_line_uses_it() -> None:
    result = crossed([EAST, [(100, -50), (100, 50)]])
    assert np.bincount(result.line).tolist() == [2, 2]
    assert result.vertices.xy[result.vertices.start[1]].tolist() == [100, 0]


LATTICE = st.lists(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=4, unique=True),
    min_size=1,
    max_size=7,
)


@settings(max_examples=150, deadline=None)
@given(LATTICE, st.randoms())
def test_lines_hang_together_as_brute_force_says(lines: list[Line], random: Random) -> None:
    # On a lattice with a small tolerance: two lines hang together where they share a vertex, or where one
    # ends on the other and no third has a vertex there. Neither the order of the lines nor their direction
    # matters, and no length is lost.
    shapes = [shapely.LineString(line) for line in lines]
    dangling = [
        [line[k] for k in (0, -1) if not any(line[k] in other for other in lines if other is not line)]
        for line in lines
    ]
    points = [[shapely.Point(at) for at in ends] for ends in dangling]
    # A dangling end where two lines cross meets one of them only.
    assume(
        all(sum(point.distance(shape) < 1e-9 for shape in shapes) < 3 for ends in points for point in ends)
    )
    pairs = [
        (i, j)
        for i in range(len(lines))
        for j in range(len(lines))
        if i != j
        and (set(lines[i]) & set(lines[j]) or any(shapes[j].distance(point) < 1e-9 for point in points[i]))
    ]
    result = noded(lines, tolerance_m=1e-3)
    assert groups(result, len(lines)) == brute_groups(len(lines), pairs)
    order = list(range(len(lines)))
    random.shuffle(order)
    turned = [lines[i][:: random.choice((1, -1))] for i in order]
    again = {
        frozenset(order[i] for i in members)
        for members in groups(noded(turned, tolerance_m=1e-3), len(lines))
    }
    assert again == groups(result, len(lines))
    steps = np.hypot(*np.diff(result.vertices.metres, axis=0).T) * (np.diff(result.vertices.line) == 0)
    length = np.bincount(result.line[result.vertices.line[1:]], weights=steps, minlength=len(lines))
    assert length == pytest.approx(shapely.length(shapes))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=25))
def test_ends_are_clustered_by_chains_as_brute_force_does(cells: list[tuple[int, int]]) -> None:
    # Each line leads from a cell of 1 m straight out of the picture, far from all others but at its cell.
    angle = np.linspace(0.1, 3, len(cells))
    lines: list[Line] = [
        [cell, (cell[0] + 1e6 * np.cos(a), cell[1] - 1e6 * np.sin(a))]
        for cell, a in zip(cells, angle, strict=True)
    ]
    result = noded(lines, tolerance_m=1.0)
    near = [
        (i, j)
        for i in range(len(cells))
        for j in range(i)
        if np.hypot(cells[i][0] - cells[j][0], cells[i][1] - cells[j][1]) <= 1.0
    ]
    first = {
        int(line): int(end)
        for line, end in zip(result.line[::-1], result.ends[: len(result.line)][::-1], strict=True)
    }
    for members in brute_groups(len(cells), near):
        assert len({first[i] for i in members}) == 1


def test_ends_on_different_levels_do_not_meet() -> None:
    # A street of two pieces, and an elevated road of two pieces whose common end is drawn on theirs.
    lines: list[Line] = [
        [(0, 0), (100, 0)],
        [(100, 0), (200, 0)],
        [(100, -90), (100, 0)],
        [(100, 0.2), (100, 90)],
    ]
    xy = np.array(lines, dtype=float).reshape(-1, 2)
    vertices = Vertices(xy, xy, np.repeat(np.arange(4), 2))
    up = np.array([[0, 0], [0, 0], [0, 1], [1, 0]])  # it comes down at its far ends
    apart = node_lines(vertices, up.min(axis=1), tolerance_m=0.5, end_level=up)
    assert groups(apart, 4) == {frozenset({0, 1}), frozenset({2, 3})}
    assert apart.n_apart == 1  # the piece that ends 0.2 m off shares no vertex with the street
    assert groups(node_lines(vertices, up.min(axis=1), tolerance_m=0.5), 4) == {frozenset(range(4))}
