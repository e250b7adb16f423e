"""Balancing and splitting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.data.sampling import balanced_labels, stratified_split

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=50)


@SETTINGS
@given(st.integers(1, 12), st.integers(0, 40), st.integers(0, 5))
def test_classes_differ_in_size_by_one_at_most_and_the_first_are_larger(classes, more, seed):
    n = classes + more
    y = balanced_labels(n, classes, np.random.default_rng(seed))
    sizes = np.bincount(y, minlength=classes)
    assert y.dtype == np.int64
    assert sizes.tolist() == [n // classes + (k < n % classes) for k in range(classes)]


def test_labels_are_shuffled():
    y = balanced_labels(1000, 2, np.random.default_rng(0))
    changes = np.count_nonzero(np.diff(y))
    assert 430 < changes < 570  # 500 ± 4.4 standard deviations; 999 for 0, 1, 0, 1, …; 1 for sorted


@SETTINGS
@given(st.lists(st.integers(2, 30), min_size=1, max_size=5), st.floats(0.1, 0.9), st.integers(0, 5))
def test_a_split_is_a_partition_with_each_class_within_one_row_of_its_share(sizes, fraction, seed):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(sizes)) * 7 - 3, sizes))  # labels need not be 0, 1, …
    n = len(y)
    if not 0 < round(n * fraction) < n:
        return
    train, test = stratified_split(y, fraction, rng)
    assert len(test) == round(n * fraction)
    assert sorted([*train, *test]) == list(range(n))
    for label, size in zip(np.unique(y), sizes, strict=True):
        assert abs(np.count_nonzero(y[test] == label) - size * fraction) < 1


def test_missing_rows_go_to_the_largest_remainders():
    y = np.repeat([0, 1, 2], [3, 7, 6])  # of 4: shares 0.75, 1.75, 1.5
    _, test = stratified_split(y, 0.25, np.random.default_rng(0))
    assert np.bincount(y[test]).tolist() == [1, 2, 1]


def test_a_split_depends_on_the_seed_alone_and_is_shuffled():
    y = np.arange(200) % 4
    before = y.copy()
    first, again = (stratified_split(y, 0.3, np.random.default_rng(3)) for _ in range(2))
    other = stratified_split(y, 0.3, np.random.default_rng(4))
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert set(a) != set(c)
        assert 0.3 < np.mean(np.diff(a) > 0) < 0.7
    np.testing.assert_array_equal(y, before)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: balanced_labels(2, 3, rng), "n must be a whole number, at least 3, got 2"),
        (lambda rng: balanced_labels(2, 0, rng), "classes must be a whole number, at least 1, got 0"),
        (lambda rng: stratified_split([0.0, 1.0], 0.5, rng), "y must be one axis of integers"),
        (lambda rng: stratified_split([[0, 1]], 0.5, rng), r"got shape \(1, 2\)"),
        (lambda rng: stratified_split([0, 1], 0.0, rng), r"test_fraction must be in \(0, 1\), got 0.0"),
        (lambda rng: stratified_split([0, 1], 1, rng), r"test_fraction must be in \(0, 1\), got 1"),
        (
            lambda rng: stratified_split([0, 1], 0.1, rng),
            "test_fraction 0.1 of 2 rows would leave a part empty",
        ),
        (
            lambda rng: stratified_split([0, 1], 0.9, rng),
            "test_fraction 0.9 of 2 rows would leave a part empty",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))
