"""Questions on lesson 01."""

import math

import nnlib

from ..template import Draft, grid, mistakes_of, template

LESSON = "01_activations"


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


TEMPLATES = (sigmoid_value,)
