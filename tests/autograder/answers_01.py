"""Answers to lesson 01 in students' styles, written without sight of the bank's mistakes."""

# Every source is one notebook cell. `import numpy as np` has been run before it.

WRONG = {
    "sigmoid": {
        # np.where evaluates both branches: right values, but overflow (and inf/inf) warnings at ±1e4.
        "where_warns": """\
def sigmoid(z):
    # the stable version: each side uses the exponential that does not overflow
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
""",
        # The tanh identity: no overflow, but the tail cancels; sigmoid(-50) is 0, not 1.93e-22.
        "half_tanh": '''\
def sigmoid(z):
    """Logistic function via tanh, which never overflows."""
    return 0.5 * (1 + np.tanh(z / 2))
''',
        # np.zeros(shape) without a dtype: float32 in, float64 out.
        "zeros_float64": """\
def sigmoid(z):
    result = np.zeros(z.shape)
    pos = z >= 0
    neg = ~pos
    result[pos] = 1 / (1 + np.exp(-z[pos]))
    e = np.exp(z[neg])
    result[neg] = e / (1 + e)
    return result
""",
        # np.clip(..., out=z) changes the caller's array wherever |z| > 80; and cuts the tail (sigmoid(-90)).
        "clip_in_place": """\
def sigmoid(z):
    np.clip(z, -80, 80, out=z)  # avoid overflow in exp
    return 1.0 / (1.0 + np.exp(-z))
""",
        # Missing brackets: 1/1 + e^(-z); wrong everywhere (sigmoid(2) gives 1.135), overflow at -1e4.
        "one_over_one": """\
def sigmoid(z):
    s = 1 / 1 + np.exp(-z)
    return s
""",
    },
    "tanh": {
        # Takes |z| for stability and never puts the sign back: tanh(-0.5) gives +0.46; all z < 0 are wrong.
        "lost_sign": """\
def tanh(z):
    t = np.exp(-2 * np.abs(z))  # always between 0 and 1
    return (1 - t) / (1 + t)
""",
        # Divides by e^z but writes e^(-|z|) in place of e^(-2|z|): this is tanh(z/2), tanh(0.5) gives 0.245.
        "half_argument": """\
def tanh(z):
    e = np.exp(-np.abs(z))
    return np.sign(z) * (1 - e) / (1 + e)
""",
        # A list over z.ravel() is never reshaped: (2, 3, 5) comes back as (30,), () as (1,), all as float64.
        "flattened_list": """\
import math


def tanh(z):
    values = []
    for x in z.ravel():
        x = float(x)
        if x >= 0:
            t = math.exp(-2 * x)
            values.append((1 - t) / (1 + t))
        else:
            t = math.exp(2 * x)
            values.append((t - 1) / (t + 1))
    return np.array(values)
""",
        # Hides the overflow and turns inf/inf into 0: tanh(±1e4) gives 0, not ±1.
        "nan_to_zero": """\
def tanh(z):
    with np.errstate(over="ignore", invalid="ignore"):
        a = np.exp(z)
        b = np.exp(-z)
        return np.nan_to_num((a - b) / (a + b))
""",
        # Stable on the positive side only: e^(-2z) overflows at -1e4 (warnings, and nan in place of -1).
        "one_sided": """\
def tanh(z):
    # multiply top and bottom by e^(-z)
    t = np.exp(-2 * z)
    return (1 - t) / (1 + t)
""",
    },
    "relu": {
        # np.max(z, 0) is the maximum over axis 0, not of each entry and 0: (5,) gives (); () keeps its -0.7.
        "max_over_axis": """\
def relu(z):
    return np.max(z, 0)
""",
        # Zeroes the negative entries of the caller's array and returns that same array.
        "in_place": """\
def relu(z):
    z[z < 0] = 0
    return z
""",
        # The buffer is of integers: 0.7 is cut to 0, and the dtype comes back as int64.
        "int_buffer": """\
def relu(z):
    out = np.zeros(z.shape, dtype=int)
    mask = z > 0
    out[mask] = z[mask]
    return out
""",
        # "Nothing to do" shortcut returns the argument itself (no new array) when no entry is negative.
        "shortcut_alias": """\
def relu(z):
    if np.all(z >= 0):
        return z
    return np.where(z > 0, z, np.zeros_like(z))
""",
        # Gives the step (the derivative) in place of the value: relu(3) is 1; wrong for all z > 0 but 1.
        "step": """\
def relu(z):
    return (z > 0).astype(z.dtype)
""",
    },
    "leaky_relu": {
        # max(slope, z) in place of max(slope·z, z): leaky_relu(-2, 0.1) gives +0.1; wrong for z < slope.
        "floor_at_slope": """\
def leaky_relu(z, slope=0.01):
    return np.maximum(z, slope)
""",
        # Sign slip on the left branch: leaky_relu(-2, 0.1) gives +0.2; wrong for z < 0 unless slope is 0.
        "sign_flip": """\
def leaky_relu(z, slope=0.01):
    positive_part = np.maximum(z, 0)
    negative_part = np.maximum(-z, 0)
    return positive_part + slope * negative_part
""",
        # z[:] copies a list but is a view of an array: the argument changes and is aliased; () raises.
        "list_copy": """\
def leaky_relu(z, slope=0.01):
    out = z[:]  # work on a copy
    out[out < 0] *= slope
    return out
""",
        # Compares with slope and not 0: wrong only for 0 < z <= slope (z = 0.05, slope = 0.1 gives 0.005).
        "wrong_threshold": """\
def leaky_relu(z, slope=0.01):
    return np.where(z > slope, z, slope * z)
""",
        # Two nested loops are for matrices only: () and (1,) raise, (2, 3, 5) has an ambiguous truth value.
        "two_loops": """\
def leaky_relu(z, slope=0.01):
    out = np.zeros_like(z)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if z[i, j] > 0:
                out[i, j] = z[i, j]
            else:
                out[i, j] = slope * z[i, j]
    return out
""",
    },
    "softplus": {
        # log(1 + tiny) in place of log1p(tiny): no overflow, but softplus(-50) is 0, not 1.93e-22.
        "log_loses_tail": """\
def softplus(z):
    # log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), which cannot overflow
    return np.maximum(z, 0) + np.log(1 + np.exp(-np.abs(z)))
""",
        # logaddexp takes logarithms, so the 1 should be log 1 = 0: gives log(e + e^z), softplus(1) = 1.693.
        "logaddexp_one": """\
def softplus(z):
    return np.logaddexp(1, z)
""",
        # Goes over to the straight line too early: softplus(6) gives 6, not 6.00248 (wrong for 5 < z < 20).
        "threshold_five": """\
def softplus(z):
    small = np.minimum(z, 5)  # so that exp is never large
    return np.where(z > 5, z, np.log1p(np.exp(small)))
""",
        # np.vectorize without otypes: float32 in, float64 out if the first entry is negative; size 0 raises.
        "vectorize_float64": """\
import math


def softplus(z):
    def one(x):
        if x > 0:
            return x + math.log1p(math.exp(-x))
        return math.log1p(math.exp(x))

    return np.vectorize(one)(z)
""",
        # -log sigmoid(-z): at 1e4 log(0) warns and gives inf; at -50 it is log(1): the tail is 0.
        "minus_log_sigmoid": """\
def softplus(z):
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, e, 1) / (1 + e)  # sigmoid(-z)
    return -np.log(s)
""",
    },
    "weighted_sum": {
        # w as a column makes the result (N, 1), not (N,).
        "column_result": """\
def weighted_sum(X, w, b, f):
    w = w.reshape(-1, 1)
    s = X @ w + b
    return f(s)
""",
        # The bias goes outside f: the worked row gives tanh(-0.75) + 2 = 1.365, not 0.848 (unless b = 0).
        "bias_after_f": """\
def weighted_sum(X, w, b, f):
    return f(np.dot(X, w)) + b
""",
        # np.sum without axis: one number for the whole batch; even for N = 1 the shape is (), not (1,).
        "sum_of_everything": """\
def weighted_sum(X, w, b, f):
    z = np.sum(X * w) + b
    return f(z)
""",
        # total is not reset for each row: right for N = 1 (the worked example), wrong from the second row on.
        "total_not_reset": """\
def weighted_sum(X, w, b, f):
    N, D = X.shape
    out = np.zeros(N, dtype=X.dtype)
    total = b
    for i in range(N):
        for j in range(D):
            total += X[i, j] * w[j]
        out[i] = total
    return f(out)
""",
        # X *= w changes the caller's X (the result is right the first time it is called).
        "in_place_product": """\
def weighted_sum(X, w, b, f):
    X *= w
    return f(X.sum(axis=1) + b)
""",
    },
    "gelu": {
        # np.sqrt(2) and np.sqrt(2 / np.pi) are float64 scalars: float32 in, float64 out (both forms).
        "np_sqrt_float64": """\
from nnlib import erf


def gelu(z, form="erf"):
    if form == "erf":
        return z * 0.5 * (1 + erf(z / np.sqrt(2)))
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))
""",
        # erf(z) in place of erf(z/√2): gelu(1) gives 0.921, not 0.841 (the default form only).
        "no_sqrt_two": """\
from nnlib import erf


def gelu(z, form="erf"):
    if form == "tanh":
        c = (2 / np.pi) ** 0.5
        return (0.5 * z * (1 + np.tanh(c * (z + 0.044715 * z**3)))).astype(z.dtype)
    else:
        return (0.5 * z * (1 + erf(z))).astype(z.dtype)
""",
        # Default form is "tanh": gelu(1) gives 0.841192, not 0.841345 (right whenever form is passed).
        "default_tanh": """\
import math

from nnlib import erf


def gelu(z, form="tanh"):
    if form == "tanh":
        inner = math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)
        phi = 0.5 * (1 + np.tanh(inner))
    else:
        phi = 0.5 * (1 + erf(z / math.sqrt(2)))
    return (z * phi).astype(z.dtype)
""",
        # z² in place of z³ in the tanh form: gelu(-1e4, "tanh") is -1e4, not 0 (right at 0, 1, large z).
        "square_not_cube": """\
import math

from nnlib import erf


def gelu(z, form="erf"):
    if form == "erf":
        return (z / 2 * (1 + erf(z / math.sqrt(2)))).astype(z.dtype)
    if form == "tanh":
        u = math.sqrt(2 / math.pi) * (z + 0.044715 * z * z)
        return z / 2 * (1 + np.tanh(u))
""",
        # math.erf takes one number: a TypeError in the default form for any array of several elements.
        "math_erf": """\
import math


def gelu(z, form="erf"):
    if form == "erf":
        return z * 0.5 * (1 + math.erf(z / math.sqrt(2)))
    elif form == "tanh":
        return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))
""",
    },
    "swish": {
        # beta multiplies the outer z as well: swish(1, 2) gives 1.76, not 0.88 (right for beta = 1 only).
        "beta_outside_too": """\
def swish(z, beta=1.0):
    def sigmoid(t):
        e = np.exp(-np.abs(t))
        return np.where(t >= 0, 1, e) / (1 + e)

    u = beta * z
    return u * sigmoid(u)
""",
        # Clips z itself, not only the exponent: swish(1e4) gives 50, not 1e4 (and swish(60) too).
        "clip_leaks": """\
def swish(z, beta=1.0):
    z = np.clip(z, -50, 50)
    return z / (1 + np.exp(np.clip(-beta * z, -80, 80)))
""",
        # @ in place of *: 1-d input gives one number, (2, 3, 5) and () raise.
        "dot_product": """\
def sigmoid(t):
    e = np.exp(-np.abs(t))
    return np.where(t >= 0, 1, e) / (1 + e)


def swish(z, beta=1.0):
    return z @ sigmoid(beta * z)
""",
        # z *= beta changes the argument, and the outer z too; for beta = 1 nothing is seen.
        "in_place_scale": """\
def sigmoid(t):
    e = np.exp(-np.abs(t))
    return np.where(t >= 0, 1, e) / (1 + e)


def swish(z, beta=1.0):
    old = z
    z *= beta
    return old * sigmoid(z)
""",
        # `if` on a whole array and math.exp: works for (), raises for any array of several elements.
        "scalar_only": """\
import math


def swish(z, beta=1.0):
    t = beta * z
    if t >= 0:
        s = 1 / (1 + math.exp(-t))
    else:
        s = math.exp(t) / (1 + math.exp(t))
    return z * s
""",
    },
}

