"""Archives from elsewhere: whose each file is, what is not taken, and what happens to what was there."""

import json
import stat
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from autograder import archive as archives
from autograder import collect, lms, roster
from autograder.archive import Archive
from autograder.course import Course, CourseError
from autograder.roster import Person

LESSON = "01_activations"
FILE = f"{LESSON}.ipynb"
PEOPLE = [
    Person("jd42", "Jane Doe", "jane@x.edu", canvas_id="12345"),
    Person("joerg", "Jörg Müller", "jm@x.edu"),
    Person("ana", "de la Cruz, Ana María", "ana@x.edu"),
    Person("kim1", "Kim Lee", "kim1@x.edu"),
    Person("kim2", "Lee, Kim", "kim2@x.edu"),
]


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path / "course")


@pytest.fixture
def make_zip(tmp_path):
    """A function from {name: bytes} to an archive's path."""

    def make(files, name="all.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in files.items():
                made.writestr(name, content)
        return path

    return make


def notebook(lesson=LESSON, text="mine"):
    return json.dumps(
        {"nbformat": 4, "metadata": {"nnlib_course": {"lesson": lesson}}, "cells": [], "x": text}
    )


def planned(course, path, people=PEOPLE, **options):
    with Archive(path) as archive:
        plan = collect.plan(course, archive, LESSON, roster.Roster(people), **options)
        return plan, archive.refused


def collected(course, path, people=PEOPLE, **options):
    with Archive(path) as archive:
        plan = collect.plan(course, archive, LESSON, roster.Roster(people), **options)
        done = {handed.student: outcome for handed, outcome in collect.install(course, archive, LESSON, plan)}
    return done, plan, archive.refused


def students(plan):
    return [handed.student for handed in plan.handed]


def text(course, student):
    return json.loads((course.submitted(student, LESSON) / FILE).read_text())["x"]


def files_under(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir())


@pytest.mark.parametrize(
    ("name", "student"),
    [
        (f"doejane_12345_67890_{FILE}", "jd42"),
        (f"doejane_LATE_12345_67890_{LESSON}-1.ipynb", "jd42"),
        (f"someoneelse_12345_67890_{FILE}", "jd42"),  # the id is believed, not the name
        (f"müllerjörg_777_1_{FILE}", "joerg"),
        (f"mu\u0308llerjo\u0308rg_777_1_{FILE}", "joerg"),
        (f"delacruzanamaría_777_1_{FILE}", "ana"),
    ],
)
def test_canvas_names_are_matched_by_id_and_then_by_name(course, make_zip, name, student):
    plan, _ = planned(course, make_zip({name: notebook()}))
    assert (plan.kind, students(plan), plan.unmatched) == ("canvas", [student], [])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (f"doejane_99_1_{FILE}", "whose Canvas id is not 99"),
        (f"leekim_99_1_{FILE}", "kim1, kim2"),
        (f"nobodyatall_99_1_{FILE}", "nobody in roster.csv"),
        (f"anon_aB3xy_1_{FILE}", "anonymous"),
        (f"LATE_anon_aB3xy_1_{FILE}", "anonymous"),
        ("doejane_12345_text.html", "not named as Canvas"),
        ("doejane_12345_1_essay.pdf", "no notebooks"),
        ("doejane_12345_1_Untitled.ipynb", "does not say which lesson"),
    ],
)
def test_what_is_nobodys_is_listed_and_not_guessed(course, make_zip, name, why):
    content = "{}" if "Untitled" in name else notebook()
    plan, _ = planned(course, make_zip({name: content}), kind="canvas")
    assert students(plan) == []
    assert len(plan.unmatched) == 1
    assert why in plan.unmatched[0][1]


def test_the_newest_of_several_attempts_is_taken(course, make_zip):
    files = {
        f"doejane_12345_100_{FILE}": notebook(text="first"),
        f"doejane_12345_300_{LESSON}-2.ipynb": notebook(text="third"),
        f"doejane_12345_200_{LESSON}-1.ipynb": notebook(text="second"),
    }
    done, _, _ = collected(course, make_zip(files))
    assert done == {"jd42": "new"}
    assert text(course, "jd42") == "third"
    assert files_under(course.submitted("jd42", LESSON)) == [FILE]
    assert collect.read_index(course, LESSON)["jd42"]["prefix"] == "doejane_12345_300"


