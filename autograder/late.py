"""What lateness costs, by the plugin that the course's own `nbgrader_config.py` names for nbgrader too.

    c.AssignLatePenalties.plugin_class = "late_penalty.TenPercentADay"

takes the class from `late_penalty.py` beside it. Without such a line lateness costs nothing, and is reported.
"""

import math
import sys
from contextlib import contextmanager
from pathlib import Path

from .course import CourseError


class LatePenalty:
    """nbgrader's late-submission plugin of a course.

    Args:
        root: the course's folder; only its own `nbgrader_config.py` counts.
    Raises:
        CourseError: the settings or the plugin cannot be loaded.
    """

    def __init__(self, root: Path):
        from nbgrader.preprocessors import AssignLatePenalties
        from traitlets.config import Config, PyFileConfigLoader

        self.path = root / "nbgrader_config.py"
        with self._said_plainly("cannot be used"), _importable(root):
            exists = self.path.exists()
            config = PyFileConfigLoader(self.path.name, path=str(root)).load_config() if exists else Config()
            late = AssignLatePenalties(config=config)
            late.init_plugin()
            self._plugin = late.plugin_inst
        self._plugin.log.setLevel("ERROR")  # nbgrader's own says a line for each submission

    def of(self, student: str, score: float, seconds_late: float) -> float | None:
        """What is taken off a score, in [0, score]; None where nothing is.

        Raises:
            CourseError: the plugin fails, or says something that is no number.
        """
        if not seconds_late:
            return None
        with self._said_plainly(f"its plugin {type(self._plugin).__name__} fails for {student}"):
            taken = self._plugin.late_submission_penalty(student, score, seconds_late)
            if taken is None:
                return None
            if not math.isfinite(taken):
                raise ValueError(f"a penalty must be finite, got {taken}")
            return min(max(float(taken), 0.0), score)

    @contextmanager
    def _said_plainly(self, what):
        try:
            yield
        except Exception as error:  # the instructor's own code may raise anything
            raise CourseError(f"{self.path}: {what} ({type(error).__name__}: {error}).") from error


@contextmanager
def _importable(folder):
    """A plugin may lie beside the settings that name it."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
