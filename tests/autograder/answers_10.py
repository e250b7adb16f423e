"""Answers to lesson 10 in students' styles, written without sight of the bank's mistakes."""

# Every source is one notebook cell. `import numpy as np` has been run before it; `adam` exists for adamw.

WRONG = {
    "sgd": {
        # Reads section 2's (1 - ηλ)w as (1 - ηg)w: right for w = 1 only; sgd(-2, 4, 0.1) gives -1.2.
        "multiplies_w": '''\
def sgd(w, g, learning_rate):
    """Each step multiplies w by the same number."""
    factor = 1 - learning_rate * g
    return factor * w
''',
        # A second name is no copy: new -= ... changes the caller's w, and all w kept are the last.
        "second_name": """\
def sgd(w, g, learning_rate):
    new = w
    new -= learning_rate * g
    return new
""",
        # Clips the gradient "against explosions": wrong for every |g| > 1; sgd(-2, 4, 0.1) gives -2.1.
        "clipped_gradient": """\
def sgd(w, g, learning_rate):
    # large gradients make the step fly away, so limit them
    g_safe = np.clip(g, -1.0, 1.0)
    return w - learning_rate * g_safe
""",
        # Two buffers of np.zeros(shape): right values, but float32 in, float64 out.
        "zeros_float64": """\
def sgd(w, g, learning_rate):
    w_new = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        w_new[index] = w[index] - learning_rate * g[index]
    return w_new
""",
        # The loop ends one entry early: the last entry of w never moves (one entry alone stays, too).
        "last_entry_stays": """\
def sgd(w, g, learning_rate):
    out = w.copy().reshape(-1)
    gradient = g.reshape(-1)
    for i in range(0, out.size - 1):
        out[i] = out[i] - learning_rate * gradient[i]
    return out.reshape(w.shape)
""",
    },
    "momentum": {
        # A mean in place of a sum: (1 - μ)g; the worked number gives v = 9.2, w = 0.08.
        "mean_not_sum": """\
def momentum(w, g, v, learning_rate, mu=0.9):
    v = mu * v + (1 - mu) * g
    w = w - learning_rate * v
    return w, v
""",
        # The other convention, η inside the velocity: v comes back as -η times the one asked for.
        "rate_inside": '''\
def momentum(w, g, v, learning_rate, mu=0.9):
    """Polyak's heavy ball. The velocity points downhill."""
    velocity = mu * v - learning_rate * g
    return w + velocity, velocity
''',
        # Moves with the old velocity: the step of the first call, with v = 0, is nothing.
        "old_velocity": """\
def momentum(w, g, v, learning_rate, mu=0.9):
    new_w = w - learning_rate * v
    new_v = mu * v + g
    return new_w, new_v
""",
        # v *= mu changes the caller's velocity (and the v returned is the argument itself).
        "velocity_in_place": """\
def momentum(w, g, v, learning_rate, mu=0.9):
    v *= mu
    v += g
    return w - learning_rate * v, v
""",
        # The 0.9 of the worked number is written into the formula: wrong for every other mu.
        "fixed_mu": """\
def momentum(w, g, v, learning_rate, mu=0.9):
    v_next = 0.9 * v + g  # keep 90 % of the old velocity
    w_next = w - learning_rate * v_next
    return w_next, v_next
""",
    },
    "adagrad": {
        # epsilon under the root: acts like 1e-5, so a gradient of 1e-8 makes a step of 0.001 η, not 0.99 η.
        "epsilon_under_root": """\
def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s = s + g**2
    return w - learning_rate * g / np.sqrt(s + epsilon), s
""",
        # Divides by the old s: with s = 0 the first step is g/1e-10; the worked number gives w = 0.925.
        "old_sum": """\
def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10):
    w_new = w - learning_rate * g / (np.sqrt(s) + epsilon)
    s_new = s + np.square(g)
    return w_new, s_new
""",
        # One sum for all entries in place of one for each: right only for arrays of a single entry.
        "one_sum_for_all": """\
def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10):
    # s collects the squared length of the gradient
    s = s + np.sum(g * g)
    rate = learning_rate / (np.sqrt(s) + epsilon)
    return w - rate * g, s
""",
        # np.where evaluates both branches: 0/0 warns where g = 0 and s = 0; without epsilon 1e-10 is off too.
        "where_warns": """\
def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10):
    total = s + g**2
    root = np.sqrt(total)
    step = np.where(root > 0, learning_rate * g / root, 0)
    return w - step, total
""",
        # The default epsilon of the other rules, 1e-8: for g = 1e-8 the step is half of η, not 0.99 η.
        "default_epsilon": '''\
def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-8):
    """AdaGrad: s is the sum of the squared gradients."""
    s_new = s + g ** 2
    denominator = np.sqrt(s_new) + epsilon
    return w - learning_rate * (g / denominator), s_new
''',
    },
    "rmsprop": {
        # The two shares are exchanged: the worked number gives s = 24, not 1 (right for rho = 0.5 only).
        "shares_swapped": """\
def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = (1 - rho) * s + rho * g**2
    w = w - learning_rate * g / (np.sqrt(s) + epsilon)
    return w, s
""",
        # "Cures" the start: where s is 0 it takes g² itself; the worked number gives (0.9, 25).
        "starts_at_first_square": """\
def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    square = g * g
    # no history yet: the mean of one number is that number
    mean = np.where(s == 0, square, rho * s + (1 - rho) * square)
    return w - learning_rate * g / (np.sqrt(mean) + epsilon), mean
""",
        # Default rho = 0.9, as in the slides of Hinton and the figure; right whenever rho is passed.
        "default_rho": """\
def rmsprop(w, g, s, learning_rate=0.01, rho=0.9, epsilon=1e-8):
    new_s = rho * s + (1 - rho) * np.power(g, 2)
    new_w = w - learning_rate * g / (new_s**0.5 + epsilon)
    return new_w, new_s
""",
        # Returns the root and not the mean square: w is right for one step, the state is wrong.
        "returns_root": '''\
def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    """Root mean square propagation."""
    s = rho * s + (1 - rho) * g**2
    s = np.sqrt(s)
    return w - learning_rate * g / (s + epsilon), s
''',
        # The shares come from an array, so each is a float64 scalar: float32 in, float64 out.
        "array_of_shares": """\
def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    shares = np.array([rho, 1 - rho])
    s = shares[0] * s + shares[1] * g**2
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s
""",
    },
    "adam": {
        # The "efficient" order of the paper: epsilon is added to the uncorrected root; off for g near 1e-8.
        "epsilon_before_correction": """\
def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    # section 2 of the paper: put both corrections into the learning rate
    rate = learning_rate * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
    return w - rate * m / (np.sqrt(v) + epsilon), m, v
""",
        # Returns the corrected means, to be corrected again; worked number: m = -50, v = 2500.
        "returns_corrected": """\
def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m = m / (1 - beta1**t)
    v = v / (1 - beta2**t)
    w = w - learning_rate * m / (np.sqrt(v) + epsilon)
    return w, m, v
""",
        # beta * t in place of beta ** t: right at t = 1, the root of a negative number from t = 2.
        "times_for_power": '''\
def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Adam (adaptive moments)."""
    m_t = beta1 * m + (1 - beta1) * g
    v_t = beta2 * v + (1 - beta2) * g**2
    m_hat = m_t / (1 - beta1 * t)
    v_hat = v_t / (1 - beta2 * t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m_t, v_t
''',
        # Copy and paste: v is corrected with beta1, so the first step is ten times too long.
        "copied_beta": """\
def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m_new = beta1 * m + (1 - beta1) * g
    v_new = beta2 * v + (1 - beta2) * g**2
    mc = m_new / (1 - beta1**t)
    vc = v_new / (1 - beta1**t)
    return w - learning_rate * mc / (np.sqrt(vc) + epsilon), m_new, v_new
""",
        # Squares the smoothed m and not g: the worked number gives v = 0.025, not 2.5 (right for beta1 = 0).
        "square_of_mean": """\
def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    # first moment, then second moment
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    bias1, bias2 = 1 - beta1**t, 1 - beta2**t
    step = (m / bias1) / (np.sqrt(v / bias2) + epsilon)
    return w - learning_rate * step, m, v
""",
    },
    "adamw": {
        # Adam with an L2 penalty: the decay enters the means and is divided by the root.
        "l2_in_gradient": """\
def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
          weight_decay=0.01):
    g = g + weight_decay * w
    return adam(w, g, m, v, t, learning_rate, beta1, beta2, epsilon)
""",
        # Decay without the learning rate: the worked number halves w to [0.5, -1].
        "decay_without_rate": """\
def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
          weight_decay=0.01):
    shrunk = w * (1 - weight_decay)
    return adam(shrunk, g, m, v, t, learning_rate, beta1, beta2, epsilon)
""",
        # Adam's step first, and then the decay of what came out: off by η²λ; the same for g = 0 and m = 0.
        "decay_last": '''\
def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
          weight_decay=0.01):
    """Adam, decoupled from the weight decay."""
    w, m, v = adam(w, g, m, v, t, learning_rate, beta1, beta2, epsilon)
    w = w - learning_rate * weight_decay * w
    return w, m, v
''',
        # w *= shrinks the caller's weights.
        "shrinks_in_place": """\
def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
          weight_decay=0.01):
    w *= 1 - learning_rate * weight_decay
    return adam(w, g, m, v, t, learning_rate, beta1, beta2, epsilon)
""",
        # Forgets to hand on the settings: Adam always steps with 0.001 and the default betas.
        "settings_not_passed": """\
def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
          weight_decay=0.01):
    decayed = w - learning_rate * weight_decay * w
    new_w, new_m, new_v = adam(decayed, g, m, v, t)
    return new_w, new_m, new_v
""",
    },
    "nesterov": {
        # Looks ahead with the old v: the worked number gives -0.1 (it is plain momentum).
        "old_velocity": """\
def nesterov(w, g, v, learning_rate, mu=0.9):
    v_new = mu * v + g
    w_new = w - learning_rate * (g + mu * v)
    return w_new, v_new
""",
        # mu is missing in the step: g + v; the worked number gives w = -0.3.
        "no_mu_in_step": """\
def nesterov(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    return w - learning_rate * (g + v), v
""",
        # η inside the velocity: from v = 0 every w is right, but v is -η times the one asked for.
        "rate_inside": '''\
def nesterov(w, g, v, learning_rate, mu=0.9):
    """Sutskever et al. (2013), with w as the point ahead."""
    v = mu * v - learning_rate * g
    w = w + mu * v - learning_rate * g
    return w, v
''',
        # Returns (v, w) and not (w, v).
        "returns_v_first": """\
def nesterov(w, g, v, learning_rate, mu=0.9):
    velocity = mu * v + g
    look_ahead = g + mu * velocity
    weights = w - learning_rate * look_ahead
    return velocity, weights
""",
        # mu is applied to the bracket and not to v alone: μ(g + v); the worked number gives w = -0.17.
        "mu_outside_bracket": """\
def nesterov(w, g, v, learning_rate, mu=0.9):
    v_next = g + mu * v
    w_next = w - learning_rate * mu * (g + v_next)
    return (w_next, v_next)
""",
    },
    "conjugate_gradient": {
        # p = r is a second name for the residual, and r -= ... changes p with it: the first β p is lost.
        "p_is_r": """\
def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    x = x0.copy()
    r = b - A @ x
    p = r
    norms = [np.linalg.norm(r)]
    limit = tolerance * max(np.linalg.norm(b), norms[0])
    while norms[-1] > limit and len(norms) <= max_steps:
        Ap = A @ p
        rr = r @ r
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        beta = (r @ r) / rr
        p = r + beta * p
        norms.append(np.linalg.norm(r))
    return x, np.array(norms)
""",
        # x = x0 and x += ...: the caller's start is overwritten with the solution.
        "start_overwritten": """\
def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    x = x0
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    norms = [np.sqrt(rs)]
    stop = tolerance * max(np.linalg.norm(b), norms[0])
    for _ in range(max_steps):
        if norms[-1] <= stop:
            break
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r = r - alpha * Ap
        rs_new = r @ r
        p = r + (rs_new / rs) * p
        rs = rs_new
        norms.append(np.sqrt(rs))
    return x, np.array(norms)
""",
        # The limit is relative to ‖b‖ alone: with b = 0 or a far x0 it takes extra steps (or ends in 0/0).
        "limit_of_b_only": """\
def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    x, r = x0.copy(), b - A @ x0
    p, norms, step = r, [np.linalg.norm(r)], 0
    while step < max_steps and norms[-1] > tolerance * np.linalg.norm(b):
        Ap = np.dot(A, p)
        alpha = np.dot(r, r) / np.dot(p, Ap)
        x = x + alpha * p
        r_new = r - alpha * Ap
        p = r_new + np.dot(r_new, r_new) / np.dot(r, r) * p
        r = r_new
        norms.append(np.linalg.norm(r))
        step += 1
    return x, np.array(norms)
""",
        # Notes ‖r‖ only before a step: the last norm is missing, (steps,) in place of (steps + 1,).
        "last_norm_missing": '''\
def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    """Hestenes & Stiefel."""
    x = np.array(x0)
    r = b - A @ x
    p = np.array(r)
    limit = tolerance * max(np.linalg.norm(b), np.linalg.norm(r))
    norms = []
    for k in range(max_steps):
        length = np.linalg.norm(r)
        if length <= limit:
            break
        norms.append(length)
        q = A @ p
        alpha = (r @ r) / (p @ q)
        x = x + alpha * p
        r_next = r - alpha * q
        beta = (r_next @ r_next) / (r @ r)
        p = r_next + beta * p
        r = r_next
    return x, np.array(norms)
''',
        # Tests after the step and not before: 0/0 for a start at the solution (and max_steps = 0 steps).
        "tests_after_step": """\
def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    x = x0.copy()
    r = b - A @ x
    p = r
    norms = [np.linalg.norm(r)]
    biggest = max(np.linalg.norm(b), np.linalg.norm(r))
    while True:
        alpha = (r @ r) / (p @ A @ p)
        x = x + alpha * p
        new_r = r - alpha * (A @ p)
        beta = (new_r @ new_r) / (r @ r)
        p = new_r + beta * p
        r = new_r
        norms.append(np.linalg.norm(r))
        if norms[-1] <= tolerance * biggest or len(norms) > max_steps:
            return x, np.array(norms)
""",
    },
}

