"""Systems of a city's own and old datums, by the transformation that the study file states.

A plane transformation leads from eastings and northings (x, y) to those of a known system (E, N):

- four parameters:  E = dx + k (x cos r - y sin r),  N = dy + k (x sin r + y cos r), with r positive from east
  to north (anticlockwise) and k = 1 + scale_ppm / 10^6;
- affine:           E = a x + b y + c,  N = d x + e y + f.

Both can be fitted by least squares to control points that are known in both systems. A seven-parameter
transformation leads from the datum of ``from_crs`` to that of ``to_crs`` through geocentric coordinates; its
rotations have opposite signs in the two conventions (position vector: EPSG method 9606; coordinate frame:
EPSG method 9607), so the convention must be said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from geo.crs.gcj02 import TO_WGS84
from geo.crs.polylines import transform_xy, unproject
from geo.crs.systems import choose_metric_crs, name_system, parse_crs
from geo.errors import CrsError
from geo.messages import Message
from geo.ranges import Parameter
from geo.settings import NOTHING

__all__ = ["DatumSystem", "OwnSystem", "PlaneSystem", "SystemSpec", "make_system"]

_XY = NDArray[np.float64]
_WAYS: Final = ("four", "affine", "seven")
_FOUR: Final = ("dx_m", "dy_m", "rotation_s", "scale_ppm")
_SEVEN: Final = ("dx_m", "dy_m", "dz_m", "rx_s", "ry_s", "rz_s", "scale_ppm")
_LEAST: Final = {"four": 2, "affine": 3}
_BAD_M: Final = 100.0
"""Control points that are farther off than this after the fit are wrong, or exchanged."""
_ODD_SCALE: Final = 0.01


@dataclass(frozen=True)
class SystemSpec:
    """A section ``[systems."name"]`` of the study file.

    Parameters
    ----------
    to_crs : str
        The system that the transformation leads to, as :func:`parse_crs` takes it.
    from_crs : str, optional
        With ``seven``: the system of the coordinates before the change of datum. May be left out where the
        name of the section says it.
    four : mapping
        ``dx_m``, ``dy_m`` (metres), ``rotation_s`` (seconds, anticlockwise), ``scale_ppm``; 0 where left out.
    affine : sequence of float
        ``[a, b, c, d, e, f]``.
    seven : mapping
        ``dx_m``, ``dy_m``, ``dz_m`` (metres), ``rx_s``, ``ry_s``, ``rz_s`` (seconds), ``scale_ppm``.
    convention : {"position_vector", "coordinate_frame"}, optional
        Of the rotations of ``seven``.
    control : sequence of [x, y, E, N]
        Points known in both systems. They are fitted where no parameters are given, else they check them.
    fit : {"four", "affine"}
        What is fitted to the control points.
    """

    to_crs: str = "EPSG:4490"
    from_crs: str | None = None
    four: Mapping[str, Parameter] = field(default_factory=lambda: NOTHING)
    affine: Sequence[Parameter] = ()
    seven: Mapping[str, Parameter] = field(default_factory=lambda: NOTHING)
    convention: Literal["position_vector", "coordinate_frame"] | None = None
    control: Sequence[Sequence[Parameter]] = ()
    fit: Literal["four", "affine"] = "four"

    def faults(self) -> list[Message]:
        """List what contradicts itself."""
        given = [way for way in _WAYS if getattr(self, way)]
        faults = []
        if len(given) > 1:
            faults.append(Message("crs.own_one_way", {"ways": tuple(_WAYS), "given": tuple(given)}))
        if not given and not self.control:
            faults.append(Message("crs.own_no_way"))
        if not given and 0 < len(self.control) < _LEAST[self.fit]:
            faults.append(Message("crs.own_few_control", {"fit": self.fit, "n": _LEAST[self.fit]}))
        for way, names in (("four", _FOUR), ("seven", _SEVEN)):
            strange = sorted(set(getattr(self, way)) - set(names))
            if strange:
                faults.append(
                    Message("crs.own_strange", {"way": way, "strange": tuple(strange), "known": tuple(names)})
                )
        if self.affine and len(self.affine) != 6:
            faults.append(Message("crs.own_affine"))
        if any(len(point) != 4 for point in self.control):
            faults.append(Message("crs.own_control"))
        turned = any(self.seven.get(name) for name in ("rx_s", "ry_s", "rz_s"))
        if turned and self.convention is None:
            faults.append(Message("crs.own_convention"))
        if self.from_crs is not None and not self.seven:
            faults.append(Message("crs.own_from_crs"))
        return faults


class OwnSystem(Protocol):
    """A system that leads to a known one."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def target(self) -> CRS: ...  # noqa: D102
    @property
    def notes(self) -> tuple[Message, ...]: ...  # noqa: D102

    def to_target(self, xy: _XY) -> _XY:
        """Turn coordinates into those of ``target``."""


