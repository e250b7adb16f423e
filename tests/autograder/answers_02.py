"""Answers to lesson 02 in students' styles, written without sight of the bank's mistakes."""

# Every source is one notebook cell. `import numpy as np` has been run before it, and those earlier
# exercises that the text allows: `sigmoid_grad` in `tanh_grad`, `tanh_grad` in `gelu_grad`, all five in
# `gradient_table`.

WRONG = {
    "sigmoid_grad": {
        # Takes z for the output: z(1 - z); at 2 it gives -2, not 0.105 (and σ′(0) = 0).
        "takes_the_output": '''\
def sigmoid_grad(z):
    """The rule is s' = s * (1 - s)."""
    return z * (1 - z)
''',
        # Measures the slope with a step, as in section 1: about 1e-11 off, σ′(50) is 0; far off in float32.
        "measured_slope": """\
def sigmoid_grad(z):
    def sigmoid(t):
        e = np.exp(-np.abs(t))
        return np.where(t >= 0, 1, e) / (1 + e)

    h = 1e-6
    return (sigmoid(z + h) - sigmoid(z - h)) / (2 * h)
""",
        # np.abs(..., out=z) makes the caller's array positive (the returned slopes are right).
        "abs_in_place": """\
def sigmoid_grad(z):
    # the slope is the same at z and -z, so only |z| is needed
    np.abs(z, out=z)
    e = np.exp(-z)
    return e / (1 + e) ** 2
""",
        # Chain rule with the outer minus only (the inner -e^-z lost its sign): every slope is negative.
        "inner_minus_lost": """\
def sigmoid_grad(z):
    inner = np.exp(-np.abs(z))
    u = 1 + inner
    outer = -1 / u**2
    return outer * inner
""",
        # Clips s away from 0 and 1 "for safety": beyond |z| = 16 the slope stays near 1e-7, σ′(50) = 1e-7.
        "clipped_output": """\
def sigmoid_grad(z):
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1, e) / (1 + e)
    s = np.clip(s, 1e-7, 1 - 1e-7)  # so that neither s nor 1 - s is ever 0
    return s * (1 - s)
""",
    },
    "tanh_grad": {
        # (1 - t)(1 + t) is the same difference: 1 - t is 0 at z = 20, and so is the slope.
        "factors_still_cancel": """\
def tanh_grad(z):
    # a^2 - b^2 = (a - b)(a + b), more accurate than 1 - t^2
    t = np.tanh(z)
    return (1 - t) * (1 + t)
""",
        # Only one of the two factors 2 (the inner one is forgotten): half of each slope, tanh′(0) = 0.5.
        "inner_two_forgotten": '''\
def tanh_grad(z):
    """tanh(z) = 2 sigmoid(2z) - 1, so take the derivative of that."""
    return 2 * sigmoid_grad(2 * z)
''',
        # z *= 2 doubles the caller's array; right slopes, and from the second call on wrong ones for them.
        "doubles_the_argument": """\
def tanh_grad(z):
    z *= 2
    return 4 * sigmoid_grad(z)
""",
        # Reads tanh(z)² as tanh(z²): tanh′(1) gives 0.238, not 0.420.
        "square_inside": """\
tanh_grad = lambda z: 1 - np.tanh(z**2)
""",
        # Goes over to 4e^(-2|z|) too early: half a per cent too large just beyond |z| = 3.
        "asymptote_too_early": """\
def tanh_grad(z):
    size = np.abs(z)
    near_zero = 1 - np.tanh(z) ** 2
    far_away = 4 * np.exp(-2 * size)
    return np.where(size > 3, far_away, near_zero)
""",
    },
    "relu_grad": {
        # The mean of the two limits at the kink: relu_grad(0) gives 0.5, not 0.
        "half_at_zero": """\
def relu_grad(z):
    return np.heaviside(z, 0.5)
""",
        # relu(z)/z is 0/0 at z = 0: nan and a warning there.
        "height_over_z": '''\
def relu_grad(z):
    """The line goes through the origin, so its slope is height / distance."""
    height = np.maximum(z, 0)
    return height / z
''',
        # Writes the slopes into the caller's array and returns that same array.
        "overwrites": """\
def relu_grad(z):
    grad = z
    grad[grad > 0] = 1
    grad[grad < 0] = 0
    return grad
""",
        # Cuts the height off at 1: right for z <= 0 and z >= 1, but relu_grad(0.3) is 0.3.
        "clip_to_one": """\
def relu_grad(z):
    # a slope is between 0 and 1
    return np.clip(z, 0, 1)
""",
        # 1.0 and 0.0 are not of z's dtype: float32 in, float64 out.
        "where_float64": """\
def relu_grad(z):
    result = np.where(z > 0, 1.0, 0.0)
    return result
""",
    },
    "leaky_relu_grad": {
        # Blends with sign(z), which is 0 at 0: there it gives the mean (1 + slope)/2, not slope.
        "mean_at_zero": """\
def leaky_relu_grad(z, slope=0.01):
    middle = (1 + slope) / 2
    half_jump = (1 - slope) / 2
    return middle + half_jump * np.sign(z)
""",
        # `or` takes a slope of 0 for "not given": leaky_relu_grad(-2, 0) gives 0.01.
        "zero_slope_replaced": """\
def leaky_relu_grad(z, slope=0.01):
    slope = slope or 0.01
    grad = np.ones_like(z)
    grad[z <= 0] = slope
    return grad
""",
        # The second mask looks at the new entries: slope > 0 becomes 1, so that all slopes are 1.
        "second_mask_sees_first": """\
def leaky_relu_grad(z, slope=0.01):
    g = z.copy()
    g[g <= 0] = slope
    g[g > 0] = 1
    return g
""",
        # Gives the height slope·z on the left: leaky_relu_grad(-2, 0.1) is -0.2, not 0.1; and 0 at 0.
        "height_on_the_left": """\
def leaky_relu_grad(z, slope=0.01):
    out = np.empty_like(z)
    for i, x in enumerate(z.flat):
        if x > 0:
            out.flat[i] = 1
        else:
            out.flat[i] = slope * x
    return out
""",
        # The buffer holds integers: slope is cut to 0, and the dtype comes back as int64.
        "int_buffer": """\
def leaky_relu_grad(z, slope=0.01):
    grad = np.full(z.shape, 1)
    grad[z <= 0] = slope
    return grad
""",
    },
    "gelu_grad": {
        # / (2π)**1 / 2 divides by 2π and then by 2, no root: gelu_grad(1) gives 0.890 ("tanh" is right).
        "root_by_one_half": """\
import math


def gelu_grad(z, form="erf"):
    if form == "erf":
        cdf = 0.5 * (1 + np.vectorize(math.erf, otypes=[z.dtype])(z / 2**0.5))
        pdf = np.exp(-(z**2) / 2) / (2 * math.pi) ** 1 / 2
        return cdf + z * pdf
    c = math.sqrt(2 / math.pi)
    u = c * (z + 0.044715 * z**3)
    return 0.5 * (1 + np.tanh(u)) + 0.5 * z * tanh_grad(u) * c * (1 + 3 * 0.044715 * z**2)
""",
        # Hands tanh u, the output, to tanh_grad, which takes the input: gelu_grad(1, "tanh") gives 1.135.
        "tanh_grad_of_output": """\
from math import erf, pi


def gelu_grad(z, form="erf"):
    if form == "tanh":
        u = (2 / pi) ** 0.5 * (z + 0.044715 * z**3)
        du = (2 / pi) ** 0.5 * (1 + 3 * 0.044715 * z**2)
        t = np.tanh(u)
        return 0.5 * (1 + t) + 0.5 * z * tanh_grad(t) * du
    Phi = 0.5 * (1 + np.vectorize(erf, otypes=[z.dtype])(z / 2**0.5))
    phi = np.exp(-0.5 * z * z) / (2 * pi) ** 0.5
    return Phi + z * phi
""",
        # The derivative of z³ without its 3: gelu_grad(1, "tanh") gives 1.064, not 1.083.
        "cube_without_three": '''\
import math


def gelu_grad(z, form="erf"):
    """Phi + z * phi (erf) or the chain rule with u (tanh)."""
    root = math.sqrt(2 / math.pi)
    if form == "erf":
        gate = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in z.ravel()], dtype=z.dtype)
        gate_slope = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        return gate.reshape(z.shape) + z * gate_slope
    u = root * (z + 0.044715 * z**3)
    u_slope = root * (1 + 0.044715 * z**2)
    return 0.5 * (1 + np.tanh(u)) + z * 0.5 * tanh_grad(u) * u_slope
''',
        # (p q)' taken for p' q': only the gate's slope; gelu_grad(1) gives 0.242, gelu_grad(0) 0.399.
        "product_of_slopes": """\
import math


def gelu_grad(z, form="erf"):
    slopes = np.zeros_like(z)
    for k in range(z.size):
        x = float(z.flat[k])
        if form == "erf":
            gate_slope = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        else:
            c = math.sqrt(2 / math.pi)
            u = c * (x + 0.044715 * x**3)
            e = math.exp(-2 * abs(u))
            gate_slope = 0.5 * 4 * e / (1 + e) ** 2 * c * (1 + 3 * 0.044715 * x * x)
        slopes.flat[k] = 1 * gate_slope  # slope of z is 1
    return slopes
""",
        # z /= √2 changes the caller's array, and the factor z before φ too: gelu_grad(1) gives 1.012.
        "argument_divided": """\
import math

PI = math.pi


def gelu_grad(z, form="erf"):
    if form == "tanh":
        k = math.sqrt(2 / PI)
        u = k * z + k * 0.044715 * z**3
        du = k + 3 * k * 0.044715 * z**2
        return (1 + np.tanh(u) + z * tanh_grad(u) * du) / 2
    z /= 2**0.5
    erf = np.vectorize(math.erf, otypes=[z.dtype])
    return (1 + erf(z)) / 2 + z * np.exp(-(z**2)) / math.sqrt(2 * PI)
""",
    },
    "gradient_table": {
        # (5, 3, P) is reshaped and not transposed: the right shape, scrambled numbers (right for P = 1 only).
        "reshaped_not_transposed": """\
import math


def gradient_table(points):
    z = points
    e = np.exp(-np.abs(z))
    Phi = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in z], dtype=z.dtype)
    table = np.array([
        [z, np.where(z >= 0, 1, e) / (1 + e), sigmoid_grad(z)],
        [z, np.tanh(z), tanh_grad(z)],
        [z, np.maximum(z, 0), relu_grad(z)],
        [z, np.maximum(z, 0.01 * z), leaky_relu_grad(z)],
        [z, z * Phi, gelu_grad(z)],
    ])
    return table.reshape(5, len(points), 3)
""",
        # The slope is taken at f(z), not at z: tanh at 1 gets tanh′(0.76) = 0.588, not 0.420.
        "slope_at_the_value": '''\
import math


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def gelu(z):
    return z * np.vectorize(lambda x: math.erfc(-x / 2**0.5) / 2, otypes=[z.dtype])(z)


def gradient_table(points):
    """One layer per function: point, activation, slope."""
    functions = [sigmoid, np.tanh, lambda z: np.maximum(z, 0), lambda z: np.maximum(z, 0.01 * z), gelu]
    gradients = [sigmoid_grad, tanh_grad, relu_grad, leaky_relu_grad, gelu_grad]
    layers = []
    for function, gradient in zip(functions, gradients):
        a = function(points)
        layers.append(np.stack([points, a, gradient(a)], axis=-1))
    return np.stack(layers)
''',
        # np.zeros((5, P, 3)) without a dtype: float32 points give a float64 table.
        "zeros_float64": """\
import math


def gradient_table(points):
    P = points.shape[0]
    table = np.zeros((5, P, 3))
    grads = [sigmoid_grad, tanh_grad, relu_grad, leaky_relu_grad, gelu_grad]
    for j in range(P):
        x = float(points[j])
        e = math.exp(-abs(x))
        table[0, j, 1] = 1 / (1 + e) if x >= 0 else e / (1 + e)
        table[1, j, 1] = math.tanh(x)
        table[2, j, 1] = x if x > 0 else 0
        table[3, j, 1] = x if x > 0 else 0.01 * x
        table[4, j, 1] = x * 0.5 * math.erfc(-x / math.sqrt(2))
    for i in range(5):
        table[i, :, 0] = points
        table[i, :, 2] = grads[i](points)
    return table
""",
        # np.squeeze drops the axis of a single point: (5, 3) in place of (5, 1, 3).
        "squeezed": """\
import math


def gradient_table(points):
    column = points.reshape(-1, 1)
    e = np.exp(-np.abs(column))
    upper = np.vectorize(math.erfc, otypes=[points.dtype])(-column / 2**0.5)
    values = [
        np.where(column < 0, e, 1) / (1 + e),
        np.tanh(column),
        (column + np.abs(column)) / 2,
        np.where(column > 0, column, 0.01 * column),
        column * upper / 2,
    ]
    grads = [g(column) for g in (sigmoid_grad, tanh_grad, relu_grad, leaky_relu_grad, gelu_grad)]
    table = [np.concatenate([column[:, None], v[:, None], g[:, None]], axis=2) for v, g in zip(values, grads)]
    return np.squeeze(np.array(table))
""",
        # GELU's value in form "erf" with the slope of form "tanh": the last slopes are up to 0.0009 off.
        "mixed_gelu_forms": """\
from math import erf


def gradient_table(points):
    def gelu(z):
        gate = np.array([(1 + erf(x / 2**0.5)) / 2 for x in z], dtype=z.dtype)
        return z * gate

    def sigmoid(z):
        e = np.exp(-np.abs(z))
        return np.where(z >= 0, 1, e) / (1 + e)

    rows = {
        "sigmoid": (sigmoid(points), sigmoid_grad(points)),
        "tanh": (np.tanh(points), tanh_grad(points)),
        "relu": (np.maximum(points, 0), relu_grad(points)),
        "leaky_relu": (np.where(points > 0, points, 0.01 * points), leaky_relu_grad(points, 0.01)),
        "gelu": (gelu(points), gelu_grad(points, "tanh")),
    }
    return np.array([np.column_stack([points, a, g]) for a, g in rows.values()])
""",
    },
}

