"""Honest oddities: right answers that do not look like the worked ones, and lose nothing by it."""

import copy

import nbformat

from .rows import FULL, Row, grade_id, printed


def _odd(name, tries, ran=None, **more):
    return Row(name, tries, ran or clean, right=True, mark=FULL, **more)


def clean(seen):
    """There is nothing to tell the instructor either."""
    return seen.findings.strip() == ""


LOOPS = {
    "sigmoid": """import math
def sigmoid(z):
    z = np.asarray(z)
    result = np.empty_like(z)
    for i, value in enumerate(z.ravel().tolist()):
        e = math.exp(-abs(value))
        result.ravel()[i] = (1 if value >= 0 else e) / (1 + e)
    return result""",
    "relu": """def relu(z):
    out = np.zeros_like(z)
    for place in np.ndindex(z.shape):
        if z[place] > 0:
            out[place] = z[place]
    return out""",
    "weighted_sum": """def weighted_sum(X, w, b, f):
    sums = []
    for row in X:
        total = b
        for x, weight in zip(row, w):
            total += x * weight
        sums.append(total)
    return f(np.array(sums, dtype=X.dtype))""",
}

LISTS = {
    "relu": "def relu(z):\n    return np.array([max(v, 0) for v in z.ravel().tolist()], dtype=z.dtype).reshape(z.shape)",
    "leaky_relu": "def leaky_relu(z, slope=0.01):\n    flat = [v if v > 0 else slope * v for v in list(z.flatten())]\n    return np.asarray(flat, z.dtype).reshape(z.shape)",
}

OTHER_FORMS = {
    "relu": "relu = lambda z: z * (z > 0)",
    "leaky_relu": "class Leaky:\n    def __call__(self, z, slope=0.01):\n        return np.where(z > 0, z, slope * z)\nleaky_relu = Leaky()",
    "tanh": "import functools\ndef squash(z, *, function):\n    return function(z)\ntanh = functools.partial(squash, function=np.tanh)",
    "softplus": "def logged(f):\n    @functools.wraps(f)\n    def inner(*args, **named):\n        return f(*args, **named)\n    return inner\n@logged\ndef softplus(z) -> np.ndarray:\n    return np.logaddexp(0, z).astype(z.dtype)",
}

NOISY = {
    "relu": "def relu(z):\n    print('relu was called with', z)\n    import sys\n    print('and warns', file=sys.stderr)\n    return np.maximum(z, 0)",
    "weighted_sum": "def weighted_sum(X, w, b, f):\n    plt.plot(w)\n    plt.close()\n    return f(X @ w + b)",
}

RENAMED = {
    "relu": "def relu(eingabe):\n    ausgabe = np.maximum(eingabe, 0)\n    return ausgabe",
    "weighted_sum": "def weighted_sum(x_matrix, gewichte, Bias, aktivierung, extra=None):\n    return aktivierung(x_matrix.dot(gewichte) + Bias)",
    "leaky_relu": "def leaky_relu(π, slope=0.01):\n    return np.maximum(π, 0) + slope * np.minimum(π, 0)",
}

HELPER = "def stable(z):\n    return np.exp(-np.abs(z))\nONE = 1.0"
USES_HELPER = {"sigmoid": "def sigmoid(z):\n    return np.where(z >= 0, ONE, stable(z)) / (ONE + stable(z))"}
USES_OTHERS = {"tanh": "def tanh(z):\n    return np.copysign(-np.expm1(-2 * abs(z)) / (2 + np.expm1(-2 * abs(z))), z)", "swish": "def swish(z, beta=1.0):\n    s = sigmoid(z * beta)\n    return s * z"}  # fmt: skip
IN_FLOAT32 = {"relu": "def relu(z):\n    return np.maximum(z, z.dtype.type(0)).astype(z.dtype.name)"}

TIMEIT = """%timeit -n 3 -r 1 np.ones(3).sum()
%time x = 3
%matplotlib inline
print('magic', x)"""
CELL_MAGIC = "%%time\nanswer = sum(range(10))\nprint('magic', answer)"
PLOTS = """fig, ax = plt.subplots()
ax.plot([1, 2, 3])
plt.show()
import nnlib
print('plotted')"""
WARNS = """import warnings
warnings.warn("careful")
np.log(np.zeros(2))
print("warned")"""
IMPORTS = "import math, os, sys, random, itertools, collections, statistics\nprint('imported', math.pi)"
REUSES = """sigmoid = 3
relu = tanh = None
del softplus
np = None
check = hint = "gone"
print('names are used again')"""
FAILS = "undefined_name + 1"
CHECKS = "check('sigmoid')\nx = check('relu')\nprint('checked', float(x))\nhint('tanh')\nprogress()"


def _markdown(notebook):
    for at in (1, 4, 9):
        notebook["cells"].insert(at, {"cell_type": "markdown", "id": f"note-{at}", "metadata": {}, "source": f"## My notes {at}\n\n$\\sigma$"})  # fmt: skip