RIGHT = {
    "sigmoid": {
        "where_clipped": """\
def sigmoid(z):
    # np.where computes both sides, so each side gets a clipped argument
    right = 1 / (1 + np.exp(-np.maximum(z, 0)))
    e = np.exp(np.minimum(z, 0))
    left = e / (1 + e)
    return np.where(z >= 0, right, left)
""",
        "exp_of_minus_logaddexp": """\
# log σ(z) = -log(1 + e^-z)
sigmoid = lambda z: np.exp(-np.logaddexp(0, -z))
""",
        "flat_loop": """\
import math


def sigmoid(z):
    out = np.empty(z.shape, dtype=z.dtype)
    for i in range(z.size):
        x = float(z.flat[i])
        if x < 0:
            e = math.exp(x)
            out.flat[i] = e / (e + 1)
        else:
            out.flat[i] = 1 / (1 + math.exp(-x))
    return out
""",
        "callable_class": '''\
class Sigmoid:
    """1 / (1 + e^-z), one mask for each sign."""

    def __call__(self, z):
        out = np.ones_like(z)
        neg = z < 0
        pos = np.logical_not(neg)
        out[pos] /= 1 + np.exp(-z[pos])
        out[neg] = self.left(z[neg])
        return out

    @staticmethod
    def left(t):
        e = np.exp(t)
        return e / (1 + e)


sigmoid = Sigmoid()
''',
        "frompyfunc": """\
import math


def sigmoid(z):
    def s(x):
        # e^x / (1 + e^x) = e^x s(-x)
        return math.exp(x) * s(-x) if x < 0 else 1 / (1 + math.exp(-x))

    return np.asarray(np.frompyfunc(s, 1, 1)(z)).astype(z.dtype)
""",
    },
    "tanh": {
        "expm1_copysign": """\
def tanh(z):
    # (1 - t)/(1 + t) with t = e^(-2|z|), and m = t - 1 computed exactly
    m = np.expm1(-2 * np.abs(z))
    return np.copysign(m / (m + 2), z)
""",
        "clipped_formula": """\
def tanh(z):
    # beyond 20 the answer rounds to +-1 anyway
    c = np.clip(z, -20, 20)
    up, down = np.exp(c), np.exp(-c)
    return (up - down) / (up + down)
""",
        "piecewise": """\
def tanh(z):
    def left(v):
        e = np.expm1(2 * v)
        return e / (e + 2)

    def right(v):
        return -left(-v)

    return np.piecewise(z, [z < 0, z >= 0], [left, right])
""",
        "recursion_over_axes": """\
import math


def tanh(z):
    if np.ndim(z) > 0:
        # one axis less at each step
        rows = [tanh(row) for row in z]
        return np.array(rows, dtype=z.dtype).reshape(z.shape)
    x = float(z)
    if x < 0:
        return -tanh(-z)
    m = math.expm1(-2 * x)
    return np.array(-m / (2 + m), dtype=z.dtype)
""",
        "vectorize_otypes": """\
from math import exp, expm1


def tanh(z):
    def one(x):
        sign = 1 if x > 0 else -1
        x = min(abs(x), 300)
        return sign * 0.5 * (expm1(x) - expm1(-x)) / (0.5 * (exp(x) + exp(-x)))

    return np.vectorize(one, otypes=[z.dtype])(z)
""",
    },
    "relu": {
        "half_sum": """\
def relu(z):
    return (z + np.abs(z)) / 2
""",
        "partial": """\
from functools import partial


def larger(floor, z):
    return np.maximum(z, floor)


relu = partial(larger, 0)
""",
        "sorted_pair": """\
def relu(z):
    pair = np.stack([z, np.zeros_like(z)])
    pair.sort(axis=0)
    return pair[1].copy()
""",
        "nditer": """\
def relu(z):
    ops = [["readonly"], ["writeonly", "allocate"]]
    with np.nditer([z, None], flags=["zerosize_ok"], op_flags=ops) as it:
        for x, y in it:
            y[...] = x if x > 0 else 0
        return it.operands[1]
""",
        "minus_negative_part": """\
relu = lambda z: z - z.clip(max=0)
""",
    },
    "leaky_relu": {
        "maximum_of_lines": """\
def leaky_relu(z, slope=0.01):
    # slope < 1, so the higher of the two lines is always the right one
    return np.maximum(z, slope * z)
""",
        "ufunc_where_out": """\
def leaky_relu(z, slope=0.01):
    out = np.array(z)
    np.multiply(z, slope, out=out, where=z < 0)
    return out
""",
        "power_of_mask": """\
def leaky_relu(z, slope=0.01):
    # slope^1 on the left, slope^0 = 1 on the right
    factor = np.power(slope, (z <= 0).astype(z.dtype))
    return (z * factor).astype(z.dtype)
""",
        "choose": """\
def leaky_relu(z, slope=0.01):
    return np.choose((z > 0).astype(int), [slope * z, z])
""",
        "closure_loop": """\
def make_leaky(slope):
    def unit(x):
        return x if x > 0 else slope * x

    def layer(z):
        numbers = [unit(x) for x in z.ravel().tolist()]
        return np.array(numbers, dtype=z.dtype).reshape(z.shape)

    return layer


def leaky_relu(z, slope=0.01):
    return make_leaky(slope)(z)
""",
    },
    "softplus": {
        "logaddexp_reduce": """\
def softplus(z):
    # log(e^0 + e^z)
    return np.logaddexp.reduce(np.stack([np.zeros_like(z), z]), axis=0)
""",
        "arctanh": """\
def softplus(z):
    # log(1 + t) = 2 artanh(t / (2 + t))
    t = np.exp(-np.abs(z))
    return np.maximum(z, 0) + 2 * np.arctanh(t / (2 + t))
""",
        "three_masks": """\
def softplus(z):
    y = z.copy().reshape(-1)  # already right where z is large
    tail = y < -40
    middle = (y >= -40) & (y <= 40)
    y[tail] = np.exp(y[tail])
    y[middle] = np.log1p(np.exp(y[middle]))
    return y.reshape(z.shape)
""",
        "decorated": """\
def same_dtype(function):
    def wrapper(z):
        return np.asarray(function(np.asarray(z, dtype=np.float64)), dtype=z.dtype)

    return wrapper


@same_dtype
def softplus(z):
    return np.log1p(np.exp(-np.abs(z))) + (z > 0) * z
""",
        "reflection": """\
import math


def softplus(z):
    def one(x):
        # softplus(x) = x + softplus(-x)
        return x + one(-x) if x > 0 else math.log1p(math.exp(x))

    values = np.fromiter((one(float(x)) for x in z.flat), dtype=z.dtype, count=z.size)
    return values.reshape(z.shape)
""",
    },
    "weighted_sum": {
        "einsum": """\
def weighted_sum(X, w, b, f):
    return f(np.einsum("nd,d->n", X, w) + b)
""",
        "column_of_ones": """\
def weighted_sum(X, w, b, f):
    # the bias is the weight of an input that is always 1
    ones = np.ones((X.shape[0], 1), dtype=X.dtype)
    X1 = np.hstack([X, ones])
    w1 = np.append(w, b).astype(w.dtype)
    return f(X1 @ w1)
""",
        "list_of_rows": """\
def weighted_sum(X, w, b, f):
    s = [sum((x * v for x, v in zip(row, w)), start=b) for row in X]
    return f(np.array(s, dtype=np.result_type(X, w)))
""",
        "column_by_column": """\
def weighted_sum(X, w, b, f):
    total = np.full(len(X), b, dtype=np.result_type(X, w))
    for column, weight in zip(X.T, w):
        total += weight * column
    return f(total)
""",
        "compose_inner": """\
def compose(outer, inner):
    return lambda *args: outer(inner(*args))


def weighted_sum(X, w, b, f):
    neuron = compose(f, lambda rows: np.inner(w, rows) + b)
    return neuron(X)
""",
    },
    "gelu": {
        "dict_of_lambdas": """\
import math

from nnlib import erf

PHI = {
    "erf": lambda z: 0.5 * (1 + erf(z / math.sqrt(2))),
    "tanh": lambda z: 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
}


def gelu(z, form="erf"):
    return (z * PHI[form](z)).astype(z.dtype)
""",
        "math_loop": """\
import math


def gelu(z, form="erf"):
    out = np.empty_like(z)
    for index, x in np.ndenumerate(z):
        x = float(x)
        if form == "erf":
            out[index] = x * 0.5 * (1 + math.erf(x / math.sqrt(2)))
        else:
            out[index] = x * 0.5 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return out
""",
        "erfc": """\
from math import erfc, pi


def gelu(z, form="erf"):
    if form == "tanh":
        # (1 + tanh u)/2 = sigmoid(2u)
        v = 2 * (2 / pi) ** 0.5 * z * (1 + 0.044715 * z * z)
        return z * np.exp(-np.logaddexp(0, -v))
    upper_tail = np.vectorize(erfc, otypes=[z.dtype])
    return z * upper_tail(-z / 2**0.5) / 2
""",
        "match_out": """\
from nnlib import erf


def gelu(z, form="erf"):
    y = np.array(z, copy=True)
    match form:
        case "erf":
            y *= 0.5 + 0.5 * erf(z * 0.5**0.5)
        case "tanh":
            u = z + 0.044715 * np.power(z, 3)
            y *= 0.5 + 0.5 * np.tanh(0.7978845608028654 * u)
        case _:
            raise ValueError(f"unknown form {form!r}")
    return y
""",
        "callable_class": """\
import numpy as np
from nnlib import erf


class Gelu:
    c = float(np.sqrt(2 / np.pi))
    r = float(np.sqrt(0.5))

    def __call__(self, z, form="erf"):
        gate = getattr(self, "gate_" + form)(z.astype(np.float64))
        return (z * (1 + gate) / 2).astype(z.dtype)

    def gate_erf(self, z):
        return erf(self.r * z)

    def gate_tanh(self, z):
        return np.tanh(np.polyval([0.044715 * self.c, 0, self.c, 0], z))


gelu = Gelu()
""",
    },
    "swish": {
        "inner_helper": """\
def swish(z, beta=1.0):
    def sigmoid(t):
        return np.exp(np.minimum(t, 0)) / (1 + np.exp(-np.abs(t)))

    return z * sigmoid(beta * z)
""",
        "log_sigmoid": """\
swish = lambda z, beta=1.0: z * np.exp(-np.logaddexp(0, -beta * z))
""",
        "split_loop": """\
import math


def swish(z, beta=1.0):
    def gate(t):
        try:
            return 1 / (1 + math.exp(-t))
        except OverflowError:
            return math.exp(t)  # e^-t is so large that the 1 does not count

    y = [x * gate(beta * x) for x in z.flatten().tolist()]
    return np.asarray(y, dtype=z.dtype).reshape(z.shape)
""",
        "divide_where": """\
def swish(z, beta=1.0):
    t = beta * z
    e = np.exp(-abs(t))
    top = np.array(z)
    np.multiply(top, e, out=top, where=t < 0)  # e^t on the left, 1 on the right
    return np.true_divide(top, 1 + e)
""",
        "partial_of_gate": """\
from functools import partial


def sigmoid(t):
    out = np.empty_like(t)
    it = np.nditer(t, flags=["multi_index", "zerosize_ok"])
    for x in it:
        e = np.exp(-abs(x))
        out[it.multi_index] = (1 if x >= 0 else e) / (1 + e)
    return out


def gated(z, gate):
    return np.multiply(z, gate(z))


def swish(z, beta=1.0):
    return gated(z, gate=partial(lambda k, v: sigmoid(np.asarray(k * v)), beta))
""",
    },
}
