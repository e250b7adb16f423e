"""Lesson 01: activation functions.

Above each exercise stand its mistakes, whole wrong answers that a student could have handed in.
"""

from dataclasses import replace

import numpy as np

import nnlib

from .. import drives
from .schema import Case, Compare, Exercise, Mistake

LESSON = "01_activations"

# Far in the tail the right answer is tiny; only a relative tolerance can see whether it is right.
# float32 numbers below 1e-38 have few digits left.
TAIL = Compare(rtol=1e-9, atol=0.0, rtol32=2e-3, atol32=0.0)

SAME_VALUES = "its values are right; only what it does beside them is not"
NEEDS_ARRAY = "it fails on anything but a plain number"


def ordinary(rng):
    return [(rng.uniform(-4, 4, size=7),), (rng.uniform(-15, 15, size=(3, 5)),)]


def shapes(rng):
    return [(np.asarray(rng.normal(size=shape)),) for shape in ((1,), (4, 1), (2, 3, 5), ())]


def extremes(rng):
    z = np.concatenate([[-1e4, -1e3, 1e3, 1e4, 0.0], rng.uniform(100, 5000, 4) * [-1, 1, -1, 1]])
    return [(z,), (z.astype(np.float32),)]


def single_precision(rng):
    return [(rng.uniform(-4, 4, size=(3, 4)).astype(np.float32),)]


def tails(rng):
    return [(rng.uniform(-700, -40, size=6),), (rng.uniform(-95, -89.5, size=6).astype(np.float32),)]


ORDINARY = Case("ordinary values", "z between −15 and 15", ordinary, weight=4)
SHAPES = Case("shapes", "shapes (1,), (4, 1), (2, 3, 5) and ()", shapes, weight=1)
EXTREMES = Case("extreme values", "|z| up to 10,000, in float32 and float64", extremes, weight=3)
FLOAT32 = Case("float32", "float32 in, float32 out", single_precision, weight=1)
TAILS = Case(
    "the small tail", "far below zero, where the answer is tiny but not 0", tails, weight=1, compare=TAIL
)


