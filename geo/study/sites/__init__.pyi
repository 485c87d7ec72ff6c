from .report import figures as figures
from .report import report_sites as report_sites
from .result import Reasons as Reasons
from .result import SiteResult as SiteResult
from .run import check_sites as check_sites
from .run import site_study as site_study
from .why import ask_why as ask_why
