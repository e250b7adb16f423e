"""Questions on lesson 10: Adam and AdamW."""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import bracketed, in_latex
from ..template import Draft, template
from ..wrong import misconception, mistakes_of
from .tools import apart, besides, everything, first, that_explains

ask = partial(template, version=1, lesson="10_optimizers", topic="optimizers")
FIRST_WRONG = (
    "no_correction",
    "second_uncorrected",
    "t_one_too_many",
    "one_beta_for_both",
    "shares_swapped",
    "root_forgotten",
    "square_of_mean",
)


@ask(
    id="adam-first-step",
    kind="single",
    bloom="understand",
    difficulty=2,
    claim=14,
    params={
        "g": (-4000.0, -350.0, -50.0, -7.0, -0.02, 0.005, 0.06, 0.3, 8.0, 20.0, 90.0, 700.0),
        "rate": (0.001, 0.002, 0.01, 0.05, 0.1),
    },
    cards=("adam-first-step", "adam-bias-correction"),
)
def adam_first_step(p):
    given = 0.0, p.g, 0.0, 0.0, 1, p.rate
    return Draft(
        stem=rf"Adam with its default settings but $\eta = {p.rate:g}$ makes its first step, and the gradient is ${p.g:g}$. How far does the "
        "weight move?",
        key=abs(float(nnlib.adam(*given)[0])),
        check=lambda: p.rate * abs(p.g) / (abs(p.g) + 1e-8),
        wrong=(
            *mistakes_of("adam", *given, take=lambda out: np.abs(out[0]), only=FIRST_WRONG),
            misconception("adam-steps-by-size", p.rate * abs(p.g)),
        ),
        explain=rf"At $t = 1$ the corrections give $\hat m = g$ and $\hat v = g^2$, so the step is $\eta\,g/|g|$, of the size "
        rf"$\eta = {p.rate:g}$, for every gradient far above ε.",
    )


@ask(
    id="adam-first-step-in-parts",
    kind="cloze",
    bloom="apply",
    difficulty=2,
    params={"g": (-30.0, -20.0, -4.0, -3.0, 0.5, 0.8, 2.0, 5.0, 6.0, 20.0), "rate": (0.01, 0.05, 0.1, 0.2)},
    cards=("adam-formula", "adam-bias-correction"),
)
def adam_first_step_in_parts(p):
    w, m, v = (float(x) for x in nnlib.adam(0.0, p.g, 0.0, 0.0, 1, p.rate))
    return Draft(
        stem=rf"First step of Adam with the default betas (0.9 and 0.999), $\eta = {p.rate:g}$ and $m = v = 0$; the gradient is ${p.g:g}$. "
        r"The new $m$ is [[m]] and the new $v$ is [[v]]. Corrected, they are $\hat m =$ [[mhat]] and $\hat v =$ [[vhat]], and $w$ changes by "
        "[[change]] (with its sign).",
        key={"m": m, "v": v, "mhat": m / (1 - 0.9), "vhat": v / (1 - 0.999), "change": w},
        check=lambda: {
            "m": p.g / 10,
            "v": p.g**2 / 1000,
            "mhat": p.g,
            "vhat": p.g * p.g,
            "change": -p.rate / (1 + 1e-8 / abs(p.g)) * math.copysign(1, p.g),
        },
        explain=rf"$m = 0.1 \cdot {bracketed(p.g)}$ and $v = 0.001 \cdot {p.g**2:g}$; divided by $1 - 0.9$ and $1 - 0.999$ they are $g$ and $g^2$ "
        rf"again. The step is $-\eta\,g/|g|$.",
    )


LATER_WRONG = (
    "no_correction",
    "second_uncorrected",
    "t_from_zero",
    "t_one_too_many",
    "t_not_used",
    "betas_swapped",
    "one_beta_for_both",
    "shares_swapped",
    "root_forgotten",
    "gradient_for_mean",
    "square_of_mean",
)


