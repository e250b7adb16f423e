"""Answers to lesson 07 in students' styles, written without sight of the bank's mistakes."""

# Every source is one notebook cell. `import numpy as np` has been run before it.

WRONG = {
    "layer_statistics": {
        # np.linalg.norm squares in float32: the norm of float32 deltas of 1e-30 is 0 (float64 is right).
        "norm_in_float32": """\
def layer_statistics(A, deltas):
    L = len(A)
    activation, delta, zero = np.zeros(L), np.zeros(L), np.zeros(L)
    for l in range(L):
        activation[l] = np.sqrt(np.mean(np.square(A[l], dtype=np.float64)))
        delta[l] = np.linalg.norm(deltas[l])
        zero[l] = np.mean(A[l] == 0)
    return activation, delta, zero
""",
        # Stacks the layers into one (L, N, H) array: a ValueError as soon as two layers differ in width.
        "ragged_stack": '''\
def layer_statistics(A, deltas):
    """Vectorised over the layers, no loop needed."""
    A = np.array(A, dtype=np.float64)
    D = np.array(deltas, dtype=np.float64)
    activation = np.sqrt((A**2).mean(axis=(1, 2)))
    delta = np.sqrt((D**2).sum(axis=(1, 2)))
    zero = (A == 0).mean(axis=(1, 2))
    return activation, delta, zero
''',
        # np.asarray does not copy a float64 array, so **= squares the caller's A and deltas in place.
        "in_place_square": """\
def layer_statistics(A, deltas):
    activation, delta, zero = [], [], []
    for a, d in zip(A, deltas):
        zero.append((a == 0).mean())
        a = np.asarray(a, dtype=np.float64)
        d = np.asarray(d, dtype=np.float64)
        a **= 2
        d **= 2
        activation.append(a.mean() ** 0.5)
        delta.append(d.sum() ** 0.5)
    return np.array(activation), np.array(delta), np.array(zero)
""",
        # "Exactly 0" became "close to 0": outputs of 1e-9 count as zeros.
        "close_to_zero": """\
def layer_statistics(A, deltas):
    act = np.array([np.sqrt(np.mean(a.astype(np.float64) ** 2)) for a in A])
    dlt = np.array([np.sqrt(np.sum(d.astype(np.float64) ** 2)) for d in deltas])
    zer = np.array([np.isclose(a, 0).mean() for a in A])
    return act, dlt, zer
""",
        # Root mean square of each example first, then their mean: right for N = 1, the worked layer gives 2.47.
        "mean_of_row_rms": """\
def layer_statistics(A, deltas):
    rms_list = []
    norm_list = []
    zero_list = []
    for layer_outputs, layer_delta in zip(A, deltas):
        squares = layer_outputs.astype(float) ** 2
        rms_of_each_example = np.sqrt(np.mean(squares, axis=1))  # over the units
        rms_list.append(np.mean(rms_of_each_example))  # over the examples
        norm_list.append(np.sqrt(np.sum(layer_delta.astype(float) ** 2)))
        number_of_zeros = np.sum(layer_outputs == 0)
        zero_list.append(number_of_zeros / layer_outputs.size)
    return np.array(rms_list), np.array(norm_list), np.array(zero_list)
""",
    },
    "predict_ratio": {
        # ** binds from the right: x ** ((L-1) ** 0.5). Right for depth 1 and 2; the worked number gives 0.375.
        "power_tower": """\
def predict_ratio(depth, width, std, square_slope):
    x = width * std**2 * square_slope
    return float(x ** (depth - 1) ** 0.5)
""",
        # The shortcut for zeros comes before the one for depth 1: (1, 8, 0, 0.25) gives 0, not 1.
        "zero_before_depth": """\
import math


def predict_ratio(depth, width, std, square_slope):
    # log would fail at 0
    if std == 0 or square_slope == 0:
        return 0.0
    log_factor = 0.5 * math.log(width * square_slope) + math.log(std)
    return math.exp((depth - 1) * log_factor)
""",
        # Root at the end: for 300 layers the power is 0 (the ratio should be 1e-180) or an OverflowError.
        "root_at_the_end": """\
import math


def predict_ratio(depth, width, std, square_slope):
    steps = depth - 1
    mean_square_ratio = float(width * std * std * square_slope) ** steps
    return math.sqrt(mean_square_ratio)
""",
        # One step too many: the loop runs over all L layers, so depth 1 does not give 1.
        "one_step_too_many": """\
def predict_ratio(depth, width, std, square_slope):
    factor = float(np.sqrt(width * square_slope) * std)
    ratio = 1.0
    for l in range(depth):
        ratio = ratio * factor
    return ratio
""",
        # The sum of n terms taken as n times as large, not sqrt(n): (3, 8, 0.5, 0.25) gives 4, not 0.5.
        "n_for_root_n": """\
def predict_ratio(depth, width, std, square_slope):
    slope = square_slope**0.5
    return float((width * std * slope) ** (depth - 1))
""",
    },
    "dead_fraction": {
        # nan becomes 0, but inf becomes 1.8e308, which is not 0: a unit with inf and nan only counts as alive.
        "nan_to_num_inf": """\
def dead_fraction(activations):
    cleaned = np.nan_to_num(activations)
    return float((cleaned == 0).all(axis=0).mean())
""",
        # Images are flattened to (N*C*height, width): a unit is no longer one place (right for (N, H)).
        "last_axis_is_unit": """\
def dead_fraction(activations):
    a = activations.reshape(-1, activations.shape[-1])
    alive = np.any(np.isfinite(a) & (a != 0), axis=0)
    return 1 - alive.sum() / len(alive)
""",
        # Asks for a positive output: units whose outputs are negative (leaky ReLU, tanh) count as dead.
        "positive_only": '''\
def dead_fraction(activations):
    """A unit is dead if its largest output is not above zero."""
    a = np.where(np.isfinite(activations), activations, 0)
    return float(np.mean(a.max(axis=0) <= 0))
''',
        # Writes zeros over the nan and inf in the caller's array.
        "in_place_zeros": """\
def dead_fraction(activations):
    activations[~np.isfinite(activations)] = 0
    dead = np.all(activations == 0, axis=0)
    return float(np.mean(dead))
""",
        # One nan or inf is enough to call a unit dead: [nan, 3] should be alive (the worked number is right).
        "one_nan_kills": """\
def dead_fraction(activations):
    finite = np.isfinite(activations).all(axis=0)
    nonzero = (activations != 0).any(axis=0)
    alive = finite & nonzero
    return float(1 - alive.mean())
""",
    },
    "clip_by_value": {
        # The sign is lost: -3 with limit 1 becomes +1 (right when no entry is below -limit).
        "lost_sign": """\
def clip_by_value(gradients, limit):
    return np.where(np.abs(gradients) > limit, limit, gradients).astype(gradients.dtype)
""",
        # Divides by |g|/limit where that is above 1: for inf it is inf/inf, nan and a warning.
        "ratio_of_infinities": """\
def clip_by_value(gradients, limit):
    # how many times too large is each entry?
    excess = np.maximum(1, np.abs(gradients) / limit)
    return gradients / excess
""",
        # "Nothing to cut" shortcut returns the argument itself, not a new array.
        "shortcut_alias": """\
def clip_by_value(gradients, limit):
    too_large = gradients > limit
    too_small = gradients < -limit
    if not (too_large.any() or too_small.any()):
        return gradients
    out = gradients.copy()
    out[too_large] = limit
    out[too_small] = -limit
    return out
""",
        # np.full makes a float64 array of bounds: float32 in, float64 out.
        "float64_bounds": """\
def clip_by_value(gradients, limit):
    upper = np.full(gradients.shape, float(limit))
    lower = -upper
    return np.maximum(lower, np.minimum(gradients, upper))
""",
        # Scales the whole array until the largest entry fits: [-3, 0.5, 1, 7] gives [-0.43, 0.07, 0.14, 1].
        "scale_by_largest": """\
def clip_by_value(gradients, limit):
    largest = float(np.max(np.abs(gradients)))
    if largest > limit:
        return gradients * (limit / largest)
    return gradients.copy()
""",
    },
    "clip_by_global_norm": {
        # PyTorch's 1e-6 in the division: the worked factor is 0.19999996; for norms of 1e-8 it is far off.
        "pytorch_epsilon": """\
def clip_by_global_norm(gradients, max_norm):
    total = 0.0
    for g in gradients:
        total += float(np.sum(g.astype(np.float64) ** 2))
    norm = total**0.5
    factor = min(1.0, float(max_norm) / (norm + 1e-6))
    return [g * factor for g in gradients], norm
""",
        # Within the bound it hands back the caller's own arrays, not new ones.
        "alias_within_bound": """\
def clip_by_global_norm(gradients, max_norm):
    norm = float(np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in gradients)))
    if norm <= max_norm:
        return gradients, norm
    return [g * (float(max_norm) / norm) for g in gradients], norm
""",
        # The factor is an np.float64 (float() comes only at the return): clipped float32 come back as float64.
        "float64_factor": """\
def clip_by_global_norm(gradients, max_norm):
    flat = np.concatenate([g.ravel() for g in gradients]).astype(np.float64)
    norm = np.sqrt(np.dot(flat, flat))
    clipped = []
    for g in gradients:
        if norm > max_norm:
            clipped.append(g * (max_norm / norm))
        else:
            clipped.append(g.copy())
    return clipped, float(norm)
""",
        # Divides before it looks: a ZeroDivisionError when all gradients are 0.
        "zero_division": '''\
import math


def clip_by_global_norm(gradients, max_norm):
    """Clip as one long vector."""
    norm = math.sqrt(sum(float(np.vdot(g64, g64)) for g64 in (g.astype(np.float64) for g in gradients)))
    scale = min(1, float(max_norm) / norm)
    return [scale * g for g in gradients], norm
''',
        # Returns the norm after clipping (1.0 in the worked number, not 5.0).
        "norm_after": """\
def global_norm(arrays):
    return float(np.sqrt(sum((a.astype(np.float64) ** 2).sum() for a in arrays)))


def clip_by_global_norm(gradients, max_norm):
    norm = global_norm(gradients)
    factor = 1.0
    if norm > max_norm:
        factor = float(max_norm) / norm
    gradients = [g * factor for g in gradients]
    norm = global_norm(gradients)
    return gradients, norm
""",
    },
    "residual_backward": {
        # dX starts as the upstream array itself, and += changes the caller's upstream.
        "upstream_in_place": """\
def residual_backward(upstream, X, W, V):
    A = np.tanh(X @ W)
    dV = A.T @ upstream
    dZ = (upstream @ V.T) * (1 - A**2)
    dW = X.T @ dZ
    dX = upstream  # through the shortcut
    dX += dZ @ W.T  # through the branch
    return dX, dW, dV
""",
        # Slope taken at the output in place of the input: 1 - tanh(tanh(z))^2; dV is right.
        "slope_at_output": """\
def tanh_grad(z):
    return 1 - np.tanh(z) ** 2


def residual_backward(upstream, X, W, V):
    a = np.tanh(X @ W)
    dV = a.T @ upstream
    da = upstream @ V.T
    dz = da * tanh_grad(a)
    dW = X.T @ dz
    dX = upstream + dz @ W.T
    return dX, dW, dV
""",
        # np.zeros without a dtype: float32 in, float64 dW and dV out.
        "float64_buffers": """\
def residual_backward(upstream, X, W, V):
    N, D = X.shape
    H = W.shape[1]
    a = np.tanh(X @ W)
    dW = np.zeros((D, H))
    dV = np.zeros((H, D))
    dX = np.zeros_like(X)
    for i in range(N):
        dV += np.outer(a[i], upstream[i])
        dz = (V @ upstream[i]) * (1 - a[i] ** 2)
        dW += np.outer(X[i], dz)
        dX[i] = upstream[i] + W @ dz
    return dX, dW, dV
""",
        # upstream is overwritten by dZ, so dX adds dZ and not upstream; raises unless H is D (or 1).
        "overwritten_upstream": """\
def residual_backward(upstream, X, W, V):
    hidden = np.tanh(X @ W)
    dV = hidden.T @ upstream
    # back through V, then through tanh
    upstream = upstream @ V.T
    upstream = upstream * (1 - hidden * hidden)
    dW = X.T @ upstream
    # back through W, plus the shortcut
    dX = upstream @ W.T + upstream
    return dX, dW, dV
""",
        # dW and dV are averaged over the examples, where the text asks for the sum: right for N = 1 only.
        "averaged_over_examples": """\
def residual_backward(upstream, X, W, V):
    N = X.shape[0]
    A = np.tanh(X @ W)
    dA = upstream @ V.T
    dZ = dA * (1 - A * A)
    dV = A.T @ upstream / N
    dW = X.T @ dZ / N
    dX = upstream + dZ @ W.T
    return (dX, dW, dV)
""",
    },
}

