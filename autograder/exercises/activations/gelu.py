"""`gelu`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import SHAPES, extremes, ordinary, single_precision


def forms(draw):
    """Both forms of GELU on the inputs of `draw`."""
    return lambda rng: [(*inputs, form) for inputs in draw(rng) for form in ("erf", "tanh")]


def gelu_form_ignored(z, form="erf"):
    from nnlib import erf

    return z * 0.5 * (1 + erf(z / 2**0.5))


def gelu_tanh_always(z, form="erf"):
    return 0.5 * z * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3)))


def gelu_root_two_forgotten(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        return 0.5 * z * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3)))
    return z * 0.5 * (1 + erf(z))


def gelu_half_forgotten(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        return z * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3)))
    return z * (1 + erf(z / 2**0.5))


def gelu_z_forgotten(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        return 0.5 * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3)))
    return 0.5 * (1 + erf(z / 2**0.5))


def gelu_cube_forgotten(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        return 0.5 * z * (1 + np.tanh((2 / np.pi) ** 0.5 * z))
    return z * 0.5 * (1 + erf(z / 2**0.5))


def gelu_root_forgotten(z, form="erf"):
    from nnlib import erf

    if form == "tanh":
        return 0.5 * z * (1 + np.tanh((2 / np.pi) * (z + 0.044715 * z**3)))
    return z * 0.5 * (1 + erf(z / 2**0.5))


EXERCISE = Exercise(
    name="gelu",
    reference=nnlib.gelu,
    points=0,
    cases=(
        Case("the erf form", "z between −15 and 15, called without a form", ordinary, weight=3),
        Case("both forms", 'form="erf" and form="tanh"', forms(ordinary), weight=3),
        Case("extreme values", "|z| up to 10,000, in float32 and float64", forms(extremes), weight=2),
        SHAPES,
        Case("float32", "float32 in, float32 out", forms(single_precision), weight=1),
    ),
    mistakes=(
        Mistake(
            gelu_form_ignored,
            'Right for form="erf"; with form="tanh" you return the same values. Where is `form` looked at?',
            card="gelu-forms",
        ),
        Mistake(
            gelu_tanh_always,
            'Right for form="tanh"; the form "erf" differs from it by up to 0.0005. Where is `form` looked at, and '
            "which form comes out when none is given?",
            card="gelu-forms",
        ),
        Mistake(
            gelu_root_two_forgotten,
            "Your erf form is too steep: Φ(1) should be 0.8413. By what is z divided before erf is taken?",
            card="normal-cdf",
        ),
        Mistake(
            gelu_half_forgotten,
            "Everything comes out twice as large as it should. Φ goes from 0 to 1, but 1 + erf goes from 0 to 2.",
            card="normal-cdf",
        ),
        Mistake(
            gelu_z_forgotten,
            "This is Φ(z), the weight. GELU multiplies something by it.",
            card="gelu-formula",
        ),
        Mistake(
            gelu_cube_forgotten,
            'Your form "tanh" has only one term in the bracket beside the factor. Compare the bracket with the '
            "formula.",
            card="gelu-forms",
        ),
        Mistake(
            gelu_root_forgotten,
            'In your form "tanh" the number in front of the bracket is 0.637; it should be 0.798. Compare it with '
            "the formula.",
            card="gelu-forms",
        ),
    ),
    hints=(
        "Write a function for each form first, and choose between them last.",
        "Φ(z) = ½(1 + erf(z/√2)); use Python's `2 ** 0.5`, since `np.sqrt(2)` turns float32 into float64.",
    ),
)
