"""Questions on lesson 10. Keys come from the library's update rules, second derivations from formulas by hand."""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

import nnlib

from ...exercises import find
from ..display import in_latex
from ..template import Draft, Entries, Wrong, misconception, mistakes_of, template
from .vanishing_and_exploding import par, tex, that_explains, well_apart

RULES, RATE = "optimizers", "learning rate"
ask = partial(template, version=1, lesson="10_optimizers")
RATES = (0.05, 0.1, 0.2, 0.5)


def after_steps(name: str, w: float, gradients: tuple, *settings: float, only: tuple) -> Iterator[Wrong]:
    """Mistakes of a rule with one array of state, as the w that they give after several steps from state 0."""
    exercise = find(name)
    for mistake in exercise.mistakes:
        short = exercise.mistake_name(mistake)
        if short in only:
            steps = partial(walked, mistake.answer, w, gradients, *settings)
            yield Wrong(f"{name}.{short}", mistake.diagnosis, steps)


def walked(step, w, gradients, *settings):
    w, state = np.float64(w), np.float64(0)
    for g in gradients:
        w, state = step(w, np.float64(g), state, *settings)
    return float(w)


def everything(out):
    """The new parameter and state of a rule, as one vector."""
    return np.array([float(x) for x in out])


@ask(
    id="sgd-one-step",
    kind="vector",
    topic=RULES,
    bloom="apply",
    difficulty=1,
    params={
        "w": Entries((-2, -1, 0.5, 1, 3), (2,), distinct=True),
        "g": Entries((-4, -2.5, -0.5, 0.4, 2, 5), (2,), distinct=True),
        "rate": (0.1, 0.2, 0.5),
    },
    given=lambda p: np.abs(p.g).max() > 1 and np.abs(p.w - p.rate * p.g).min() > 0.01,
    cards=("sgd-formula", "descent-direction"),
)
def sgd_one_step(p):
    return Draft(
        stem=rf"Gradient descent stands at $w = {tex(p.w)}$, where the gradient is $g = {tex(p.g)}$. Where is it after one step "
        rf"with learning rate $\eta = {p.rate:g}$?",
        key=nnlib.sgd(p.w, p.g, p.rate),
        check=lambda: [math.fsum((a, -p.rate * b)) for a, b in zip(p.w.tolist(), p.g.tolist(), strict=True)],
        wrong=mistakes_of("sgd", p.w, p.g, p.rate),
        explain=rf"$w - \eta g$, each entry by itself: the step is ${tex(-p.rate * p.g)}$.",
    )


@ask(
    id="two-steps-in-a-bowl",
    kind="numeric",
    topic=RATE,
    bloom="apply",
    difficulty=2,
    params={"curvature": (2, 4, 5, 8), "start": (-10, 1, 5, 100), "rate": (0.05, 0.1, 0.15, 0.3, 0.4)},
    given=lambda p: abs(1 - p.rate * p.curvature) > 0.05,
    cards=("bowl-factor", "learning-rate-bound"),
)
def two_steps_in_a_bowl(p):
    c, w = float(p.curvature), float(p.start)
    for _ in range(2):
        w = float(nnlib.sgd(w, c * w, p.rate))
    factor = 1 - p.rate * c
    return Draft(
        stem=rf"The loss is $\frac12 \lambda w^2$ with $\lambda = {c:g}$. Gradient descent starts at $w = {p.start:g}$ with "
        rf"$\eta = {p.rate:g}$. Where is it after **two** steps?",
        key=w,
        check=lambda: p.start * (1 - 2 * p.rate * c + (p.rate * c) ** 2),
        wrong=(
            misconception("bowl-steps-added", p.start * (1 - 2 * p.rate * c)),
            misconception("bowl-one-step", p.start * factor),
            misconception("bowl-half-kept", p.start * (1 - p.rate * c / 2) ** 2),
            misconception("sgd.plus_for_minus", p.start * (1 + p.rate * c) ** 2),
            misconception("sgd.shrinks_weights", p.start * (1 - p.rate) ** 2),
        ),
        explain=rf"The gradient is $\lambda w$, so each step multiplies $w$ by $1 - \eta\lambda = {factor:g}$: "
        rf"${p.start:g} \cdot {par(factor)}^2 = {in_latex(w)}$.",
    )


@ask(
    id="largest-stable-rate",
    kind="single",
    topic=RATE,
    bloom="apply",
    difficulty=3,
    claim=14,
    params={"a": Entries((0.5, 1, 2, 4, 5, 10, 25, 50), (2,), distinct=True), "start": (1, 100, 1000)},
    cards=("learning-rate-bound", "curvature-not-size"),
)
def largest_stable_rate(p):
    a, b = p.a.tolist()
    top = max(a, b)
    # The steepest direction is the one in which a step of rate 1 goes furthest below where it started.
    most = 1 - min(nnlib.sgd(np.ones(2), 2 * p.a, 1.0).tolist())
    return Draft(
        stem=rf"$\mathrm{{loss}} = {a:g}\,w_1^2 + {b:g}\,w_2^2$. Below which learning rate does gradient descent converge from "
        rf"$w = ({p.start}, {p.start})$?",
        key=2 / most,
        check=lambda: bisected(lambda rate: all(abs(1 - 2 * rate * c) < 1 for c in (a, b))),
        wrong=(
            misconception("curvature-half-left-out", 2 / top),
            misconception("rate-one-over-curvature", 0.5 / top),
            misconception("smallest-curvature-decides", 1 / min(a, b)),
            misconception("rate-from-gradient-size", 1 / (2 * top * p.start) if p.start > 1 else 1 / (a + b)),
        ),
        explain=rf"The curvatures are the second derivatives, {2 * a:g} and {2 * b:g}. The largest decides: "
        rf"$\eta < 2/\lambda_{{max}} = 2/{2 * top:g} = {1 / top:g}$, from any start.",
    )