def _split(notebook):
    """As JupyterLab's split: both halves keep the name."""
    for at, cell in enumerate(notebook["cells"]):
        if grade_id(cell) == "sigmoid-solution":
            second = copy.deepcopy(cell) | {"id": "the-second-half"}
            second["source"], cell["source"] = cell["source"], "half = 0.5  # I may need it"
            notebook["cells"].insert(at + 1, second)
            return


def _windows(notebook):
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n") + "\r\n"


def _lines(notebook):
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


def _no_ids(notebook):
    notebook["nbformat_minor"] = 2
    for cell in notebook["cells"]:
        del cell["id"]


def _colab(notebook):
    notebook["metadata"]["colab"] = {"provenance": []}
    for cell in notebook["cells"]:
        cell["metadata"] = {
            "id": cell["id"],
            "colab": {"base_uri": "https://localhost:8080/"},
            **cell["metadata"],
        }
        if cell["cell_type"] == "code":
            cell["outputs"] = [dict(nbformat.v4.new_output("stream", text="2.0\n"))]
            cell["execution_count"] = 7


def _stripped(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def _module_beside(path):
    path.with_name("mine.py").write_text(
        "import numpy as np\ndef positive(z):\n    return np.maximum(z, 0)\n"
    )
    path.with_name("data").mkdir()
    path.with_name("data").joinpath("weights.csv").write_text("1,2\n")


ROWS = (
    _odd("odd-loops", "loops in place of vector code", answers=LOOPS),
    _odd("odd-lists", "lists on the way", answers=LISTS),
    _odd("odd-float32", "float32 for float32", answers=IN_FLOAT32),
    _odd("odd-forms", "a lambda, an object that can be called, a partial, a decorator", answers=OTHER_FORMS),
    _odd("odd-helpers", "helper functions in a cell of its own", answers=USES_HELPER, first=HELPER),
    _odd("odd-uses-others", "an answer that uses another", answers=USES_OTHERS),
    _odd("odd-noise", "prints, errors on stderr and plots while it computes", answers=NOISY),
    _odd("odd-names", "renamed arguments and variables, in Greek too", answers=RENAMED),
    _odd("odd-printing", "prints much", printed("99"), first="for i in range(100):\n    print(i)"),
    _odd("odd-warnings", "warnings in cells of its own", printed("warned", "careful"), first=WARNS, last=WARNS),
    _odd("odd-plots", "plots", lambda s: printed("plotted")(s) and "image/png" in s.autograded, first=PLOTS),
    _odd("odd-imports", "imports of its own", printed("imported 3.14"), first=IMPORTS),
    _odd("odd-import-fails", "a scratch cell that fails, with an import that is not there", printed("No module named"), first="import torch_of_mine"),
    _odd("odd-error", "a scratch cell that fails", printed("undefined_name"), first=FAILS, last=FAILS),
    _odd("odd-timeit", "%timeit, %time and %matplotlib", printed("magic 3"), first=TIMEIT),
    _odd("odd-cell-magic", "a cell magic", printed("magic 45"), first=CELL_MAGIC),
    _odd("odd-shell", "a line for the shell", printed("from the shell"), first="!echo from the shell"),
    _odd("odd-checks", "calls check, hint and progress itself", printed("checked"), first=CHECKS),
    _odd("odd-markdown", "Markdown added between the cells", edit=_markdown),
    _odd("odd-split", "an answer split in two cells", edit=_split),
    _odd("odd-line-ends", "Windows' line ends", edit=_windows),
    _odd("odd-lines", "sources as lists of lines", edit=_lines),
    _odd("odd-no-ids", "an older minor format without cell ids", edit=_no_ids),
    _odd("odd-colab", "metadata and outputs of Colab", edit=_colab),
    _odd("odd-stripped", "a tool took all metadata off the cells", edit=_stripped),
    _odd("odd-bom", "a byte-order mark", raw=lambda text: b"\xef\xbb\xbf" + text.encode()),
    _odd("odd-utf-16", "written as UTF-16", raw=lambda text: text.encode("utf-16")),
    _odd("odd-reuse", "names of answers that mean something else later", printed("names are used again"), last=REUSES),
    _odd("odd-module", "a module and data of its own beside the notebook", answers={"relu": "from mine import positive as relu"}, beside=_module_beside),
    _odd("odd-seed", "seeds, settings and error states of its own", first="np.random.seed(3)\nnp.seterr(all='raise')\nnp.set_printoptions(precision=2)\nplt.rcParams['figure.figsize'] = (1, 1)"),
    _odd("odd-display", "leaves a DataFrame-like object and None as last lines", printed("a table"), first="class Table:\n    def _repr_html_(self):\n        return '<table></table>'\n    def __repr__(self):\n        return 'a table'\nTable()"),
    _odd("odd-empty-cells", "empty cells and comments", edit=lambda notebook: [notebook["cells"].append({"cell_type": "code", "id": f"empty-{i}", "metadata": {}, "source": s, "outputs": [], "execution_count": None}) for i, s in enumerate(("", "\n\n", "# later"))] and None),
)  # fmt: skip
