"""Every command of docs/instructor.md runs as written, on a class as Canvas gives it away."""

import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder import demo
from autograder.notebooks import released_path

LESSON = demo.LESSON
GRADES = """Student,ID,SIS User ID,SIS Login ID,Section,Activations (4711)
    Points Possible,,,,,20
"Doe, Jane",12345,S1,jdoe@x.edu,Section 1,
"Müller, Jörg",12346,S2,jmueller@x.edu,Section 1,
"Lee, Kim",12347,S3,klee@x.edu,Section 2,
"Absent, Al",12348,S4,aabsent@x.edu,Section 2,
"Student, Test",999,,abc,Section 1,
"""
NAMES = {
    f"doejane_12345_501_{LESSON}.ipynb": "perfect-1",
    f"müllerjörg_LATE_12346_502_{LESSON}-1.ipynb": "half-done",
    f"leekim_12347_503_{LESSON}.ipynb": "untouched",
}


@pytest.fixture(scope="module")
def guide(root):
    return (root / "docs" / "instructor.md").read_text()


@pytest.fixture(scope="module")
def walked(guide, small_released, small_worked, tmp_path_factory):
    """The folder in which all was done, and what each command printed."""
    place = tmp_path_factory.mktemp("guide")
    (place / "grades-export.csv").write_text(GRADES)
    submissions = demo.submissions(small_released, small_worked)
    with zipfile.ZipFile(place / "submissions.zip", "w") as archive:
        for name, who in NAMES.items():
            submissions[who](place / "x.ipynb")
            archive.write(place / "x.ipynb", name)
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "COLUMNS": "200",
    }
    said, kept, folder = {}, {}, place
    for line in "\n".join(re.findall(r"```sh\n(.*?)```", guide, re.DOTALL)).splitlines():
        if line.startswith("cd "):
            folder = folder / line[3:]
            continue
        if line.startswith("autograder forget"):
            kept = {path.name: path.read_text() for path in folder.glob("exports/*.csv")}
            kept["grades"] = (folder / "grades.csv").read_text()
        done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        said[line] = done.stdout
        if line.startswith("autograder release"):  # the lesson without its pictures, to be quick
            nbformat.write(small_released, released_path(folder, LESSON))
    return folder, said, kept


def test_the_guide_names_every_command_of_the_instructors_day(guide, walked):
    used = {shlex.split(line)[1] for line in walked[1] if line.startswith("autograder")}
    day = {
        "init",
        "release",
        "doctor",
        "due",
        "collect",
        "grade",
        "review",
        "report",
        "export",
        "feedback",
        "forget",
    }
    assert used == day


def test_the_marks_come_back_in_canvas_columns(walked):
    table = walked[2][f"{LESSON}-canvas.csv"].splitlines()
    assert table[0].endswith("Activations (4711)")
    assert {line.partition(",")[2] for line in table[2:]} == {
        ' Jane",12345,S1,jdoe@x.edu,Section 1,14',
        ' Jörg",12346,S2,jmueller@x.edu,Section 1,6',
        ' Kim",12347,S3,klee@x.edu,Section 2,0',
    }


def test_who_is_absent_and_who_is_late_is_said(walked):
    dry = next(said for line, said in walked[1].items() if line.endswith("--dry-run") and "collect" in line)
    assert "aabsent" in dry
    assert "--late-when (1):\n  jmueller" in dry
    assert "jmueller,01_activations,6.0,20.0,86400" in walked[2]["grades"]


def test_a_deleted_student_is_nowhere_in_the_course(walked):
    folder = walked[0]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any("jdoe" in str(path) for path in files)
    assert not [path for path in files if "klee" in str(path.relative_to(folder))]
    assert not [path for path in files if b"klee" in path.read_bytes() or b"Lee, Kim" in path.read_bytes()]
