"""Every name that judging can give to a mistake has a meaning in the class report."""

import ast
import inspect
import re

import pytest

from autograder import diagnosis, slips
from autograder.exercises import bank
from autograder.meanings import GENERIC, SEEN, meaning


def names_given():
    """First parts of the (name, what to say) tuples in the two modules."""
    trees = [ast.parse(inspect.getsource(module)) for module in (diagnosis, slips)]
    tuples = [node.elts for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Tuple)]
    firsts = [first for first, *more in tuples if more and not is_name(more[0])]
    firsts += [first.body for first in firsts if isinstance(first, ast.IfExp)]
    return {first.value for first in firsts if is_name(first)}


def is_name(node):
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and bool(re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", text))


def test_every_generic_name_has_a_meaning():
    assert {"wrong_shape", "clipped", "nan", "raises"} <= names_given()
    assert names_given() <= set(GENERIC)


def test_no_meaning_is_left_over():
    assert set(SEEN) <= names_given()


@pytest.mark.parametrize("name", sorted(GENERIC))
def test_a_generic_meaning_is_a_sentence_without_blanks_to_fill(name):
    assert re.fullmatch(r"[A-Z][^{}]*[.?]", GENERIC[name])


def test_the_exercises_own_mistake_comes_with_its_card():
    exercise = next(iter(bank().values()))
    mistake = exercise.mistakes[0]
    assert meaning(exercise.name, exercise.mistake_name(mistake)) == (mistake.diagnosis, mistake.card)


def test_what_the_bank_does_not_know_has_no_meaning():
    assert meaning("no_such_exercise", "no_such_mistake") == ("", "")