def bisected(holds):
    """The end of where a condition holds, from 0 on."""
    low, high = 0.0, 1e3
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


@ask(
    id="which-rates-converge",
    kind="multiple",
    topic=RATE,
    bloom="analyse",
    difficulty=3,
    params={"curvature": (0.4, 2, 4, 5, 8, 10, 20), "start": (0.001, 1, 1000)},
    cards=("learning-rate-bound", "bowl-factor"),
)
def which_rates_converge(p):
    c = p.curvature
    text = {share: rf"$\eta = {share / c:.4g}$" for share in (0.25, 1.5, 1.9, 2.0, 2.1, 3.0)}
    converges = [share for share in text if abs(float(nnlib.sgd(1.0, c, share / c))) < 1 - 1e-9]
    return Draft(
        stem=rf"$\mathrm{{loss}} = \frac12 \cdot {c:g} \cdot w^2$, start at $w = {p.start:g}$. With which of these learning rates does "
        "gradient descent converge to the minimum?",
        key=tuple(text[share] for share in converges),
        check=lambda: tuple(t for share, t in text.items() if -1 + 1e-9 < math.fsum((1, -share)) < 1),
        wrong=(
            misconception("bound-itself-converges", text[2.0]),
            misconception("just-above-converges", text[2.1]),
            misconception("jumping-across-converges", text[3.0]),
        ),
        explain=rf"Each step multiplies $w$ by $1 - {c:g}\,\eta$, which is between −1 and 1 for $0 < \eta < {2 / c:g}$. At "
        rf"{2 / c:g} itself it swings for ever. The start does not matter.",
    )


@ask(
    id="l2-penalty-with-sgd",
    kind="single",
    topic="regularisation",
    bloom="apply",
    difficulty=2,
    params={
        "w": (-4.0, -2.5, 2.0, 3.0, 5.0, 8.0),
        "g": (-3.0, -1.5, 1.0, 2.0, 4.0),
        "rate": (0.1, 0.2),
        "decay": (0.2, 0.4, 0.5),
    },
    given=lambda p: well_apart(l2_values(p)),
    cards=("adamw-decoupled", "sgd-formula"),
)
def l2_penalty_with_sgd(p):
    _, forgotten, grown, alone, by_sign = l2_values(p)
    shrunk = 1 - p.rate * p.decay
    return Draft(
        stem=rf"The penalty $\frac12 \lambda w^2$ with $\lambda = {p.decay:g}$ is added to a loss whose gradient at $w = {p.w:g}$ is "
        rf"${p.g:g}$. Where does one step of SGD with $\eta = {p.rate:g}$ lead?",
        key=float(nnlib.sgd(p.w, p.g, p.rate, weight_decay=p.decay)),
        check=lambda: shrunk * p.w - p.rate * p.g,
        wrong=(
            misconception("adamw.decay_forgotten", forgotten),
            misconception("adamw.weights_grow", grown),
            misconception("adamw.rate_forgotten", alone),
            misconception("adamw.decay_by_sign", by_sign),
        ),
        explain=rf"The penalty adds $\lambda w$ to the gradient: ${p.w:g} - {p.rate:g}\,({p.g:g} + {p.decay:g} \cdot {par(p.w)})$. For "
        rf"SGD that is the same as shrinking $w$ by the factor ${shrunk:g}$ first.",
    )


def l2_values(p):
    plain, decay = p.w - p.rate * p.g, p.decay * p.w
    return (
        plain - p.rate * decay,
        plain,
        plain + p.rate * decay,
        plain - decay,
        plain - p.rate * math.copysign(p.decay, p.w),
    )


BALL = (
    "dampened",
    "old_velocity",
    "velocity_unused",
    "rate_twice",
    "mu_forgotten",
    "mu_on_the_gradient",
    "mu_fixed",
    "velocity_not_kept",
    "uphill",
)


@ask(
    id="heavy-ball-second-step",
    kind="numeric",
    topic=RULES,
    bloom="apply",
    difficulty=3,
    params={
        "w": (-1.0, 2.0, 3.0),
        "g": ((4, 2), (2, -1), (-3, -2), (5, 1)),
        "rate": (0.05, 0.1, 0.2),
        "mu": (0.5, 0.8),
    },
    given=lambda p: abs(p.w - p.rate * (p.g[0] * (1 + p.mu) + p.g[1])) > 0.1,
    cards=("momentum-formula", "optimizer-state"),
)
def heavy_ball_second_step(p):
    first, second = p.g
    v = p.mu * first + second
    return Draft(
        stem=rf"Momentum (the heavy ball) starts at $w = {p.w:g}$ with $v = 0$, $\eta = {p.rate:g}$ and $\mu = {p.mu:g}$. The first two "
        f"gradients are ${first}$ and ${second}$. Where is $w$ after the **second** step?",
        key=walked(nnlib.momentum, p.w, p.g, p.rate, p.mu),
        check=lambda: p.w - p.rate * ((1 + p.mu) * first + second),
        wrong=after_steps("momentum", p.w, p.g, p.rate, p.mu, only=BALL),
        explain=rf"$v$ is ${first}$, then ${p.mu:g} \cdot {par(first)} + {par(second)} = {v:g}$. So $w = {p.w:g} - {p.rate:g} \cdot {par(first)} - "
        rf"{p.rate:g} \cdot {par(v)} = {p.w - p.rate * (first + v):g}$.",
    )