@ask(
    id="adam-later-step",
    kind="numeric",
    bloom="apply",
    difficulty=4,
    params={
        "g": (-2.0, 1.0, 3.0),
        "m": (0.4, 1.0, -0.6),
        "v": (0.3, 0.8),
        "t": (2, 3, 5),
        "rate": (0.1, 0.5),
    },
    given=lambda p: abs(0.8 * p.m + 0.2 * p.g) > 0.05,
    cards=("adam-formula", "adam-t", "adam-bias-correction"),
)
def adam_later_step(p):
    given = 0.0, p.g, p.m, p.v, p.t, p.rate, 0.8, 0.9
    m, v = 0.8 * p.m + 0.2 * p.g, 0.9 * p.v + 0.1 * p.g**2
    m_hat, v_hat = m / (1 - 0.8**p.t), v / (1 - 0.9**p.t)
    return Draft(
        stem=rf"Adam with $\beta_1 = 0.8$, $\beta_2 = 0.9$, $\eta = {p.rate:g}$ (ε negligible) comes to step $t = {p.t}$ with $w = 0$, "
        rf"$m = {p.m:g}$, $v = {p.v:g}$; the new gradient is ${p.g:g}$. What is $w$ after the step, to three significant digits?",
        key=float(nnlib.adam(*given)[0]),
        check=lambda: -p.rate * m * math.sqrt((1 - 0.9**p.t) / v) / (1 - 0.8**p.t),
        wrong=mistakes_of("adam", *given, take=first, only=LATER_WRONG),
        explain=rf"$m = {m:.4g}$ and $v = {v:.4g}$; corrected, $\hat m = {m:.4g}/(1 - 0.8^{p.t}) = {m_hat:.4g}$ and $\hat v = "
        rf"{v:.4g}/(1 - 0.9^{p.t}) = {v_hat:.4g}$. The step is $-{p.rate:g} \cdot \hat m/\sqrt{{\hat v}}$.",
        hints=(rf"First the new $m$ and $v$, then divide each by $1 - \beta^{p.t}$ with its own $\beta$.",),
    )


@ask(
    id="adam-state-kept",
    kind="vector",
    bloom="apply",
    difficulty=3,
    params={"g": (-3.0, 2.0, 5.0), "m": (0.5, -1.0, 1.5), "v": (0.5, 2.0, 3.0), "t": (2, 3)},
    cards=("adam-state", "moving-average"),
)
def adam_state_kept(p):
    given = 1.0, p.g, p.m, p.v, p.t, 0.1, 0.8, 0.9
    return Draft(
        stem=rf"`adam` with $\beta_1 = 0.8$ and $\beta_2 = 0.9$ is called at $t = {p.t}$ with $m = {p.m:g}$, $v = {p.v:g}$ and the gradient "
        rf"${p.g:g}$. Which $m$ and $v$ does it return for the next step?",
        key=everything(nnlib.adam(*given)[1:]),
        check=lambda: [p.m + 0.2 * (p.g - p.m), p.v + 0.1 * (p.g**2 - p.v)],
        wrong=mistakes_of("adam", *given, take=lambda out: everything(out[1:]), only=STATE_WRONG),
        explain=rf"$m = 0.8 \cdot {bracketed(p.m)} + 0.2 \cdot {bracketed(p.g)} = {0.8 * p.m + 0.2 * p.g:g}$ and $v = 0.9 \cdot {p.v:g} + 0.1 \cdot "
        rf"{p.g**2:g} = {0.9 * p.v + 0.1 * p.g**2:g}$, both uncorrected: the next step corrects them anew.",
    )


STATE_WRONG = ("corrected_state", "state_not_kept", "betas_swapped", "shares_swapped", "square_of_mean")


