"""Probes: what is seen of a student's object, whatever it does."""

import gc
import time
import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from autograder import drives
from autograder.drives import AS_WRITTEN, WITH_REFERENCES, call, plain, probe

Z = np.array([-1.0, 0.0, 2.0])


def half(z):
    return z / 2


def use(answer, *inputs):
    return probe(call, answer, inputs or (Z.copy(),))


class RaisesInItsText(Exception):
    def __str__(self):
        raise SystemExit(3)


class SaysItIsAnArray:
    __class__ = np.ndarray
    dtype = np.dtype(float)
    nbytes = 8

    def __array__(self, dtype=None, copy=None):
        return np.array([object()], dtype=object)


class OnceOnly(list):
    def __iter__(self):
        self.walked = 1 + getattr(self, "walked", 0)
        return iter([1.0] if self.walked < 2 else 1 / 0)


@pytest.mark.parametrize("name", drives._FUNCTIONS)
def test_a_named_function_reaches_the_answer_and_makes_a_new_array(name):
    value = drives.call_with_function(lambda z, f: f(z), Z, name)
    assert value.shape == Z.shape
    assert not np.may_share_memory(value, Z)


def decay(w, g, v, t, rate=0.5):
    v = v + g
    return w - rate * v / t, v


def test_an_update_rule_is_called_once_for_one_gradient():
    w, v = drives.run_rule(decay, np.ones(3), np.ones(3), np.zeros(3), 2, 0.1)
    assert np.allclose(w, 1 - 0.1 / 2)
    assert np.allclose(v, 1)


def test_a_list_of_gradients_carries_the_state_on_and_counts_t():
    path, v = drives.run_rule(decay, np.ones(2), [np.ones(2), 2 * np.ones(2)], np.zeros(2), 1)
    assert np.allclose(path, [[0.5, 0.5], [-0.25, -0.25]])  # 1 − ½·1/1, then − ½·3/2
    assert np.allclose(v, 3)


def test_a_rule_without_state_gives_its_path_alone():
    (path,) = drives.run_rule(lambda w, g, rate: w - rate * g, np.ones(1), [np.ones(1)] * 2, 0.25)
    assert np.allclose(path, [[0.75], [0.5]])


def test_a_rule_that_writes_into_its_arguments_shows_in_its_path():
    def in_place(w, g):
        w -= g
        return w

    (path,) = drives.run_rule(in_place, np.ones(1), [np.ones(1), np.ones(1)])
    assert np.allclose(path, -1)  # twice the same array


class Step(NamedTuple):
    w: np.ndarray
    v: np.ndarray


class Pair(list):
    """A list by another name."""


@pytest.mark.parametrize("kind", [Step._make, Pair, list, tuple])
def test_a_rule_may_return_any_kind_of_tuple_or_list(kind):
    inputs = (np.ones(2), [np.ones(2), 2 * np.ones(2)], np.zeros(2), 1)
    got = probe(drives.run_rule, lambda *given: kind(decay(*given)), inputs)
    assert (got.error, got.aliased) == ("", ())
    assert np.array_equal(got.value[0], [[0.5, 0.5], [-0.25, -0.25]])
    assert np.array_equal(got.value[1], [3, 3])


def test_an_answer_without_its_state_is_given_back_as_it_is():
    got = drives.run_rule(lambda w, g, v, t: w - g, np.ones(1), [np.ones(1)], np.zeros(1), 1)
    assert np.allclose(got, 0)


def test_a_probe_gives_the_value_and_nothing_else_for_an_honest_function():
    seen = use(half)
    assert np.array_equal(seen.value, Z / 2)
    assert (seen.error, seen.message, seen.warnings, seen.changed, seen.aliased) == ("", "", (), (), ())


@pytest.mark.parametrize(
    "error", [ValueError("no"), SystemExit(1), GeneratorExit(), Warning("w"), RaisesInItsText()], ids=type
)
def test_whatever_is_raised_becomes_evidence(error):
    def answer(z):
        raise error

    assert use(answer).error == type(error).__name__


def test_the_stop_button_still_stops():
    def answer(z):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use(answer)


def test_long_texts_are_cut():
    def answer(z):
        for i in range(20):
            warnings.warn(f"{i} " + "w" * 1000, stacklevel=1)
        raise ValueError("x" * 1000)

    seen = use(answer)
    assert len(seen.message) == drives.MAX_TEXT
    assert len(seen.warnings) == 8
    assert max(map(len, seen.warnings)) <= drives.MAX_TEXT


def test_warnings_are_told_once_each_and_a_filter_of_the_students_does_not_last():
    def answer(z):
        for _ in range(3):
            warnings.warn("look", stacklevel=1)
        warnings.simplefilter("ignore")
        return z / 2

    before = warnings.filters[:]
    assert use(answer).warnings == ("look",)
    assert warnings.filters == before


def test_what_another_cell_left_open_is_no_warning_of_the_answers():
    def answer(z):
        rubbish = [Path(__file__).open()]  # noqa: SIM115 - left open on purpose
        rubbish.append(rubbish)  # only a sweep finds it
        del rubbish
        gc.collect()
        return z + 1

    assert use(answer).warnings == ()


def test_numpy_warns_of_overflow_and_not_of_underflow():
    assert use(lambda z: np.exp(z * 1e4)).warnings == ("overflow encountered in exp",)
    assert use(lambda z: np.exp(-1e4 - z)).warnings == ()


def add_one(z):
    z += 1


def flip_zero(z):
    z[1] = -0.0


