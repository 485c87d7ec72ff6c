from .compare import compare_groups as compare_groups
from .compare import residual_cells as residual_cells
from .records import CALLS as CALLS
from .records import CallRecords as CallRecords
from .records import check_calls as check_calls
from .records import clean_calls as clean_calls
from .stamps import read_stamps as read_stamps