@ask(
    id="epsilon-beside-a-tiny-gradient",
    kind="single",
    bloom="analyse",
    difficulty=4,
    params={"rule": ("adagrad", "rmsprop", "adam"), "ratio": (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0)},
    cards=("epsilon-place",),
)
def epsilon_beside_a_tiny_gradient(p):
    g, step = p.ratio * 1e-8, nnlib.OPTIMIZERS[p.rule].step
    given, says, grown = {
        "adagrad": ((0.0, g, 0.0, 1.0, 1e-8), r"AdaGrad ($\varepsilon = 10^{-8}$)", p.ratio),
        "rmsprop": (
            (0.0, g, 0.0, 1.0, 0.99, 1e-8),
            r"RMSprop ($\rho = 0.99$, $\varepsilon = 10^{-8}$)",
            p.ratio / 10,
        ),
        "adam": ((0.0, g, 0.0, 0.0, 1, 1.0), r"Adam (default settings, $\varepsilon = 10^{-8}$)", p.ratio),
    }[p.rule]
    root = r"\sqrt{\hat v}" if p.rule == "adam" else r"\sqrt s"
    only = ("epsilon_inside", *(("epsilon_before_correction",) if p.rule == "adam" else ()))
    return Draft(
        stem=rf"The first gradient of a weight is ${in_latex(g)}$, and all state is 0. How long is the first step of {says}, in units of $\eta$, "
        f"with ε added to the root ${root}$?",
        key=-float(step(*given)[0]),
        check=lambda: 1 / (grown / p.ratio + 1 / p.ratio),
        wrong=(
            *mistakes_of(p.rule, *given, take=lambda out: -out[0], only=only),
            misconception("epsilon-is-negligible", p.ratio / grown),
            misconception("tiny-gradient-tiny-step", g),
            misconception("epsilon-stops-all", 0.0),
        ),
        explain=rf"The root is {grown:g} times $10^{{-8}}$, not far above ε or below it, so ε counts. It is added to the *root*: "
        rf"{p.ratio:g}/({grown:g} + 1) = {p.ratio / (grown + 1):.3g}. Under the root it would act like $10^{{-4}}$.",
    )


W_WRONG = (
    "coupled",
    "rate_forgotten",
    "decay_after",
    "decay_forgotten",
    "weights_grow",
    "decay_by_sign",
    "settings_not_passed",
)


@ask(
    id="adamw-first-step",
    kind="numeric",
    bloom="apply",
    difficulty=3,
    params={"w": (-3.0, 2.0, 4.0), "g": (-7.0, 0.5, 30.0), "rate": (0.4, 0.5), "decay": (0.4, 0.5)},
    given=lambda p: abs(p.w * (1 - p.rate * p.decay) - math.copysign(p.rate, p.g)) > 0.1,
    cards=("adamw-formula", "adamw-decoupled"),
)
def adamw_first_step(p):
    given = p.w, p.g, 0.0, 0.0, 1, p.rate, 0.9, 0.999, 1e-8, p.decay
    shrunk = p.w * (1 - p.rate * p.decay)
    return Draft(
        stem=r"AdamW as in this course and in PyTorch (first $w \leftarrow w - \eta\lambda w$, then Adam's step) "
        rf"with $\eta = {p.rate:g}$ and weight decay $\lambda = {p.decay:g}$ makes its first step at $w = {p.w:g}$; the gradient is "
        rf"${p.g:g}$. What is $w$ then, to three significant digits?",
        key=float(nnlib.adamw(*given)[0]),
        check=lambda: shrunk - p.rate * p.g / (abs(p.g) + 1e-8),
        wrong=mistakes_of("adamw", *given, take=first, only=W_WRONG),
        explain=rf"First shrink: ${p.w:g} \cdot (1 - {p.rate:g} \cdot {p.decay:g}) = {shrunk:g}$. Then Adam's first step, which has the size "
        rf"$\eta$ and goes against the gradient: ${shrunk - math.copysign(p.rate, p.g):g}$.",
    )


@ask(
    id="adamw-means-know-no-decay",
    kind="vector",
    topic="regularisation",
    bloom="analyse",
    difficulty=4,
    params={"w": (-4.0, 2.0, 6.0), "g": (-1.5, 0.5, 3.0), "rate": (0.1, 0.2), "decay": (0.4, 0.5)},
    given=lambda p: (
        abs(p.g + p.decay * p.w) > 0.1
        and abs(p.w * (1 - p.rate * p.decay) - math.copysign(p.rate, p.g)) > 0.05
    ),
    cards=("adamw-decoupled",),
)
def adamw_means_know_no_decay(p):
    given = p.w, p.g, 0.0, 0.0, 1, p.rate, 0.8, 0.9, 1e-8, p.decay
    return Draft(
        stem=r"First step of AdamW as in this course and in PyTorch (first $w \leftarrow w - \eta\lambda w$, then Adam's step) "
        rf"with $\beta_1 = 0.8$, $\beta_2 = 0.9$, $\eta = {p.rate:g}$, $\lambda = {p.decay:g}$; $w = {p.w:g}$, "
        rf"$g = {p.g:g}$, $m = v = 0$. What are the new $w$, $m$ and $v$?",
        key=everything(nnlib.adamw(*given)),
        check=lambda: [
            p.w - p.rate * p.decay * p.w - p.rate * p.g / (abs(p.g) + 1e-8),
            p.g - 0.8 * p.g,
            p.g**2 - 0.9 * p.g**2,
        ],
        wrong=mistakes_of(
            "adamw",
            *given,
            take=everything,
            only=("coupled", "coupled_in_m", "decay_divided", "decay_forgotten"),
        ),
        explain=rf"The means take the gradient alone: $m = 0.2 \cdot {bracketed(p.g)} = {0.2 * p.g:g}$ and $v = 0.1 \cdot {p.g**2:g} = "
        rf"{0.1 * p.g**2:g}$. Only $w$ knows of the decay: it shrinks to ${p.w * (1 - p.rate * p.decay):g}$ before Adam's step of {p.rate:g}.",
    )


