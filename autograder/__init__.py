"""The bank of exercises and everything that grades, reports and exports.

A lesson needs four names: `check`, `hint`, `show` and `explore`.
"""

from .check import check, hint
from .figures import explore, show

__all__ = ["check", "explore", "hint", "show"]
