"""How far colours are apart for readers with a colour deficiency."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

# Machado, Oliveira, Fernandes 2009, table of full deficiency.
SEEN = {
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def least_apart(colours: Iterable[str], deficiency: str) -> float:
    """Give the least distance of two of the colours as they are seen, of 442 from black to white.

    The deficiency mixes light, so that the values of the screen (sRGB) are taken to light and back.
    """
    screen = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours]) / 255
    light = np.where(screen <= 0.04045, screen / 12.92, ((screen + 0.055) / 1.055) ** 2.4)
    mixed = np.clip(light @ SEEN[deficiency].T, 0, 1)
    seen = 255 * np.where(mixed <= 0.0031308, 12.92 * mixed, 1.055 * mixed ** (1 / 2.4) - 0.055)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)
    return float(apart[np.triu_indices(len(seen), 1)].min(initial=np.inf))