@ask(
    id="momentum-what-is-returned",
    kind="vector",
    topic=RULES,
    bloom="apply",
    difficulty=2,
    params={
        "w": (0.5, 1.5, -2.0),
        "g": (3.0, -4.0, 2.0),
        "v": (5.0, -6.0, 8.0),
        "rate": (0.05, 0.1, 0.25),
        "mu": (0.5, 0.75, 0.8),
    },
    given=lambda p: abs(p.mu * p.v + p.g) > 0.1 and abs(p.w - p.rate * (p.mu * p.v + p.g)) > 0.01,
    cards=("momentum-formula", "momentum-order"),
)
def momentum_what_is_returned(p):
    v = p.mu * p.v + p.g
    return Draft(
        stem=rf"`momentum` is called with $w = {p.w:g}$, $g = {p.g:g}$, $v = {p.v:g}$, $\eta = {p.rate:g}$, $\mu = {p.mu:g}$. What does it "
        "return: the new $w$, then the new $v$?",
        key=everything(nnlib.momentum(p.w, p.g, p.v, p.rate, p.mu)),
        check=lambda: [p.w - p.rate * p.mu * p.v - p.rate * p.g, p.g + p.v - (1 - p.mu) * p.v],
        wrong=mistakes_of("momentum", p.w, p.g, p.v, p.rate, p.mu, take=everything),
        explain=rf"First $v = {p.mu:g} \cdot {par(p.v)} + {par(p.g)} = {v:g}$, a sum that forgets, then "
        rf"$w = {p.w:g} - {p.rate:g} \cdot {par(v)} = {p.w - p.rate * v:g}$.",
    )


@ask(
    id="momentum-in-the-long-run",
    kind="single",
    topic=RULES,
    bloom="understand",
    difficulty=2,
    claim=11,
    params={"mu": (0.5, 0.75, 0.8, 0.9, 0.95), "g": (0.5, 2.0, 4.0), "rate": (0.01, 0.02, 0.1)},
    cards=("momentum-long-run", "momentum-not-adaptive"),
)
def momentum_in_the_long_run(p):
    step, v = p.rate * p.g, p.g / (1 - p.mu)
    return Draft(
        stem=rf"Every gradient is {p.g:g}. Momentum runs with $\eta = {p.rate:g}$ and $\mu = {p.mu:g}$. How long are its steps in the end?",
        key=-float(nnlib.momentum(0.0, p.g, v, p.rate, p.mu)[0]),
        check=lambda: step * math.fsum(p.mu**k for k in range(2000)),
        wrong=(
            misconception("momentum.dampened", step),
            misconception("momentum-one-echo", step * (1 + p.mu)),
            misconception("momentum-over-mu", step / p.mu),
            misconception("momentum.rate_twice", step * p.rate / (1 - p.mu)),
        ),
        explain=rf"The velocity becomes $g(1 + \mu + \mu^2 + \dots) = g/(1 - \mu) = {v:g}$, and a step is $\eta$ times that: "
        rf"{p.rate * v:.3g}. A larger gradient makes a larger step: nothing adapts.",
    )


@ask(
    id="nesterov-what-is-returned",
    kind="vector",
    topic=RULES,
    bloom="apply",
    difficulty=3,
    params={
        "w": (0.5, 1.0, -2.0),
        "g": (3.0, -4.0, 2.0),
        "v": (6.0, -2.5, 10.0),
        "rate": (0.05, 0.1, 0.2),
        "mu": (0.5, 0.8),
    },
    given=lambda p: (
        abs(p.mu * p.v + p.g) > 0.1 and abs(p.w - p.rate * (p.g + p.mu * (p.mu * p.v + p.g))) > 0.01
    ),
    cards=("nesterov-formula",),
)
def nesterov_what_is_returned(p):
    v = p.mu * p.v + p.g
    ahead = p.g + p.mu * v
    return Draft(
        stem=rf"`nesterov` is called with $w = {p.w:g}$, $g = {p.g:g}$, $v = {p.v:g}$, $\eta = {p.rate:g}$, $\mu = {p.mu:g}$. What does it "
        "return: the new $w$, then the new $v$?",
        key=everything(nnlib.nesterov(p.w, p.g, p.v, p.rate, p.mu)),
        check=lambda: [p.w - p.rate * ((1 + p.mu) * p.g + p.mu**2 * p.v), p.g + p.mu * p.v],
        wrong=mistakes_of("nesterov", p.w, p.g, p.v, p.rate, p.mu, take=everything),
        explain=rf"$v = {p.mu:g} \cdot {par(p.v)} + {par(p.g)} = {v:g}$, as for momentum. The step looks ahead with the new $v$: "
        rf"$g + \mu v = {ahead:g}$, so $w = {p.w:g} - {p.rate:g} \cdot {par(ahead)} = {p.w - p.rate * ahead:g}$.",
    )


