"""How keys and options are written: numbers to a few significant digits, arrays as LaTeX, shapes as code."""

from collections.abc import Iterable

import numpy as np

MINUS = "−"
_NUMBERS = (float, int)
_SIGNIFICANT = [f".{digits}g" for digits in range(18)]


def shown(value: object, digits: int = 3) -> str:
    r"""A value as Markdown: a text as it is, a tuple of whole numbers as a shape, the rest as numbers and maths.

    >>> shown(0.8807970779778823)
    '0.881'
    >>> shown(6.1e-13)
    '$6.1 \\times 10^{-13}$'
    >>> shown((3, 4))
    '`(3, 4)`'
    >>> shown(np.array([[1.0, 2.5], [0.0, -1.0]]))
    '$\\begin{pmatrix} 1 & 2.5 \\\\ 0 & -1 \\end{pmatrix}$'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, tuple) and all(type(item) is int for item in value):
        return f"`{value}`"
    if not isinstance(value, _NUMBERS):
        array = np.asarray(value)
        if array.ndim:
            return f"${_matrix(array, digits)}$"
        value = array.item()
    text = in_latex(value, digits)
    return f"${text}$" if "\\" in text else text.replace("-", MINUS)


def _matrix(array, digits):
    rows = array.reshape(-1, array.shape[-1]).tolist()
    body = r" \\ ".join([" & ".join([in_latex(item, digits) for item in row]) for row in rows])
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def in_latex(number: float, digits: int = 3) -> str:
    """A number as LaTeX, in powers of ten where it is very small or large."""
    if isinstance(number, int):
        return str(number)
    text = format(number, _SIGNIFICANT[digits])
    if text[-1] in "fn":
        return {"inf": r"\infty", "-inf": r"-\infty"}.get(text, r"\mathrm{NaN}")
    if "e" not in text:
        return "0" if text == "-0" else text
    mantissa, exponent = text.split("e")
    if -4 < int(exponent) < 7:
        return f"{float(text):.0f}"
    return rf"{mantissa} \times 10^{{{int(exponent)}}}"


def tex(value: object, digits: int = 3) -> str:
    r"""A number or an array as LaTeX, to stand within a formula.

    >>> tex([1, -2.5])
    '\\begin{pmatrix} 1 & -2.5 \\end{pmatrix}'
    """
    array = np.asarray(value)
    return _matrix(array, digits) if array.ndim else in_latex(array.item(), digits)


def bracketed(number: float, digits: int = 6) -> str:
    """A number as a factor of a product: in brackets where it is negative.

    >>> bracketed(-0.5)
    '(-0.5)'
    """
    text = format(number, _SIGNIFICANT[digits])
    return f"({text})" if number < 0 else text


def listed(numbers: Iterable[float]) -> str:
    """Numbers with commas between them.

    >>> listed([1.0, 2.5])
    '1, 2.5'
    """
    return ", ".join([f"{number:g}" for number in numbers])
