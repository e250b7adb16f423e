"""Microseconds a training step: nnlib, PyTorch, scikit-learn, and a hand-fused NumPy loop, side by side.

python -m benchmarks.training            print medians, spread and ratios, with 1 and with 2 threads
python -m benchmarks.training --check    fail where a goal is missed

Needs PyTorch (extra `oracle`) and scikit-learn (extra `digits`). Float32 for all, the same weights to start from and
the same mini-batches; contestants take turns, so that what else the machine does hits all of them. The floor is what
NumPy can do at all: no layers, no checks, every buffer allocated once.
"""

import argparse
import compileall
import os
import subprocess
import sys
import time
from itertools import pairwise
from statistics import median

import nnlib

NETS = {  # sizes, batch; then the goals: at least so many times PyTorch's speed
    "64-32-10": ((64, 32, 10), 32, 3.5),
    "64-128-64-10": ((64, 128, 64, 10), 64, 2.5),
    "64-512-512-10": ((64, 512, 512, 10), 128, 1.0),
    "784-256-128-10": ((784, 256, 128, 10), 128, 1.0),
}
SKLEARN, FLOOR, PICTURES, IMPORT = 2.0, 1.3, 2.0, 1.3
BATCHES = 25
LEARNING_RATE = 1e-3


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--check", action="store_true", help="exit non-zero where a goal is missed")
    arguments.add_argument("--slack", type=float, default=1.0, help="divide the goals, for a shared machine")
    arguments.add_argument("--rounds", type=int, default=15, help="turns of each contestant")
    arguments.add_argument("--threads", type=int, help=argparse.SUPPRESS)  # one run with so many threads
    options = arguments.parse_args()
    if options.threads:
        for line in race(options.threads, options.rounds):
            print(*line, sep="\t", flush=True)
        return 0
    goals = [goal for threads in (1, 2) for goal in report(threads, options.rounds)] + [imports()]
    missed = [name for name, reached, wanted in goals if reached * options.slack < wanted]
    name, reached, wanted = min(goals, key=lambda goal: goal[1] / goal[2])
    for what in missed:
        print(f"missed: {what}")
    print(
        f"{len(goals) - len(missed)} of {len(goals)} goals reached; the nearest is {name}: {reached:.2f} for {wanted:.2f}"
    )
    return int(options.check and bool(missed))


