"""Schedules against values worked by hand, PyTorch's schedulers, and what each promises at its ends."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import relative_error
from nnlib.schedules import (
    SCHEDULES,
    constant_schedule,
    cosine_decay,
    cosine_warmup,
    exponential_decay,
    exponential_sweep,
    linear_warmup,
    one_cycle,
    step_decay,
)

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=50)
EXAMPLE = {
    "constant": {"learning_rate": 0.3},
    "step_decay": {"learning_rate": 0.3, "every": 3},
    "exponential_decay": {"learning_rate": 0.3, "factor": 0.9},
    "cosine_decay": {"learning_rate": 0.3, "total": 9, "minimum": 0.01},
    "linear_warmup": {"learning_rate": 0.3, "warmup": 4},
    "cosine_warmup": {"learning_rate": 0.3, "warmup": 3, "total": 9, "minimum": 0.01},
    "one_cycle": {"learning_rate": 0.3, "total": 9},
    "exponential_sweep": {"low": 1e-4, "high": 0.3, "total": 9},
}
RATED = [name for name in EXAMPLE if name != "exponential_sweep"]
# As in golden/schedules.py, which only a machine with PyTorch can import.
CASES = {
    "constant": ("constant", {"learning_rate": 0.3}),
    "step": ("step_decay", {"learning_rate": 0.3, "every": 7}),
    "step factor": ("step_decay", {"learning_rate": 2.0, "every": 1, "factor": 0.8}),
    "exponential": ("exponential_decay", {"learning_rate": 0.3, "factor": 0.93}),
    "cosine": ("cosine_decay", {"learning_rate": 0.3, "total": 23}),
    "cosine minimum": ("cosine_decay", {"learning_rate": 0.3, "total": 10, "minimum": 0.02}),
    "warmup": ("linear_warmup", {"learning_rate": 0.3, "warmup": 7}),
    "warmup 1": ("linear_warmup", {"learning_rate": 0.3, "warmup": 1}),
    "cosine_warmup": ("cosine_warmup", {"learning_rate": 0.3, "warmup": 5, "total": 19}),
    "cosine_warmup minimum": (
        "cosine_warmup",
        {"learning_rate": 0.3, "warmup": 2, "total": 19, "minimum": 0.01},
    ),
    "one_cycle": ("one_cycle", {"learning_rate": 0.3, "total": 37}),
    "one_cycle divisors": (
        "one_cycle",
        {"learning_rate": 2.0, "total": 20, "rise": 0.25, "start_divisor": 10.0, "end_divisor": 50.0},
    ),
    "one_cycle late": ("one_cycle", {"learning_rate": 0.3, "total": 11, "rise": 0.9}),
    "one_cycle without rise": ("one_cycle", {"learning_rate": 0.3, "total": 9, "rise": 0.0}),
    "one_cycle short": ("one_cycle", {"learning_rate": 0.3, "total": 3}),
    "one_cycle of one": ("one_cycle", {"learning_rate": 0.3, "total": 1}),
}


def rates(name, parameters, steps):
    return np.array([SCHEDULES[name](t, **parameters) for t in range(steps)])


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (constant_schedule(7, 0.25), 0.25),
        (step_decay(9, 0.5, every=10), 0.5),
        (step_decay(10, 0.5, every=10), 0.05),
        (step_decay(29, 0.5, every=10), 0.005),
        (exponential_decay(3, 2.0, factor=0.9), 1.458),  # 2 · 0.729
        (cosine_decay(2, 1.0, total=6), 0.75),  # (1 + cos 60°) / 2
        (cosine_decay(3, 1.0, total=6, minimum=0.2), 0.6),
        (cosine_decay(4, 1.0, total=6, minimum=0.2), 0.4),  # 0.2 + 0.8 / 4
        (linear_warmup(0, 0.5, warmup=5), 0.1),
        (linear_warmup(3, 0.5, warmup=5), 0.4),
        (cosine_warmup(0, 1.0, warmup=4, total=10), 0.25),
        (cosine_warmup(6, 1.0, warmup=4, total=10), 0.75),
        (cosine_warmup(8, 1.0, warmup=4, total=10, minimum=0.2), 0.4),
        (one_cycle(0, 1.0, total=10, rise=0.4), 0.04),
        (one_cycle(1, 1.0, total=10, rise=0.4), 0.28),  # a third of the way up: 0.04 + 0.96 / 4
        (one_cycle(5, 1.0, total=10, rise=0.4, end_divisor=1.0), 0.76),  # a third of the way down
        (exponential_sweep(1, 1e-3, 1e3, total=4), 0.1),
        (exponential_sweep(2, 1e-3, 1e3, total=4), 10.0),
    ],
)
def test_values_worked_by_hand(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-14)


@pytest.mark.parametrize("key", CASES)
def test_pytorch_agrees(key, golden):
    name, parameters = CASES[key]
    wanted = golden("schedules")[key]
    assert relative_error(rates(name, parameters, len(wanted)), wanted) < 1e-10


@pytest.mark.oracle
def test_the_cases_are_those_of_the_script(pytorch):
    assert {key: case[:2] for key, case in pytorch("schedules").CASES.items()} == CASES


@pytest.mark.oracle
@pytest.mark.parametrize("total", [5, 12, 101])
@pytest.mark.parametrize("name", RATED)
def test_pytorch_agrees_live(name, total, pytorch):
    parameters = {**EXAMPLE[name], "learning_rate": 0.07}
    steps = 40
    if "total" in parameters:
        parameters["total"], steps = total, total
    wanted = pytorch("schedules").rates(name, parameters, steps)
    assert relative_error(rates(name, parameters, steps), wanted) < 1e-10


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_rate_is_a_python_float(name):
    parameters = {key: np.float64(value) for key, value in EXAMPLE[name].items()}
    for t in (0, np.int64(2), np.int64(10**6)):
        rate = SCHEDULES[name](t, **parameters)
        assert type(rate) is float
        assert (np.ones(2, np.float32) * rate).dtype == np.float32


@pytest.mark.parametrize("name", SCHEDULES)
@SETTINGS
@given(t=st.integers(0, 10**9))
def test_no_rate_leaves_its_range_or_depends_on_what_was_asked_before(name, t):
    rate = SCHEDULES[name](t, **EXAMPLE[name])
    assert 0 <= rate <= 0.3
    assert SCHEDULES[name](t, **EXAMPLE[name]) == rate


@pytest.mark.parametrize("name", [name for name in EXAMPLE if "total" in EXAMPLE[name]])
def test_past_its_end_a_schedule_stays_at_its_last_value(name):
    last = SCHEDULES[name](9, **EXAMPLE[name])
    assert [SCHEDULES[name](t, **EXAMPLE[name]) for t in (10, 17, 18, 10**6)] == [last] * 4


def test_every_row_is_tested():
    assert EXAMPLE.keys() == SCHEDULES.keys()


def test_step_decay_falls_at_the_multiples_of_every_and_nowhere_else():
    steps = np.flatnonzero(np.diff(rates("step_decay", {"learning_rate": 1.0, "every": 4}, 13))) + 1
    np.testing.assert_array_equal(steps, [4, 8, 12])


@pytest.mark.parametrize("learning_rate", [0.1, 0.3, 1e-5, 7.0])
def test_ends_are_exact(learning_rate):
    low = 0.03 * learning_rate
    assert cosine_decay(0, learning_rate, 7, minimum=low) == learning_rate
    assert cosine_decay(6, learning_rate, 7, minimum=low) > low
    assert cosine_decay(7, learning_rate, 7, minimum=low) == low
    assert cosine_decay(7, learning_rate, 7) == 0
    assert exponential_sweep(0, low, learning_rate, 7) == low
    assert exponential_sweep(5, low, learning_rate, 7) < learning_rate
    assert exponential_sweep(6, low, learning_rate, 7) == learning_rate
    assert one_cycle(0, learning_rate, 20) == learning_rate / 25
    assert one_cycle(5, learning_rate, 20) == learning_rate  # 0.3 · 20 − 1
    assert one_cycle(19, learning_rate, 20) == learning_rate / 25 / 1e4
    assert one_cycle(18, learning_rate, 20) > learning_rate / 25 / 1e4


@pytest.mark.parametrize("warmup", [2, 3, 7, 49])
def test_the_last_step_of_the_warmup_has_the_full_rate(warmup):
    assert linear_warmup(0, 0.3, warmup) == 0.3 / warmup
    assert linear_warmup(warmup - 2, 0.3, warmup) < 0.3
    assert linear_warmup(warmup - 1, 0.3, warmup) == 0.3
    assert linear_warmup(warmup, 0.3, warmup) == 0.3
    assert cosine_warmup(0, 0.3, warmup, 60) == 0.3 / warmup
    np.testing.assert_allclose(cosine_warmup(warmup - 1, 0.3, warmup, 60), 0.3, rtol=1e-15)
    assert cosine_warmup(warmup, 0.3, warmup, 60) == 0.3
    assert cosine_warmup(warmup + 1, 0.3, warmup, 60) < 0.3
    assert cosine_warmup(59, 0.3, warmup, 60, minimum=0.1) > 0.1
    assert cosine_warmup(60, 0.3, warmup, 60, minimum=0.1) == 0.1


def test_no_warmup_leaves_a_cosine():
    for t in range(12):
        assert linear_warmup(t, 0.3, warmup=0) == 0.3
        assert cosine_warmup(t, 0.3, 0, 10, minimum=0.02) == cosine_decay(t, 0.3, 10, minimum=0.02)


def test_a_cosine_is_symmetric_about_its_middle():
    falling = rates("cosine_decay", {"learning_rate": 0.5, "total": 30, "minimum": 0.1}, 31)
    np.testing.assert_allclose(falling + falling[::-1], 0.6, rtol=1e-14)


@SETTINGS
@given(st.integers(1, 200), st.floats(0, 0.99))
def test_one_cycle_rises_once_and_falls_once(total, rise):
    signs = np.sign(np.diff(rates("one_cycle", {"learning_rate": 0.3, "total": total, "rise": rise}, total)))
    assert (np.diff(signs[signs != 0]) <= 0).all()


def test_a_sweep_multiplies_by_a_constant():
    sweep = rates("exponential_sweep", {"low": 1e-6, "high": 10.0, "total": 50}, 50)
    np.testing.assert_allclose(sweep[1:] / sweep[:-1], 1e7 ** (1 / 49), rtol=1e-13)


def test_a_long_decay_underflows_to_zero_quietly():
    assert exponential_decay(10**9, 0.1, 0.5) == 0
    assert step_decay(10**9, 0.1, every=1) == 0


@pytest.mark.parametrize(
    ("name", "parameter", "wrong", "message"),
    [
        *[(name, "t", -1, "t must be 0 or more and finite, got -1") for name in SCHEDULES],
        *[
            (name, "learning_rate", wrong, f"learning_rate must be positive and finite, got {wrong}")
            for name in RATED
            for wrong in (0, -0.1, inf, nan)
        ],
        ("step_decay", "every", 0, "every must be 1 or more and finite, got 0"),
        ("step_decay", "factor", 0, r"factor must be in \(0, 1\], got 0"),
        ("exponential_decay", "factor", 1.1, r"factor must be in \(0, 1\], got 1.1"),
        ("exponential_decay", "factor", nan, r"factor must be in \(0, 1\], got nan"),
        ("cosine_decay", "total", 0, "total must be 1 or more and finite, got 0"),
        ("cosine_decay", "minimum", 0.4, r"minimum must be in \[0, 0.3\], got 0.4"),
        ("cosine_decay", "minimum", -0.1, r"minimum must be in \[0, 0.3\], got -0.1"),
        ("linear_warmup", "warmup", -1, "warmup must be 0 or more and finite, got -1"),
        ("linear_warmup", "warmup", inf, "warmup must be 0 or more and finite, got inf"),
        ("cosine_warmup", "warmup", 9, r"warmup must be in \[0, 9\), got 9"),
        ("cosine_warmup", "warmup", -1, r"warmup must be in \[0, 9\), got -1"),
        ("cosine_warmup", "total", inf, "total must be 1 or more and finite, got inf"),
        ("cosine_warmup", "minimum", 1, r"minimum must be in \[0, 0.3\], got 1"),
        ("one_cycle", "total", 0, "total must be 1 or more and finite, got 0"),
        ("one_cycle", "rise", 1, r"rise must be in \[0, 1\), got 1"),
        ("one_cycle", "rise", -0.1, r"rise must be in \[0, 1\), got -0.1"),
        ("one_cycle", "start_divisor", 0.5, "start_divisor must be 1 or more and finite, got 0.5"),
        ("one_cycle", "end_divisor", inf, "end_divisor must be 1 or more and finite, got inf"),
        ("exponential_sweep", "low", 0, "low must be positive and finite, got 0"),
        ("exponential_sweep", "low", inf, "low must be positive and finite, got inf"),
        ("exponential_sweep", "high", 1e-4, "high must be above low and finite, got 0.0001"),
        ("exponential_sweep", "high", inf, "high must be above low and finite, got inf"),
        ("exponential_sweep", "total", 1, "total must be 2 or more and finite, got 1"),
    ],
)
def test_wrong_arguments_are_named(name, parameter, wrong, message):
    with pytest.raises(ValueError, match=message):
        SCHEDULES[name](**{"t": 0, **EXAMPLE[name], parameter: wrong})


def test_the_extremes_of_each_range_are_allowed():
    assert step_decay(5, 0.3, every=1, factor=1) == 0.3
    assert cosine_decay(5, 0.3, total=1, minimum=0.3) == 0.3
    assert exponential_decay(5, 0.3, factor=1) == 0.3
    assert exponential_sweep(1, 0.1, 0.2, total=2) == 0.2
    assert one_cycle(0, 0.3, total=2, start_divisor=1, end_divisor=1) == 0.3
