from .changes import read_change as read_change
from .live_study import LiveStudy as LiveStudy
from .live_study import open_study as open_study
