from .frames import make_frame as make_frame
from .frames import read_frame as read_frame
from .live_study import LiveStudy as LiveStudy
from .live_study import open_study as open_study
from .self_test import try_server as try_server
from .start import Server as Server
from .start import serve_study as serve_study
from .start import serving as serving
