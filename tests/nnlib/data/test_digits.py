"""Scikit-learn's digits, with and without scikit-learn."""

import sys

import numpy as np
import pytest

from nnlib.data.digits import digits
from nnlib.data.sampling import stratified_split


@pytest.fixture
def sklearn():
    return pytest.importorskip(
        "sklearn.datasets", reason='needs scikit-learn: pip install "nnlib-course[digits]"'
    )


def test_digits_are_scikit_learns_scaled_to_one(sklearn):
    X, y = digits()
    wanted = sklearn.load_digits()
    assert (X.shape, X.dtype, y.dtype) == ((1797, 64), np.float64, np.int64)
    np.testing.assert_array_equal(X * 16, wanted.data)
    np.testing.assert_array_equal(y, wanted.target)
    assert (X.min(), X.max()) == (0, 1)
    assert np.bincount(y).min() == 174
    assert np.bincount(y).max() == 183


def test_images_have_a_channel_axis_and_the_same_pixels(sklearn):
    images, y = digits(images=True)
    assert images.shape == (1797, 1, 8, 8)
    np.testing.assert_array_equal(images[:, 0], sklearn.load_digits().images / 16)
    np.testing.assert_array_equal(y, digits()[1])


def test_digits_split_by_seed_with_all_classes_in_their_share(sklearn):
    _, y = digits()
    train, test = stratified_split(y, 0.2, np.random.default_rng(0))
    assert (len(train), len(test)) == (1438, 359)
    np.testing.assert_allclose(np.bincount(y[test]), np.bincount(y) * 0.2, atol=1)


@pytest.mark.parametrize("absent", ["sklearn", "sklearn.datasets"])
def test_without_scikit_learn_the_message_says_what_to_install(monkeypatch, absent):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(ModuleNotFoundError) as caught:
        digits()
    assert str(caught.value) == 'digits needs scikit-learn: pip install "nnlib-course[digits]"'
    assert caught.value.name == "sklearn"
    assert caught.value.__suppress_context__


def test_a_broken_scikit_learn_is_reported_as_it_is(monkeypatch, tmp_path):
    package = tmp_path / "sklearn"
    package.mkdir()
    (package / "__init__.py").write_text("import no_such_dependency\n")
    for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_dependency"):
        digits()