@pytest.mark.parametrize(
    "name",
    [
        f"Jane Doe_5_assignsubmission_file_/{FILE}",
        f"Jane Doe_5_assignsubmission_file/{FILE}",
        f"Jane Doe_5_assignsubmission_file_{FILE}",
        f"Jane Doe_5_assignsubmission_file_/folder/{FILE}",
    ],
)
def test_moodles_namings_old_and_new_are_read(course, make_zip, name):
    done, plan, _ = collected(course, make_zip({name: notebook()}))
    assert (plan.kind, done) == ("moodle", {"jd42": "new"})
    assert collect.read_index(course, LESSON)["jd42"]["prefix"] == "Jane Doe_5_assignsubmission_file"


def test_two_people_of_one_name_in_moodle_are_left_to_a_person(course, make_zip):
    files = {f"Jane Doe_{i}_assignsubmission_file_/{FILE}": notebook() for i in (5, 6)}
    plan, _ = planned(course, make_zip(files))
    assert students(plan) == []
    assert [why for _, why in plan.unmatched] == ["2 submissions would be jd42's"] * 2


def test_moodles_worksheet_tells_namesakes_apart_and_when_it_came(course, make_zip, tmp_path):
    path = make_zip({f"Kim Lee_{i}_assignsubmission_file_/{FILE}": notebook(text=str(i)) for i in (5, 6)})
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "Identifier,Full name,Email address,Last modified (submission)\n"
        'Participant 5,Kim Lee,kim2@x.edu,"Monday, 2 March 2026, 1:31 PM"\nParticipant 6,Kim Lee,kim1@x.edu,-\n'
    )
    worksheet = lms.read_worksheet(sheet, ZoneInfo("Europe/Berlin"))
    done, plan, _ = collected(course, path, worksheet=worksheet)
    assert (done, plan.unmatched) == ({"kim1": "new", "kim2": "new"}, [])
    assert (text(course, "kim2"), text(course, "kim1")) == ("5", "6")
    time = (course.submitted("kim2", LESSON) / "timestamp.txt").read_text()
    assert time == "2026-03-02 12:31:00 UTC\n"
    assert not (course.submitted("kim1", LESSON) / "timestamp.txt").exists()


@pytest.mark.parametrize(
    ("lines", "says"),
    [("Name,Grade\nx,1\n", "Identifier"), ('P 5,Kim,k@x.edu,"lundi 2 mars 2026, 13:31"\n', "set to English")],
)
def test_a_worksheet_that_cannot_be_read_is_said(tmp_path, lines, says):
    header = "" if "Grade" in lines else "Identifier,Full name,Email address,Last modified (submission)\n"
    (tmp_path / "sheet.csv").write_text(header + lines)
    with pytest.raises(CourseError, match=says):
        lms.read_worksheet(tmp_path / "sheet.csv", UTC)


@pytest.mark.parametrize("people", [PEOPLE, []])
@pytest.mark.parametrize(
    "name", [f"jd42/{FILE}", f"all/jd42/{LESSON}/{FILE}", "jd42.ipynb", f"x/jd42/{FILE}"]
)
def test_plain_archives_name_students_by_their_folders(course, make_zip, name, people):
    plan, _ = planned(course, make_zip({name: notebook()}), people)
    assert (plan.kind, students(plan), plan.unmatched) == ("plain", ["jd42"], [])


def test_folders_at_different_depths_are_found_by_the_roster(course, make_zip):
    files = {f"all/{who}/{FILE}": notebook() for who in ("ana", "kim1")} | {f"jd42/{FILE}": notebook()}
    plan, _ = planned(course, make_zip(files))
    assert students(plan) == ["ana", "jd42", "kim1"]


@pytest.mark.parametrize("people", [PEOPLE, []])
@pytest.mark.parametrize("name", [f"joerg/{FILE}", f"joerg/{LESSON}/{FILE}", "joerg.ipynb"])
def test_nobody_hands_in_for_another_from_inside_a_folder(course, make_zip, name, people):
    files = {f"{who}/{FILE}": notebook(text=who) for who in ("ana", "jd42", "kim1")}
    _, plan, _ = collected(course, make_zip(files | {f"kim1/{name}": notebook(text="forged")}), people)
    assert students(plan) == ["ana", "jd42", "kim1"]
    assert text(course, "kim1") == "kim1"
    assert not course.submitted("joerg", LESSON).exists()


