"""How sure the figures are: speeds, turnout, snapping and people drawn by chance, each figure as a range.

Every draw is routed exactly. Chance belongs to the thing it is about (a class of road, a station, a place)
and not to the order of asking: two states of a district meet the same chance, draw by draw.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
