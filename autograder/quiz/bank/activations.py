"""Questions on lesson 01: values of activation functions."""

import math
from functools import partial
from itertools import combinations

import numpy as np

import nnlib

from ..display import shown
from ..template import Draft, Entries, grid, template
from ..wrong import misconception, mistakes_of
from .tools import described, saying, worked

ask = partial(template, version=1, lesson="01_activations", topic="activation functions", bloom="apply")


@ask(
    id="sigmoid-value", version=2, kind="single", difficulty=2, rtol=1e-3, cards=("sigmoid-formula",),
    params={"z": grid(-3, 3, 0.25, exclude=[0])},
)  # fmt: skip
def sigmoid_value(p):
    return Draft(
        stem=rf"What is $\sigma({p.z:g})$, rounded to three significant digits?",
        key=float(nnlib.sigmoid(p.z)),
        check=lambda: (1 + math.tanh(p.z / 2)) / 2,
        wrong=mistakes_of("sigmoid", p.z),
        explain=rf"$\sigma({p.z:g}) = \frac{{1}}{{1 + e^{{{-p.z:g}}}}}$ with $e^{{{-p.z:g}}} = {math.exp(-p.z):.4f}$.",
    )


@ask(
    id="sigmoid-mirror", kind="single", difficulty=1, cards=("sigmoid-mirror",),
    params={"s": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)},
    objectives=("use the symmetry σ(−z) = 1 − σ(z)",),
)  # fmt: skip
def sigmoid_mirror(p):
    z = math.log(p.s / (1 - p.s))
    return Draft(
        stem=rf"For some $z$ a unit answers $\sigma(z) = {p.s:g}$. What does it answer for $-z$?",
        key=float(nnlib.sigmoid(-z)),
        check=lambda: 1 - p.s,
        wrong=[
            *mistakes_of("sigmoid", -z, only=("sign_lost",)),
            misconception("sigmoid-taken-for-odd", -p.s),
            misconception("sigmoid-mirrored-by-reciprocal", 1 / p.s),
        ],
        explain=rf"$\sigma(-z) = 1 - \sigma(z) = 1 - {p.s:g} = {1 - p.s:g}$: the shares of yes and of no add up to 1.",
        hints=("If σ(z) is the share of spam, what is the rest?",),
    )


_OF_A_FORM = {"minus_for_plus": "At z = 0 this form gives 0, and σ(0) is ½. Nothing is divided here."}


@ask(
    id="sigmoid-forms", kind="multiple", difficulty=3, bloom="understand", cards=("sigmoid-formula", "sigmoid-mirror"),
    params={"z": (-4, -3, -2, 2, 3, 4), "pair": tuple(combinations(range(4), 2)), "drop": range(4)},
    objectives=("recognise the sigmoid in its different forms",),
)  # fmt: skip
def sigmoid_forms(p):
    z, e = p.z, math.exp(p.z)
    right = (
        (rf"$\dfrac{{1}}{{1 + e^{{{-z}}}}}$", 1 / (1 + 1 / e)),
        (rf"$\dfrac{{e^{{{z}}}}}{{e^{{{z}}} + 1}}$", e / (e + 1)),
        (rf"$1 - \sigma({-z})$", 1 - 1 / (1 + e)),
        (rf"$\tfrac12\,(1 + \tanh({z // 2 if z % 2 == 0 else z / 2:g}))$", (1 + math.tanh(z / 2)) / 2),
    )
    wrong = (
        ("sign_lost", rf"$\dfrac{{1}}{{1 + e^{{{z}}}}}$", 1 / (1 + e)),
        ("base_two", rf"$\dfrac{{1}}{{1 + 2^{{{-z}}}}}$", 1 / (1 + 2.0**-z)),
        ("minus_for_plus", rf"$1 - e^{{{-z}}}$", 1 - 1 / e),
        ("odd", rf"$-\sigma({-z})$", -1 / (1 + e)),
    )
    false = [item for i, item in enumerate(wrong) if i != p.drop]
    offered = [right[i] for i in p.pair] + [item[1:] for item in false]
    value = float(nnlib.sigmoid(float(z)))
    return Draft(
        stem=rf"Which of these are equal to $\sigma({z})$? (Two of the five are.)",
        key=tuple(text for text, number in offered if math.isclose(number, value, rel_tol=1e-9)),
        check=lambda: tuple(right[i][0] for i in p.pair),
        wrong=[
            wrong_one
            for name, text, _ in false
            for wrong_one in (
                [misconception("sigmoid-taken-for-odd", text)]
                if name == "odd"
                else saying(_OF_A_FORM, described("sigmoid", {name: text}, float(z)))
            )
        ],
        explain=rf"$\sigma({z}) = {value:.4f}$. Put $e^{{{z}}} = {e:.4g}$ into each form, or use "
        r"$\sigma(z) = e^z/(e^z + 1) = 1 - \sigma(-z) = \tfrac12(1 + \tanh(z/2))$.",
    )


