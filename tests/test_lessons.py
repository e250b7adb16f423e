"""Every lesson: in sync with its source, its worked answers right, its stub worth nothing, its figures described."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

from autograder import notebooks
from autograder.exercises import bank, find
from autograder.exercises import lessons as by_lesson
from autograder.grading import code_cells
from autograder.judge import judge
from autograder.sandbox.conversation import Limits
from autograder.sandbox.launch import run_notebook

ROOT = Path(__file__).parents[1]
SOURCES = notebooks.sources(ROOT)
SEED = 2026

lessons = pytest.mark.parametrize("lesson", [source.stem for source in SOURCES])


def notebook(place, lesson):
    return nbformat.v4.reads(place(ROOT, lesson).read_text())


PLACES = {"worked": notebooks.worked_path, "released": notebooks.released_path}


@cache
def run(lesson, kind):
    """A lesson's worked or released notebook in the sandbox, and its code cells."""
    nb = notebook(PLACES[kind], lesson)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    return run_notebook(code_cells(nb.cells), SEED, Limits()), code


def test_there_is_a_lesson():
    assert "01_activations" in [source.stem for source in SOURCES]


def test_a_build_changes_nothing():
    assert notebooks.stale(ROOT) == []


def test_every_exercise_of_the_bank_stands_in_exactly_one_lesson():
    standing = [
        cell.metadata["nbgrader"]["grade_id"]
        for source in SOURCES
        for cell in notebook(notebooks.released_path, source.stem).cells
        if cell.metadata.get("nbgrader", {}).get("grade") and not cell.metadata["nbgrader"]["solution"]
    ]
    assert sorted(standing) == sorted(bank())


def test_the_bank_says_in_which_lesson_an_exercise_stands():
    for lesson, exercises in by_lesson().items():
        cells = notebook(notebooks.released_path, lesson).cells
        standing = [cell.metadata["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell.metadata]
        assert [name for name in standing if name in bank()] == [exercise.name for exercise in exercises]


@lessons
def test_the_front_page_has_each_lesson_with_its_time_and_exercises(lesson):
    page = (ROOT / "lessons" / "README.md").read_text()
    number, first = lesson[:2], notebook(notebooks.released_path, lesson).cells[0].source
    title = re.match(r"# \d\d\. (.+)", first)[1]
    time = re.search(r"\*\*Time:\*\* (\d+ to \d+) minutes", first)[1]
    assert f"| {number} | [{title}]({lesson}/{lesson}.ipynb) | {time} min |" in page
    (row,) = re.findall(rf"^\| {number} \| (.*`.*) \|$", page, re.MULTILINE)
    assert re.findall("`(.+?)`", row) == [exercise.name for exercise in by_lesson()[lesson]]
    optional = [name for group in re.findall(r"\((.+?)\)", row) for name in re.findall("`(.+?)`", group)]
    assert optional == [exercise.name for exercise in by_lesson()[lesson] if not exercise.points]


@lessons
def test_the_worked_answers_get_full_marks_through_the_sandbox(lesson):
    seen, _ = run(lesson, "worked")
    assert not seen.ended
    assert seen.evidence
    assert [name for name, evidence in seen.evidence.items() if judge(find(name), evidence).share < 1] == []


@lessons
def test_the_untouched_lesson_gets_nothing(lesson):
    seen, _ = run(lesson, "released")
    assert not seen.ended
    assert {judge(find(name), evidence).state for name, evidence in seen.evidence.items()} == {
        "not started yet"
    }
    assert sum(judge(find(name), evidence).score for name, evidence in seen.evidence.items()) == 0


@lessons
@pytest.mark.parametrize("kind", ["worked", "released"])
def test_every_cell_runs_without_an_error_or_a_word_on_stderr(lesson, kind):
    seen, _ = run(lesson, kind)
    bad = [
        o
        for os in seen.outputs.values()
        for o in os
        if o["output_type"] == "error" or o.get("name") == "stderr"
    ]
    assert bad == []


@lessons
def test_it_runs_in_under_a_minute(lesson):
    assert run(lesson, "worked")[0].seconds < 60


@lessons
def test_no_figure_lacks_its_alternative_text(lesson):
    """`show` and `explore` write the text; a figure that IPython shows by itself has none."""
    seen, code = run(lesson, "worked")
    outputs = [o for os in seen.outputs.values() for o in os]
    assert not [o for o in outputs if "image/png" in o.get("data", {})]
    described = [
        o["data"]["text/plain"]
        for o in outputs
        if o.get("data", {}).get("text/plain", "").startswith("[figure]")
    ]
    calls = sum(len(re.findall(r"\b(?:show|explore)\(", cell.source)) for cell in code)
    assert len(described) >= calls > 0
    assert all(len(text) > 60 for text in described)


@lessons
def test_no_solution_is_released(lesson):
    released = notebooks.released_path(ROOT, lesson).read_text()
    assert "SOLUTION" not in released
    assert "MARK SCHEME" not in released
    for cell in notebook(notebooks.worked_path, lesson).cells:
        for solution in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL):
            for line in filter(None, map(str.strip, solution.splitlines())):
                assert len(line) < 25 or json.dumps(line)[1:-1] not in released


@lessons
def test_worked_answers_do_not_import_what_they_answer(lesson):
    for cell in notebook(notebooks.worked_path, lesson).cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-solution")
        if name in bank() and cell.metadata["nbgrader"]["solution"]:
            names = {n.attr for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Attribute)}
            imported = {
                a.name
                for n in ast.walk(ast.parse(cell.source))
                if isinstance(n, ast.ImportFrom)
                for a in n.names
            }
            assert name not in imported
            assert "nnlib" not in cell.source or name not in names


@lessons
def test_cells_are_short_and_prose_is_kind(lesson):
    for cell in notebook(notebooks.worked_path, lesson).cells:
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            assert len(cell.source.splitlines()) <= 15, cell.source[:60]
        if cell.cell_type == "code":  # what JupyterLab shows beside its file browser on a small laptop
            assert [line for line in cell.source.splitlines() if len(line) > 100] == []
        if cell.cell_type == "markdown":
            assert not re.search(r"\b(simply|obviously|just|trivial(ly)?)\b", cell.source, re.IGNORECASE), (
                cell.source[:60]
            )


@lessons
def test_nothing_is_loaded_from_elsewhere(lesson):
    text = notebooks.released_path(ROOT, lesson).read_text()
    assert not re.search(r"<(img|script|link|iframe)\b|!\[[^\]]*\]\(http", text)


@lessons
def test_restart_and_run_all_is_clean_in_a_real_kernel(lesson, tmp_path):
    """As in JupyterLab: every check shows a report and full marks, nothing goes to stderr."""
    from nbclient import NotebookClient

    nb = notebook(notebooks.worked_path, lesson)
    NotebookClient(nb, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in nb.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [o for o in outputs if o.get("name") == "stderr"]
    for cell in nb.cells:
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("grade") and not settings["solution"]:
            (result,) = cell.outputs
            assert float(result.data["text/plain"]) == settings["points"]
            assert "All right" in result.data["text/html"]
