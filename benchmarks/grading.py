"""Grading a class, beside stock nbgrader: submissions a second, CPU a submission, the coordinator's memory.

python -m benchmarks.grading                        400 submissions of 14 code cells and one plot
python -m benchmarks.grading --workload lesson-01   lesson 01 as it is released
python -m benchmarks.grading --sizes 100 1000 5000  is the cost of a submission flat? (without stock)
python -m benchmarks.grading --check                fail where a goal is missed

Stock nbgrader (`autograde` and `generate_feedback`) is timed on --stock submissions of the same class and scaled. Both
start cold, both with compiled bytecode, in turns.
"""

import argparse
import compileall
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import nbformat

from autograder import demo
from autograder.course import Course
from autograder.exercises import find
from autograder.gradebook import Book
from autograder.notebooks import released_path, worked_path

ROOT = Path(__file__).parents[1]
LESSON = demo.LESSON
CHOSEN = ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "weighted_sum")
TIMES_STOCK, OWN_CPU_S, FLAT, FLAT_MEMORY = 25, 0.06, 1.10, 1.20  # the goals
PLOT = """fig, ax = plt.subplots()
z = np.linspace(-5, 5, 200)
ax.plot(z, nnlib.sigmoid(z), label="sigmoid")
ax.plot(z, nnlib.tanh(z), label="tanh")
ax.set(xlabel="z", title="Two curves")
ax.legend()
plt.show()"""


@dataclass
class Cost:
    """What one run took.

    Attributes:
        wall, cpu: seconds, of the first process and those that it has waited for.
        own: CPU seconds of the first process alone.
        memory: its peak, in MiB.
    """

    wall: float
    cpu: float
    own: float
    memory: float


def notebooks(workload: str) -> tuple[nbformat.NotebookNode, nbformat.NotebookNode]:
    """The released and the worked notebook of a workload."""
    both = [nbformat.v4.reads(place(ROOT, LESSON).read_text()) for place in (released_path, worked_path)]
    if workload == "14-cells":
        for notebook in both:
            wanted = {name for chosen in CHOSEN for name in (chosen, f"{chosen}-solution")}
            first = next(cell for cell in notebook.cells if cell.cell_type == "code")
            graded = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") in wanted]
            notebook.cells = [first, *graded, nbformat.v4.new_code_cell(PLOT, id="the-plot")]
    return both


def make_class(root: Path, workload: str, count: int) -> Course:
    """A course with `count` honest submissions, no two alike; every third has a mistake."""
    course, (released, worked) = Course(root), notebooks(workload)
    for place, notebook in ((released_path(root, LESSON), released), (worked_path(root, LESSON), worked)):
        place.parent.mkdir(parents=True)
        nbformat.write(notebook, place)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    course.init()
    right = {name: cell.source for name, cell in demo.solution_cells(worked).items()}
    rng = random.Random(0)
    for number in range(count):
        answers = dict(right)
        if number % 3 == 0:
            exercise = find(CHOSEN[number % len(CHOSEN)])
            mistake = exercise.mistakes[rng.randrange(len(exercise.mistakes))]
            answers[f"{exercise.name}-solution"] = demo.as_answer(exercise, mistake)
        own = {name: f"{source}\n# {number}: {rng.getrandbits(64):x}" for name, source in answers.items()}
        folder = course.submitted(f"student-{number:05}", LESSON)
        folder.mkdir(parents=True)
        demo.filled(released, own)(folder / f"{LESSON}.ipynb")
    return course


def stock(course: Course) -> Cost:
    """`nbgrader autograde` and `generate_feedback` over a whole class."""
    shutil.rmtree(course.root / "lessons")
    run(course, "nbgrader", "generate_assignment", LESSON)
    costs = [run(course, "nbgrader", step, LESSON) for step in ("autograde", "generate_feedback")]
    return Cost(
        *(sum(getattr(c, part) for c in costs) for part in ("wall", "cpu", "own")),
        max(c.memory for c in costs),
    )


def ours(course: Course, jobs: int) -> Cost:
    return run(course, "autograder", "grade", LESSON, "--jobs", str(jobs))


def run(course: Course, *words: str) -> Cost:
    """Run a command in the course's folder to its end.

    Raises:
        SystemExit: it failed.
    """
    binaries = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with (course.root / "output.txt").open("w") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [binaries / words[0], *words[1:]], cwd=course.root, env=environment, stdout=output, stderr=output
        )
        seen = [0.0, 0.0]
        watcher = threading.Thread(target=_watch, args=(process.pid, seen))
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        watcher.join()
    if process.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{(course.root / 'output.txt').read_text()[-4000:]}")
    return Cost(wall, used.ru_utime + used.ru_stime, *seen)


