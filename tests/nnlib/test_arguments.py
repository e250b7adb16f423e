"""What the library's public edge lets in, and what it says to the rest."""

import numpy as np
import pytest

from nnlib._arguments import as_float, as_parameter


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_float_dtypes_are_kept(dtype):
    assert as_float(np.zeros(3, dtype)).dtype == dtype


@pytest.mark.parametrize("values", [3, [1, 2], True, np.zeros(2, np.uint8), []])
def test_integers_booleans_and_empty_lists_become_float64(values):
    assert as_float(values).dtype == np.float64


@pytest.mark.parametrize("values", [1j, "1.0", [None]])
def test_what_is_not_real_is_named(values):
    with pytest.raises(TypeError, match="upstream must hold real numbers, got dtype"):
        as_float(values, "upstream")


def test_a_parameter_becomes_a_python_float():
    assert type(as_parameter("beta", np.float64(2), True, "finite")) is float


def test_a_parameter_out_of_range_is_named():
    with pytest.raises(ValueError, match=r"^beta must be finite, got inf$"):
        as_parameter("beta", np.inf, False, "finite")
