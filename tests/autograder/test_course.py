"""A course's folder and its private state."""

import json
import os
import stat
from datetime import UTC, datetime

import nbformat
import pytest

from autograder.course import SEED_BITS, Course, CourseError, write_text

LESSON = "01_activations"


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def release(course, name, text="first"):
    """Release a lesson whose only cell holds `text`, as the version `name`."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="cell-000")])
    notebook.metadata["nnlib_course"] = {"lesson": LESSON, "release": name}
    write_text(course.root / "lessons" / LESSON / f"{LESSON}.ipynb", nbformat.writes(notebook))


@pytest.mark.parametrize("mask", [0o022, 0o000, 0o077])
def test_the_seed_is_for_its_owner_alone_whatever_the_umask(course, mask):
    before = os.umask(mask)
    try:
        course.init()
    finally:
        os.umask(before)
    assert mode(course.seed_file) == 0o600
    assert mode(course.state) & 0o077 == 0
    assert [path.name for path in course.state.iterdir()] == ["seed"]


def test_a_file_left_by_a_broken_init_does_not_open_the_seed(course):
    course.state.mkdir()
    course.seed_file.with_suffix(".part").write_text("")
    course.seed_file.with_suffix(".part").chmod(0o644)
    course.init()
    assert mode(course.seed_file) == 0o600


def test_the_seed_is_a_large_number_and_stays(course):
    course.init()
    assert 0 <= course.seed() < 2**SEED_BITS
    assert course.seed() == Course(course.root).seed()


def test_two_courses_have_two_seeds(tmp_path):
    seeds = set()
    for name in ("a", "b", "c"):
        Course(tmp_path / name).init()
        seeds.add(Course(tmp_path / name).seed())
    assert len(seeds) == 3


def test_a_second_init_is_refused_and_keeps_the_seed(course):
    course.init()
    before = course.seed()
    with pytest.raises(CourseError, match="already"):
        course.init()
    assert course.seed() == before


def test_a_lost_seed_is_an_error_and_no_new_seed(course):
    course.init()
    course.gradebook.touch()
    course.seed_file.unlink()
    with pytest.raises(CourseError, match="is lost"):
        course.init()
    with pytest.raises(CourseError, match="is missing"):
        course.seed()
    assert not course.seed_file.exists()


@pytest.mark.parametrize("text", ["", "abc", "-5", "1.5", "12 34", "0x10"])
def test_a_seed_that_is_no_number_is_an_error(course, text):
    write_text(course.seed_file, text)
    with pytest.raises(CourseError, match="no number"):
        course.seed()


def test_students_are_those_who_handed_in_sorted(course):
    for student in ("zoe", "ada"):
        course.submitted(student, LESSON).mkdir(parents=True)
    course.submitted("bob", "02_other").mkdir(parents=True)
    (course.root / "submitted" / "readme.txt").touch()
    course.submitted("eve", LESSON).parent.mkdir()
    course.submitted("eve", LESSON).symlink_to(course.submitted("ada", LESSON))
    assert course.students(LESSON) == ["ada", "eve", "zoe"]


def test_nothing_handed_in_is_an_error_that_says_where_it_was_looked_for(course):
    with pytest.raises(CourseError, match="nothing to grade"):
        course.students(LESSON)


def test_an_unknown_lesson_is_an_error_that_names_the_known_ones(course):
    with pytest.raises(CourseError, match="Lessons here: none"):
        course.skeleton(LESSON)
    release(course, "aaa")
    with pytest.raises(CourseError, match=f"Lessons here: {LESSON}"):
        course.skeleton("99_nothing")


def test_every_release_that_was_seen_is_kept_and_found_again(course):
    release(course, "aaa", "first")
    assert course.skeleton(LESSON, "aaa") == (course.skeleton(LESSON)[0], "")
    release(course, "bbb", "second")
    new, _ = course.skeleton(LESSON, "bbb")
    old, note = course.skeleton(LESSON, "aaa")
    assert (new.cells[0].source, old.cells[0].source) == ("second", "first")
    assert note == "it came from the older release aaa"


@pytest.mark.parametrize("name", ["", "ccc"])
def test_a_release_that_is_not_at_hand_is_graded_by_the_current_one_and_noted(course, name):
    release(course, "aaa")
    skeleton, note = course.skeleton(LESSON, name)
    assert skeleton.cells[0].source == "first"
    assert "graded by the current one" in note


def test_a_due_date_comes_back_as_it_was_set(course):
    when = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert course.due(LESSON) is None
    course.set_due(LESSON, when)
    course.set_due("02_other", when.replace(year=2027))
    assert course.due(LESSON) == when
    assert course.due("03_none") is None
    assert list(json.loads((course.state / "settings.json").read_text())) == ["due"]


def test_a_text_is_written_whole_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "new" / "folder" / "page.html"
    for text in ("é\n", "short"):
        write_text(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]


def test_a_text_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "page.html"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "\ud800")
    assert path.read_text() == "old"
