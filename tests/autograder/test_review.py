"""The review list: who is on it, why, and in which order."""

import csv
import io
import json

import pytest
from rich.console import Console

from autograder import review
from autograder.course import CourseError
from autograder.demo import filled, solution_cells
from autograder.exercises import lessons

LESSON = "01_activations"
EXERCISES = lessons()[LESSON]
LONG = "def {name}(z):\n    a = z * {n}\n    b = a + 1\n    c = b - a\n    d = c * c\n    return d"


def summary(student, **settings):
    exercises = [
        {"exercise": e.name, "points": e.points, "state": "judged", "share": 1.0, "review": []}
        for e in EXERCISES
    ]
    changed = settings.pop("exercise", {})
    exercises[0] |= changed
    empty = {"problem": "", "findings": [], "waiting": []}
    return {"student": student, "lesson": LESSON, "exercises": exercises, **empty, **settings}


def about(found):
    return [kind for kind, _ in review.reasons(found)]


@pytest.fixture
def graded(make_course, small_released):
    """A function from summaries, and what stands in the students' solution cells, to a graded course."""

    def keep(summaries, answers=()):
        course = make_course({})
        course.results(LESSON).mkdir(parents=True)
        for number, found in enumerate(summaries):
            (course.results(LESSON) / f"{number:03d}.json").write_text(json.dumps(found))
        for student, sources in dict(answers).items():
            path = course.autograded(student, LESSON) / f"{LESSON}.ipynb"
            path.parent.mkdir(parents=True)
            filled(small_released, sources)(path)
        return course

    return keep


def long_answers(n):
    return {f"{e.name}-solution": LONG.format(name=e.name, n=n) for e in EXERCISES}


def shown(rows):
    text = io.StringIO()
    Console(file=text, width=200, color_system=None).print(review.table(rows, LESSON))
    return text.getvalue()


def test_an_honest_submission_is_not_on_the_list():
    assert about(summary("a")) == []


@pytest.mark.parametrize(
    "finding",
    [
        "it came from the older release abc123",
        "it does not say which release it came from; graded by the current one",
        "the check cell sigmoid was edited; the original was put back",
    ],
)
def test_what_the_grader_put_right_needs_nobody(finding):
    assert about(summary("a", findings=[finding])) == []


@pytest.mark.parametrize(
    "finding",
    [
        "it came from the release abc123, which was not kept; graded by the current one",
        "the cell sigmoid-solution was deleted; an empty one was put in its place",
        "cell 4 (sigmoid-solution) was turned into a markdown cell; it counts as an extra cell",
        "data.csv is too large; it was left out",
        "timestamp.txt says 'noon', which is no date; counted as in time",
        "a kind of finding that is not known here",
    ],
)
def test_every_other_finding_is_listed(finding):
    assert review.reasons(summary("a", findings=[finding])) == [(review.ODD, finding)]


def test_many_edited_checks_are_one_reason():
    findings = [f"the check cell {e.name} was edited; the original was put back" for e in EXERCISES]
    ((kind, why),) = review.reasons(summary("a", findings=findings))
    assert kind == review.CHECKS_EDITED
    assert why.startswith(f"{len(EXERCISES)} check cells")


def test_an_unreadable_submission_has_one_reason():
    assert review.reasons(summary("a", problem="no JSON", waiting=["q"])) == [(review.UNGRADED, "no JSON")]


def test_a_stopped_notebook_names_what_was_not_reached():
    stopped = summary("a", findings=["stopped: too long"], exercise={"state": "stopped"})
    assert review.reasons(stopped) == [
        (review.STOPPED_EARLY, f"stopped: too long; not reached: {EXERCISES[0].name}")
    ]


def test_a_zero_for_a_missing_name_is_looked_at():
    ((kind, why),) = review.reasons(summary("a", exercise={"state": "missing"}))
    assert kind == review.NOT_FOUND
    assert EXERCISES[0].name in why


def test_provenance_is_one_reason_though_it_is_also_a_finding():
    says = "its code says that it comes from nnlib"
    name = EXERCISES[0].name
    found = summary("a", exercise={"review": [says]}, findings=[f"{name}: {says}"])
    assert review.reasons(found) == [(review.FROM_NNLIB, f"{name}: {says}")]


def test_the_same_provenance_of_several_answers_is_one_reason():
    found = summary("a")
    for exercise in found["exercises"][:2]:
        exercise["review"] = ["its code says that it comes from nnlib"]
    names = f"{EXERCISES[0].name}, {EXERCISES[1].name}"
    assert review.reasons(found) == [(review.FROM_NNLIB, f"{names}: its code says that it comes from nnlib")]


