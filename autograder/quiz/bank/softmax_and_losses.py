"""Questions on lesson 03: softmax and logsumexp; the losses stand in `losses.py`."""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import shown, tex
from ..template import Draft, Entries, grid, template
from ..wrong import misconception, mistakes_of
from .tools import saying, values_of, would_give

ask = partial(template, lesson="03_softmax_and_losses", version=1)
WHOLE = grid(-3, 3, 1)
UNDIVIDED = {
    "not_divided": "Your largest share is 1: these are the exponentials of the shifted scores, the row's largest taken away. "
    "What turns them into shares of a whole?"
}
SHARES = (  # rows that add up to 1
    *((0.1, 0.4, 0.5), (0.2, 0.3, 0.5), (0.1, 0.2, 0.7), (0.6, 0.1, 0.3), (0.5, 0.2, 0.3)),
    *((0.7, 0.2, 0.1), (0.6, 0.3, 0.1), (0.2, 0.7, 0.1), (0.3, 0.6, 0.1), (0.1, 0.8, 0.1)),
)


def tidy(array):
    """Without the rounding errors that would show where 0 is meant."""
    return np.round(array, 12) + 0.0


@ask(
    id="softmax-of-logarithms", objectives=("turn scores into shares",),
    kind="vector", topic="softmax", bloom="apply", difficulty=1,
    params={"odds": Entries(grid(1, 8, 1), (3,), distinct=True)}, cards=("softmax-formula",),
)  # fmt: skip
def softmax_of_logarithms(p):
    z, total = np.log(p.odds), p.odds.sum()
    logs = ", ".join(rf"\log {n:g}" for n in p.odds)
    return Draft(
        stem=f"What is softmax(z) for $z = ({logs})$, to three significant digits?",
        key=nnlib.softmax(z),
        check=lambda: np.array([n / total for n in p.odds]),
        wrong=saying(
            UNDIVIDED,
            mistakes_of(
                "softmax",
                z,
                only=(
                    "not_divided",
                    "sigmoid",
                    "base_two",
                    "of_softmax",
                    "logarithm",
                    "sign_lost",
                    "shares_of_scores",
                ),
            ),
        ),
        explain=f"The exponentials are {', '.join(f'{n:g}' for n in p.odds)}, together {total:g}. "
        "Each is divided by that sum.",
    )


@ask(
    id="softmax-of-batch", objectives=("take softmax along the axis that is meant",),
    kind="single", topic="softmax", bloom="apply", difficulty=2, claim=4,
    params={"odds": Entries(grid(1, 6, 1), (2, 2), distinct=True)}, cards=("softmax-axis", "softmax-formula"),
)  # fmt: skip
def softmax_of_batch(p):
    z = np.log(p.odds)
    return Draft(
        stem="A batch has two examples (rows) and two classes (columns). The exponentials of its scores are "
        f"$e^z = {tex(p.odds)}$. What is softmax(z)?",
        key=nnlib.softmax(z),
        check=lambda: np.array([[n / sum(row) for n in row] for row in p.odds.tolist()]),
        wrong=saying(
            UNDIVIDED,
            mistakes_of(
                "softmax",
                z,
                only=("axis_zero", "global_sum", "sigmoid", "not_divided", "sign_lost", "of_softmax"),
            ),
        ),
        explain=f"Each row has its own sum, {p.odds[0].sum():g} and {p.odds[1].sum():g}, "
        "and adds up to 1 when it is divided by it.",
    )


@ask(
    id="softmax-odds-ratio", objectives=("say what softmax sees of the scores",),
    kind="numeric", topic="softmax", bloom="understand", difficulty=3,
    params={"z": Entries(grid(-2, 3, 0.5), (3,))}, given=lambda p: 0.5 <= abs(p.z[1] - p.z[0]) <= 3,
    cards=("softmax-shift", "softmax-formula"),
)  # fmt: skip
def softmax_odds_ratio(p):
    shares, gap = nnlib.softmax(p.z), p.z[1] - p.z[0]
    return Draft(
        stem=f"A net gives the classes 0, 1 and 2 the scores $z = {tex(p.z)}$. How many times as large as the share "
        "of class 0 is the share of class 1? Three significant digits.",
        key=float(shares[1] / shares[0]),
        check=lambda: math.exp(gap),
        wrong=mistakes_of(
            "softmax",
            p.z,
            take=lambda shares: shares[1] / shares[0],
            only=("base_two", "sign_lost", "sigmoid", "of_softmax", "shares_of_scores"),
        ),
        explain=rf"The common sum cancels: $p_1/p_0 = e^{{z_1 - z_0}} = e^{{{gap:g}}} = {math.exp(gap):.4g}$. "
        "Class 2 has no part in it.",
        hints=("Write both shares as fractions. What do they have in common?",),
    )


