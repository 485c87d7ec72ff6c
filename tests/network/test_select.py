"""Roads picked by name, class, area and place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geo.errors import InputError
from geo.network import (
    RoadNetwork,
    inside_share,
    nearest_road,
    roads_between,
    roads_in,
    roads_named,
    roads_of,
)
from tests.towns import ORIGIN, town


def river() -> RoadNetwork:
    """Give two shores joined by a bridge of two carriageways (edges 1 and 2) and by a ford far off (edge 5).

    1 --0-- 2 ==1,2== 3,5 --3-- 4
    """
    drawn = town(
        {1: (0, 0), 2: (1000, 0), 3: (2000, 0), 4: (3000, 0), 5: (1000, 20), 6: (2000, 20)},
        [
            (1, 2, 100),
            (2, 3, 100, np.inf),
            (6, 5, 100, np.inf),
            (3, 4, 100),
            (2, 5, 2),
            (1, 4, 900),
            (3, 6, 2),
        ],
        shapes={5: [(1500, -4000)]},
    )
    names = ("", "滨江路", "崇启大桥", "涉水路")
    return replace(
        drawn,
        names=names,
        edge_name=np.array([1, 2, 2, 1, 0, 3, 0], dtype=np.int32),
        classes=("primary", "trunk", "track"),
        edge_class=np.array([0, 1, 1, 0, 0, 2, 0], dtype=np.int16),
    )


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(np.array([x, y]) + ORIGIN)


def area(*box: float) -> shapely.Polygon:
    return shapely.transform(shapely.box(*box), lambda xy: xy + ORIGIN)


def picked(flags: np.ndarray) -> list[int]:
    return np.flatnonzero(flags).tolist()


def test_roads_by_name_and_class() -> None:
    assert picked(roads_named(river(), "崇启大桥")) == [1, 2]
    assert picked(roads_named(river(), " 滨江路 ")) == [0, 3]
    assert picked(roads_of(river(), ["trunk", "track"])) == [1, 2, 5]


def test_an_unknown_name_tells_the_nearest() -> None:
    with pytest.raises(InputError, match="the nearest names are") as error:
        roads_named(river(), "崇启")
    assert error.value.faults == ("崇启大桥",)
    with pytest.raises(InputError, match="no road is called ''"):
        roads_named(river(), "")
    with pytest.raises(InputError, match="no road is of class motorway; there are primary, track, trunk"):
        roads_of(river(), ["motorway"])


def test_an_area_takes_every_road_it_touches_and_the_part_inside() -> None:
    shore = area(-10, -10, 1250, 30)
    # Edge 5 starts on this shore too; of the bridge a quarter lies inside.
    assert picked(roads_in(river(), [shore])) == [0, 1, 2, 4, 5]
    share = inside_share(river(), [shore])
    assert share[[0, 1, 3]].tolist() == pytest.approx([1.0, 0.25, 0.0])
    # Two areas that overlap do not count twice.
    assert inside_share(river(), [shore, shore])[1] == pytest.approx(0.25)


def test_the_nearest_road_is_one_edge() -> None:
    assert picked(nearest_road(river(), at(1500, 5))) == [1]
    only_second = np.arange(7) == 2
    assert picked(nearest_road(river(), at(1500, 5), among=only_second)) == [2]
    with pytest.raises(InputError, match="from the nearest road"):
        nearest_road(river(), at(90_000, 0))


def test_between_the_ends_of_a_bridge_are_both_carriageways() -> None:
    # The way from junction 2 to junction 3 is edge 1; edge 2 and the links 4 and 6 run beside it.
    assert picked(roads_between(river(), at(990, -30), at(2010, -30))) == [1, 2, 4, 6]
    assert picked(
        roads_between(river(), at(990, -30), at(2010, -30), among=roads_of(river(), ["trunk"]))
    ) == [1, 2]
    with pytest.raises(InputError, match="same nearest junction"):
        roads_between(river(), at(990, -30), at(995, -30))
    only = np.isin(np.arange(7), [0, 3])
    with pytest.raises(InputError, match="no such road leads"):
        roads_between(river(), at(0, 0), at(3000, 0), among=only)
