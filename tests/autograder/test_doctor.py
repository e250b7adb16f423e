"""The examination finds what is wrong, says how to mend it, and harms nothing."""

import sqlite3

import pytest

from autograder import doctor
from autograder.course import Course, write_text
from autograder.gradebook import Book
from autograder.sandbox import launch
from autograder.sandbox.isolation import CannotIsolate


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


@pytest.fixture
def gradebook(course):
    with Book(course.gradebook):
        pass
    return course.gradebook


def test_this_machine_can_grade(course):
    found = {finding.what: finding for finding in doctor.examine(course)}
    assert found["sandbox"].level == "ok"
    for name in ("Python", "nbgrader", "JupyterLab", "cores", "gradebook"):
        assert found[name].level == "ok", found[name]
    assert found["seed"].level == found["lessons"].level == "fail"
    assert all(finding.mend for finding in found.values() if finding.level != "ok")
    assert not list(course.root.iterdir())


def test_bytecode_that_is_not_kept_is_a_warning():
    assert doctor.bytecode({"PYTHONDONTWRITEBYTECODE": "1"}).level == "warn"
    assert doctor.bytecode({}).level == "ok"


def test_a_seed_that_others_can_read_fails(course):
    course.init()
    assert doctor.seed(course).level == "ok"
    course.seed_file.chmod(0o644)
    assert doctor.seed(course).level == "fail"
    assert "chmod 600" in doctor.seed(course).mend
    course.seed_file.write_text("not a number")
    assert "backup" in doctor.seed(course).says


def test_a_sound_gradebook_passes_and_is_not_changed(course, gradebook):
    before = gradebook.read_bytes()
    assert doctor.database(course).level == "ok"
    assert gradebook.read_bytes() == before


def test_a_locked_gradebook_fails_and_names_formgrader(course, gradebook):
    other = sqlite3.connect(gradebook)
    other.execute("BEGIN EXCLUSIVE")
    finding = doctor.database(course)
    other.close()
    assert finding.level == "fail"
    assert "locked" in finding.says
    assert "formgrader" in finding.mend


def test_what_is_no_gradebook_fails(course):
    course.gradebook.write_bytes(b"not a database" * 100)
    assert "backup" in doctor.database(course).mend
    course.gradebook.unlink()
    sqlite3.connect(course.gradebook).execute("CREATE TABLE x (y)").connection.close()
    assert "no gradebook" in doctor.database(course).says


def test_a_full_disk_fails(course, monkeypatch):
    usage = lambda free: lambda _: type("Usage", (), {"free": free})  # noqa: E731
    for free, level in ((10**6, "fail"), (2 * 2**30, "warn"), (50 * 2**30, "ok")):
        monkeypatch.setattr(doctor.shutil, "disk_usage", usage(free))
        assert doctor.disk(course).level == level


def test_a_roster_with_a_mistake_fails(course):
    assert doctor.roster(course).level == "warn"
    write_text(course.root / "roster.csv", "student,name\njd42,Jane\njd42,Jim\n")
    assert "line 3" in doctor.roster(course).says
    write_text(course.root / "roster.csv", "student,name\njd42,Jane\n")
    assert doctor.roster(course).level == "ok"


def test_a_machine_without_a_sandbox_fails_with_the_reason(monkeypatch):
    def describe():
        raise CannotIsolate("no user namespaces")

    monkeypatch.setattr(launch, "describe", describe)
    (finding,) = doctor.sandbox()
    assert (finding.level, finding.says) == ("fail", "no user namespaces")


def test_a_missing_libseccomp_is_a_warning(monkeypatch):
    monkeypatch.setattr(launch, "describe", lambda: "bubblewrap; system calls not filtered")
    assert [finding.level for finding in doctor.sandbox()] == ["ok", "warn"]


def test_a_missing_package_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(doctor, "_version", lambda package: "")
    assert "pip install nbgrader" in doctor.nbgrader().mend
    assert doctor.jupyterlab().level == "warn"
