"""Questions: variants a second on one core, the slowest templates, and how long every outlet takes to write.

python -m benchmarks.quiz            print them
python -m benchmarks.quiz --check    fail where a goal is missed

A variant is a whole question: parameters drawn, key, wrong options, texts. Each template is asked equally often, and
CPU time counts, so that what else runs on the machine matters less. The build is timed first, as it is from a terminal,
with nothing cached; beside it stands what text2qti and genanki themselves take of Canvas's and Anki's share.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import genanki
from text2qti.qti import QTI
from text2qti.quiz import Quiz

from autograder.quiz import bank
from autograder.quiz.build import build
from autograder.quiz.template import Template

VARIANTS, BUILD_S = 5000, 30  # the goals
SEEDS = 10  # of each template in a round
LIBRARIES = {
    "canvas": ("text2qti", [(Quiz, "__init__"), (QTI, "__init__")]),
    "anki": ("genanki", [(genanki.Package, "write_to_file")]),
}


@contextmanager
def timed(methods: list[tuple[type, str]]) -> Iterator[list[float]]:
    """Collects the seconds that every call of these methods takes."""
    seconds: list[float] = []
    kept = [(owner, name, getattr(owner, name)) for owner, name in methods]

    def watched(method):
        def call(*args, **settings):
            started = time.perf_counter()
            result = method(*args, **settings)
            seconds.append(time.perf_counter() - started)
            return result

        return call

    for owner, name, method in kept:
        setattr(owner, name, watched(method))
    try:
        yield seconds
    finally:
        for owner, name, method in kept:
            setattr(owner, name, method)


def build_all() -> float:
    """Print what each outlet takes to write the whole bank; returns the wall seconds of all."""
    with TemporaryDirectory(prefix="quiz-") as place:
        started = last = time.perf_counter()
        within: dict[str, list[float]] = {}

        def tell(name, files, left_out):
            nonlocal last
            now = time.perf_counter()
            size = sum(path.stat().st_size for path in files) / 2**20
            line = f"{name:12} {now - last:6.2f} s {size:7.2f} MiB"
            if name in within:
                line += f", of it {LIBRARIES[name][0]} {sum(within[name]):.2f} s"
            print(line, flush=True)
            last = now

        canvas, anki = (methods for _, methods in LIBRARIES.values())
        with timed(canvas) as within["canvas"], timed(anki) as within["anki"]:
            build(Path(place), tell=tell)
        return time.perf_counter() - started


def cost(one: Template, seeds: range) -> float:
    """Seconds of CPU for a variant of a template, the mean over these seeds."""
    started = time.process_time()
    for seed in seeds:
        one.question(seed)
    return (time.process_time() - started) / len(seeds)


def variants(rounds: int, slowest: int) -> float:
    """Print the slowest templates and each round's spread; returns the median of variants a second."""
    templates = list(bank.templates().values())
    for one in templates:
        cost(one, range(SEEDS))  # tables that a template keeps are worked out once
    found: dict[str, list[float]] = {one.id: [] for one in templates}
    rates = []
    for round_ in range(1, rounds + 1):
        seeds = range(round_ * SEEDS, (round_ + 1) * SEEDS)
        costs = {one.id: cost(one, seeds) for one in templates}
        rates.append(len(costs) / sum(costs.values()))
        for name, seconds in costs.items():
            found[name].append(seconds)
    print(f"\n{'the slowest of ' + str(len(templates)) + ' templates':40} {'median':>8}   µs")
    middle = {name: 1e6 * median(seconds) for name, seconds in found.items()}
    for name in sorted(middle, key=middle.get, reverse=True)[:slowest]:
        print(f"{name:40} {middle[name]:8.0f}")
    print(f"\n{rounds} rounds: {min(rates):.0f} to {max(rates):.0f} variants a second")
    return median(rates)


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--slowest", type=int, default=10, help="how many templates to name")
    arguments.add_argument("--check", action="store_true", help="exit non-zero where a goal is missed")
    arguments.add_argument("--slack", type=float, default=1.0, help="ease the goals, for a shared machine")
    options = arguments.parse_args()
    seconds = build_all()
    rate = variants(options.rounds, options.slowest)
    least, most = VARIANTS / options.slack, BUILD_S * options.slack
    print(
        f"{rate:.0f} variants a second (goal {least:.0f}), all outlets in {seconds:.1f} s (goal {most:.0f} s)"
    )
    return int(options.check and (rate < least or seconds > most))


if __name__ == "__main__":
    sys.exit(main())
