"""Questions on lesson 07. A ratio that spans many decades is asked for as its logarithm: some outlets round it to 0."""

import math
from functools import partial

import numpy as np

import nnlib

from ...exercises import find
from ..display import in_latex, shown
from ..template import Draft, Entries, grid, misconception, mistakes_of, template

CAUSES = "vanishing and exploding: causes and effects"
REMEDIES = "vanishing and exploding: remedies"
ask = partial(template, version=1, lesson="07_vanishing_and_exploding")


def tex(value) -> str:
    """A number or an array in the middle of a formula."""
    return shown(value).strip("$").replace("−", "-")


def par(number: float) -> str:
    """A number that may follow an operator: a negative one in brackets."""
    return f"({number:g})" if number < 0 else f"{number:g}"


@ask(
    id="chain-delta-log",
    kind="numeric",
    topic=CAUSES,
    bloom="apply",
    difficulty=2,
    params={"w": (0.5, 1, 1.5, 2, 3, 5.5, 6, 8, 12), "z": (0.0, 1.0, 2.0), "depth": (6, 9, 11, 16, 21, 31)},
    given=lambda p: abs(math.log10(p.w * math.exp(-p.z) / (1 + math.exp(-p.z)) ** 2)) > 0.04,
    atol=0.02,
    cards=("delta-factor", "sigmoid-slope-quarter"),
)
def chain_delta_log(p):
    slope, steps = float(nnlib.sigmoid_grad(p.z)), p.depth - 1
    kept = ("one_layer_too_many", "slope_left_out", "upside_down", "depth_as_factor")
    return Draft(
        stem=rf"A chain of {p.depth} layers has one sigmoid unit in each; every weight is {p.w:g} and every $z$ is "
        rf"{p.z:g}, where the slope is {slope:.4g}. What is $\log_{{10}}(\delta_1/\delta_{{{p.depth}}})$, to two decimals?",
        key=steps * math.log10(p.w * slope),
        check=lambda: math.log10(math.prod([p.w / (2 + 2 * math.cosh(p.z))] * steps)),
        wrong=(
            *mistakes_of("predict_ratio", p.depth, 1.0, float(p.w), slope**2, take=np.log10, only=kept),
            misconception("weights-left-out", steps * math.log10(slope)),
        ),
        explain=rf"One step back multiplies by slope times weight, ${slope:.4g} \cdot {p.w:g} = {p.w * slope:.4g}$, and "
        rf"there are {steps} of them: ${steps} \cdot \log_{{10}} {p.w * slope:.4g} = "
        rf"{steps * math.log10(p.w * slope):.2f}$.",
    )


@ask(
    id="predicted-ratio-log",
    kind="single",
    topic=CAUSES,
    bloom="apply",
    difficulty=3,
    params={
        "width": (20, 50, 100, 200, 400),
        "std": (0.01, 0.02, 0.05, 0.1, 0.2, 0.3),
        "square_slope": (0.0625, 0.25, 0.5),
        "depth": (6, 11, 21),
    },
    given=lambda p: abs(math.log10(p.width * p.std**2 * p.square_slope)) > 0.1,
    cards=("delta-factor",),
)
def predicted_ratio_log(p):
    c, steps = p.width * p.std**2 * p.square_slope, p.depth - 1
    given = p.depth, p.width, p.std, p.square_slope
    return Draft(
        stem=rf"A net has {p.depth} layers of {p.width} units without biases. Its weights have standard deviation "
        rf"$\sigma_w = {p.std:g}$, and the mean of $f'(z)^2$ is {p.square_slope:g} in every layer. Which "
        rf"$\log_{{10}}(\|\delta_1\|/\|\delta_{{{p.depth}}}\|)$ does the formula predict?",
        key=math.log10(find("predict_ratio").reference(*given)),
        check=lambda: steps * (math.log(p.width * p.square_slope) / 2 + math.log(p.std)) / math.log(10),
        wrong=mistakes_of("predict_ratio", *given, take=np.log10),
        explain=rf"$n \sigma_w^2 s = {p.width} \cdot {p.std:g}^2 \cdot {p.square_slope:g} = {in_latex(c)}$. The norm changes "
        rf"by the root of that in each of {steps} steps: $\frac{{{steps}}}{{2}} \log_{{10}} {in_latex(c)} = "
        rf"{steps / 2 * math.log10(c):.2f}$.",
    )