@ask(
    id="adagrad-two-parameters",
    kind="vector",
    topic=RULES,
    bloom="apply",
    difficulty=2,
    params={
        "w": Entries((-2, -1, 1, 1.5, 3), (2,)),
        "legs": (
            ((3, 4), (6, 8)),
            ((4, 3), (-5, 12)),
            ((-8, 6), (3, 4)),
            ((12, 5), (-4, 3)),
            ((6, 8), (15, 8)),
        ),
        "rate": (0.1, 0.5, 2.0),
    },
    given=lambda p: (
        min(abs(w - p.rate * g / math.hypot(g, old)) for w, (g, old) in zip(p.w, p.legs, strict=True)) > 0.05
    ),
    cards=("adagrad-formula",),
)
def adagrad_two_parameters(p):
    g, old = np.array(p.legs, dtype=float).T
    roots = np.hypot(g, old).tolist()
    return Draft(
        stem=rf"AdaGrad, $\eta = {p.rate:g}$, ε negligible: $w = {tex(p.w)}$, $g = {tex(g)}$, and the sums of squares so far are "
        rf"$s = {tex(old**2)}$. What is $w$ after the step, to three digits?",
        key=nnlib.adagrad(p.w, g, old**2, p.rate)[0],
        check=lambda: [w - p.rate * x / r for w, x, r in zip(p.w.tolist(), g.tolist(), roots, strict=True)],
        wrong=mistakes_of("adagrad", p.w, g, old**2, p.rate, take=lambda out: out[0], only=ADAGRAD_WRONG),
        explain=rf"Each entry has its own sum: $s + g^2$ has the roots {roots[0]:g} and {roots[1]:g}. The step is $-\eta g$ divided by "
        "that, entry by entry.",
    )


ADAGRAD_WRONG = (
    "root_forgotten",
    "square_forgotten",
    "old_sum",
    "newest_alone",
    "one_rate_for_all",
    "no_gradient",
)


@ask(
    id="adagrad-second-step",
    kind="numeric",
    topic=RULES,
    bloom="apply",
    difficulty=3,
    params={
        "w": (-1.0, 1.0, 2.0),
        "g": ((3, 4), (-4, 3), (8, -6), (5, 12), (-12, -5), (15, 8), (20, -15), (6, 8)),
        "rate": (0.25, 0.4, 0.5),
    },
    given=lambda p: abs(p.w - p.rate * (math.copysign(1, p.g[0]) + p.g[1] / math.hypot(*p.g))) > 0.05,
    cards=("adagrad-formula", "optimizer-state"),
)
def adagrad_second_step(p):
    first, second = p.g
    root = math.hypot(*p.g)
    return Draft(
        stem=rf"AdaGrad starts at $w = {p.w:g}$ with $s = 0$ and $\eta = {p.rate:g}$ (ε negligible). The first two gradients are ${first}$ "
        f"and ${second}$. Where is $w$ after the **second** step?",
        key=walked(nnlib.adagrad, p.w, p.g, p.rate),
        check=lambda: p.w - p.rate * (math.copysign(1, first) + math.sin(math.atan2(second, abs(first)))),
        wrong=(
            *after_steps(
                "adagrad",
                p.w,
                p.g,
                p.rate,
                only=("sum_not_kept", "square_forgotten", "root_forgotten", "no_gradient"),
            ),
            misconception("first-step-is-the-gradient", p.w - p.rate * (first + second / root)),
        ),
        explain=rf"The first step has the size $\eta$, as $s = {first**2}$. Then $s = {first**2 + second**2}$, whose root is {root:g}, "
        rf"so the second step is $-{p.rate:g} \cdot {par(second)}/{root:g}$.",
    )


@ask(
    id="adagrad-step-number",
    kind="single",
    topic=RULES,
    bloom="understand",
    difficulty=2,
    params={"t": (4, 9, 16, 25, 64, 100, 400), "g": (2.0, 3.0, 5.0), "rate": (0.02, 0.1, 1.0)},
    cards=("adagrad-dies-out",),
)
def adagrad_step_number(p):
    before = (p.t - 1) * p.g**2
    return Draft(
        stem=rf"Every gradient is {p.g:g}. How long is AdaGrad's step number {p.t} with $\eta = {p.rate:g}$ (ε negligible)?",
        key=-float(nnlib.adagrad(0.0, p.g, before, p.rate)[0]),
        check=lambda: p.rate * math.exp(-math.log(p.t) / 2),
        wrong=(
            *mistakes_of(
                "adagrad",
                0.0,
                p.g,
                before,
                p.rate,
                take=lambda out: -out[0],
                only=("root_forgotten", "newest_alone"),
            ),
            misconception("adagrad-like-one-over-t", p.rate / p.t),
            misconception("adagrad-step-grows", p.rate * p.t**0.5),
            misconception("sgd-step-for-adagrad", p.rate * p.g),
        ),
        explain=rf"$s = {p.t} \cdot {p.g:g}^2$, so the step is $\eta \cdot {p.g:g}/({p.g:g}\sqrt{{{p.t}}}) = {p.rate:g}/"
        rf"{p.t**0.5:g} = {p.rate / p.t**0.5:.3g}$. AdaGrad's steps die out like $1/\sqrt t$.",
    )


