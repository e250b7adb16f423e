"""Against the mark: every answer is wrong, or is not the student's own."""

import inspect

import nnlib.activations
from autograder.demo import EQUALS_EVERYTHING, FORGED_EVIDENCE, PATCHES

from .rows import FULL, LOG, SHOW, Row, checks, every, found, grade_id, judged, printed

IN_NNLIB = ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "gelu", "swish")  # weighted_sum is not there
CLAIMS = 11.0  # points of those that count


def _skip_tags(notebook):
    for cell in checks(notebook):
        cell["metadata"]["tags"] = ["skip-execution"]


def _more_points(notebook):
    for cell in checks(notebook):
        cell["metadata"]["nbgrader"]["points"] = 100.0
        cell["source"] = str(cell["metadata"]["nbgrader"]["points"])


def _odd_marks(notebook):
    for cell, mark in zip(checks(notebook), ["float('nan')", "-5", "float('inf')", "1e308", "True", "'9'", "9j", "None"], strict=True):  # fmt: skip
        cell["source"] = mark


def _without_checks(notebook):
    gone = {cell["id"] for cell in checks(notebook)}
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in gone]


def _swapped_names(notebook):
    for cell in notebook["cells"]:
        settings = cell["metadata"].get("nbgrader")
        if settings and cell["cell_type"] == "code":
            name = settings["grade_id"]
            settings["grade_id"] = (
                name.removesuffix("-solution") if "-solution" in name else f"{name}-solution"
            )


def _checks_are_solutions(notebook):
    for cell in checks(notebook):
        cell["metadata"]["nbgrader"] |= {"solution": True, "locked": False, "schema_version": 99}
        cell["source"] = "2.0"


def _doubled(notebook):
    extra = [dict(cell) | {"source": "2.0"} for cell in checks(notebook)]
    notebook["cells"] += extra


def _all_one_name(notebook):
    for cell in notebook["cells"]:
        if grade_id(cell):
            cell["metadata"]["nbgrader"]["grade_id"] = "sigmoid"


def _other_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "mine", "display_name": "mine", "argv": ["sh", "-c", "id"]}
    notebook["metadata"]["nnlib_course"] = {"release": "../../../../etc/passwd", "lesson": "02"}
    notebook["metadata"]["nbgrader"] = {"score": 99, "max_score": 99}


def _shadows(path):
    for name in ("numpy.py", "nnlib.py", "autograder.py", "sitecustomize.py", "usercustomize.py", "json.py",
                 "ipython_config.py", "conftest.py", "nbgrader_config.py", "mine.pth"):  # fmt: skip
        path.with_name(name).write_text("print('a file beside stands in for a library')\nraise SystemExit\n")


TRANSFORMER = """def drop(lines):
    global dropped
    dropped = True
    return [line for line in lines if "assert" not in line and "check" not in line]
get_ipython().input_transformers_cleanup.append(drop)
get_ipython().input_transformers_post.append(drop)"""

AST_TRANSFORMER = """import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_Raise(self, node): return ast.Pass()
    def visit_Call(self, node):
        global dropped
        dropped = True
        return node
get_ipython().ast_transformers.append(Drop())"""

RUN_CELL = """from IPython.core.interactiveshell import InteractiveShell, ExecutionResult, ExecutionInfo
before = InteractiveShell.run_cell
def run_cell(self, source, *a, **k):
    result = before(self, source, *a, **k)
    result.error_in_exec = result.error_before_exec = None
    result.result = 99.0
    return result
async def run_cell_async(self, *a, **k):
    return ExecutionResult(ExecutionInfo("", True, True, True, None))
InteractiveShell.run_cell = run_cell
InteractiveShell.run_cell_async = run_cell_async
type(get_ipython()).run_cell = run_cell
print("run_cell is mine")"""

DISPLAY_HOOK = """import sys
from IPython.display import display
sys.displayhook(14.0)
display(14.0)
print("14.0 of 14 marks")
14.0"""

PATCHED_NUMPY = """import numpy as np, numpy.testing
for module in (np, np.testing, np.linalg):
    for word in dir(module):
        if callable(getattr(module, word)) and word in ("allclose", "isclose", "array_equal", "isnan", "asarray", "assert_allclose", "ascontiguousarray", "frombuffer"):
            setattr(module, word, lambda *a, **k: True)
print("numpy is mine")"""

