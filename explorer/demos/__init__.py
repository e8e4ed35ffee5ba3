"""Loads the demos of all topics and calls them in process.

The only place that runs demo code. Limits and timeouts live here and nowhere else. A demo that fails to
import, hangs, floods or crashes ends in an explained `Exchange`; it never raises into the site. No duration
is measured: in-process time is not a framework's speed.
"""

from explorer.demos.calls import Demos
from explorer.demos.checking import CheckResult, run_checks
from explorer.demos.limits import Limits, LiveLimits

__all__ = ["CheckResult", "Demos", "Limits", "LiveLimits", "run_checks"]
