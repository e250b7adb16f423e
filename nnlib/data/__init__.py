"""Small data sets and landscapes, all drawn from a seed and none downloaded. Import it as `nnlib.data`.

Randomness comes from `rng`, a numpy.random.Generator, and from nowhere else: the same seed gives the same data,
to the last digit on one version of NumPy. Sets to learn from come as X, y with the batch first.
"""

from nnlib.data.digits import digits
from nnlib.data.landscapes import LANDSCAPES, Landscape, quadratic
from nnlib.data.points import CURVES, Curve, blobs, moons, regression_curve, spirals, xor
from nnlib.data.sampling import balanced_labels, stratified_split
from nnlib.data.sound import VOWELS, Vowel, log_spectrum, resonator, source_filter, spectrogram, vowels
from nnlib.data.text import VOCABULARY, sentence, sentiment

__all__ = [
    "CURVES",
    "LANDSCAPES",
    "VOCABULARY",
    "VOWELS",
    "Curve",
    "Landscape",
    "Vowel",
    "balanced_labels",
    "blobs",
    "digits",
    "log_spectrum",
    "moons",
    "quadratic",
    "regression_curve",
    "resonator",
    "sentence",
    "sentiment",
    "source_filter",
    "spectrogram",
    "spirals",
    "stratified_split",
    "vowels",
    "xor",
]
