from .grid_city import grid_network as grid_network
from .write import write_sample as write_sample
