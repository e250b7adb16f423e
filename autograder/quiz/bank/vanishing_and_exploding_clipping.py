"""Questions on lesson 07: clipping gradients."""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import tex
from ..template import Draft, Entries, grid, template
from ..wrong import misconception, mistakes_of
from .tools import apart, besides, that_explains

ask = partial(
    template, version=1, lesson="07_vanishing_and_exploding", topic="vanishing and exploding: remedies"
)


@ask(
    id="clip-by-value-matrix",
    kind="matrix",
    bloom="apply",
    difficulty=1,
    params={
        "g": Entries((-7, -4, -2.5, -0.4, -0.1, 0.2, 0.3, 2, 3.5, 6), (2, 3), distinct=True),
        "limit": (0.5, 1.5, 3.0),
    },
    given=lambda p: p.g.min() < -p.limit and p.g.max() > p.limit and np.abs(p.g).min() < p.limit,
    cards=("clip-by-value", "clip-norm-or-value"),
)
def clip_by_value_matrix(p):
    return Draft(
        stem=rf"A gradient is clipped **by value** with the limit {p.limit:g}. What comes out?"
        + f"\n\n$$dW = {tex(p.g)}$$",
        key=nnlib.clip_by_value(p.g, p.limit),
        check=lambda: [[sorted((-p.limit, x, p.limit))[1] for x in row] for row in p.g.tolist()],
        wrong=mistakes_of("clip_by_value", p.g, p.limit),
        explain=rf"Each entry by itself is cut to $[{-p.limit:g}, {p.limit:g}]$: what is beyond becomes the nearer end, "
        "with its sign, and the rest stays as it is.",
    )


# Three entries and their norm, all whole numbers.
WHOLE = (
    (2, 3, 6, 7),
    (1, 2, 2, 3),
    (4, 4, 7, 9),
    (1, 4, 8, 9),
    (2, 6, 9, 11),
    (3, 4, 12, 13),
    (2, 10, 11, 15),
)
SIGNS = ((1, 1, -1), (-1, 1, 1), (1, -1, 1), (-1, -1, 1), (-1, 1, -1))
NORM_WRONG = ("root_forgotten", "norms_added", "norm_after", "largest_entry", "largest_norm")


def two_tensors(p):
    """dW (2,) and db (1,) of the norm p.whole[3]."""
    g = np.array(p.whole[:3], dtype=float) * p.signs
    return [g[:2], g[2:]]


def their_text(gradients):
    return f"$dW = {tex(gradients[0])}$ and $db = {tex(gradients[1])}$"


@ask(
    id="clip-global-norm-entries",
    kind="vector",
    bloom="apply",
    difficulty=2,
    params={"whole": WHOLE, "signs": SIGNS, "max_norm": (0.5, 1.5, 2.0, 2.5)},
    cards=("clip-global", "global-norm"),
)
def clip_global_norm_entries(p):
    gradients, norm = two_tensors(p), p.whole[3]
    squares = " + ".join(f"{x}^2" for x in p.whole[:3])
    return Draft(
        stem=f"All gradients of a small net are {their_text(gradients)}. They are clipped by **global norm** with the bound "
        f"{p.max_norm:g}. What are the three entries now, those of $dW$ first?",
        key=np.concatenate(nnlib.clip_by_global_norm(gradients, p.max_norm)[0]),
        check=lambda: [
            s * x * p.max_norm / math.hypot(*p.whole[:3]) for s, x in zip(p.signs, p.whole, strict=False)
        ],
        wrong=mistakes_of(
            "clip_by_global_norm",
            gradients,
            p.max_norm,
            take=lambda out: np.concatenate(out[0]),
            only=(*CLIPPED_WRONG, "largest_norm"),
        ),
        explain=rf"As one long vector they have the norm $\sqrt{{{squares}}} = {norm}$. All are multiplied by one factor, "
        rf"${p.max_norm:g}/{norm} = {p.max_norm / norm:.4g}$.",
    )


@ask(
    id="clip-global-norm-told",
    kind="numeric",
    bloom="understand",
    difficulty=2,
    params={"whole": WHOLE, "signs": SIGNS, "max_norm": (0.5, 1.5, 2.5)},
    cards=("global-norm",),
)
def clip_global_norm_told(p):
    gradients = two_tensors(p)
    return Draft(
        stem=f"`clip_by_global_norm` is called with {their_text(gradients)} and a bound of {p.max_norm:g}. Which number does it "
        "return as the norm?",
        key=nnlib.clip_by_global_norm(gradients, p.max_norm)[1],
        check=lambda: math.hypot(*p.whole[:3]),
        wrong=mistakes_of(
            "clip_by_global_norm", gradients, p.max_norm, take=lambda out: out[1], only=NORM_WRONG
        ),
        explain="The norm of all entries together, *before* clipping: $\\sqrt{"
        + " + ".join(f"{x}^2" for x in p.whole[:3])
        + f"}} = {p.whole[3]}$. After it, the norm is {p.max_norm:g}, which tells nobody that something exploded.",
    )


