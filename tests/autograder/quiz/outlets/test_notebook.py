"""A quiz in a notebook: shown to each student by id, and graded by a key that stands nowhere in it."""

import json

import nbformat
import pytest

from autograder import feedback, pool
from autograder.grading import grade_class
from autograder.quiz import ask, bank, graded
from autograder.quiz.outlets import notebook
from autograder.quiz.question import QuizError

LESSON = "01_activations"
QUIZ = f"quiz_{LESSON}"


def chosen():
    """One question of each kind of the lesson, an essay among them."""
    kinds = {question.kind: question for question in reversed(bank.questions(LESSON, student="anybody"))}
    return list(kinds.values())


def right_answer(question):
    """A right answer as a student would write it into a notebook."""
    letters = {option.text: chr(65 + i) for i, option in enumerate(question.options)}
    if question.kind in ("single", "find-the-error"):
        return next(letters[option.text] for option in question.options if option.right)
    if question.kind == "multiple":
        return [letters[option.text] for option in question.options if option.right]
    if question.kind == "order":
        return " ".join(letters[text] for text in question.key)
    if question.kind == "cloze":
        return [blank.value if blank.value is not None else blank.answers[0] for blank in question.blanks]
    if question.kind in ("vector", "matrix"):
        return json.loads(json.dumps(question.key))
    return question.key


def wrong_answer(question):
    wrong = next(option for option in question.options if not option.right)
    return chr(65 + question.options.index(wrong)), wrong


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    [path] = notebook.build(chosen(), [], tmp_path_factory.mktemp("quiz"), "A quiz")
    return nbformat.read(path, as_version=4)


def filled(made, student, answers, said=None):
    own = nbformat.from_dict(made)
    for cell in own.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name == graded.STUDENT_ID:
            cell.source = cell.source.replace('""', repr(said or student))
        elif name in answers:
            cell.source = answers[name] if cell.cell_type == "markdown" else f"{name} = {answers[name]!r}"
    return own


@pytest.fixture(scope="module")
def results(made, tmp_path_factory):
    from autograder.course import Course

    course = Course(tmp_path_factory.mktemp("course"))
    place = course.root / "lessons" / QUIZ / f"{QUIZ}.ipynb"
    place.parent.mkdir(parents=True)
    nbformat.write(made, place)
    course.init()
    asked = {q.id: q.kind for q in chosen()}
    by_program = [name for name, kind in asked.items() if kind != "essay"]

    def answers(student, how=right_answer):
        return {graded.variable(name): how(bank.question(name, student, QUIZ)) for name in by_program}

    essay = next(name for name, kind in asked.items() if kind == "essay")
    written = {f"written_{essay.replace('-', '_')}": "Because a line of a line is a line."}
    wrong, _ = wrong_answer(bank.question("sigmoid-value", "cem", QUIZ))
    handed_in = {
        "ada": filled(made, "ada", answers(" ADA ") | written),
        "bob": filled(made, "bob", answers("ada"), said="ada"),
        "cem": filled(made, "cem", answers("cem") | {graded.variable("sigmoid-value"): wrong}),
        "dee": made,
        "eve": filled(made, "eve", dict.fromkeys(answers("eve"), "Z & <b>")),
    }
    for student, own in handed_in.items():
        folder = course.submitted(student, QUIZ)
        folder.mkdir(parents=True)
        nbformat.write(own, folder / f"{QUIZ}.ipynb")
    with pool.local(2) as workers:
        found = {result.student: result for result in grade_class(course, QUIZ, sorted(handed_in), workers)}
    return course, found


def test_no_key_stands_in_the_notebook_and_each_kind_is_there(made):
    text = json.dumps(made)
    for question in chosen():
        assert graded.variable(question.id) in text or question.kind == "essay"
        assert question.explanation not in text
    assert len({question.kind for question in chosen()}) >= 8


def test_right_answers_to_ones_own_variants_earn_everything(results):
    result = results[1]["ada"]
    assert result.score == result.points == len(chosen()) - 1
    assert all(verdict.passed for verdict in result.verdicts)
    assert len(result.waiting) == 1  # the essay


def test_answers_to_somebody_elses_variants_do_not_count_and_are_reported(results):
    result = results[1]["bob"]
    assert result.score <= result.points - 2  # a letter may be right by chance
    assert any("drawn for the id 'ada'" in finding for finding in result.findings)
    assert not any("drawn for" in finding for finding in results[1]["ada"].findings)


def test_a_wrong_option_names_its_mistake_and_says_what_it_stands_for(results):
    course, found = results
    verdict = next(v for v in found["cem"].verdicts if not v.passed)
    _, option = wrong_answer(bank.question("sigmoid-value", "cem", QUIZ))
    assert (verdict.exercise, verdict.mistake, verdict.diagnosis) == (
        graded.variable("sigmoid-value"),
        option.mistake,
        option.says,
    )
    assert found["cem"].score == found["cem"].points - 1
    page = (course.feedback("cem", QUIZ) / f"{QUIZ}.html").read_text()
    assert feedback.clean_text(option.says).replace("'", "&#39;") in page


def test_nothing_answered_is_nothing_earned_and_says_so(results):
    assert results[1]["dee"].score == 0
    assert all("No answer is there" in verdict.diagnosis for verdict in results[1]["dee"].verdicts)


def test_what_is_no_answer_earns_nothing_and_stops_nobody(results):
    assert results[1]["eve"].score == 0
    assert any("cannot be read" in verdict.diagnosis for verdict in results[1]["eve"].verdicts)


def test_the_graded_notebook_shows_the_verdict_after_each_answer(results):
    course, _ = results
    shown = nbformat.read(course.autograded("ada", QUIZ) / f"{QUIZ}.ipynb", as_version=4)
    after = [
        c
        for c in shown.cells
        if c.metadata.get("nbgrader", {}).get("grade_id", "").endswith(graded.ASKED_FOR)
    ]
    assert len(after) == len(chosen()) - 1
    assert all(cell.outputs[-1].data["text/plain"] == "1.0" for cell in after)


def test_a_question_is_shown_with_letters_and_without_its_key():
    shown = ask.ask("sigmoid-value", "ada", QUIZ)
    question = bank.question("sigmoid-value", "ada", QUIZ)
    assert [option.text for option in question.options] == [option.text for option in shown.question.options]
    html = shown._repr_html_()
    assert '<ol type="A">' in html
    assert not any(option.says in html for option in question.options)
    assert "one letter from A to D" in repr(shown)


def test_received_looks_at_the_form_alone():
    def say(answer):
        return ask.received("sigmoid-value", answer, "ada", QUIZ)

    assert say("A") == say("b") == "received; it is marked when the notebook is graded"
    assert say(None).startswith("no answer yet: assign one letter")
    assert "one letter from A to D" in say("Z")


@pytest.mark.parametrize("student", ["", "  ", None])
def test_without_an_id_there_is_no_variant(student):
    with pytest.raises(QuizError, match="your id is missing"):
        ask.ask("sigmoid-value", student, QUIZ)


def test_two_quizzes_and_two_students_get_different_variants():
    seeds = {bank.question("sigmoid-value", who, quiz).seed for who in ("ada", "bob") for quiz in ("a", "b")}
    assert len(seeds) == 4
