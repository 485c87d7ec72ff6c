from .apply import change_inputs as change_inputs
from .apply import naming_scenario as naming_scenario
from .compare import compare_scenarios as compare_scenarios
from .compare import difference_findings as difference_findings
from .compare import run_scenario as run_scenario
from .compare import with_scenarios as with_scenarios
from .from_plan import count_scenarios as count_scenarios
from .from_plan import expand_scenarios as expand_scenarios