@ask(
    id="clip-factor",
    kind="single",
    bloom="understand",
    difficulty=2,
    claim=3,
    params={
        "norm": (0.002, 0.004, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 6.0, 8.0, 20.0, 50.0),
        "max_norm": (0.5, 1.5, 2.0, 4.0),
    },
    cards=("clip-min", "clipping-and-vanishing"),
)
def clip_factor(p):
    g, c, short = np.array([p.norm]), p.max_norm, p.norm < p.max_norm
    only = ("upward",) if short else ("root_forgotten", "divided_only")
    return Draft(
        stem=f"The gradients of a deep sigmoid net have the global norm {p.norm:g}. They are clipped by global norm with the bound "
        f"{c:g}. By which factor are they multiplied?",
        key=float(nnlib.clip_by_global_norm([g], c)[0][0][0]) / p.norm,
        check=lambda: min(p.norm, c) / p.norm,
        wrong=(
            *mistakes_of("clip_by_global_norm", [g], c, take=lambda out: out[0][0][0] / p.norm, only=only),
            misconception("clip-factor-upside-down", p.norm / c),
            misconception("clip-to-norm-one", 1 / p.norm)
            if short
            else misconception("long-gradients-left-alone", 1.0),
            misconception("short-gradients-cut", 0.0)
            if short
            else misconception("clip-to-bound-as-factor", c),
        ),
        explain=rf"The factor is $\min(1, {c:g}/{p.norm:g}) = {min(1, c / p.norm):g}$. "
        + (
            "A bound from above does nothing to what is within it: clipping cannot cure vanishing gradients."
            if short
            else f"All entries shrink alike, and the norm is {c:g} then."
        ),
    )


# Text and formula of each wrong way to clip; `n` holds the norms of both tensors, `m` the largest entry.
CLIPPED_WRONG = {
    "each_tensor": ("each tensor was clipped by itself", lambda g, c, n, m: g * c / n[0]),
    "norms_added": ("the two norms were added up", lambda g, c, n, m: g * c / (n[0] + n[1])),
    "root_forgotten": (
        "the root of the norm was forgotten",
        lambda g, c, n, m: g * c / (n[0] ** 2 + n[1] ** 2),
    ),
    "largest_entry": ("the largest entry was taken as norm", lambda g, c, n, m: g * c / m),
    "divided_only": ("the bound was left out of the factor", lambda g, c, n, m: g / math.hypot(*n)),
    "each_entry": ("each entry was cut by itself", lambda g, c, n, m: math.copysign(min(abs(g), c), g)),
}


@ask(
    id="clipping-find-the-error",
    kind="find-the-error",
    bloom="analyse",
    difficulty=3,
    params={
        "bug": tuple(CLIPPED_WRONG),
        "dW": ((3.0, 4.0), (6.0, -8.0), (-5.0, 12.0)),
        "db": grid(4, 14, 2),
        "c": (1.5, 2.5, 3.0),
    },
    given=lambda p: apart([f(p.dW[0], p.c, *sizes(p)) for _, f in CLIPPED_WRONG.values()]),
    cards=("clip-global", "global-norm", "clip-min"),
)
def clipping_find_the_error(p):
    gradients = [np.array(p.dW), np.array([p.db])]
    (bug,) = mistakes_of(
        "clip_by_global_norm", gradients, p.c, only=(p.bug,), take=lambda out: float(out[0][0][0])
    )
    got = bug.compute()
    right = p.dW[0] * p.c / math.hypot(*p.dW, p.db)
    return Draft(
        stem=f"{their_text(gradients)} are clipped by global norm with the bound {p.c:g}. A program gives ${got:.4g}$ as the first "
        f"entry of $dW$, where ${right:.4g}$ is right. What went wrong?",
        key=CLIPPED_WRONG[p.bug][0],
        check=lambda: that_explains(got, {t: f(p.dW[0], p.c, *sizes(p)) for t, f in CLIPPED_WRONG.values()}),
        wrong=besides("clip_by_global_norm", CLIPPED_WRONG, p.bug),
        explain=rf"Right is ${p.dW[0]:g} \cdot {p.c:g}/{math.hypot(*p.dW, p.db):.4g} = {right:.4g}$, one factor for all entries of "
        f"both tensors. The value ${got:.4g}$ comes out where {CLIPPED_WRONG[p.bug][0]}.",
    )


def sizes(p):
    return (math.hypot(*p.dW), p.db), max(*map(abs, p.dW), p.db)


TEMPLATES = (
    clip_by_value_matrix,
    clip_global_norm_entries,
    clip_global_norm_told,
    clip_factor,
    clipping_find_the_error,
)
