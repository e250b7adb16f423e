"""The hostile class, graded once, honest neighbours between its rows."""

import socket
import threading
from dataclasses import dataclass

import pytest

from autograder import demo, pool, review
from autograder.gradebook import Book
from autograder.grading import grade_class
from autograder.sandbox.conversation import Limits

from . import machine, malformed, mark, odd, reader
from .rows import CONTROLS, LESSON, Seen

GROUPS = (mark, machine, reader, malformed, odd)
LIMITS = Limits(cell_seconds=6, notebook_seconds=40, memory=2**30)
HASTY = Limits(cell_seconds=2, notebook_seconds=12, memory=2**30)
HALF = 6.0  # what the half-done neighbour has
SECRET = "canary-7f3a91"  # stands where no submission may read


class Listener:
    """A server on this machine that counts who reaches it."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.calls = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:  # closed
                return
            self.calls += 1
            connection.close()


@dataclass(frozen=True)
class Graded:
    """A class after grading: what was seen of each row, the gradebook's own rows, and the review list."""

    course: object
    seen: dict[str, Seen]
    book: dict[str, dict]
    neighbours: dict[str, float]
    review: list


def grade(make_course, small_released, small_worked, rows, limits, listener):
    honest = demo.submissions(small_released, small_worked)
    values = {"@PORT@": str(listener.port), "@SECRET@": SECRET}
    submissions, neighbours = {}, {}
    for number, row in enumerate(rows):
        submissions[row.folder] = row.writer(small_released, small_worked, values)
        if number % 8 == 0:  # ids sort them between the others
            neighbour = f"{row.name}~neighbour"
            half = number % 16 == 0
            submissions[neighbour] = honest["half-done" if half else "perfect-1"]
            neighbours[neighbour] = HALF if half else 14.0
    course = make_course(submissions)
    course.root.joinpath("instructor.txt").write_text(SECRET)
    with pool.local(2) as workers:
        results = {
            r.student: r for r in grade_class(course, LESSON, course.students(LESSON), workers, limits)
        }
    with Book(course.gradebook) as book:
        marks = {row["student"]: row for row in book.rows(LESSON)}
    seen = {row.name: Seen(course, results[row.folder], row.folder) for row in rows}
    seen |= {name: Seen(course, results[name], name) for name in neighbours}
    return Graded(course, seen, marks, neighbours, review.review(course, LESSON))


@pytest.fixture(scope="package")
def listener():
    listener = Listener()
    yield listener
    listener.server.close()


@pytest.fixture(scope="package")
def graded(make_course, small_released, small_worked, listener):
    """The class of all rows that run in ordinary time."""
    rows = [row for group in GROUPS for row in group.ROWS if not row.sampled_out]
    return grade(make_course, small_released, small_worked, [*CONTROLS, *rows], LIMITS, listener)


@pytest.fixture(scope="package")
def hasty(make_course, small_released, small_worked, listener):
    """The class of the rows that last until a limit ends them, with small limits."""
    rows = [row for row in machine.ENDLESS if not row.sampled_out]
    return grade(make_course, small_released, small_worked, rows, HASTY, listener)
