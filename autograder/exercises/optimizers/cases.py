"""What several exercises of this lesson share: inputs, tolerances, reasons."""

import numpy as np

from ..schema import Case, Compare

SAME_STEP = "its single step is right; only several steps in a row show the difference"


def drawer(slots, settings, shapes=((7,), (3, 5)), scale=1.0, dtypes=(np.float64,)):
    """A function that draws inputs of single steps.

    `slots` names the state: "mean" has either sign, "square" is positive, "zeros" is the start.
    `settings` draws what follows the arrays: t, learning rate, and so on.
    """

    def array(rng, kind, shape):
        if kind == "zeros":
            return np.zeros(shape)
        sizes = rng.uniform(0.5, 2, size=shape) * scale
        return sizes**2 if kind == "square" else sizes * rng.choice([-1.0, 1.0], size=shape)

    def draw(rng):
        drawn = []
        for dtype in dtypes:
            for shape in shapes:
                w = np.asarray(rng.normal(size=shape))
                arrays = [w, *(array(rng, kind, shape) for kind in ("mean", *slots))]
                drawn.append((*(np.asarray(a).astype(dtype) for a in arrays), *settings(rng)))
        return drawn

    return draw


def without_settings(draw, kept=0):
    """The inputs of `draw` without their numbers, but for the first `kept`: the defaults come into play."""

    def arrays_alone(inputs):
        arrays = [a for a in inputs if isinstance(a, np.ndarray)]
        return (*arrays, *inputs[len(arrays) : len(arrays) + kept])

    return lambda rng: [arrays_alone(inputs) for inputs in draw(rng)]


def first_steps(slots, settings):
    """All state is zeros, and so are some gradients: 0/0 must not come out."""

    def draw(rng):
        g = rng.normal(size=(4, 3))
        g[1:3, 1] = 0.0
        g[0, 0] = 2.0  # some gradient is longer than 1, whatever the seed
        return [(rng.normal(size=(4, 3)), g, *(np.zeros((4, 3)) for _ in slots), *settings(rng))]

    return draw


def several_steps(slots, settings, steps=5):
    """A list of gradients, one for each step, with the state at zeros: see `drives.run_rule`."""

    def draw(rng):
        gradients = [rng.normal(size=(3, 2)) for _ in range(steps)]
        return [(rng.normal(size=(3, 2)), gradients, *(np.zeros((3, 2)) for _ in slots), *settings(rng))]

    return draw


ALL_SHAPES = ((1,), (4, 1), (2, 3, 5), ())
BOTH = (np.float64, np.float32)


def common_cases(slots, settings, first=None, tiny=False, ordinary=4):
    """The cases that every update rule is asked for; `first` are the settings where state is zeros."""
    first = first or settings
    cases = [
        Case(
            "one step",
            "w of shape (7,) and (3, 5), settings other than the defaults",
            drawer(slots, settings),
            weight=ordinary,
        ),
        Case(
            "first step",
            "all state at zeros, and a gradient of 0 here and there",
            first_steps(slots, first),
            weight=2,
        ),
        Case(
            "several steps",
            "five steps in a row, each from what the one before returned; w[0] is w after the first",
            several_steps(slots, first),
            weight=3,
        ),
        Case(
            "extreme values",
            "gradients near ±10,000, in float32 and float64",
            drawer(slots, settings, shapes=((6,),), scale=1e4, dtypes=BOTH),
            weight=1,
        ),
        Case(
            "shapes",
            "shapes (1,), (4, 1), (2, 3, 5) and ()",
            drawer(slots, settings, shapes=ALL_SHAPES),
            weight=1,
        ),
        Case(
            "float32",
            "float32 in, float32 out",
            drawer(slots, settings, shapes=((3, 4),), dtypes=(np.float32,)),
            weight=1,
        ),
    ]
    if tiny:
        zeros = ("zeros",) * len(slots)
        cases.append(
            Case(
                "tiny gradients",
                "gradients near ±1e-8, about as small as epsilon",
                drawer(zeros, tiny, shapes=((6,),), scale=1e-8),
                weight=2,
            )
        )
    return tuple(cases)


def rate_and_mu(rng):
    return float(rng.uniform(0.05, 0.3)), float(rng.uniform(0.55, 0.75))


# With the default epsilon its place hardly shows: another case asks for that, and this one must not sometimes.
DEFAULTS = Compare(rtol=1e-7, atol=1e-8)


def default_case(slots, settings, says, kept=0, compare=None):
    draw = without_settings(drawer(slots, settings), kept)
    return Case("default settings", says, draw, weight=1, compare=compare)


def default_epsilon_case(slots, first, says, kept=0):
    """Gradients so small that only the default epsilon gives the right step; `first` are settings at zeros."""
    draw = drawer(("zeros",) * len(slots), first, shapes=((6,),), scale=1e-9)
    return Case("default epsilon", f"gradients near ±1e-9, {says}", without_settings(draw, kept), weight=1)


def adam_settings(rng):
    betas = float(rng.uniform(0.75, 0.85)), float(rng.uniform(0.92, 0.96))
    return (
        int(rng.integers(3, 9)),
        float(rng.uniform(0.05, 0.3)),
        *betas,
        float(rng.uniform(1e-3, 1e-2)),
    )


def adam_first(rng):
    _, *settings = adam_settings(rng)
    return 1, *settings


def adam_tiny(rng):
    _, *settings, _ = adam_settings(rng)
    return 1, *settings, 1e-8