@ask(
    id="rmsprop-what-is-returned",
    kind="vector",
    topic=RULES,
    bloom="apply",
    difficulty=3,
    params={
        "w": (0.5, 2.0, -1.0),
        "g": (2.0, -3.0, 4.0, -6.0),
        "s": (0.0, 4.0, 9.0, 25.0),
        "rate": (0.1, 0.3),
        "rho": (0.75, 0.9),
    },
    given=lambda p: abs(p.w - p.rate * p.g / math.sqrt(p.rho * p.s + (1 - p.rho) * p.g**2)) > 0.05,
    cards=("rmsprop-formula", "moving-average"),
)
def rmsprop_what_is_returned(p):
    s = p.rho * p.s + (1 - p.rho) * p.g**2
    return Draft(
        stem=rf"`rmsprop` is called with $w = {p.w:g}$, $g = {p.g:g}$, $s = {p.s:g}$, $\eta = {p.rate:g}$ and $\rho = {p.rho:g}$; ε is "
        "negligible. What does it return, to three digits: the new $w$, then the new $s$?",
        key=everything(nnlib.rmsprop(p.w, p.g, p.s, p.rate, p.rho)),
        check=lambda: rms_by_hand(p),
        wrong=mistakes_of("rmsprop", p.w, p.g, p.s, p.rate, p.rho, take=everything, only=RMS_WRONG),
        explain=rf"$s = {p.rho:g} \cdot {p.s:g} + {1 - p.rho:.3g} \cdot {p.g**2:g} = {s:g}$ is a mean of squares, and the step "
        rf"$-{p.rate:g} \cdot {par(p.g)}/\sqrt{{{s:g}}} = {-p.rate * p.g / s**0.5:.4f}$.",
    )


RMS_WRONG = (
    "shares_swapped",
    "sum_for_mean",
    "adagrad",
    "share_squared",
    "root_forgotten",
    "old_mean",
    "corrected",
    "root_returned",
    "mean_not_kept",
    "starts_at_first_square",
)


def rms_by_hand(p):
    root = math.hypot(math.sqrt(p.rho * p.s), math.sqrt(1 - p.rho) * p.g)
    return [p.w - p.rate * p.g / root, root**2]


@ask(
    id="rmsprop-first-step",
    kind="single",
    topic=RULES,
    bloom="understand",
    difficulty=2,
    params={
        "rho": (0.75, 0.8, 0.9, 0.95, 0.96, 0.98, 0.99),
        "g": (-20.0, -6.0, -0.3, 0.2, 0.5, 4.0, 15.0, 50.0),
    },
    cards=("rmsprop-formula", "rmsprop-first-step"),
)
def rmsprop_first_step(p):
    return Draft(
        stem=rf"RMSprop with $\rho = {p.rho:g}$ starts with $s = 0$, and the first gradient is ${p.g:g}$ (ε negligible). How long is the "
        r"first step, in units of $\eta$?",
        key=abs(float(nnlib.rmsprop(0.0, p.g, 0.0, 1.0, p.rho)[0])),
        check=lambda: (1 - p.rho) ** -0.5,
        wrong=(
            *mistakes_of(
                "rmsprop", 0.0, p.g, 0.0, 1.0, p.rho, take=lambda out: np.abs(out[0]), only=RMS_FIRST
            ),
            misconception("rms-first-not-rooted", 1 / (1 - p.rho)),
        ),
        explain=rf"$s = {1 - p.rho:.3g}\,g^2$, whose root is ${math.sqrt(1 - p.rho):.3g}\,|g|$: the step is $\eta/{math.sqrt(1 - p.rho):.3g} = "
        rf"{(1 - p.rho) ** -0.5:.3g}\,\eta$, whatever $g$ is. Nothing corrects the start at 0.",
    )


RMS_FIRST = ("shares_swapped", "corrected", "starts_at_first_square", "share_squared", "root_forgotten")
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
    topic=RULES,
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
    topic=RULES,
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
        explain=rf"$m = 0.1 \cdot {par(p.g)}$ and $v = 0.001 \cdot {p.g**2:g}$; divided by $1 - 0.9$ and $1 - 0.999$ they are $g$ and $g^2$ "
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
    topic=RULES,
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
        rf"$m = {p.m:g}$, $v = {p.v:g}$; the new gradient is ${p.g:g}$. What is $w$ after the step, to three digits?",
        key=float(nnlib.adam(*given)[0]),
        check=lambda: -p.rate * m * math.sqrt((1 - 0.9**p.t) / v) / (1 - 0.8**p.t),
        wrong=mistakes_of("adam", *given, take=lambda out: out[0], only=LATER_WRONG),
        explain=rf"$m = {m:.4g}$ and $v = {v:.4g}$; corrected, $\hat m = {m:.4g}/(1 - 0.8^{p.t}) = {m_hat:.4g}$ and $\hat v = "
        rf"{v:.4g}/(1 - 0.9^{p.t}) = {v_hat:.4g}$. The step is $-{p.rate:g} \cdot \hat m/\sqrt{{\hat v}}$.",
        hints=(rf"First the new $m$ and $v$, then divide each by $1 - \beta^{p.t}$ with its own $\beta$.",),
    )


@ask(
    id="adam-state-kept",
    kind="vector",
    topic=RULES,
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
        explain=rf"$m = 0.8 \cdot {par(p.m)} + 0.2 \cdot {par(p.g)} = {0.8 * p.m + 0.2 * p.g:g}$ and $v = 0.9 \cdot {p.v:g} + 0.1 \cdot "
        rf"{p.g**2:g} = {0.9 * p.v + 0.1 * p.g**2:g}$, both uncorrected: the next step corrects them anew.",
    )


STATE_WRONG = ("corrected_state", "state_not_kept", "betas_swapped", "shares_swapped", "square_of_mean")


