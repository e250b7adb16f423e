"""Small sets of points: to classify in the plane, and noisy curves to fit.

Conventions, the same for all that are to be classified: X is (N, D) float64 and unitless; class labels y are (N,)
int64; classes are as equal in size as N allows, and rows are shuffled. Where a class is a curve, Gaussian noise of
standard deviation `noise` is added to every coordinate, so that noise = 0 gives the curve itself.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib._arguments import as_parameter
from nnlib.data._counts import as_count
from nnlib.data.sampling import balanced_labels


def moons(n, rng, noise=0.1):
    """Two half circles that interlock: no straight line separates them.

        class 0: (cos t, sin t),  class 1: (1 − cos t, ½ − sin t),  t evenly from 0 to π

    Args:
        n: number N of points, at least 2.
        rng: numpy.random.Generator.
        noise: standard deviation of the Gaussian noise on each coordinate, 0 or more; the radius is 1.
    Returns:
        X: (N, 2) float64, y: (N,) int64, 0 or 1.
    Raises:
        ValueError: n below 2, noise negative or not finite.
    Source:
        The curves of scikit-learn's `make_moons`.

    >>> X, y = moons(4, np.random.default_rng(0), noise=0)
    >>> X[y == 1].round(3) + 0.0
    array([[0. , 0.5],
           [2. , 0.5]])
    """
    noise = _as_noise(noise)
    y, along = _along_each_class(n, 2, rng)
    t = np.pi * along
    X = np.where(
        y[:, None] == 0,
        np.stack([np.cos(t), np.sin(t)], axis=1),
        np.stack([1 - np.cos(t), 0.5 - np.sin(t)], axis=1),
    )
    return X + rng.normal(scale=noise, size=X.shape), y


def spirals(n, rng, classes=2, turns=1.0, noise=0.02):
    """Spirals around one another, one for each class.

        class k: r·(cos θ, sin θ),  θ = 2π·(turns·r + k/K),  r evenly over (0, 1], without the common centre

    Args:
        n: number N of points, at least `classes`.
        rng: numpy.random.Generator.
        classes: number K of arms, at least 2.
        turns: full turns of each arm, unitless, finite; the more, the harder. Negative turns are clockwise.
        noise: standard deviation of the Gaussian noise on each coordinate, 0 or more. Neighbouring arms are
            about 1 / (K·turns) apart.
    Returns:
        X: (N, 2) float64, y: (N,) int64 in 0..K−1.
    Raises:
        ValueError: n below classes, classes below 2, turns not finite, noise negative or not finite.
    Source:
        Lang & Witbrock (1988), Learning to tell two spirals apart; there 3 turns and 97 points an arm.

    >>> X, y = spirals(2, np.random.default_rng(0), noise=0)
    >>> X[np.argsort(y)].round(3) + 0.0
    array([[ 1.,  0.],
           [-1.,  0.]])
    """
    noise, classes = _as_noise(noise), as_count("classes", classes, least=2)
    turns = as_parameter("turns", turns, -np.inf < turns < np.inf, "finite")
    y, r = _along_each_class(n, classes, rng, from_zero=False)
    angle = 2 * np.pi * (turns * r + y / classes)
    X = r[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + rng.normal(scale=noise, size=X.shape), y


def xor(n, rng, noise=0.2):
    """Exclusive or: four clouds on the corners of a square, opposite corners of one class.

    Centres (±1, ±1), so that the inputs have mean 0; y = 1 where the centre's signs differ.

    Args:
        n: number N of points, at least 4. The four corners are as equal in number as N allows.
        rng: numpy.random.Generator.
        noise: standard deviation of the Gaussian noise on each coordinate, 0 or more.
    Returns:
        X: (N, 2) float64, y: (N,) int64, 0 or 1.
    Raises:
        ValueError: n below 4, noise negative or not finite.
    Source:
        Minsky & Papert (1969), Perceptrons: no single threshold unit computes it.

    >>> X, y = xor(4, np.random.default_rng(0), noise=0)
    >>> (X.prod(axis=1) < 0) == y
    array([ True,  True,  True,  True])
    """
    noise = _as_noise(noise)
    # Numbered so that a remainder of two goes to corners of different classes: (−1, −1), (1, −1), (1, 1), (−1, 1).
    corner = balanced_labels(as_count("n", n, least=4), 4, rng)
    right, top = (corner == 1) | (corner == 2), corner >= 2
    X = np.where(np.stack([right, top], axis=1), 1.0, -1.0)
    return X + rng.normal(scale=noise, size=X.shape), corner % 2


def blobs(n, rng, classes=3, features=2, spread=1.0, distance=4.0):
    """Round Gaussian clouds whose centres are known, and so is, for two, the best possible accuracy.

    The centres stand evenly on a circle around 0, in the first two features, with neighbours `distance` apart
    (with one feature: evenly on a line). For two classes the error of the best classifier is
    Φ(−distance / (2·spread)), Φ being the standard normal distribution function.

    Args:
        n: number N of points, at least `classes`.
        rng: numpy.random.Generator.
        classes: number K of clouds, at least 1.
        features: number D of features, at least 1.
        spread: standard deviation of a cloud along every axis, 0 or more.
        distance: between neighbouring centres, in the units of `spread`, 0 or more.
    Returns:
        X: (N, D) float64, y: (N,) int64 in 0..K−1.
    Raises:
        ValueError: a size too small, spread or distance negative or not finite.
    Source:
        Fisher (1936), The use of multiple measurements in taxonomic problems, for the model.

    >>> X, y = blobs(2, np.random.default_rng(0), classes=2, features=3, spread=0)
    >>> X[np.argsort(y)].round(3) + 0.0
    array([[ 2.,  0.,  0.],
           [-2.,  0.,  0.]])
    """
    classes, features = as_count("classes", classes), as_count("features", features)
    spread = as_parameter("spread", spread, 0 <= spread < np.inf, "0 or more, and finite")
    distance = as_parameter("distance", distance, 0 <= distance < np.inf, "0 or more, and finite")
    k = np.arange(classes)
    centres = np.zeros((classes, features))
    if features == 1:
        centres[:, 0] = distance * (k - (classes - 1) / 2)
    elif classes > 1:
        angle = 2 * np.pi * k / classes
        radius = distance / (2 * np.sin(np.pi / classes))  # half the chord between neighbours
        centres[:, :2] = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    y = balanced_labels(n, classes, rng)
    return centres[y] + rng.normal(scale=spread, size=(len(y), features)), y


def regression_curve(n, rng, curve="sine", noise=0.1):
    """Noisy samples of a curve, to be fitted.

        y = f(x) + noise·ε,  x uniform over the curve's domain, ε standard normal

    Args:
        n: number N of points, at least 1.
        rng: numpy.random.Generator.
        curve: a key of `CURVES`.
        noise: standard deviation of the noise on y, in its units, 0 or more.
    Returns:
        X: (N, 1) float64, y: (N, 1) float64, a column as a network with one output gives it.
    Raises:
        ValueError: n below 1, an unknown curve, noise negative or not finite.
    Source:
        See `CURVES`.

    >>> X, y = regression_curve(3, np.random.default_rng(0), curve="step", noise=0)
    >>> np.concatenate([X, y], axis=1).round(3)
    array([[ 0.274,  1.   ],
           [-0.46 , -1.   ],
           [-0.918, -1.   ]])
    """
    noise, n = _as_noise(noise), as_count("n", n)
    if curve not in CURVES:
        raise ValueError(f"curve must be one of {', '.join(CURVES)}, got {curve!r}")
    f, low, high, _ = CURVES[curve]
    X = rng.uniform(low, high, size=(n, 1))
    return X, f(X) + rng.normal(scale=noise, size=X.shape)


class Curve(NamedTuple):
    """A function of one number, where it is drawn (low <= x <= high, both finite), and where it is from.

    >>> CURVES["sine"].f(np.array([0.0, 0.25, 0.5])).round(3)
    array([0., 1., 0.])
    """

    f: Callable
    low: float
    high: float
    source: str


def _sine(x):
    return np.sin(2 * np.pi * x)


def _cubic(x):
    return x**3


def _runge(x):
    return 1 / (1 + 25 * x**2)


def _sinc(x):
    return np.sinc(x / np.pi)


def _step(x):
    return np.where(x < 0, -1.0, 1.0)


CURVES: dict[str, Curve] = {
    "sine": Curve(
        _sine, 0.0, 1.0, "sin 2πx: Bishop (2006), Pattern Recognition and Machine Learning, section 1.1"
    ),
    "cubic": Curve(
        _cubic, -1.0, 1.0, "x³: a line fits it well at first sight and is wrong almost everywhere"
    ),
    "runge": Curve(
        _runge, -1.0, 1.0, "1 / (1 + 25x²): Runge (1901); polynomials through even points diverge"
    ),
    "sinc": Curve(_sinc, -10.0, 10.0, "sin x / x: Vapnik, Golowich & Smola (1997), NIPS 9"),
    "step": Curve(_step, -1.0, 1.0, "−1 left of 0, else 1: no continuous network meets it everywhere"),
}


def _as_noise(noise):
    return as_parameter("noise", noise, 0 <= noise < np.inf, "0 or more, and finite")


def _along_each_class(n, classes, rng, from_zero=True):
    """Shuffled labels, and for each point how far along its class it lies: evenly from 0, or just above, to 1."""
    n = as_count("n", n, least=classes)
    number = rng.permutation(n)
    y, rank = number % classes, number // classes
    size = (n - y + classes - 1) // classes  # of the class of y
    if from_zero:
        return y, rank / np.maximum(size - 1, 1)
    return y, (rank + 1) / size
