"""Feedback pages and the class report in a browser: what they show, and axe-core on them.

The content is read with JavaScript off; then axe, which needs it, looks for faults of accessibility.
"""

import shutil
from dataclasses import dataclass

import nbformat
import numpy as np
import pytest

from autograder import demo, pool
from autograder.class_report import report
from autograder.feedback import sections, title
from autograder.grading import grade_class
from autograder.notebooks import released_path, worked_path
from autograder.render import marks
from autograder.sandbox.conversation import Limits

from .conftest import SAMPLED_THEMES, says, text_of

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("browser")]

LESSON = demo.LESSON
HOSTILE = "<img src=x onerror=document.title=`owned`>"
SCRIPT = "</code></pre><script>document.title='owned'</script><img src='http://192.0.2.1/x.png'>"
ATTACK = f'''def relu(z):
    """{SCRIPT}"""
    raise type("""{SCRIPT}""", (Exception,), {{}})("""{SCRIPT}""")'''
WRITTEN = f"[click](javascript:document.title='owned') ![](http://192.0.2.1/y.png) {SCRIPT}"


@dataclass
class Graded:
    course: object
    skeleton: object
    results: dict
    pages: dict


def with_headings(path):
    """The lesson with its text and its graded cells, and without the pictures that take long to draw."""
    notebook = nbformat.v4.reads(path.read_text())
    first_code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell is first_code or cell.cell_type == "markdown" or "nbgrader" in cell.metadata
    ]
    return notebook


@pytest.fixture(scope="module")
def graded(make_course, root):
    """A few submissions of every kind, graded for real."""
    released = with_headings(released_path(root, LESSON))
    worked = with_headings(worked_path(root, LESSON))
    known = demo.submissions(released, worked)
    right = {name: cell.source for name, cell in demo.solution_cells(worked).items()}
    attack = right | {"relu-solution": ATTACK, "why_nonlinear": WRITTEN}
    names = ("perfect-but-late", "mistakes-1", "mistakes-2", "half-done-wrongly", "untouched", "broken-json")
    chosen = {name: known[name] for name in names}
    chosen["ended"] = demo.filled(released, right | {"relu-solution": "import os\nos._exit(0)"})
    course = make_course({**chosen, HOSTILE: demo.filled(released, attack)}, released, worked)
    course.set_due(LESSON, demo.DUE)
    for student in ("perfect-but-late", HOSTILE):
        (course.submitted(student, LESSON) / "timestamp.txt").write_text("2026-03-03 14:00:00 UTC\n")
    with pool.local(2) as workers:
        found = grade_class(course, LESSON, course.students(LESSON), workers, Limits(cell_seconds=3))
        results = {result.student: result for result in found}
    pages = {student: course.feedback(student, LESSON) / f"{LESSON}.html" for student in results}
    return Graded(course, released, results, pages)


@pytest.fixture(scope="module")
def reports(graded, tmp_path_factory):
    """The class report on those few, and on a class of 32 with the same marks, whose exercises can be analysed."""
    few = report(graded.course, LESSON).rename(tmp_path_factory.mktemp("report") / "few.html")
    folder = graded.course.results(LESSON)
    copies = []
    for path in list(folder.glob("*.json")):
        for number in range(3):
            copies.append(path.with_name(f"{number}-{path.name}"))
            shutil.copy(path, copies[-1])
    many = report(graded.course, LESSON)
    for path in copies:
        path.unlink()
    return {"few": few, "many": many}


@pytest.mark.parametrize("theme", SAMPLED_THEMES)
def test_each_feedback_page_shows_what_its_student_should_know(graded, read, theme):
    headings = sections(graded.skeleton)
    for student, result in graded.results.items():
        opened = read(graded.pages[student], theme)
        assert opened.locator("h1").inner_text() == title(graded.skeleton)
        assert opened.locator("p > strong").first.inner_text() == student
        overview = opened.get_by_role("table", name="Overview")
        assert overview.locator("tbody tr").count() == len(result.verdicts) + len(result.written)
        if result.problem:
            assert "could not be graded" in text_of(opened.locator(".diagnosis"))
            assert opened.locator("section").count() == 0
            continue
        assert text_of(opened.locator(".total")).startswith(
            f"{marks(result.score)} of {marks(result.points)} marks"
        )
        assert opened.locator("section").count() == len(result.verdicts) + len(result.written)
        for verdict in result.verdicts:
            shown = opened.get_by_role("region").filter(has=opened.locator(f"h2#{verdict.exercise}"))
            assert text_of(shown.locator("h2")).startswith(verdict.exercise)
            assert shown.locator("tbody tr").count() == len(verdict.cases)
            if verdict.diagnosis and verdict.state == "judged":
                assert says(verdict.diagnosis) in text_of(shown)
                assert headings[verdict.exercise] in text_of(shown)
            code = result.answers[f"{verdict.exercise}-solution"]
            assert shown.locator("pre").text_content().strip() == code.strip()
        assert opened.locator("table").count() == 1 + sum(bool(v.cases) for v in result.verdicts)


