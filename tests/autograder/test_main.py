"""The command: what it prints, and that bad input is one clear line."""

import shutil
import subprocess
import sys

import pytest

from autograder import __main__ as command
from autograder import demo
from autograder.notebooks import released_path

LESSON = demo.LESSON


@pytest.fixture
def course(tmp_path, root):
    place = released_path(tmp_path, LESSON)
    place.parent.mkdir(parents=True)
    shutil.copy(released_path(root, LESSON), place)
    return tmp_path


@pytest.fixture
def run(monkeypatch, capfd):
    """A function from words to (exit status, what was printed, what went to stderr)."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["autograder", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            command.main()
        captured = capfd.readouterr()
        return stopped.value.code or 0, captured.out, captured.err

    return run


def one_line(text):
    return len(text.strip().splitlines()) == 1 and "Traceback" not in text


@pytest.mark.parametrize("name", ["build", "init", "due", "grade", "demo"])
def test_every_command_explains_itself(run, name):
    status, out, _ = run(name, "--help")
    assert status == 0
    assert "Usage" in out


def test_init_makes_one_seed_and_refuses_a_second(run, course):
    assert run("init", "--course", course)[0] == 0
    status, _, err = run("init", "--course", course)
    assert status == 2
    assert one_line(err)
    assert "exists" in err


def test_grading_without_a_seed_says_what_to_do(run, course):
    (course / "submitted" / "someone" / LESSON).mkdir(parents=True)
    status, _, err = run("grade", LESSON, "--course", course)
    assert status == 2
    assert one_line(err)
    assert "autograder init" in err


def test_an_unknown_lesson_is_named_with_those_that_exist(run, course):
    status, _, err = run("grade", "99_nothing", "--course", course)
    assert status == 2
    assert one_line(err)
    assert "99_nothing" in err
    assert LESSON in err


def test_grading_nobody_says_where_submissions_belong(run, course):
    status, _, err = run("grade", LESSON, "--course", course)
    assert (status, one_line(err)) == (2, True)
    assert "submitted/<student>" in err


def test_an_unknown_student_is_named(run, course):
    (course / "submitted" / "someone" / LESSON).mkdir(parents=True)
    status, _, err = run("grade", LESSON, "--course", course, "--student", "nobody")
    assert (status, one_line(err)) == (2, True)
    assert "nobody" in err


def test_a_folder_without_lessons_cannot_be_built(run, tmp_path):
    status, _, err = run("build", "--course", tmp_path)
    assert (status, one_line(err)) == (2, True)
    assert "solutions/NN_topic.md" in err


def test_build_check_names_a_notebook_that_is_not_up_to_date(run, root, tmp_path):
    (tmp_path / "solutions").mkdir()
    shutil.copy(root / "solutions" / f"{LESSON}.md", tmp_path / "solutions")
    status, _, err = run("build", "--check", "--course", tmp_path)
    assert status == 1
    assert err.count("not up to date") == 2
    assert not (tmp_path / "lessons").exists()


def test_the_demonstration_needs_the_lesson_and_spares_other_folders(run, root, tmp_path):
    status, _, err = run("demo", "--course", tmp_path, "--folder", tmp_path / "new")
    assert (status, one_line(err)) == (2, True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    status, _, err = run("demo", "--course", root, "--folder", tmp_path / "mine")
    assert (status, one_line(err)) == (2, True)
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_the_demonstration_is_a_class_of_24_different_notebooks(root, tmp_path):
    course = demo.make_course(root, tmp_path / "demo")
    students = course.students(LESSON)
    assert len(students) == 24
    notebooks = [path.read_bytes() for path in course.root.glob(f"submitted/*/{LESSON}/*.ipynb")]
    assert len(notebooks) == 24
    assert len(set(notebooks)) == 24 - 4  # four perfect ones and one under another name are alike


def test_grade_prints_a_table_and_where_things_are(run, course, small_released, small_worked):
    for student in ("half-done", "broken-json"):
        folder = course / "submitted" / student / LESSON
        folder.mkdir(parents=True)
        demo.submissions(small_released, small_worked)[student](folder / f"{LESSON}.ipynb")
    run("init", "--course", course)
    status, out, err = run("grade", LESSON, "--course", course)
    assert (status, err) == (0, "")
    assert "bubblewrap" in out
    assert "6/14" in out
    assert "its JSON" in out
    assert "gradebook.db" in out
    assert (course / "grades.csv").read_text().count("\n") == 3


def test_the_module_is_the_command():
    done = subprocess.run([sys.executable, "-m", "autograder", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "grade" in done.stdout
