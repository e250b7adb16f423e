"""`predict_ratio`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

from ..schema import Case, Exercise, Mistake
from .cases import NO_OVERFLOW, RELATIVE


def usual_nets(rng):
    return [
        (int(rng.integers(5, 40)), int(rng.integers(10, 200)), rng.uniform(0.05, 0.3), rng.uniform(0.03, 0.9))
        for _ in range(4)
    ]


def short_nets(rng):
    return [
        (1, int(rng.integers(10, 99)), rng.uniform(0.05, 0.9), rng.uniform(0.1, 0.9)),
        (2, int(rng.integers(10, 99)), rng.uniform(0.05, 0.9), rng.uniform(0.1, 0.9)),
        (1, 50, 0.1, 0.0),
    ]


def closed_gates(rng):
    return [(int(rng.integers(3, 9)), 64, 0.5, 0.0), (int(rng.integers(3, 9)), 64, 0.0, 0.5)]


def deep_nets(rng):
    return [
        (int(rng.integers(280, 320)), 64, rng.uniform(0.9, 1.1), 0.5),
        (int(rng.integers(280, 320)), 64, rng.uniform(0.015, 0.025), 0.5),
    ]


def predict_ratio_one_layer_too_many(depth, width, std, square_slope):
    return np.sqrt(width * std**2 * square_slope) ** depth


def predict_ratio_root_forgotten(depth, width, std, square_slope):
    return (
        np.exp((depth - 1) * np.log(width * std**2 * square_slope))
        if square_slope * std
        else 0.0 ** (depth - 1)
    )


def predict_ratio_std_not_squared(depth, width, std, square_slope):
    return np.sqrt(width * std * square_slope) ** (depth - 1)


def predict_ratio_slope_squared_again(depth, width, std, square_slope):
    return np.sqrt(width * std**2 * square_slope**2) ** (depth - 1)


def predict_ratio_width_forgotten(depth, width, std, square_slope):
    return np.sqrt(std**2 * square_slope) ** (depth - 1)


def predict_ratio_width_not_rooted(depth, width, std, square_slope):
    return (width * std * np.sqrt(square_slope)) ** (depth - 1)


def predict_ratio_upside_down(depth, width, std, square_slope):
    return 1 / np.sqrt(width * std**2 * square_slope) ** (depth - 1)


def predict_ratio_depth_as_factor(depth, width, std, square_slope):
    return (depth - 1) * np.sqrt(width * std**2 * square_slope)


def predict_ratio_slope_left_out(depth, width, std, square_slope):
    return np.sqrt(width * std**2) ** (depth - 1)


def predict_ratio_root_last(depth, width, std, square_slope):
    return np.sqrt((width * std**2 * square_slope) ** (depth - 1))


def predict_ratio_power_of_a_power(depth, width, std, square_slope):
    return float((width * std**2 * square_slope) ** (depth - 1) ** 0.5)


def predict_ratio_zero_before_depth(depth, width, std, square_slope):
    return float(np.sqrt(width * std**2 * square_slope) ** (depth - 1)) if std and square_slope else 0.0


def reference_predict_ratio(depth, width, std, square_slope):
    """Predicted ‖δ_1‖/‖δ_L‖ of L = `depth` linear layers: √(n σ_w² s) for each of the L − 1 steps back."""
    return float(np.sqrt(width * std**2 * square_slope) ** (depth - 1))


EXERCISE = Exercise(
    name="predict_ratio",
    reference=reference_predict_ratio,
    points=2,
    compare=RELATIVE,
    cases=(
        Case("usual nets", "5 to 40 layers, 10 to 200 units", usual_nets, weight=4),
        Case("short nets", "one layer and two", short_nets, weight=1),
        Case("nothing passes", "weights or slopes of 0", closed_gates, weight=1),
        Case("very deep nets", "about 300 layers, results from 1e-270 to 1e240", deep_nets, weight=2),
    ),
    mistakes=(
        Mistake(
            predict_ratio_one_layer_too_many,
            "Your exponent is one too large. With one layer δ_1 *is* δ_L: which ratio should come out for depth 1?",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_root_forgotten,
            "Your result is the square of the right one. n σ_w² s is what ‖δ‖² is multiplied by; the ratio asked for is one of "
            "norms.",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_std_not_squared,
            "Look at how the weights come in: variances add up, standard deviations do not. Which of the two is `std`?",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_slope_squared_again,
            "`square_slope` is the mean of f'(z)² already. How often is it squared in your answer?",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_width_forgotten,
            "Your result does not depend on `width`. How many terms does each sum of δ Wᵀ have?",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_width_not_rooted,
            "Your factor grows in proportion to the width, as if all n terms had one sign. Terms of random sign grow more "
            "slowly: which part of your formula stands outside the root?",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_upside_down,
            "Your result is one divided by the right one. Is the first layer's δ above or below the line?",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_depth_as_factor,
            "You add the steps up; each step *multiplies* what the one before it left.",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_slope_left_out,
            "Your result is that of a net without activations: the slope does not come in.",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_power_of_a_power,
            "Your exponent has become √(L − 1). Python works out `a ** b ** c` from the right: `2 ** 3 ** 2` is 512, not 64. "
            "What should the root be taken of?",
            card="delta-factor",
        ),
        Mistake(
            predict_ratio_zero_before_depth,
            "Right, except for depth 1 where weights or slopes are 0: there you return 0. How many steps does a net of one "
            "layer have?",
            card="delta-factor",
            no_distractor="it differs from the right value only for one layer without weights or slopes",
        ),
        Mistake(
            predict_ratio_root_last,
            "Right for usual nets. In very deep ones the power leaves the range of the numbers before the root brings it "
            "back. In which order could the two steps be done?",
            card="delta-factor-range",
            no_distractor=NO_OVERFLOW,
        ),
    ),
    hints=(
        "By which factor does one step back change ‖δ‖? How many steps lead from layer L to layer 1?",
        "Write n σ_w² s for what one step does to ‖δ‖². The norm itself changes by the root of that.",
        "Take the root first and the power afterwards. With c = n σ_w² s, (√c)^(L − 1) may stay in range where c^(L "
        "− 1) does not.",
    ),
)
