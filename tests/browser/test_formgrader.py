"""nbgrader's formgrader in a browser: what a person types there stays, whatever is graded again.

The course's folder is served by Jupyter as an instructor would serve it; grading runs beside it, on the same gradebook.
"""

import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from html import escape
from urllib.error import URLError

import pytest
from playwright.sync_api import expect

from autograder import demo
from autograder.__main__ import app
from autograder.gradebook import Book

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("browser")]

LESSON = demo.LESSON
COMMENT = "Right, but what becomes of the <b>biases</b>?\nShow it with two layers: β₁W₂ + β₂."
MARKUP = "</code></pre><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
SHOWS = f"""from IPython.display import HTML, Javascript
display(HTML({MARKUP!r}), Javascript("document.title = 'owned'"))
print("this cell ran", {MARKUP!r})
{{"text/html": {MARKUP!r}}}"""
GIVEN = {"why_nonlinear": 2.5, "which_activation": 0.0, "relu": 0.5}
TYPED = (GIVEN, {"tanh": 1.0}, {"why_nonlinear": COMMENT})
SCORE = 14 - 2 + 2.5 + 0.5 + 1  # a person takes 1.5 of 2 from relu and gives one extra mark for tanh


def grade(course, *students, options=()):
    """The command, in this process."""
    chosen = [part for student in students for part in ("--student", student)]
    app(["grade", LESSON, "--course", str(course.root), *chosen, *options], standalone_mode=False)