RIGHT = {
    "layer_statistics": {
        # math.hypot on all entries as Python floats: no square is ever taken by hand.
        "hypot_of_entries": """\
import math


def layer_statistics(A, deltas):
    def norm(array):
        return math.hypot(*np.asarray(array).ravel().tolist())

    activation = [norm(a) / math.sqrt(np.size(a)) for a in A]
    delta = list(map(norm, deltas))
    zero = [np.ravel(a).tolist().count(0) / np.size(a) for a in A]
    return np.array(activation, dtype=float), np.array(delta, dtype=float), np.array(zero, dtype=float)
""",
        # einsum for the sums of squares, zip(*...) to turn rows into columns.
        "einsum_and_zip": """\
def layer_statistics(A, deltas):
    def one_layer(a, d):
        a, d = np.array(a, dtype=np.float64), np.array(d, dtype=np.float64)
        squares = np.einsum("nh,nh->", a, a), np.einsum("nh,nh->", d, d)
        return np.sqrt(squares[0] / a.size), np.sqrt(squares[1]), 1 - np.count_nonzero(a) / a.size

    return tuple(np.array(column) for column in zip(*(one_layer(a, d) for a, d in zip(A, deltas))))
""",
        # Recursion over the list: the first layer, then the rest.
        "head_and_tail": """\
def layer_statistics(A, deltas):
    if not len(A):
        return np.empty(0), np.empty(0), np.empty(0)
    first, d = (np.asarray(t[0]).astype(np.float64) for t in (A, deltas))
    head = first.std() ** 2 + first.mean() ** 2, (d.ravel() @ d.ravel()), np.mean(first == 0)
    tail = layer_statistics(A[1:], deltas[1:])
    roots = head[0] ** 0.5, head[1] ** 0.5, head[2]
    return tuple(np.concatenate([[h], t]) for h, t in zip(roots, tail))
""",
        # A class bound to the name, a (3, L) table filled column by column, and three copied rows.
        "callable_class": '''\
class LayerStatistics:
    """Sizes of the signals in a net."""

    def __call__(self, A, deltas):
        table = np.full((3, len(A)), np.nan)
        for l, (a, d) in enumerate(zip(A, deltas, strict=True)):
            table[:, l] = self.rms(np.asarray(a)), self.norm(np.asarray(d)), (np.asarray(a) == 0).mean()
        return tuple(row.copy() for row in table)

    def norm(self, x):
        return np.linalg.norm(x.astype(np.float64))

    def rms(self, x):
        return self.norm(x) / x.size**0.5


layer_statistics = LayerStatistics()
''',
        # Joins all layers into one long vector and adds up the pieces with np.add.reduceat.
        "one_long_vector": """\
def layer_statistics(A: list, deltas: list) -> tuple:
    sizes = np.array([np.size(a) for a in A])
    starts = np.cumsum(sizes) - sizes

    def total(values):
        return np.add.reduceat(values, starts)

    a = np.concatenate([np.ravel(x) for x in A]).astype(np.float64)
    d = np.concatenate([np.ravel(x) for x in deltas]).astype(np.float64)
    zeros = total(np.where(a == 0, 1.0, 0.0))
    return np.sqrt(total(a * a) / sizes), np.sqrt(total(d * d)), zeros / sizes
""",
    },
    "predict_ratio": {
        # A product over a list of equal factors; the empty product is 1.
        "math_prod": """\
import math


def predict_ratio(depth, width, std, square_slope):
    return float(math.prod([math.sqrt(width * square_slope) * std] * (int(depth) - 1), start=1.0))
""",
        # Logarithms, with the two special cases first.
        "logarithms": """\
from math import exp, log


def predict_ratio(depth, width, std, square_slope):
    if depth == 1:
        return 1.0
    if min(std, square_slope) == 0:
        return 0.0
    return exp((depth - 1) * (log(std) + (log(width) + log(square_slope)) / 2))
""",
        # Recursion that halves the number of steps.
        "halving": """\
def predict_ratio(depth, width, std, square_slope):
    factor = float(std * (width * square_slope) ** 0.5)

    def power(k):
        if k == 0:
            return 1.0
        half = power(k // 2)
        return half * half * (factor if k % 2 else 1.0)

    return power(int(depth) - 1)
""",
        # Fills an array with the factor of each step and takes the last cumulative product.
        "cumulative_product": """\
def predict_ratio(depth, width, std, square_slope):
    steps = np.full(int(depth), std * np.sqrt(float(width * square_slope)), dtype=np.float64)
    steps[0] = 1  # delta_L itself
    return np.cumprod(steps)[-1].item()
""",
        # reduce with a lambda, and the root of each part on its own.
        "reduce_lambda": """\
from functools import reduce

predict_ratio = lambda depth, width, std, square_slope: reduce(
    lambda ratio, _: ratio * (width**0.5 * std * square_slope**0.5), range(1, int(depth)), 1.0
)
""",
    },
    "dead_fraction": {
        # A chain of comparisons in place of isfinite: nan fails both.
        "between_zero_and_inf": """\
def dead_fraction(activations):
    size = np.abs(activations)
    useful = (0 < size) & (size < np.inf)
    return float(1 - np.mean(useful.max(axis=0)))
""",
        # Loop over the units, and math.isfinite on each number.
        "loop_over_units": """\
import math


def dead_fraction(activations):
    dead = 0
    units = list(np.ndindex(activations.shape[1:]))
    for unit in units:
        for example in range(len(activations)):
            a = activations[(example, *unit)]
            if math.isfinite(a) and a != 0:
                break
        else:  # no example broke the loop
            dead += 1
    return dead / len(units)
""",
        # A set of the places of all useful outputs.
        "set_of_places": """\
import math


def dead_fraction(activations):
    places = np.argwhere(np.logical_and(activations, np.isfinite(activations)))
    alive = {tuple(place[1:].tolist()) for place in places}
    return 1 - len(alive) / math.prod(activations.shape[1:])
""",
        # Squashes every output to a sign and counts, unit by unit, with a matrix product.
        "count_by_ones": """\
def dead_fraction(activations):
    flat = activations.reshape(len(activations), -1)
    safe = np.zeros(flat.shape)
    np.sign(flat, out=safe, where=np.isfinite(flat))
    useful_outputs = np.ones(len(flat)) @ np.square(safe)
    return np.count_nonzero(useful_outputs == 0) / useful_outputs.size
""",
        # Goes through the examples and keeps a running mask of the units still dead.
        "running_mask": """\
def dead_fraction(activations):
    still_dead = np.ones(activations.shape[1:], dtype=bool)
    for example in activations:
        still_dead = still_dead & ((example == 0) | np.isnan(example) | np.isinf(example))
    return float(still_dead.mean())
""",
    },
    "clip_by_value": {
        # A copy, then two boolean masks.
        "copy_and_masks": """\
def clip_by_value(gradients, limit):
    out = gradients.copy()
    out[gradients > limit] = limit
    out[gradients < -limit] = -limit
    return out
""",
        # Loop over Python numbers with min and max.
        "min_max_loop": """\
def clip_by_value(gradients, limit):
    numbers = [min(max(x, -limit), limit) for x in gradients.ravel().tolist()]
    return np.array(numbers, dtype=gradients.dtype).reshape(gradients.shape)
""",
        # copysign(limit, g) where |g| is too large.
        "copysign_where": """\
def clip_by_value(gradients, limit):
    inside = np.abs(gradients) <= limit
    return np.where(inside, gradients, np.copysign(limit, gradients)).astype(gradients.dtype)
""",
        # np.piecewise with three cases.
        "piecewise": """\
def clip_by_value(gradients, limit):
    g = np.asarray(gradients)
    return np.piecewise(g, [g < -limit, g > limit], [-limit, limit, lambda x: x])
""",
        # A decorator that turns a function of one number into one of arrays.
        "decorated": """\
def entry_by_entry(function):
    def wrapper(array, *args):
        results = np.vectorize(function, otypes=[array.dtype], excluded={1})(array, *args)
        return np.asarray(results)

    return wrapper


@entry_by_entry
def clip_by_value(g, limit):
    if abs(g) > limit:
        return limit if g > 0 else -limit
    return g
""",
    },
    "clip_by_global_norm": {
        # Divides by max(1, norm/max_norm), so that zeros need no case of their own.
        "divide_by_excess": """\
def clip_by_global_norm(gradients, max_norm):
    norm = float(sum(np.square(g, dtype=np.float64).sum() for g in gradients)) ** 0.5
    excess = max(1.0, norm / max_norm)
    return [np.array(g.astype(np.float64) / excess, dtype=g.dtype) for g in gradients], norm
""",
        # Really makes one long vector, scales it and cuts it up again.
        "one_long_vector": """\
def clip_by_global_norm(gradients, max_norm):
    sizes = [g.size for g in gradients]
    vector = np.concatenate([np.zeros(0)] + [g.ravel() for g in gradients])
    norm = float(np.linalg.norm(vector))
    if norm > max_norm:
        vector = vector / norm * max_norm
    pieces = np.split(vector, np.cumsum(sizes)[:-1])
    return [p.reshape(g.shape).astype(g.dtype) for p, g in zip(pieces, gradients)], norm
""",
        # Folds math.hypot over the norms of the arrays.
        "fold_hypot": """\
from functools import reduce
from math import hypot


def clip_by_global_norm(gradients, max_norm):
    norm = reduce(lambda so_far, g: hypot(so_far, *g.ravel().tolist()), gradients, 0.0)
    scale = max_norm / norm if norm > max_norm else 1
    return [(g.astype(np.float64) * scale).astype(g.dtype) for g in gradients], norm
""",
        # Divides by the largest entry before squaring; type hints; np.multiply into buffers.
        "scaled_squares": """\
def clip_by_global_norm(gradients: list[np.ndarray], max_norm: float) -> tuple[list[np.ndarray], float]:
    largest = max((float(np.abs(g).max(initial=0)) for g in gradients), default=0.0)
    total = 0.0
    for g in gradients:
        for x in g.flat:
            total += (float(x) / largest) ** 2 if largest else 0.0
    norm = largest * total**0.5
    factor = 1.0
    if norm > max_norm:
        factor = float(max_norm) / norm
    clipped = [np.empty_like(g) for g in gradients]
    for g, out in zip(gradients, clipped):
        np.multiply(g, factor, out=out, dtype=np.float64, casting="same_kind")
    return clipped, norm
""",
        # A class bound to the name that measures and scales in two methods.
        "callable_class": """\
import math


class Clipper:
    def __call__(self, gradients, max_norm):
        norm = self.measure(gradients)
        return list(self.scaled(gradients, norm, max_norm)), norm

    @staticmethod
    def measure(gradients):
        return math.sqrt(math.fsum(float(x) * float(x) for g in gradients for x in np.nditer(g, ["zerosize_ok"])))

    @staticmethod
    def scaled(gradients, norm, max_norm):
        for g in gradients:
            new = np.array(g, dtype=np.float64)
            if norm > max_norm:
                new *= max_norm
                new /= norm
            yield new.astype(g.dtype)


clip_by_global_norm = Clipper()
""",
    },
    "residual_backward": {
        # Everything in einsum.
        "einsum": """\
def residual_backward(upstream, X, W, V):
    a = np.tanh(np.einsum("nd,dh->nh", X, W))
    dZ = np.einsum("nd,hd,nh->nh", upstream, V, 1 - a**2)
    dX = upstream + np.einsum("nh,dh->nd", dZ, W)
    return dX, np.einsum("nd,nh->dh", X, dZ), np.einsum("nh,nd->hd", a, upstream)
""",
        # One example at a time, with outer products into buffers of the right dtype.
        "outer_products": """\
def residual_backward(upstream, X, W, V):
    dX, dW, dV = (np.zeros_like(array) for array in (X, W, V))
    for n, (u, x) in enumerate(zip(upstream, X)):
        a = np.tanh(W.T @ x)
        dz = (1 - a) * (1 + a) * (V @ u)
        dX[n] = u + W @ dz
        dW += np.outer(x, dz)
        dV += a[:, np.newaxis] * u[np.newaxis, :]
    return dX, dW, dV
""",
        # The slope as 4t/(1 + t)^2 with t = e^(-2|z|), and all matrices transposed.
        "transposed_sech": """\
def residual_backward(upstream, X, W, V):
    z = W.T @ X.T  # (H, N)
    t = np.exp(-2 * np.abs(z))
    slope = 4 * t / (1 + t) ** 2
    dz = (V @ upstream.T) * slope
    return (W @ dz).T + upstream, (dz @ X).T, np.tanh(z) @ upstream
""",
        # Both ways back in one product: [upstream, dZ] times [I; W^T].
        "block_matrix": """\
def residual_backward(upstream, X, W, V):
    A = np.tanh(X.dot(W))
    dZ = upstream.dot(V.T)
    dZ -= dZ * A * A
    both_ways = np.vstack([np.eye(X.shape[1], dtype=W.dtype), W.T])
    dX = np.hstack([upstream, dZ]) @ both_ways
    return dX, X.T.dot(dZ), A.T.dot(upstream)
""",
        # A chain of (value, pull-back) pairs, like a small autograd.
        "pull_backs": """\
def matmul(P, Q):
    return P @ Q, lambda G: (G @ Q.T, P.T @ G)


def tanh(P):
    value = np.tanh(P)
    return value, lambda G: G * (1 - value**2)


def residual_backward(upstream, X, W, V):
    Z, back_Z = matmul(X, W)
    A, back_A = tanh(Z)
    _, back_F = matmul(A, V)
    dA, dV = back_F(upstream)
    from_branch, dW = back_Z(back_A(dA))
    dX = np.sum([upstream, from_branch], axis=0)
    return dX, dW, dV
""",
    },
}
