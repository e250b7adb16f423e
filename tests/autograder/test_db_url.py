"""The gradebook is where nbgrader's own setting says."""

import pytest

from autograder import db_url, demo
from autograder.course import Course, CourseError
from autograder.doctor import database as examined
from autograder.export import marks
from autograder.gradebook import Book

LESSON = demo.LESSON
SECRET = "geheim@wort"
SERVER = "postgresql+psycopg://nb:geheim%40wort@localhost:1/nb"


@pytest.fixture
def configured(tmp_path):
    """A function from the setting to a course that has it."""

    def configured(url):
        (tmp_path / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.CourseDirectory.db_url = {url!r}\n"
        )
        return Course(tmp_path)

    return configured


def test_without_the_setting_it_lies_in_the_course(tmp_path):
    assert Course(tmp_path).db_url == f"sqlite:///{tmp_path}/gradebook.db"
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.source_directory = 'x'\n"
    )
    assert Course(tmp_path).db_url == f"sqlite:///{tmp_path}/gradebook.db"


@pytest.mark.parametrize("url", ["sqlite:///marks/all.db", "sqlite:///{root}/marks/all.db"])
def test_a_file_elsewhere_is_used_by_all(configured, url, small_released):
    course = configured(url.replace("{root}", str(configured("").root)))
    file = course.root / "marks" / "all.db"
    file.parent.mkdir()
    assert db_url.sqlite_file(course.db_url) == file
    with pytest.raises(CourseError, match=r"all\.db holds no marks"):
        marks(course, LESSON)
    assert not file.exists()
    with Book(course.db_url, course.root) as book:
        book.prepare(LESSON, small_released, None)
    assert examined(course).says == f"{file} opens, is whole and not locked"
    assert not course.gradebook.exists()


def test_formgrader_reads_the_same_setting(configured):
    from nbgrader.apps import NbGrader
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    course = configured("sqlite:////somewhere/else.db")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
    assert CourseDirectory(config=config, parent=NbGrader(config=config)).db_url == course.db_url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"{SECRET} is no URL", "is no URL of a database"),
        ("sqlite://", "keeps nothing"),
        ("sqlite:///:memory:", "keeps nothing"),
    ],
)
def test_what_names_no_database_is_said_without_repeating_it(configured, url, says):
    course = configured(url)
    with pytest.raises(CourseError, match=says) as caught:
        course.db_url  # noqa: B018 - it is what raises
    assert SECRET not in str(caught.value)
    assert "nbgrader_config.py" in str(caught.value)
    assert examined(course).level == "fail"


def test_settings_that_do_not_load_are_named(configured):
    course = configured("")
    (course.root / "nbgrader_config.py").write_text("c = no_such_name\n")
    with pytest.raises(CourseError, match=r"nbgrader_config\.py cannot be loaded \(NameError"):
        course.db_url  # noqa: B018


def test_a_driver_that_is_missing_is_said_with_the_remedy_and_no_password(configured):
    course = configured(SERVER.replace("psycopg", "no_such_driver"))
    with (
        pytest.raises(CourseError, match=r"pip install .psycopg\[binary\]") as caught,
        Book(course.db_url, course.root),
    ):
        pass
    assert "geheim" not in str(caught.value)
    finding = examined(course)
    assert (finding.level, "geheim" in f"{finding}") == ("fail", False)


@pytest.mark.parametrize(
    "text", ["FATAL for nb:geheim%40wort", "could not connect as geheim@wort", "geheim%40wort\nno"]
)
def test_no_password_is_in_what_a_driver_says(text):
    said = db_url.said(OSError(text), SERVER)
    assert "geheim" not in said
    assert "\n" not in said
    assert db_url.shown(SERVER) == "postgresql+psycopg://nb:***@localhost:1/nb"
