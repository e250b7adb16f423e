"""What a student calls in a notebook: `check("sigmoid")` and `hint("sigmoid")`.

The check judges by the same `judge` as the hidden grade, on other inputs. It never raises for what
a student wrote; what it returns is the mark, a plain number that shows itself as a report.
"""

import os
import sys
from collections.abc import Callable
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path

from .evidence import JUDGED, MISSING, Evidence, gather
from .exercises import find
from .exercises.schema import PUBLIC_SEED
from .judge import Verdict, judge
from .progress import note
from .render import marks, render

_FROM_CALLER = object()
_hints_given: dict[str, int] = {}


class Mark(float):
    """Marks as a number, with the report that explains them.

    Its `repr` is the bare number, which nbgrader reads as the marks of a check cell.
    """

    def __new__(cls, verdict: Verdict):
        mark = super().__new__(cls, verdict.score)
        mark.verdict = verdict
        return mark

    def __repr__(self):
        return repr(float(self))

    def _repr_html_(self):
        return render("check.html", verdict=self.verdict, headline=headline)


def check(name: str, answer: object = _FROM_CALLER) -> Mark:
    """Check your answer to the exercise `name` and say at once what is wrong and where to look.

    Args:
        name: the exercise, which is also the name of your function.
        answer: your function; by default the one that is called `name` where you call `check`.
    Returns:
        The marks, with a report. The final grade is made by the same rules with other numbers.
    Raises:
        KeyError: there is no exercise of that name.

    >>> check("relu", lambda z: z)
    relu: 0 of 2 marks
    ...
    """
    exercise = find(name)
    namespace = sys._getframe(1).f_globals
    if answer is _FROM_CALLER:
        answer = sys._getframe(1).f_locals.get(name, namespace.get(name, _FROM_CALLER))
    mark = Mark(_verdict(exercise, answer, namespace))
    note(mark.verdict)
    if not _in_notebook():
        print(as_text(mark.verdict))
    return mark


def hint(name: str) -> None:
    """Give the next hint for the exercise `name`; after the last one it begins again."""
    hints = find(name).hints
    given = _hints_given.get(name, 0) % len(hints)
    _hints_given[name] = given + 1
    print(f"Hint {given + 1} of {len(hints)}: {hints[given]}")


def as_text(verdict: Verdict) -> str:
    """The report for a terminal."""
    lines = [f"{verdict.exercise}: {headline(verdict)}"]
    if verdict.diagnosis:
        lines.append(f"  {verdict.diagnosis}")
    for case in verdict.cases:
        state = "passed" if case.passed else "later " if case.waits else "FAILED"
        lines.append(f"  {state}  {case.name}: {case.says}")
        if case.diagnosis and case.diagnosis != verdict.diagnosis:
            lines.append(f"          {case.diagnosis}")
    return "\n".join(lines)


def headline(verdict: Verdict) -> str:
    if verdict.state != JUDGED:
        return verdict.state
    if not verdict.points:
        return f"{round(100 * verdict.share)} % (optional, no marks)"
    return f"{marks(verdict.score)} of {marks(verdict.points)} marks"


def _verdict(exercise, answer, namespace):
    if answer is _FROM_CALLER:
        return judge(exercise, Evidence(PUBLIC_SEED, state=MISSING))
    needs: dict[str, Callable] = {need: find(need).reference for need in exercise.needs}
    with _silenced():
        evidence = gather(exercise, answer, needs=needs, namespace=namespace)
    return judge(exercise, evidence)


def _in_notebook():
    """Whether a front end will show the mark's HTML."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


@contextmanager
def _silenced():
    """Keep what a student's function prints off the cell: also what it writes to the descriptors.

    nbgrader gives no marks to a check cell with anything on stderr.
    """
    streams = sys.stdout, sys.stderr
    for stream in streams:
        stream.flush()
    sys.stdout = sys.stderr = StringIO()
    saved = _redirect_descriptors()
    try:
        yield
    finally:
        _restore_descriptors(saved)
        sys.stdout, sys.stderr = streams


def _redirect_descriptors():
    saved = []
    with (
        suppress(OSError),
        Path(os.devnull).open("w") as nowhere,
    ):  # some embedded Pythons have no descriptors
        for descriptor in (1, 2):
            saved.append((descriptor, os.dup(descriptor)))
            os.dup2(nowhere.fileno(), descriptor)
    return saved


def _restore_descriptors(saved):
    for descriptor, copy in saved:
        os.dup2(copy, descriptor)
        os.close(copy)