@pytest.fixture(scope="module")
def course(make_course, small_released, small_worked):
    """Ada and Cem have answered everything, Bob nothing, Mal with scripts; Ada's is the one that a person marks."""
    known = demo.submissions(small_released, small_worked)
    mal = demo.filled(
        small_released,
        {"relu-solution": f"def relu(z):\n    raise ValueError({MARKUP!r})", "why_nonlinear": MARKUP},
        extra=("relu-solution", SHOWS),
    )
    course = make_course(
        {"ada": known["perfect-1"], "bob": known["untouched"], "cem": known["perfect-2"], "mal": mal}
    )
    grade(course)
    return course


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    """The address of a Jupyter server on the course's folder, with settings of its own and no others."""
    home = tmp_path_factory.mktemp("home")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    settings = (
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
    )
    log = home / "log"
    with log.open("w") as lines:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyter",
                "server",
                *settings,
                "--IdentityProvider.token=",
                "--log-level=INFO",
            ],
            cwd=course.root,
            env={**os.environ, **folders, "HOME": str(home)},
            stdout=lines,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(process, f"{address}/api", log)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def wait_for(process, address, log, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (URLError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"Jupyter did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def tab(browser, server):
    """A tab that reaches the server and nothing else: formgrader asks a CDN for MathJax."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(15_000)
    context.route(lambda url: not url.startswith(f"{server}/"), lambda route: route.abort())
    return context.new_page()


@pytest.fixture(scope="module")
def marked(course, tab, server):
    """Ada's submission marked by hand; what the gradebook held, and whether formgrader's list let her wait, after that."""
    open_submission(tab, server, "ada")
    for name, mark in GIVEN.items():
        type_in(tab, name, f"{mark:g}")
    type_in(tab, "tanh_extra_credit", "1")
    type_in(tab, "why_nonlinear-comment", COMMENT)
    return in_gradebook(course, "ada"), waits(tab, server, "ada")


@pytest.fixture
def hand_in(course, marked, small_released, small_worked):
    """A function that puts Ada's notebook there anew, right but for the answers given; it has been done once."""

    def hand_in(**answers):
        right = {name: cell.source for name, cell in demo.solution_cells(small_worked).items()}
        write = demo.filled(small_released, right | answers)
        write(course.submitted("ada", LESSON) / f"{LESSON}.ipynb")

    hand_in()
    return hand_in


def row(tab, server, student):
    """A student's row in formgrader's list of submissions."""
    tab.goto(f"{server}/formgrader/gradebook/{LESSON}/{LESSON}")
    expect(tab.locator("td.name")).to_have_count(4)
    tab.get_by_role("button", name="Show All Names").click()
    return tab.locator("tbody tr").filter(has_text=student)


def waits(tab, server, student):
    return row(tab, server, student).locator(".needs-manual-grade .glyphicon").count() == 1


def open_submission(tab, server, student):
    """As a person would, from the list; returns the list's total."""
    found = row(tab, server, student)
    total = found.locator("td.score").inner_text()
    found.get_by_role("link", name=student).click()
    expect(tab.locator("#why_nonlinear")).to_be_visible()
    tab.wait_for_function("formgrader.grades && formgrader.grades.loaded && formgrader.comments.loaded")
    return total


def type_in(tab, field, text):
    """Type into a field and leave it with the tabulator; formgrader then saves."""
    kind = "comment" if field.endswith("-comment") else "grade"
    with tab.expect_response(lambda a: f"/api/{kind}/" in a.url and a.request.method == "PUT") as saved:
        tab.locator(f"#{field}").click()
        tab.keyboard.type(text)
        tab.keyboard.press("Tab")
    assert saved.value.ok


def in_gradebook(course, student):
    """The marks, extra marks and comments that a person gave, and the cells that wait for a person."""
    with Book(course.gradebook) as book:
        notebook = book._book.find_submission_notebook(LESSON, LESSON, student)
        manual = {g.name: g.manual_score for g in notebook.grades if g.manual_score is not None}
        extra = {g.name: g.extra_credit for g in notebook.grades if g.extra_credit is not None}
        comments = {c.name: c.manual_comment for c in notebook.comments if c.manual_comment}
        waiting = {g.name for g in notebook.grades if g.needs_manual_grade}
    return manual, extra, comments, waiting


def in_csv(course):
    with course.grades.open(newline="") as file:
        return next(row for row in csv.DictReader(file) if row["student"] == "ada")


def cell(tab, name):
    return tab.locator(".nbgrader_cell").filter(has=tab.locator(f"#{name}"))


def assert_all_is_there(course, tab, server, score):
    """In the gradebook, in grades.csv and on the page: Ada's marks and the comment, as they were typed."""
    assert in_gradebook(course, "ada")[:3] == TYPED
    row = in_csv(course)
    assert {name: float(row[name]) for name in GIVEN} == GIVEN
    assert float(row["tanh"]) == 2 + 1
    assert float(row["score"]) == score
    assert open_submission(tab, server, "ada") == f"{score:g} / 20"
    for name, mark in GIVEN.items():
        expect(tab.locator(f"#{name}")).to_have_value(f"{mark:g}")
    expect(tab.locator("#tanh_extra_credit")).to_have_value("1")
    expect(tab.locator("#why_nonlinear-comment")).to_have_value(COMMENT)


def test_only_written_answers_that_are_there_wait_for_a_person(course, tab, server):
    assert in_gradebook(course, "cem")[3] == {"why_nonlinear", "which_activation"}
    assert in_gradebook(course, "bob")[3] == set()
    assert [waits(tab, server, student) for student in ("cem", "bob")] == [True, False]
    assert open_submission(tab, server, "cem") == "14 / 20"
    assert "Two linear layers compute" in cell(tab, "why_nonlinear").inner_text()
    expect(tab.locator("#why_nonlinear")).to_have_class(re.compile("needs_manual_grade"))
    expect(tab.locator("#relu")).to_have_attribute("placeholder", "2")
    assert "relu: 2 of 2 marks" in tab.locator("body").inner_text()


def test_what_a_person_types_is_saved_and_nothing_waits_any_more(marked):
    assert marked == ((*TYPED, set()), False)


@pytest.mark.parametrize("options", [(), ("--again",)], ids=["judged again", "run again"])
def test_grading_again_changes_nothing_that_a_person_gave(course, tab, server, hand_in, options):
    grade(course, "ada", options=options)
    assert_all_is_there(course, tab, server, SCORE)


def test_what_a_person_has_settled_stays_so_while_the_answer_is_the_same(course, tab, server, hand_in):
    grade(course, "ada")
    assert in_gradebook(course, "ada") == (*TYPED, set())
    assert not waits(tab, server, "ada")


def test_the_students_page_shows_what_the_person_gave(course, tab, hand_in):
    grade(course, "ada")
    page = (course.feedback("ada", LESSON) / f"{LESSON}.html").read_text()
    assert page.count("From the person who marked it") == len({*GIVEN, "tanh"})
    assert escape(COMMENT) in page
    assert "waits for a person" not in page


def test_handing_in_anew_keeps_them_and_asks_to_look_again_at_what_changed(course, tab, server, hand_in):
    anew = "A line of a line is a line."
    hand_in(why_nonlinear=anew, **{"sigmoid-solution": "def sigmoid(z):\n    return z"})
    grade(course, "ada")
    assert float(in_csv(course)["sigmoid"]) == 0
    assert_all_is_there(course, tab, server, SCORE - 2)
    assert anew in cell(tab, "why_nonlinear").inner_text()
    assert in_gradebook(course, "ada")[3] == {"why_nonlinear"}
    assert waits(tab, server, "ada")
    assert (
        "it has changed since it was marked"
        in (course.feedback("ada", LESSON) / f"{LESSON}.html").read_text()
    )
    with tab.expect_response(lambda answer: "/api/grade/" in answer.url):
        open_submission(tab, server, "ada")
        cell(tab, "why_nonlinear").get_by_role("button", name="Resolve").click()
    grade(course, "ada")
    assert in_gradebook(course, "ada") == (*TYPED, set())


def test_a_notebook_that_cannot_be_read_does_not_lose_them(course, tab, server, hand_in):
    (course.submitted("ada", LESSON) / f"{LESSON}.ipynb").write_text("{")
    grade(course, "ada")
    assert in_gradebook(course, "ada") == (*TYPED, set(GIVEN))
    assert float(in_csv(course)["score"]) == sum(GIVEN.values()) + 1
    hand_in()
    grade(course, "ada")
    assert_all_is_there(course, tab, server, SCORE)


def test_no_script_of_a_student_runs_in_formgrader(course, tab, server):
    """And the control: in the notebook as it was handed in, it would."""
    graded = course.autograded("mal", LESSON) / f"{LESSON}.ipynb"
    clean = graded.read_text()
    open_submission(tab, server, "mal")
    assert "<img src=x" in cell(tab, "why_nonlinear").inner_text()
    assert "this cell ran" in tab.locator("body").inner_text()
    assert tab.title() == LESSON
    try:
        shutil.copy(course.submitted("mal", LESSON) / f"{LESSON}.ipynb", graded)
        tab.reload()
        expect(tab).to_have_title("owned")
    finally:
        graded.write_text(clean)
