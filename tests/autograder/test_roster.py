"""Who takes the course, and by what a name or an id is recognised."""

import pytest

from autograder import roster
from autograder.course import Course, CourseError
from autograder.roster import Person, Roster

PEOPLE = [
    Person("jd", "Jane van der Doe", "Jane@X.edu", "12"),
    Person("kim", "Lee, Kim"),
    Person("kl", "Kim Lee"),
]


@pytest.mark.parametrize(
    ("name", "students"),
    [
        ("Jane van der Doe", ["jd"]),
        ("van der doe, jane", ["jd"]),
        ("vanderdoejane", ["jd"]),
        ("Ｊａｎｅ VAN DER DOE", ["jd"]),
        ("Doe van der Jane", []),
        ("Jane Doe", []),
        ("leekim", ["kim", "kl"]),
        ("", []),
    ],
)
def test_a_name_is_found_in_any_turned_order_and_never_in_part(name, students):
    assert [person.student for person in Roster(PEOPLE).by_name(name)] == students


def test_ids_are_compared_without_case():
    assert Roster(PEOPLE).by_id("email", " jane@x.EDU ").student == "jd"
    assert Roster(PEOPLE).by_id("canvas_id", "1") is None


@pytest.mark.parametrize(
    "content",
    [
        b"student,name\njd,Jane\n",
        b"\xef\xbb\xbfstudent;name\r\njd;Jane\r\n",
        b'"student","name"\n"jd","Jane"\n\n',
        b"name , student\n Jane,jd \n",
    ],
)
def test_the_roster_is_read_as_spreadsheets_write_it(tmp_path, content):
    (tmp_path / "roster.csv").write_bytes(content)
    assert roster.read(Course(tmp_path)).people == [Person("jd", "Jane")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("student\nä\n".encode("latin-1"), "UTF-8"),
        ("student\nä\n".encode("utf-16"), "UTF-8"),
        (b'student\n"a\n', "no CSV"),
    ],
)
def test_a_file_in_another_writing_says_how_to_save_it(tmp_path, content, says):
    (tmp_path / "roster.csv").write_bytes(content)
    with pytest.raises(CourseError, match=says):
        roster.read(Course(tmp_path))


@pytest.mark.parametrize(
    "student", ["", ".", "..", "a/b", "a\\b", ".hidden", "=1+1", "-x", "+x", "@x", "a\x1b", "x" * 101, " a"]
)
def test_what_cannot_name_a_folder_is_no_id(student):
    assert not roster.is_folder_name(student)


def test_no_roster_is_an_empty_one(tmp_path):
    assert not roster.read(Course(tmp_path))


def test_a_semester_later_the_same_list_changes_nothing(tmp_path):
    export = tmp_path / "export.csv"
    export.write_text('Student,ID,SIS User ID,SIS Login ID,Section\n"Doe, Jane",12,S1,jd@x.edu,A\n')
    course = Course(tmp_path)
    assert roster.take_over(course, export) == (1, 0)
    before = (tmp_path / "roster.csv").read_bytes()
    assert roster.take_over(course, export) == (0, 1)
    assert (tmp_path / "roster.csv").read_bytes() == before
    assert roster.take_over(Course(tmp_path / "other"), export, "canvas_id") == (1, 0)
    assert roster.read(Course(tmp_path / "other")).people[0].student == "12"
