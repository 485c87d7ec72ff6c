from .write import ATLAS as ATLAS
from .write import write_atlas as write_atlas
