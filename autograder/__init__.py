"""The bank of exercises and everything that grades, reports and exports.

A lesson needs five names: `check`, `hint`, `progress`, `show` and `explore`.
"""

from .check import check, hint
from .figures import explore, show
from .progress import progress

__all__ = ["check", "explore", "hint", "progress", "show"]
