"""`autograder forget` removes all of one student, and nothing of another."""

import sqlite3

import pytest
from typer.testing import CliRunner

from autograder import demo, forget
from autograder.__main__ import app
from autograder.course import Course, CourseError, write_text
from autograder.evidence import STOPPED, Evidence
from autograder.exercises import find as find_exercise
from autograder.gradebook import Book
from autograder.grading import Result
from autograder.judge import judge

LESSON = demo.LESSON
GONE, STAYS = "klee", "klee.json"  # the second begins like the first's own files
STUDENTS = (GONE, STAYS, "=1+1")


@pytest.fixture
def course(tmp_path, small_released):
    """A course that keeps something of each student everywhere."""
    course = Course(tmp_path)
    with Book(course.gradebook) as book:
        book.prepare(LESSON, small_released, None)
        for student in STUDENTS:
            result = Result(student, LESSON)
            result.verdicts = [judge(find_exercise("sigmoid"), Evidence(0, state=STOPPED))]
            book.record(result)
    for student in STUDENTS:
        for folder in ("submitted", "autograded", "feedback", ".course/collected"):
            write_text(
                tmp_path / folder / (LESSON if "." in folder else student) / student / "a", f"of {student}"
            )
        for place in (
            f"runs/{LESSON}/{student}.json.gz",
            f"results/{LESSON}/{student}.json",
            f"failures/x/{student}.txt",
        ):
            write_text(course.state / place, f"of {student}")
    write_text(tmp_path / "roster.csv", f"student,name\n{GONE},Kim Lee\n{STAYS},Someone\n")
    write_text(course.grades, f"student,score\n{GONE},1.0\n{STAYS},2.0\n'=1+1,3.0\n")
    write_text(tmp_path / "reports" / "class.html", GONE)
    return course


def marked(course):
    with sqlite3.connect(course.gradebook) as book:
        tables = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment")
        return {table: book.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}


def everything(course):
    return {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}


def run(*words, answer=None):
    return CliRunner().invoke(app, ["forget", *words], input=answer)


def test_all_of_one_student_is_removed_and_nothing_of_another(course):
    before, rows = everything(course), marked(course)
    done = run(GONE, "--yes", "--course", str(course.root))
    assert done.exit_code == 0, done.output
    after = everything(course)
    of_one = {p for p, data in before.items() if data == f"of {GONE}".encode()} | {
        course.root / "reports" / "class.html"
    }
    assert len(of_one) == 8
    assert before.keys() - after.keys() == of_one
    tables = {course.root / "roster.csv", course.grades, course.gradebook}
    assert {path for path in after if after[path] != before[path]} == tables
    assert (course.root / "roster.csv").read_text() == f"student,name\n{STAYS},Someone\n"
    assert course.grades.read_text() == f"student,score\n{STAYS},2.0\n'=1+1,3.0\n"
    assert marked(course) == {name: count * 2 // 3 for name, count in rows.items()}
    assert b"klee\x00" not in after[course.gradebook].replace(b"klee.json", b"")
    for word in (
        "submitted/klee",
        "gradebook.db: the student and all marks",
        "roster.csv: 1 line",
        "reports",
    ):
        assert word in done.output


def test_the_gradebook_file_holds_the_id_nowhere(course):
    run("=1+1", "--yes", "--course", str(course.root))
    assert b"=1+1" not in course.gradebook.read_bytes()
    assert "=1+1" not in course.grades.read_text()


def test_it_asks_first_and_no_leaves_all_as_it_was(course):
    before = everything(course)
    done = run(GONE, "--course", str(course.root), answer="n\n")
    assert (done.exit_code, everything(course)) == (1, before)
    assert "submitted/klee" in done.output
    assert run(GONE, "--course", str(course.root), answer="y\n").exit_code == 0
    assert not course.submitted(GONE, LESSON).exists()


@pytest.mark.parametrize("student", ["nobody", "kle", "*", "k*"])
def test_an_id_of_nobody_removes_nothing(course, student):
    before = everything(course)
    with pytest.raises(CourseError, match="nothing is kept of"):
        forget.remove(course, forget.find(course, student))
    after = everything(course)
    assert after.keys() == before.keys()
    assert all(after[path] == before[path] for path in before if path != course.gradebook)
    assert marked(course)["student"] == len(STUDENTS)


@pytest.mark.parametrize("student", ["", "..", "../x", ".", "a/b"])
def test_what_is_no_id_is_refused(course, student):
    with pytest.raises(CourseError, match="no student's id"):
        forget.find(course, student)


def test_a_link_is_removed_and_not_what_it_points_to(course):
    target = course.root / "elsewhere" / "file"
    write_text(target, "stays")
    (course.root / "feedback" / "linked").symlink_to(target.parent)
    assert forget.remove(course, forget.find(course, "linked"))[0] == "feedback/linked"
    assert target.read_text() == "stays"


def test_a_course_that_graded_nothing_yet_is_no_error(tmp_path):
    write_text(tmp_path / "submitted" / GONE / LESSON / "a", "x")
    assert forget.remove(Course(tmp_path), forget.find(Course(tmp_path), GONE)) == [f"submitted/{GONE}"]
    assert not (tmp_path / "gradebook.db").exists()
