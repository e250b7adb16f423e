"""Item analysis against numbers worked by hand."""

import numpy as np
import pytest

from autograder.item_analysis import analyse, cronbach_alpha, percentile_interval, upper_lower, wilson

# Four students, three exercises of one mark.
#   totals 0, 1, 2, 3
#   A = 0 0 1 1 against B + C = 0 1 1 2: covariance 1/4, variances 1/4 and 1/2, so r = 1/√2
#   B = 0 1 0 1 against A + C = 0 0 2 2: covariance 0
BY_HAND = np.array([[0, 0, 0], [0, 1, 0], [1, 0, 1], [1, 1, 1]], float)


def rng():
    return np.random.default_rng(0)


def class_of(n, *slopes):
    """Marks 0 or 2 of n students in exercises that go with one ability by these slopes."""
    draw = np.random.default_rng(1)
    ability = draw.normal(size=(n, 1))
    return 2.0 * (ability * np.array(slopes) + draw.logistic(size=(n, len(slopes))) > 0)


def test_the_corrected_correlation_leaves_the_exercise_itself_out():
    a, b, c = analyse(BY_HAND, np.ones(3), rng())
    assert [a.rest, b.rest, c.rest] == pytest.approx([2**-0.5, 0, 2**-0.5])
    assert a.success == b.success == 0.5


def test_the_correlation_of_partial_marks_is_pearsons():
    scores = np.random.default_rng(3).uniform(0, 3, size=(40, 4))
    for k, item in enumerate(analyse(scores, np.full(4, 3.0), rng())):
        rest = np.delete(scores, k, axis=1).sum(axis=1)
        assert item.rest == pytest.approx(np.corrcoef(scores[:, k], rest)[0, 1])
        assert item.success == pytest.approx(scores[:, k].mean() / 3)


def test_marks_do_not_change_with_the_points_of_an_exercise():
    one, two = analyse(BY_HAND, np.ones(3), rng()), analyse(BY_HAND * 4, np.full(3, 4.0), rng())
    assert [item.success for item in one] == [item.success for item in two]
    assert [item.rest for item in one] == pytest.approx([item.rest for item in two])


def test_alpha_of_two_exercises_by_hand():
    """Variances 1 and 1, of the totals 2, 5, 5 it is 3: alpha = 2 (1 − 2/3)."""
    assert cronbach_alpha(np.array([[1, 1], [2, 3], [3, 2.0]]), rng())[0] == pytest.approx(2 / 3)


def test_alpha_of_parallel_exercises_is_one():
    assert cronbach_alpha(np.array([[2, 1], [4, 3], [6, 5.0]]), rng())[0] == pytest.approx(1)


def test_an_exercise_without_spread_adds_no_variance_to_alpha():
    scores = np.array([[1, 1, 2], [2, 3, 2], [3, 2, 2.0]])
    assert cronbach_alpha(scores, rng())[0] == pytest.approx(3 / 2 * (1 - 2 / 3))


def test_alpha_of_one_exercise_is_undefined():
    assert np.isnan(cronbach_alpha(np.array([[1.0], [0.0]]), rng())[0])


def test_the_interval_of_r_agrees_with_fishers_in_a_large_class():
    scores = np.random.default_rng(5).multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=500)
    item = analyse(scores, np.ones(2), rng())[0]
    fisher = np.tanh(np.arctanh(item.rest) + np.array([-1.96, 1.96]) / np.sqrt(500 - 3))
    assert [item.rest_interval.low, item.rest_interval.high] == pytest.approx(list(fisher), abs=0.02)


def test_an_exercise_that_turns_against_the_rest_is_called_negative():
    *others, turned = analyse(class_of(200, 2, 2, 2, 2, -2), np.full(5, 2.0), rng())
    assert turned.against
    assert turned.says.startswith("negative: those who do well elsewhere fail here")
    assert not any(item.against for item in others)


def test_noise_is_called_chance():
    noise = analyse(class_of(60, 2, 2, 2, 0), np.full(4, 2.0), rng())[-1]
    assert noise.rest_interval.low < 0 < noise.rest_interval.high
    assert "chance" in noise.says


def test_an_exercise_that_all_solve_tells_nobody_apart():
    scores = np.column_stack([class_of(30, 2, 2), np.full(30, 2.0)])
    item = analyse(scores, np.full(3, 2.0), rng())[-1]
    assert np.isnan(item.rest)
    assert np.isnan(item.rest_interval.low)
    assert item.says.startswith("everybody has the same marks")
    assert item.success_interval.low == pytest.approx(0.886, abs=1e-3)  # 30 of 30 do not make it certain


def test_the_same_class_gives_the_same_intervals():
    scores = class_of(50, 1, 1, 1)
    assert analyse(scores, np.full(3, 2.0), rng()) == analyse(scores, np.full(3, 2.0), rng())


def test_equal_totals_at_the_edge_of_a_group_share_its_places():
    """Eleven students, three places: the best one, and two places for the four who follow with equal totals."""
    totals = np.array([9, 5, 5, 5, 5, 4, 4, 4, 3, 2, 1])
    share = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0.0])
    assert upper_lower(share, totals) == pytest.approx((1 + 2 / 4) / 3)
    assert upper_lower(share[[0, 4, 3, 2, 1, *range(5, 11)]], totals) == pytest.approx((1 + 2 / 4) / 3)


@pytest.mark.parametrize(
    ("share", "n", "low", "high"), [(0.5, 20, 0.2993, 0.7007), (0.0, 20, 0.0, 0.1611), (1.0, 5, 0.5655, 1.0)]
)
def test_wilsons_interval_has_the_published_values(share, n, low, high):
    interval = wilson(share, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-4)


def test_a_statistic_that_most_resamples_leave_undefined_has_no_interval():
    assert np.isnan(percentile_interval(np.array([0.1] * 90 + [np.nan] * 10)).low)
    assert percentile_interval(np.array([0.1] * 99 + [np.nan])).low == pytest.approx(0.1)