@ask(
    id="softmax-same-shares", objectives=("say what softmax sees of the scores",),
    kind="multiple", topic="softmax", bloom="understand", difficulty=2,
    params={"z": Entries(WHOLE, (3,), distinct=True), "up": grid(1, 9, 1), "down": (1, 2, 5, 10, 100)},
    cards=("softmax-shift", "softmax-temperature"),
)  # fmt: skip
def softmax_same_shares(p):
    others = [p.z + p.up, p.z - p.down, 2 * p.z, -p.z, np.roll(p.z, 1)]
    shares = nnlib.softmax(p.z)
    texts = [shown(z) for z in others]
    return Draft(
        stem=f"Which of these scores have the same softmax, entry by entry, as $z = {tex(p.z)}$?",
        key=tuple(
            text
            for text, other in zip(texts, nnlib.softmax(np.array(others)), strict=True)
            if abs(other - shares).max() < 1e-9
        ),
        check=lambda: tuple(text for text, z in zip(texts, others, strict=True) if np.ptp(z - p.z) == 0),
        wrong=(
            misconception("scaling-is-a-shift", texts[2]),
            misconception("softmax-sees-sizes", texts[3]),
            misconception("softmax-forgets-order", texts[4]),
        ),
        explain=f"Softmax sees differences only: {p.up:g} more for every score, or {p.down} less, changes no share.",
    )


@ask(
    id="softmax-step-by-step", objectives=("turn scores into shares and a share into surprise",),
    kind="cloze", topic="softmax", bloom="apply", difficulty=1,
    params={"k": (2, 3, 4, 5, 6), "m": (7, 8, 9, 10, 11, 12)}, cards=("softmax-formula", "logsumexp-formula"),
)  # fmt: skip
def softmax_step_by_step(p):
    z = np.log([1.0, p.k, p.m])
    return Draft(
        stem=rf"The scores are $z = (0, \log {p.k}, \log {p.m})$. Their exponentials add up to [[sum]], so the share "
        "of the first class is [[share]] and its surprise, in nats, is [[surprise]] (both to three significant digits).",
        key={
            "sum": float(np.exp(nnlib.logsumexp(z))),
            "share": float(nnlib.softmax(z)[0]),
            "surprise": nnlib.cross_entropy(z[None], np.array([0])),
        },
        check=lambda: {
            "sum": 1 + p.k + p.m,
            "share": 1 / (1 + p.k + p.m),
            "surprise": math.log(1 + p.k + p.m),
        },
        explain=f"1 + {p.k} + {p.m} = {1 + p.k + p.m}; the first exponential is 1, and −log of its share "
        f"is log {1 + p.k + p.m}.",
    )


@ask(
    id="logsumexp-shifted", version=2, objectives=("compute log-sum-exp without overflow",),
    kind="numeric", topic="softmax", bloom="apply", difficulty=3, rtol=0.0, atol=5e-4, digits=8,
    params={"m": (3, 4, 6, 8, -4, -6, 500, 1000), "k": (2, 3, 4), "n": (5, 6, 7, 8)},
    cards=("logsumexp-trick", "logsumexp-formula"),
)  # fmt: skip
def logsumexp_shifted(p):
    z = p.m + np.log([1.0, p.k, p.n])
    total = 1 + p.k + p.n
    return Draft(
        stem=rf"What is logsumexp(z) for $z = ({p.m}, {p.m} + \log {p.k}, {p.m} + \log {p.n})$? "
        "Give four digits after the point.",
        key=_four_decimals(nnlib.logsumexp(z)),
        check=lambda: round(p.m + math.log(total), 4),
        wrong=mistakes_of(
            "logsumexp",
            z,
            take=_four_decimals,
            only=(
                *("shift_not_undone", "no_logarithm", "mean", "hard_maximum"),
                *("logarithm_first", "base_two", "shift_subtracted"),
            ),
        ),
        explain=rf"$e^{{{p.m}}}$ can be taken out of the sum: ${p.m} + \log(1 + {p.k} + {p.n}) = "
        f"{p.m} + {math.log(total):.4f}$. No large exponential is formed.",
    )