@dataclass(frozen=True, eq=False)
class PlaneSystem:
    """A plane system: ``matrix`` is [[a, b, c], [d, e, f]]; ``notes`` tell how well control points fit."""

    name: str
    target: CRS
    matrix: _XY
    notes: tuple[Message, ...] = ()

    def to_target(self, xy: _XY) -> _XY:
        """Turn coordinates, shape (N, 2), into those of ``target``."""
        return np.asarray(xy @ self.matrix[:, :2].T + self.matrix[:, 2])


@dataclass(frozen=True, eq=False)
class DatumSystem:
    """A system in another datum, with its seven parameters in the signs of the position vector."""

    name: str
    source: CRS
    target: CRS
    seven: tuple[float, ...]
    notes: tuple[Message, ...] = ()

    def to_target(self, xy: _XY) -> _XY:
        """Turn coordinates of ``source`` into those of ``target``."""
        return self.from_source(xy, self.source)

    def from_source(self, xy: _XY, source: CRS) -> _XY:
        """Turn coordinates of any system in the datum of ``source`` into those of ``target``."""
        start, end = source.geodetic_crs, self.target.geodetic_crs
        assert start is not None
        assert end is not None
        degrees = unproject(xy, source)
        moved = Transformer.from_pipeline(_pipeline(start, end, self.seven)).transform(*degrees.T)
        lonlat = np.column_stack(moved)
        return lonlat if self.target.is_geographic else transform_xy(lonlat, CRS(end), self.target)


def make_system(name: str, spec: SystemSpec) -> OwnSystem:
    """Make the system of a section; control points are fitted, and what is left over is told.

    Raises
    ------
    CrsError
        A system is not known or not fit for the transformation, or the control points contradict each other.
    """
    there = parse_crs(spec.to_crs)
    if spec.seven:
        return _by_datum(name, spec, there)
    given = np.asarray(spec.control, dtype=float).reshape(-1, 4)
    if isinstance(there, str):
        lonlat = np.column_stack(TO_WGS84[there](given[:, 2], given[:, 3]))
        there, given = CRS.from_epsg(4326), np.column_stack([given[:, :2], lonlat])
    plane, ends = there, given[:, 2:]
    if there.is_geographic:
        if not len(given) or spec.four or spec.affine:
            raise CrsError(Message("crs.own_needs_metres", {"name": name, "to_crs": spec.to_crs}))
        lon, lat = ends.min(axis=0), ends.max(axis=0)
        plane = choose_metric_crs((lon[0], lon[1], lat[0], lat[1]), family="cgcs2000")
        ends = transform_xy(ends, there, plane)
    matrix = _matrix(spec, given[:, :2], ends, name)
    notes = _control_notes(name, matrix, given[:, :2], ends, spec)
    return PlaneSystem(name, plane, matrix, notes)


def _by_datum(name: str, spec: SystemSpec, there: CRS | str) -> DatumSystem:
    source = parse_crs(spec.from_crs or name)
    if isinstance(source, str) or isinstance(there, str):
        raise CrsError(Message("crs.own_no_datum", {"name": name}))
    sign = -1.0 if spec.convention == "coordinate_frame" else 1.0
    seven = tuple(spec.seven.get(key, 0.0) * (sign if key.startswith("r") else 1.0) for key in _SEVEN)
    system = DatumSystem(name, source, there, seven)
    given = np.asarray(spec.control, dtype=float).reshape(-1, 4)
    if not len(given):
        return system
    reached, ends = system.to_target(given[:, :2]), given[:, 2:]
    if there.is_geographic:
        plane = choose_metric_crs((*ends.min(axis=0), *ends.max(axis=0)))
        reached, ends = transform_xy(reached, there, plane), transform_xy(ends, there, plane)
    return DatumSystem(name, source, there, seven, _residual_notes(name, reached - ends, n_spare=1))


