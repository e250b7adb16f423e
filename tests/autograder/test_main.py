"""The command: what it prints, and that bad input is one clear line."""

import json
import shutil
import subprocess
import sys
import zipfile

import pytest

from autograder import __main__ as command
from autograder import demo
from autograder.notebooks import released_path
from autograder.sandbox.conversation import Limits

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


COMMANDS = ["build", "init", "due", "release", "roster", "collect", "grade", "feedback", "export", "report"]


@pytest.mark.parametrize("name", [*COMMANDS, "review", "doctor", "demo"])
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


CANVAS_EXPORT = """Student,ID,SIS User ID,SIS Login ID,Section,Activations (4711)
    Points Possible,,,,,20
"Doe, Jane",12345,S1,jdoe@x.edu,Section 1,
"Müller, Jörg",12346,S2,jm@x.edu,Section 1,
"Student, Test",999,,abc,Section 1,
"""
MOODLE_EXPORT = """First name,Surname,ID number,Email address
Jane,Doe,007,jane@x.edu
Jörg,Müller,,jm@x.edu
"""


def test_init_makes_a_folder_that_is_not_there_with_its_roster(run, tmp_path):
    (tmp_path / "export.csv").write_text(CANVAS_EXPORT)
    status, _, err = run("init", "--course", tmp_path / "new", "--roster", tmp_path / "export.csv")
    assert (status, err) == (0, "")
    lines = (tmp_path / "new" / "roster.csv").read_text().splitlines()
    assert lines[1:] == [
        'jdoe,"Doe, Jane",,12345,S1,jdoe@x.edu,Section 1,,',
        'jm,"Müller, Jörg",,12346,S2,jm@x.edu,Section 1,,',
    ]


def test_init_with_a_list_that_cannot_be_read_leaves_nothing_behind(run, tmp_path):
    status, _, err = run("init", "--course", tmp_path / "new", "--roster", tmp_path / "none.csv")
    assert (status, one_line(err)) == (2, True)
    assert "none.csv is missing" in err
    assert not (tmp_path / "new").exists()


def test_the_roster_learns_from_a_second_system_what_it_did_not_know(run, course, tmp_path):
    for name, text in (("canvas.csv", CANVAS_EXPORT), ("moodle.csv", MOODLE_EXPORT)):
        (tmp_path / name).write_text(text)
    run("roster", tmp_path / "canvas.csv", "--course", course)
    (tmp_path / "moodle.csv").write_text(MOODLE_EXPORT.replace("jane@", "jdoe@"))
    status, out, _ = run("roster", tmp_path / "moodle.csv", "--course", course)
    assert status == 0
    assert "2 people, 0 of them new" in out
    assert (
        "jdoe,Jane Doe,jdoe@x.edu,12345,S1,jdoe@x.edu,Section 1,,007" in (course / "roster.csv").read_text()
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "names nobody"),
        ("", "is empty"),
        ("Full name,Email address\nJane,\n", "no id for 'Jane'"),
        ("Full name,Email address\nJane,j@x.edu\nJim,j@y.edu\n", "two people would be 'j'"),
        ("Full name,Email address\nJane,.j@x.edu\n", "cannot be a student's id"),
        ("Full name,Email address\nJane,=1+1@x.edu\n", "="),
        ("Full name\nJane,extra\n", "more fields"),
    ],
)
def test_a_list_that_is_no_roster_is_one_clear_line(run, course, tmp_path, text, says):
    (tmp_path / "list.csv").write_text(text)
    status, _, err = run("roster", tmp_path / "list.csv", "--course", course)
    assert (status, one_line(err)) == (2, True)
    assert says in err
    assert "list.csv" in err
    assert not (course / "roster.csv").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name\nJane\n", "has no column `student`"),
        ("student,e-mail\nj,x\n", "unknown column 'e-mail'"),
        ("student,canvas_id\nj,1\nk,1\n", "line 3"),
        ("student\n../j\n", "line 2"),
    ],
)
def test_a_roster_with_a_mistake_says_where(run, course, tmp_path, text, says):
    (course / "roster.csv").write_text(text)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr(f"j/{LESSON}.ipynb", "{}")
    status, _, err = run("collect", tmp_path / "x.zip", LESSON, "--course", course)
    assert (status, one_line(err)) == (2, True)
    assert says in err


