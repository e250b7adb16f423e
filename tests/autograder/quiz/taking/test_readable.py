"""The bank's texts in a terminal: maths one can read, 80 columns, no colours needed."""

import re

import pytest
from rich.cells import cell_len

from autograder.quiz import bank
from autograder.quiz.taking import screen
from autograder.quiz.taking.readable import unicode_maths
from autograder.terminal import console


@pytest.fixture
def plain(monkeypatch):
    """Everything that is shown, in 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


def said(text):
    """A text as one line, whatever the width it was wrapped to."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\sigma'(z) = \sigma(z)\,(1 - \sigma(z))", "σ′(z) = σ(z) (1 − σ(z))"),
        (r"\frac{1}{1 + e^{-z}}", "1/(1 + e^(−z))"),
        (r"\frac{1}{2\sigma^2}", "1/(2σ²)"),
        (r"\frac12 (a - y)^2", "(1/2)(a − y)²"),
        (r"\tfrac12\,(1 + x) + \frac{1}{n}\,", "(1/2) (1 + x) + 1/n"),
        (r"\frac{a + b}{c}", "(a + b)/c"),
        (r"\frac{\partial L}{\partial w}", "∂L/∂w"),
        (r"6.1 \times 10^{-13}", "6.1 × 10⁻¹³"),
        (r"h_{t-1}", "hₜ₋₁"),
        (r"\lambda_{max}/\lambda_{min}", "λ_max/λ_min"),
        (r"w_{i,d}", "w_(i,d)"),
        (r"\sum_{i=1}^n \hat{x}_i^2", "∑_(i=1)ⁿ x̂ᵢ²"),
        (r"\sqrt{2/\pi} \cdot \sqrt x", "√(2/π) · √x"),
        (r"\|g\| \le c", "‖g‖ ≤ c"),
        (r"X^\top \delta", "Xᵀδ"),
        (r"\mathrm{relu}(x) - 2\log x", "relu(x) − 2 log x"),
        (r"\begin{pmatrix} 1 & -2.5 \\ 0 & 1 \end{pmatrix}", "[1, −2.5; 0, 1]"),
        (r"(-1) \cdot -3", "(−1) · −3"),
        (r"\text{fan\_in} \boxed{\ldots}", "fan_in[…]"),
        (r"a < b", "a < b"),
    ],
)
def test_maths_is_readable_text(latex, text):
    assert unicode_maths(latex) == text


def test_every_question_fits_into_80_columns_without_colours_and_latex(plain, capsys):
    questions = bank.questions(student="width")
    for asked in questions:
        screen.show(asked.stem)
        screen.show_listed(("A", option.text) for option in asked.options)
        for text in (
            asked.explanation,
            asked.model,
            *asked.hints,
            *(option.says for option in asked.options),
        ):
            screen.show(text, indent=2)
    output = capsys.readouterr().out
    assert len(output) > 50_000
    assert [line for line in output.splitlines() if cell_len(line) > 80] == []
    assert "\x1b" not in output
    assert re.findall(r"\\[a-zA-Z]+|\$[^ ]|\[\[[a-z]", output) == []


def test_gaps_are_numbered_in_the_order_in_which_they_are_typed(capsys, plain):
    clozes = [asked for asked in bank.questions() if asked.kind == "cloze"]
    assert len(clozes) > 10
    for asked in clozes:
        screen.show(asked.stem)
        found = re.findall(r"\((\d)\)____", said(capsys.readouterr().out))
        assert found == [str(i + 1) for i in range(len(asked.blanks))]


def test_what_looks_like_a_gap_in_code_is_none(capsys, plain):
    screen.show("`np.array([[a]])` and `X[[rows]]`")
    assert said(capsys.readouterr().out) == "np.array([[a]]) and X[[rows]]"


def test_the_console_is_as_wide_as_the_tests_say(plain):
    assert console.width == 80
