"""How long each worked lesson runs from its first cell to its last, in the sandbox that also grades it.

python -m benchmarks.lessons            print the run time of each, in seconds
python -m benchmarks.lessons --check    fail where one passes its ceiling
"""

import argparse
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import nbformat

from autograder import notebooks
from autograder.grading import code_cells
from autograder.sandbox.conversation import Limits
from autograder.sandbox.launch import run_notebook

ROOT = Path(__file__).parents[1]
CEILING_S = 60


def seconds(lesson):
    """Wall time of one run, the start of the sandbox and the probes of the answers included."""
    notebook = nbformat.read(notebooks.worked_path(ROOT, lesson), as_version=4)
    started = perf_counter()
    run = run_notebook(code_cells(notebook.cells), seed=0, limits=Limits())
    if run.ended:
        sys.exit(f"{lesson} did not run to its end: {run.ended}")
    return perf_counter() - started


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--check", action="store_true", help="exit non-zero where a ceiling is passed")
    arguments.add_argument(
        "--slack", type=float, default=1.0, help="multiply the ceiling, for a shared machine"
    )
    arguments.add_argument("--rounds", type=int, default=3, help="runs of each lesson")
    options = arguments.parse_args()
    print(f"{'lesson':32} {'median':>8} {'slowest':>8}   s")
    slowest = 0.0
    for source in notebooks.sources(ROOT):
        times = [seconds(source.stem) for _ in range(options.rounds)]
        print(f"{source.stem:32} {median(times):8.1f} {max(times):8.1f}")
        slowest = max(slowest, median(times))
    limit = CEILING_S * options.slack
    print(f"slowest median {slowest:.1f} s, ceiling {limit:.0f} s")
    return int(options.check and slowest > limit)


if __name__ == "__main__":
    sys.exit(main())