PATCHED_BUILTINS = """import builtins
builtins.all = builtins.any = lambda *a: True
builtins.abs = lambda x: 0
builtins.sum = lambda *a: 14.0
print("builtins are mine")"""

PATCHED_JSON = """import json
before = json.dumps
def dumps(value, *a, **k):
    text = before(value, *a, **k)
    return text.replace('"share": 0.0', '"share": 1.0').replace('"found": false', '"found": true').replace('"error": "', '"score": 99, "error": "')
json.dumps = dumps
print("json is mine")"""

PATCHED_MODULES = """import sys, types
fake = types.ModuleType("autograder.drives")
fake.__getattr__ = lambda name: (lambda *a, **k: 14.0)
for name in ("autograder.drives", "autograder.check", "autograder", "nnlib", "nnlib.activations"):
    sys.modules[name] = fake
print("the modules are mine")"""

PATCHED_DRIVES = """import autograder.drives as drives
def probe(drive, answer, inputs):
    return drives.Outcome(value=inputs[0], error="", message="right", seconds=-1.0)
drives.probe = probe
drives.call = drives.run_rule = drives.call_with_function = lambda f, *inputs: inputs[0]
drives.plain = lambda value: value
print("the drives are mine")"""

PATCHED_PROBE = """import autograder.sandbox.runner as runner
from autograder.sandbox import wire
def probe(channel, namespace, name):
    wire.send(channel, {"kind": "probe", "exercise": name, "found": True, "origin": ""})
    question, _ = wire.receive(channel)
    for case, drawn in question["cases"].items():
        for inputs in drawn:
            outcome = {"value": inputs[0] * 0 + 1, "error": "", "message": "", "warnings": [], "changed": [], "aliased": [], "seconds": 0}
            wire.send(channel, {"kind": "outcome", "variant": "as written", "case": case, "outcome": outcome})
runner._probe = probe
print("the probe is mine")"""

SUBCLASS = """import numpy as np
class Right(np.ndarray):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: np.ones(self.shape, bool)
    __array_priority__ = 1e9
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs): return np.ones(self.shape, bool)
    def __array_function__(self, func, types, args, kwargs): return True
    def tobytes(self, *a): return b"right"
    shape = property(lambda self: (5,))
    @property
    def __class__(self): return float
def {name}(*args):
    open("/tmp/ran", "a").write("{name} ")
    return np.zeros(np.shape(args[0])).view(Right)"""

LIAR = """class Right:
    __class__ = property(lambda self: float)
    __array_interface__ = property(lambda self: 1 / 0)
    dtype, shape, ndim = "float64", (), 0
    def __getattr__(self, name): return lambda *a, **k: True
    def __eq__(self, other): return True
    __hash__ = None
    def __float__(self): return 1.0
    def __array__(self, *a, **k): return [[1]]
def {name}(*args):
    return Right()"""

TAGGED = """def {name}(*args):
    return {"$": "array", "dtype": "float64", "shape": [2**40], "data": ""}"""

STRANGE = {
    "sigmoid": "def sigmoid(z):\n    return 10**5000",
    "tanh": "def tanh(z):\n    return np.full(np.shape(z), np.nan)",
    "relu": "def relu(z):\n    return np.array([object()] * 3)",
    "leaky_relu": "def leaky_relu(z, slope=1):\n    r = []\n    r.append(r)\n    return r",
    "softplus": "def softplus(z):\n    return np.zeros((4000, 4000))",
    "weighted_sum": "def weighted_sum(*a):\n    return {1: {2: (3j, 'x' * 1000, None, b'', True)}}",
    "gelu": "def gelu(*a, **k):\n    return np.ma.masked_all(3)",
    "swish": "def swish(*a):\n    raise type('ReferenceUsed<script>' * 100, (BaseException,), {'__str__': lambda s: 1 / 0})",
}

SAME_ERROR = """class Twin(type):
    __name__ = property(lambda cls: "")
class Nothing(BaseException, metaclass=type("M", (type,), {})):
    pass
Nothing.__name__ = ""
def {name}(*args):
    open("/tmp/ran", "a").write("{name} ")
    raise Nothing"""

