"""BD-09MC, the metres of Baidu's maps, to and from degrees of BD-09.

They look like Web Mercator but are not: northings are a polynomial of the latitude in each of six bands. Read
as EPSG:3857 a place in Shanghai is 19 km off. The coefficients have been public since the first Baidu map
script (for example github.com/wh1100717/BaiduMapPointConverter); only the direction from metres to degrees is
taken from there, and its inverse is found by Newton's method, so that there and back is exact.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["bd09_to_bd09mc", "bd09mc_to_bd09"]

_Pair: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]

_BAND_M: Final = np.array([0.0, 1678043.12, 3481989.83, 5591021.0, 8362377.87, 12890594.86])
"""Least northing of each band, metres."""
_LON: Final = np.array(
    [
        (2.890871144776878e-9, 8.983055095805407e-6),
        (3.09191371068437e-9, 8.983055096812155e-6),
        (-1.981981304930552e-8, 8.983055099779535e-6),
        (-3.030883460898826e-8, 8.98305509983578e-6),
        (-7.435856389565537e-9, 8.983055097726239e-6),
        (1.410526172116255e-8, 8.98305509648872e-6),
    ]
)
"""Degrees of longitude: a constant, and a factor of the easting."""
_LAT: Final = np.array(
    [
        [
            -3.068298e-8,
            7.47137025468032,
            -3.53937994e-6,
            -0.02145144861037,
            -1.234426596e-5,
            1.0322952773e-4,
            -3.23890364e-6,
        ],
        [
            6.995724062e-5,
            23.10934304144901,
            -2.3663490511e-4,
            -0.6321817810242,
            -0.00663494467273,
            0.03430082397953,
            -0.00466043876332,
        ],
        [
            0.03278182852591,
            40.31678527705744,
            0.65659298677277,
            -4.44255534477492,
            0.85341911805263,
            0.12923347998204,
            -0.04625736007561,
        ],
        [
            0.30071316287616,
            59.74293618442277,
            7.357984074871,
            -25.38371002664745,
            13.45380521110908,
            -3.29883767235584,
            0.32710905363475,
        ],
        [
            -0.78625201886289,
            96.32687599759846,
            -1.85204757529826,
            -59.36935905485877,
            47.40033549296737,
            -16.50741931063887,
            2.28786674699375,
        ],
        [
            -1.9939833816331,
            200.9824383106796,
            -187.2403703815547,
            91.6087516669843,
            -23.38765649603339,
            2.57121317296198,
            -0.03801003308653,
        ],
    ]
)
"""Degrees of latitude: a polynomial of the northing in units of its band."""
_UNIT_M: Final = np.array([826088.5, 2555164.4, 4482777.06, 6856817.37, 10260144.86, 17337981.2])
_CLOSE_M: Final = 1e-4


def bd09mc_to_bd09(x: ArrayLike, y: ArrayLike) -> _Pair:
    """Turn metres of Baidu's maps into degrees of BD-09.

    Examples
    --------
    >>> lon, lat = bd09mc_to_bd09(12958160.97, 4825907.72)
    >>> round(float(lon), 6), round(float(lat), 6)
    (116.403874, 39.914889)
    """
    east, north = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    lat, lon_factors, _ = _latitude(np.abs(north))
    lon = lon_factors[..., 0] + lon_factors[..., 1] * np.abs(east)
    return np.where(east < 0, -lon, lon), np.where(north < 0, -lat, lat)


def bd09_to_bd09mc(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Turn degrees of BD-09 into metres of Baidu's maps, to a tenth of a millimetre.

    Examples
    --------
    >>> x, y = bd09_to_bd09mc(116.403874, 39.914889)
    >>> round(float(x)), round(float(y))
    (12958161, 4825908)
    """
    east, north = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    wanted = np.abs(north)
    # Mercator on Baidu's sphere is some kilometres off: a start within Newton's reach.
    y = 6_370_996.81 * np.log(np.tan(np.pi / 4 + np.radians(np.minimum(wanted, 84.0)) / 2))
    for _ in range(20):
        there, _, slope = _latitude(np.maximum(y, 0.0))
        step = (wanted - there) / slope
        y = y + step
        if np.abs(step).max(initial=0.0) < _CLOSE_M:
            break
    _, factors, _ = _latitude(np.maximum(y, 0.0))
    x = (np.abs(east) - factors[..., 0]) / factors[..., 1]
    return np.where(east < 0, -x, x), np.where(north < 0, -y, y)


def _latitude(
    north_m: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give the latitude of a northing, the factors of longitude in its band, and degrees a metre there."""
    band = np.clip(np.searchsorted(_BAND_M, north_m, side="right") - 1, 0, len(_BAND_M) - 1)
    part = north_m / _UNIT_M[band]
    lat, slope = np.zeros_like(part), np.zeros_like(part)
    for power in range(_LAT.shape[1] - 1, -1, -1):
        slope = slope * part + lat
        lat = lat * part + _LAT[band, power]
    return lat, _LON[band], slope / _UNIT_M[band]
