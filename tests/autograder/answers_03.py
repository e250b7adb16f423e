"""Answers to lesson 03 in students' styles, written without sight of the bank's mistakes."""

# Every source is one notebook cell. `import numpy as np` has been run before it.

WRONG = {
    "mse": {
        # Divides by the rows only: the four temperatures give 3.25; right for (N,) and (N, 1), () raises.
        "rows_only": """\
def mse(prediction, target):
    N = len(prediction)
    return np.sum((prediction - target) ** 2) / (2 * N)
""",
        # Changes the caller's predictions (the number itself is right).
        "in_place_difference": """\
def mse(prediction, target):
    prediction -= target
    return 0.5 * np.mean(prediction**2)
""",
        # `/ 2 * M` multiplies by M: the temperatures give 26; right for a single entry only.
        "times_size": '''\
def mse(prediction, target):
    """L = 1 / 2M * sum of (a - t)^2"""
    M = prediction.size
    return ((prediction - target) ** 2).sum() / 2 * M
''',
        # ord=2 of a matrix is its largest singular value: temperatures give 1.125; right for (N,), (1, K).
        "spectral_norm": """\
def mse(prediction, target):
    difference = prediction - target
    return np.linalg.norm(difference, 2) ** 2 / (2 * difference.size)
""",
        # Squares the mean, not the entries: +2 and -2 cancel; right for a single entry only.
        "square_of_mean": """\
def mse(prediction, target):
    error = (prediction - target).mean()
    return 0.5 * error**2
""",
    },
    "mse_grad": {
        # np.prod gives an np.int64 (np.float64 for shape ()): float32 divided by it becomes float64.
        "np_prod_float64": """\
def mse_grad(prediction, target):
    M = np.prod(prediction.shape)
    return (prediction - target) / M
""",
        # // rounds down: the temperatures give zeros, and -0.5 gives -1.
        "floor_division": """\
def mse_grad(prediction, target):
    return (prediction - target) // prediction.size
""",
        # Target minus prediction: every entry has the wrong sign.
        "target_first": """\
def mse_grad(prediction, target):
    # derivative of (t - a)^2 / 2M
    return (target - prediction) / target.size
""",
        # Divides by the rows, not by all entries: right for (N,) and (N, 1).
        "rows_only": """\
def mse_grad(prediction, target):
    n_samples = prediction.shape[0]
    gradient = np.zeros_like(prediction)
    for i in range(n_samples):
        gradient[i] = (prediction[i] - target[i]) / n_samples
    return gradient
""",
        # grad is a second name for the caller's array, not a copy: it is changed and handed back.
        "alias": """\
def mse_grad(prediction, target):
    grad = prediction
    grad -= target
    grad /= grad.size
    return grad
""",
    },
    "softmax": {
        # axis is never used: all calls with another axis than the last are wrong.
        "always_last": """\
def softmax(z, axis=-1):
    z = z - np.max(z, axis=-1, keepdims=True)
    e = np.exp(z)
    return e / np.sum(e, axis=-1, keepdims=True)
""",
        # Subtracts the largest |z|: [-1000, -1000] has only zeros above and below the line, 0/0 is nan.
        "abs_max": """\
def softmax(z, axis=-1):
    # z**2 is largest for the biggest number, so take the absolute value
    biggest = np.abs(z).max(axis=axis, keepdims=True)
    exps = np.exp(z - biggest)
    return exps / exps.sum(axis=axis, keepdims=True)
""",
        # Cuts the exponent at -30: softmax([0, -50]) has 9.4e-14 in place of 1.93e-22.
        "clip_tail": """\
def softmax(z, axis=-1):
    shifted = np.clip(z - z.max(axis=axis, keepdims=True), -30, 0)
    e = np.exp(shifted)
    return e / e.sum(axis=axis, keepdims=True)
""",
        # -= changes the caller's scores.
        "in_place_shift": """\
def softmax(z, axis=-1):
    z -= z.max(axis=axis, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)
""",
        # The sum has lost its axis: (5, 3) raises, (3, 3) divides by the wrong rows' sums; vectors are right.
        "sum_without_keepdims": """\
def softmax(z, axis=-1):
    m = np.amax(z, axis=axis, keepdims=True)
    numerator = np.exp(z - m)
    denominator = np.sum(numerator, axis=axis)
    return numerator / denominator
""",
    },
    "logsumexp": {
        # (N, 1) + (N,) is (N, N); a vector gives (1,) and not one number.
        "mixed_keepdims": """\
def logsumexp(z, axis=-1):
    m = z.max(axis=axis, keepdims=True)
    return m + np.log(np.exp(z - m).sum(axis=axis))
""",
        # The dtype of a list of Python floats is float64: float32 in, float64 out.
        "list_float64": """\
import math


def logsumexp(z, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    shape = rows.shape[:-1]
    rows = rows.reshape(-1, rows.shape[-1])
    out = []
    for row in rows:
        m = float(max(row))
        total = 0.0
        for x in row:
            total += math.exp(float(x) - m)
        out.append(m + math.log(total))
    return np.array(out).reshape(shape)
""",
        # One maximum for all rows: a row 20,000 below gives log(0), a warning and -inf.
        "global_maximum": """\
def logsumexp(z, axis=-1):
    c = np.max(z)
    return c + np.log(np.sum(np.exp(z - c), axis=axis))
""",
        # The mean of the exponentials in place of their sum: too small by log K; right for K = 1.
        "log_mean": """\
def logsumexp(z, axis=-1):
    m = z.max(axis=axis, keepdims=True)
    s = np.mean(np.exp(z - m), axis=axis)
    return np.squeeze(m, axis=axis) + np.log(s)
""",
        # Knows only axis 0 and the last: axis=1 of (2, 3, 5) and axis=-2 run along the last axis;
        # .T turns round all axes, so axis=0 of (2, 3, 5) gives (5, 3) and not (3, 5).
        "transpose_for_axis": """\
def logsumexp(z, axis=-1):
    if axis == 0:
        z = z.T
    m = z.max(axis=-1)
    return m + np.log(np.exp(z - m[..., None]).sum(axis=-1))
""",
    },
    "cross_entropy": {
        # Softmax first, logarithm second, with 1e-12 against log(0): [[1000, -1000]], [1] costs 27.6, not 2000.
        "epsilon": """\
def cross_entropy(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    picked = p[np.arange(len(z)), target]
    return -np.log(picked + 1e-12).mean()
""",
        # take without an axis counts through the flat array: all is read from the first rows; right for N = 1.
        "flat_take": """\
def cross_entropy(z, target):
    true_scores = np.take(z, target)
    return np.mean(logsumexp(z) - true_scores)
""",
        # Means over all N·K entries of the one-hot product: too small by the factor K.
        "one_hot_mean": """\
def cross_entropy(z, target):
    N, K = z.shape
    one_hot = np.zeros_like(z)
    one_hot[np.arange(N), target] = 1
    log_p = z - logsumexp(z)[:, None]
    return -np.mean(one_hot * log_p)
""",
        # The return is inside the loop: only the first row counts; right for N = 1.
        "returns_early": """\
def cross_entropy(z, target):
    loss = 0
    for n in range(len(z)):
        row = z[n]
        m = row.max()
        loss += m + np.log(np.exp(row - m).sum()) - row[target[n]]
        return loss / (n + 1)
""",
        # Counts the classes from 1: class 0 takes the last column.
        "classes_from_one": """\
def cross_entropy(z, target):
    n_examples = z.shape[0]
    correct_class_scores = z[np.arange(n_examples), target - 1]
    return (logsumexp(z, axis=1) - correct_class_scores).mean()
""",
    },
    "cross_entropy_grad": {
        # np.eye is float64: float32 in, float64 out.
        "eye_float64": """\
def cross_entropy_grad(z, target):
    N, K = z.shape
    return (softmax(z) - np.eye(K)[target]) / N
""",
        # As many columns as the largest class that occurs: raises (or broadcasts) if class K - 1 is missing.
        "one_hot_too_narrow": """\
def cross_entropy_grad(z, target):
    n_classes = target.max() + 1
    one_hot = np.zeros((len(target), n_classes), dtype=z.dtype)
    one_hot[np.arange(len(target)), target] = 1
    return (softmax(z, axis=1) - one_hot) / len(target)
""",
        # Takes 1 from whole columns, in every row; right for N = 1, or if all rows have one class.
        "whole_columns": """\
def cross_entropy_grad(z, target):
    g = softmax(z)
    g[:, target] -= 1
    return g / len(z)
""",
        # Missing brackets: only the target is divided by N, the rows do not add up to 0; right for N = 1.
        "only_target_divided": '''\
def cross_entropy_grad(z, target):
    """p minus t, over N"""
    N = z.shape[0]
    t = np.zeros_like(z)
    for n in range(N):
        t[n, target[n]] = 1
    return softmax(z) - t / N
''',
        # z.size is N·K: too small by the factor K.
        "divided_by_size": """\
def cross_entropy_grad(z, target):
    grad = softmax(z)
    grad[range(len(z)), target] -= 1
    grad /= z.size
    return grad
""",
    },
    "softmax_vjp": {
        # The softmax runs along the last axis, the sum along `axis`: wrong for every other axis.
        "axis_not_passed_on": """\
def softmax_vjp(z, upstream, axis=-1):
    p = softmax(z)
    s = (upstream * p).sum(axis=axis, keepdims=True)
    return p * (upstream - s)
""",
        # One average for the whole batch: right for one row only.
        "sum_of_everything": """\
def softmax_vjp(z, upstream, axis=-1):
    p = softmax(z, axis)
    average = np.sum(upstream * p)
    return p * (upstream - average)
""",
        # Changes the caller's upstream (the result is right the first time it is called).
        "in_place_upstream": """\
def softmax_vjp(z, upstream, axis=-1):
    p = softmax(z, axis=axis)
    upstream -= (upstream * p).sum(axis=axis, keepdims=True)
    return upstream * p
""",
        # Takes the scores for shares: the worked example gives [0, 0].
        "scores_as_shares": """\
def softmax_vjp(z, upstream, axis=-1):
    weighted = np.sum(upstream * z, axis=axis, keepdims=True)
    return z * (upstream - weighted)
""",
        # The plain average of u, not weighted with p: the worked example gives [0.125, -0.375].
        "plain_average": """\
def softmax_vjp(z, upstream, axis=-1):
    p = softmax(z, axis=axis)
    above_average = upstream - upstream.mean(axis=axis, keepdims=True)
    return p * above_average
""",
    },
    "bce_with_logits": {
        # Only hard labels: a target of 0.3 counts as 0.
        "hard_targets_only": """\
def bce_with_logits(z, target):
    def softplus(x):
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    return np.where(target == 1, softplus(-z), softplus(z)).mean()
""",
        # Clips the probability: z = -1000 with target 1 costs 16.1, not 1000 (and z = 50 with 0).
        "clipped_probability": """\
def bce_with_logits(z, target):
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1, e) / (1 + e)
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
""",
        # Sums over the columns, divides by the rows: (N, K) is too large by the factor K; () raises.
        "sum_over_rows": """\
def bce_with_logits(z, target):
    loss = np.logaddexp(0, z) - z * target
    return loss.sum() / len(z)
""",
        # np.where evaluates both branches: right values, but overflow warnings at ±1e4.
        "where_warns": """\
def bce_with_logits(z, target):
    sp = np.where(z > 0, z + np.log1p(np.exp(-z)), np.log1p(np.exp(z)))
    return np.mean(sp - z * target)
""",
        # The mean is closed too early: returns an array of z's shape, not one number.
        "mean_of_first_term": """\
def bce_with_logits(z, target):
    softplus = np.maximum(z, 0) + np.log1p(np.exp(-abs(z)))
    return np.mean(softplus) - z * target
""",
    },
}

