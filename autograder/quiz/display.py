"""How keys and options are written: numbers to a few significant digits, arrays as LaTeX, shapes as code."""

import numpy as np

MINUS = "−"


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
    array = value if isinstance(value, float | int) else np.asarray(value)
    if np.ndim(array) == 0:
        text = in_latex(array if isinstance(array, float | int) else array.item(), digits)
        return f"${text}$" if "\\" in text else text.replace("-", MINUS)
    rows = array.reshape(-1, array.shape[-1]).tolist()
    body = r" \\ ".join(" & ".join(in_latex(item, digits) for item in row) for row in rows)
    return rf"$\begin{{pmatrix}} {body} \end{{pmatrix}}$"


def in_latex(number: float, digits: int = 3) -> str:
    """A number as LaTeX, in powers of ten where it is very small or large."""
    if isinstance(number, bool | int):
        return str(number)
    if number != number:
        return r"\mathrm{NaN}"
    if number in (float("inf"), float("-inf")):
        return r"\infty" if number > 0 else r"-\infty"
    text = f"{number:.{digits}g}"
    if "e" not in text:
        return "0" if float(text) == 0 else text
    mantissa, exponent = text.split("e")
    if -4 < int(exponent) < 7:
        return f"{float(text):.0f}"
    return rf"{mantissa} \times 10^{{{int(exponent)}}}"