def sigmoid_exp_overflow(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_sign_lost(z):
    return 1 / (1 + np.exp(np.clip(z, -700, 700)))


def sigmoid_base_two(z):
    return 1 / (1 + 2.0 ** np.clip(-z, -1000, 1000))


def sigmoid_tail_rounded_away(z):
    return (0.5 * (1 + np.tanh(z / 2))).astype(z.dtype)


def sigmoid_minus_for_plus(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 - e, e)


def sigmoid_numerator_of_one(z):
    e = np.exp(-np.abs(z))
    return 1 / (1 + e)


def sigmoid_both_sides_computed(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


SIGMOID = Exercise(
    name="sigmoid",
    reference=nnlib.sigmoid,
    points=2,
    # The naive formula is right at ±10,000, by luck: 1/∞ is 0. Its overflow shows in the tail.
    cases=(ORDINARY, replace(EXTREMES, weight=2), SHAPES, FLOAT32, replace(TAILS, weight=3)),
    mistakes=(
        Mistake(
            sigmoid_exp_overflow,
            "Your formula is right on paper, but `np.exp(-z)` leaves the range of floating-point numbers when z is "
            "very negative. Which other form of σ(z) has only exponentials of numbers that are not positive?",
            card="sigmoid-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            sigmoid_sign_lost,
            "Your values fall from 1 to 0 as z grows; σ rises. Look at the sign in the exponent.",
            card="sigmoid-formula",
        ),
        Mistake(
            sigmoid_base_two,
            "Your curve has the right shape but is too flat: σ(1) should be 0.731. Which number is being raised to "
            "the power −z?",
            card="sigmoid-formula",
        ),
        Mistake(
            sigmoid_tail_rounded_away,
            "Far below zero you return exactly 0, where the answer is tiny but not 0. Somewhere a tiny number is added "
            "to a number near 1 (or to −1), and rounding swallows it.",
            card="sigmoid-tail",
            no_distractor="it differs from the right value only by rounding",
        ),
        Mistake(
            sigmoid_minus_for_plus,
            "One exponential is right, but what you do with it is not: σ(0) should be ½. Compare your denominator with "
            "the formula's.",
            card="sigmoid-formula",
        ),
        Mistake(
            sigmoid_numerator_of_one,
            "Your values are right for z ≥ 0 and mirrored for z < 0: both sides come out above ½. With e = exp(−|z|), "
            "what is the numerator when z is negative?",
            card="sigmoid-overflow",
        ),
        Mistake(
            sigmoid_both_sides_computed,
            "Your values are right, and both formulas are; but `np.where` computes both for every element before it "
            "picks, and the one that it does not pick overflows. Which single exponential is safe everywhere?",
            card="sigmoid-overflow",
            no_distractor=SAME_VALUES,
        ),
    ),
    hints=(
        "Try z = −1000 on paper. Which part of 1/(1 + e^(−z)) becomes huge?",
        "Multiply the numerator and the denominator by e^z. For which z is this second form the safe one?",
        "`np.where(z >= 0, a, b)` picks elementwise but computes both a and b. An exponential of −|z| is safe on both sides.",
    ),
)


def tanh_exp_overflow(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def tanh_one_sided_overflow(z):
    return (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)


def tanh_one_sided_underflow(z):
    return (1 - np.exp(-2 * z)) / (1 + np.exp(-2 * z))


def tanh_half_the_slope(z):
    e = np.exp(-np.abs(z))
    return np.sign(z) * (1 - e) / (1 + e)


def tanh_sinh(z):
    z = np.clip(z, -80, 80)
    return (np.exp(z) - np.exp(-z)) / 2


def tanh_sign_lost(z):
    e = np.exp(-2 * np.abs(z))
    return (1 - e) / (1 + e)


def tanh_upside_down(z):
    e = np.exp(-2 * np.abs(z))
    return -np.sign(z) * (1 - e) / (1 + e)


TANH = Exercise(
    name="tanh",
    reference=nnlib.tanh,
    points=2,
    cases=(ORDINARY, EXTREMES, SHAPES, FLOAT32),
    mistakes=(
        Mistake(
            tanh_exp_overflow,
            "Right near zero, NaN far from it: there both the numerator and the denominator become infinite. Divide "
            "both by the larger exponential before you compute.",
            card="tanh-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            tanh_one_sided_overflow,
            "Right for negative z, NaN for large positive z: `np.exp(2 * z)` overflows on one side. What could stand "
            "in the exponent that is never positive?",
            card="tanh-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            tanh_one_sided_underflow,
            "Right for positive z, NaN for large negative z: `np.exp(-2 * z)` overflows on one side. What could stand "
            "in the exponent that is never positive?",
            card="tanh-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            tanh_half_the_slope,
            "Your curve is tanh(z/2): it reaches the right limits too slowly. Divide (e^z − e^(−z)) / (e^z + e^(−z)) by "
            "e^z above and below, and look at the exponent that you get.",
            card="tanh-and-sigmoid",
        ),
        Mistake(
            tanh_sinh,
            "Your values grow without bound; tanh stays between −1 and 1. The numerator is there. What is it divided by?",
            card="tanh-formula",
        ),
        Mistake(
            tanh_sign_lost,
            "Your curve is the same on both sides of zero; tanh is odd: tanh(−z) = −tanh(z). Where did the sign of z go?",
            card="tanh-formula",
        ),
        Mistake(
            tanh_upside_down,
            "Your curve falls from 1 to −1; tanh rises. Which exponential is subtracted from which?",
            card="tanh-formula",
        ),
    ),
    hints=(
        "Try z = 1000 on paper: which parts of the formula become infinite?",
        "tanh is odd. Compute it for |z| first, and give the sign back at the end.",
        "For z ≥ 0, divide numerator and denominator by e^z: only e^(−2z) is left, which is never above 1.",
    ),
)


def at_the_kink(rng):
    tiny = rng.uniform(1e-12, 1e-8, 3)
    return [(np.concatenate([[0.0], tiny, -tiny]),), (tiny,), (-tiny,)]


KINK = Case(
    "at the kink",
    "z = 0 and its near neighbours on both sides and on one",
    at_the_kink,
    weight=1,
    compare=Compare(rtol=1e-9, atol=0.0),
)


def relu_in_place(z):
    z[z < 0] = 0
    return z


def relu_slope_for_value(z):
    return (z > 0).astype(z.dtype)


def relu_wrong_side(z):
    return np.minimum(0, z)


def relu_absolute_value(z):
    return np.abs(z)


def relu_identity(z):
    return z.copy()


def relu_builtin_max(z):
    return max(0, z)


def relu_largest_element(z):
    return np.max(z, 0)


RELU = Exercise(
    name="relu",
    reference=nnlib.relu,
    points=2,
    cases=(ORDINARY, EXTREMES, SHAPES, FLOAT32, KINK),
    mistakes=(
        Mistake(
            relu_in_place,
            "Your values are right, but your function wrote into the array that it was given. Whoever called it still "
            "needs z (backpropagation does). Return a new array.",
            card="relu-new-array",
            no_distractor=SAME_VALUES,
        ),
        Mistake(
            relu_slope_for_value,
            "You return 1 wherever z is positive: that is the slope of ReLU. What is its value there?",
            card="relu-and-its-slope",
        ),
        Mistake(
            relu_wrong_side,
            "You keep the negative side and cut off the positive one. Which of the two does ReLU let through?",
            card="relu-formula",
        ),
        Mistake(
            relu_absolute_value,
            "Negative inputs come out positive: that is |z|. What should become of them?",
            card="relu-formula",
        ),
        Mistake(
            relu_identity,
            "Negative inputs pass unchanged, so there is no bend: this is the identity. What should become of them?",
            card="relu-formula",
        ),
        Mistake(
            relu_builtin_max,
            "Python's `max` compares whole objects, and an array has no single truth value. NumPy has a function that "
            "takes the larger of two values elementwise.",
            card="elementwise",
            no_distractor=NEEDS_ARRAY,
        ),
        Mistake(
            relu_largest_element,
            "`np.max(z, 0)` is the largest element along axis 0. NumPy's function with a longer name compares two "
            "arguments elementwise.",
            card="elementwise",
            no_distractor="it gives another shape, and the right value for a plain number",
        ),
    ),
    hints=(
        "There are two cases: z above 0, and all the rest. Say in words what comes out in each.",
        "NumPy compares elementwise with `np.maximum`, or picks elementwise with `np.where`.",
    ),
)


def ordinary_slopes(rng):
    z = rng.uniform(-4, 4, size=(3, 5))
    return [(z, slope) for slope in (0.1, float(rng.uniform(0.2, 0.9)), 0.0)]


def extreme_slopes(rng):
    return [(*z, float(rng.uniform(0.05, 0.5))) for z in extremes(rng)]


def single_precision_slopes(rng):
    return [(*z, 0.2) for z in single_precision(rng)]


def slopes_at_the_kink(rng):
    return [(*z, 0.3) for z in at_the_kink(rng)]


def leaky_relu_wrong_side(z, slope=0.01):
    return np.where(z > 0, slope * z, z)


def leaky_relu_slope_ignored(z, slope=0.01):
    return np.where(z > 0, z, 0.01 * z)


def leaky_relu_slope_for_value(z, slope=0.01):
    return np.where(z > 0, z, slope).astype(z.dtype)


def leaky_relu_sign_lost(z, slope=0.01):
    return np.where(z > 0, z, -slope * z)


def leaky_relu_no_leak(z, slope=0.01):
    return np.where(z > 0, z, 0 * z)


def leaky_relu_divided(z, slope=0.01):
    return np.where(z > 0, z, z / max(slope, 1e-6))


LEAKY_RELU = Exercise(
    name="leaky_relu",
    reference=nnlib.leaky_relu,
    points=2,
    cases=(
        Case("slopes", "z between −4 and 4 with several slopes", ordinary_slopes, weight=4),
        Case("default slope", "called without a slope: 0.01", ordinary, weight=2),
        Case("extreme values", "|z| up to 10,000, in float32 and float64", extreme_slopes, weight=1),
        SHAPES,
        Case("float32", "float32 in, float32 out", single_precision_slopes, weight=1),
        Case("at the kink", KINK.says, slopes_at_the_kink, weight=1, compare=KINK.compare),
    ),
    mistakes=(
        Mistake(
            leaky_relu_wrong_side,
            "The slope is on the positive side. Which side of zero should leak?",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_slope_ignored,
            "Right for slope = 0.01 only: the argument `slope` is not used. Look for a number written where the name "
            "should stand.",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_slope_for_value,
            "For negative z you return the slope itself, the same number everywhere. A line with that slope through 0 "
            "has which value at z?",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_sign_lost,
            "Negative inputs come out positive. The line for z < 0 goes on downwards through 0; look at its sign.",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_no_leak,
            "Negative inputs become 0: that is the plain ReLU. What should still come through when z < 0?",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_divided,
            "For negative z your line is far too steep: you divide by the slope. What does a slope do to z?",
            card="leaky-relu-formula",
        ),
    ),
    hints=(
        "It is ReLU with one side changed. Write down what comes out for z = −2 and slope = 0.1.",
        "`np.where(z > 0, …, …)`: the first value is as in ReLU, the second one is a straight line through 0.",
    ),
)


def softplus_exp_overflow(z):
    return np.log(1 + np.exp(z))


def softplus_log1p_overflow(z):
    return np.log1p(np.exp(z))


def softplus_tail_rounded_away(z):
    return np.maximum(z, 0) + np.log(1 + np.exp(-np.abs(z)))


def softplus_base_two(z):
    return np.maximum(z, 0) + np.log2(1 + np.exp(-np.abs(z)))


def softplus_base_ten(z):
    return np.maximum(z, 0) + np.log10(1 + np.exp(-np.abs(z)))


def softplus_safe_on_one_side(z):
    return z + np.log1p(np.exp(-z))


def softplus_line_forgotten(z):
    return np.log1p(np.exp(-np.abs(z)))


def softplus_one_forgotten(z):
    return np.log(np.exp(np.clip(z, -80, 80)))


def softplus_relu(z):
    return np.maximum(z, 0)


SOFTPLUS = Exercise(
    name="softplus",
    reference=nnlib.softplus,
    points=3,
    cases=(ORDINARY, EXTREMES, SHAPES, FLOAT32, TAILS),
    mistakes=(
        Mistake(
            softplus_exp_overflow,
            "Right on paper, but `np.exp(z)` becomes infinite for large z, where the answer is about z. Take the large "
            "part out of the logarithm: log(1 + e^z) = z + log(1 + e^(−z)).",
            card="softplus-stable",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            softplus_log1p_overflow,
            "`log1p` keeps the small tail, well done; for large z `np.exp(z)` still becomes infinite, where the answer "
            "is about z. Take the large part out of the logarithm.",
            card="softplus-stable",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            softplus_tail_rounded_away,
            "Stable for large z, but exactly 0 for very negative z: 1 + 1e-22 rounds to 1 before the logarithm sees it. "
            "NumPy has a logarithm made for numbers near 1.",
            card="log1p",
            no_distractor="it differs from the right value only by rounding",
        ),
        Mistake(
            softplus_base_two,
            "softplus(0) should be 0.693, the natural logarithm of 2. Which base does your logarithm have?",
            card="softplus-formula",
        ),
        Mistake(
            softplus_base_ten,
            "softplus(0) should be 0.693, the natural logarithm of 2; yours is 0.301. Which base does your logarithm have?",
            card="softplus-formula",
        ),
        Mistake(
            softplus_safe_on_one_side,
            "Right for positive z, infinite for very negative z: now `np.exp(-z)` overflows there. What could stand in "
            "the exponent that is never positive?",
            card="softplus-stable",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            softplus_line_forgotten,
            "Right for negative z, but for positive z your curve goes back to 0; it should rise like z. When e^z was "
            "taken out of the logarithm, what had to be added?",
            card="softplus-stable",
        ),
        Mistake(
            softplus_one_forgotten,
            "The logarithm of e^z is z itself: your curve is a straight line. What stands beside e^z inside the "
            "logarithm?",
            card="softplus-formula",
        ),
        Mistake(
            softplus_relu,
            "This is ReLU, with its sharp corner at 0. Softplus is the smooth version: softplus(0) is 0.693.",
            card="softplus-formula",
        ),
    ),
    hints=(
        "Try z = 1000: e^z is infinite, but the answer is 1000. Which part of the sum 1 + e^z matters there?",
        "log(1 + e^z) = z + log(1 + e^(−z)) is safe for z ≥ 0, and the form you began with for z < 0. Can one line say both?",
        "max(z, 0) + log(1 + e^(−|z|)), with a logarithm that is exact near 1: see `np.log1p`.",
    ),
)


def neurons(rng):
    return [
        (rng.normal(size=(5, 3)), rng.normal(size=3), float(rng.uniform(0.5, 2)), "tanh"),
        (rng.normal(size=(3, 4)), rng.normal(size=4), float(rng.uniform(-2, -0.5)), "rectify"),
    ]


def one_example(rng):
    return [(rng.normal(size=(1, 6)), rng.normal(size=6), float(rng.uniform(0.5, 2)), "tanh")]


def other_functions(rng):
    X, w = rng.normal(size=(4, 2)), rng.normal(size=2)
    return [(X, w, 1.5, name) for name in ("identity", "square")]


def single_precision_neuron(rng):
    X, w = rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    return [(X, w, 0.5, "tanh")]


def weighted_sum_bias_dropped(X, w, b, f):
    return f(X @ w)


def weighted_sum_bias_after(X, w, b, f):
    return f(X @ w) + b


def weighted_sum_no_activation(X, w, b, f):
    return X @ w + b


def weighted_sum_no_sum(X, w, b, f):
    return f(X * w + b)


def weighted_sum_over_examples(X, w, b, f):
    return f((X * w).sum(axis=0) + b)


def weighted_sum_bias_times_inputs(X, w, b, f):
    return f((X * w + b).sum(axis=1))


def weighted_sum_activation_first(X, w, b, f):
    return f(X) @ w + b


def weighted_sum_mean(X, w, b, f):
    return f((X * w).mean(axis=1) + b)


def weighted_sum_own_function(X, w, b, f):
    return 1 / (1 + np.exp(-(X @ w + b)))


def reference_weighted_sum(X, w, b, f):
    """A neuron: f(X·w + b), X (N, D), w (D,), b a number, f elementwise; result (N,)."""
    return f(X @ w + b)


WEIGHTED_SUM = Exercise(
    name="weighted_sum",
    reference=reference_weighted_sum,
    drive=drives.call_with_function,
    points=3,
    cases=(
        Case("several examples", "X of shape (5, 3) and (3, 4), a bias of either sign", neurons, weight=4),
        Case("one example", "X of shape (1, 6)", one_example, weight=1),
        Case("other functions", "f another function than the one in the text", other_functions, weight=2),
        Case("float32", "float32 in, float32 out", single_precision_neuron, weight=1),
    ),
    mistakes=(
        Mistake(
            weighted_sum_bias_dropped,
            "Your values are those of a neuron without a bias. Where should b come in?",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_bias_after,
            "The bias is added after the activation. Does it belong inside f or outside?",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_no_activation,
            "This is the weighted sum itself; f has not been applied to it.",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_no_sum,
            "You return N × D numbers; a neuron gives one for each example. The products have not been added up.",
            card="neuron-shapes",
        ),
        Mistake(
            weighted_sum_over_examples,
            "You return D numbers, one for each input; there should be N, one for each example. Along which axis are "
            "the products added up?",
            card="neuron-shapes",
        ),
        Mistake(
            weighted_sum_bias_times_inputs,
            "The bias is counted once for each input, D times in all. Add it after the products have been added up.",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_activation_first,
            "f is applied to the inputs; it should be applied to the weighted sum.",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_own_function,
            "Your neuron always applies σ. The activation comes as the argument `f`: another one may be asked for.",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_mean,
            "Your products are averaged over the D inputs; a neuron adds them up.",
            card="neuron-formula",
        ),
    ),
    hints=(
        "Write down the shapes: X is (N, D), w is (D,). Which product of the two has shape (N,)?",
        "`X @ w` gives one number for each example. What is still to be added, and what is still to be applied?",
    ),
)


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


GELU = Exercise(
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
            'Right for form="tanh"; the form "erf", which is also the default, differs from it by up to 5e-4.',
            card="gelu-forms",
        ),
        Mistake(
            gelu_root_two_forgotten,
            "Your erf form is too steep: Φ(1) should be 0.8413. By what is z divided before erf is taken?",
            card="normal-cdf",
        ),
        Mistake(
            gelu_half_forgotten,
            "Everything comes out twice too large. Φ goes from 0 to 1, but 1 + erf goes from 0 to 2.",
            card="normal-cdf",
        ),
        Mistake(
            gelu_z_forgotten,
            "This is Φ(z), the weight. GELU multiplies something by it.",
            card="gelu-formula",
        ),
        Mistake(
            gelu_cube_forgotten,
            'Your form "tanh" misses its cubic term: 0.044715 z³.',
            card="gelu-forms",
        ),
        Mistake(
            gelu_root_forgotten,
            'In your form "tanh" the factor in front of the bracket is 2/π; the formula has its square root.',
            card="gelu-forms",
        ),
    ),
    hints=(
        "Write a function for each form first, and choose between them last.",
        "Φ(z) = ½(1 + erf(z/√2)); use Python's `2 ** 0.5`, since `np.sqrt(2)` turns float32 into float64.",
    ),
)


def with_beta(draw):
    """The inputs of `draw`, each with a β of its own."""
    return lambda rng: [(*inputs, float(rng.uniform(1.5, 3))) for inputs in draw(rng)]


def small_and_large_beta(rng):
    z = rng.uniform(-4, 4, size=(3, 5))
    return [(z, beta) for beta in (0.0, 0.3, float(rng.uniform(1.5, 3)))]


def stable_tails(rng):
    return [(z / 2, 2.0) for (z,) in tails(rng)]


def swish_beta_dropped(z, beta=1.0):
    e = np.exp(-np.abs(z))
    return z * np.where(z >= 0, 1, e) / (1 + e)


def swish_beta_outside(z, beta=1.0):
    e = np.exp(-np.abs(z))
    return beta * z * np.where(z >= 0, 1, e) / (1 + e)


def swish_beta_twice(z, beta=1.0):
    e = np.exp(-np.abs(beta * z))
    return beta * z * np.where(z >= 0, 1, e) / (1 + e)


def swish_z_forgotten(z, beta=1.0):
    e = np.exp(-np.abs(beta * z))
    return np.where(z >= 0, 1, e) / (1 + e)


def swish_sign_lost(z, beta=1.0):
    e = np.exp(-np.abs(beta * z))
    return z * np.where(z >= 0, e, 1) / (1 + e)


def swish_exp_overflow(z, beta=1.0):
    return z / (1 + np.exp(-beta * z))


SWISH = Exercise(
    name="swish",
    reference=nnlib.swish,
    points=0,
    needs=("sigmoid",),
    cases=(
        Case("default β", "called without β: 1", ordinary, weight=2),
        Case("several β", "β = 0, 0.3 and above 1", small_and_large_beta, weight=4),
        Case("extreme values", "|z| up to 10,000, in float32 and float64", with_beta(extremes), weight=2),
        SHAPES,
        Case("float32", "float32 in, float32 out", with_beta(single_precision), weight=1),
        Case(
            "the small tail",
            "far below zero, where the answer is tiny but not 0",
            stable_tails,
            weight=1,
            compare=TAIL,
        ),
    ),
    mistakes=(
        Mistake(
            swish_beta_dropped,
            "Right for β = 1 only: the argument `beta` is not used. Where does β stand in the formula?",
            card="swish-formula",
        ),
        Mistake(
            swish_beta_outside,
            "β multiplies the result; it belongs inside the sigmoid.",
            card="swish-formula",
        ),
        Mistake(
            swish_beta_twice,
            "β stands inside the sigmoid, as it should, and also in front of it. Only one of the two is right.",
            card="swish-formula",
        ),
        Mistake(
            swish_z_forgotten,
            "This is the gate σ(βz) alone, between 0 and 1. What passes through the gate?",
            card="swish-formula",
        ),
        Mistake(
            swish_sign_lost,
            "The gate opens on the wrong side: large positive z should pass, large negative z should not. Look at the "
            "sign in the exponent.",
            card="swish-formula",
        ),
        Mistake(
            swish_exp_overflow,
            "Right on paper, but `np.exp(-beta * z)` leaves the range of floating-point numbers when z is very "
            "negative. Your `sigmoid` has solved this already.",
            card="sigmoid-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
    ),
    hints=(
        "You have a stable `sigmoid`: what should its argument be?",
        "swish(z, β) is z times a gate between 0 and 1. Check yours at β = 0, where the gate is half open everywhere.",
    ),
)

EXERCISES = (SIGMOID, TANH, RELU, LEAKY_RELU, SOFTPLUS, WEIGHTED_SUM, GELU, SWISH)
