"""When the engine is out: busy stations, coverage with availability, and calls replayed one by one.

Stations, places and their response times are tables; how they come about is the business of other rooms.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
