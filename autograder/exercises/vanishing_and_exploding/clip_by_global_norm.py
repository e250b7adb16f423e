"""`clip_by_global_norm`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Compare, Exercise, Mistake
from .cases import NO_OVERFLOW, SAME_VALUES, SINGLE


def gradient_list(rng, scale, dtype=np.float64):
    """dW and db of two layers, one of them much larger than the others."""
    shapes, sizes = [(4, 5), (5,), (5, 3), (3,)], (1.0, 0.1, 4.0, 0.5)
    return [
        (scale * s * rng.normal(size=shape)).astype(dtype) for shape, s in zip(shapes, sizes, strict=True)
    ]


def too_long(rng):
    return [
        (gradient_list(rng, 1.0), 2.5),
        (gradient_list(rng, 1e4), 1.0),
        ([rng.normal(0, 1.0, (2, 3)), rng.normal(0, 0.3, (4,))], 0.75),
        ([0.8 * np.ones((2, 2)), -0.7 * np.ones((3,))], 1.75),  # each by itself is short enough
    ]


def short_enough(rng):
    return [(gradient_list(rng, 0.01), 2.5), (gradient_list(rng, 1e-8), 1.0), (gradient_list(rng, 1.0), 1e3)]


def nothing_to_clip(rng):
    return [([np.zeros((3, 2)), np.zeros(2)], 1.0), ([np.zeros((1, 4))], 0.5)]


def one_tensor(rng):
    return [([rng.normal(0, 3, (1, 6))], 1.5), ([np.array([3.0, 0.0]), np.array([-4.0])], 5.0)]


def small_bound(rng):
    return [(gradient_list(rng, 1e-5), 1e-6), (gradient_list(rng, 1e-3), 1e-8)]


def exploded_in_single_precision(rng):
    return [(gradient_list(rng, 1e25, np.float32), 2.0)]


def single_precision_list(rng):
    return [(gradient_list(rng, 1.0, np.float32), 2.5), (gradient_list(rng, 1e-3, np.float32), 2.5)]


def clip_by_global_norm_each_tensor(gradients, max_norm):
    norms = [float(np.linalg.norm(g.astype(float))) for g in gradients]
    clipped = [
        g * (max_norm / n) if n > max_norm else g.copy() for g, n in zip(gradients, norms, strict=True)
    ]
    return clipped, float(np.sqrt(sum(n**2 for n in norms)))


def clip_by_global_norm_upward(gradients, max_norm):
    norm = float(np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in gradients)))
    return [g * (max_norm / norm) if norm > 0 else g.copy() for g in gradients], norm


def clip_by_global_norm_root_forgotten(gradients, max_norm):
    norm = float(sum(np.sum(g.astype(float) ** 2) for g in gradients))
    return [g * (max_norm / norm) if norm > max_norm else g.copy() for g in gradients], norm


def clip_by_global_norm_norms_added(gradients, max_norm):
    norm = float(sum(np.linalg.norm(g.astype(float)) for g in gradients))
    return [g * (max_norm / norm) if norm > max_norm else g.copy() for g in gradients], norm


def clip_by_global_norm_norm_after(gradients, max_norm):
    norm = float(np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in gradients)))
    return [g * (max_norm / norm) if norm > max_norm else g.copy() for g in gradients], min(norm, max_norm)


def clip_by_global_norm_each_entry(gradients, max_norm):
    norm = float(np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in gradients)))
    return [np.clip(g, -max_norm, max_norm) for g in gradients], norm


def clip_by_global_norm_largest_entry(gradients, max_norm):
    norm = float(max(np.max(np.abs(g)) for g in gradients))
    return [g * (max_norm / norm) if norm > max_norm else g.copy() for g in gradients], norm


def clip_by_global_norm_largest_norm(gradients, max_norm):
    norm = float(max(np.linalg.norm(g.astype(float)) for g in gradients))
    return [g * (max_norm / norm) if norm > max_norm else g.copy() for g in gradients], norm


def clip_by_global_norm_factor_added(gradients, max_norm):
    norm = float(np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in gradients)))
    factor = min(1.0, max_norm / (norm + 1e-6))
    return [g * factor for g in gradients], norm


def clip_by_global_norm_divided_only(gradients, max_norm):
    norm = float(np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in gradients)))
    return [g / norm if norm > max_norm else g.copy() for g in gradients], norm


def clip_by_global_norm_zero_divided(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in gradients))
    factor = float(np.minimum(1.0, max_norm / norm) if norm > 0 else np.nan)
    return [g * factor for g in gradients], float(norm)


def clip_by_global_norm_squares_overflow(gradients, max_norm):
    norm = float(np.sqrt(sum(np.sum(g**2) for g in gradients)))
    return [g * (max_norm / norm) if norm > max_norm else g.copy() for g in gradients], norm


def clip_by_global_norm_double_precision(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g.astype(np.float64) ** 2) for g in gradients))
    factor = np.float64(max_norm) / norm if norm > max_norm else np.float64(1)
    return [np.multiply(g, factor, dtype=np.float64) for g in gradients], float(norm)


def clip_by_global_norm_in_place(gradients, max_norm):
    norm = float(np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in gradients)))
    if norm > max_norm:
        for g in gradients:
            g *= max_norm / norm
    return gradients, norm


EXERCISE = Exercise(
    name="clip_by_global_norm",
    reference=nnlib.clip_by_global_norm,
    points=3,
    parts=("clipped", "norm"),
    # Clipped to 1e-8, or 1e-8 from the start: only a relative tolerance sees these gradients.
    compare=Compare(rtol=1e-9, atol=0.0, rtol32=1e-5, atol32=0.0),
    cases=(
        Case("too long", "two to four tensors, to be shortened", too_long, weight=4),
        Case("short enough", "gradients within the bound, down to 1e-8", short_enough, weight=4),
        Case("zeros", "all gradients are 0", nothing_to_clip, weight=1),
        Case(
            "one tensor, and at the bound", "a list of one; a norm of exactly max_norm", one_tensor, weight=1
        ),
        Case("small bounds", "a max_norm of 1e-6 or 1e-8", small_bound, weight=1),
        Case(
            "float32",
            "float32 in, float32 out; the norm is a plain number",
            single_precision_list,
            weight=1,
            compare=SINGLE,
        ),
        Case(
            "exploded float32",
            "entries of 1e25, whose squares are beyond float32",
            exploded_in_single_precision,
            weight=1,
            compare=SINGLE,
        ),
    ),
    mistakes=(
        Mistake(
            clip_by_global_norm_each_tensor,
            "Each tensor is shortened by its own factor, so that the update as a whole points in another direction. "
            "How many factors should there be?",
            card="clip-global",
        ),
        Mistake(
            clip_by_global_norm_upward,
            "Gradients that were shorter than `max_norm` have become longer. A bound holds from above; what should happen "
            "to a gradient that is within it?",
            card="clip-min",
        ),
        Mistake(
            clip_by_global_norm_root_forgotten,
            "Your norm is the sum of squares: for [3, 4] it says 25 instead of 5.",
            card="global-norm",
        ),
        Mistake(
            clip_by_global_norm_norms_added,
            "You add the tensors' norms up. Think of all tensors as one long vector: what is added up under its root?",
            card="global-norm",
        ),
        Mistake(
            clip_by_global_norm_norm_after,
            "The clipped gradients are right, but the norm that you return is the one *after* clipping. Whoever watches for "
            "explosions needs the one before.",
            card="global-norm",
        ),
        Mistake(
            clip_by_global_norm_each_entry,
            "Each entry is cut by itself. That was `clip_by_value`; here the whole gradient keeps its direction.",
            card="clip-norm-or-value",
        ),
        Mistake(
            clip_by_global_norm_largest_entry,
            "Your norm is the largest entry. The norm here is the root of the sum of squares of all entries.",
            card="global-norm",
        ),
        Mistake(
            clip_by_global_norm_largest_norm,
            "Your norm is that of the longest tensor; the others do not count. What would the norm be if all tensors stood "
            "one after another in a single vector?",
            card="global-norm",
        ),
        Mistake(
            clip_by_global_norm_factor_added,
            "Nearly right: your clipped gradients are a little too short, and more so where the numbers are small. "
            "Something is added to the norm before you divide.",
            card="clip-epsilon",
            no_distractor="it differs from the right value by about one part in a million",
        ),
        Mistake(
            clip_by_global_norm_divided_only,
            "After clipping your gradients have the norm 1, whatever `max_norm` is.",
            card="clip-min",
        ),
        Mistake(
            clip_by_global_norm_zero_divided,
            "Right, except where all gradients are 0: there you divide by a norm of 0, and nan comes out. Is there "
            "anything to clip?",
            card="clip-min",
            no_distractor="it differs from the right value only where all gradients are 0",
        ),
        Mistake(
            clip_by_global_norm_squares_overflow,
            "Right, until float32 gradients explode: the square of 1e25 is beyond float32, your norm becomes infinite and "
            "the gradients 0. In which number type should the squares be taken?",
            card="squares-underflow",
            no_distractor=NO_OVERFLOW,
        ),
        Mistake(
            clip_by_global_norm_double_precision,
            "The values are right, but float32 gradients come back as float64. Which type does your factor have?",
            card="clip-new-array",
            no_distractor=SAME_VALUES,
        ),
        Mistake(
            clip_by_global_norm_in_place,
            "Your values are right, but your function wrote into the arrays that it was given. Return new ones.",
            card="clip-new-array",
            no_distractor=SAME_VALUES,
        ),
    ),
    hints=(
        "First the norm, of all tensors together: add up the squares of every entry of every tensor, then take one root.",
        "The factor is min(1, max_norm / norm), the same for all tensors. What is it when norm is 0?",
        "Squares in float64: `g.astype(np.float64)`. A plain Python float as the factor leaves float32 arrays float32.",
    ),
)
