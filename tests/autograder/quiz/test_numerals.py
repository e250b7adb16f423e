"""Numbers are read as they were meant, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.quiz.numerals import read_number, read_row

NUMBERS = {
    "0.25": 0.25, "0,25": 0.25, ".5": 0.5, "5.": 5, "+3": 3, "-3": -3, "−3": -3, "– 3": -3, " 7 ": 7,
    "1e-3": 1e-3, "1E3": 1000, "−1.5e+2": -150, "1/3": 1 / 3, "-1 / 4": -0.25, "2,5/5": 0.5,
    "10^-12": 1e-12, "10^(−12)": 1e-12, "10**-12": 1e-12, "10⁻¹²": 1e-12, "2^10": 1024, "-2^2": -4,
    "6.1 · 10^-13": 6.1e-13, "6.1×10⁻¹³": 6.1e-13, "6,1 x 10^-13": 6.1e-13, "6.1*10**-13": 6.1e-13,
    "40 %": 0.4, "12.5%": 0.125, "2,490,368": 2490368, "1/10^2": 0.01,
}  # fmt: skip
NO_NUMBERS = [
    "", "abc", "1 2", "1,2,3", "1.2.3", "--1", "1/0", "0^-1", "nan", "inf", "1e400", "10^999", "0x10", "1_000", "3 nats",
    "e^2", "1/", "%", "²", "１２", "10^9999999999", "1/2/3", "__import__('os')",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_a_number_is_read_as_it_was_meant(text, value):
    assert read_number(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 the text that was refused is all it says
        read_number(text)
    assert caught.value.args


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read_back(number):
    assert read_number(repr(number)) == number
    assert read_number(f"{number:.17g}".replace(".", ",").replace("-", "−")) == number


@pytest.mark.parametrize(
    ("text", "length", "row"),
    [
        ("1, 2, 3", 3, (1, 2, 3)),
        ("1,2,3", 3, (1, 2, 3)),
        ("1 2 3", 3, (1, 2, 3)),
        ("1,2 3,4", 2, (1.2, 3.4)),
        ("1,2 3,4", 4, (1, 2, 3, 4)),
        ("0,5, 0,25", 2, (0.5, 0.25)),
        ("0,5; 0,25", 2, (0.5, 0.25)),
        ("1,5", 2, (1, 5)),
        ("1,5", 1, (1.5,)),
        ("1, − 2, 1 / 3", 3, (1, -2, 1 / 3)),
        ("1 · 10^-3, 50 %", 2, (0.001, 0.5)),
        ("1, 2", 3, (1, 2)),
    ],
)
def test_a_comma_parts_numbers_or_is_a_decimal_one(text, length, row):
    assert read_row(text, length) == pytest.approx(row)
