"""Generic slips: each row of the table is recognised, and right or odd answers are not."""

from collections import Counter
from itertools import permutations
from types import FunctionType

import numpy as np
import pytest

from autograder import slips
from autograder.answer_key import answer_key
from autograder.drives import Outcome, probe
from autograder.exercises import Compare, bank

HIDDEN = 2**127 + 1


def draw(rng):
    return [(rng.normal(size=(3, 4)), 1.5), (rng.normal(size=(5, 2)), -0.5)]


def running_sum(X, b):
    """Depends on the axis, has a term that is added last, and no zeros."""
    return np.cumsum(X, axis=1) + b


def probes(exercise, answer, seed=HIDDEN):
    """(inputs, got, want, how they are compared) of every input."""
    key = answer_key(exercise, seed)
    return [
        (inputs, probe(exercise.drive, answer, inputs), want, key.compare(case))
        for case in key.inputs
        for inputs, want in zip(key.inputs[case], key.right[case], strict=True)
    ]


def name(exercise, answer):
    slip = slips.name_slip(exercise, probes(exercise, answer))
    return slip and slip[0]


@pytest.mark.parametrize("slip", slips.SLIPS, ids=lambda slip: slip.name)
def test_every_slip_of_the_table_is_recognised(make_exercise, slip):
    exercise = make_exercise(running_sum, draw)
    assert (
        name(exercise, lambda X, b: next(slip.values(exercise, (X, b), running_sum(X, b))).copy())
        == slip.name
    )


def test_names_of_slips_are_unique_and_every_slip_says_something():
    rows = [slip.name for slip in slips.SLIPS] + [row[2] for row in slips.COMMON_ERRORS]
    twice = {name for name, times in Counter(rows).items() if times > 1}
    assert twice <= {"shapes_do_not_fit"}
    assert all(len(slip.says) > 20 for slip in slips.SLIPS)


WRONG = {
    "constant_offset": lambda X, b: running_sum(X, b) + 0.25,
    None: lambda X, b: np.sin(running_sum(X, b)),
}


@pytest.mark.parametrize("wanted", WRONG, ids=str)
def test_an_offset_is_recognised_and_an_arbitrary_error_is_not(make_exercise, wanted):
    assert name(make_exercise(running_sum, draw), WRONG[wanted]) == wanted


def test_a_missing_mask_is_recognised(make_exercise):
    exercise = make_exercise(lambda X, b: np.where(X > 0, X, 0), draw)
    assert name(exercise, lambda X, b: X.copy()) == "missing_mask"


def test_a_right_answer_has_no_slip(make_exercise):
    assert name(make_exercise(running_sum, draw), running_sum) is None


def test_a_slip_must_explain_every_wrong_probe(make_exercise):
    def answer(X, b):
        return running_sum(X, b) * (2 if len(X) == 3 else 3)

    assert name(make_exercise(running_sum, draw), answer) is None


def three(X, b):
    """Parts of several shapes."""
    return X * 2, X.sum(axis=0), X + b


def in_order(order, reference=three):
    return lambda *inputs: [reference(*inputs)[i] + 0.0 for i in order]


ORDER = "You return the right things in another order. The text asks for `(double, sum, shifted)`."


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:], ids=str)
@pytest.mark.parametrize("seed", [0, HIDDEN])
def test_right_parts_in_another_order_are_named_and_no_value_is_shown(make_exercise, order, seed):
    exercise = make_exercise(three, draw, parts=("double", "sum", "shifted"))
    got = slips.name_slip(exercise, probes(exercise, in_order(order), seed))
    assert got == ("parts_in_other_order", ORDER)


OTHER = {
    "one part is wrong": lambda X, b: (X.sum(axis=0), X * 2, X - b),
    "one part comes twice": lambda X, b: (X.sum(axis=0), X * 2, X * 2),
    "a part is missing": lambda X, b: (X.sum(axis=0), X * 2),
    "another order for another input": lambda X, b: in_order((1, 0, 2) if len(X) == 3 else (2, 0, 1))(X, b),
    "an error for another input": lambda X, b: in_order((1, 0, 2))(X, b) if len(X) == 3 else 1 / 0,
    "no answer": lambda X, b: None,
    "an array": lambda X, b: X + b,
    "the right order": three,
}


@pytest.mark.parametrize("answer", OTHER)
def test_anything_else_is_not_called_another_order(make_exercise, answer):
    exercise = make_exercise(three, draw, parts=("double", "sum", "shifted"))
    assert name(exercise, OTHER[answer]) != "parts_in_other_order"


def test_without_names_of_parts_there_is_no_order_to_tell(make_exercise):
    assert name(make_exercise(three, draw), in_order((1, 0, 2))) is None


def test_an_input_that_got_no_answer_leaves_the_order_open(make_exercise):
    exercise = make_exercise(three, draw, parts=("double", "sum", "shifted"))
    (inputs, got, want, compare), *others = probes(exercise, in_order((1, 0, 2)))
    assert slips.name_slip(exercise, [(inputs, got, want, compare), *others])
    assert slips.name_slip(exercise, [*others, (inputs, None, want, compare)]) is None


PARTED = {
    exercise.name: exercise for exercise in bank().values() if len(exercise.parts) > 1 and not exercise.needs
}


