"""`practise("01_activations")` in a lesson: what it draws, what it shows, and its stand-in while a notebook is graded."""

import inspect
import re
import subprocess
import sys

import pytest
from lxml import html as parser

import autograder
from autograder.quiz import bank
from autograder.quiz.question import CHOICE, TYPED, QuizError
from autograder.sandbox import graded_practise
from autograder.sandbox.isolation import VISIBLE

LESSONS = sorted({one.lesson for one in (*bank.templates().values(), *bank.static().values())})
practise = autograder.practise


def ids(shown):
    return [question.id for question in shown.questions]


def fragment(shown):
    return parser.fragment_fromstring(shown._repr_html_(), create_parent="main")


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_gives_five_questions_that_need_no_typing(lesson):
    shown = practise(lesson)
    assert len(ids(shown)) == len(set(ids(shown))) == 5
    assert {question.kind for question in shown.questions} <= {*CHOICE, "multiple", *TYPED}
    assert {question.lesson for question in shown.questions} == {lesson}
    assert len(fragment(shown).xpath(".//*[starts-with(@aria-label, 'Question')]")) == 5


def test_each_attempt_is_another_draw_and_always_the_same():
    assert practise(LESSONS[0])._repr_html_() == practise(LESSONS[0], attempt=1)._repr_html_()
    first, second = practise(LESSONS[0]), practise(LESSONS[0], attempt=2)
    assert not set(ids(first)) & set(ids(second))


def test_all_questions_come_before_one_comes_again():
    every = [q for q in bank.questions(LESSONS[0]) if q.kind in (*CHOICE, "multiple", *TYPED)]
    attempts = -(-len(every) // 5)
    seen = [name for attempt in range(1, attempts + 1) for name in ids(practise(LESSONS[0], attempt=attempt))]
    assert set(seen[: len(every)]) == {question.id for question in every}


def test_a_question_that_comes_again_has_other_numbers():
    computed = set(bank.templates())
    one, two = practise(LESSONS[0], 99), practise(LESSONS[0], 99, attempt=2)
    stems = {question.id: question.stem for question in one.questions}
    again = [question for question in two.questions if question.id in computed]
    assert len(again) > 10
    assert sum(question.stem != stems[question.id] for question in again) > len(again) / 2


def test_more_than_there_are_gives_all_but_the_essays():
    shown = practise(LESSONS[0], count=1000)
    assert sorted(ids(shown)) == sorted(q.id for q in bank.questions(LESSONS[0]) if q.kind != "essay")
    assert fragment(shown).xpath(".//input | .//textarea") == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_fragment_fits_into_any_page(lesson):
    text = practise(lesson, 99)._repr_html_()
    found = fragment(practise(lesson, 99))
    assert found.xpath("//script | //link | //img | //*[@id] | //*[@name] | //*[@src] | //*[@href]") == []
    assert not re.search(r"<(html|body|head|main|!DOCTYPE)\b", text)
    (style,) = found.xpath("//style")
    assert re.fullmatch(r"(\.nnlib-questions [\w ]+\{[^{}]*\}\s*)+", style.text)  # it styles nothing else
    style.drop_tree()
    for code in found.xpath(".//code | .//pre"):
        code.drop_tree()
    assert "$" not in found.text_content()


def test_each_option_opens_to_what_it_stands_for():
    shown = practise("02_activation_gradients")
    for question, found in zip(shown.questions, fragment(shown)[0], strict=True):
        opened = [
            " ".join(d[1].text_content().split()) for d in found.findall("details") if d[0].text[1:2] == ":"
        ]
        assert len(opened) == len(question.options)
        for text, option in zip(opened, question.options, strict=True):
            assert text.startswith("✓ Right." if option.right else "✗ Wrong.")
        assert not [d for d in found.findall("details") if "open" in d.attrib]


def test_the_text_for_a_terminal_has_options_and_no_key():
    shown = practise("01_activations", 3)
    text = repr(shown)
    assert "Right" not in text
    assert "$" not in text
    for number, question in enumerate(shown.questions, 1):
        assert f"{number}. " in text
        assert text.count("\n   A: ") == 3
        assert question.explanation not in text
    assert 'practise("01_activations", attempt=2)'.replace('"', "'") in text


@pytest.mark.parametrize(("given", "says"), [({"count": 0}, "count"), ({"attempt": 0}, "attempt"), ({"count": "5"}, "count"), ({"attempt": 1.5}, "attempt"), ({"count": True}, "count")])  # fmt: skip
def test_a_bad_number_is_named(given, says):
    with pytest.raises(ValueError, match=f"{says} is a whole number from 1 on, got"):
        practise("01_activations", **given)


def test_an_unknown_lesson_names_those_that_there_are():
    with pytest.raises(QuizError, match=r"no questions of lesson '01_activation'.*01_activations"):
        practise("01_activation")


def test_importing_autograder_reads_no_question():
    code = "import sys, autograder; print([m for m in sys.modules if m.startswith('autograder.quiz')], 'yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['autograder.quiz', 'autograder.quiz.practise'] False"


def test_the_name_is_the_function_whatever_was_imported_before():
    code = "from autograder.quiz import bank, gates; import autograder.quiz.template; from autograder import practise; practise('01_activations')"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_stand_in_takes_the_same_and_shows_nothing():
    assert (
        inspect.signature(graded_practise.practise).parameters.keys()
        == inspect.signature(practise).parameters.keys()
    )
    assert graded_practise.practise("01_activations", 3, attempt=2) is None
    assert VISIBLE["sandbox/graded_practise.py"] == "quiz/practise.py"
    assert not [name for name in VISIBLE if "quiz/bank" in name or name == "quiz/practise.py"]