RIGHT = {
    "sigmoid_grad": {
        # Calls itself once, with -|z|, whenever an entry is positive.
        "recursion_to_the_left": """\
def sigmoid_grad(z):
    if np.any(z > 0):
        return sigmoid_grad(-np.abs(z))  # the hill is symmetric
    e = np.exp(z)
    return e / (1 + e) ** 2
""",
        # A class with __call__; the square of 1/(2 cosh(z/2)), written with one safe exponential.
        "callable_class": '''\
class SigmoidSlope:
    """The derivative of the logistic function: (h / (1 + h^2))^2 with h = e^(-|z|/2)."""

    def __call__(self, z: np.ndarray) -> np.ndarray:
        h = np.exp(-np.abs(z) / 2)
        return np.square(h / (1 + h * h))


sigmoid_grad = SigmoidSlope()
''',
        # In logarithms and in float64: log σ′ = log σ(z) + log σ(-z).
        "logarithms": """\
def sigmoid_grad(z):
    wide = np.asarray(z, dtype=np.float64)
    log_slope = -(np.logaddexp(0, wide) + np.logaddexp(0, -wide))
    return np.exp(log_slope).astype(z.dtype)
""",
        # One number after the other, with the math module and np.ndindex.
        "ndindex_loop": """\
import math


def sigmoid_grad(z):
    out = np.zeros_like(z)
    for index in np.ndindex(z.shape):
        e = math.exp(-abs(float(z[index])))
        s, one_minus_s = 1 / (1 + e), e / (1 + e)
        out[index] = s * one_minus_s
    return out
""",
        # σ(z) and σ(-z) on two rows of a stack, multiplied by np.prod.
        "product_of_a_stack": """\
def sigmoid_grad(z):
    both = np.stack((z, -z))
    e = np.exp(-np.abs(both))
    s = np.where(both < 0, e, np.ones_like(e)) / (1 + e)
    return np.prod(s, axis=0)
""",
    },
    "tanh_grad": {
        # The Gudermannian angle: 1/cosh z = sin(2 arctan(e^-|z|)), squared.
        "sine_of_an_angle": """\
def tanh_grad(z):
    angle = 2 * np.arctan(np.exp(-np.fabs(z)))
    return np.power(np.sin(angle), 2)
""",
        # The chain rule as a function of functions, on the own sigmoid_grad.
        "chained_lambda": """\
def stretched(slope_of_f, factor):
    # the slope of factor * f(factor * z)
    return lambda z: factor * factor * slope_of_f(factor * z)


tanh_grad = stretched(sigmoid_grad, 2)
""",
        # 1/cosh² in logarithms: (2 / (e^z + e^-z))² = exp(2 (log 2 - log(e^z + e^-z))).
        "log_of_cosh": """\
import math


def tanh_grad(z):
    w = z.astype(np.float64)
    return np.exp(2 * (math.log(2) - np.logaddexp(w, -w))).astype(z.dtype)
""",
        # (1 + t)(1 - t) with each factor from one exponential, in preallocated buffers with out=.
        "buffers": """\
def tanh_grad(z):
    e = np.empty_like(z)
    np.abs(z, out=e)
    np.multiply(e, -2, out=e)
    np.exp(e, out=e)
    bottom = np.add(e, 1, out=np.empty_like(e))
    larger = np.divide(2, bottom, out=np.empty_like(e))  # 1 + |t|
    smaller = np.divide(np.multiply(e, 2, out=e), bottom, out=e)  # 1 - |t|
    return np.multiply(larger, smaller, out=np.empty_like(e))
""",
        # np.vectorize with otypes; 1/cosh² near 0, and an exponential far away, where cosh would overflow.
        "vectorized_cosh": """\
from math import cosh, exp


def _one_slope(x: float) -> float:
    if abs(x) < 100:
        return cosh(x) ** -2
    return 4 * exp(-2 * abs(x))


def tanh_grad(z):
    return np.vectorize(_one_slope, otypes=[z.dtype])(z)
""",
    },
    "relu_grad": {
        # Numbers the two intervals (-∞, 0] and (0, ∞).
        "digitize": """\
def relu_grad(z):
    return np.digitize(z, [0], right=True).astype(z.dtype)
""",
        # The comparison writes its True and False straight into a float array.
        "greater_out": """\
def relu_grad(z):
    grad = np.empty(z.shape, z.dtype)
    np.greater(z, 0, out=grad)
    return grad
""",
        # Clips to [0, 1] and rounds up: every positive number becomes 1.
        "ceil_of_clip": """\
relu_grad = lambda z: np.ceil(np.clip(z, 0, 1))
""",
        # From the sign s in {-1, 0, 1}: s(s + 1)/2 is 0, 0, 1.
        "sign_polynomial": """\
def relu_grad(z):
    s = np.sign(z)
    return s * (s + 1) / 2
""",
        # A generator over the flat entries, poured into np.fromiter.
        "fromiter": """\
def relu_grad(z):
    def slopes():
        for x in z.flat:
            yield 1 if x > 0 else 0

    return np.fromiter(slopes(), dtype=z.dtype, count=z.size).reshape(z.shape)
""",
    },
    "leaky_relu_grad": {
        # A table of two slopes, looked up with 0 or 1 as index.
        "lookup": """\
def leaky_relu_grad(z, slope=0.01):
    two_slopes = np.array([slope, 1], dtype=z.dtype)
    return two_slopes[np.where(z > 0, 1, 0)]
""",
        # The larger of slope and the step function (slope is below 1).
        "maximum_with_step": """\
def leaky_relu_grad(z, slope=0.01):
    return np.maximum(np.heaviside(z, 0), float(slope))
""",
        # np.piecewise with constants for functions.
        "piecewise_constants": """\
def leaky_relu_grad(z, slope=0.01):
    return np.piecewise(z, [z <= 0, z > 0], [slope, 1.0])
""",
        # Goes down one axis at each recursive step.
        "recursion_over_axes": """\
def leaky_relu_grad(z, slope=0.01):
    if z.ndim == 0:
        return np.array(1 if z > 0 else slope, dtype=z.dtype)
    parts = [leaky_relu_grad(np.asarray(part), slope) for part in z]
    return np.array(parts, dtype=z.dtype).reshape(z.shape)
""",
        # A frozen dataclass holds the slope and is called with z.
        "dataclass": """\
from dataclasses import dataclass


@dataclass(frozen=True)
class Kink:
    left: float
    right: float = 1.0

    def __call__(self, z):
        grad = np.full_like(z, self.left)
        np.copyto(grad, self.right, where=z > 0)
        return grad


def leaky_relu_grad(z, slope=0.01):
    return Kink(left=slope)(z)
""",
    },
    "gelu_grad": {
        # Python's own normal distribution has Φ and φ; the tanh form is a sigmoid's: ½(1 + tanh u) = σ(2u).
        "statistics_module": """\
import math
from statistics import NormalDist


def gelu_grad(z, form="erf"):
    if form == "erf":
        normal = NormalDist()
        return np.vectorize(lambda x: normal.cdf(x) + x * normal.pdf(x), otypes=[z.dtype])(z)
    c = 2 * math.sqrt(2 / math.pi)
    v = c * (z + 0.044715 * z**3)
    e = np.exp(-np.abs(v))
    gate = np.where(v >= 0, 1, e) / (1 + e)
    return gate + z * e / (1 + e) ** 2 * (c * (1 + 3 * 0.044715 * z**2))
""",
        # Dual numbers carry value and slope together: the product rule and the chain rule run by themselves.
        "dual_numbers": """\
import math


class Dual:
    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def tanh(self):
        e = math.exp(-2 * abs(self.value))
        return Dual(math.tanh(self.value), 4 * e / (1 + e) ** 2 * self.slope)

    def erf(self):
        return Dual(math.erf(self.value), 2 / math.sqrt(math.pi) * math.exp(-(self.value**2)) * self.slope)


def gelu_grad(z, form="erf"):
    half, one = Dual(0.5), Dual(1.0)
    slopes = []
    for x in z.ravel().tolist():
        x = Dual(x, 1.0)
        if form == "erf":
            gate = (x * Dual(math.sqrt(0.5))).erf()
        else:
            gate = (Dual(math.sqrt(2 / math.pi)) * (x + Dual(0.044715) * x * x * x)).tanh()
        slopes.append((x * half * (one + gate)).slope)
    return np.array(slopes, dtype=z.dtype).reshape(z.shape)
""",
        # u and u′ from NumPy's polynomials and their deriv(), erfc in place of 1 + erf.
        "polynomial_deriv": """\
from math import erfc, pi, sqrt

U = np.polynomial.Polynomial([0, sqrt(2 / pi), 0, 0.044715 * sqrt(2 / pi)])


def gelu_grad(z, form="erf"):
    x = z.astype(np.float64)
    if form == "erf":
        Phi = np.frompyfunc(lambda t: erfc(-t / sqrt(2)) / 2, 1, 1)(x)
        slope = Phi + x * np.exp(-0.5 * x * x) / sqrt(2 * pi)
    elif form == "tanh":
        slope = (1 + np.tanh(U(x)) + x * tanh_grad(np.asarray(U(x))) * U.deriv()(x)) / 2
    else:
        raise ValueError(f'form must be "erf" or "tanh", got {form!r}')
    return np.asarray(slope).astype(z.dtype)
""",
        # A dict of pairs (gate, slope of the gate), and the product rule as one einsum.
        "einsum_product_rule": """\
import math

C = math.sqrt(2 / math.pi)


def u(z):
    return C * z * (1 + 0.044715 * z * z)


FORMS = {
    "erf": (
        lambda z: (1 + np.vectorize(math.erf, otypes=[z.dtype])(z * 0.5**0.5)) / 2,
        lambda z: np.exp(-z * z / 2) * (C / 2),
    ),
    "tanh": (
        lambda z: (1 + np.tanh(u(z))) / 2,
        lambda z: tanh_grad(np.asarray(u(z))) * (C * (1 + 3 * 0.044715 * z * z)) / 2,
    ),
}


def gelu_grad(z, form="erf"):
    gate, gate_slope = FORMS[form]
    p, p_slope = z, np.ones_like(z)
    q, q_slope = gate(z), gate_slope(z)
    return np.einsum("k...,k...->...", np.stack([p_slope, p]), np.stack([q, q_slope]))
""",
        # Uses gelu'(-z) = 1 - gelu'(z): all is computed on the right and reflected to the left.
        "reflection": """\
import math


def gelu_grad(z: np.ndarray, form: str = "erf") -> np.ndarray:
    def on_the_right(x):
        if form == "erf":
            return 1 - math.erfc(x / math.sqrt(2)) / 2 + x * math.exp(-x * x / 2) / math.sqrt(math.tau)
        c = math.sqrt(2 / math.pi)
        e = math.exp(-2 * c * (x + 0.044715 * x**3))  # tanh u = (1 - e)/(1 + e)
        return 1 / (1 + e) + 2 * x * e / (1 + e) ** 2 * c * (1 + 0.134145 * x**2)

    out = np.empty_like(z)
    with np.nditer([z, out], flags=["zerosize_ok"], op_flags=[["readonly"], ["writeonly"]]) as it:
        for x, y in it:
            x = float(x)
            y[...] = on_the_right(x) if x >= 0 else 1 - on_the_right(-x)
    return out
""",
    },
    "gradient_table": {
        # Point by point as a nested list of Python numbers, made into an array at the very end.
        "nested_lists": """\
import math


def gradient_table(points):
    values = [
        lambda x: 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x)),
        math.tanh,
        lambda x: max(x, 0.0),
        lambda x: max(x, 0.01 * x),
        lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
    ]
    grads = [sigmoid_grad, tanh_grad, relu_grad, leaky_relu_grad, gelu_grad]
    return np.array(
        [[[x, f(float(x)), s] for x, s in zip(points, g(points))] for f, g in zip(values, grads)],
        dtype=points.dtype,
    )
""",
        # Three (5, P) planes, glued along a third axis by np.dstack.
        "dstack_planes": """\
import math


def gradient_table(points):
    e = np.exp(-np.abs(points))
    Phi = np.vectorize(lambda x: 0.5 * (1 + math.erf(x / 2**0.5)), otypes=[points.dtype])(points)
    values = np.vstack([
        np.where(points >= 0, 1, e) / (1 + e),
        np.tanh(points),
        points * (points > 0),
        points * leaky_relu_grad(points),
        points * Phi,
    ])
    slopes = np.vstack([g(points) for g in (sigmoid_grad, tanh_grad, relu_grad, leaky_relu_grad, gelu_grad)])
    return np.dstack([np.tile(points, (5, 1)), values, slopes])
""",
        # A sum of three broadcast planes times the unit vectors of the last axis, as one einsum.
        "unit_vectors": """\
import math


def gradient_table(points):
    half = np.tanh(points / 2)
    upper = np.array([math.erfc(-x / math.sqrt(2)) for x in points], dtype=points.dtype)
    sigmoid = np.exp(np.minimum(points, 0)) / (1 + np.exp(-np.abs(points)))
    tanh = 2 * half / (1 + half * half)
    a = np.array([sigmoid, tanh, points.clip(min=0), np.maximum(points, points / 100), points * upper / 2])
    s = np.array([sigmoid_grad(points), tanh_grad(points), relu_grad(points),
                  leaky_relu_grad(points, 0.01), gelu_grad(points, "erf")])
    z = np.broadcast_to(points, a.shape)
    return np.einsum("kip,kc->ipc", np.stack([z, a, s]), np.eye(3, dtype=points.dtype))
""",
        # Recursion over the list of functions: the first layer, then the table of the rest below it.
        "recursion_over_functions": """\
import math


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z.astype(float)))


def gelu(z):
    return [0.5 * x * math.erfc(-x * math.sqrt(0.5)) for x in z.tolist()]


def layers(points, pairs):
    if not pairs:
        return np.empty((0, len(points), 3), dtype=points.dtype)
    (f, g), *rest = pairs
    top = np.empty((1, len(points), 3), dtype=points.dtype)
    top[0].T[:] = points, f(points), g(points)
    return np.concatenate([top, layers(points, rest)])


def gradient_table(points):
    return layers(points, [
        (sigmoid, sigmoid_grad),
        (np.tanh, tanh_grad),
        (lambda z: np.fmax(z, 0), relu_grad),
        (lambda z: np.where(z < 0, z / 100, z), leaky_relu_grad),
        (gelu, gelu_grad),
    ])
""",
        # A class with a method for each function, found by name with getattr; filled through np.moveaxis.
        "methods_by_name": """\
import math


class Values:
    def sigmoid(self, x):
        return math.exp(min(x, 0)) / (1 + math.exp(-abs(x)))

    def tanh(self, x):
        return math.tanh(x)

    def relu(self, x):
        return x if x > 0 else 0

    def leaky_relu(self, x, slope=0.01):
        return x if x > 0 else slope * x

    def gelu(self, x):
        return x * (1 + math.erf(x / math.sqrt(2))) / 2


def gradient_table(points):
    names = {
        "sigmoid": sigmoid_grad,
        "tanh": tanh_grad,
        "relu": relu_grad,
        "leaky_relu": leaky_relu_grad,
        "gelu": gelu_grad,
    }
    table = np.zeros((5, points.size, 3), dtype=points.dtype)
    z, a, slope = np.moveaxis(table, -1, 0)  # three views
    z[...] = points
    for i, (name, grad) in enumerate(names.items()):
        method = getattr(Values(), name)
        a[i] = [method(float(x)) for x in points]
        slope[i] = grad(points)
    return table
""",
    },
}
