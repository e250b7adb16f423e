"""Questions on lesson 01: values of activation functions, neurons and small networks."""

import math
from collections.abc import Iterator
from functools import cache, partial
from itertools import combinations

import numpy as np

import nnlib

from ..display import shown
from ..template import Draft, Entries, Wrong, grid, misconception, mistakes_of, template, value_of

LESSON = "01_activations"
question = partial(template, version=1, lesson=LESSON, topic="activation functions", bloom="apply")


@cache
def worked(name: str, *inputs: object, only: tuple[str, ...] = ()) -> tuple[Wrong, ...]:
    """The mistakes of an exercise with their values, computed once: some take long, and few inputs are drawn."""
    arrays = [np.array(item) if isinstance(item, tuple) else item for item in inputs]
    found = [(wrong, value_of(wrong)) for wrong in mistakes_of(name, *arrays, only=only)]
    return tuple(wrong._replace(compute=partial(_kept, value)) for wrong, value in found)


def _kept(value):
    return value


def described(name: str, texts: dict[str, str], *inputs: object) -> Iterator[Wrong]:
    """The mistakes of an exercise as wrong options that say in words what was done."""
    for mistake, text in texts.items():
        yield from mistakes_of(name, *inputs, only=(mistake,), take=lambda _, text=text: text)


def apart(values: list[float], by: float = 0.02) -> bool:
    """Whether any two of the values differ by more than a share of the larger one."""
    return all(abs(a - b) > by * max(abs(a), abs(b)) for a, b in combinations(values, 2))


@template(
    id="sigmoid-value",
    version=2,
    kind="single",
    lesson=LESSON,
    topic="activation functions",
    bloom="apply",
    difficulty=2,
    params={"z": grid(-3, 3, 0.25, exclude=[0])},
    rtol=1e-3,
    cards=("sigmoid-formula",),
)
def sigmoid_value(p):
    return Draft(
        stem=rf"What is $\sigma({p.z:g})$, rounded to three digits?",
        key=float(nnlib.sigmoid(p.z)),
        check=lambda: (1 + math.tanh(p.z / 2)) / 2,
        wrong=mistakes_of("sigmoid", p.z),
        explain=rf"$\sigma({p.z:g}) = \frac{{1}}{{1 + e^{{{-p.z:g}}}}}$ with $e^{{{-p.z:g}}} = {math.exp(-p.z):.4f}$.",
    )


@question(
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


@question(
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
                else described("sigmoid", {name: text}, float(z))
            )
        ],
        explain=rf"$\sigma({z}) = {value:.4f}$. Put $e^{{{z}}} = {e:.4g}$ into each form, or use "
        r"$\sigma(z) = e^z/(e^z + 1) = 1 - \sigma(-z) = \tfrac12(1 + \tanh(z/2))$.",
    )


@question(
    id="tanh-from-sigmoid", kind="numeric", difficulty=2, cards=("tanh-and-sigmoid", "tanh-formula"),
    params={"z": grid(-1.5, 1.5, 0.25, exclude=[0])},
    objectives=("turn sigmoid into tanh by stretching and shifting",),
)  # fmt: skip
def tanh_from_sigmoid(p):
    s = float(nnlib.sigmoid(2 * p.z))
    return Draft(
        stem=rf"A calculator has no key for tanh, but it shows $\sigma({2 * p.z:g}) = {s:.4f}$. "
        rf"What is $\tanh({p.z:g})$, to three digits?",
        key=float(nnlib.tanh(p.z)),
        check=lambda: (math.exp(p.z) - math.exp(-p.z)) / (math.exp(p.z) + math.exp(-p.z)),
        wrong=[*mistakes_of("tanh", p.z), misconception("tanh-not-moved-down", 2 * s)],
        explain=rf"$\tanh(z) = 2\sigma(2z) - 1$, here $2 \cdot {s:.4f} - 1 = {2 * s - 1:.4f}$.",
    )