def _matrix(spec: SystemSpec, here: _XY, ends: _XY, name: str) -> _XY:
    if spec.affine:
        return np.asarray(spec.affine, dtype=float).reshape(2, 3)
    if spec.four:
        dx, dy, turn, ppm = (spec.four.get(key, 0.0) for key in _FOUR)
        scale, angle = 1 + ppm / 1e6, np.radians(turn / 3600)
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        return np.array([[cos, -sin, dx], [sin, cos, dy]])
    matrix = _fit(here, ends, spec.fit, name)
    off_m = np.hypot(*(_moved(matrix, here) - ends).T)
    if off_m.max() > _BAD_M:
        turned = _moved(_fit(here[:, ::-1], ends, spec.fit, name), here[:, ::-1])
        key = "own_exchanged" if np.hypot(*(turned - ends).T).max() < off_m.max() / 10 else "own_bad_control"
        worst = int(off_m.argmax()) + 1
        raise CrsError(Message(f"crs.{key}", {"name": name, "m": off_m.max(), "point": worst}))
    return matrix


def _moved(matrix: _XY, xy: _XY) -> _XY:
    return np.asarray(xy @ matrix[:, :2].T + matrix[:, 2])


def _fit(here: _XY, ends: _XY, fit: str, name: str) -> _XY:
    """Fit the parameters by least squares, about the middles of both sets to keep the numbers small."""
    middle, end = here.mean(axis=0), ends.mean(axis=0)
    (x, y), (east, north) = (here - middle).T, (ends - end).T
    if fit == "four":
        rows = np.concatenate([np.column_stack([x, -y]), np.column_stack([y, x])])
        solution, _, rank, _ = np.linalg.lstsq(rows, np.concatenate([east, north]), rcond=None)
        linear = np.array([[solution[0], -solution[1]], [solution[1], solution[0]]]) if rank == 2 else None
    else:
        solution, _, rank, _ = np.linalg.lstsq(
            np.column_stack([x, y]), np.column_stack([east, north]), rcond=1e-6
        )
        linear = solution.T if rank == 2 else None
    if linear is None:
        raise CrsError(Message("crs.own_in_line", {"name": name}))
    return np.column_stack([linear, end - linear @ middle])


def _control_notes(name: str, matrix: _XY, here: _XY, ends: _XY, spec: SystemSpec) -> tuple[Message, ...]:
    if not len(here):
        return ()
    is_fitted = not (spec.four or spec.affine)
    n_spare = len(here) - _LEAST[spec.fit] if is_fitted else len(here)
    notes = _residual_notes(name, _moved(matrix, here) - ends, n_spare=n_spare)
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if abs(scale - 1) > _ODD_SCALE:
        notes = (*notes, Message("crs.own_scale", {"name": name, "scale": scale}))
    return notes


def _residual_notes(name: str, off: _XY, *, n_spare: int) -> tuple[Message, ...]:
    """Tell how far the control points stand from where the transformation puts them."""
    if n_spare <= 0:
        return (Message("crs.own_no_spare", {"name": name, "n": len(off)}),)
    off_m = np.hypot(*off.T)
    numbers = {
        "name": name,
        "n": len(off),
        "rms_m": float(np.sqrt((off_m**2).mean())),
        "most_m": float(off_m.max()),
        "point": int(off_m.argmax()) + 1,
    }
    return (Message("crs.own_residuals", numbers),)


def _pipeline(start: CRS, end: CRS, seven: Sequence[float]) -> str:
    """Write the change of datum for PROJ: degrees in, degrees out, longitude first, no heights."""
    numbers = " ".join(
        f"+{key}={value!r}" for key, value in zip(("x", "y", "z", "rx", "ry", "rz", "s"), seven, strict=True)
    )
    return (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart {_ellipsoid(start)} +step +proj=helmert {numbers} +convention=position_vector "
        f"+step +inv +proj=cart {_ellipsoid(end)} +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


def _ellipsoid(crs: CRS) -> str:
    shape = crs.ellipsoid
    if shape is None:
        raise CrsError(Message("crs.own_no_datum", {"name": name_system(crs)}))
    return f"+a={shape.semi_major_metre!r} +rf={shape.inverse_flattening!r}"
