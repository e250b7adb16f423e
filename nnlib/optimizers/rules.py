"""Update rules: how an optimizer turns a gradient into a step, one function each.

Conventions, the same for all of them; PyTorch shares those of the rules:

- `w` are parameters of any shape, `g` = ∂loss/∂w has that shape, and a step goes down: the loss is minimised.
- A rule's state (velocity v, mean m, ...) has the shape of `w` and starts at zeros. It goes in and comes out, as
  new arrays of the dtype of `w`; arguments are not modified.
- `t` is the number of the step, *from 1*: with t = 0 Adam would divide by 1 − β⁰ = 0.
- Weight decay λ is coupled, that is an L2 penalty: λ·w joins the gradient before all else. Only AdamW's is
  decoupled.
- Every entry is updated by itself, with numbers that all share: the rules know no layers.
- A square that is too small for the dtype becomes 0 in silence; one that is too large becomes inf with NumPy's
  warning (in float32 for |g| above 2e19 with AdaGrad, 2e20 with RMSprop and 6e20 with Adam), and that entry then
  stands still.

Each public function checks and copies, then calls the private one of its name, which holds the rule and updates
in place: `nnlib.Optimizer` calls the same one, so there is one implementation to read and to trust.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib._arguments import as_float, as_parameter


def sgd(w, g, learning_rate, weight_decay=0.0):
    """Gradient descent: one step against the gradient. Called stochastic when `g` comes from a mini-batch.

        g ← g + λ·w
        w ← w − η·g

    On a quadratic bowl it converges for η < 2/λmax, the largest curvature, and diverges above.

    Args:
        w: (...) float, the parameters.
        g: (...) float, ∂loss/∂w.
        learning_rate: η, in the units of w² over those of the loss, at least 0. It has no default, as no value
            suits all scales of the loss (PyTorch: 0.001).
        weight_decay: λ, coupled, at least 0.
    Returns:
        w: (...) float, the new parameters.
    Raises:
        ValueError: shapes differ, or a setting is outside its range.
    Source:
        Robbins & Monro (1951), A stochastic approximation method.

    >>> sgd(np.array([1.0, -2.0]), np.array([0.5, 4.0]), learning_rate=0.1)
    array([ 0.95, -2.4 ])
    """
    return _pure(_sgd, w, g, learning_rate, weight_decay)


def _sgd(w, g, learning_rate, weight_decay):
    if weight_decay:
        g = g + weight_decay * w
    w -= learning_rate * g


def momentum(w, g, v, learning_rate, mu=0.9, weight_decay=0.0):
    """Momentum, the heavy ball: steps along a velocity that sums up past gradients and forgets them slowly.

        g ← g + λ·w
        v ← μ·v + g
        w ← w − η·v

    A constant gradient is in the end followed with η/(1 − μ), ten times η for μ = 0.9; the learning rate is not
    adapted to anything. Others (Sutskever et al., Keras) keep η within the velocity, v ← μ·v − η·g; that is the
    same until η changes. Dampening, (1 − μ)·g in place of g, is not used: v₁ = g.

    Args:
        w: (...) float, the parameters.
        g: (...) float, ∂loss/∂w.
        v: (...) float, the velocity, in the units of `g`; zeros at first.
        learning_rate: η, at least 0; see `sgd`.
        mu: μ, the share of the velocity that is kept, in [0, 1); with 0 this is `sgd`. (PyTorch: 0.)
        weight_decay: λ, coupled, at least 0.
    Returns:
        w, v: (...) float, the new parameters and velocity.
    Raises:
        ValueError: shapes differ, or a setting is outside its range.
    Source:
        Polyak (1964), Some methods of speeding up the convergence of iteration methods.

    >>> w, v = momentum(np.array([1.0]), np.array([2.0]), np.array([10.0]), learning_rate=0.1)
    >>> w, v
    (array([-0.1]), array([11.]))
    """
    return _pure(_momentum, w, g, v, learning_rate, mu, weight_decay)


def _momentum(w, g, v, learning_rate, mu, weight_decay):
    if weight_decay:
        g = g + weight_decay * w
    v *= mu
    v += g
    w -= learning_rate * v


def nesterov(w, g, v, learning_rate, mu=0.9, weight_decay=0.0):
    """Nesterov's accelerated gradient: momentum that looks ahead to where the velocity leads.

        g ← g + λ·w
        v ← μ·v + g
        w ← w − η·(g + μ·v)      (the new v)

    The method takes its gradient at θ + μ·(velocity). Here `w` is that point and not θ, so that the gradient is
    taken at `w` as everywhere else; both run through the same points while η and μ stay the same. PyTorch does
    so too.

    Args:
        w: (...) float, the parameters.
        g: (...) float, ∂loss/∂w.
        v: (...) float, the velocity, in the units of `g`; zeros at first.
        learning_rate: η, at least 0; see `sgd`.
        mu: μ, the share of the velocity that is kept, in [0, 1). (PyTorch: 0.)
        weight_decay: λ, coupled, at least 0.
    Returns:
        w, v: (...) float, the new parameters and velocity.
    Raises:
        ValueError: shapes differ, or a setting is outside its range.
    Source:
        Nesterov (1983), A method for solving the convex programming problem with convergence rate O(1/k²);
        Sutskever, Martens, Dahl & Hinton (2013), On the importance of initialization and momentum in deep
        learning, section 2.

    >>> w, v = nesterov(np.array([1.0]), np.array([2.0]), np.array([10.0]), learning_rate=0.1)
    >>> w, v
    (array([-0.19]), array([11.]))
    """
    return _pure(_nesterov, w, g, v, learning_rate, mu, weight_decay)


def _nesterov(w, g, v, learning_rate, mu, weight_decay):
    if weight_decay:
        g = g + weight_decay * w
    v *= mu
    v += g
    w -= learning_rate * (g + mu * v)


def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10, weight_decay=0.0):
    """AdaGrad: a learning rate for each parameter, smaller the more gradient it has seen.

        g ← g + λ·w
        s ← s + g²
        w ← w − η·g / (√s + ε)      (ε outside the root)

    While gradients keep their size the steps shrink like 1/√t, since s only grows. Keras and optax put ε inside the root and start s at 0.1.

    Args:
        w: (...) float, the parameters.
        g: (...) float, ∂loss/∂w.
        s: (...) float, the sum of squared gradients; zeros at first.
        learning_rate: η, in the units of `w`, at least 0: the size of the first step.
        epsilon: ε, in the units of `g`, positive: keeps 0/0 out where no gradient has come yet.
        weight_decay: λ, coupled, at least 0.
    Returns:
        w, s: (...) float, the new parameters and sum of squares.
    Raises:
        ValueError: shapes differ, or a setting is outside its range.
    Source:
        Duchi, Hazan & Singer (2011), Adaptive subgradient methods for online learning and stochastic
        optimization, the diagonal case.

    >>> w, s = adagrad(np.array([1.0]), np.array([3.0]), np.array([16.0]), learning_rate=0.1)
    >>> w, s
    (array([0.94]), array([25.]))
    """
    return _pure(_adagrad, w, g, s, learning_rate, epsilon, weight_decay)


def _adagrad(w, g, s, learning_rate, epsilon, weight_decay):
    if weight_decay:
        g = g + weight_decay * w
    s += g * g
    w -= learning_rate * g / (np.sqrt(s) + epsilon)


def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8, weight_decay=0.0):
    """RMSprop: AdaGrad with a mean that forgets, so that the steps do not die out.

        g ← g + λ·w
        s ← ρ·s + (1 − ρ)·g²
        w ← w − η·g / (√s + ε)      (ε outside the root)

    Nothing corrects the start of s at 0: the first step is η/√(1 − ρ), ten times η by default. Keras and, by
    default, optax put ε inside the root; Hinton used ρ = 0.9.

    Args:
        w: (...) float, the parameters.
        g: (...) float, ∂loss/∂w.
        s: (...) float, the mean of squared gradients; zeros at first.
        learning_rate: η, in the units of `w`, at least 0.
        rho: ρ, the share of the mean that is kept, in [0, 1); PyTorch calls it alpha.
        epsilon: ε, in the units of `g`, positive.
        weight_decay: λ, coupled, at least 0.
    Returns:
        w, s: (...) float, the new parameters and mean square.
    Raises:
        ValueError: shapes differ, or a setting is outside its range.
    Source:
        Tieleman & Hinton (2012), Lecture 6.5: rmsprop, in Neural Networks for Machine Learning (Coursera).

    >>> w, s = rmsprop(np.array([1.0]), np.array([5.0]), np.array([0.0]), learning_rate=0.1, rho=0.96)
    >>> w.round(4), s
    (array([0.5]), array([1.]))
    """
    return _pure(_rmsprop, w, g, s, learning_rate, rho, epsilon, weight_decay)


def _rmsprop(w, g, s, learning_rate, rho, epsilon, weight_decay):
    if weight_decay:
        g = g + weight_decay * w
    s *= rho
    s += (1 - rho) * g * g
    w -= learning_rate * g / (np.sqrt(s) + epsilon)


def adadelta(w, g, s, d, learning_rate=1.0, rho=0.9, epsilon=1e-6, weight_decay=0.0):
    """AdaDelta: RMSprop whose step size is the root mean square of the past steps, so that the units of w fit.

        g ← g + λ·w
        s ← ρ·s + (1 − ρ)·g²
        Δ = g·√(d + ε) / √(s + ε)      (ε inside both roots)
        d ← ρ·d + (1 − ρ)·Δ²
        w ← w − η·Δ

    It needs no learning rate: η = 1 is the paper's. With d = 0 at first, √ε is what sets off the first step.

    Args:
        w: (...) float, the parameters.
        g: (...) float, ∂loss/∂w.
        s: (...) float, the mean of squared gradients; zeros at first.
        d: (...) float, the mean of squared steps Δ, before η; zeros at first.
        learning_rate: η, unitless, at least 0.
        rho: ρ, the share of both means that is kept, in [0, 1).
        epsilon: ε, positive.
        weight_decay: λ, coupled, at least 0.
    Returns:
        w, s, d: (...) float, the new parameters and means.
    Raises:
        ValueError: shapes differ, or a setting is outside its range.
    Source:
        Zeiler (2012), ADADELTA: an adaptive learning rate method, arXiv:1212.5701, algorithm 1.

    >>> w, s, d = adadelta(np.array([1.0]), np.array([5.0]), np.array([0.0]), np.array([0.16]), rho=0.96)
    >>> w.round(4), s, d.round(4)
    (array([-1.]), array([1.]), array([0.3136]))
    """
    return _pure(_adadelta, w, g, s, d, learning_rate, rho, epsilon, weight_decay)


def _adadelta(w, g, s, d, learning_rate, rho, epsilon, weight_decay):
    if weight_decay:
        g = g + weight_decay * w
    s *= rho
    s += (1 - rho) * g * g
    step = np.sqrt(d + epsilon) / np.sqrt(s + epsilon) * g
    d *= rho
    d += (1 - rho) * step * step
    w -= learning_rate * step


def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0):
    """Adam: momentum over RMSprop, both means corrected for their start at 0.

        g ← g + λ·w
        m ← β₁·m + (1 − β₁)·g,   m̂ = m / (1 − β₁ᵗ)
        v ← β₂·v + (1 − β₂)·g²,  v̂ = v / (1 − β₂ᵗ)
        w ← w − η·m̂ / (√v̂ + ε)      (ε outside the root)

    The first step is η·g/(|g| + ε): about η whatever the scale of the gradient, as long as it is far above ε.
    Keras adds its ε to √v instead of √v̂, which makes it larger at first, and has 1e-7.

    Args:
        w: (...) float, the parameters.
        g: (...) float, ∂loss/∂w.
        m: (...) float, the mean of gradients; zeros at first.
        v: (...) float, the mean of squared gradients; zeros at first.
        t: the number of this step, whole, from 1.
        learning_rate: η, in the units of `w`, at least 0.
        beta1: β₁, the share of `m` that is kept, in [0, 1).
        beta2: β₂, the share of `v` that is kept, in [0, 1).
        epsilon: ε, in the units of `g`, positive.
        weight_decay: λ, coupled, at least 0: divided by √v̂ with all the rest, so it hardly acts on a parameter
            whose gradients are large. See `adamw`.
    Returns:
        w, m, v: (...) float, the new parameters and means.
    Raises:
        ValueError: t < 1, shapes differ, or a setting is outside its range.
    Source:
        Kingma & Ba (2015), Adam: a method for stochastic optimization, arXiv:1412.6980, algorithm 1.

    >>> zeros = np.zeros(2)
    >>> w, m, v = adam(np.array([1.0, -2.0]), np.array([0.1, -50.0]), zeros, zeros, t=1, learning_rate=0.1)
    >>> w.round(4), m.round(4), v.round(4)
    (array([ 0.9, -1.9]), array([ 0.01, -5.  ]), array([0. , 2.5]))
    """
    return _pure(_adam, w, g, m, v, t, learning_rate, beta1, beta2, epsilon, weight_decay)


def _adam(w, g, m, v, t, learning_rate, beta1, beta2, epsilon, weight_decay):
    if weight_decay:
        g = g + weight_decay * w
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g * g
    # √v̂ + ε = (√v + c·ε) / c: the corrections are then operations on numbers, not on arrays.
    c = (1 - beta2**t) ** 0.5
    w -= learning_rate * c / (1 - beta1**t) * m / (np.sqrt(v) + c * epsilon)


def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01):
    """AdamW: Adam with decoupled weight decay, which shrinks all weights at one rate.

        w ← w − η·λ·w
        then Adam's step with the gradient alone, λ = 0

    In Adam the same λ would be divided by √v̂. In the paper λ is multiplied by the schedule's factor alone; here,
    as in PyTorch, by all of η, so λ is the paper's divided by its α, the learning rate without the schedule.

    Args:
        w: (...) float, the parameters.
        g: (...) float, ∂loss/∂w.
        m: (...) float, the mean of gradients; zeros at first.
        v: (...) float, the mean of squared gradients; zeros at first.
        t: the number of this step, whole, from 1.
        learning_rate: η, in the units of `w`, at least 0.
        beta1: β₁, the share of `m` that is kept, in [0, 1).
        beta2: β₂, the share of `v` that is kept, in [0, 1).
        epsilon: ε, in the units of `g`, positive.
        weight_decay: λ, decoupled, at least 0; in units of 1/η.
    Returns:
        w, m, v: (...) float, the new parameters and means.
    Raises:
        ValueError: t < 1, shapes differ, or a setting is outside its range.
    Source:
        Loshchilov & Hutter (2019), Decoupled weight decay regularization, arXiv:1711.05101, algorithm 2.

    >>> zeros = np.zeros(2)
    >>> w, m, v = adamw(np.array([1.0, -2.0]), zeros, zeros, zeros, t=1, learning_rate=0.1, weight_decay=0.5)
    >>> w, m, v
    (array([ 0.95, -1.9 ]), array([0., 0.]), array([0., 0.]))
    """
    return _pure(_adamw, w, g, m, v, t, learning_rate, beta1, beta2, epsilon, weight_decay)


def _adamw(w, g, m, v, t, learning_rate, beta1, beta2, epsilon, weight_decay):
    if weight_decay:
        w *= 1 - learning_rate * weight_decay
    _adam(w, g, m, v, t, learning_rate, beta1, beta2, epsilon, 0.0)


def nadam(
    w,
    g,
    m,
    v,
    t,
    learning_rate=0.002,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0.0,
    momentum_decay=0.004,
):
    """Nadam: Adam that looks ahead as Nesterov does, with a momentum that warms up.

        g ← g + λ·w
        μ_t = β₁·(1 − ½·0.96^(t·ψ))      (from about β₁/2 at first to β₁)
        m ← β₁·m + (1 − β₁)·g
        v ← β₂·v + (1 − β₂)·g²,  v̂ = v / (1 − β₂ᵗ)
        m̂ = (1 − μ_t)·g / (1 − Π_{i≤t} μ_i) + μ_{t+1}·m / (1 − Π_{i≤t+1} μ_i)
        w ← w − η·m̂ / (√v̂ + ε)      (ε outside the root)

    The means m and v are Adam's; the warm-up acts on their mixture alone. PyTorch does the same. Optax has no
    warm-up; Keras fixes ψ = 1, a warm-up 250 times as fast.

    Args:
        w: (...) float, the parameters.
        g: (...) float, ∂loss/∂w.
        m: (...) float, the mean of gradients; zeros at first.
        v: (...) float, the mean of squared gradients; zeros at first.
        t: the number of this step, whole, from 1.
        learning_rate: η, in the units of `w`, at least 0.
        beta1: β₁, the share of `m` that is kept, in [0, 1).
        beta2: β₂, the share of `v` that is kept, in [0, 1).
        epsilon: ε, in the units of `g`, positive.
        weight_decay: λ, coupled, at least 0.
        momentum_decay: ψ, the pace of the warm-up in 1/steps, at least 0; with 0, μ stays β₁/2.
    Returns:
        w, m, v: (...) float, the new parameters and means.
    Raises:
        ValueError: t < 1, shapes differ, or a setting is outside its range.
    Source:
        Dozat (2016), Incorporating Nesterov momentum into Adam, ICLR workshop.

    >>> zeros = np.zeros(2)
    >>> w, m, v = nadam(np.array([1.0, -2.0]), np.array([0.1, -50.0]), zeros, zeros, t=1, learning_rate=0.1)
    >>> w.round(4), m.round(4), v.round(4)
    (array([ 0.8944, -1.8944]), array([ 0.01, -5.  ]), array([0. , 2.5]))
    """
    return _pure(_nadam, w, g, m, v, t, learning_rate, beta1, beta2, epsilon, weight_decay, momentum_decay)


def _nadam(w, g, m, v, t, learning_rate, beta1, beta2, epsilon, weight_decay, momentum_decay):
    if weight_decay:
        g = g + weight_decay * w
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g * g
    mu, mu_next = _nadam_mu(t, beta1, momentum_decay), _nadam_mu(t + 1, beta1, momentum_decay)
    product = 1.0
    for i in range(1, t + 1):
        product *= _nadam_mu(i, beta1, momentum_decay)
        if product < 1e-17:  # 1 − product is now 1 for good; by default that is so from step 50 on
            break
    c = (1 - beta2**t) ** 0.5  # as in _adam
    from_g = learning_rate * c * (1 - mu) / (1 - product)
    from_m = learning_rate * c * mu_next / (1 - product * mu_next)
    w -= (from_g * g + from_m * m) / (np.sqrt(v) + c * epsilon)


def _nadam_mu(t, beta1, momentum_decay):
    return beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))


def _pure(update, w, *arguments):
    """What `update` makes of `w` and its state, as new arrays, once all arguments have been checked."""
    names = update.__code__.co_varnames[1 : update.__code__.co_argcount]
    w = np.array(as_float(w, "w"))
    arguments = [
        _number(name, value) if name in _RANGES else _alike(name, value, w)
        for name, value in zip(names, arguments, strict=True)
    ]
    with np.errstate(under="ignore"):
        update(w, *arguments)
    slots = [value for name, value in zip(names, arguments, strict=True) if name not in ("g", *_RANGES)]
    return (w, *slots) if slots else w


def _alike(name, value, w):
    """`value` as a new array of the dtype of `w`, or an error where its shape is another."""
    array = as_float(value, name)
    if array.shape != w.shape:
        raise ValueError(f"{name} must have the shape of w, {w.shape}, got {array.shape}")
    return array.astype(w.dtype)


_STEP = "a whole number from 1 on"
_FROM_0 = "at least 0 and finite"
_SHARE = "in [0, 1)"
_POSITIVE = "positive and finite"
_RANGES = {
    "t": _STEP,
    "learning_rate": _FROM_0,
    "mu": _SHARE,
    "rho": _SHARE,
    "beta1": _SHARE,
    "beta2": _SHARE,
    "epsilon": _POSITIVE,
    "weight_decay": _FROM_0,
    "momentum_decay": _FROM_0,
}


def _number(name, value):
    """`value` as a Python number, or an error that says which range the setting `name` has."""
    wanted = _RANGES[name]
    if wanted == _STEP:
        return int(as_parameter(name, value, 1 <= value < np.inf and value % 1 == 0, wanted))
    if wanted == _SHARE:
        return as_parameter(name, value, 0 <= value < 1, wanted)
    return as_parameter(name, value, 0 <= value < np.inf and (value > 0 or wanted == _FROM_0), wanted)


class Rule(NamedTuple):
    """An update rule: its public function, and what it takes to apply it over and over.

    Attributes:
        step: the public function, step(w, g, *state, [t,] **settings).
        update: the same in place, on `w` and the state, without checks and with all arguments by position.
        slots: tuple of str, the names of the state's arrays; they have the shape of `w` and start at zeros.
        counted: whether the number t of the step is an argument, after the state.
        settings: dict of name to default, in the order of the arguments; None where a value must be given.

    >>> OPTIMIZERS["adam"].slots, OPTIMIZERS["adam"].settings["beta1"]
    (('m', 'v'), 0.9)
    >>> OPTIMIZERS["momentum"].complete({"learning_rate": 0.1})
    {'learning_rate': 0.1, 'mu': 0.9, 'weight_decay': 0.0}
    """

    step: Callable
    update: Callable
    slots: tuple
    counted: bool
    settings: dict

    def complete(self, settings):
        """All settings by name, as Python floats in the order of `update`: those given, and defaults.

        Raises:
            ValueError: a setting is unknown, missing, or outside its range.
        """
        name = self.step.__name__
        if unknown := sorted(settings.keys() - self.settings.keys()):
            raise ValueError(f"{name} has the settings {', '.join(self.settings)}, got {unknown[0]!r}")
        settings = {setting: settings.get(setting, default) for setting, default in self.settings.items()}
        for setting, value in settings.items():
            if value is None:
                raise ValueError(f"{name} needs a value for {setting}")
        return {setting: _number(setting, value) for setting, value in settings.items()}


def _rule(step, update):
    """The row of a rule, read from the signature of `step`: w, g, the state, perhaps t, then the settings."""
    names = step.__code__.co_varnames[: step.__code__.co_argcount]
    first = names.index("learning_rate")
    settings, defaults = names[first:], step.__defaults__
    required = (None,) * (len(settings) - len(defaults))
    return Rule(
        step,
        update,
        slots=tuple(name for name in names[2:first] if name != "t"),
        counted="t" in names,
        settings=dict(zip(settings, required + defaults, strict=True)),
    )


OPTIMIZERS: dict[str, Rule] = {
    "sgd": _rule(sgd, _sgd),
    "momentum": _rule(momentum, _momentum),
    "nesterov": _rule(nesterov, _nesterov),
    "adagrad": _rule(adagrad, _adagrad),
    "rmsprop": _rule(rmsprop, _rmsprop),
    "adadelta": _rule(adadelta, _adadelta),
    "adam": _rule(adam, _adam),
    "adamw": _rule(adamw, _adamw),
    "nadam": _rule(nadam, _nadam),
}
