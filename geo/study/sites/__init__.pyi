from .report import figures as figures
from .report import report_sites as report_sites
from .run import SiteResult as SiteResult
from .run import check_sites as check_sites
from .run import site_study as site_study