@ask(
    id="sigmoid-at-its-best-in-steps",
    kind="cloze",
    topic=CAUSES,
    bloom="apply",
    difficulty=2,
    params={"width": (25, 64, 100, 400), "multiple": (0.5, 1.0, 2.0, 3.0, 6.0, 8.0), "depth": (11, 21, 31)},
    cards=("delta-factor", "sigmoid-or-relu"),
)
def sigmoid_at_its_best_in_steps(p):
    std, steps = p.multiple / p.width**0.5, p.depth - 1
    slope = float(nnlib.sigmoid_grad(0.0))
    return Draft(
        stem=rf"A sigmoid net of {p.depth} layers and {p.width} units has weights of standard deviation $\sigma_w = {std:g}$, and every "
        "unit is at its steepest. The mean of $f'(z)^2$ is then [[s]], one step back multiplies $\\|\\delta\\|$ by [[factor]], and "
        f"there are [[steps]] steps, so that the gradient [[verdict]] (write *vanishes* or *explodes*).",
        key={
            "s": slope**2,
            "factor": find("predict_ratio").reference(2, p.width, std, slope**2),
            "steps": steps,
            "verdict": "explodes" if p.multiple * slope > 1 else "vanishes",
        },
        check=lambda: {
            "s": 1 / 16,
            "factor": p.multiple / 4,
            "steps": len(range(1, p.depth)),
            "verdict": ("vanishes", "explodes")[p.multiple > 4],
        },
        explain=rf"$s = \frac{{1}}{{16}}$, and $\sqrt{{{p.width} \cdot {std:g}^2/16}} = {p.multiple / 4:g}$. Over {steps} steps that is "
        rf"${p.multiple / 4:g}^{{{steps}}} \approx {in_latex((p.multiple / 4) ** steps)}$. The weights decide, not sigmoid alone.",
    )


@ask(
    id="relu-scale-for-factor-one",
    kind="single",
    topic=REMEDIES,
    bloom="apply",
    difficulty=2,
    params={"width": tuple(2 * k * k for k in range(2, 41))},
    cards=("he-scale", "delta-factor"),
)
def relu_scale_for_factor_one(p):
    n = p.width
    return Draft(
        stem=rf"ReLU layers of {n} units, no biases. Which standard deviation $\sigma_w$ of the weights lets a wide net "
        r"hand back $\delta$ neither smaller nor larger, step by step?",
        key=nnlib.gain("relu") / n**0.5,
        check=lambda: math.exp((math.log(2) - math.log(n)) / 2),
        wrong=(
            misconception("relu-scale-variance", 2 / n),
            misconception("relu-scale-half-left-out", 1 / n**0.5),
            misconception("relu-scale-half-upside-down", (0.5 / n) ** 0.5),
            misconception("relu-scale-width-not-rooted", 2**0.5 / n),
        ),
        explain=rf"The factor $\sqrt{{n \sigma_w^2 s}}$ is to be 1, and half of the slopes are 1, so $s = \frac12$: "
        rf"$\sigma_w = \sqrt{{2/{n}}} = {(2 / n) ** 0.5:.3g}$.",
    )


