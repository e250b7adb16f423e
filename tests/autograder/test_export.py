"""Marks and feedback in the form that each system reads."""

import csv
import io
import json
import zipfile

import pytest

from autograder import export
from autograder.collect import NOTE
from autograder.course import Course, CourseError, write_text
from autograder.gradebook import Book
from autograder.roster import Person, Roster

LESSON = "01_activations"
EVIL = '=HYPERLINK("http://x")'
PEOPLE = [
    Person("jd42", "Jane Doe", "jane@x.edu", "12345", "S1", "jd42", "Section 1", "jdoe", "007"),
    Person("kim", EVIL, "kim@x.edu", "777"),
    Person("noids", "No Ids"),
    Person("absent", "Abs Ent", "a@x.edu", "888"),
]
ROWS = [
    {
        "student": name,
        "lesson": LESSON,
        "score": score,
        "max_score": 14.0,
        "seconds_late": 0,
        "needs_manual_grade": name == "kim",
        "sigmoid": 2.0,
    }
    for name, score in (("jd42", 13.456), ("kim", 0.0), ("noids", 3.0), ("stranger", 5.0))
]


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def exported(course, how, people=PEOPLE, **options):
    made = export.export_marks(course, LESSON, ROWS, Roster(people), how, **options)
    return made, list(csv.reader(io.StringIO(made.path.read_text())))


def test_canvas_gets_its_own_columns_and_the_row_of_points(course):
    made, table = exported(course, "canvas", title="Activations (4711)")
    assert table[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Activations (4711)"]
    assert table[1] == ["    Points Possible", "", "", "", "", "14"]
    assert table[2] == ["Jane Doe", "12345", "S1", "jd42", "Section 1", "13.46"]
    assert table[3] == [f"'{EVIL}", "777", "", "", "", "0"]
    assert (len(table), made.count) == (4, 2)


def test_who_is_missing_is_said_with_the_reason(course):
    made, _ = exported(course, "canvas")
    assert [who for who, _ in made.missing] == ["noids", "stranger", "absent"]
    reasons = dict(made.missing)
    assert "canvas_id" in reasons["noids"]
    assert "roster.csv" in reasons["stranger"]
    assert reasons["absent"] == "handed nothing in"
    assert made.unfinished == ["kim"]


def test_moodle_gets_an_address_and_the_column_that_it_names_itself(course):
    made, table = exported(course, "moodle", title="Activations")
    assert table[0][-2:] == ["Email address", "Assignment: Activations (Real)"]
    assert table[1] == ["Jane Doe", "jdoe", "007", "jane@x.edu", "13.46"]
    assert table[2][0] == f"'{EVIL}"
    assert made.count == 2


def test_moodles_worksheet_comes_back_with_the_grades_alone_changed(course, tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "\ufeffIdentifier,Full name,Email address,Grade,Last modified (grade)\n"
        "Participant 5,Jane Doe,jane@x.edu,,-\nParticipant 6,Abs Ent,a@x.edu,,-\nParticipant 7,Who,w@x.edu,,-\n"
    )
    made = export.Export(tmp_path / "filled.csv")
    export.fill_worksheet(ROWS, Roster(PEOPLE), sheet, made)
    lines = made.path.read_text().splitlines()
    assert lines[1:] == [
        "Participant 5,Jane Doe,jane@x.edu,13.46,-",
        "Participant 6,Abs Ent,a@x.edu,,-",
        "Participant 7,Who,w@x.edu,,-",
    ]
    assert {who for who, _ in made.missing} == {"Abs Ent", "Who", "kim", "noids", "stranger"}
    sheet.write_text("Name,Mark\nx,1\n")
    with pytest.raises(CourseError, match="Last modified"):
        export.fill_worksheet(ROWS, Roster(PEOPLE), sheet, made)


def test_csv_and_json_hold_every_mark_of_everybody(course):
    _, table = exported(course, "csv")
    assert table[0][:4] == ["student", "name", "email", "lesson"]
    assert [row[0] for row in table[1:]] == ["jd42", "kim", "noids", "stranger"]
    made = export.export_marks(course, LESSON, ROWS, Roster([]), "json")
    assert json.loads(made.path.read_text())[0]["sigmoid"] == 2.0


def test_without_a_roster_nobody_is_guessed(course):
    for how in ("canvas", "moodle"):
        with pytest.raises(CourseError, match="autograder roster FILE"):
            exported(course, how, people=[])


def test_exports_stay_in_the_course_and_out_of_git(course):
    made, _ = exported(course, "csv")
    assert made.path.parent == course.root / "exports"
    assert (course.root / "exports" / ".gitignore").read_text() == "*\n"


def test_a_lesson_without_marks_is_said_and_no_gradebook_is_made(course):
    with pytest.raises(CourseError, match="holds no marks of 01_activations"):
        export.marks(course, LESSON)
    assert not course.gradebook.exists()
    with Book(course.gradebook):
        pass
    with pytest.raises(CourseError, match="autograder grade 01_activations"):
        export.marks(course, LESSON)


@pytest.fixture
def pages(course):
    for student in ("jd42", "kim"):
        write_text(course.feedback(student, LESSON) / f"{LESSON}.html", f"<p>{student}</p>")
    index = {
        "jd42": {"kind": "canvas", "prefix": "doejane_12345_67890"},
        "kim": {"kind": "moodle", "prefix": "Kim_5_assignsubmission_file"},
    }
    for student, note in index.items():
        write_text(course.state / "collected" / LESSON / student / NOTE, json.dumps(note))
    return course


@pytest.mark.parametrize(
    ("how", "names"),
    [
        ("canvas", [f"doejane_12345_67890_{LESSON}-feedback.html"]),
        ("moodle", [f"Kim_5_assignsubmission_file_/{LESSON}-feedback.html"]),
        ("plain", [f"jd42/{LESSON}.html", f"kim/{LESSON}.html"]),
    ],
)
def test_feedback_goes_back_under_the_names_that_it_came_with(pages, how, names):
    made = export.export_feedback(pages, LESSON, how)
    with zipfile.ZipFile(made.path) as archive:
        assert archive.namelist() == names
    assert (made.count, len(made.missing)) == (len(names), 2 - len(names))
    before = made.path.read_bytes()
    assert export.export_feedback(pages, LESSON, how).path.read_bytes() == before


def test_no_feedback_is_one_line(course):
    with pytest.raises(CourseError, match="no feedback on 01_activations"):
        export.export_feedback(course, LESSON, "plain")
