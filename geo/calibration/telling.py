"""What the trips can tell: parameters that they cannot are kept at the profile's, or told only together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.calibration._likelihood import Recorded
from geo.calibration.routes import Parts
from geo.calibration.rules import CalibrationRules
from geo.calibration.speeds import Shape, SpeedFit, fit_shape
from geo.errors import InputError
from geo.messages import Message

__all__ = ["Told", "first_shape", "narrow"]


@dataclass(frozen=True, eq=False)
class Told:
    """A fit of what can be told, and why the rest cannot.

    Parameters
    ----------
    fit : SpeedFit
        The fit.
    kept : mapping of str to str
        By part (class, ``access``, ``junction``, ``loss``, ``band 0``, ``weather 0``): ``"rare"`` for too few
        trips, ``"unsure"`` for too wide an interval.
    """

    fit: SpeedFit
    kept: Mapping[str, str]


def first_shape(
    parts: Parts, when: NDArray[np.int64], rules: CalibrationRules, *, junction_delay_s: float
) -> tuple[Shape, dict[str, str]]:
    """Ask for all that is in enough trips; give also what is not.

    Raises
    ------
    InputError
        No class of road is in enough trips.
    """
    total = parts.seconds.sum(axis=1)
    share = parts.seconds.sum(axis=0) / max(total.sum(), 1e-9)
    n_with = (parts.seconds > np.maximum(0.02 * total, 1.0)[:, None]).sum(axis=0)
    kept = {}
    groups = []
    for i, name in enumerate(parts.names):
        if share[i] >= rules.least_share and n_with[i] >= rules.min_of_part:
            groups.append((i,))
        elif share[i] > 0:
            kept[name] = "rare"
    if not groups:
        raise InputError(Message("calibration.no_class", {"n": rules.min_of_part}))
    hour, weather = when.T
    bands = tuple(i for i in range(len(rules.bands) + 1) if (hour == i).sum() >= rules.min_of_part)
    kept |= {f"band {i}": "rare" for i in range(len(rules.bands) + 1) if i not in bands}
    classes = tuple(
        i for i in range(int(weather.max(initial=-1)) + 1) if (weather == i).sum() >= rules.min_of_part
    )
    shape = Shape(
        tuple(groups),
        bands if len(bands) > 1 else (),
        junction_delay_s=junction_delay_s,
        weather=classes if len(classes) > 1 else (),
    )
    return shape, kept


def narrow(
    shape: Shape,
    kept: Mapping[str, str],
    parts: Parts,
    when: NDArray[np.int64],
    recorded: Recorded,
    cluster: NDArray[np.int64],
    rules: CalibrationRules,
) -> Told:
    """Fit, and ask for less until every parameter that is left has an interval of use.

    The parameter that is farthest beyond what it may be goes first. Two classes that are not told apart
    change by one factor: a fault of one would else be laid on the other without a word.

    Raises
    ------
    InputError
        Not even one factor for all roads can be told.
    """
    why = dict(kept)
    while True:
        fit = fit_shape(shape, parts, when, recorded, cluster=cluster)
        excess = _excess(fit, rules)
        worst = max(excess, key=lambda name: excess[name])
        if excess[worst] <= 1.0:
            return Told(fit, why)
        what, _, at = worst.partition(" ")
        if what == "junction":
            shape, why["junction"] = replace(shape, has_junctions=False), "unsure"
        elif what == "loss":
            shape, why["loss"] = replace(shape, has_loss=False), "unsure"
        elif what in ("band", "weather"):
            shape = _without(shape, what, int(at))
            why[worst] = "unsure"
        else:
            shape = _joined(shape, fit, parts, int(at))


def _excess(fit: SpeedFit, rules: CalibrationRules) -> dict[str, float]:
    """Give how wide each interval is, in what it may be at most."""
    half = fit.estimate.half_width
    junction, loss, _ = fit.start
    excess = {f"group {i}": half[i] / np.log(rules.most_factor) for i in range(len(fit.shape.groups))}
    # Of what grows with the times, the interval may too: times twice as long tell as much.
    if fit.shape.has_junctions:
        excess["junction"] = half[junction] / rules.most_junction_s
    if fit.shape.has_loss:
        excess["loss"] = half[loss] / rules.most_loss_s
    _, widths = fit.condition_logs
    for (column, one), width in zip(fit.shape.conditions, widths, strict=True):
        excess[f"{('band', 'weather')[column]} {one}"] = width / np.log(rules.most_factor_of_band)
    return {name: float(value) if np.isfinite(value) else np.inf for name, value in excess.items()}


def _without(shape: Shape, what: str, code: int) -> Shape:
    """Ask no factor of a band of hours or a class of weather; one alone has none either."""
    name = {"band": "bands", "weather": "weather"}[what]
    left = tuple(one for one in getattr(shape, name) if one != code)
    changes: dict[str, Any] = {name: left if len(left) > 1 else ()}
    return replace(shape, **changes)


def _joined(shape: Shape, fit: SpeedFit, parts: Parts, at: int) -> Shape:
    """Let a group share its factor with the one that it is least told apart from."""
    if len(shape.groups) == 1:
        raise InputError(
            Message("calibration.nothing_told", {"factor": float(np.exp(fit.estimate.half_width[at]))})
        )
    n = len(shape.groups)
    cover = fit.estimate.covariance[:n, :n]
    spread = np.sqrt(np.maximum(np.diag(cover), 1e-300))
    alike = cover[at] / (spread * spread[at])
    alike[at] = np.inf
    other = int(np.argmin(alike))
    joined = tuple(sorted((*shape.groups[at], *shape.groups[other])))
    rest = [group for i, group in enumerate(shape.groups) if i not in (at, other)]
    return replace(shape, groups=tuple(sorted([*rest, joined])))