RIGHT = {
    "sgd": {
        # A lambda, with the signs turned over twice.
        "negated_lambda": """\
sgd = lambda w, g, learning_rate: -(learning_rate * g - w)
""",
        # Recursion over the axes; each number is a list entry in the end.
        "recursion_over_axes": """\
def sgd(w, g, learning_rate):
    if np.ndim(w) == 0:
        return np.array(float(w) - learning_rate * float(g), dtype=w.dtype)
    rows = [sgd(wi, gi, learning_rate) for wi, gi in zip(w, g)]
    return np.array(rows, dtype=w.dtype).reshape(w.shape)
""",
        # A class whose instance carries the name.
        "callable_class": """\
class Downhill:
    sign = -1

    def __call__(self, w: np.ndarray, g: np.ndarray, learning_rate: float) -> np.ndarray:
        return w + self.step(g, learning_rate)

    def step(self, g, rate):
        return self.sign * rate * g


sgd = Downhill()
""",
        # einsum over a stack of w and g with coefficients 1 and -η.
        "einsum_of_stack": """\
def sgd(w, g, learning_rate):
    both = np.stack([w, g])
    coefficients = np.array([1, -learning_rate], dtype=w.dtype)
    return np.einsum("k,k...->...", coefficients, both)
""",
        # In place, but in a copy, with ufuncs that write to `out`.
        "ufuncs_with_out": """\
def sgd(w, g, learning_rate):
    out = np.empty_like(w)
    np.multiply(g, learning_rate, out=out)
    np.subtract(w, out, out=out)
    return out
""",
    },
    "momentum": {
        # The walrus: the new velocity is named in the middle of the return.
        "walrus": """\
def momentum(w, g, v, learning_rate, mu=0.9):
    return w - learning_rate * (v := mu * v + g), v
""",
        # One 2 x 3 matrix takes (w, v, g) to (w, v).
        "matrix_of_the_rule": """\
def momentum(w, g, v, learning_rate, mu=0.9):
    M = [[1, -learning_rate * mu, -learning_rate],
         [0, mu, 1]]
    new = np.tensordot(np.array(M, dtype=w.dtype), np.stack([w, v, g]), axes=1)
    return new[0].copy(), new[1].copy()
""",
        # A named tuple, which is a tuple (w, v) too.
        "named_tuple": """\
from typing import NamedTuple


class Ball(NamedTuple):
    position: np.ndarray
    velocity: np.ndarray

    def push(self, force, rate, keep):
        velocity = self.velocity * keep + force
        return Ball(self.position - velocity * rate, velocity)


def momentum(w, g, v, learning_rate, mu=0.9):
    return Ball(w, v).push(g, learning_rate, mu)
""",
        # Python numbers in two list comprehensions, put back into shape.
        "list_comprehensions": """\
def momentum(w, g, v, learning_rate, mu=0.9):
    speeds = [mu * float(a) + float(b) for a, b in zip(v.flat, g.flat)]
    places = [float(a) - learning_rate * b for a, b in zip(w.flat, speeds)]
    back = lambda numbers: np.array(numbers, dtype=w.dtype).reshape(w.shape)
    return back(places), back(speeds)
""",
        # Each old piece is subtracted by itself: w - ημv - ηg, and a sum of a generator for v.
        "sum_of_terms": """\
def momentum(w, g, v, learning_rate, mu=0.9):
    terms = (mu * v, g)
    new_w = w
    for term in terms:
        new_w = new_w - learning_rate * term
    return new_w, sum(terms)
""",
    },
    "adagrad": {
        # hypot: the root of s + g² without the square of g.
        "hypot": """\
def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10):
    root = np.hypot(np.sqrt(s), g)
    return w - learning_rate / (root + epsilon) * g, s + g * g
""",
        # math.sqrt, number by number, into two buffers of the right dtype.
        "ndenumerate": """\
import math


def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10):
    w_out, s_out = np.empty_like(w), np.empty_like(s)
    for where, slope in np.ndenumerate(g):
        slope = float(slope)
        total = float(s[where]) + slope * slope
        w_out[where] = float(w[where]) - learning_rate * slope / (math.sqrt(total) + epsilon)
        s_out[where] = total
    return w_out, s_out
""",
        # Only divides where the gradient is not 0.
        "divide_where": """\
def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s_new = np.einsum("...,...->...", g, g) + s
    step = np.zeros_like(g)
    np.divide(g, s_new**0.5 + epsilon, out=step, where=g != 0)
    step *= learning_rate
    return np.subtract(w, step), s_new
""",
        # A scaling function made by another function, and a pair of lambdas.
        "closure": """\
def scaler(epsilon):
    return lambda g, s: g / (np.sqrt(s) + epsilon)


def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10):
    scale, grow = scaler(epsilon), lambda s: s + np.square(g)
    return w - learning_rate * scale(g, grow(s)), grow(s)
""",
        # Size and sign apart, and a power of -1 in place of the division.
        "sign_times_size": """\
def adagrad(w, g, s, learning_rate=0.01, epsilon=1e-10):
    size = np.abs(g)
    s_new = np.add.reduce(np.stack([s, size**2]), axis=0)
    share = size * (epsilon + np.sqrt(s_new)) ** -1
    return np.asarray(w - learning_rate * np.copysign(share, g)), np.asarray(s_new)
""",
    },
    "rmsprop": {
        # np.average with weights, cast back (its weights are float64).
        "weighted_average": """\
def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    mean = np.average(np.stack([s, g**2]), axis=0, weights=[rho, 1 - rho]).astype(s.dtype)
    return w - learning_rate * g / (np.sqrt(mean) + epsilon), mean
""",
        # frompyfunc with two results; the objects are cast in the end.
        "frompyfunc": """\
from math import sqrt


def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    def one(wi, gi, si):
        wi, gi, si = float(wi), float(gi), float(si)
        si = rho * si + (1 - rho) * gi * gi
        return wi - learning_rate * gi / (sqrt(si) + epsilon), si

    pair = np.frompyfunc(one, 3, 2)(w, g, s)
    return tuple(np.asarray(part).astype(w.dtype) for part in pair)
""",
        # The step is made of its parts with operator and reduce.
        "functools_reduce": """\
from functools import reduce
from operator import truediv


def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    forget = lambda mean, share_and_value: mean + share_and_value[0] * share_and_value[1]
    s_new = reduce(forget, [(rho, s), (1 - rho, g * g)], np.zeros_like(s))
    step = truediv(g, np.sqrt(s_new) + epsilon)
    return w - learning_rate * step, s_new
""",
        # A data class holds the settings, and a method makes the step.
        "dataclass": '''\
from dataclasses import dataclass


@dataclass(frozen=True)
class RMS:
    """Settings of the rule; the state stays outside."""

    rate: float
    rho: float
    epsilon: float

    def mean_square(self, g, s):
        return s - (1 - self.rho) * s + (1 - self.rho) * g**2

    def __call__(self, w, g, s):
        s = self.mean_square(g, s)
        return w - self.rate * (g / (self.epsilon + np.sqrt(s))), s


def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    return RMS(learning_rate, rho, epsilon)(w, g, s)
''',
        # Works in float64 on flat copies and casts both results at the end.
        "float64_inside": """\
def rmsprop(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    kind, shape = w.dtype, w.shape
    w, g, s = (np.array(a, dtype=np.float64).ravel() for a in (w, g, s))
    s *= rho
    s += (1 - rho) * g**2
    for i in range(len(w)):
        w[i] -= learning_rate * g[i] / (s[i] ** 0.5 + epsilon)
    return w.reshape(shape).astype(kind), s.reshape(shape).astype(kind)
""",
    },
    "adam": {
        # Both corrections in the rate, with epsilon scaled by the same root: exactly the same step.
        "scaled_epsilon": """\
def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = m * beta1 + g * (1 - beta1)
    v = v * beta2 + g * g * (1 - beta2)
    c1, c2 = 1 - beta1**t, (1 - beta2**t) ** 0.5
    # (m/c1) / (sqrt(v)/c2 + epsilon) = (c2/c1) m / (sqrt(v) + c2 epsilon)
    return w - learning_rate * (c2 / c1) * m / (np.sqrt(v) + c2 * epsilon), m, v
""",
        # The share 1 - beta^t as a geometric series, (1 - beta)(1 + beta + ...).
        "geometric_series": """\
def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    fresh = []
    for beta, old, new in ((beta1, m, g), (beta2, v, g**2)):
        share = (1 - beta) * sum(beta**k for k in range(int(t)))
        raw = beta * old + (1 - beta) * new
        fresh.append((raw, raw / share))
    (m, m_hat), (v, v_hat) = fresh
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v
""",
        # expm1 and log for the corrections.
        "expm1": """\
import math


def missing_share(beta, t):
    # 1 - beta^t; the logarithm of 0 does not exist
    return -math.expm1(t * math.log(beta)) if beta > 0 else 1.0


def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    first = beta1 * m + (1 - beta1) * g
    second = beta2 * v + (1 - beta2) * np.square(g)
    down = np.sqrt(second / missing_share(beta2, t)) + epsilon
    return np.subtract(w, learning_rate * (first / missing_share(beta1, t)) / down), first, second
""",
        # A loop over Python numbers, transposed with zip(*...).
        "zip_of_zip": """\
def adam(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    def one(w, g, m, v):
        m = beta1 * m + g - beta1 * g
        v = beta2 * v + (1 - beta2) * g * g
        root = (v / (1 - beta2**t)) ** 0.5
        return w - learning_rate * m / (1 - beta1**t) / (root + epsilon), m, v

    numbers = [one(*(float(x) for x in four)) for four in zip(w.flat, g.flat, m.flat, v.flat)]
    columns = zip(*numbers) if numbers else ([], [], [])
    return tuple(np.array(c, dtype=w.dtype).reshape(w.shape) for c in columns)
""",
        # A class with a generator of moments, an instance of which is the function.
        "callable_class": '''\
class Adam:
    """Stateless: the state goes in and comes out."""

    @staticmethod
    def moments(g, old, betas):
        for power, (x, beta) in enumerate(zip(old, betas), start=1):
            yield x * beta + np.power(g, power) * (1 - beta)

    @staticmethod
    def fair(x, beta, t):
        return x * (1 / (1 - pow(beta, t)))

    def __call__(self, w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        m, v = self.moments(g, (m, v), (beta1, beta2))
        direction = self.fair(m, beta1, t) / (epsilon + self.fair(v, beta2, t) ** 0.5)
        return w - direction * learning_rate, m, v


adam = Adam()
''',
    },
    "adamw": {
        # Everything at once, without a call of adam: w - η(step + λw).
        "one_formula": """\
def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
          weight_decay=0.01):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
    return w - learning_rate * (step + weight_decay * w), m, v
""",
        # Adam walks from 0, and what it has walked is added to the shrunk weights.
        "adam_from_zero": """\
def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
          weight_decay=0.01):
    walked, *means = adam(np.zeros_like(w), g, m, v, t, learning_rate, beta1, beta2, epsilon)
    return (w * (1 - learning_rate * weight_decay) + walked, *means)
""",
        # locals() are the arguments of adam, but for the decay.
        "locals_as_settings": """\
def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
          weight_decay=0.01):
    settings = dict(locals())
    shrink = 1 - settings.pop("weight_decay") * settings["learning_rate"]
    settings.update(w=shrink * w)
    return adam(**settings)
""",
        # A lambda over a partial of adam.
        "partial_lambda": """\
from functools import partial

_after_decay = lambda w, rest, eta, lam: rest(w - eta * (lam * w))

adamw = lambda w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01: (
    _after_decay(
        w,
        partial(adam, g=g, m=m, v=v, t=t, learning_rate=learning_rate, beta1=beta1, beta2=beta2,
                epsilon=epsilon),
        learning_rate,
        weight_decay,
    )
)
""",
        # np.vectorize with three results of the right dtype.
        "vectorize_three": """\
import math


def adamw(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
          weight_decay=0.01):
    def entry(wi, gi, mi, vi):
        wi, gi = float(wi), float(gi)
        wi -= learning_rate * weight_decay * wi
        mi = beta1 * float(mi) + (1 - beta1) * gi
        vi = beta2 * float(vi) + (1 - beta2) * gi**2
        wi -= learning_rate * (mi / (1 - beta1**t)) / (math.sqrt(vi / (1 - beta2**t)) + epsilon)
        return wi, mi, vi

    return np.vectorize(entry, otypes=[w.dtype, m.dtype, v.dtype])(w, g, m, v)
""",
    },
    "nesterov": {
        # The new v put in: g + μv' = (1 + μ)g + μ²v.
        "expanded": """\
def nesterov(w, g, v, learning_rate, mu=0.9):
    step = (1 + mu) * g + mu**2 * v
    return w - learning_rate * step, g + mu * v
""",
        # The same small function twice: v' = blend(v), step = blend(v').
        "blend_twice": """\
def nesterov(w, g, v, learning_rate, mu=0.9):
    def blend(x):
        return mu * x + g

    v = blend(v)
    return w - learning_rate * blend(v), v
""",
        # Horner's scheme: polynomials in μ with arrays as coefficients, cast back.
        "polyval": """\
def nesterov(w, g, v, learning_rate, mu=0.9):
    velocity = np.polyval([v, g], mu)
    ahead = np.polyval([v, g, g], mu)
    return (w - learning_rate * ahead).astype(w.dtype), velocity.astype(v.dtype)
""",
        # Plain momentum first; then the look-ahead is put right by the difference.
        "momentum_and_correction": """\
def heavy_ball(w, g, v, rate, mu):
    v = np.add(np.multiply(mu, v), g)
    return w - rate * v, v


def nesterov(w, g, v, learning_rate, mu=0.9):
    at, v = heavy_ball(w, g, v, learning_rate, mu)
    # what is wanted is g + mu v, what was taken is v
    return at - learning_rate * (g - (1 - mu) * v), v
""",
        # nditer over three inputs and two allocated outputs.
        "nditer": """\
def nesterov(w, g, v, learning_rate, mu=0.9):
    flags = [["readonly"]] * 3 + [["writeonly", "allocate"]] * 2
    with np.nditer([w, g, v, None, None], flags=["zerosize_ok"], op_flags=flags) as it:
        for wi, gi, vi, w_new, v_new in it:
            v_new[...] = mu * vi + gi
            w_new[...] = wi - learning_rate * (gi + mu * v_new)
        return it.operands[3], it.operands[4]
""",
    },
    "conjugate_gradient": {
        # Recursion: a step calls the next one.
        "recursion": """\
def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    size = np.linalg.norm

    def go(x, r, p, norms, left):
        if left == 0 or norms[-1] <= limit:
            return x, np.array(norms)
        q = A @ p
        alpha = (r @ r) / (p @ q)
        r_new = r - alpha * q
        beta = (r_new @ r_new) / (r @ r)
        return go(x + alpha * p, r_new, r_new + beta * p, [*norms, size(r_new)], left - 1)

    start = b - A @ x0
    limit = tolerance * max(size(b), size(start))
    return go(x0.copy(), start, start, [size(start)], max_steps)
""",
        # An endless generator of (x, ‖r‖), from which one takes as many as needed.
        "generator": """\
def residuals(A, b, x):
    r = p = b - A @ x
    while True:
        yield x, np.sqrt(r @ r)
        Ap = A @ p
        rr = r @ r
        alpha = rr / (p @ Ap)
        x, r = x + alpha * p, r - alpha * Ap
        p = r + (r @ r) / rr * p


def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    norms = []
    for x, norm in residuals(A, b, np.array(x0)):
        norms.append(norm)
        if norm <= tolerance * max(np.sqrt(b @ b), norms[0]) or len(norms) == max_steps + 1:
            return x, np.array(norms)
""",
        # einsum for every product, and a buffer for the norms that is cut at the end.
        "einsum_and_buffer": """\
def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    dot = lambda u, v: np.einsum("i,i", u, v)
    x = x0.copy()
    r = b - np.einsum("ij,j->i", A, x)
    p = r.copy()
    norms = np.full(max_steps + 1, -1, dtype=x0.dtype)
    norms[0] = dot(r, r) ** 0.5
    limit = tolerance * max(dot(b, b) ** 0.5, norms[0])
    k = 0
    while k < max_steps and norms[k] > limit:
        Ap = np.einsum("ij,j->i", A, p)
        old = dot(r, r)
        alpha = old / dot(p, Ap)
        x += alpha * p
        r -= alpha * Ap
        p *= dot(r, r) / old
        p += r
        k += 1
        norms[k] = dot(r, r) ** 0.5
    return x, norms[: k + 1].copy()
""",
        # A class with the state; the loop is a for with else.
        "solver_class": '''\
class Solver:
    """Everything as columns, (n, 1)."""

    def __init__(self, A, b, x):
        self.A, self.x = A, np.array(x)[:, None]
        self.r = b[:, None] - A @ self.x
        self.p = self.r

    @property
    def square(self):
        return (self.r.T @ self.r).item()

    def step(self):
        before, Ap = self.square, self.A @ self.p
        alpha = before / (self.p.T @ Ap).item()
        self.x = self.x + alpha * self.p
        self.r = self.r - alpha * Ap
        self.p = self.r + self.square / before * self.p


def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    solver = Solver(A, b, x0)
    norms = [solver.square**0.5]
    for _ in range(max_steps):
        if norms[-1] <= tolerance * max(float(np.linalg.norm(b)), norms[0]):
            break
        solver.step()
        norms.append(solver.square**0.5)
    return solver.x[:, 0].copy(), np.array(norms, dtype=x0.dtype)
''',
        # Lists and math only, row by row; fsum for the inner products.
        "pure_python": """\
import math


def conjugate_gradient(A, b, x0, tolerance=1e-10, max_steps=100):
    inner = lambda u, v: math.fsum(s * t for s, t in zip(u, v))
    times = lambda p: [inner(row, p) for row in rows]
    rows, right, x = A.tolist(), b.tolist(), x0.tolist()
    r = [s - t for s, t in zip(right, times(x))]
    p, rr = list(r), inner(r, r)
    norms = [math.sqrt(rr)]
    limit = tolerance * max(math.sqrt(inner(right, right)), norms[0])
    while not (norms[-1] <= limit or len(norms) > max_steps):
        q = times(p)
        alpha = rr / inner(p, q)
        x = [s + alpha * t for s, t in zip(x, p)]
        r = [s - alpha * t for s, t in zip(r, q)]
        rr, old = inner(r, r), rr
        p = [s + rr / old * t for s, t in zip(r, p)]
        norms.append(math.sqrt(rr))
    return np.array(x, dtype=x0.dtype), np.array(norms, dtype=x0.dtype)
""",
    },
}
