"""The check of a size at the public edge, shared by this package's modules."""

import operator

import numpy as np


def as_count(name, value, least=1):
    """`value` as a Python int, or an error that says what was wanted.

    Args:
        name: the argument's name.
        value: a whole number; 3.0 is not one.
        least: the smallest that may be used.
    Returns:
        int.
    Raises:
        ValueError: not an integer, or below `least`.

    >>> as_count("classes", 1, least=2)
    Traceback (most recent call last):
    ValueError: classes must be a whole number, at least 2, got 1
    """
    try:
        count = operator.index(value)
    except TypeError:
        count = None
    if count is None or isinstance(value, bool | np.bool_) or count < least:
        raise ValueError(f"{name} must be a whole number, at least {least}, got {value!r}")
    return count
