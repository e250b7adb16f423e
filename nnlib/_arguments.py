"""Checks at the library's public edge, shared by its modules."""

import numpy as np


def as_float(values, name="z"):
    """`values` as a floating array: a float dtype is kept, integers and booleans become float64.

    The result may be the argument itself, so it must not be written to.

    Args:
        values: (...) real numbers: an array, a number or nested lists.
        name: what the caller calls them, for the message.
    Returns:
        (...) array of a float dtype.
    Raises:
        TypeError: complex numbers, text or objects.

    >>> as_float([1, 2]).dtype, as_float(np.float32(1)).dtype
    (dtype('float64'), dtype('float32'))
    """
    array = np.asarray(values)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    return array


def as_parameter(name, value, allowed, wanted):
    """`value` as a Python float, or an error that says what was wanted.

    A Python float, unlike `np.float64`, leaves the dtype of a float32 array as it is.

    Args:
        name: the parameter's name.
        value: one real number.
        allowed: whether the value may be used.
        wanted: the range in words, such as "in [0, 1)".
    Returns:
        float.
    Raises:
        ValueError: `allowed` is false.

    >>> as_parameter("slope", 1.2, 0 <= 1.2 < 1, "in [0, 1)")
    Traceback (most recent call last):
    ValueError: slope must be in [0, 1), got 1.2
    """
    if not allowed:
        raise ValueError(f"{name} must be {wanted}, got {value}")
    return float(value)


def as_pair(name, value, least):
    """`value` as a tuple of two whole numbers, for height and width; a single one stands for both.

    Args:
        name: the parameter's name.
        value: one whole number, or a tuple or list of two.
        least: the smallest that is allowed.
    Returns:
        (int, int).
    Raises:
        ValueError: another number of them, a fraction, or one below `least`.

    >>> as_pair("stride", 2, 1), as_pair("padding", (0, 1), 0)
    ((2, 2), (0, 1))
    """
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or not all(isinstance(n, (int, np.integer)) and n >= least for n in pair):
        raise ValueError(
            f"{name} must be a whole number of at least {least}, or a pair of them, got {value!r}"
        )
    return pair
