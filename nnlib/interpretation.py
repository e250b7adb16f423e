"""What an input's pixels or features have to do with the output: gradients at the input."""

import numpy as np

from nnlib._arguments import as_float, as_parameter
from nnlib.losses import find_loss


def input_gradient(model, loss, X, y):
    """Gradient of the loss at the inputs, ∂loss/∂X. Overwrites the model's parameter gradients.

    Args:
        model: nnlib.Layer, used in the mode it is in; call `model.eval()` first.
        loss: key of `nnlib.LOSSES`, or a row like its rows.
        X: (N, ...) float, inputs.
        y: their targets.
    Returns:
        The shape of `X`. The loss is a mean, so each example's gradient is 1/N of its own loss's.

    >>> from nnlib.layers import Linear
    >>> layer = Linear(2, 1, np.random.default_rng(0))
    >>> layer.parameters["W"][:] = [[3.0], [-1.0]]
    >>> input_gradient(layer, "mse", np.array([[1.0, 1.0]]), np.array([[0.0]]))
    array([[ 6., -2.]])
    """
    row = find_loss(loss)
    return model.backward(row.grad(model.forward(X), y))


def saliency(model, X, classes):
    """Saliency: how strongly each input moves the score of a class, the gradient at the input and not at each layer.

        S = |∂ score_c / ∂X|

    Overwrites the model's parameter gradients. Image channels are kept; Simonyan et al. take their maximum.

    Args:
        model: nnlib.Layer with scores (N, K), before a softmax, used in the mode it is in; call `model.eval()` first.
        X: (N, ...) float, inputs.
        classes: (N,) int, or one int for all: the class whose score is asked about.
    Returns:
        The shape of `X`, 0 or more.
    Raises:
        ValueError: a class that the model has no score for.
    Source:
        Simonyan, Vedaldi & Zisserman (2014), Deep inside convolutional networks, section 3, arXiv:1312.6034.

    >>> from nnlib.layers import Linear
    >>> layer = Linear(2, 2, np.random.default_rng(0))
    >>> layer.parameters["W"][:] = [[3.0, 0.0], [-1.0, 5.0]]
    >>> saliency(layer, np.array([[1.0, 1.0]]), 0)
    array([[3., 1.]])
    """
    scores = model.forward(X)
    classes = np.broadcast_to(classes, len(scores))
    if not ((classes >= 0) & (classes < scores.shape[1])).all():
        raise ValueError(f"classes must be in [0, {scores.shape[1]}), got {np.unique(classes)}")
    return np.abs(model.backward(np.eye(scores.shape[1], dtype=scores.dtype)[classes]))


def grad_cam(feature_maps, gradients):
    """Grad-CAM: where in an image the features stand that speak for a class.

        α_k = mean over positions of ∂ score_c / ∂A_k,      map = max(Σ_k α_k A_k, 0)

    The maps come from the last convolution; `nnlib.trace` gives them and their gradients (`output`, `delta`).
    Without the maximum, features that speak *against* the class would show as well.

    Args:
        feature_maps: (N, C, H, W) float, A, a convolution's output after its activation.
        gradients: (N, C, H, W) float, ∂score/∂A, of the class that is asked about.
    Returns:
        (N, H, W) float, 0 or more, at the size of the feature maps.
    Raises:
        ValueError: the shapes differ or are not those of images.
    Source:
        Selvaraju et al. (2017), Grad-CAM: visual explanations from deep networks, equations 1 and 2,
        arXiv:1610.02391.

    >>> A = np.array([[[[1.0, 0.0]], [[0.0, 2.0]]]])
    >>> grad_cam(A, np.array([[[[1.0, 3.0]], [[-1.0, -1.0]]]]))
    array([[[2., 0.]]])
    """
    A, gradients = as_float(feature_maps, "feature_maps"), as_float(gradients, "gradients")
    if A.ndim != 4 or A.shape != gradients.shape:
        raise ValueError(
            f"feature_maps and gradients must have one shape (N, C, H, W), got {A.shape} and {gradients.shape}"
        )
    alpha = gradients.mean(axis=(2, 3), keepdims=True)
    return np.maximum((alpha * A).sum(axis=1), 0)


def fgsm(X, gradient, epsilon, low=-np.inf, high=np.inf):
    """Fast gradient sign method: the step within ±ε of each input that raises a linearised loss the most.

        X' = clip(X + ε · sign(∂loss/∂X), low, high)      (sign(0) = 0)

    Args:
        X: (...) float, inputs.
        gradient: (...) float, ∂loss/∂X of the true targets, the shape of `X`; see `input_gradient`.
        epsilon: the largest change of an input, in the units of `X`, 0 or more.
        low, high: the range that inputs may have, such as 0 and 1 for grey values.
    Returns:
        The shape of `X`.
    Raises:
        ValueError: epsilon negative, low above high, or the shapes differ.
    Source:
        Goodfellow, Shlens & Szegedy (2015), Explaining and harnessing adversarial examples, section 4,
        arXiv:1412.6572.

    >>> fgsm(np.array([0.5, 0.95, 0.0]), np.array([-2.0, 1e-9, 0.0]), 0.1, low=0.0, high=1.0)
    array([0.4, 1. , 0. ])
    """
    X = as_float(X, "X")
    gradient = as_float(gradient, "gradient")
    epsilon = as_parameter("epsilon", epsilon, 0 <= epsilon < np.inf, "0 or more and finite")
    if X.shape != gradient.shape:
        raise ValueError(f"gradient must have the shape of X, {X.shape}, got {gradient.shape}")
    if not low <= high:
        raise ValueError(f"low must not be above high, got {low} and {high}")
    return np.clip(X + epsilon * np.sign(gradient), low, high).astype(X.dtype, copy=False)