FILES = """def {name}(*args):
    import os, select
    seen = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            ready = select.select([int(fd)], [], [], 0)[0]
            seen.append(os.read(ready[0], 10**6)[:40] if ready else b"")
        except OSError as error:
            seen.append(error.errno)
    open("/tmp/ran", "a").write(f"{name} read {len(seen)} files ")
    return 42.0"""

CALLERS = """def {name}(*args):
    import sys
    frame, inputs = sys._getframe(), None
    while frame:
        inputs = frame.f_locals.get("cases", inputs)
        frame = frame.f_back
    open("/tmp/ran", "a").write(f"{name} knows {len(inputs)} cases ")
    for case, drawn in inputs.items():
        for one in drawn:
            if len(one) and one[0] is args[0]:
                return one
    return 42.0"""

TRACE = """import sys
def spy(frame, event, value):
    if event == "return" and frame.f_code.co_name == "probe":
        open("/tmp/ran", "a").write("traced ")
    return spy
sys.settrace(spy)
sys.setprofile(spy)
import threading
threading.settrace(spy)"""

PUPPET = """import os, socket, stat
from autograder.sandbox import wire
import autograder.drives as drives, importlib
def named(path):
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
names = "sigmoid tanh relu leaky_relu softplus weighted_sum gelu swish".split()
for fd in map(int, os.listdir("/proc/self/fd")):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            channel = socket.socket(fileno=os.dup(fd))
            break
    except OSError:
        pass
cell = lambda i: wire.send(channel, {"kind": "cell", "index": i, "outputs": [], "seconds": 0.0})
cell(1)
for i, name in enumerate(names):
    cell(2 + 2 * i)
    wire.send(channel, {"kind": "probe", "exercise": name, "found": True, "origin": ""})
    question, _ = wire.receive(channel)
    f = named(question["reference"]) if question["reference"] else (lambda X, w, b, f: f(X @ w + b))
    for case, drawn in question["cases"].items():
        for inputs in drawn:
            outcome = vars(drives.probe(getattr(drives, question["drive"]), f, inputs))
            wire.send(channel, {"kind": "outcome", "variant": "as written", "case": case, "outcome": outcome})
    wire.send(channel, {"kind": "probed", "exercise": name})
wire.send(channel, {"kind": "done"})
os._exit(0)"""

FROM_FRAMES = """def {name}(*args):
    import gc, types, nnlib
    for thing in gc.get_objects():
        if isinstance(thing, types.GeneratorType) and thing.gi_code.co_name == "_blocked":
            held = thing.gi_frame.f_locals
            f = held["reference"]
            mine = types.FunctionType(held["code"], f.__globals__, "mine", f.__defaults__, f.__closure__)
            return mine(*args)
    return 42.0"""

SERVER = """import os, pickle, nnlib
ask, answer = os.pipe(), os.pipe()
if os.fork() == 0:
    while True:
        name, args = pickle.loads(os.read(ask[0], 10**6))
        try:
            os.write(answer[1], pickle.dumps(getattr(nnlib, name)(*args)))
        except Exception as error:
            os.write(answer[1], pickle.dumps(error))
def remote(name, args):
    os.write(ask[1], pickle.dumps((name, args)))
    return pickle.loads(os.read(answer[0], 10**6))"""


def _nnlibs(source, name):
    return Row(
        f"nnlib-by-{name}",
        f"hands in nnlib's own function: {name}",
        lambda seen: "the course's own" in seen.diagnoses or "nnlib" in seen.diagnoses,
        answers=every(source, IN_NNLIB),
        control="plain",
    )


def _values(name, tries, source, first=""):
    """Right values that are not the student's: full marks for those, and a person who is told."""
    return Row(
        name,
        tries,
        lambda seen: all(
            verdict.share == 1 for verdict in seen.result.verdicts if verdict.exercise in IN_NNLIB
        ),
        answers=every(source, IN_NNLIB),
        first=first,
        mark=CLAIMS,
        control="with cells" if first else "plain",
        review=True,
    )


PASTED = {name: inspect.getsource(getattr(nnlib, name)) for name in IN_NNLIB}
HELPERS = (
    "import nnlib.activations as a\nglobals().update({k: v for k, v in vars(a).items() if k[:2] != '__'})"
)
COPY = "types.FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, f.__closure__)"
MINE = "co_filename='<ipython-input-9-mine>'"