@pytest.mark.parametrize("change", [add_one, flip_zero, lambda z: z.resize((2,), refcheck=False)])
def test_a_changed_argument_is_seen_and_the_original_is_untouched(change):
    given = Z.copy()
    seen = probe(call, lambda a, z: change(z), (1.0, given))
    assert seen.changed == (1,)
    assert given.tobytes() == Z.tobytes()


def test_a_change_is_seen_even_where_the_answer_raises_after_it():
    assert use(lambda z: (add_one(z), 1 / 0)).changed == (0,)


def test_an_argument_that_holds_arrays_is_copied_too():
    weights = [Z.copy(), Z.copy()]
    probe(call, lambda weights: add_one(weights[0]), (weights,))
    assert np.array_equal(weights[0], Z)


@pytest.mark.parametrize(
    "answer",
    [
        lambda z: z,
        lambda z: z[::-1],
        lambda z: z.reshape(3, 1),
        lambda z: (1.0, z[:1]),
        lambda z: [[z]],
        lambda z: {"gradient": z},
        lambda z: Step(z, z + 1),
    ],
    ids=["itself", "view", "reshaped", "in a tuple", "nested", "in a dict", "in a named tuple"],
)
def test_a_value_that_shares_its_memory_with_the_argument_is_seen(answer):
    assert use(answer).aliased == (0,)


def test_a_value_that_can_be_read_only_once_does_no_harm():
    assert use(lambda z: OnceOnly([1.0, 2.0])).changed == ()


def test_the_wall_time_is_measured():
    assert 0.02 <= use(lambda z: time.sleep(0.02)).seconds < 5


def test_plain_values_pass_as_they_are():
    assert plain([None, True, 3, 2.5, 1j, "text"]) == [None, True, 3, 2.5, 1j, "text"]


@pytest.mark.parametrize(
    "value", [np.float32(2), np.ma.masked_array(Z, Z > 0), Z.view(np.recarray), np.bool_(1)]
)
def test_every_array_becomes_a_plain_copy(value):
    assert type(plain(value)) is np.ndarray
    assert not np.may_share_memory(plain(value), np.asarray(value))


def test_collections_keep_their_kind_and_keys_become_text():
    got = plain({1: [Z, (2.0, None)]})
    assert list(got) == ["1"]
    assert isinstance(got["1"], list)
    assert isinstance(got["1"][1], tuple)


REFUSED = {
    "an array of objects": (lambda: np.array([Z, "a"], dtype=object), TypeError),
    "an array of text": (lambda: np.array(["a"]), TypeError),
    "a structured array": (lambda: np.zeros(2, "f8,i4"), TypeError),
    "a function": (lambda: half, TypeError),
    "a set": (lambda: {1.0}, TypeError),
    "an object that turns into one": (lambda: SaysItIsAnArray(), TypeError),
    "five levels": (lambda: [[[[[1.0]]]]], ValueError),
    "a large array": (lambda: np.zeros(2**20 + 1), ValueError),
    "a small array seen as a huge one": (lambda: np.broadcast_to(1.0, (10**9,)), ValueError),
    "many arrays that are large together": (lambda: [np.zeros(2**19)] * 3, ValueError),
    "a long text": (lambda: "x" * (8 * 2**20 + 1), ValueError),
    "a number that no float reaches": (lambda: [10**5000], ValueError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_plain_value_is_refused(name):
    make, error = REFUSED[name]
    with pytest.raises(error, match="the answer"):
        plain(make())


def once_again(z):
    return half(z)


@pytest.mark.parametrize(
    "alias",
    [half, partial(half), lambda z: half(z), once_again],
    ids=["alias", "partial", "lambda", "wrapper"],
)
def test_a_blocked_reference_raises_under_every_name(alias):
    with suppress(ZeroDivisionError), drives.blocked(half):
        assert use(alias).error == "ReferenceUsed"
        raise ZeroDivisionError
    assert use(alias).error == ""


@pytest.mark.parametrize("reference", [None, dict, 3.0, partial(half)])
def test_what_has_no_code_is_not_blocked(reference):
    with drives.blocked(reference):
        assert half(2) == 1


def test_a_reference_that_closes_over_a_variable_can_be_blocked():
    scale = 2.0

    def reference(z):
        return z / scale

    with drives.blocked(reference):
        assert use(reference).error == "ReferenceUsed"


def test_rebound_names_come_back_whatever_happens_between():
    namespace = {"sigmoid": 1}
    with suppress(ZeroDivisionError), drives.rebound(namespace, {"sigmoid": half, "tanh": half}):
        assert namespace["tanh"] is half
        namespace["sigmoid"] = "changed by the student"
        raise ZeroDivisionError
    assert namespace == {"sigmoid": 1}


def test_an_answer_with_needs_is_probed_as_written_and_then_with_references():
    namespace = {"half": np.negative}
    exec("def twice(z): return half(z) * 4", namespace)
    cases = {"a": [(Z,), (2.0,)]}
    seen = list(drives.examine(call, namespace["twice"], cases, None, {"half": half}, namespace))
    assert [variant for variant, _, _ in seen] == [AS_WRITTEN] * 2 + [WITH_REFERENCES] * 2
    assert [outcome.value.sum() for _, _, outcome in seen[::2]] == [-4.0, 2.0]
    assert namespace["half"] is np.negative


def test_without_needs_or_a_place_for_them_an_answer_is_probed_once():
    for answer, needs in ((half, None), (half, {}), (partial(half), {"half": half})):
        seen = list(drives.examine(call, answer, {"a": [(Z,)]}, None, needs))
        assert [variant for variant, _, _ in seen] == [AS_WRITTEN]