@ask(
    id="tanh-from-sigmoid", kind="numeric", difficulty=2, cards=("tanh-and-sigmoid", "tanh-formula"),
    params={"z": grid(-1.5, 1.5, 0.25, exclude=[0])},
    objectives=("turn sigmoid into tanh by stretching and shifting",),
)  # fmt: skip
def tanh_from_sigmoid(p):
    s = float(nnlib.sigmoid(2 * p.z))
    return Draft(
        stem=rf"A calculator has no key for tanh, but it shows $\sigma({2 * p.z:g}) = {s:.4f}$. "
        rf"What is $\tanh({p.z:g})$, to three significant digits?",
        key=float(nnlib.tanh(p.z)),
        check=lambda: (math.exp(p.z) - math.exp(-p.z)) / (math.exp(p.z) + math.exp(-p.z)),
        wrong=[*mistakes_of("tanh", p.z), misconception("tanh-not-moved-down", 2 * s)],
        explain=rf"$\tanh(z) = 2\sigma(2z) - 1$, here $2 \cdot {s:.4f} - 1 = {2 * s - 1:.4f}$.",
    )


@ask(
    id="relu-of-a-batch", kind="matrix", difficulty=1, cards=("relu-formula", "elementwise"),
    params={"z": Entries((-4, -3, -2, -1.5, -0.5, 0, 0.5, 1.5, 2, 3, 4), (2, 3), distinct=True)},
    given=lambda p: (p.z > 0).sum() >= 2 and (p.z < 0).sum() >= 2,
)  # fmt: skip
def relu_of_a_batch(p):
    kept = ", ".join(f"{x:g}" for x in p.z.flat if x > 0)
    return Draft(
        stem=f"What is ReLU of these pre-activations, two examples of three units?\n\n{shown(p.z)}",
        key=nnlib.relu(p.z),
        check=lambda: [[x if x > 0 else 0.0 for x in row] for row in p.z.tolist()],
        wrong=mistakes_of("relu", p.z),
        explain=f"ReLU is max(0, z), entry by entry: {kept} pass, every other entry becomes 0.",
    )


@ask(
    id="leaky-relu-value", kind="single", difficulty=1, cards=("leaky-relu-formula",),
    params={"z": grid(-8, -1, 0.5), "slope": (0.02, 0.05, 0.1, 0.2, 0.25, 0.3)},
)  # fmt: skip
def leaky_relu_value(p):
    return Draft(
        stem=f"What is leaky_relu({p.z:g}) with slope = {p.slope:g}?".replace("-", "−"),
        key=float(nnlib.leaky_relu(p.z, p.slope)),
        check=lambda: min(p.z, 0.0) * p.slope + max(p.z, 0.0),
        wrong=mistakes_of("leaky_relu", p.z, p.slope),
        explain=rf"$z$ is not above 0, so the answer is slope $\cdot z = {p.slope:g} \cdot ({p.z:g}) = {p.slope * p.z:g}$.",
    )