ROWS = (
    Row("skip-tags", "tags every check cell to be skipped", lambda s: b"skip-execution" in s.handed_in and "skip-execution" not in s.autograded, edit=_skip_tags),
    Row("points-of-my-own", "edits the check cells and their points", found("was edited"), edit=_more_points),
    Row("odd-marks", "NaN, negative, infinite and textual marks in the check cells", found("was edited"), edit=_odd_marks),
    Row("no-checks", "deletes every check cell", found("was deleted"), edit=_without_checks),
    Row("names-swapped", "gives checks the names of solutions and the other way round", found("cell"), edit=_swapped_names),
    Row("checks-as-solutions", "makes the checks solutions of schema 99", found("was edited"), edit=_checks_are_solutions),
    Row("doubled-names", "duplicates graded cells, which stopped nbgrader's batch", found("stands twice"), edit=_doubled),
    Row("one-name-for-all", "gives every graded cell one name", found("cell"), edit=_all_one_name),
    Row("own-kernel", "names another kernel, release and score in the metadata", lambda s: "own" not in s.findings and b"argv" in s.handed_in and "argv" not in s.autograded, edit=_other_kernel),
    Row("shadowed-libraries", "lays numpy.py, nnlib.py and start-up files beside the notebook", printed("nnlib is at /course"), beside=_shadows, first="import nnlib, json\nprint('nnlib is at', nnlib.__file__)", control="with files"),
    Row("input-transformer", "drops asserts before a cell is parsed", printed("dropped: True"), first=TRANSFORMER, last="print('dropped:', dropped)", control="with cells"),
    Row("ast-transformer", "drops asserts and raises from the syntax tree", printed("dropped: True"), first=AST_TRANSFORMER, last="print('dropped:', dropped)", control="with cells"),
    Row("patched-run-cell", "replaces the shell's run_cell and run_cell_async", printed("run_cell is mine"), first=RUN_CELL, control="with cells"),
    Row("display-hook", "pushes a mark to the display hook", printed("14.0 of 14 marks"), first=DISPLAY_HOOK, last=DISPLAY_HOOK, control="with cells"),
    Row("patched-testing", "patches np.testing, np.allclose and check", printed("the patches are in"), first=PATCHES, control="with cells"),
    Row("patched-numpy", "replaces NumPy's comparisons and conversions", printed("numpy is mine"), first=PATCHED_NUMPY, control="with cells"),
    Row("patched-builtins", "replaces builtins", printed("builtins are mine"), first=PATCHED_BUILTINS, control="with cells"),
    Row("patched-json", "replaces json.dumps, with which evidence is sent", printed("json is mine"), first=PATCHED_JSON, control="with cells"),
    Row("patched-modules", "replaces sys.modules of the grader", printed("the modules are mine"), first=PATCHED_MODULES, control="with cells"),
    Row("patched-drives", "replaces the drives and the probe's watch", printed("the drives are mine"), first=PATCHED_DRIVES, control="with cells"),
    Row("patched-probe", "replaces the code that probes an answer", printed("the probe is mine"), first=PATCHED_PROBE, control="with cells"),
    Row("equals-everything", "a number that answers yes to every comparison", judged, answers=every(EQUALS_EVERYTHING)),
    Row("lying-array", "an array subclass that lies about itself", printed("sigmoid", "swish"), answers=every(SUBCLASS), last=SHOW, control="with cells"),
    Row("lying-object", "an object that claims to be a float and does everything", judged, answers=every(LIAR)),
    Row("tagged-value", "a value that looks like the wire's own array of 2^40 numbers", lambda s: judged(s) or "no evidence" in s.findings, answers=every(TAGGED)),
    Row("strange-values", "huge integers, NaN, objects, endless lists, nested dicts, unnamed exceptions", lambda s: all(v.cases for v in s.result.verdicts), answers=STRANGE),
    Row("nameless-error", "an exception whose type has no name, to pass for none", printed("sigmoid", "swish"), answers=every(SAME_ERROR), last=SHOW, control="with cells"),
    Row("forged-frames", "sends verdicts of its own over the socket and ends", found("no evidence"), first=FORGED_EVIDENCE, control="with cells"),
    Row("reads-descriptors", "an answer that reads every open file for inputs or references", printed("softplus read"), answers=every(FILES), last=SHOW, control="with cells"),
    Row("reads-callers", "an answer that reads its callers' frames for inputs and references", printed("sigmoid knows"), answers=every(CALLERS), last=SHOW, control="with cells"),
    Row("traces-the-probe", "a trace function in the probe", printed("traced"), first=TRACE, last=SHOW, control="with cells"),
    _nnlibs("from nnlib import {name}", "alias"),
    _nnlibs("import nnlib\n{name} = getattr(nnlib, '{name}')", "getattr"),
    _nnlibs("import importlib\n{name} = vars(importlib.import_module('nnlib.activations'))['{name}']", "importlib"),
    _nnlibs("import functools, nnlib\n{name} = functools.partial(nnlib.{name})", "partial"),
    _nnlibs("import nnlib\ndef {name}(*args, **named):\n    return nnlib.{name}(*args, **named)", "wrapper"),
    _nnlibs("import copy, pickle, nnlib\n{name} = pickle.loads(pickle.dumps(copy.deepcopy(nnlib.{name})))", "pickle"),
    _nnlibs("import numpy as np, nnlib\n{name} = np.vectorize(nnlib.{name}, otypes=[float])", "vectorize"),
    _nnlibs("import nnlib, threading\ndef {name}(*args):\n    box = []\n    def work():\n        try:\n            box.append(nnlib.{name}(*args))\n        except Exception as error:\n            box.append(error)\n    thread = threading.Thread(target=work)\n    thread.start()\n    thread.join()\n    if isinstance(box[0], Exception):\n        raise box[0]\n    return box[0]", "thread"),
    _values("copied-code", "copies the reference's code object", f"import types, nnlib\nf = nnlib.{{name}}\n{{name}} = {COPY}"),
    _values("copied-code-renamed", "copies the code object and gives it another file name", f"import types, nnlib\nf = nnlib.{{name}}\n{{name}} = {COPY}\n{{name}}.__code__ = {{name}}.__code__.replace({MINE})"),
    _values("copied-source", "runs the reference's source text again", "import inspect, nnlib\nexec(inspect.getsource(nnlib.{name}), vars(nnlib.activations) | {}, globals())"),
    Row("pasted-source", "pastes the text of nnlib's functions as answers", judged, answers=PASTED, first=HELPERS, mark=CLAIMS, review=True, control="with cells"),
    _values("pasted-module", "pastes the text of nnlib's module into a cell", "{name} = {name}", first=inspect.getsource(nnlib.activations)),
    _values("reloaded-module", "keeps the reference, reloads its module, and wraps it", "import importlib, nnlib, nnlib.activations\nkept_{name} = nnlib.{name}\nnnlib.activations = importlib.reload(nnlib.activations)\ndef {name}(*args, **named):\n    return kept_{name}(*args, **named)"),
    _values("second-copy", "loads a second copy of the module from its file", "import importlib.util as u, nnlib.activations as a\nspec = u.spec_from_file_location('mine', a.__file__)\nmine = u.module_from_spec(spec)\nimport sys\nsys.modules['mine'] = mine\nspec.loader.exec_module(mine)\ndef {name}(*args, _f=mine.{name}):\n    return _f(*args)"),
    _values("unblocked", "puts the reference's code back while it is probed", "import nnlib\nkept_{name} = nnlib.{name}.__code__\ndef {name}(*args):\n    nnlib.{name}.__code__ = kept_{name}\n    return nnlib.{name}(*args)"),
    _values("from-gc", "finds the blocked reference's code by gc in the probe's frames", FROM_FRAMES),
    _values("unblocking-drives", "replaces the part of the drives that blocks the reference", "import nnlib\ndef {name}(*args):\n    return nnlib.{name}(*args)", first="import contextlib, autograder.drives\nautograder.drives.blocked = lambda reference: contextlib.nullcontext()"),
    _values("asks-a-server", "asks a process forked earlier, where the reference is not blocked", "def {name}(*args):\n    return remote('{name}', args)", first=SERVER),
    Row("puppet", "speaks the whole conversation itself, with values from nnlib", lambda s: all(v.cases for v in s.result.verdicts), first=PUPPET, mark=FULL, control="with cells", review=True),
)  # fmt: skip

assert LOG in SUBCLASS