@question(
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


@question(
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


@question(
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


@question(
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


@question(
    id="gelu-tanh-value", kind="numeric", difficulty=4, rtol=1e-3, digits=4, cards=("gelu-forms",),
    params={"z": (-2.5, -2.0, -1.5, -1.0, 1.0, 1.5, 2.0)},
)  # fmt: skip
def gelu_tanh_value(p):
    inner = p.z + 0.044715 * p.z**3
    u = math.sqrt(2 / math.pi) * inner
    return Draft(
        stem=rf'What is gelu at $z = {p.z:g}$ in the form "tanh", to four digits? '
        r"($\sqrt{2/\pi} = 0.79788$; the cubic term has the factor 0.044715.)",
        key=float(nnlib.gelu(p.z, "tanh")),
        check=lambda: p.z / (1 + math.exp(-2 * u)),
        wrong=worked(
            "gelu",
            p.z,
            "tanh",
            only=("form_ignored", "half_forgotten", "z_forgotten", "cube_forgotten", "root_forgotten"),
        ),
        explain=rf"$z + 0.044715\,z^3 = {inner:.5f}$, times 0.79788 is $u = {u:.5f}$; $\tanh u = {math.tanh(u):.5f}$, "
        rf"and $\tfrac12 z(1 + \tanh u) = {p.z * (1 + math.tanh(u)) / 2:.5f}$.",
    )


@question(
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


@question(
    id="order-of-values", kind="order", bloom="analyse", difficulty=3, cards=("activation-ranges",),
    params={"z": (-2.0, -1.0, 0.25, 0.5, 0.75, 1.5, 2.0, 3.0)},
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


@question(
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


@question(
    id="neuron-of-a-batch", kind="vector", difficulty=2, topic="activations: purpose and definition",
    cards=("neuron-formula", "neuron-shapes"),
    params={
        "X": Entries((-2, -1, 0, 1, 2, 3), (2, 3)),
        "w": Entries((-2, -1, 0.5, 1, 2), (3,)),
        "b": (-1.5, -0.5, 0.5, 1.5),
    },
    given=lambda p: (z := p.X @ p.w + p.b).min() < -0.4 and z.max() > 0.4,
    objectives=("compute a neuron for several examples at once",),
)  # fmt: skip
def neuron_of_a_batch(p):
    z = p.X @ p.w + p.b
    return Draft(
        stem=f"A ReLU neuron has the weights $w =$ {shown(p.w)} and the bias $b = {p.b:g}$. What does it answer for the "
        f"two examples (rows)\n\n{shown(p.X)}",
        key=nnlib.relu(z),
        check=lambda: [
            max(0.0, sum(x * w for x, w in zip(row, p.w.tolist(), strict=True)) + p.b) for row in p.X.tolist()
        ],
        wrong=mistakes_of("weighted_sum", p.X, p.w, p.b, "rectify"),
        explain=f"One number for each row: the weighted sums with the bias are {shown(z)}, and ReLU makes the negative ones 0.",
    )


@question(
    id="neuron-shape", kind="single", difficulty=2, bloom="understand", topic="activations: purpose and definition",
    cards=("neuron-shapes",), params={"N": (2, 4, 5, 6, 8, 10, 32), "D": (3, 7, 12, 20)},
)  # fmt: skip
def neuron_shape(p):
    X, w = np.ones((p.N, p.D)), np.ones(p.D)
    return Draft(
        stem=f"`X` holds {p.N} examples of {p.D} inputs, shape `({p.N}, {p.D})`; `w` has shape `({p.D},)` and `b` is a number. "
        "What shape has the neuron's answer, `f(X @ w + b)`?",
        key=np.shape(nnlib.relu(X @ w + 1.0)),
        check=lambda: (len([row.sum() for row in X]),),
        wrong=[
            *mistakes_of(
                "weighted_sum", X, w, 1.0, "rectify", only=("no_sum", "over_examples"), take=np.shape
            ),
            misconception("one-answer-for-the-batch", ()),
            misconception("answer-kept-as-a-column", (p.N, 1)),
        ],
        explain=f"Each of the {p.N} rows is multiplied by the weights and added up to one number; f keeps the shape.",
    )


_NEURON_ERRORS = {
    "bias_dropped": "The bias is left out.",
    "bias_after": "The bias is added after the activation.",
    "no_activation": "The activation is not applied.",
    "bias_times_inputs": "The bias is added once for each input.",
    "activation_first": "The inputs go through tanh, the sum does not.",
    "own_function": "Sigmoid is applied in place of tanh.",
    "mean": "The products are averaged, not added up.",
}


def _neurons_with_errors(p):
    """What each of these errors gives, by hand."""
    products = [x * w for x, w in zip(p.x.tolist(), p.w.tolist(), strict=True)]
    total = sum(products)
    return {
        "bias_dropped": math.tanh(total),
        "bias_after": math.tanh(total) + p.b,
        "no_activation": total + p.b,
        "bias_times_inputs": math.tanh(total + 3 * p.b),
        "activation_first": sum(math.tanh(x) * w for x, w in zip(p.x.tolist(), p.w.tolist(), strict=True))
        + p.b,
        "own_function": 1 / (1 + math.exp(-total - p.b)),
        "mean": math.tanh(total / 3 + p.b),
    }


@question(
    id="neuron-find-the-error", kind="find-the-error", bloom="analyse", difficulty=4,
    topic="activations: purpose and definition", cards=("neuron-formula",),
    params={
        "x": Entries((-2, -1, -0.5, 0.5, 1, 2), (3,)),
        "w": Entries((-1, -0.5, 0.5, 1), (3,)),
        "b": (-0.75, -0.5, 0.5, 0.75),
        "error": tuple(_NEURON_ERRORS),
    },
    given=lambda p: apart([*_neurons_with_errors(p).values(), math.tanh(float(p.x @ p.w) + p.b)]),
)  # fmt: skip
def neuron_find_the_error(p):
    inputs = p.x.reshape(1, 3), p.w, p.b, "tanh"
    (wrong,) = mistakes_of("weighted_sum", *inputs, only=(p.error,), take=lambda out: out[0])
    seen, z = value_of(wrong), float(p.x @ p.w) + p.b

    def named_by_hand():
        found = [
            name for name, value in _neurons_with_errors(p).items() if math.isclose(value, seen, rel_tol=1e-9)
        ]
        return " or ".join(_NEURON_ERRORS[name] for name in found)

    return Draft(
        stem=f"A neuron with tanh has $x =$ {shown(p.x)}, $w =$ {shown(p.w)} and $b = {p.b:g}$. A program answers "
        f"{shown(seen, 4)}. Which error does it make?",
        key=_NEURON_ERRORS[p.error],
        check=named_by_hand,
        wrong=described("weighted_sum", {k: v for k, v in _NEURON_ERRORS.items() if k != p.error}, *inputs),
        explain=rf"Right would be $z = {z:.4g}$ and $\tanh(z) = {float(nnlib.tanh(z)):.4f}$. "
        f"{_NEURON_ERRORS[p.error]} That gives {shown(seen, 4)}.",
    )


@question(
    id="collapse-two-layers", kind="vector", difficulty=2, topic="activations: purpose and definition",
    cards=("why-nonlinear",),
    params={"w1": (-3, -2, 2, 3, 4), "b1": (-3, -2, -1, 1, 2, 3), "w2": (-3, -2, 2, 3, 5), "b2": (-4, -1, 1, 4)},
    given=lambda p: p.w1 + p.w2 != p.w1 * p.w2 and p.b1 * (p.w2 - 1) != 0,
    objectives=("show that layers without an activation are one layer",),
)  # fmt: skip
def collapse_two_layers(p):
    at = nnlib.linear_forward(np.array([[0.0], [1.0]]), np.array([[float(p.w1)]]), np.array([float(p.b1)]))
    start, after = (
        nnlib.linear_forward(at, np.array([[float(p.w2)]]), np.array([float(p.b2)])).ravel().tolist()
    )
    w, b = p.w1 * p.w2, p.b1 * p.w2 + p.b2
    return Draft(
        stem=f"Two layers of one unit each, without an activation: $a = {p.w1}x {p.b1:+d}$, then $y = {p.w2}a {p.b2:+d}$. "
        "Which single layer $y = wx + b$ is that? Give $(w, b)$.",
        key=np.array([after - start, start]),
        check=lambda: [w, b],
        wrong=[
            misconception("biases-of-layers-add-up", lambda: np.array([w, p.b1 + p.b2])),
            misconception("weights-of-layers-add-up", lambda: np.array([p.w1 + p.w2, b])),
            misconception("first-bias-lost", lambda: np.array([w, p.b2])),
        ],
        explain=f"Put one into the other: $w = {p.w1} \\cdot ({p.w2}) = {w}$, and the first bias goes through the second "
        f"weight: $b = {p.b1} \\cdot ({p.w2}) {p.b2:+d} = {b}$.",
    )


@question(
    id="two-relu-units", kind="single", difficulty=3, topic="universal approximation",
    cards=("relu-formula", "why-nonlinear"),
    params={"x": grid(-2, 3, 0.5), "k": (-2, -1, 1, 2), "v": (-5, 2, 3), "u": (2, 3, 4)},
    given=lambda p: p.x not in (p.k, 1) and (p.x > p.k) != (p.x < 1),
    objectives=("follow a number through a small ReLU network",),
)  # fmt: skip
def two_relu_units(p):
    z, v = np.array([p.x - p.k, 1 - p.x]), np.array([p.u, p.v])
    return Draft(
        stem=f"A network draws its curve with two ReLU units: $y = {p.u}\\,\\mathrm{{relu}}(x {-p.k:+d}) "
        rf"{p.v:+d}\,\mathrm{{relu}}(1 - x)$. What is $y$ at $x = {p.x:g}$?",
        key=float(nnlib.relu(z) @ v),
        check=lambda: p.u * max(0.0, p.x - p.k) + p.v * max(0.0, 1 - p.x),
        wrong=[
            *mistakes_of("relu", z, take=lambda a: a @ v),
            misconception("one-relu-for-the-sum", lambda: max(0.0, float(z @ v))),
        ],
        explain=f"The two pre-activations are {z[0]:g} and {z[1]:g}; ReLU gives {max(0, z[0]):g} and {max(0, z[1]):g}; "
        f"$y = {p.u} \\cdot {max(0, z[0]):g} {p.v:+d} \\cdot {max(0, z[1]):g}$.".replace(
            "are -", "are −"
        ).replace("and -", "and −"),
    )


@question(
    id="sigmoid-is-softmax-of-two", kind="single", difficulty=3, claim=17, topic="choice of activation", rtol=1e-2,
    cards=("sigmoid-is-softmax-of-two",), params={"no": grid(-2, 2, 0.5, exclude=[0]), "yes": grid(-1.5, 3, 0.5, exclude=[0])},
    given=lambda p: abs(p.yes - p.no) >= 0.5 and p.yes + p.no != 0 and abs(p.yes - p.no) <= 4,
    objectives=("turn a two-unit softmax into a sigmoid",),
)  # fmt: skip
def two_unit_softmax(p):
    z = p.yes - p.no
    return Draft(
        stem=rf"A network has two outputs, $z_0 = {p.no:g}$ for no and $z_1 = {p.yes:g}$ for yes, and softmax makes shares "
        "of them. What is the share of yes? (One sigmoid will do.)",
        key=float(nnlib.sigmoid(z)),
        check=lambda: math.exp(p.yes) / (math.exp(p.no) + math.exp(p.yes)),
        wrong=[
            *mistakes_of("sigmoid", z),
            misconception("sigmoid-of-one-score", lambda: 1 / (1 + math.exp(-p.yes))),
            misconception("scores-shared-without-exp", lambda: p.yes / (p.yes + p.no)),
        ],
        explain=rf"The share of yes is $\sigma(z_1 - z_0) = \sigma({z:g}) = {1 / (1 + math.exp(-z)):.3f}$: only the difference counts.",
    )


@question(
    id="recurrent-two-steps", kind="numeric", difficulty=3, topic="feed-forward and recurrent use",
    cards=("feed-forward-recurrent",),
    params={"w": (-1.5, -1.0, 0.5, 1.5, 2.0), "x1": (-1.0, -0.5, 0.5, 1.0, 1.5), "x2": (-0.5, -0.25, 0.25, 0.5, 1.0)},
    given=lambda p: 0.2 < abs(p.w * math.tanh(p.x1) + p.x2) < 2,
    objectives=("use one activation again and again in a recurrent unit",),
)  # fmt: skip
def recurrent_two_steps(p):
    h1 = float(nnlib.tanh(p.x1))
    z = p.w * h1 + p.x2

    def by_exponentials():
        first = (math.exp(2 * p.x1) - 1) / (math.exp(2 * p.x1) + 1)
        e = math.exp(2 * (p.w * first + p.x2))
        return (e - 1) / (e + 1)

    return Draft(
        stem=rf"A recurrent unit remembers: $h_t = \tanh({p.w:g}\,h_{{t-1}} + x_t)$, with $h_0 = 0$. It sees "
        rf"$x_1 = {p.x1:g}$ and then $x_2 = {p.x2:g}$. What is $h_2$, to three digits?",
        key=float(nnlib.tanh(z)),
        check=by_exponentials,
        wrong=[
            *mistakes_of("tanh", z),
            misconception("state-not-fed-back", lambda: math.tanh(p.x2)),
            misconception("activation-at-the-end-only", lambda: math.tanh(p.w * p.x1 + p.x2)),
        ],
        explain=rf"$h_1 = \tanh({p.x1:g}) = {h1:.4f}$, then $z = {p.w:g} \cdot ({h1:.4f}) {p.x2:+g} = {z:.4f}$ and "
        rf"$h_2 = \tanh({z:.4f}) = {math.tanh(z):.4f}$.",
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
    neuron_of_a_batch,
    neuron_shape,
    neuron_find_the_error,
    collapse_two_layers,
    two_relu_units,
    two_unit_softmax,
    recurrent_two_steps,
)
