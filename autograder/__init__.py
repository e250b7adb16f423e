"""The bank of exercises and everything that grades, reports and exports.

A lesson needs six names: `check`, `hint`, `progress`, `quiz`, `show` and `explore`.
"""

from .check import check, hint
from .figures import explore, show
from .progress import progress
from .quiz.show import quiz

__all__ = ["check", "explore", "hint", "progress", "quiz", "show"]