@ask(
    id="softplus-value", kind="single", difficulty=2, rtol=1e-3, digits=4, cards=("softplus-formula", "softplus-stable"),
    params={"z": grid(-3, 3, 0.5, exclude=[0, 1])},
)  # fmt: skip
def softplus_value(p):
    return Draft(
        stem="A network answers how many minutes it is until the next bus, with softplus at its output. "
        rf"The pre-activation is $z = {p.z:g}$. How many minutes does it answer?",
        key=float(nnlib.softplus(p.z)),
        check=lambda: math.log(1 + math.exp(p.z)),
        wrong=mistakes_of("softplus", p.z),
        explain=rf"$\log(1 + e^{{{p.z:g}}}) = \log({1 + math.exp(p.z):.4f}) = {math.log(1 + math.exp(p.z)):.4f}$, "
        "with the natural logarithm.",
    )


@ask(
    id="gelu-erf-value", kind="single", difficulty=3, rtol=1e-3, digits=4,
    cards=("gelu-formula", "normal-cdf", "gelu-forms"), params={"z": (-3.0, -2.5, -2.0, -1.5, -0.5, 0.25, 1.5, 2.0)},
)  # fmt: skip
def gelu_erf_value(p):
    right, steep = math.erf(p.z / math.sqrt(2)), math.erf(p.z)
    return Draft(
        stem=rf"A table says $\mathrm{{erf}}({p.z / math.sqrt(2):.4f}) = {right:.5f}$ and "
        rf'$\mathrm{{erf}}({p.z:g}) = {steep:.5f}$. What is gelu at $z = {p.z:g}$, in the form "erf"?',
        key=float(nnlib.gelu(p.z)),
        check=lambda: p.z * math.erfc(-p.z / math.sqrt(2)) / 2,
        wrong=worked(
            "gelu",
            p.z,
            "erf",
            only=("tanh_always", "root_two_forgotten", "half_forgotten", "z_forgotten"),
        ),
        explain=rf"$z/\sqrt2 = {p.z / math.sqrt(2):.4f}$, so $\Phi(z) = \tfrac12(1 {right:+.5f}) = {(1 + right) / 2:.5f}$, "
        rf"and gelu is $z\,\Phi(z) = {p.z * (1 + right) / 2:.5f}$.",
    )


@ask(
    id="gelu-tanh-value", kind="numeric", difficulty=4, rtol=1e-3, digits=4, cards=("gelu-forms",),
    params={"z": (-2.5, -2.0, -1.5, -1.0, 1.0, 1.5, 2.0)},
)  # fmt: skip
def gelu_tanh_value(p):
    inner = p.z + 0.044715 * p.z**3
    u = math.sqrt(2 / math.pi) * inner
    return Draft(
        stem=rf'What is gelu at $z = {p.z:g}$ in the form "tanh", to four significant digits? '
        r"($\sqrt{2/\pi} = 0.79788$; the cubic term has the factor 0.044715.)",
        key=float(nnlib.gelu(p.z, "tanh")),
        check=lambda: p.z / (1 + math.exp(-2 * u)),
        wrong=saying(
            {
                "half_forgotten": "Everything comes out twice as large as it should. The gate goes from 0 to 1, but "
                "1 + tanh u goes from 0 to 2."
            },
            worked(
                "gelu",
                p.z,
                "tanh",
                only=("form_ignored", "half_forgotten", "z_forgotten", "cube_forgotten", "root_forgotten"),
            ),
        ),
        explain=rf"$z + 0.044715\,z^3 = {inner:.5f}$, times 0.79788 is $u = {u:.5f}$; $\tanh u = {math.tanh(u):.5f}$, "
        rf"and $\tfrac12 z(1 + \tanh u) = {p.z * (1 + math.tanh(u)) / 2:.5f}$.",
    )