def _four_decimals(value):
    return round(float(value), 4)


@ask(
    id="logsumexp-shape", objectives=("tell the shapes of softmax and log-sum-exp",),
    kind="single", topic="softmax", bloom="remember", difficulty=1,
    params={"shape": ((4, 3), (2, 5), (6, 2), (5, 7), (2, 4, 3), (3, 2, 5))}, cards=("logsumexp-shape",),
)  # fmt: skip
def logsumexp_shape(p):
    z = np.zeros(p.shape)
    return Draft(
        stem=f"`z` has the shape `{p.shape}`, and its classes lie along the last axis. "
        "Which shape has `logsumexp(z)`?",
        key=np.shape(nnlib.logsumexp(z)),
        check=lambda: p.shape[:-1],
        wrong=(
            *mistakes_of("logsumexp", z, take=np.shape, only=("axis_kept",)),
            misconception("reduces-the-first-axis", p.shape[1:]),
            misconception("reduces-everything", ()),
            misconception("reduction-keeps-the-shape", p.shape),
        ),
        explain=f"Each example gives one number, so the axis of the {p.shape[-1]} classes disappears.",
    )


@ask(
    id="softmax-vjp-row", objectives=("use the Jacobian of softmax without forming it",),
    kind="vector", topic="softmax", bloom="apply", difficulty=3,
    params={"shares": SHARES, "u": Entries(WHOLE, (3,))}, given=lambda p: np.ptp(p.u) > 1,
    cards=("softmax-vjp-formula", "vjp-meaning", "softmax-jacobian"),
)  # fmt: skip
def softmax_vjp_row(p):
    shares, z = np.array(p.shares), np.log(p.shares)
    average = float(p.u @ shares)
    return Draft(
        stem=rf"The scores $z = \log p$ have the shares $p = {tex(shares)}$. From the loss comes "
        rf"$u = \partial L/\partial p = {tex(p.u)}$. What is $\partial L/\partial z$, to three significant digits?",
        key=tidy(nnlib.softmax_vjp(z, p.u)),
        check=lambda: np.array(
            [sum(p.u[i] * p.shares[i] * ((i == j) - p.shares[j]) for i in range(3)) for j in range(3)]
        ),
        wrong=mistakes_of(
            "softmax_vjp",
            *(z, p.u),
            take=tidy,
            only=(
                *(
                    "diagonal",
                    "upstream_ignored",
                    "plain_sum",
                    "plain_mean",
                    "outer_share_lost",
                    "shares_given",
                ),
                *("forward", "sign_lost", "minus_share", "share_on_one_side", "mean_of_products"),
            ),
        ),
        explain=f"The average of u, weighted with p, is ${average:.4g}$. What each entry of u has above it is "
        f"multiplied by its share: $p \\cdot {tex(p.u - average)}$.",
    )


@ask(
    id="softmax-vjp-batch", objectives=("use the Jacobian of softmax without forming it",),
    kind="single", topic="softmax", bloom="apply", difficulty=4,
    params={
        "share": Entries((0.1, 0.2, 0.25, 0.4, 0.5, 0.75, 0.8), (2,), distinct=True),
        "u": Entries(WHOLE, (2, 2)),
    },
    given=lambda p: p.u[0, 0] != p.u[0, 1] and p.u[1, 0] != p.u[1, 1],
    cards=("softmax-vjp-formula", "softmax-axis"),
)  # fmt: skip
def softmax_vjp_batch(p):
    shares = np.array([p.share, 1 - p.share]).T
    z = np.log(shares)
    slopes = (p.share * (1 - p.share)).tolist()
    return Draft(
        stem=f"Two examples (rows), two classes. Their shares are $p = {tex(shares)}$, the upstream is $u = {tex(p.u)}$. "
        "What is the gradient at the scores?",
        key=tidy(nnlib.softmax_vjp(z, p.u)),
        # For two classes the Jacobian is p(1 − p) times [[1, −1], [−1, 1]].
        check=lambda: np.array(
            [[s * (u - v), s * (v - u)] for s, (u, v) in zip(slopes, p.u.tolist(), strict=True)]
        ),
        wrong=mistakes_of(
            "softmax_vjp",
            *(z, p.u),
            take=tidy,
            only=(
                *("batch_sum", "diagonal", "plain_sum", "plain_mean"),
                *("forward", "sign_lost", "outer_share_lost", "share_on_one_side"),
            ),
        ),
        explain=f"Row by row: the averages of u are ${float(p.u[0] @ shares[0]):.4g}$ and ${float(p.u[1] @ shares[1]):.4g}$; "
        "what lies above the average of its own row is multiplied by its share.",
    )


