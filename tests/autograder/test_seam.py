"""One mistake followed through everything that is derived from the bank."""

import nbformat
import numpy as np
import pytest

from autograder import demo, pool
from autograder.check import check
from autograder.exercises import find
from autograder.gradebook import Book
from autograder.grading import grade_class
from autograder.quiz import bank as quiz_bank
from autograder.render import prose

LESSON = demo.LESSON
EXERCISE = find("sigmoid")
MISTAKE = next(mistake for mistake in EXERCISE.mistakes if EXERCISE.mistake_name(mistake) == "base_two")
SAID = str(prose(MISTAKE.diagnosis))


@pytest.fixture(scope="module")
def graded(make_course, small_released, small_worked):
    right = {name: cell.source for name, cell in demo.solution_cells(small_worked).items()}
    wrong = {"sigmoid-solution": demo.as_answer(EXERCISE, MISTAKE)}
    course = make_course({"someone": demo.filled(small_released, right | wrong)})
    with pool.local() as workers:
        (result,) = grade_class(course, LESSON, ["someone"], workers)
    return course, result


def test_the_check_in_the_notebook_names_it():
    namespace = {"np": np}
    exec(demo.as_answer(EXERCISE, MISTAKE), namespace)
    mark = check("sigmoid", namespace["sigmoid"])
    assert mark < EXERCISE.points
    assert mark.verdict.mistake == "base_two"
    assert SAID in mark._repr_html_()


def test_the_sandbox_and_the_judge_name_it_on_hidden_inputs(graded):
    _, result = graded
    verdicts = {verdict.exercise: verdict for verdict in result.verdicts}
    assert verdicts["sigmoid"].mistake == "base_two"
    assert verdicts["sigmoid"].score < EXERCISE.points
    assert all(verdict.passed for name, verdict in verdicts.items() if name != "sigmoid")


def test_the_gradebook_holds_its_marks(graded):
    course, result = graded
    with Book(course.gradebook) as book:
        (row,) = book.rows(LESSON)
    assert row["sigmoid"] == result.verdicts[0].score < EXERCISE.points
    assert row["tanh"] == find("tanh").points


def test_the_feedback_page_explains_it_and_shows_the_code(graded):
    course, _ = graded
    page = (course.feedback("someone", LESSON) / f"{LESSON}.html").read_text()
    assert SAID in page
    assert "2.0 ** np.clip" in page
    assert page.count('<div class="diagnosis">') == 1


def test_the_graded_notebook_shows_the_marks_in_its_check_cell(graded):
    course, result = graded
    notebook = nbformat.read(course.autograded("someone", LESSON) / f"{LESSON}.ipynb", 4)
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "sigmoid")
    assert cell.outputs[-1].data["text/plain"] == repr(result.verdicts[0].score)
    assert MISTAKE.diagnosis in cell.outputs[0].text


def test_a_quiz_question_offers_it_as_a_wrong_option_and_says_the_same():
    one = quiz_bank.find("sigmoid-value")
    options = [option for i in range(20) for option in one.variant(f"student-{i}").options]
    option = next(option for option in options if option.mistake == "sigmoid.base_two")
    assert option.says == MISTAKE.diagnosis


def test_the_card_that_the_diagnosis_names_is_in_the_bank():
    assert MISTAKE.card in quiz_bank.cards()
