"""From one source to both notebooks: the same bytes every time, and no solution for students."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from autograder import notebooks
from autograder.exercises import find
from autograder.notebooks import BadLesson, worked_notebook

COURSE = Path(__file__).parents[2]
LESSON = "01_activations"
SOURCE = COURSE / "solutions" / f"{LESSON}.md"

HEAD = (
    "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n---\n\n# A lesson\n\n"
)
SOLUTION = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"


@pytest.fixture(scope="module")
def built():
    """The one real build of this file; nbgrader takes seconds."""
    return notebooks.build(SOURCE)


@pytest.fixture(scope="module")
def worked(built):
    return nbformat.reads(built["worked"].decode(), as_version=nbformat.NO_CONVERT)


@pytest.fixture(scope="module")
def released(built):
    return nbformat.reads(built["released"].decode(), as_version=nbformat.NO_CONVERT)


def settings(cell):
    return cell.metadata.get("nbgrader", {})


def test_the_committed_notebooks_are_what_a_build_gives(built):
    assert notebooks.worked_path(COURSE, LESSON).read_bytes() == built["worked"]
    assert notebooks.released_path(COURSE, LESSON).read_bytes() == built["released"]


def test_the_students_notebook_holds_no_line_of_a_solution(worked, released):
    text = "\n".join(cell.source for cell in released.cells)
    assert "SOLUTION" not in text
    for cell in worked.cells:
        found = re.search(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL)
        for line in found[1].splitlines() if found else ():
            assert len(line.strip()) < 20 or line.strip() not in text


@pytest.mark.parametrize("kind", ["worked", "released"])
def test_a_notebook_has_no_outputs_fixed_ids_and_its_release(built, worked, kind):
    notebook = nbformat.reads(built[kind].decode(), as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == [f"cell-{i:03d}" for i in range(len(notebook.cells))]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    assert notebook.metadata.nnlib_course == worked.metadata.nnlib_course
    assert re.fullmatch("[0-9a-f]{12}", notebook.metadata.nnlib_course.release)


def test_every_check_cell_is_locked_and_has_the_banks_points(released):
    checks = [cell for cell in released.cells if settings(cell).get("grade") and cell.cell_type == "code"]
    assert len(checks) >= 8
    for cell in checks:
        name = settings(cell).grade_id
        assert cell.source == f'check("{name}")'
        assert (settings(cell).points, settings(cell).locked) == (find(name).points, True)


def test_every_answer_cell_stands_right_before_its_check_and_is_empty(released):
    for answer, check in zip(released.cells, released.cells[1:], strict=False):
        if settings(answer).get("solution") and answer.cell_type == "code":
            assert settings(answer).grade_id == f"{settings(check).grade_id}-solution"
            assert "raise NotImplementedError" in answer.source


def test_both_notebooks_have_the_same_cells_apart_from_the_solutions(worked, released):
    for one, other in zip(worked.cells, released.cells, strict=True):
        assert (one.id, one.cell_type) == (other.id, other.cell_type)
        assert settings(one).get("grade_id") == settings(other).get("grade_id")
        assert one.source == other.source or settings(one).get("solution")


def lesson(folder, *cells, name="07_test"):
    path = folder / f"{name}.md"
    path.write_text(HEAD + "\n\n".join(cells) + "\n", encoding="utf-8")
    return path


def code(source, **metadata):
    options = "".join(f"{key}: {json.dumps(value)}\n" for key, value in metadata.items())
    return (
        f"```{{code-cell}} ipython3\n{f'---{chr(10)}{options}---{chr(10)}' if options else ''}{source}\n```"
    )


def written(source, **metadata):
    return f"+++ {json.dumps(metadata)}\n\n{source}\n\n+++\n"


def test_an_exercise_gets_its_metadata_and_its_check_cell(tmp_path):
    cells = worked_notebook(lesson(tmp_path, code(SOLUTION, exercise="relu"))).cells
    assert [settings(cell).get("grade_id") for cell in cells] == [None, "relu-solution", "relu"]
    assert (cells[1].metadata.nbgrader.grade, cells[1].metadata.nbgrader.solution) == (False, True)
    assert "exercise" not in cells[1].metadata


def test_a_written_question_is_graded_by_hand_for_its_points(tmp_path):
    cells = worked_notebook(lesson(tmp_path, written(SOLUTION, written="why", points=3))).cells
    (found,) = [settings(cell) for cell in cells if settings(cell)]
    assert (found.grade_id, found.points, found.grade, found.solution) == ("why", 3.0, True, True)


def test_the_release_changes_with_any_cell_and_with_nothing_else(tmp_path):
    def release(*cells, name="07_test"):
        return worked_notebook(lesson(tmp_path, *cells, name=name)).metadata.nnlib_course.release

    assert release(code("x = 1")) == release(code("x = 1"), name="08_other") != release(code("x = 2"))
    assert release(code(SOLUTION, exercise="relu")) != release(code(SOLUTION, exercise="tanh"))


BAD = {
    "an unknown exercise": (code(SOLUTION, exercise="reluu"), "did you mean relu"),
    "no solution": (code("x = 1", exercise="relu"), "no ### BEGIN SOLUTION"),
    "half a solution": (code("### BEGIN SOLUTION\nx = 1", exercise="relu"), "no ### BEGIN SOLUTION"),
    "a solution without a name": (code(SOLUTION), "names no exercise"),
    "unknown metadata": (code("x = 1", excercise="relu"), "unknown metadata"),
    "a written question without points": (written(SOLUTION, written="why"), "points"),
    "points that are no number": (written(SOLUTION, written="why", points="three"), "points"),
    "an exercise in a text cell": (written(SOLUTION, exercise="relu"), "relu"),
    "an exercise twice": (
        code(SOLUTION, exercise="relu") + "\n\n" + code(SOLUTION, exercise="relu"),
        "twice",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_source_is_refused_with_its_file_and_the_reason(tmp_path, name):
    cell, reason = BAD[name]
    with pytest.raises(BadLesson, match=rf"07_test\.md: .*{re.escape(reason)}"):
        worked_notebook(lesson(tmp_path, cell))


def test_a_course_without_lessons_is_refused(tmp_path):
    with pytest.raises(BadLesson, match="no lessons"):
        notebooks.build_all(tmp_path)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of two lessons whose build is quick: the second step copies the first's notebook."""
    (tmp_path / "solutions").mkdir()
    lesson(tmp_path / "solutions", code(SOLUTION, exercise="relu"), name="01_a")
    lesson(tmp_path / "solutions", code(SOLUTION, exercise="tanh"), name="02_b")
    lesson(tmp_path / "solutions", name="notes")

    def build(source):
        content = nbformat.writes(worked_notebook(source)).encode()
        return {"worked": content, "released": content}

    monkeypatch.setattr(notebooks, "build", build)
    return tmp_path


def test_lessons_are_those_with_a_number_in_order(course):
    assert [source.stem for source in notebooks.sources(course)] == ["01_a", "02_b"]


def test_a_second_build_writes_nothing(course):
    assert len(notebooks.stale(course)) == 4
    assert len(notebooks.build_all(course)) == 4
    assert notebooks.build_all(course) == notebooks.stale(course) == []
    assert sorted(path.name for path in (course / "solutions" / "01_a").iterdir()) == ["01_a.ipynb"]


def test_a_changed_lesson_alone_is_built_again(course):
    notebooks.build_all(course)
    notebooks.released_path(course, "02_b").write_text("edited")
    assert notebooks.stale(course) == [notebooks.released_path(course, "02_b")]
    assert notebooks.build_all(course) == [notebooks.released_path(course, "02_b")]


def test_an_exercise_in_two_lessons_is_refused(course):
    lesson(course / "solutions", code(SOLUTION, exercise="relu"), name="03_c")
    with pytest.raises(BadLesson, match=r"03_c\.md: relu(-solution)? stands in 01_a\.md too"):
        notebooks.build_all(course)