@pytest.mark.parametrize("seed", [0, HIDDEN])
@pytest.mark.parametrize("exercise", PARTED)
def test_the_banks_parts_in_reverse_are_named_also_over_several_steps(verdict_on, exercise, seed):
    exercise = PARTED[exercise]
    copy = FunctionType(exercise.reference.__code__, exercise.reference.__globals__)
    copy.__defaults__ = exercise.reference.__defaults__
    verdict = verdict_on(exercise, lambda *inputs: copy(*inputs)[::-1], seed)
    own = {exercise.mistake_name(mistake) for mistake in exercise.mistakes}
    assert verdict.mistake in {"parts_in_other_order"} | own
    if verdict.mistake == "parts_in_other_order":
        assert f"`({', '.join(exercise.parts)})`" in verdict.diagnosis


def test_a_rule_that_goes_wrong_in_a_second_way_over_several_steps_is_not_named(verdict_on):
    def nesterov(w, g, v, learning_rate, mu=0.9):
        later_step = any(v is array for array in returned)
        v = mu * v + g
        returned[:] = v, w - learning_rate * (g + mu * v) * (1 + later_step)
        return tuple(returned)

    returned = []
    assert verdict_on("nesterov", nesterov).mistake == ""


def test_a_symmetric_answer_is_not_called_its_own_transpose(make_exercise):
    exercise = make_exercise(lambda X, b: X @ X.T, draw)
    assert name(exercise, lambda X, b: (X @ X.T).T) is None


@pytest.mark.parametrize("answer", [None, Outcome(error="ValueError"), Outcome("text"), Outcome((1.0,))])
def test_what_is_no_number_has_no_slip(make_exercise, answer):
    exercise = make_exercise(running_sum, draw)
    (inputs, _, want, compare), *_ = probes(exercise, running_sum)
    assert slips.name_slip(exercise, [(inputs, answer, want, compare)]) is None
    assert slips.name_slip(exercise, []) is None


REFERENCES = {
    "bool": lambda X, b: np.greater(X, b),
    "uint8": lambda X, b: (np.abs(X) * 100).astype(np.uint8),
    "int64": lambda X, b: (X * 100).astype(np.int64),
    "float16": lambda X, b: X.astype(np.float16),
    "complex128": lambda X, b: X * 1j,
    "near the largest float": lambda X, b: X * 5e307,
    "inf": lambda X, b: np.where(X > 0, np.inf, X),
    "nan": lambda X, b: np.where(X > 0, np.nan, X),
}
ANSWERS = {
    "complex": lambda X, b: X + 1j,
    "huge": lambda X, b: np.sign(X) * 1.7e308,
    "bool": lambda X, b: np.less(X, b),
    "uint8": lambda X, b: (np.abs(X) * 50).astype(np.uint8),
    "zeros": lambda X, b: np.zeros_like(X),
    "empty": lambda X, b: np.zeros((0, 4)),
    "a number": lambda X, b: 10**30,
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("reference", REFERENCES)
def test_no_dtype_or_size_raises_or_warns(make_exercise, reference, answer):
    exercise = make_exercise(REFERENCES[reference], draw, compare=Compare(dtype=False))
    assert name(exercise, ANSWERS[answer]) in (None, "constant_offset", "missing_mask")


def test_what_the_wrong_probes_have_in_common_is_named():
    X = np.ones((3, 2))
    float32 = [((X,), True), ((X.astype(np.float32),), False)]
    single = [((X,), True), ((X[:1],), False)]
    scalar = [((X,), True), ((np.array(1.0),), False)]
    names = [slips.name_pattern(seen)[0] for seen in (float32, single, scalar)]
    assert names == ["float32_only", "single_example_only", "no_axis_only"]


@pytest.mark.parametrize("right", [True, False])
def test_no_pattern_where_all_is_right_or_all_is_wrong(right):
    X = np.ones((3, 2))
    assert slips.name_pattern([((X,), right), ((X.astype(np.float32),), right)]) is None


def test_a_pattern_must_fit_every_probe():
    X = np.ones((3, 2))
    single = X[:1].astype(np.float32)
    seen = [((X,), True), ((single,), False), ((X.astype(np.float32),), True), ((X[:1],), True)]
    assert slips.name_pattern(seen) is None


@pytest.mark.parametrize("row", slips.COMMON_ERRORS, ids=lambda row: f"{row[0]} {row[1]}".strip())
def test_every_common_error_is_named_by_its_own_row(row):
    error, part, wanted, says = row
    got, text = slips.explain_error(Outcome(error=error, message=f"…{part}…"), reveal=False)
    assert got == wanted
    assert says in text


def test_an_error_is_told_in_its_own_words_on_public_inputs_alone():
    outcome = Outcome(error="KeyError", message="z is 0.1234")
    assert "0.1234" in slips.explain_error(outcome, reveal=True)[1]
    assert "0.1234" not in slips.explain_error(outcome, reveal=False)[1]


REAL = {
    "truth_value_of_array": "def f(z): return max(0, z)",
    "scalar_function": "import math\ndef f(z): return math.exp(z)",
    "wrong_signature": "def f(): return 1",
    "no_function": "f = 3.0",
    "unknown_name": "def f(z): return zz",
    "unset_variable": "def f(z):\n    if z is None: y = 1\n    return y",
    "shapes_do_not_fit": "import numpy as np\ndef f(z): return z + np.ones(7)",
    "index_outside": "def f(z): return z[99]",
    "endless_recursion": "def f(z): return f(z)",
    "not_finished": "def f(z): raise NotImplementedError()",
}


@pytest.mark.parametrize("wanted", REAL)
def test_the_errors_that_python_and_numpy_really_raise_are_named(wanted):
    namespace = {}
    exec(REAL[wanted], namespace)
    outcome = probe(lambda f, z: f(z), namespace["f"], (np.arange(3.0),))
    assert slips.explain_error(outcome, reveal=False)[0] == wanted
