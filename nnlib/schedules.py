"""Learning-rate schedules: the learning rate as a function of the step.

Conventions, the same for all of them:

- The step t counts updates from 0: t = 0 is the first update, and a run of `total` updates ends with
  t = total − 1. Where a step is an epoch, count epochs.
- A schedule is a plain function of t, with nothing to remember: it may be asked for any t in any order, and a run
  that is resumed asks for its own t. Past its end it stays at its last value.
- All rates are Python floats, which leave float32 arrays as they are.
"""

from collections.abc import Callable
from math import cos, inf, pi

from nnlib._arguments import as_parameter


def constant_schedule(t, learning_rate):
    """The same learning rate at every step.

    Args:
        t: int, the step, from 0.
        learning_rate: positive and finite.
    Returns:
        float.
    Raises:
        ValueError: an argument out of range.

    >>> constant_schedule(100, 0.1)
    0.1
    """
    _step(t)
    return _rate(learning_rate)


def step_decay(t, learning_rate, every, factor=0.1):
    """Staircase: the rate is multiplied by `factor` after every `every` steps.

        η_t = η₀·factor^⌊t / every⌋      (t = every is the first step with the smaller rate)

    As PyTorch's StepLR.

    Args:
        t: int, the step, from 0.
        learning_rate: η₀, positive and finite.
        every: steps on each stair, 1 or more.
        factor: in (0, 1].
    Returns:
        float.
    Raises:
        ValueError: an argument out of range.
    Source:
        He, Zhang, Ren & Sun (2016), Deep residual learning for image recognition, section 4.2: a tenth, twice.

    >>> [step_decay(t, 1.0, every=2, factor=0.5) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    return _rate(learning_rate) * _factor(factor) ** (_step(t) // _count("every", every))


def exponential_decay(t, learning_rate, factor):
    """The rate is multiplied by `factor` after each step.

        η_t = η₀·factor^t

    As PyTorch's ExponentialLR.

    Args:
        t: int, the step, from 0.
        learning_rate: η₀, positive and finite.
        factor: in (0, 1]; it falls to half in log ½ / log factor steps.
    Returns:
        float.
    Raises:
        ValueError: an argument out of range.

    >>> [exponential_decay(t, 1.0, factor=0.5) for t in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """
    return _rate(learning_rate) * _factor(factor) ** _step(t)


def cosine_decay(t, learning_rate, total, minimum=0.0):
    """Half a cosine, from the full rate down to `minimum`: slow, then fast, then slow again.

        η_t = η_min + (η₀ − η_min)·(1 + cos(π·t / total)) / 2      for t < total, then η_min

    As PyTorch's CosineAnnealingLR up to t = total, beyond which PyTorch's rises again. The last of `total` updates,
    t = total − 1, is a little above the minimum.

    Args:
        t: int, the step, from 0.
        learning_rate: η₀, positive and finite, exactly the rate at t = 0.
        total: the step at which the minimum is reached, 1 or more.
        minimum: η_min, in [0, learning_rate], exactly the rate from t = total on.
    Returns:
        float.
    Raises:
        ValueError: an argument out of range.
    Source:
        Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts, arXiv:1608.03983,
        equation 5, without the restarts.

    >>> [round(cosine_decay(t, 1.0, total=4), 3) for t in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    return _half_cosine(
        _rate(learning_rate), _minimum(minimum, learning_rate), _step(t) / _count("total", total)
    )


def linear_warmup(t, learning_rate, warmup):
    """A straight line up to the full rate, which then stays.

        η_t = η·min(1, (t + 1) / warmup)

    The first step is not lost to a rate of 0, and the last step of the warm-up, t = warmup − 1, has the full rate.
    As PyTorch's LinearLR with start_factor = 1 / warmup and total_iters = warmup − 1; others take t / warmup.

    Args:
        t: int, the step, from 0.
        learning_rate: η, positive and finite.
        warmup: steps, 0 or more; 0 and 1 are no warm-up.
    Returns:
        float.
    Raises:
        ValueError: an argument out of range.
    Source:
        Goyal et al. (2017), Accurate, large minibatch SGD: training ImageNet in 1 hour, arXiv:1706.02677,
        section 2.2, gradual warmup.

    >>> [linear_warmup(t, 1.0, warmup=4) for t in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    """
    learning_rate, t = _rate(learning_rate), _step(t)
    warmup = as_parameter("warmup", warmup, 0 <= warmup < inf, "0 or more and finite")
    return learning_rate * (t + 1) / warmup if t + 1 < warmup else learning_rate


def cosine_warmup(t, learning_rate, warmup, total, minimum=0.0):
    """A linear warm-up, then a cosine decay over the steps that are left.

        η_t = η·(t + 1) / warmup                                                               for t < warmup
        η_t = η_min + (η − η_min)·(1 + cos(π·(t − warmup) / (total − warmup))) / 2     for warmup <= t < total
        η_t = η_min                                                                             for t >= total

    Both t = warmup − 1, the last step of the warm-up, and t = warmup, the first of the decay, have the full rate.
    As PyTorch's SequentialLR of LinearLR (see `linear_warmup`) and CosineAnnealingLR, with the milestone `warmup`.

    Args:
        t: int, the step, from 0.
        learning_rate: η, the highest rate, positive and finite.
        warmup: steps, in [0, total).
        total: steps with the warm-up, 1 or more.
        minimum: η_min, in [0, learning_rate].
    Returns:
        float.
    Raises:
        ValueError: an argument out of range.
    Source:
        Goyal et al. (2017), arXiv:1706.02677, and Loshchilov & Hutter (2017), arXiv:1608.03983, joined.

    >>> [round(cosine_warmup(t, 1.0, warmup=2, total=6), 3) for t in range(8)]
    [0.5, 1.0, 1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    learning_rate, minimum = _rate(learning_rate), _minimum(minimum, learning_rate)
    t, total = _step(t), _count("total", total)
    warmup = as_parameter("warmup", warmup, 0 <= warmup < total, f"in [0, {total:g})")
    if t < warmup:
        return learning_rate * (t + 1) / warmup
    return _half_cosine(learning_rate, minimum, (t - warmup) / (total - warmup))


def one_cycle(t, learning_rate, total, rise=0.3, start_divisor=25.0, end_divisor=1e4):
    """One cycle: half a cosine up to a high rate, half a cosine down to far below where it began.

        from η / start_divisor                     at t = 0
        to η                                       at t = rise·total − 1, rarely a whole number
        to η / (start_divisor·end_divisor)         at t = total − 1, the last update, and beyond

    As PyTorch's OneCycleLR, where the three are pct_start, div_factor and final_div_factor; it cycles momentum
    too, and fails past the end. The paper's own cycle is made of straight lines.

    Args:
        t: int, the step, from 0.
        learning_rate: η, the highest rate, positive and finite.
        total: updates in all, 1 or more. With rise·total < 1 the peak lies before the first step.
        rise: share of the updates spent rising, in [0, 1).
        start_divisor: 1 or more and finite.
        end_divisor: 1 or more and finite.
    Returns:
        float.
    Raises:
        ValueError: an argument out of range.
    Source:
        Smith & Topin (2018), Super-convergence: very fast training of neural networks using large learning
        rates, arXiv:1708.07120.

    >>> [round(one_cycle(t, 1.0, total=10, rise=0.4), 3) for t in range(11)]
    [0.04, 0.28, 0.76, 1.0, 0.933, 0.75, 0.5, 0.25, 0.067, 0.0, 0.0]
    """
    learning_rate, t, last = _rate(learning_rate), _step(t), _count("total", total) - 1
    rise = as_parameter("rise", rise, 0 <= rise < 1, "in [0, 1)")
    start = learning_rate / _divisor("start_divisor", start_divisor)
    end = start / _divisor("end_divisor", end_divisor)
    peak = rise * (last + 1) - 1
    if t < peak:
        return _half_cosine(start, learning_rate, t / peak)
    return _half_cosine(learning_rate, end, (t - peak) / (last - peak))


def exponential_sweep(t, low, high, total):
    """The learning-rate range test: every rate from `low` to `high`, equally spaced on a log scale.

        η_t = low·(high / low)^(t / (total − 1))      (low at t = 0, high at t = total − 1 and beyond)

    Train for `total` steps with it and plot the loss against the rate: a good rate is where the loss falls
    fastest, well below the one where it rises again. The paper's own test grows linearly.

    Args:
        t: int, the step, from 0.
        low: the first rate, positive.
        high: the last rate, above `low` and finite.
        total: steps, 2 or more.
    Returns:
        float.
    Raises:
        ValueError: an argument out of range.
    Source:
        Smith (2017), Cyclical learning rates for training neural networks, arXiv:1506.01186, section 3.3.

    >>> [round(exponential_sweep(t, 1e-4, 1.0, total=5), 6) for t in range(6)]
    [0.0001, 0.001, 0.01, 0.1, 1.0, 1.0]
    """
    low = as_parameter("low", low, 0 < low < inf, "positive and finite")
    high = as_parameter("high", high, low < high < inf, "above low and finite")
    total = as_parameter("total", total, 2 <= total < inf, "2 or more and finite")
    done = min(_step(t) / (total - 1), 1.0)
    return low ** (1 - done) * high**done  # exact at both ends


def _half_cosine(start, end, done):
    """From `start` at done = 0 to `end` at done = 1 and beyond, exact at both."""
    share = (1 + cos(pi * min(done, 1.0))) / 2
    return share * start + (1 - share) * end


def _step(t):
    return as_parameter("t", t, 0 <= t < inf, "0 or more and finite")


def _rate(value):
    return as_parameter("learning_rate", value, 0 < value < inf, "positive and finite")


def _minimum(value, learning_rate):
    return as_parameter("minimum", value, 0 <= value <= learning_rate, f"in [0, {learning_rate:g}]")


def _factor(value):
    return as_parameter("factor", value, 0 < value <= 1, "in (0, 1]")


def _count(name, value):
    return as_parameter(name, value, 1 <= value < inf, "1 or more and finite")


def _divisor(name, value):
    return as_parameter(name, value, 1 <= value < inf, "1 or more and finite")


SCHEDULES: dict[str, Callable] = {
    "constant": constant_schedule,
    "step_decay": step_decay,
    "exponential_decay": exponential_decay,
    "cosine_decay": cosine_decay,
    "linear_warmup": linear_warmup,
    "cosine_warmup": cosine_warmup,
    "one_cycle": one_cycle,
    "exponential_sweep": exponential_sweep,
}
