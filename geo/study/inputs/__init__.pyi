from .log import LayerLog as LayerLog
from .log import naming as naming
from .people import told_zones as told_zones
from .read import Inputs as Inputs
from .read import read_inputs as read_inputs
from .whereabouts import own_systems as own_systems
from .whereabouts import some_ends as some_ends