RIGHT = {
    "mse": {
        # einsum as the sum of squares.
        "einsum": """\
def mse(prediction, target):
    d = np.ravel(prediction - target)
    return np.einsum("i,i->", d, d) / (2 * d.size)
""",
        # A mean of squares is variance plus squared mean; neither can be negative, so nothing cancels.
        "variance_plus_bias": """\
def mse(prediction, target):
    d = prediction - target
    return (d.var() + d.mean() ** 2) / 2
""",
        # Recursion: the mean over the first axis of the mse of each slice.
        "recursion_over_axes": """\
def mse(prediction, target):
    if np.ndim(prediction) == 0:
        return (prediction - target) ** 2 / 2
    parts = [mse(a, t) for a, t in zip(prediction, target)]
    return np.mean(parts, dtype=prediction.dtype)
""",
        # Plain Python and math.fsum; one number of Python's own type float, also for float32 arrays.
        "python_float": """\
import math


def mse(prediction, target):
    a = prediction.ravel().tolist()
    t = target.ravel().tolist()
    return math.fsum((x - y) ** 2 for x, y in zip(a, t)) / len(a) / 2
""",
        # A class with __call__; the square root of the norm is squared again.
        "callable_class": '''\
class HalfMeanSquare:
    """|a - t|^2 / 2M"""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, prediction, target):
        d = np.subtract(prediction, target)
        return self.factor * np.linalg.norm(d.reshape(-1)) ** 2 / d.size


mse = HalfMeanSquare(0.5)
''',
    },
    "mse_grad": {
        # Preallocated output, ufuncs with out=.
        "ufunc_out": """\
def mse_grad(prediction, target):
    g = np.empty_like(prediction)
    np.subtract(prediction, target, out=g, casting="same_kind")
    np.divide(g, g.size, out=g)
    return g
""",
        # One entry after the other, by its index.
        "ndindex_loop": """\
def mse_grad(prediction, target):
    M = 1
    for length in prediction.shape:
        M *= length
    gradient = np.zeros(prediction.shape, prediction.dtype)
    for index in np.ndindex(*prediction.shape):
        gradient[index] = (prediction[index] - target[index]) / M
    return gradient
""",
        # List comprehension over flat Python floats.
        "flat_list": """\
def mse_grad(prediction, target):
    pairs = zip(prediction.ravel().tolist(), target.ravel().tolist())
    flat = [(a - t) / prediction.size for a, t in pairs]
    return np.array(flat, dtype=prediction.dtype).reshape(prediction.shape)
""",
        # A lambda, and the mean's weights (1/M everywhere) as an array.
        "lambda_weights": """\
mse_grad = lambda a, t: np.asarray((a - t) * np.full(a.shape, 1 / a.size), dtype=a.dtype)
""",
        # The slope by a complex step, which is exact for a square: Im (d + ih)^2 = 2hd.
        "complex_step": """\
def mse_grad(prediction, target):
    h = 1e-50
    nudged = prediction.astype(complex) + 1j * h - target
    loss = nudged * nudged / (2 * nudged.size)
    return (loss.imag / h).astype(prediction.dtype)
""",
    },
    "softmax": {
        # The 1-norm of positive numbers is their sum.
        "one_norm": """\
def softmax(z, axis=-1):
    e = np.exp(z - np.amax(z, axis=axis, keepdims=True))
    return e / np.linalg.norm(e, ord=1, axis=axis, keepdims=True)
""",
        # A class; maximum and sum in one pass over the classes ("online" softmax).
        "online_class": '''\
class Softmax:
    """Goes through the classes once and corrects the sum whenever the maximum grows."""

    def __call__(self, z, axis=-1):
        scores = np.moveaxis(z, axis, 0)
        m = np.array(scores[0])
        s = np.ones_like(m)
        for x in scores[1:]:
            new = np.maximum(m, x)
            s = s * np.exp(m - new) + np.exp(x - new)
            m = new
        return np.moveaxis(np.exp(scores - m) / s, 0, axis)


softmax = Softmax()
''',
        # math.exp on Python floats, sent along the axis by apply_along_axis.
        "along_axis_math": """\
import math


def softmax(z, axis=-1):
    def one_row(row):
        top = float(max(row))
        e = [math.exp(float(x) - top) for x in row]
        total = math.fsum(e)
        return np.array([x / total for x in e], dtype=z.dtype)

    return np.apply_along_axis(one_row, axis, z)
""",
        # Recursion over the leading axes, after the classes have been moved to the end.
        "recursion_over_axes": """\
def shares(z):
    if z.ndim > 1:
        return np.stack([shares(part) for part in z])
    e = np.exp(z - z[z.argmax()])
    return e / sum(e)


def softmax(z, axis=-1):
    return np.swapaxes(shares(np.swapaxes(z, axis, -1)), axis, -1)
""",
        # exp of the log-shares, in float64 so that float32's tails keep their digits.
        "log_shares": """\
def softmax(z: np.ndarray, axis: int = -1) -> np.ndarray:
    d = z.astype(np.float64)
    d -= d.max(axis, keepdims=True)
    log_total = np.log(np.exp(d).sum(axis, keepdims=True))
    return np.exp(d - log_total).astype(z.dtype)
""",
    },
    "logsumexp": {
        # NumPy's own two-number version, reduced along the axis; a lambda.
        "logaddexp_reduce": """\
logsumexp = lambda z, axis=-1: np.logaddexp.reduce(z, axis=axis)
""",
        # Sorted, so that the largest term is the 1 of log1p, and the others are the rest.
        "sorted_log1p": """\
def logsumexp(z, axis=-1):
    ordered = np.sort(np.moveaxis(z, axis, -1), axis=-1)
    top = ordered[..., -1]
    others = ordered[..., :-1]
    return top + np.log1p(np.exp(others - top[..., np.newaxis]).sum(axis=-1))
""",
        # Divide and conquer: the two halves of the classes, then the pair.
        "halves": """\
def logsumexp(z, axis=-1):
    def pair(a, b):
        return np.maximum(a, b) + np.log1p(np.exp(-np.abs(a - b)))

    def go(parts):
        if len(parts) == 1:
            return parts[0].copy()
        middle = len(parts) // 2
        return pair(go(parts[:middle]), go(parts[middle:]))

    return go(np.moveaxis(z, axis, 0))
""",
        # Loops and the math module, written into an array of the right dtype; [()] makes () a number.
        "math_loop": """\
import math


def logsumexp(z, axis=-1):
    rows = np.moveaxis(z, axis, -1)
    out = np.empty(rows.shape[:-1], dtype=z.dtype)
    for index in np.ndindex(*out.shape):
        row = [float(x) for x in rows[index]]
        m = max(row)
        out[index] = m + math.log(math.fsum(math.exp(x - m) for x in row))
    return out[()]
""",
        # einsum for the sum, take for the maximum without its axis.
        "einsum_take": """\
def logsumexp(z, axis=-1):
    m = np.max(z, axis=axis, keepdims=True)
    e = np.moveaxis(np.exp(z - m), axis, 0)
    return np.log(np.einsum("k...->...", e)) + m.take(0, axis=axis)
""",
    },
    "cross_entropy": {
        # (N,) - (N, 1) is (N, N), but its mean is still mean(logsumexp) - mean(true score).
        "lucky_broadcast": """\
def cross_entropy(z, target):
    true = np.take_along_axis(z, target[:, None], axis=1)
    return np.mean(logsumexp(z) - true)
""",
        # Takes whole columns, (N, N), and from them the diagonal.
        "diagonal_of_columns": """\
def cross_entropy(z, target):
    return (logsumexp(z, axis=1) - np.diag(z[:, target])).mean()
""",
        # Shifts each row so that the true score is 0; type hints.
        "true_score_zero": """\
def cross_entropy(z: np.ndarray, target: np.ndarray) -> np.floating:
    rows = range(z.shape[0])
    lead = z - z[rows, target].reshape(-1, 1)
    return np.logaddexp.reduce(lead, axis=1).mean()
""",
        # Row by row with the math module, returned in the dtype of z.
        "math_loop": """\
import math


def surprise(row, y):
    m = max(row)
    return math.log(sum(math.exp(x - m) for x in row)) + (m - row[y])


def cross_entropy(z, target):
    total = [surprise(row, y) for row, y in zip(z.tolist(), target.tolist())]
    return z.dtype.type(math.fsum(total) / len(total))
""",
        # Boolean mask in place of indices, on the log-shares.
        "boolean_mask": """\
def log_softmax(z):
    d = z - z.max(axis=1, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=1, keepdims=True))


def cross_entropy(z, target):
    is_true = np.equal.outer(target, np.arange(z.shape[1]))
    return -log_softmax(z)[is_true].sum() / is_true.sum(dtype=z.dtype)
""",
    },
    "cross_entropy_grad": {
        # ufunc.at subtracts at the index pairs.
        "subtract_at": """\
def cross_entropy_grad(z, target):
    g = np.array(softmax(z))
    np.subtract.at(g, (np.arange(len(g)), target), 1)
    return np.divide(g, len(g))
""",
        # The one-hot row is a comparison; a lambda.
        "comparison": """\
cross_entropy_grad = lambda z, y: (softmax(z) - (np.arange(z.shape[1]) == y[:, None])) / len(z)
""",
        # A row adds up to 0, so the true class gets minus the sum of the others.
        "minus_the_others": """\
def cross_entropy_grad(z, target):
    N = z.shape[0]
    rows = np.arange(N)
    g = softmax(z) / N
    g[rows, target] = 0
    g[rows, target] = 0 - g.sum(axis=1)
    return g
""",
        # Nested list comprehension, without softmax or NumPy's exp.
        "nested_lists": """\
from math import exp


def cross_entropy_grad(z, target):
    N, K = z.shape
    rows = []
    for scores, y in zip(z.tolist(), target.tolist()):
        top = max(scores)
        e = [exp(s - top) for s in scores]
        rows.append([(e[k] / sum(e) - (1 if k == y else 0)) / N for k in range(K)])
    return np.array(rows, dtype=z.dtype)
""",
        # Counts the true classes through the flat array: row n starts at n·K.
        "flat_positions": """\
def cross_entropy_grad(z, target):
    N, K = z.shape
    flat = softmax(z).flatten()
    flat[K * np.arange(N) + target] -= 1
    flat /= N
    return flat.reshape(N, K)
""",
    },
    "softmax_vjp": {
        # Multiplied out: p·u minus p times the sum of p·u.
        "multiplied_out": """\
def softmax_vjp(z, upstream, axis=-1):
    p = softmax(z, axis)
    pu = p * upstream
    g = pu - p * pu.sum(axis, keepdims=True)
    return g.astype(z.dtype)
""",
        # np.average with the shares as weights.
        "weighted_average": """\
def softmax_vjp(z, upstream, axis=-1):
    p = softmax(z, axis=axis)
    centre = np.average(upstream, axis=axis, weights=p, keepdims=True)
    return np.asarray(p * (upstream - centre), dtype=z.dtype)
""",
        # Classes to the end, einsum as the row-wise dot product.
        "einsum_moveaxis": """\
def softmax_vjp(z, upstream, axis=-1):
    p = np.moveaxis(softmax(z, axis=axis), axis, -1)
    u = np.moveaxis(upstream, axis, -1)
    dot = np.einsum("...k,...k->...", p, u)
    g = p * (u - dot[..., None])
    return np.moveaxis(g, -1, axis).astype(z.dtype)
""",
        # Pairs of classes: g_j = p_j · sum over i of p_i (u_j - u_i), one i at a time.
        "pairwise_loop": """\
def softmax_vjp(z, upstream, axis=-1):
    p = softmax(z, axis=axis)
    total = np.zeros_like(z)
    for i in range(z.shape[axis]):
        p_i = np.take(p, [i], axis=axis)
        u_i = np.take(upstream, [i], axis=axis)
        total += (p_i * (upstream - u_i)).astype(z.dtype)
    return total * p
""",
        # J is symmetric, so the vjp is the slope of softmax(z + s·u) at s = 0: a complex step, without `softmax`.
        "complex_direction": """\
def softmax_vjp(z, upstream, axis=-1):
    h = 1e-25
    d = z.astype(np.float64)
    d = d - d.max(axis=axis, keepdims=True)
    e = np.exp(d + 1j * h * upstream.astype(np.float64))
    p = e / e.sum(axis=axis, keepdims=True)
    return (p.imag / h).astype(z.dtype)
""",
    },
    "bce_with_logits": {
        # logaddexp(0, z) is softplus; a lambda.
        "logaddexp": """\
bce_with_logits = lambda z, target: np.mean(np.logaddexp(0, z) - z * target, dtype=z.dtype)
""",
        # The textbook form with both logarithms, each a softplus.
        "both_halves": """\
def softplus(x):
    return x.clip(min=0) + np.log1p(np.exp(-np.abs(x)))


def bce_with_logits(z, target):
    yes = target * softplus(-z)
    no = (1 - target) * softplus(z)
    return (yes + no).mean()
""",
        # Two softmax units with the scores 0 and z, and the shares 1 - t and t of the surprise.
        "two_units": """\
def bce_with_logits(z, target):
    scores = np.stack([np.zeros_like(z), z], axis=-1)
    m = scores.max(axis=-1, keepdims=True)
    log_p = scores - m - np.log1p(np.exp(-np.abs(z)))[..., None]
    t = np.stack([1 - target, target], axis=-1)
    return -(t * log_p).sum() / z.size
""",
        # math module and recursion softplus(x) = x + softplus(-x); returned in the dtype of z.
        "reflection_loop": """\
import math


def bce_with_logits(z, target):
    def softplus(x):
        return x + softplus(-x) if x > 0 else math.log1p(math.exp(x))

    terms = []
    for x, t in zip(z.flat, target.flat):
        x, t = float(x), float(t)
        terms.append(t * softplus(-x) + (1 - t) * softplus(x))
    return z.dtype.type(math.fsum(terms) / len(terms))
""",
        # A class; log(1 + e) as 2 artanh(e / (2 + e)), the mean as a dot product with 1/M.
        "callable_class": '''\
class BinaryCrossEntropy:
    """relu(z) - z t + log(1 + e^-|z|), in that order."""

    def __call__(self, z, target):
        each = np.maximum(z, 0) - z * target + self.rest(np.exp(-np.abs(z)))
        weights = np.full(z.size, 1 / z.size, dtype=z.dtype)
        return np.dot(each.ravel(), weights)

    def rest(self, e):
        return 2 * np.arctanh(e / (2 + e))


bce_with_logits = BinaryCrossEntropy()
''',
    },
}