@ask(
    id="nets-in-order-of-delta",
    kind="order",
    topic=CAUSES,
    bloom="analyse",
    difficulty=3,
    params={
        "widths": Entries((16, 36, 64, 100, 144, 256), (4,)),
        "stds": Entries((0.02, 0.05, 0.1, 0.15, 0.25, 0.4, 1.0), (4,), distinct=True),
    },
    given=lambda p: min(np.diff(np.sort(p.widths * p.stds**2)) / np.sort(p.widths * p.stds**2)[1:]) > 0.1,
    cards=("delta-factor", "sigmoid-or-relu"),
)
def nets_in_order_of_delta(p):
    nets = list(zip(p.widths.tolist(), p.stds.tolist(), strict=True))
    text = {net: rf"$n = {net[0]:g}$, $\sigma_w = {net[1]:g}$" for net in nets}
    ratio = find("predict_ratio").reference
    ordered = sorted(nets, key=lambda net: ratio(11, net[0], net[1], 0.5))
    factors = ", ".join(f"{(n / 2) ** 0.5 * std:.3g}" for n, std in ordered)
    return Draft(
        stem=r"Four bias-free ReLU nets of 11 layers have the width $n$ and the weight scale $\sigma_w$ below. Order them by "
        r"$\|\delta_1\|/\|\delta_{11}\|$: first the one whose gradients vanish most, last the one whose gradients grow most.",
        key=tuple(text[net] for net in ordered),
        check=lambda: tuple(text[net] for net in sorted(nets, key=lambda net: net[0] * net[1] * net[1])),
        explain=rf"One step back multiplies by $\sqrt{{n \sigma_w^2 / 2}}$; in this order the factors are {factors}.",
    )


