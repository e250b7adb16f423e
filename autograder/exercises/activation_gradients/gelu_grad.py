"""`gelu_grad`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..activations.cases import EXTREMES, extremes
from ..activations.gelu import forms
from ..schema import Case, Exercise, Mistake
from .cases import ROUNDED, SHAPES, ordinary, single_precision


def gelu_grad_value_for_slope(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        return 0.5 * z * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3)))
    return z * 0.5 * (1 + erf(z / 2**0.5))


def gelu_grad_gate_only(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        return 0.5 * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3)))
    return 0.5 * (1 + erf(z / 2**0.5))


def gelu_grad_product_of_slopes(z, form="erf"):
    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        t = np.tanh(c * (z + 0.044715 * z**3))
        return 0.5 * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)
    return np.exp(-z * z / 2) / (2 * np.pi) ** 0.5


def gelu_grad_z_forgotten(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        t = np.tanh(c * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) + 0.5 * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)
    return 0.5 * (1 + erf(z / 2**0.5)) + np.exp(-z * z / 2) / (2 * np.pi) ** 0.5


def gelu_grad_minus_for_plus(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        t = np.tanh(c * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) - 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)
    return 0.5 * (1 + erf(z / 2**0.5)) - z * np.exp(-z * z / 2) / (2 * np.pi) ** 0.5


def gelu_grad_density_not_scaled(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        t = np.tanh(c * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)
    return 0.5 * (1 + erf(z / 2**0.5)) + z * np.exp(-z * z / 2)


def gelu_grad_density_of_erf(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        t = np.tanh(c * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)
    return 0.5 * (1 + erf(z / 2**0.5)) + z * np.exp(-z * z) / np.pi**0.5


def gelu_grad_form_ignored(z, form="erf"):
    from nnlib import erf

    return 0.5 * (1 + erf(z / 2**0.5)) + z * np.exp(-z * z / 2) / (2 * np.pi) ** 0.5


def gelu_grad_inner_forgotten(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        t = np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) + 0.5 * z * (1 - t**2)
    return 0.5 * (1 + erf(z / 2**0.5)) + z * np.exp(-z * z / 2) / (2 * np.pi) ** 0.5


def gelu_grad_three_forgotten(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        t = np.tanh(c * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 0.044715 * z**2)
    return 0.5 * (1 + erf(z / 2**0.5)) + z * np.exp(-z * z / 2) / (2 * np.pi) ** 0.5


def gelu_grad_tanh_always(z, form="erf"):
    c = (2 / np.pi) ** 0.5
    t = np.tanh(c * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)


def gelu_grad_root_not_taken(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        t = np.tanh(c * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)
    return 0.5 * (1 + erf(z / 2**0.5)) + z * np.exp(-z * z / 2) / (4 * np.pi)


def gelu_grad_slope_at_the_output(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        t = np.tanh(c * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) + 0.5 * z * (1 - np.tanh(t) ** 2) * c * (1 + 3 * 0.044715 * z**2)
    return 0.5 * (1 + erf(z / 2**0.5)) + z * np.exp(-z * z / 2) / (2 * np.pi) ** 0.5


def gelu_grad_z_replaced(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        t = np.tanh(c * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)
    z = z / 2**0.5
    return 0.5 * (1 + erf(z)) + z * np.exp(-z * z) / (2 * np.pi) ** 0.5


EXERCISE = Exercise(
    name="gelu_grad",
    reference=nnlib.gelu_grad,
    points=2,
    needs=("tanh_grad",),
    compare=ROUNDED,
    cases=(
        Case("the erf form", "z between −15 and 15, called without a form", ordinary, weight=4),
        Case("both forms", 'form="erf" and form="tanh"', forms(ordinary), weight=2),
        Case("extreme values", EXTREMES.says, forms(extremes), weight=1),
        SHAPES,
        Case("float32", "float32 in, float32 out", forms(single_precision), weight=1),
    ),
    mistakes=(
        Mistake(
            gelu_grad_value_for_slope,
            "Your answer equals gelu(z) itself. Which of the two did the exercise ask for, the height or the slope?",
            card="value-and-slope",
        ),
        Mistake(
            gelu_grad_gate_only,
            "You return the gate, as if it were a constant factor. The gate changes with z as well: what does the "
            "product rule add?",
            card="product-rule",
        ),
        Mistake(
            gelu_grad_product_of_slopes,
            "You multiplied the slope of z by the slope of the gate. The slope of a product is not the product of the "
            "slopes.",
            card="product-rule",
        ),
        Mistake(
            gelu_grad_z_forgotten,
            "Both terms of the product rule are there, but the second lacks a factor: it is the gate's slope times what?",
            card="product-rule",
        ),
        Mistake(
            gelu_grad_minus_for_plus,
            "Both terms are right and one is subtracted from the other. Which sign stands between the terms of the "
            "product rule?",
            card="product-rule",
        ),
        Mistake(
            gelu_grad_density_not_scaled,
            "In the erf form your density φ is too large: the area under it should be 1, and φ(0) should be 0.3989. "
            "What is e^(−z²/2) divided by?",
            card="normal-density",
        ),
        Mistake(
            gelu_grad_density_of_erf,
            "In the erf form you differentiated erf at z. It is taken at z/√2: where does that √2 go, in the exponent "
            "and in front of it?",
            card="chain-rule",
        ),
        Mistake(
            gelu_grad_form_ignored,
            'Right for form="erf"; with form="tanh" you return the same values. The slope has to be that of the form '
            "that was used forward.",
            card="gelu-forms",
        ),
        Mistake(
            gelu_grad_inner_forgotten,
            'Right for form="erf". In the form "tanh" the slope of tanh is taken at u, and u depends on z: which factor '
            "does the chain rule bring out?",
            card="chain-rule",
        ),
        Mistake(
            gelu_grad_three_forgotten,
            'Right for form="erf". In the form "tanh" one number is wrong: what is the derivative of 0.044715 z³?',
            card="chain-rule",
        ),
        Mistake(
            gelu_grad_tanh_always,
            'Right for form="tanh"; the form "erf" has slopes that differ from these by up to 0.0009. Where is '
            "`form` looked at, and which form comes out when none is given?",
            card="gelu-forms",
        ),
        Mistake(
            gelu_grad_root_not_taken,
            "In the erf form your density φ is too small: φ(0) should be 0.3989 and comes out as 0.0796. Python reads "
            "`a / b ** 1 / 2` from left to right: where do brackets belong?",
            card="normal-density",
        ),
        Mistake(
            gelu_grad_slope_at_the_output,
            'Right for form="erf". In the form "tanh" the slope of tanh is taken at tanh(u): does `tanh_grad` expect the '
            "input or the output?",
            card="grad-takes-input",
        ),
        Mistake(
            gelu_grad_z_replaced,
            "In the erf form your second term is too small by a factor of √2. Has the name z been given a new value on "
            "the way, and which part of the formula still needs the old one?",
            card="product-rule",
        ),
    ),
    hints=(
        "gelu(z) is a product of two things that change with z: z itself, and the gate.",
        "Product rule: (z·gate)′ = 1·gate + z·gate′. For the erf form, Φ′(z) = φ(z) = e^(−z²/2)/√(2π).",
        'For the form "tanh": gate = ½(1 + tanh(u)), so gate′ = ½·tanh′(u)·u′, and u′ = √(2/π)·(1 + 3·0.044715·z²).',
    ),
)