def report(threads, rounds):
    """Run the race in a process of its own, because BLAS reads its thread count once; print it, yield the goals."""
    count = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [
        sys.executable,
        "-m",
        "benchmarks.training",
        "--threads",
        str(threads),
        "--rounds",
        str(rounds),
    ]
    lines = subprocess.run(
        command, env=os.environ | count, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    rows = {}
    for line in lines.splitlines():
        task, contestant, *figures = line.split("\t")
        rows.setdefault(task, {})[contestant] = [float(figure) for figure in figures]
    print(f"\n{threads} thread{'s' * (threads > 1)}, µs a step: median (quartiles); × nnlib's median")
    for task, contestants in rows.items():
        ours = contestants["nnlib"][1]
        print(f"{task:16}", end="")
        for name, (low, middle, high) in contestants.items():
            print(f"  {name} {middle:.0f} ({low:.0f}-{high:.0f}) ×{middle / ours:.2f}", end="")
        print()
        yield from goals_of(f"{task}, {threads} thread{'s' * (threads > 1)}", task, contestants)


def goals_of(where, task, contestants):
    """(what, reached, wanted), each a speed ratio that should be at least as large as wanted."""
    ours = contestants["nnlib"][1]
    if task not in NETS:
        yield (
            f"{where}: at least 1/{PICTURES:g} of PyTorch's speed",
            contestants["PyTorch"][1] / ours,
            1 / PICTURES,
        )
        return
    wanted = NETS[task][2]
    yield f"{where}: {wanted:g} times PyTorch's speed", contestants["PyTorch"][1] / ours, wanted
    yield f"{where}: {SKLEARN:g} times scikit-learn's speed", contestants["scikit-learn"][1] / ours, SKLEARN
    yield f"{where}: at most {FLOOR:g} times the floor", contestants["floor"][1] / ours, 1 / FLOOR


def imports(repeats=15):
    """What `import nnlib` costs beside `import numpy`, each in a fresh process."""
    compileall.compile_dir(nnlib.__path__[0], quiet=1)  # the set-up may have left that to the first import
    code = "from time import perf_counter as t; a = t(); import numpy; b = t(); import nnlib; c = t(); print(b - a, c - a)"
    runs = [
        [
            float(x)
            for x in subprocess.run(
                [sys.executable, "-c", code], check=True, capture_output=True
            ).stdout.split()
        ]
        for _ in range(repeats)
    ]
    numpy, both = (median(column) for column in zip(*runs, strict=True))
    ratio = median(run[1] / run[0] for run in runs)
    print(
        f"\nimport numpy {numpy * 1000:.0f} ms, with nnlib {both * 1000:.0f} ms: ×{ratio:.2f} (goal {IMPORT:g})"
    )
    return f"import under {IMPORT:g} times NumPy's", 1 / ratio, 1 / IMPORT


def race(threads, rounds):
    """(task, contestant, lower quartile, median, upper quartile) in µs a step."""
    import torch

    torch.set_num_threads(threads)
    for task, make in tasks():
        contestants = make()
        times = {name: [] for name in contestants}
        for run in contestants.values():
            run()  # caches, thread pools, lazily made state
        repeats = {name: max(1, round(0.02 / _seconds(run))) for name, run in contestants.items()}
        for _ in range(rounds):
            for name, run in contestants.items():
                time.sleep(0.01)  # until the threads of the one before have stopped spinning
                times[name].append(_seconds(run, repeats[name]) / BATCHES * 1e6)
        for name, found in times.items():
            found.sort()
            yield task, name, found[len(found) // 4], median(found), found[3 * len(found) // 4]


def _seconds(run, repeats=1):
    started = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - started) / repeats


def tasks():
    for name, (sizes, batch, _) in NETS.items():
        yield name, lambda sizes=sizes, batch=batch: mlp(sizes, batch)
    yield "CNN on digits", cnn
    yield "RNN, 50 steps", rnn


def mlp(sizes, batch):
    """Each contestant is a function that goes once over the same mini-batches."""
    import numpy as np

    from nnlib.layers import Linear, Sequential

    rng = np.random.default_rng(0)
    X = rng.normal(size=(BATCHES, batch, sizes[0])).astype(np.float32)
    y = rng.integers(0, sizes[-1], (BATCHES, batch))
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [Linear(inputs, outputs, rng, dtype=np.float32), "relu"]
    net = Sequential(layers[:-1])
    weights = [w.copy() for w in net.parameters.values()]

    def torch_net():
        from torch import nn

        parts = []
        for inputs, outputs in pairwise(sizes):
            parts += [nn.Linear(inputs, outputs), nn.ReLU()]
        return _load(nn.Sequential(*parts[:-1]), [w.T if w.ndim == 2 else w for w in weights])

    contestants = {
        "nnlib": _ours(net, X, y),
        "floor": _floor(weights, X, y),
        "PyTorch": _theirs(torch_net(), X, y),
        "PyTorch fused": _theirs(torch_net(), X, y, fused=True),
    }
    _agree(contestants)
    return contestants | {"scikit-learn": _sklearn(sizes, X, y)}


def cnn():
    """Two convolutions with pooling, on scikit-learn's digits."""
    import numpy as np
    from torch import nn

    from nnlib.data import digits
    from nnlib.layers import Conv2d, Flatten, Linear, MaxPool2d, Sequential

    rng, f = np.random.default_rng(0), np.float32
    images, classes = digits(images=True)
    X = images[: BATCHES * 32].reshape(BATCHES, 32, 1, 8, 8).astype(f)
    y = classes[: BATCHES * 32].reshape(BATCHES, 32)
    layers = [Conv2d(1, 8, 3, rng, padding=1, dtype=f), "relu", MaxPool2d(2)]
    layers += [
        Conv2d(8, 16, 3, rng, padding=1, dtype=f),
        "relu",
        MaxPool2d(2),
        Flatten(),
        Linear(64, 10, rng, dtype=f),
    ]
    net = Sequential(layers)
    weights = [w.T if w.ndim == 2 else w for w in net.parameters.values()]
    parts = [nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    parts += [nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 10)]
    contestants = {"PyTorch": _theirs(_load(nn.Sequential(*parts), weights), X, y)}
    contestants = {"nnlib": _ours(net, X, y), **contestants}
    _agree(contestants)
    return contestants


def rnn():
    """A tanh RNN of 50 steps, 16 inputs and 64 units; its last state decides between 10 classes."""
    import numpy as np
    from torch import nn

    from nnlib.layers import RNN, Linear, Sequential

    rng = np.random.default_rng(0)
    X = rng.normal(size=(BATCHES, 32, 50, 16)).astype(np.float32)
    y = rng.integers(0, 10, (BATCHES, 32))
    net = Sequential([RNN(16, 64, rng, last=True, dtype=np.float32), Linear(64, 10, rng, dtype=np.float32)])

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.linear = nn.RNN(16, 64, batch_first=True), nn.Linear(64, 10)

        def forward(self, x):
            return self.linear(self.rnn(x)[0][:, -1])

    Wx, Wh, b, W, c = net.parameters.values()
    weights = [Wx.T, Wh.T, b, np.zeros_like(b), W.T, c]  # PyTorch has a second bias, which is held at 0
    theirs = _load(Net(), weights)
    theirs.rnn.bias_hh_l0.requires_grad_(False)
    contestants = {"nnlib": _ours(net, X, y), "PyTorch": _theirs(theirs, X, y)}
    _agree(contestants)
    return contestants


def _ours(net, X, y):
    from nnlib.optimizers import Optimizer
    from nnlib.training import train_step

    optimizer = Optimizer(net, "adam", learning_rate=LEARNING_RATE)
    batches = list(zip(X, y, strict=True))

    def run():
        return [train_step(net, "cross_entropy", optimizer, x, t) for x, t in batches]

    return run


def _theirs(net, X, y, fused=None):
    import torch

    optimizer = torch.optim.Adam(
        [w for w in net.parameters() if w.requires_grad], lr=LEARNING_RATE, fused=fused
    )
    loss = torch.nn.CrossEntropyLoss()
    batches = list(zip(torch.from_numpy(X), torch.from_numpy(y), strict=True))

    def run():
        losses = []
        for x, t in batches:
            optimizer.zero_grad()
            value = loss(net(x), t)
            value.backward()
            optimizer.step()
            losses.append(value.detach())
        return losses

    return run


def _sklearn(sizes, X, y):
    from sklearn.neural_network import MLPClassifier

    net = MLPClassifier(sizes[1:-1], batch_size=X.shape[1], learning_rate_init=LEARNING_RATE, alpha=0)
    X, y = X.reshape(-1, sizes[0]), y.reshape(-1)
    net.partial_fit(X, y, classes=range(sizes[-1]))
    return lambda: net.partial_fit(X, y)  # one epoch, so that its checks are paid once for all mini-batches


def _floor(weights, X, y):
    """Adam on a ReLU net with cross-entropy, by hand."""
    import numpy as np

    block = 32768
    w = np.concatenate([array.ravel() for array in weights])
    g, m, v, room = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w), np.empty(block, w.dtype)
    ends = np.cumsum([array.size for array in weights])
    parameters, gradients = (
        [part.reshape(array.shape) for part, array in zip(np.split(flat, ends[:-1]), weights, strict=True)]
        for flat in (w, g)
    )
    W, b, dW, db = parameters[::2], parameters[1::2], gradients[::2], gradients[1::2]
    batch, last = X.shape[1], len(W) - 1
    A = [np.empty((batch, each.shape[1]), w.dtype) for each in W]
    D = [np.empty_like(each) for each in A]
    masks, rows, t = [np.empty(each.shape, bool) for each in A], np.arange(batch), 0
    blocks = [
        (*(flat[s : s + block] for flat in (w, g, m, v)), room[: len(w[s : s + block])])
        for s in range(0, len(w), block)
    ]

    def step(x, target):
        nonlocal t
        a = x
        for i, z in enumerate(A):
            np.matmul(a, W[i], out=z)
            np.add(z, b[i], out=z)
            if i < last:
                np.maximum(z, 0, out=z)
            a = z
        d = D[last]
        np.subtract(a, np.maximum.reduce(a, axis=1, keepdims=True), out=a)
        np.exp(a, out=d)
        total = np.add.reduce(d, axis=1, keepdims=True)
        loss = (np.log(total).sum() - a[rows, target].sum()) / batch
        np.divide(d, total, out=d)
        d[rows, target] -= 1
        np.divide(d, batch, out=d)
        for i in range(last, -1, -1):
            np.matmul((A[i - 1] if i else x).T, d, out=dW[i])
            np.add.reduce(d, axis=0, out=db[i])
            if i:
                np.matmul(d, W[i].T, out=D[i - 1])
                np.greater(A[i - 1], 0, out=masks[i - 1])
                d = np.multiply(D[i - 1], masks[i - 1], out=D[i - 1])
        t += 1
        rate, root = LEARNING_RATE / (1 - 0.9**t), (1 - 0.999**t) ** -0.5
        for wk, gk, mk, vk, temporary in blocks:
            mk += np.multiply(np.subtract(gk, mk, out=temporary), 0.1, out=temporary)
            np.multiply(gk, gk, out=temporary)
            vk += np.multiply(np.subtract(temporary, vk, out=temporary), 0.001, out=temporary)
            np.multiply(np.sqrt(vk, out=temporary), root, out=temporary)
            np.divide(mk, np.add(temporary, 1e-8, out=temporary), out=temporary)
            wk -= np.multiply(temporary, rate, out=temporary)
        return loss

    batches = list(zip(X, y, strict=True))
    return lambda: [step(x, target) for x, target in batches]


def _load(net, weights):
    """Put our weights into a PyTorch net whose parameters come in the same order."""
    import torch

    with torch.no_grad():
        for parameter, w in zip(net.parameters(), weights, strict=True):
            parameter.copy_(torch.from_numpy(w.copy()))
    return net


def _agree(contestants):
    """The same work: after one pass over the mini-batches all have the same losses."""
    import numpy as np

    losses = {name: [float(value) for value in run()] for name, run in contestants.items()}
    for name, found in losses.items():
        np.testing.assert_allclose(found, losses["nnlib"], rtol=1e-3, err_msg=f"{name} trains another net")


if __name__ == "__main__":
    sys.exit(main())