@ask(
    id="swish-value", kind="single", difficulty=2, cards=("swish-formula",),
    params={"z": grid(-3, 3, 0.5, exclude=[0]), "beta": (0.5, 2.0, 3.0)},
)  # fmt: skip
def swish_value(p):
    gate = 1 / (1 + math.exp(-p.beta * p.z))
    return Draft(
        stem=rf"What is swish at $z = {p.z:g}$ with $\beta = {p.beta:g}$?",
        key=float(nnlib.swish(p.z, p.beta)),
        check=lambda: p.z * (1 + math.tanh(p.beta * p.z / 2)) / 2,
        wrong=mistakes_of("swish", p.z, p.beta),
        explain=rf"The gate is $\sigma({p.beta * p.z:g}) = {gate:.4g}$; it lets ${p.z:g} \cdot {gate:.4g} = {p.z * gate:.4g}$ pass.",
    )


@ask(
    id="order-of-values", version=2, kind="order", bloom="analyse", difficulty=3, cards=("activation-ranges",),
    params={"z": (-2.0, -1.0, 0.25, 0.5, 1.5, 2.0, 3.0)},
    objectives=("estimate activations without a calculator",),
)  # fmt: skip
def order_of_values(p):
    names = {
        "sigmoid": "sigmoid",
        "tanh": "tanh",
        "relu": "ReLU",
        "softplus": "softplus",
        "swish": "swish, β = 1",
    }
    values = {text: float(nnlib.ACTIVATIONS[name].f(p.z)) for name, text in names.items()}
    e = math.exp(p.z)
    by_hand = (e / (1 + e), (e * e - 1) / (e * e + 1), max(p.z, 0.0), math.log(1 + e), p.z * e / (1 + e))
    return Draft(
        stem=rf"Sort these activations by their value at $z = {p.z:g}$, the smallest first.",
        key=tuple(sorted(values, key=values.get)),
        check=lambda: tuple(text for _, text in sorted(zip(by_hand, names.values(), strict=True))),
        explain="; ".join(
            f"{text}: {values[text]:.3f}".replace("-", "−") for text in sorted(values, key=values.get)
        )
        + ".",
    )


@ask(
    id="exp-overflow-side", kind="multiple", bloom="analyse", difficulty=3, claim=5, cards=("sigmoid-overflow",),
    params={"form": range(2), "far": (300, 1000, 5000), "near": (95, 100, 120), "inside": (40, 60, 80)},
    objectives=("say on which side a formula overflows",),
)  # fmt: skip
def exp_overflow_side(p):
    code = ("1 / (1 + np.exp(-z))", "np.exp(z) / (1 + np.exp(z))")[p.form]
    sign = (-1, 1)[p.form]  # the exponent is sign·z
    offered = [sign * p.near, sign * p.far, -sign * p.near, -sign * p.far, sign * p.inside]
    texts = [f"$z = {z}$" for z in offered]
    with np.errstate(over="ignore"):
        infinite = np.isinf(np.exp(sign * np.array(offered, dtype=np.float32)))
    return Draft(
        stem=f"`{code}` is computed in float32, whose largest number is near $e^{{88.7}}$. For which z does an "
        "exponential overflow on the way?",
        key=tuple(text for text, yes in zip(texts, infinite, strict=True) if yes),
        check=lambda: tuple(
            text for text, z in zip(texts, offered, strict=True) if sign * z > 128 * math.log(2)
        ),
        wrong=[
            misconception("overflow-on-the-harmless-side", texts[2]),
            misconception("overflow-on-the-harmless-side", texts[3]),
            misconception("overflow-within-range", texts[4]),
        ],
        explain=f"The exponent is {'−z' if p.form == 0 else 'z'}. It is above 88.7 only for $z = {offered[0]}$ and "
        f"$z = {offered[1]}$; on the other side the exponential shrinks to 0, which harms nothing, and $e^{{{p.inside}}}$ still fits.",
    )


TEMPLATES = (
    sigmoid_value,
    sigmoid_mirror,
    sigmoid_forms,
    tanh_from_sigmoid,
    relu_of_a_batch,
    leaky_relu_value,
    softplus_value,
    gelu_erf_value,
    gelu_tanh_value,
    swish_value,
    order_of_values,
    exp_overflow_side,
)
