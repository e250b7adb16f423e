"""`softmax_vjp`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Compare, Exercise, Mistake
from .cases import EXTREME, FAILS, OVERFLOW, large_scores, score_axes, score_tables, single_precision_scores


def with_upstream(draw):
    """The inputs of `draw`, each with a random upstream gradient after z."""

    def draw_both(rng):
        return [
            (inputs[0], rng.normal(size=inputs[0].shape).astype(inputs[0].dtype), *inputs[1:])
            for inputs in draw(rng)
        ]

    return draw_both


def equal_upstream(rng):
    z = rng.uniform(-2, 2, size=(2, 3))
    return [(z, np.full(z.shape, float(rng.uniform(2, 3))))]


def tiny_upstream(rng):
    return [(rng.uniform(-1, 1, size=(3, 4)), 1e-8 * rng.normal(size=(3, 4)))]


def moderate_shapes(rng):
    return [(rng.uniform(-3, 3, size=shape),) for shape in ((4,), (1, 6), (2, 3, 5))]


def softmax_vjp_diagonal(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    s = e / e.sum(axis=axis, keepdims=True)
    return upstream * s * (1 - s)


def softmax_vjp_upstream_ignored(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    s = e / e.sum(axis=axis, keepdims=True)
    return s * (1 - s)


def softmax_vjp_plain_sum(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    s = e / e.sum(axis=axis, keepdims=True)
    return s * (upstream - upstream.sum(axis=axis, keepdims=True))


def softmax_vjp_plain_mean(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    s = e / e.sum(axis=axis, keepdims=True)
    return s * (upstream - upstream.mean(axis=axis, keepdims=True))


def softmax_vjp_outer_share_lost(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    s = e / e.sum(axis=axis, keepdims=True)
    return upstream - (upstream * s).sum(axis=axis, keepdims=True)


def softmax_vjp_batch_sum(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    s = e / e.sum(axis=axis, keepdims=True)
    return s * (upstream - (upstream * s).sum())


def softmax_vjp_axis_ignored(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    s = e / e.sum(axis=-1, keepdims=True)
    return s * (upstream - (upstream * s).sum(axis=-1, keepdims=True))


def softmax_vjp_shares_given(z, upstream, axis=-1):
    return z * (upstream - (upstream * z).sum(axis=axis, keepdims=True))


def softmax_vjp_forward(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return upstream * e / e.sum(axis=axis, keepdims=True)


def softmax_vjp_sign_lost(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    s = e / e.sum(axis=axis, keepdims=True)
    return s * ((upstream * s).sum(axis=axis, keepdims=True) - upstream)


def softmax_vjp_exp_overflow(z, upstream, axis=-1):
    e = np.exp(z)
    s = e / e.sum(axis=axis, keepdims=True)
    return s * (upstream - (upstream * s).sum(axis=axis, keepdims=True))


def softmax_vjp_minus_share(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return p * (upstream - p)


def softmax_vjp_axis_lost(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return p * (upstream - (upstream * p).sum(axis=axis))


def softmax_vjp_share_on_one_side(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return p * upstream - (p * upstream).sum(axis=axis, keepdims=True)


def softmax_vjp_mean_of_products(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return p * (upstream - (p * upstream).mean(axis=axis, keepdims=True))


def softmax_vjp_shares_along_last_axis(z, upstream, axis=-1):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p * (upstream - (upstream * p).sum(axis=axis, keepdims=True))


EXERCISE = Exercise(
    name="softmax_vjp",
    reference=nnlib.softmax_vjp,
    points=3,
    needs=("softmax",),
    cases=(
        Case(
            "tables",
            "z and upstream of shapes (5, 3) and (2, 4), called without an axis",
            with_upstream(score_tables),
            weight=4,
        ),
        Case(
            "other axes", "axis = 0 and 1, in two and three dimensions", with_upstream(score_axes), weight=2
        ),
        Case("equal upstream", "the same upstream for every share", equal_upstream, weight=1),
        Case("shapes", "shapes (4,), (1, 6) and (2, 3, 5)", with_upstream(moderate_shapes), weight=1),
        Case(
            "large scores",
            "|z| up to 10,000, in float32 and float64",
            with_upstream(large_scores),
            weight=1,
            compare=EXTREME,
        ),
        Case(
            "tiny upstream",
            "upstream of about 1e-8",
            tiny_upstream,
            weight=1,
            compare=Compare(rtol=1e-9, atol=1e-20),
        ),
        Case("float32", "float32 in, float32 out", with_upstream(single_precision_scores), weight=1),
    ),
    mistakes=(
        Mistake(
            softmax_vjp_diagonal,
            "You use p(1 − p), what each share does to itself. Raising one score also lowers all the other shares: where "
            "are those terms?",
            card="softmax-jacobian",
        ),
        Mistake(
            softmax_vjp_upstream_ignored,
            "Your answer does not depend on `upstream`. The upstream says how much the loss cares for each share. "
            "Where does it come in?",
            card="vjp-meaning",
        ),
        Mistake(
            softmax_vjp_plain_sum,
            "You take the plain sum of the upstream away. The sum in the formula is weighted: each entry counts as much "
            "as which other number?",
            card="softmax-vjp-formula",
        ),
        Mistake(
            softmax_vjp_plain_mean,
            "You take the plain mean of the upstream away. That is right if all shares are equal, or all entries of "
            "the upstream; otherwise the mean in the formula has weights. Which?",
            card="softmax-vjp-formula",
        ),
        Mistake(
            softmax_vjp_outer_share_lost,
            "The bracket is right, but something stands in front of it. A class with a share of almost 0 should get "
            "a gradient of almost 0.",
            card="softmax-vjp-formula",
        ),
        Mistake(
            softmax_vjp_batch_sum,
            "Right for one row, wrong for several: your sum mixes the examples of the batch. Along which axis does one "
            "example lie?",
            card="softmax-axis",
        ),
        Mistake(
            softmax_vjp_axis_ignored,
            "Right for the last axis only. `axis` is needed in the softmax and in the sum.",
            card="softmax-axis",
            no_distractor="it is right for the last axis, the one that a question asks for",
        ),
        Mistake(
            softmax_vjp_shares_given,
            "You use `z` where the formula has p. The function gets scores: the shares are still to be computed.",
            card="vjp-meaning",
        ),
        Mistake(
            softmax_vjp_forward,
            "This is upstream times the shares themselves. Asked for is how the shares change when the scores do.",
            card="softmax-vjp-formula",
        ),
        Mistake(
            softmax_vjp_sign_lost,
            "Every sign is turned round. Raising a score raises its own share: which sign must its own term have?",
            card="softmax-vjp-formula",
        ),
        Mistake(
            softmax_vjp_exp_overflow,
            "The formula of the gradient is right, but the shares in it overflow for large scores. Your `softmax` has "
            "solved this already.",
            card="softmax-shift",
            no_distractor=OVERFLOW,
        ),
        Mistake(
            softmax_vjp_minus_share,
            "You take p away from the upstream. What is taken away is the same number for all classes of an example: "
            "an average.",
            card="softmax-vjp-formula",
        ),
        Mistake(
            softmax_vjp_axis_lost,
            "Your sum has lost an axis, so NumPy lines it up with the wrong one, or cannot line it up at all. Write "
            "down the shapes on both sides of the minus.",
            card="softmax-keepdims",
            no_distractor=FAILS,
        ),
        Mistake(
            softmax_vjp_share_on_one_side,
            "The first term carries its share and the second does not: in the formula p stands in front of the whole "
            "bracket.",
            card="softmax-vjp-formula",
        ),
        Mistake(
            softmax_vjp_mean_of_products,
            "Your average is divided by K although its weights p already add up to 1.",
            card="softmax-vjp-formula",
        ),
        Mistake(
            softmax_vjp_shares_along_last_axis,
            "Right for the last axis only: your sum follows `axis`, and your shares do not add up to 1 along it. Which "
            "call has not been told?",
            card="softmax-axis",
            no_distractor="it is right for the last axis, the one that a question asks for",
        ),
    ),
    hints=(
        "Compute p = softmax(z) first. Then write out J for K = 2, multiply by u on paper, and look for a sum that both entries share.",
        "Both entries contain the same number: the average of u, weighted with p. What is left of u above that average?",
        "What u has above that average is multiplied by the class's own share. Check: for z = [0, log 3] and u = [1, "
        "0] the answer is [0.1875, −0.1875].",
    ),
)
