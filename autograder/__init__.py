"""The bank of exercises and everything that grades, reports and exports.

A lesson needs six names: `check`, `hint`, `practise`, `progress`, `show` and `explore`.
"""

from .check import check, hint
from .figures import explore, show
from .progress import progress
from .quiz.practise import practise

__all__ = ["check", "explore", "hint", "practise", "progress", "show"]
