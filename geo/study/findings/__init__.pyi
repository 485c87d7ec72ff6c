from .calibrated import report_calibration as report_calibration
from .registry import Known as Known
from .registry import asks_zones as asks_zones
from .registry import find_resources as find_resources
from .registry import find_touched as find_touched
from .simulated import report_simulation as report_simulation