ADAMS = {
    "no_correction": ("neither mean was corrected", lambda m, v, t: m / v**0.5),
    "second_uncorrected": ("$v$ was not corrected", lambda m, v, t: m / (1 - 0.8**t) / v**0.5),
    "t_one_too_many": ("the corrections used $t + 1$", lambda m, v, t: m / (1 - 0.8 ** (t + 1)) * ((1 - 0.9 ** (t + 1)) / v) ** 0.5),
    "t_not_used": ("the corrections were those of $t = 1$", lambda m, v, t: m / 0.2 * (0.1 / v) ** 0.5),
    "one_beta_for_both": (r"$v$ was corrected with $\beta_1$", lambda m, v, t: m / ((1 - 0.8**t) * v) ** 0.5),
    "root_forgotten": (r"the root of $\hat v$ was forgotten", lambda m, v, t: m / (1 - 0.8**t) * (1 - 0.9**t) / v),
}  # fmt: skip


@ask(
    id="adam-find-the-error",
    kind="find-the-error",
    bloom="analyse",
    difficulty=4,
    params={"bug": tuple(ADAMS), "g": (-3.0, 2.0, 5.0), "t": (2, 3, 4), "m": (-0.5, 0.4), "v": (0.3, 0.9)},
    given=lambda p: (
        abs(0.8 * p.m + 0.2 * p.g) > 0.05
        and apart([f(0.8 * p.m + 0.2 * p.g, 0.9 * p.v + 0.1 * p.g**2, p.t) for _, f in ADAMS.values()])
    ),
    cards=("adam-bias-correction", "adam-t"),
)
def adam_find_the_error(p):
    given = 0.0, p.g, p.m, p.v, p.t, 0.1, 0.8, 0.9
    (bug,) = mistakes_of("adam", *given, take=first, only=(p.bug,))
    got, right = bug.compute(), float(nnlib.adam(*given)[0])
    m, v = 0.8 * p.m + 0.2 * p.g, 0.9 * p.v + 0.1 * p.g**2
    return Draft(
        stem=rf"Adam with $\eta = 0.1$, $\beta_1 = 0.8$, $\beta_2 = 0.9$ takes step $t = {p.t}$ from $w = 0$. The new means, uncorrected, are "
        rf"$m = {m:.4g}$ and $v = {v:.4g}$. A program arrives at ${got:.4f}$, where ${right:.4f}$ is right. What went wrong?",
        key=ADAMS[p.bug][0],
        check=lambda: that_explains(got, {text: -0.1 * f(m, v, p.t) for text, f in ADAMS.values()}, 1e-4),
        wrong=besides("adam", ADAMS, p.bug),
        explain=rf"Right is $\hat m = m/(1 - 0.8^{p.t})$, $\hat v = v/(1 - 0.9^{p.t})$ and the step $-0.1\,\hat m/\sqrt{{\hat v}} = {right:.4f}$. "
        f"The value ${got:.4f}$ comes out where {ADAMS[p.bug][0]}.",
    )


TEMPLATES = (
    adam_first_step,
    adam_first_step_in_parts,
    adam_later_step,
    adam_state_kept,
    epsilon_beside_a_tiny_gradient,
    adamw_first_step,
    adamw_means_know_no_decay,
    adam_find_the_error,
)