def test_collect_says_what_it_did_and_fails_where_something_is_nobodys(run, course, tmp_path):
    (course / "roster.csv").write_text("student,name\njdoe,Jane Doe\nkim,Kim Lee\n")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr(f"doejane_LATE_1_2_{LESSON}.ipynb", "{}")
        made.writestr(f"eve[red]_3_4_{LESSON}.ipynb", "{}")
        made.writestr(f"../evil_5_6_{LESSON}.ipynb", "{}")
    words = ("collect", tmp_path / "x.zip", LESSON, "--course", course)
    status, out, _ = run(*words, "--dry-run")
    assert status == 1
    assert "would collect (1)" in out
    assert not (course / "submitted").exists()
    status, out, err = run(*words)
    assert (status, err) == (1, "")
    for text in (
        "1 new",
        "--late-when (1)",
        "eve[red]_3_4",
        "leads out of the archive",
        "handed nothing in (1)",
    ):
        assert text in out
    assert (course / "submitted" / "jdoe" / LESSON / f"{LESSON}.ipynb").read_text() == "{}"


def test_release_copies_a_lesson_and_keeps_the_older_release(run, root, tmp_path, course):
    status, _, err = run("release", "--check", "--course", tmp_path / "lessons", "--from", root)
    assert status == 1
    assert f"{LESSON}: new" in err
    path = released_path(course, LESSON)
    older = json.loads(path.read_text())
    older["metadata"]["nnlib_course"]["release"] = "0123456789ab"
    path.write_text(json.dumps(older))
    status, out, _ = run("release", LESSON, "--course", course, "--from", root)
    assert status == 0
    assert f"{LESSON}: changed" in out
    assert path.read_bytes() == released_path(root, LESSON).read_bytes()
    assert (course / ".course" / "releases" / LESSON / "0123456789ab.ipynb").exists()
    assert run("release", LESSON, "--check", "--course", course, "--from", root)[0] == 0
    status, _, err = run("release", "99_nothing", "--course", course, "--from", root)
    assert (status, one_line(err)) == (2, True)
    assert LESSON in err


def test_a_dry_run_of_grading_says_who_and_needs_no_seed(run, course):
    for student in ("ann", "bob"):
        (course / "submitted" / student / LESSON).mkdir(parents=True)
    status, out, _ = run("grade", LESSON, "--course", course, "--dry-run")
    assert (status, "would grade 2 of 2: ann, bob" in out) == (0, True)
    summary = {"student": "bob", "exercises": [{"exercise": "sigmoid", "state": "not started yet"}]}
    results = course / ".course" / "results" / LESSON
    results.mkdir(parents=True)
    (results / "bob.json").write_text(json.dumps(summary))
    _, out, _ = run("grade", LESSON, "--course", course, "--dry-run", "--exercise", "sigmoid")
    assert "would grade 1 of 2: ann" in out
    status, _, err = run("grade", LESSON, "--course", course, "--exercise", "nothing")
    assert (status, one_line(err)) == (2, True)
    assert "sigmoid" in err
    assert not (course / "gradebook.db").exists()


def test_the_limits_of_a_notebook_are_options(run, course, monkeypatch):
    (course / "submitted" / "ann" / LESSON).mkdir(parents=True)
    run("init", "--course", course)
    seen = []
    monkeypatch.setattr(
        "autograder.grading.grade_class", lambda *given, **settings: seen.append(settings["limits"]) or []
    )
    words = ("--cell-seconds", 5, "--notebook-seconds", 50, "--memory-mib", 512, "--processes", 8)
    status, _, _ = run("grade", LESSON, "--course", course, *words, "--file-mib", 3, "--output-kib", 7)
    assert status == 0
    assert seen == [Limits(5, 50, 512 * 2**20, 8, 3 * 2**20, 7 * 2**10)]


@pytest.mark.parametrize("words", [("export",), ("feedback",), ("report",), ("review",)])
def test_what_needs_marks_says_to_grade_first(run, course, words):
    status, _, err = run(*words, LESSON, "--course", course)
    assert (status, one_line(err)) == (2, True)
    assert f"autograder grade {LESSON}" in err


def test_doctor_fails_where_something_has_to_be_mended(run, course):
    status, out, _ = run("doctor", "--course", course)
    assert status == 1
    assert "fail seed" in out
    run("init", "--course", course)
    status, out, _ = run("doctor", "--course", course)
    assert status == 0, out
    assert "ok   sandbox" in out


def test_the_module_is_the_command():
    done = subprocess.run([sys.executable, "-m", "autograder", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "grade" in done.stdout