@pytest.mark.parametrize(
    "forged",
    [
        f"eve_99_7_x_12345_1_{FILE}",
        f"Eve_9_assignsubmission_file_/Jane Doe_5_assignsubmission_file_/{FILE}",
        f"Eve_9_assignsubmission_file_Jane Doe_5_assignsubmission_file_{FILE}",
    ],
)
def test_a_file_named_like_anothers_is_still_its_owners(course, make_zip, forged):
    plan, _ = planned(course, make_zip({forged: notebook()}), [*PEOPLE, Person("eve", "Eve")])
    assert students(plan) == ["eve"]


def test_a_renamed_notebook_counts_only_if_it_says_that_it_is_of_the_lesson(course, make_zip):
    path = make_zip({"jd42/final.ipynb": notebook(), "joerg/final.ipynb": notebook("02_losses")})
    plan, _ = planned(course, path)
    assert students(plan) == ["jd42"]
    assert "'final.ipynb'" in plan.handed[0].notes[0]
    assert "is of 02_losses" in plan.unmatched[0][1]


def test_canvas_and_moodle_need_the_roster_and_say_how_to_get_one(course, make_zip):
    with pytest.raises(CourseError, match="autograder roster FILE"):
        planned(course, make_zip({f"doejane_1_2_{FILE}": notebook()}), [])


def test_files_beside_the_notebook_come_along(course, make_zip):
    path = make_zip({f"jd42/{LESSON}/{FILE}": notebook(), f"jd42/{LESSON}/data/points.csv": "1,2"})
    collected(course, path)
    assert files_under(course.submitted("jd42", LESSON)) == [FILE, "data/points.csv"]


def test_a_time_is_believed_from_nbgraders_folders_and_not_from_students(course, make_zip):
    time = "2026-03-01 10:00:00 UTC"
    collected(course, make_zip({f"jd42/{FILE}": notebook(), "jd42/timestamp.txt": time}))
    assert (course.submitted("jd42", LESSON) / "timestamp.txt").read_text().strip() == time
    forged = {
        f"müllerjörg_7_1_{FILE}": notebook(),
        "müllerjörg_7_2_timestamp.txt": "1999-01-01 00:00:00 UTC",
    }
    _, plan, _ = collected(course, make_zip(forged))
    assert not (course.submitted("joerg", LESSON) / "timestamp.txt").exists()
    assert "left out" in plan.handed[0].notes[0]


def test_those_whom_canvas_calls_late_get_a_time_of_their_own(course, make_zip):
    path = make_zip({f"doejane_LATE_12345_1_{FILE}": notebook(), f"müllerjörg_7_1_{FILE}": notebook()})
    when, late = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (2, 3))
    collected(course, path, when=when, late=late)
    times = [(course.submitted(s, LESSON) / "timestamp.txt").read_text()[:10] for s in ("joerg", "jd42")]
    assert times == ["2026-03-02", "2026-03-03"]


def test_an_older_submission_is_kept_and_the_same_one_changes_nothing(course, make_zip):
    first, second = (make_zip({f"jd42/{FILE}": notebook(text=t)}, f"{t}.zip") for t in ("one", "two"))
    assert collected(course, first)[0] == {"jd42": "new"}
    assert collected(course, first)[0] == {"jd42": "unchanged"}
    assert collected(course, second)[0] == {"jd42": "replaced"}
    assert text(course, "jd42") == "two"
    older = course.state / "collected" / LESSON / "jd42" / "001" / FILE
    assert json.loads(older.read_text())["x"] == "one"
    assert collected(course, first)[0] == {"jd42": "replaced"}
    assert (older.parent.parent / "002" / FILE).exists()
    assert not (course.state / "collecting").exists()


def test_planning_writes_nothing_and_names_who_is_absent(course, make_zip):
    plan, _ = planned(course, make_zip({f"jd42/{FILE}": notebook()}))
    assert plan.absent == ["joerg", "ana", "kim1", "kim2"]
    assert not course.root.exists()


