"""The check of a size."""

import numpy as np
import pytest

from nnlib.data._counts import as_count


@pytest.mark.parametrize("value", [0, -3, 2.0, True, np.True_, "3", None, np.array([3])], ids=repr)
def test_what_is_no_count_is_named(value):
    with pytest.raises(ValueError, match="n must be a whole number, at least 1, got ") as caught:
        as_count("n", value)
    assert str(caught.value).endswith(f"got {value!r}")


def test_numpy_integers_count_and_become_plain_ones():
    assert type(as_count("n", np.int32(3))) is int


def test_the_least_is_allowed_and_one_below_is_not():
    assert as_count("n", 2, least=2) == 2
    with pytest.raises(ValueError, match="n must be a whole number, at least 2, got 1"):
        as_count("n", 1, least=2)