@ask(
    id="clip-by-value-matrix",
    kind="matrix",
    topic=REMEDIES,
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
    topic=REMEDIES,
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
    topic=REMEDIES,
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
    topic=REMEDIES,
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


@ask(
    id="dead-share-of-a-layer",
    kind="numeric",
    topic="saturation and dying units",
    bloom="apply",
    difficulty=2,
    params={"A": Entries((0, 0, 0, 0, 0, 1.5, 2, -0.5), (3, 5))},
    given=lambda p: (
        (p.A == 0).all(axis=0).any()
        and len({find("dead_fraction").reference(p.A), *(round(x, 9) for x in dead_numbers(p.A))}) >= 4
    ),
    cards=("dead-unit",),
)
def dead_share_of_a_layer(p):
    columns = list(zip(*p.A.tolist(), strict=True))
    dead = [i for i, column in enumerate(columns, 1) if not any(column)]
    return Draft(
        stem="Outputs of a layer, one row for each of 3 examples, one column for each of 5 units. Which share of the units "
        f"is dead?\n\n$$A = {tex(p.A)}$$",
        key=nnlib.dead_fraction(p.A),
        check=lambda: len(dead) / 5,
        wrong=mistakes_of("dead_fraction", p.A),
        explain=f"A unit is dead if its whole column is 0. That holds for {' and '.join(f'unit {i}' for i in dead)}: {len(dead)} of 5. "
        "Negative outputs are alive, and a 0 here and there is healthy.",
    )


def dead_numbers(A):
    """What can be mistaken for the dead share: shares of zeros, of silent examples, of units with a 0, of live units."""
    zero = A == 0
    return zero.mean(), zero.all(axis=1).mean(), zero.any(axis=0).mean(), (~zero).any(axis=0).mean()


@ask(
    id="which-units-are-dead",
    kind="multiple",
    topic="saturation and dying units",
    bloom="analyse",
    difficulty=2,
    params={"Z": Entries((-4, -2.5, -2, -1, -0.5, -0.1, 0.2, 1, 3), (4, 6))},
    given=lambda p: 1 <= (p.Z < 0).all(axis=0).sum() <= 3,
    cards=("dead-unit", "dead-stays-dead"),
)
def which_units_are_dead(p):
    A = nnlib.relu(p.Z)
    dead = tuple(f"unit {i + 1}" for i in range(6) if nnlib.dead_fraction(A[:, i]) == 1)
    columns = list(zip(*p.Z.tolist(), strict=True))
    return Draft(
        stem="Pre-activations of 6 ReLU units (columns) for all 4 examples of a data set (rows). Which of the units named "
        f"below are dead, so that gradient descent on this data will not bring them back?\n\n$$Z = {tex(p.Z)}$$",
        key=dead,
        check=lambda: tuple(f"unit {i}" for i, column in enumerate(columns, 1) if max(column) <= 0),
        wrong=tuple(
            misconception("dead_fraction.once_is_enough", f"unit {i}")
            if min(column) < 0
            else misconception("alive-taken-for-dead", f"unit {i}")
            for i, column in enumerate(columns, 1)
            if max(column) > 0
        ),
        explain=f"Dead is negative for *all* examples: {', '.join(dead)}. One positive $z$ is enough to let a gradient through.",
    )


SIZE_WRONG = ("mean_for_rms", "std_for_rms", "mean_of_example_rms", "norm_for_rms", "root_forgotten")
DELTA_WRONG = ("delta_averaged", "root_forgotten", "order_reversed")
ZERO_WRONG = ("negative_counted", "units_for_outputs")


@ask(
    id="root-mean-square-of-outputs",
    kind="numeric",
    topic=CAUSES,
    bloom="apply",
    difficulty=2,
    params={"A": Entries((-4, -3, -2, -1, 1, 2, 3, 5, 6), (2, 2), distinct=True)},
    given=lambda p: len({round(x, 1) for x in p.A.mean(axis=1)}) == 2 and p.A.sum() != 0,
    cards=("layer-statistics",),
)
def root_mean_square_of_outputs(p):
    squares = [int(x * x) for x in p.A.ravel()]
    return Draft(
        stem="`layer_statistics` is given one layer's outputs, 2 examples (rows) by 2 units. What does it return as `activation`, "
        f"to three digits?\n\n$$A = {tex(p.A)}$$",
        key=float(find("layer_statistics").reference([p.A], [p.A])[0][0]),
        check=lambda: math.hypot(*p.A.ravel()) / 2,
        wrong=mistakes_of("layer_statistics", [p.A], [p.A], take=lambda out: out[0][0], only=SIZE_WRONG),
        explain=rf"The root mean square: $\sqrt{{({' + '.join(map(str, squares))})/4}} = "
        rf"{math.sqrt(sum(squares) / 4):.3g}$. Signs do not cancel, and there is one root for the whole layer.",
    )


@ask(
    id="delta-norms-by-layer",
    kind="vector",
    topic=CAUSES,
    bloom="apply",
    difficulty=2,
    params={
        "first": ((3.0, -4.0), (-6.0, 8.0), (5.0, 12.0), (8.0, -15.0)),
        "second": ((2.0, -1.0, 2.0), (-2.0, 3.0, 6.0), (1.0, 4.0, -8.0), (4.0, -7.0, 4.0)),
        "scale": (0.001, 0.01, 0.1),
    },
    cards=("layer-statistics",),
)
def delta_norms_by_layer(p):
    deltas = [p.scale * np.array([p.first]), np.array([p.second])]
    return Draft(
        stem=rf"One example, two layers: $\delta_1 = {tex(deltas[0])}$ and $\delta_2 = {tex(deltas[1])}$. What does "
        "`layer_statistics` return as `delta`, first layer first?",
        key=find("layer_statistics").reference(deltas, deltas)[1],
        check=lambda: [p.scale * math.hypot(*p.first), math.hypot(*p.second)],
        wrong=(
            *mistakes_of("layer_statistics", deltas, deltas, take=lambda out: out[1], only=DELTA_WRONG),
            misconception("delta-sizes-added", np.array([np.abs(d).sum() for d in deltas])),
        ),
        explain=rf"The norms: $\|\delta_1\| = {p.scale:g} \cdot {math.hypot(*p.first):g}$ and "
        rf"$\|\delta_2\| = {math.hypot(*p.second):g}$. A gradient is a vector: its squares are added up, not averaged.",
    )


@ask(
    id="share-of-zero-outputs",
    kind="single",
    topic=CAUSES,
    bloom="apply",
    difficulty=1,
    params={"A": Entries((0, 0, 0, -0.8, -0.3, 0.5, 0.9), (2, 5))},
    given=lambda p: (
        0 < (p.A == 0).sum() < 10
        and len({(p.A == 0).sum(), (p.A <= 0).sum(), 2 * (p.A == 0).all(axis=0).sum(), (p.A != 0).sum()}) == 4
    ),
    cards=("zero-outputs",),
)
def share_of_zero_outputs(p):
    zeros = sum(x == 0 for x in p.A.ravel().tolist())
    return Draft(
        stem="Outputs of a layer of 5 units for 2 examples. What does `layer_statistics` return as `zero` for this layer?"
        f"\n\n$$A = {tex(p.A)}$$",
        key=float(find("layer_statistics").reference([p.A], [p.A])[2][0]),
        check=lambda: zeros / 10,
        wrong=(
            *mistakes_of("layer_statistics", [p.A], [p.A], take=lambda out: out[2][0], only=ZERO_WRONG),
            misconception("share-of-nonzero-outputs", 1 - zeros / 10),
        ),
        explain=f"Each output counts by itself: {zeros} of 10 are exactly 0. Negative outputs carry a signal.",
    )


IN_BRANCH = ("slope_left_out", "slope_not_squared", "slope_of_the_slope", "value_for_slope")
IN_DX = ("shortcut_forgotten", "shortcut_only", "input_for_upstream", "one_for_upstream", "branch_multiplied")
IN_DW = ("shortcut_in_weights", "mean_over_examples", "upstream_after_shortcut")


def residual_inputs(p):
    return tuple(np.array(a, dtype=float) for a in (p.U, p.X, p.W, p.V))


@ask(
    id="residual-block-dx",
    kind="numeric",
    atol=1e-3,
    topic=REMEDIES,
    bloom="apply",
    difficulty=3,
    params={
        "U": (((2.0,),), ((-1.0,),), ((3.0,),), ((0.5,),)),
        "X": (((1.0,),), ((-2.0,),), ((2.0,),)),
        "W": (((0.3,),), ((-0.4,),), ((0.25,),)),
        "V": (((1.5,),), ((2.0,),), ((-0.6,),), ((-3.0,),)),
    },
    given=lambda p: abs(1 + p.V[0][0] * p.W[0][0] / math.cosh(p.X[0][0] * p.W[0][0]) ** 2) > 0.1,
    cards=("residual-gradient", "tanh-slope"),
)
def residual_block_dx(p):
    given = residual_inputs(p)
    u, x, w, v = (float(a[0, 0]) for a in given)
    a = math.tanh(x * w)
    slope = 1 - a * a
    return Draft(
        stem=rf"A residual block with one unit, $Y = X + \tanh(XW)\,V$, has $X = {x:g}$, $W = {w:g}$ and $V = {v:g}$. The upstream "
        rf"gradient is ${u:g}$. What is $dX$, to three digits? ($\tanh({x * w:g}) = {a:.4f}$)",
        key=float(find("residual_backward").reference(*given)[0][0, 0]),
        check=lambda: (u * ((x + 1e-30j) + np.tanh((x + 1e-30j) * w) * v)).imag / 1e-30,
        wrong=mistakes_of("residual_backward", *given, take=lambda out: out[0][0, 0], only=IN_BRANCH + IN_DX),
        explain=rf"Two ways add up. The shortcut hands back ${u:g}$; the branch $u \cdot V \cdot (1 - a^2) \cdot W = {u:g} \cdot "
        rf"{par(v)} \cdot {slope:.4f} \cdot {par(w)} = {u * v * slope * w:.4f}$.",
    )


@ask(
    id="residual-block-dw",
    kind="matrix",
    atol=1e-3,
    topic=REMEDIES,
    bloom="apply",
    difficulty=4,
    params={
        "U": (((2.0, 1.0), (-1.0, 3.0)), ((1.0, -2.0), (0.5, 1.0))),
        "X": (((1.0, 0.0), (-1.0, 2.0)), ((0.0, 2.0), (1.0, 1.0)), ((1.0, -1.0), (0.0, 1.0))),
        "W": (((0.5,), (-0.25,)), ((-0.4,), (0.3,)), ((0.75,), (0.5,))),
        "V": (((2.0, -1.0),), ((1.0, 3.0),), ((-1.5, 1.0),)),
    },
    cards=("residual-branch", "tanh-slope"),
)
def residual_block_dw(p):
    U, X, W, V = given = residual_inputs(p)
    a = np.tanh(X @ W).ravel()
    return Draft(
        stem=r"A residual block $Y = X + \tanh(XW)\,V$ is given 2 examples:"
        rf" $X = {tex(X)}$, $W = {tex(W)}$, $V = {tex(V)}$, upstream $U = {tex(U)}$. "
        rf"$\tanh(XW)$ is ${a[0]:.4f}$ and ${a[1]:.4f}$. What is $dW$, to three digits?",
        key=find("residual_backward").reference(*given)[1],
        check=lambda: [[slope_in_w(p, i)] for i in range(2)],
        wrong=mistakes_of("residual_backward", *given, take=lambda out: out[1], only=IN_BRANCH + IN_DW),
        explain=r"$dZ = (U V^\mathsf{T})(1 - a^2)$, for each example, and $dW = X^\mathsf{T} dZ$ adds the examples up. "
        "The shortcut does not pass through $W$.",
        hints=("The shortcut plays no part in $dW$: it is lesson 05's backward pass.",),
    )


def slope_in_w(p, i):
    """∂⟨U, Y⟩/∂W_i by complex step, in a loop of plain numbers."""
    w = [row[0] + (1e-30j if k == i else 0) for k, row in enumerate(p.W)]
    loss = 0
    for u, x in zip(p.U, p.X, strict=True):
        a = np.tanh(x[0] * w[0] + x[1] * w[1])
        loss += sum(u_j * (x_j + a * v_j) for u_j, x_j, v_j in zip(u, x, p.V[0], strict=True))
    return loss.imag / 1e-30


@ask(
    id="residual-chain-factor",
    kind="numeric",
    topic=REMEDIES,
    bloom="apply",
    difficulty=2,
    params={"b": (-0.3, -0.2, -0.1, -0.05, 0.04, 0.05, 0.15, 0.2, 0.25), "blocks": (5, 6, 8, 10, 12, 20)},
    cards=("residual-gradient", "residual-growth"),
)
def residual_chain_factor(p):
    b, L = p.b, p.blocks
    one = float(nnlib.residual_backward(np.array([1.0]), lambda U: b * U)[0])
    return Draft(
        stem=f"{L} residual blocks of one unit stand in a row, and every branch has the slope ${b:g}$ at its point. How many times as "
        "large as at the output is the gradient at the input, to three digits?",
        key=one**L,
        check=lambda: math.exp(L * math.log1p(b)),
        wrong=(
            misconception("residual_backward.shortcut_forgotten", b**L),
            misconception("residual_backward.shortcut_only", 1.0),
            misconception("residual-steps-added-up", 1 + L * b),
            misconception("residual-one-block-alone", 1 + b),
        ),
        explain=rf"Each block multiplies by $1 + {par(b)} = {1 + b:g}$, and ${1 + b:g}^{{{L}}} = {in_latex((1 + b) ** L)}$. "
        rf"Without shortcuts it would be ${par(b)}^{{{L}}} = {in_latex(b**L)}$.",
    )


@ask(
    id="relu-weight-gradients-alike",
    kind="numeric",
    topic=CAUSES,
    bloom="analyse",
    difficulty=4,
    params={"w": Entries((0.1, 0.2, 0.25, 0.5, 2, 4, 5), (3,), distinct=True), "dW": (0.4, -0.8, 1.2, -2.0)},
    given=lambda p: well_apart([p.w[0] / p.w[2], 1, p.w[2] / p.w[0], 1 / p.w[1] / p.w[2], p.w[1] * p.w[2]]),
    cards=("relu-weight-gradients",),
)
def relu_weight_gradients_alike(p):
    w1, w2, w3 = p.w.tolist()
    x, upstream = np.array([[1.0]]), np.array([[p.dW / (w2 * w3)]])
    a = nnlib.relu(nnlib.relu(x * w1) * w2)
    dW3 = float(nnlib.linear_backward(upstream, a, np.array([[w3]]))[1][0, 0])
    return Draft(
        stem="Three layers of one ReLU unit each, no biases, the last one linear; the single example's $z$ is positive everywhere. "
        rf"$W_1 = {w1:g}$, $W_2 = {w2:g}$, $W_3 = {w3:g}$, and $dW_1 = {p.dW:g}$. What is $dW_3$?",
        key=dW3,
        check=lambda: w1 * p.dW / w3,
        wrong=(
            misconception("same-dw-in-every-layer", p.dW),
            misconception("dw-follows-weights", p.dW * w3 / w1),
            misconception("delta-for-dw", p.dW / (w2 * w3)),
            misconception("dw-through-weights", p.dW * w2 * w3),
        ),
        explain=rf"$W_l\,dW_l$ is the same number in every layer, here ${w1:g} \cdot {par(p.dW)} = {w1 * p.dW:g}$, so $dW_3 = "
        rf"{w1 * p.dW:g}/{w3:g} = {w1 * p.dW / w3:.3g}$. The sizes of $dW$ do not show whether $\delta$ vanishes.",
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
    topic=REMEDIES,
    bloom="analyse",
    difficulty=3,
    params={
        "bug": tuple(CLIPPED_WRONG),
        "dW": ((3.0, 4.0), (6.0, -8.0), (-5.0, 12.0)),
        "db": grid(4, 14, 2),
        "c": (1.5, 2.5, 3.0),
    },
    given=lambda p: well_apart([f(p.dW[0], p.c, *sizes(p)) for _, f in CLIPPED_WRONG.values()]),
    cards=("clip-global", "global-norm", "clip-min"),
)
def clipping_find_the_error(p):
    gradients = [np.array(p.dW), np.array([p.db])]
    wrong = {w.mistake.partition(".")[2]: w for w in mistakes_of("clip_by_global_norm", gradients, p.c)}
    got = float(wrong[p.bug].compute()[0][0][0])
    right = p.dW[0] * p.c / math.hypot(*p.dW, p.db)
    return Draft(
        stem=f"{their_text(gradients)} are clipped by global norm with the bound {p.c:g}. A program gives {got:.4g} as the first "
        f"entry of $dW$, where {right:.4g} is right. What went wrong?",
        key=CLIPPED_WRONG[p.bug][0],
        check=lambda: that_explains(got, {t: f(p.dW[0], p.c, *sizes(p)) for t, f in CLIPPED_WRONG.values()}),
        wrong=tuple(
            misconception(f"clip_by_global_norm.{name}", text)
            for name, (text, _) in CLIPPED_WRONG.items()
            if name != p.bug
        ),
        explain=rf"Right is ${p.dW[0]:g} \cdot {p.c:g}/{math.hypot(*p.dW, p.db):.4g} = {right:.4g}$, one factor for all entries of "
        f"both tensors. The value {got:.4g} comes out where {CLIPPED_WRONG[p.bug][0]}.",
    )


def sizes(p):
    return (math.hypot(*p.dW), p.db), max(*map(abs, p.dW), p.db)


def well_apart(values):
    """Whether no two numbers are nearer than 2 %: a rounded one then still tells which it was."""
    return all(abs(a - b) > 0.02 * max(abs(a), abs(b)) for i, a in enumerate(values) for b in values[:i])


def that_explains(got, values, rtol=1e-6):
    """The one text whose value was got; all such texts where there are several."""
    texts = [text for text, value in values.items() if abs(value - got) <= rtol * abs(got)]
    return texts[0] if len(texts) == 1 else tuple(texts)


TEMPLATES = (
    chain_delta_log,
    predicted_ratio_log,
    sigmoid_at_its_best_in_steps,
    relu_scale_for_factor_one,
    nets_in_order_of_delta,
    clip_by_value_matrix,
    clip_global_norm_entries,
    clip_global_norm_told,
    clip_factor,
    dead_share_of_a_layer,
    which_units_are_dead,
    root_mean_square_of_outputs,
    delta_norms_by_layer,
    share_of_zero_outputs,
    residual_block_dx,
    residual_block_dw,
    residual_chain_factor,
    relu_weight_gradients_alike,
    clipping_find_the_error,
)