@ask(
    id="two-units-one-logit", objectives=("show that a sigmoid and a two-unit softmax are one model",),
    kind="single", topic="choice of activation", bloom="understand", difficulty=2, claim=17,
    params={"no": WHOLE, "yes": WHOLE},
    given=lambda p: p.no and p.yes and p.no not in (p.yes, 2 * p.yes),
    cards=("two-unit-softmax",),
)  # fmt: skip
def two_units_one_logit(p):
    shares = nnlib.softmax(np.array([p.no, p.yes]))
    return Draft(
        stem=f'Two softmax units give "no" the score ${p.no:g}$ and "yes" the score ${p.yes:g}$. One sigmoid unit is to give '
        'the same probability of "yes". Which logit does it need?',
        key=math.log(shares[1]) - math.log(shares[0]),
        check=lambda: p.yes - p.no,
        wrong=(
            misconception("score-of-yes-alone", p.yes),
            misconception("scores-are-added", p.yes + p.no),
            misconception("difference-turned-round", p.no - p.yes),
        ),
        explain=rf"$\frac{{e^{{z_1}}}}{{e^{{z_0}} + e^{{z_1}}}} = \sigma(z_1 - z_0)$: the two models are the same, and "
        f"${p.yes:g} - ({p.no:g}) = {p.yes - p.no:g}$.",
    )


SLIPS = {
    "axis_zero": "each column was divided by its sum",
    "global_sum": "everything was divided by one sum",
    "sigmoid": "a sigmoid was taken of each score",
    "sign_lost": "the exponents had the wrong sign",
    "not_divided": "each row's largest score was taken away, but the division by the sum is missing",
}


@ask(
    id="softmax-diagnosis", version=2, objectives=("find an error from the numbers that it makes",),
    kind="find-the-error", topic="softmax", bloom="analyse", difficulty=3, claim=13,
    params={"odds": Entries(grid(1, 6, 1), (2, 2), distinct=True), "slip": tuple(SLIPS)},
    cards=("softmax-axis", "softmax-not-elementwise"),
)  # fmt: skip
def softmax_diagnosis(p):
    z = np.log(p.odds)
    made = values_of("softmax", SLIPS, z)

    def derived():
        e, seen = p.odds, made[p.slip]
        formulas = {
            "axis_zero": e / (e[0] + e[1]),
            "global_sum": e / np.sum(e),
            "sigmoid": e / (1 + e),
            "sign_lost": e[:, ::-1] / (e[:, :1] + e[:, 1:]),
            "not_divided": e / np.maximum(e[:, :1], e[:, 1:]),
        }
        [slip] = [slip for slip, value in formulas.items() if np.allclose(seen, value)]
        return SLIPS[slip]

    return Draft(
        stem=f"Two examples (rows), two classes, $e^z = {tex(p.odds)}$. A student's `softmax(z)` returns "
        f"${tex(made[p.slip])}$. What went wrong?",
        key=SLIPS[p.slip],
        check=derived,
        wrong=would_give("softmax", SLIPS, p.slip, made),
        explain=f"Right is {shown(nnlib.softmax(z))}: each row divided by its own sum, {p.odds[0].sum():g} and "
        f"{p.odds[1].sum():g}.",
    )


TEMPLATES = (
    softmax_of_logarithms,
    softmax_of_batch,
    softmax_odds_ratio,
    softmax_same_shares,
    softmax_step_by_step,
    logsumexp_shifted,
    logsumexp_shape,
    softmax_vjp_row,
    softmax_vjp_batch,
    two_units_one_logit,
    softmax_diagnosis,
)
