r"""Numbers as people type them: with point or comma, as fractions, in powers of ten, in per cent.

>>> read_number("1/3"), read_number("2,5"), read_number("−1.5 · 10^-3"), read_number("40 %")
(0.3333333333333333, 2.5, -0.0015, 0.4)
>>> read_row("0,5, 1/4", length=2), read_row("1,2,3", length=3)
((0.5, 0.25), (1.0, 2.0, 3.0))
"""

import math
import re

_DECIMAL = r"(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)"
_FACTOR = rf"{_DECIMAL}(?:[eE][+-]?[0-9]+)?(?:\^\(?[+-]?[0-9]+\)?)?"
_PRODUCT = rf"{_FACTOR}(?:\*{_FACTOR})?"
_NUMBER = re.compile(rf"([+-]?)({_PRODUCT})(?:/({_PRODUCT}))?(%?)")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){2,}")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")


def read_number(text: str) -> float:
    """A number with point or comma, as a fraction, in powers of ten, or in per cent.

    Raises:
        ValueError: it is none, or not finite.
    """
    return _value(_tightened(text))


def read_row(text: str, length: int) -> tuple[float, ...]:
    """Numbers beside each other. A comma may part them or be a decimal one: what gives `length` numbers is meant.

    Raises:
        ValueError: one of them is no number.
    """
    text = _tightened(text).strip(" ,;")
    ways = [r";"] if ";" in text else [r",\s+|\s+", r"[,\s]+"]
    readings = []
    for way in ways:
        try:
            readings.append(tuple(_value(part) for part in re.split(way, text)))
        except ValueError:
            continue  # the other way may do
    if not readings:
        raise ValueError(text)
    return next((found for found in readings if len(found) == length), readings[0])


def _tightened(text):
    """One spelling of signs, products and powers, and no blanks inside a number."""
    text = re.sub("[−–]", "-", text)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda power: "^" + power[0].translate(_RAISED), text)
    text = text.replace("**", "^")
    text = re.sub(r"\s*[·×⋅*]\s*|(?<=[0-9])\s*x\s*(?=10\^)", "*", text)
    text = re.sub(r"\s*([/^])\s*", r"\1", text)
    text = re.sub(r"(^|[\s,;(])([+-])\s+(?=[0-9.])", r"\1\2", text)
    return re.sub(r"\s+%", "%", text)


def _value(text):
    text = text.strip()
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    found = _NUMBER.fullmatch(text)
    if not found:
        raise ValueError(text)
    sign, above, below, percent = found.groups()
    try:
        value = _product(above) / (_product(below) if below else 1) / (100 if percent else 1)
    except ArithmeticError as error:  # 1/0, or a power that no float holds
        raise ValueError(text) from error
    if not math.isfinite(value):
        raise ValueError(text)
    return -value if sign == "-" else value


def _product(text):
    value = 1.0
    for factor in text.split("*"):
        base, _, power = factor.replace(",", ".").partition("^")
        value *= float(base) ** int(power.strip("()")) if power else float(base)
    return value