def test_the_most_urgent_come_first(graded):
    course = graded(
        [
            summary("a", waiting=["question_1"]),
            summary("b", findings=["x is a link or no plain file; it was left out"]),
            summary("c", exercise={"review": ["its code says that it comes from nnlib"]}),
            summary("d", findings=["stopped: too long"]),
            summary("e", problem="its JSON is broken"),
            summary("f"),
        ]
    )
    rows = review.review(course, LESSON)
    assert [row.student for row in rows] == ["e", "d", "c", "b", "a"]
    assert [row.urgency for row in rows] == sorted(row.urgency for row in rows)
    assert all(row.todo for row in rows)


def test_students_whose_notebooks_are_alike_are_listed_with_each_other(graded):
    answers = {f"s{i}": long_answers(i) for i in range(12)} | {"copycat": long_answers(3)}
    course = graded([summary(student) for student in answers], answers)
    rows = review.review(course, LESSON)
    assert [(row.student, row.about) for row in rows] == [("copycat", review.ALIKE), ("s3", review.ALIKE)]
    assert "8 of 8 long answers equal those of s3" in rows[0].why
    assert "8 of them nobody else wrote" in rows[0].why


def test_a_copy_of_the_worked_solution_is_listed(graded, small_worked, monkeypatch):
    monkeypatch.setattr("autograder.similarity.LEAST_LINES", 2)  # lesson 01 has short answers
    worked = {name: cell.source for name, cell in solution_cells(small_worked).items()}
    answers = {f"s{i}": long_answers(i) for i in range(12)} | {"copycat": worked}
    (row,) = review.review(graded([summary(student) for student in answers], answers), LESSON)
    assert row.student == "copycat"
    assert review.WORKED in row.why


def test_a_copy_of_the_librarys_source_is_listed(graded, monkeypatch):
    import inspect

    monkeypatch.setattr("autograder.similarity.LEAST_LINES", 2)
    copied = {f"{e.name}-solution": inspect.getsource(e.reference) for e in EXERCISES}
    answers = {f"s{i}": long_answers(i) for i in range(12)} | {"copycat": copied}
    (row,) = review.review(graded([summary(student) for student in answers], answers), LESSON)
    assert row.student == "copycat"
    assert review.LIBRARY in row.why


def test_a_student_may_be_called_like_a_known_solution(graded):
    answers = {f"s{i}": long_answers(i) for i in range(12)} | {review.LIBRARY: long_answers(3)}
    rows = review.review(graded([summary(student) for student in answers], answers), LESSON)
    assert [row.student for row in rows] == [review.LIBRARY, "s3"]


def test_an_untouched_class_is_not_alike(graded):
    answers = {f"s{i}": {} for i in range(12)}
    assert review.review(graded([summary(student) for student in answers], answers), LESSON) == []


def test_the_table_obeys_no_markup_and_no_terminal_escape(graded):
    bad = "[red]x[/red]\x1b[31m"
    text = shown(review.review(graded([summary(bad, problem=f"{bad} is broken")]), LESSON))
    assert "[red]x[/red] is broken" in text
    assert "\x1b" not in text


def test_written_answers_are_one_line_of_the_table(graded):
    rows = review.review(graded([summary(f"s{i}", waiting=["q"]) for i in range(7)]), LESSON)
    assert len(rows) == 7
    assert "7 submissions" in shown(rows)
    assert "s3" not in shown(rows)


def test_an_empty_list_says_so(graded):
    assert "nothing to look at" in shown(review.review(graded([summary("a")]), LESSON))


def test_the_file_is_safe_in_a_spreadsheet(graded):
    course = graded([summary("=cmd|'calc'!A0", problem="+1 is broken")])
    place = review.write(course, LESSON, review.review(course, LESSON))
    assert place == course.root / "reports" / f"{LESSON}-review.csv"
    (row,) = csv.DictReader(place.read_text().splitlines())
    assert row["student"] == "'=cmd|'calc'!A0"
    assert row["why"] == "'+1 is broken"
    assert list(row) == ["urgency", "student", "about", "why", "todo"]


def test_a_list_that_became_empty_replaces_the_old_file(graded):
    course = graded([summary("a", problem="broken")])
    place = review.write(course, LESSON, review.review(course, LESSON))
    review.write(course, LESSON, [])
    assert "broken" not in place.read_text()


def test_a_graded_notebook_that_was_changed_is_refused_with_the_remedy(graded):
    course = graded([summary("a")], {"a": {}})
    path = course.autograded("a", LESSON) / f"{LESSON}.ipynb"
    path.write_text("{}")
    with pytest.raises(CourseError, match="Grade it again"):
        review.review(course, LESSON)