def _watch(process, seen):
    """CPU seconds and largest memory of one process, which the kernel tells only while it lives."""
    place, ticks = Path(f"/proc/{process}"), os.sysconf("SC_CLK_TCK")
    while True:
        try:
            lines = [line for line in (place / "status").read_text().splitlines() if line.startswith("VmHWM")]
            times = (place / "stat").read_text().rpartition(")")[2].split()[11:13]
        except OSError:
            return
        if not lines:
            return
        seen[:] = sum(map(int, times)) / ticks, int(lines[0].split()[1]) / 1024
        time.sleep(0.1)


def sandbox_costs(course: Course) -> tuple[float, float]:
    """Median CPU seconds that a submission took in its sandbox: the cells', and all else (forks, walls, probes)."""
    cells, rest = [], []
    for path in (course.state / "runs" / LESSON).glob("*.json.gz"):
        kept = json.loads(gzip.decompress(path.read_bytes()))["run"]
        cells.append(sum(kept["cell_seconds"].values()))
        rest.append(kept["cpu_seconds"] - cells[-1])
    return median(cells), median(rest)


def scores(course: Course) -> dict[str, float]:
    with Book(course.gradebook) as book:
        return {row["student"]: row["score"] for row in book.rows(LESSON)}


def compare(workload: str, count: int, stock_count: int, jobs: int, rounds: int) -> tuple[float, float]:
    """Print both graders' costs; returns how many times stock's speed, and our own CPU seconds a submission."""
    ratios, ours_each = [], []
    for round_ in range(rounds):
        with TemporaryDirectory(prefix="grading-") as place:
            theirs = make_class(Path(place) / "stock", workload, stock_count)
            own = make_class(Path(place) / "ours", workload, count)
            if round_ % 2:
                found = ours(own, jobs), stock(theirs)
                found = found[::-1]
            else:
                found = stock(theirs), ours(own, jobs)
            expected, got = scores(theirs), scores(own)
            differ = [name for name in expected if expected[name] != got[name]]
            in_cells, beside = sandbox_costs(own)
            if differ:
                sys.exit(f"{len(differ)} of {len(expected)} scores differ, such as {differ[0]}'s")
        ratio = (found[0].wall / stock_count) / (found[1].wall / count)
        show("stock nbgrader", stock_count, found[0])
        show("autograder", count, found[1])
        ours_alone = found[1].own / count + beside
        print(
            f"  {ratio:.1f} times stock's speed; all {len(expected)} scores of both agree\n"
            f"  CPU a submission: {in_cells:.3f} s its own cells; {ours_alone:.3f} s ours (goal {OWN_CPU_S}): coordinator "
            f"{found[1].own / count:.3f}, isolating and probing {beside:.3f}",
            flush=True,
        )
        ratios.append(ratio)
        ours_each.append(ours_alone)
    return median(ratios), median(ours_each)


def show(name: str, count: int, cost: Cost) -> None:
    print(
        f"{name:15} {count:5} submissions {cost.wall:7.1f} s: {count / cost.wall:6.2f} a second, "
        f"{cost.own / count:.3f} s of CPU in the first process, which takes {cost.memory:.0f} MiB",
        flush=True,
    )


def sizes(workload: str, counts: list[int], jobs: int) -> bool:
    """Whether the cost of a submission and the coordinator's memory stay flat."""
    found = {}
    for count in counts:
        with TemporaryDirectory(prefix="grading-") as place:
            course = make_class(Path(place) / "ours", workload, count)
            found[count] = ours(course, jobs)
        show("autograder", count, found[count])
    smallest = min(counts)
    each = {count: cost.wall / count for count, cost in found.items()}
    flat = all(
        each[count] <= FLAT * each[smallest] and found[count].memory <= FLAT_MEMORY * found[smallest].memory
        for count in counts
    )
    print(
        "flat"
        if flat
        else "not flat: a submission costs more, or the coordinator holds more, in a larger class"
    )
    return flat


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--workload", choices=("14-cells", "lesson-01"), default="14-cells")
    arguments.add_argument("--count", type=int, default=400, help="submissions that we grade")
    arguments.add_argument("--stock", type=int, default=40, help="of these, how many stock nbgrader grades")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count(), help="our workers")
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--sizes", type=int, nargs="+", help="measure only whether the cost is flat")
    arguments.add_argument("--check", action="store_true", help="exit non-zero where a goal is missed")
    options = arguments.parse_args()
    compileall.compile_path(quiet=2)
    compileall.compile_dir(ROOT / "autograder", quiet=2)
    compileall.compile_dir(ROOT / "nnlib", quiet=2)
    if options.sizes:
        return int(not sizes(options.workload, options.sizes, options.jobs) and options.check)
    ratio, own = compare(options.workload, options.count, options.stock, options.jobs, options.rounds)
    if options.workload == "lesson-01":
        print(
            f"{own:.3f} s of our own CPU a submission (goal {OWN_CPU_S}), {ratio:.1f} times stock nbgrader's speed"
        )
        return int(options.check and own > OWN_CPU_S)
    print(f"{ratio:.1f} times stock nbgrader's speed (goal {TIMES_STOCK})")
    return int(options.check and ratio < TIMES_STOCK)


if __name__ == "__main__":
    sys.exit(main())
