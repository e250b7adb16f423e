"""Which notebooks are alike beyond chance: copies in disguise are found, honest ones are not."""

import pytest

from autograder.similarity import fingerprint, is_long, similar_pairs

ORIGINAL = '''def train(weights, steps):
    """Mine."""
    velocity = np.zeros_like(weights)  # starts at rest
    for step in range(steps):
        gradient = slope(weights)
        velocity = 0.9 * velocity - 0.1 * gradient
        weights = weights + velocity
    return weights'''

DISGUISED = """def train(w, n):
    v = np.zeros_like( w )

    for i in range(n):

        g = slope(w)   # the gradient
        v = 0.9*v - 0.1*g
        w = w + v
    return (w)"""


def long_answer(*numbers):
    lines = [f"    y = y * {number} + x" for number in numbers]
    return "\n".join(["def f(x):", "    y = 0", *lines, "    return y"])


def honest(student, exercises=6):
    return {f"e{k}-solution": long_answer(student, k, student + k, 7) for k in range(exercises)}


def a_class(n, **more):
    return {f"s{i:03d}": honest(i) for i in range(n)} | more


def pairs(notebooks, skeleton=(), models=()):
    return [(p.first, p.second) for p in similar_pairs(notebooks, dict(skeleton), frozenset(models))]


def test_names_layout_comments_and_docstrings_do_not_count():
    assert fingerprint(ORIGINAL) == fingerprint(DISGUISED)
    assert is_long(fingerprint(ORIGINAL))


@pytest.mark.parametrize(
    ("old", "new"),
    [("0.9", "0.8"), ("zeros_like", "ones_like"), ("slope", "gradient_of"), ("weights + v", "weights - v")],
)
def test_what_is_computed_counts(old, new):
    assert fingerprint(ORIGINAL) != fingerprint(ORIGINAL.replace(old, new))


def test_swapped_variables_are_another_answer():
    assert fingerprint("def f(a, b):\n    return a - b") != fingerprint("def f(a, b):\n    return b - a")


def test_magics_are_passed_over():
    assert fingerprint("%timeit f(1)\nx = 1") == fingerprint("y = 1")


@pytest.mark.parametrize(
    "source", ["def f(:", "x = 1\0", "(" * 9000, "-" * 19_000 + "1", "a" + ".b" * 9000, "x" * 20_001]
)
def test_what_cannot_be_read_has_no_fingerprint_and_does_no_harm(source):
    assert fingerprint(source) == ""
    assert not is_long("")


def test_an_honest_class_has_no_pair():
    assert pairs(a_class(60)) == []


def test_a_copy_is_found_with_its_original():
    (pair,) = similar_pairs(a_class(60, copycat=honest(7)), {})
    assert (pair.first, pair.second, len(pair.same), pair.of, pair.rare) == ("copycat", "s007", 6, 6, 6)


def test_a_copy_is_found_in_a_class_of_six():
    assert pairs(a_class(5, copycat=honest(3))) == [("copycat", "s003")]


def test_a_ring_is_found():
    ring = {f"r{i}": honest(99) for i in range(5)}
    assert len(pairs(a_class(60, **ring))) == 10


def test_half_a_copy_is_found_and_less_is_not():
    half, less = (dict(list(honest(7).items())[:k]) for k in (3, 1))
    assert pairs(a_class(60, copycat=honest(500) | half)) == [("copycat", "s007")]
    assert pairs(a_class(60, copycat=honest(500) | less)) == []


def test_short_answers_are_no_evidence():
    short = {f"e{k}-solution": "def f(x):\n    return np.maximum(x, 0)" for k in range(9)}
    assert pairs({"a": short, "b": short} | a_class(30)) == []


def test_what_the_whole_class_writes_is_no_evidence():
    assert pairs({f"s{i}": honest(1) for i in range(40)}) == []


def test_the_text_of_the_lesson_is_no_evidence():
    untouched = honest(1)
    assert pairs(a_class(30, a=untouched, b=untouched), skeleton=untouched) == []


def test_a_copy_of_a_known_solution_is_found_and_two_known_ones_are_no_pair():
    known = {"worked": honest(300), "library": honest(300)}
    found = pairs(a_class(30, copycat=honest(300)) | known, models=known)
    assert found == [("copycat", "library"), ("copycat", "worked")]


def test_a_known_solution_is_found_with_many_copies_too():
    copies = {f"c{i}": honest(300, 12) for i in range(60)}
    found = pairs(a_class(600, **copies, worked=honest(300, 12)), models=("worked",))
    assert ("c7", "worked") in found
