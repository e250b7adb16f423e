"""How long a student waits for `check`: the first call for each exercise and a later one, in milliseconds.

python -m benchmarks.check            print the medians and the spread over mistakes
python -m benchmarks.check --check    fail where the slowest passes its ceiling
"""

import argparse
import io
import os
import sys
from contextlib import redirect_stdout
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from autograder.answer_key import answer_key
from autograder.check import check
from autograder.exercises import bank

CEILING_MS = 50
REPEATS = 3


def milliseconds(exercise, answer) -> float:
    """Wall time of one check with its report, as a notebook shows it."""
    started = perf_counter()
    with redirect_stdout(io.StringIO()):
        check(exercise.name, answer)._repr_html_()
    return 1000 * (perf_counter() - started)


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--check", action="store_true", help="exit non-zero where a ceiling is passed")
    arguments.add_argument(
        "--slack", type=float, default=1.0, help="multiply the ceiling, for a shared machine"
    )
    options = arguments.parse_args()
    os.environ["XDG_STATE_HOME"] = TemporaryDirectory().name  # the marks here are nobody's
    milliseconds(next(iter(bank().values())), abs)  # imports and templates are loaded once, by the first cell
    print(f"{'exercise':14} {'first':>8} {'median':>8} {'slowest':>8}   ms")
    slowest = 0.0
    for exercise in bank().values():
        answer_key.cache_clear()
        first = median([_first(exercise, mistake) for mistake in exercise.mistakes])
        later = [milliseconds(exercise, m.answer) for m in exercise.mistakes for _ in range(REPEATS)]
        print(f"{exercise.name:14} {first:8.1f} {median(later):8.1f} {max(later):8.1f}")
        slowest = max(slowest, first, median(later))
    limit = CEILING_MS * options.slack
    print(f"slowest median {slowest:.1f} ms, ceiling {limit:.0f} ms")
    return int(options.check and slowest > limit)


def _first(exercise, mistake):
    """The first call after the notebook was opened computes the right and the wrong answers too.

    The quicker of two: the machine's own pauses are not the exercise's.
    """

    def once():
        answer_key.cache_clear()
        return milliseconds(exercise, mistake.answer)

    return min(once(), once())


if __name__ == "__main__":
    sys.exit(main())