def test_the_feedback_names_lateness_mistakes_and_what_is_missing(graded, read):
    def shown(student):
        return text_of(read(graded.pages[student]).locator("main"))

    assert "handed in late by 1 d 2 h" in shown("perfect-but-late")
    assert "14 of 14 marks" in shown("perfect-but-late")
    assert "waits for a person" in shown("perfect-but-late")
    assert "No answer was handed in." in shown("untouched")
    assert "0 of 14 marks" in shown("untouched")
    assert "✗ not yet" in shown("mistakes-1")
    assert "✓ passed" in shown("half-done-wrongly")
    assert "stopped" in shown("ended")


@pytest.mark.parametrize("theme", SAMPLED_THEMES)
def test_the_class_report_shows_numbers_pictures_and_names(graded, reports, read, theme):
    for size, copies in (("few", 1), ("many", 4)):
        opened = read(reports[size], theme)
        text = text_of(opened.locator("main"))
        readable = [result for result in graded.results.values() if not result.problem]
        assert f"{copies * len(graded.results)} submissions" in text
        assert f"Median {marks(np.median([r.score for r in readable]))} of 14 marks" in text
        success = opened.get_by_role("table", name="Success by exercise")
        assert success.locator("tbody th").all_inner_texts() == [v.exercise for v in readable[0].verdicts]
        named = {(v.exercise, v.mistake) for r in readable for v in r.verdicts if v.mistake}
        assert named
        mistakes = opened.locator(
            "[aria-label*='mistakes' i] tbody tr"
        )  # those that cost less are folded away
        assert mistakes.count() == len(named)
        assert "broken-json" in text_of(
            opened.get_by_role("table", name="Submissions that could not be graded")
        )
        assert HOSTILE in text_of(opened.get_by_role("table", name="Handed in late"))
        assert "ended" in text_of(opened.get_by_role("table", name="Notebooks that were stopped"))
        assert opened.get_by_role("table", name="Item analysis").count() == (size == "many")
        check_pictures(opened, ["marks", "exercises", "mistakes"] + ["items"] * (size == "many"))


def check_pictures(opened, expected):
    """Each picture is drawn, fits the page and has words beside it."""
    pictures = opened.locator("img")
    assert pictures.count() == len(expected)
    for picture in pictures.all():
        assert picture.evaluate("i => i.complete && i.naturalWidth") > 500
        assert len(picture.get_attribute("alt")) > 80
        assert picture.bounding_box()["width"] <= opened.viewport_size["width"]


@pytest.mark.parametrize("theme", SAMPLED_THEMES)
def test_axe_finds_no_fault_in_any_feedback_page(graded, faults, theme):
    assert {who: found for who, path in graded.pages.items() if (found := faults(path, theme))} == {}


@pytest.mark.parametrize("theme", SAMPLED_THEMES)
def test_axe_finds_no_fault_in_the_class_report(reports, faults, theme):
    assert {size: found for size, path in reports.items() if (found := faults(path, theme))} == {}


FAULTY = {
    "image-alt": ("report", '<img alt="', '<img data-alt="'),
    "color-contrast": ("feedback", "--todo: #8f4700", "--todo: #cccccc"),
    "html-has-lang": ("feedback", ' lang="en"', ""),
    "heading-order": ("feedback", "h2", "h4"),
}


@pytest.mark.parametrize("rule", FAULTY)
def test_axe_does_find_a_fault_that_is_put_in(graded, reports, faults, rule):
    """The control: the same pages with one thing spoilt."""
    kind, good, bad = FAULTY[rule]
    html = (reports["few"] if kind == "report" else graded.pages["mistakes-1"]).read_text()
    assert good in html
    found = faults(html.replace(good, bad))
    assert found
    assert {fault.split(":")[0] for fault in found} == {rule}


@pytest.mark.parametrize("guards", [("escaping", "policy"), ("escaping",), ("policy",), ()], ids=str)
def test_no_script_of_a_student_runs(graded, reports, browser, tmp_path, guards):
    """With JavaScript on. In copies one guard or both are taken away: only without any does it run."""
    tab = browser.new_page()
    for path in (graded.pages[HOSTILE], reports["few"]):
        html = path.read_text()
        if "escaping" not in guards:
            html = html.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'")
        if "policy" not in guards:
            html = html.replace("Content-Security-Policy", "none")
        copy = tmp_path / f"{path.stem}.html"
        copy.write_text(html)
        tab.goto(copy.as_uri())
        tab.wait_for_timeout(200)  # a picture that cannot be loaded says so a little later
        assert (tab.title() == "owned") == (not guards)
    tab.close()