@ask(
    id="epsilon-beside-a-tiny-gradient",
    kind="single",
    topic=RULES,
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
    only = ("epsilon_inside", "epsilon_before_correction")
    return Draft(
        stem=rf"The first gradient of a weight is ${in_latex(g)}$, and all state is 0. How long is the first step of {says}, in units of $\eta$, "
        "with ε added as in this course?",
        key=-float(step(*given)[0]),
        check=lambda: 1 / (grown / p.ratio + 1 / p.ratio),
        wrong=(
            *mistakes_of(p.rule, *given, take=lambda out: -out[0], only=only),
            misconception("epsilon-is-negligible", p.ratio / grown),
            misconception("tiny-gradient-tiny-step", g),
            misconception("epsilon-stops-all", 0.0),
        ),
        explain=rf"The root is {grown:g} times $10^{{-8}}$, as large as ε nearly, and ε is added to the *root*: {p.ratio:g}/({grown:g} + 1) = "
        rf"{p.ratio / (grown + 1):.3g}. Under the root it would act like $10^{{-4}}$.",
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
    topic=RULES,
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
        stem=rf"AdamW with $\eta = {p.rate:g}$ and weight decay $\lambda = {p.decay:g}$ makes its first step at $w = {p.w:g}$; the gradient is "
        rf"${p.g:g}$. What is $w$ then, to three digits?",
        key=float(nnlib.adamw(*given)[0]),
        check=lambda: shrunk - p.rate * p.g / (abs(p.g) + 1e-8),
        wrong=mistakes_of("adamw", *given, take=lambda out: out[0], only=W_WRONG),
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
        stem=rf"First step of AdamW with $\beta_1 = 0.8$, $\beta_2 = 0.9$, $\eta = {p.rate:g}$, $\lambda = {p.decay:g}$; $w = {p.w:g}$, "
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
        explain=rf"The means take the gradient alone: $m = 0.2 \cdot {par(p.g)} = {0.2 * p.g:g}$ and $v = 0.1 \cdot {p.g**2:g} = "
        rf"{0.1 * p.g**2:g}$. Only $w$ knows of the decay: it shrinks to ${p.w * (1 - p.rate * p.decay):g}$ before Adam's step of {p.rate:g}.",
    )


# By which power of the loss's scale the steps grow, and how the rules are called.
POWERS = {"sgd": 1, "momentum": 1, "nesterov": 1, "adagrad": 0, "rmsprop": 0, "adam": 0}
NAMES = {
    "sgd": "SGD",
    "momentum": "momentum",
    "nesterov": "Nesterov's rule",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSprop",
    "adam": "Adam",
}


@ask(
    id="loss-times-a-number",
    kind="single",
    topic="learning rate",
    bloom="understand",
    difficulty=2,
    claim=14,
    params={"rule": tuple(POWERS), "scale": (9, 25, 100, 400), "g": (0.3, 2.0, -5.0)},
    cards=("scale-of-the-loss", "momentum-not-adaptive"),
)
def loss_times_a_number(p):
    row = nnlib.OPTIMIZERS[p.rule]
    rest = (*(0.0 for _ in row.slots), *((1,) if row.counted else ()), 0.01)

    def first(g):
        got = row.step(0.0, g, *rest)
        return float(got[0] if row.slots else got)

    k = p.scale
    return Draft(
        stem=f"The loss, and so every gradient, is multiplied by {k}; nothing else changes, and the gradients are far above ε. By what is the "
        f"first step of {NAMES[p.rule]} multiplied?",
        key=first(k * p.g) / first(p.g),
        check=lambda: float(k ** POWERS[p.rule]),
        wrong=(
            misconception(
                "every-rule-adapts" if POWERS[p.rule] else "every-rule-scales",
                float(k ** (1 - POWERS[p.rule])),
            ),
            misconception("step-grows-like-root", k**0.5),
            misconception("step-shrinks-with-scale", 1 / k),
            misconception("step-grows-like-square", float(k * k)),
        ),
        explain="The step is a multiple of the gradient, so it grows with it: momentum and its kin adapt nothing."
        if POWERS[p.rule]
        else "The gradient is divided by a root of its own squares, in which the scale cancels.",
    )


@ask(
    id="rules-by-first-step",
    kind="order",
    topic=RULES,
    bloom="analyse",
    difficulty=3,
    params={
        "g": (0.02, 0.05, 0.1, 0.2, 0.3, 0.7, 2.0, 3.0, 4.0, 7.0, 8.0, 20.0, 30.0, 50.0),
        "rate": (0.001, 0.002, 0.01),
    },
    cards=("adam-first-step", "rmsprop-first-step", "nesterov-formula"),
)
def rules_by_first_step(p):
    given = 0.0, p.g, 0.0
    sizes = {
        "SGD": -float(nnlib.sgd(0.0, p.g, p.rate)),
        r"Nesterov ($\mu = 0.9$)": -float(nnlib.nesterov(*given, p.rate)[0]),
        r"RMSprop ($\rho = 0.99$)": -float(nnlib.rmsprop(*given, p.rate)[0]),
        "Adam": -float(nnlib.adam(*given, 0.0, 1, p.rate)[0]),
    }
    by_hand = dict(zip(sizes, (p.g, 1.9 * p.g, 10.0, 1.0), strict=True))
    return Draft(
        stem=rf"All rules start with their state at 0 and $\eta = {p.rate:g}$; the first gradient is {p.g:g}. Order them by the length of the "
        "first step, shortest first.",
        key=tuple(sorted(sizes, key=sizes.get)),
        check=lambda: tuple(sorted(by_hand, key=by_hand.get)),
        explain=rf"In units of $\eta$: SGD $g = {p.g:g}$; Nesterov $g + \mu g = {1.9 * p.g:g}$; Adam 1, as its means are corrected; RMSprop "
        r"$1/\sqrt{1 - \rho} = 10$, as nothing corrects its start.",
    )


@ask(
    id="conjugate-gradient-first-step",
    kind="vector",
    atol=1e-3,
    topic=RULES,
    bloom="apply",
    difficulty=4,
    params={
        "A": (
            ((2.0, 0.0), (0.0, 4.0)),
            ((4.0, 1.0), (1.0, 2.0)),
            ((3.0, -1.0), (-1.0, 2.0)),
            ((5.0, 2.0), (2.0, 3.0)),
        ),
        "b": ((1.0, 2.0), (3.0, -1.0), (2.0, 5.0), (-2.0, 4.0)),
        "x": ((1.0, 1.0), (-1.0, 2.0), (2.0, 0.0)),
    },
    given=lambda p: max(map(abs, residual(p))) > 0 and min(map(abs, first_cg(p))) > 0.02,
    cards=("cg-residual", "cg-step-length"),
)
def conjugate_gradient_first_step(p):
    A, b, x = np.array(p.A), np.array(p.b), np.array(p.x)
    r = residual(p)
    full = misconception("cg-unit-step", x + np.array(r))
    return Draft(
        stem=rf"Conjugate gradients for $Ax = b$ with $A = {tex(A)}$ and $b = {tex(b)}$ start at ${tex(x)}$. Where are they after **one** step, "
        "to three digits?",
        key=nnlib.conjugate_gradient(A, b, x, 1e-10, 1)[0],
        check=lambda: first_cg(p),
        wrong=(
            *mistakes_of(
                "conjugate_gradient",
                A,
                b,
                x,
                1e-10,
                1,
                take=lambda out: out[0],
                only=("start_ignored", "residual_upside_down"),
            ),
            full,
            misconception("cg-alpha-upside-down", lambda: x + np.array(r) / step_length(p)),
        ),
        explain=rf"$r = b - Ax = ({r[0]:g}, {r[1]:g})$, and $\alpha = r^\mathsf{{T}}r / r^\mathsf{{T}}Ar = {step_length(p):.4g}$. The step is "
        r"$\alpha r$: the best length along the residual, without a learning rate.",
    )


def residual(p):
    return [b - sum(a * x for a, x in zip(row, p.x, strict=True)) for row, b in zip(p.A, p.b, strict=True)]


def step_length(p):
    (a, c), (_, d) = p.A
    r, s = residual(p)
    return (r * r + s * s) / (a * r * r + 2 * c * r * s + d * s * s)


def first_cg(p):
    return [x + step_length(p) * r for x, r in zip(p.x, residual(p), strict=True)]


@ask(
    id="conjugate-gradient-two-steps",
    kind="vector",
    topic=RULES,
    bloom="analyse",
    difficulty=3,
    claim=9,
    params={
        "A": (
            ((4.0, 1.0), (1.0, 2.0)),
            ((3.0, -1.0), (-1.0, 2.0)),
            ((5.0, 2.0), (2.0, 1.0)),
            ((2.0, 1.0), (1.0, 3.0)),
        ),
        "x": ((1.0, -1.0), (-2.0, 1.0), (2.0, 3.0), (-1.0, 3.0)),
        "start": ((0.5, 0.0), (0.0, 2.0), (-1.0, -1.0)),
    },
    cards=("cg-direction", "first-order-variants"),
)
def conjugate_gradient_two_steps(p):
    A, x = np.array(p.A), np.array(p.x)
    b, start = A @ x, np.array(p.start)
    (a, c), (_, d) = p.A
    return Draft(
        stem=rf"Conjugate gradients for $Ax = b$ with $A = {tex(A)}$ and $b = {tex(b)}$ start at ${tex(start)}$. Where are they after **two** "
        "steps, without rounding?",
        key=nnlib.conjugate_gradient(A, b, start, 1e-10, 2)[0],
        check=lambda: [(d * b[0] - c * b[1]) / (a * d - c * c), (a * b[1] - c * b[0]) / (a * d - c * c)],
        wrong=mistakes_of("conjugate_gradient", A, b, start, 1e-10, 2, take=lambda out: out[0]),
        explain=rf"No more steps are needed than there are dimensions: after two steps $Ax = b$ is solved, by ${tex(x)}$. Gradient descent would "
        "only come closer.",
        hints=("How many steps do conjugate gradients need at most in two dimensions?",),
    )


# What a student may have written for momentum, and the w that it gives.
BALLS = {
    "dampened": (r"the new gradient was multiplied by $1 - \mu$", lambda w, g, v, r, u: w - r * (u * v + g - u * g)),
    "old_velocity": ("$w$ moved before the velocity was updated", lambda w, g, v, r, u: w - r * v),
    "velocity_unused": ("$w$ moved along the gradient alone", lambda w, g, v, r, u: w - r * g),
    "rate_twice": (r"$\eta$ is in the velocity and in the step", lambda w, g, v, r, u: w - r * (u * v + r * g)),
    "mu_forgotten": (r"$\mu$ was left out of the velocity", lambda w, g, v, r, u: w - r * (v + g)),
    "mu_on_the_gradient": (r"$\mu$ multiplies $g$ where it should multiply $v$", lambda w, g, v, r, u: w - r * (v + u * g)),
    "uphill": ("the step goes uphill", lambda w, g, v, r, u: w + r * (u * v + g)),
}  # fmt: skip
ADAMS = {
    "no_correction": ("neither mean was corrected", lambda m, v, t: m / v**0.5),
    "second_uncorrected": ("$v$ was not corrected", lambda m, v, t: m / (1 - 0.8**t) / v**0.5),
    "t_one_too_many": ("the corrections used $t + 1$", lambda m, v, t: m / (1 - 0.8 ** (t + 1)) * ((1 - 0.9 ** (t + 1)) / v) ** 0.5),
    "t_not_used": ("the corrections were those of $t = 1$", lambda m, v, t: m / 0.2 * (0.1 / v) ** 0.5),
    "one_beta_for_both": (r"$v$ was corrected with $\beta_1$", lambda m, v, t: m / ((1 - 0.8**t) * v) ** 0.5),
    "root_forgotten": (r"the root of $\hat v$ was forgotten", lambda m, v, t: m / (1 - 0.8**t) * (1 - 0.9**t) / v),
}  # fmt: skip


@ask(
    id="momentum-find-the-error",
    kind="find-the-error",
    topic=RULES,
    bloom="analyse",
    difficulty=3,
    params={
        "bug": tuple(BALLS),
        "w": (1.0, 4.0),
        "g": (-3.0, 2.0, 5.0),
        "v": (-4.0, 6.0, 10.0),
        "rate": (0.1, 0.2),
        "mu": (0.6, 0.8),
    },
    given=lambda p: well_apart([f(p.w, p.g, p.v, p.rate, p.mu) for _, f in BALLS.values()]),
    cards=("momentum-formula", "momentum-order"),
)
def momentum_find_the_error(p):
    given = p.w, p.g, p.v, p.rate, p.mu
    (bug,) = mistakes_of("momentum", *given, take=lambda out: out[0], only=(p.bug,))
    got, right = bug.compute(), float(nnlib.momentum(*given)[0])
    return Draft(
        stem=rf"Momentum with $\eta = {p.rate:g}$, $\mu = {p.mu:g}$ at $w = {p.w:g}$, $v = {p.v:g}$ gets the gradient ${p.g:g}$. A student's "
        f"program moves $w$ to ${got:.4g}$, where ${right:.4g}$ is right. What went wrong?",
        key=BALLS[p.bug][0],
        check=lambda: that_explains(got, {text: f(*given) for text, f in BALLS.values()}),
        wrong=tuple(
            misconception(f"momentum.{name}", text) for name, (text, _) in BALLS.items() if name != p.bug
        ),
        explain=rf"Right is $v = {p.mu:g} \cdot {par(p.v)} + {par(p.g)} = {p.mu * p.v + p.g:g}$ and then $w - \eta v = {right:.4g}$. The value "
        f"${got:.4g}$ comes out where {BALLS[p.bug][0]}.",
    )


@ask(
    id="adam-find-the-error",
    kind="find-the-error",
    topic=RULES,
    bloom="analyse",
    difficulty=4,
    params={"bug": tuple(ADAMS), "g": (-3.0, 2.0, 5.0), "t": (2, 3, 4), "m": (-0.5, 0.4), "v": (0.3, 0.9)},
    given=lambda p: (
        abs(0.8 * p.m + 0.2 * p.g) > 0.05
        and well_apart([f(0.8 * p.m + 0.2 * p.g, 0.9 * p.v + 0.1 * p.g**2, p.t) for _, f in ADAMS.values()])
    ),
    cards=("adam-bias-correction", "adam-t"),
)
def adam_find_the_error(p):
    given = 0.0, p.g, p.m, p.v, p.t, 0.1, 0.8, 0.9
    (bug,) = mistakes_of("adam", *given, take=lambda out: out[0], only=(p.bug,))
    got, right = bug.compute(), float(nnlib.adam(*given)[0])
    m, v = 0.8 * p.m + 0.2 * p.g, 0.9 * p.v + 0.1 * p.g**2
    return Draft(
        stem=rf"Adam with $\eta = 0.1$, $\beta_1 = 0.8$, $\beta_2 = 0.9$ takes step $t = {p.t}$ from $w = 0$. The new means, uncorrected, are "
        rf"$m = {m:.4g}$ and $v = {v:.4g}$. A program arrives at ${got:.4f}$, where ${right:.4f}$ is right. What went wrong?",
        key=ADAMS[p.bug][0],
        check=lambda: that_explains(got, {text: -0.1 * f(m, v, p.t) for text, f in ADAMS.values()}, 1e-4),
        wrong=tuple(
            misconception(f"adam.{name}", text) for name, (text, _) in ADAMS.items() if name != p.bug
        ),
        explain=rf"Right is $\hat m = m/(1 - 0.8^{p.t})$, $\hat v = v/(1 - 0.9^{p.t})$ and the step $-0.1\,\hat m/\sqrt{{\hat v}} = {right:.4f}$. "
        f"The value ${got:.4f}$ comes out where {ADAMS[p.bug][0]}.",
    )


TEMPLATES = (
    sgd_one_step,
    two_steps_in_a_bowl,
    largest_stable_rate,
    which_rates_converge,
    l2_penalty_with_sgd,
    heavy_ball_second_step,
    momentum_what_is_returned,
    momentum_in_the_long_run,
    nesterov_what_is_returned,
    adagrad_two_parameters,
    adagrad_second_step,
    adagrad_step_number,
    rmsprop_what_is_returned,
    rmsprop_first_step,
    adam_first_step,
    adam_first_step_in_parts,
    adam_later_step,
    adam_state_kept,
    epsilon_beside_a_tiny_gradient,
    adamw_first_step,
    adamw_means_know_no_decay,
    loss_times_a_number,
    rules_by_first_step,
    conjugate_gradient_first_step,
    conjugate_gradient_two_steps,
    momentum_find_the_error,
    adam_find_the_error,
)
