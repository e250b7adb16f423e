"""Templates: draws, keys, options, records."""

from types import SimpleNamespace

import numpy as np
import pytest

from autograder.quiz import bank
from autograder.quiz.bank.tools import apart, besides, values_of, walked, worked, would_give
from autograder.quiz.display import bracketed, listed, shown, tex
from autograder.quiz.question import Option, same
from autograder.quiz.seeds import Draws, seed_of
from autograder.quiz.template import Draft, Entries, Template, grid
from autograder.quiz.wrong import Wrong, misconception, mistakes_of, value_of

FIELDS = {"version": 1, "lesson": "01_activations", "topic": "losses", "bloom": "apply", "difficulty": 1}


def made(kind="single", params=None, **draft):
    """A template whose draft is given as functions of the parameters."""
    return Template(
        id="made",
        kind=kind,
        params=params or {"x": (2.0, 3.0)},
        draft=lambda p: Draft(
            stem="?", check=lambda: None, explain="", **{k: f(p) for k, f in draft.items()}
        ),
        **FIELDS,
    )


def wrong(*values):
    return [Wrong(f"w{i}", f"says {i}", lambda value=value: value) for i, value in enumerate(values)]


def test_a_students_variant_is_found_again():
    one = bank.find("sigmoid-value")
    assert one.variant(" Someone ") == one.variant("someone")
    assert len({one.variant("someone", attempt).seed for attempt in range(1, 6)}) == 5
    assert one.variant("someone", course="a").seed != one.variant("someone", course="b").seed


def test_a_record_gives_the_same_variant_also_when_the_grid_has_changed():
    one = made(key=lambda p: p.x, wrong=lambda p: wrong(p.x + 1, p.x + 2, p.x + 3, p.x + 4))
    question = one.variant("someone")
    later = Template(**{**vars(one), "params": {"x": (7.0, 8.0, 9.0)}})
    assert later.again(question.record()).key == question.key
    with pytest.raises(ValueError, match="made: the record is of version 1, this is 2"):
        Template(**{**vars(one), "version": 2}).again(question.record())


def test_arrays_come_back_from_a_record():
    one = made("matrix", {"A": Entries((1, 2, 3), (2, 3))}, key=lambda p: p.A * 2, wrong=lambda p: wrong(p.A))
    question = one.variant("someone")
    assert question.key == tuple(map(tuple, (2 * question.params["A"]).tolist()))
    again = one.again(question.record())
    assert np.array_equal(again.params["A"], question.params["A"])
    assert again.key == question.key


def test_options_are_four_and_differ_also_as_displayed():
    one = made(key=lambda p: 1.0, wrong=lambda p: wrong(1.001, 2.0, 2.0001, 3.0, 3.0, float("nan"), 4.0))
    for i in range(50):
        texts = sorted(option.text for option in one.variant(f"s{i}").options)
        assert texts == ["1", "2", "3", "4"]


def test_a_choice_with_too_few_wrong_options_is_an_error_and_a_typed_one_has_none():
    draft = {"key": lambda p: 1.0, "wrong": lambda p: wrong(2.0, 1.0, 2.0)}
    with pytest.raises(ValueError, match="made: 1 wrong options differ, 3 are needed"):
        made("single", **draft).variant("someone")
    assert made("numeric", **draft).variant("someone").options == ()


def test_a_mistake_that_raises_on_these_inputs_is_no_option():
    def fails():
        raise IndexError("too many indices")

    one = made(key=lambda p: 1.0, wrong=lambda p: [Wrong("raises", "", fails), *wrong(2.0, 3.0, 4.0)])
    assert "raises" not in {option.mistake for option in one.variant("someone").options}


def test_only_draws_that_are_given_are_used():
    one = made(params={"x": tuple(range(10))}, key=lambda p: p.x, wrong=lambda p: wrong(-1, -2, -3))
    even = Template(**{**vars(one), "given": lambda p: p.x % 2 == 0})
    assert {even.drawn(seed).x for seed in range(100)} == {0, 2, 4, 6, 8}
    never = Template(**{**vars(one), "given": lambda p: False})
    with pytest.raises(ValueError, match="made: no draw of 1000 may be used"):
        never.drawn(0)


