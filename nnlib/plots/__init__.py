"""Pictures. The one part of `nnlib` that needs matplotlib: import it as `nnlib.plots`.

Each function takes `ax=None` and returns the Axes; the title states what the picture shows, unless one is given.
"""

from nnlib.plots.activations import activation, activations
from nnlib.plots.images import confusion, saliency_overlay
from nnlib.plots.landscapes import landscape
from nnlib.plots.learning import gradient_flow, histograms, training_curves

__all__ = [
    "activation",
    "activations",
    "confusion",
    "gradient_flow",
    "histograms",
    "landscape",
    "saliency_overlay",
    "training_curves",
]