@pytest.mark.parametrize(
    "name",
    [
        f"../../jd42/{FILE}",
        f"/jd42/{FILE}",
        f"C:/jd42/{FILE}",
        f"..\\jd42\\{FILE}",
        f"jd42/\x1b[2J/{FILE}",
        f"jd42/{'x' * 300}/{FILE}",
        "a/" * 20 + f"jd42/{FILE}",
        f"jd42\u202e/{FILE}",
    ],
)
def test_names_that_lead_elsewhere_or_cannot_be_stored_are_refused(course, make_zip, tmp_path, name):
    before = files_under(tmp_path)
    done, _, refused = collected(course, make_zip({name: notebook(), f"joerg/{FILE}": notebook()}))
    assert done == {"joerg": "new"}
    assert len(refused) == 1
    assert {name for name in files_under(tmp_path) if name not in before} == {
        "all.zip",
        f"course/submitted/joerg/{LESSON}/{FILE}",
        f"course/.course/collected/{LESSON}/joerg/{collect.NOTE}",
    }


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(course, tmp_path, kind):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as made:
        link = zipfile.ZipInfo(f"jd42/{FILE}")
        link.create_system, link.external_attr = 3, (kind | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    done, _, refused = collected(course, path)
    assert done == {}
    assert "link" in refused[0][1]


def test_a_bomb_is_cut_off_by_what_it_unpacks_to(course, make_zip, monkeypatch):
    monkeypatch.setattr(collect.submission, "MAX_NOTEBOOK_BYTES", 10**6)
    path = make_zip({f"jd42/{FILE}": b"0" * 10**7, f"joerg/{FILE}": notebook()})
    done, plan, _ = collected(course, path)
    assert done == {"jd42": "refused", "joerg": "new"}
    assert "more than" in plan.handed[0].notes[0]
    assert not course.submitted("jd42", LESSON).exists()


def test_a_size_that_lies_is_not_believed(course, make_zip, monkeypatch):
    path = make_zip({f"jd42/{FILE}": b"0" * 10**6})
    data = path.read_bytes().replace((10**6).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    done, plan, _ = collected(course, path)
    assert done == {"jd42": "refused"} or (course.submitted("jd42", LESSON) / FILE).stat().st_size <= 10
    assert plan.handed[0].student == "jd42"


def test_an_archive_as_a_whole_is_bounded(course, make_zip, monkeypatch):
    path = make_zip({f"jd42/{FILE}": b"0" * 3000, f"joerg/{FILE}": b"0" * 3000})
    monkeypatch.setattr(archives, "MAX_BYTES", 4000)
    with pytest.raises(CourseError, match="unpacks to more"):
        collected(course, path)
    monkeypatch.setattr(archives, "MAX_ENTRIES", 1)
    with pytest.raises(CourseError, match="more than 1 files"):
        collected(course, path)


def test_a_damaged_entry_costs_no_neighbour(course, make_zip):
    path = make_zip({f"jd42/{FILE}": notebook(text="a" * 500), f"joerg/{FILE}": notebook()})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    done, plan, _ = collected(course, path)
    assert done == {"jd42": "refused", "joerg": "new"}
    assert "damaged" in plan.handed[0].notes[0]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 half"])
def test_what_is_no_archive_is_said_in_one_line(course, tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(CourseError, match=r"x\.zip is no zip archive"):
        planned(course, tmp_path / "x.zip")


def test_names_in_utf8_without_the_flag_that_says_so_are_read(course, make_zip):
    path = make_zip({f"jXXrg/{FILE}": notebook()})
    path.write_bytes(path.read_bytes().replace(b"jXXrg", "jörg".encode()))
    plan, _ = planned(course, path, [])
    assert students(plan) == ["jörg"]


def test_a_file_where_a_folder_should_be_is_left_out(course, make_zip):
    path = make_zip({f"jd42/{FILE}": notebook(), "jd42/a": "1", "jd42/a/b": "2", "jd42/timestamp.txt/x": "3"})
    done, plan, _ = collected(course, path)
    assert done == {"jd42": "new"}
    assert files_under(course.submitted("jd42", LESSON)) == [FILE, "a"]
    assert any("a/b was left out" in note for note in plan.handed[0].notes)


def test_what_operating_systems_add_is_passed_over(course, make_zip):
    path = make_zip({f"jd42/{FILE}": notebook(), f"__MACOSX/jd42/._{FILE}": "x", "jd42/.DS_Store": "x"})
    done, plan, refused = collected(course, path)
    assert (done, plan.unmatched, refused) == ({"jd42": "new"}, [], [])
    assert files_under(course.submitted("jd42", LESSON)) == [FILE]


def test_the_kind_of_an_archive_is_seen_in_its_names(make_zip):
    for name, kind in ((f"doe_1_2_{FILE}", "canvas"), (f"D_1_assignsubmission_file/{FILE}", "moodle")):
        with Archive(make_zip({name: "x"})) as archive:
            assert lms.kind_of(archive.entries()) == kind