def test_multiple_order_and_cloze():
    several = made("multiple", key=lambda p: ("a", "b"), wrong=lambda p: wrong("c", "d", "e")).variant("x")
    assert sorted(o.text for o in several.options if o.right) == ["a", "b"] == sorted(several.key)
    assert len(several.options) == 5
    order = made("order", key=lambda p: ("1", "2", "3", "4")).variant("x")
    assert order.key == ("1", "2", "3", "4")
    assert sorted(o.text for o in order.options) == ["1", "2", "3", "4"]
    gaps = made("cloze", key=lambda p: {"sign": "minus", "value": 0.5}).variant("x").blanks
    assert [(gap.name, gap.answers, gap.value) for gap in gaps] == [
        ("sign", ("minus",), None),
        ("value", ("0.5",), 0.5),
    ]


def test_a_typed_mistake_is_recognised():
    one = bank.find("sigmoid-value")
    question = one.question(5)
    wrong_value = next(
        w for w in mistakes_of("sigmoid", question.params["z"]) if w.mistake == "sigmoid.base_two"
    )
    assert one.recognise(question, wrong_value.compute() * 1.0005).mistake == "sigmoid.base_two"
    assert one.recognise(question, 17.0) is None


def test_mistakes_get_copies_and_only_the_part_that_is_asked_for():
    z = np.array([-1.0, 2.0])
    found = {w.mistake: w.compute() for w in mistakes_of("relu", z, take=lambda out: float(out[0]))}
    assert set(map(type, found.values())) == {float}
    assert z.tolist() == [-1.0, 2.0]
    assert [w.mistake for w in mistakes_of("sigmoid", 1.0, only=["base_two"])] == ["sigmoid.base_two"]


def test_a_name_of_no_exercise_or_mistake_is_an_error_at_once():
    with pytest.raises(KeyError, match="no exercise is called 'sigmiod'"):
        mistakes_of("sigmiod", 1.0)
    with pytest.raises(ValueError, match="sigmoid has no mistake 'base_tow'; it has exp_overflow, sign_lost"):
        mistakes_of("sigmoid", 1.0, only=["base_two", "base_tow"])


@pytest.mark.parametrize("value", [float("nan"), np.array([1.0, np.inf]), np.array([[np.nan]])])
def test_a_value_that_is_not_finite_is_no_option(value):
    assert value_of(*wrong(value)) is None


def test_a_mistake_is_computed_without_a_warning():
    assert value_of(Wrong("divides", "", lambda: np.ones(2) / np.zeros(2))) is None


def test_a_misconception_says_what_the_bank_says():
    name, idea = next(iter(bank.misconceptions().items()))
    assert misconception(name, "text")[:2] == (name, idea.says)
    assert misconception(name, lambda: 3).compute() == 3


def test_draws_are_the_same_for_ever():
    draws = Draws(seed_of("course", "template", 1, "someone", 1))
    assert [draws.below(100) for _ in range(6)] == [0, 15, 58, 67, 78, 0]


def test_draws_are_those_of_the_raw_stream():
    raw, draws = np.random.PCG64(np.random.SeedSequence(7)), Draws(7)
    assert [draws.below(2**63) for _ in range(50)] == [int(raw.random_raw()) % 2**63 for _ in range(50)]


def test_shuffling_gives_each_order_equally_often():
    orders = [tuple(Draws(seed).shuffled("abc")) for seed in range(3000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert sum((count - 500) ** 2 / 500 for count in counts) < 25.7  # false alarm 1 in 10,000, 5 degrees


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [(1.0, 1.005, True), (1.0, 1.02, False), ("a", "a", True), ("a", 1.0, False), ((3, 4), (3, 4), True),
     ((3, 4), (4, 3), False), (np.ones(2), np.ones(3), False), (np.ones((2, 2)), 1.001 * np.ones((2, 2)), True),
     (("a", "b"), ("a", "b"), True), (("a", "b"), ("b", "a"), False), (float("inf"), float("inf"), True),
     (((1.0, 2.0),), np.array([[1.0, 2.01]]), True), (np.ones(2), [1.0, 1.02], False), (np.ones((1, 2)), np.ones(2), False),
     (np.array([np.inf, 1.0]), np.array([np.inf, 1.0]), True), (np.array([np.nan]), np.array([np.nan]), False),
     (np.array(2.0), 2, True), ([], (), True)],
)  # fmt: skip
def test_same(a, b, expected):
    assert same(a, b, 1e-2) is expected


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.5, "−0.5"), (1234.5, "1230"), (12345678.0, r"$1.23 \times 10^{7}$"), (3, "3"), (0.0, "0"),
     (float("inf"), r"$\infty$"), (-float("inf"), r"$-\infty$"), (float("nan"), r"$\mathrm{NaN}$"), (-0.0, "0"), (True, "True"),
     (-2.5e-9, r"$-2.5 \times 10^{-9}$"), ((3, 4), "`(3, 4)`"), (np.float64(-0.25), "−0.25"), (np.array(7.0), "7"), ("as it is", "as it is"), (np.array([1.0, -2.0]), r"$\begin{pmatrix} 1 & -2 \end{pmatrix}$")],
)  # fmt: skip
def test_shown(value, text):
    assert shown(value) == text


def test_numbers_within_formulas():
    assert tex(-0.5) == "-0.5"
    assert (
        tex(np.array([[1, -2], [0.25, 1e-9]]))
        == r"\begin{pmatrix} 1 & -2 \\ 0.25 & 1 \times 10^{-9} \end{pmatrix}"
    )
    assert (bracketed(-1 / 3, 4), bracketed(2.0)) == ("(-0.3333)", "2")
    assert listed(np.array([1.0, -2.5])) == "1, -2.5"


@pytest.mark.parametrize("seed", range(20))
def test_values_are_apart_where_every_two_are(seed):
    values = np.random.default_rng(seed).normal(size=5).round(1).tolist()
    differ = [abs(a - b) > 0.02 * max(abs(a), abs(b)) for i, a in enumerate(values) for b in values[:i]]
    assert apart(values) is all(differ)


def test_worked_mistakes_are_those_that_are_computed_anew():
    kept = worked("relu", (-1.0, 2.0), only=("wrong_side", "identity"))
    anew = mistakes_of("relu", np.array([-1.0, 2.0]), only=("wrong_side", "identity"))
    assert [w[:2] for w in kept] == [w[:2] for w in anew]
    assert len(kept) == 2
    assert all(np.array_equal(a.compute(), b.compute()) for a, b in zip(kept, anew, strict=True))
    assert worked("relu", (-1.0, 2.0), only=("wrong_side", "identity")) is kept


def test_errors_other_than_the_one_that_was_made():
    errors = {"base_two": "two for e", "sign_lost": "the sign"}
    values = values_of("sigmoid", errors, 1.0)
    assert {name: round(value, 4) for name, value in values.items()} == {
        "base_two": 0.6667,
        "sign_lost": 0.2689,
    }
    (told,) = would_give("sigmoid", errors, "base_two", values)
    assert (told.mistake, told.says, told.compute()) == (
        "sigmoid.sign_lost",
        "That would give 0.269.",
        "the sign",
    )
    (other,) = besides("sigmoid", {"base_two": ("two for e",), "sign_lost": ("the sign",)}, "sign_lost")
    assert (other.mistake, other.compute()) == ("sigmoid.base_two", "two for e")


def test_steps_of_a_rule_start_from_an_empty_state():
    assert walked(lambda w, g, v: (w - (v + g), v + g), 10, (1, 2)) == 10 - 1 - 3


def test_grid_has_both_ends():
    assert grid(-1, 1, 0.5) == (-1.0, -0.5, 0.0, 0.5, 1.0)


def test_options_are_plain_data():
    question = bank.find("sigmoid-value").variant("someone")
    assert all(isinstance(option, Option) for option in question.options)
    assert question.record()["params"] == {"z": question.params["z"]}
    assert isinstance(SimpleNamespace(**question.params).z, float)
