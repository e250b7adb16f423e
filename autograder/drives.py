"""How to use a student's object, and what is seen when one does.

This module runs on both sides: in the student's process and in the trusted one. It imports NumPy
alone, so that it can stand in a sandbox where the rest of the package cannot be read.

A *drive* takes the student's object and one tuple of inputs and gives back plain arrays. A *probe*
is one such use, watched: its value, or its exception, and what it did on the way.
"""

import copy
import time
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np

AS_WRITTEN = "as written"
WITH_REFERENCES = "with references"

DTYPES = frozenset(
    [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    ]
)
MAX_VALUE_BYTES = 8 * 2**20
MAX_TEXT = 400
MAX_BITS = 1024  # the largest float has as many, and JSON does not carry ten times as many
MAX_NESTING = 4


@dataclass(frozen=True)
class Outcome:
    """What one probe showed.

    Attributes:
        value: arrays, numbers, strings, None, or lists, tuples and dicts of these.
        error: type name of the exception, "" where there was none.
        message: text of the exception, cut at 400 characters.
        warnings: the texts of the warnings, without repeats.
        changed: positions of the arguments that the call modified.
        aliased: positions of the arguments whose memory the value shares.
        seconds: wall time of the call.
    """

    value: object = None
    error: str = ""
    message: str = ""
    warnings: tuple[str, ...] = ()
    changed: tuple[int, ...] = ()
    aliased: tuple[int, ...] = ()
    seconds: float = 0.0


def call(f, *inputs):
    """The default drive: the student's object is a function of the inputs."""
    return f(*inputs)


def take(value):
    """The student's object is the answer itself."""
    return value


def call_with_function(f, *inputs):
    """Call `f`, whose last argument is a function, named here by the last input.

    The functions are NumPy's own, so that nobody's error in an earlier exercise counts twice.
    """
    *arrays, name = inputs
    return f(*arrays, _FUNCTIONS[name])


_FUNCTIONS = {
    "identity": lambda z: +z,
    "tanh": np.tanh,
    "square": np.square,
    "rectify": lambda z: np.maximum(z, 0),
}


def run_rule(f, w, g, *rest):
    """Call an update rule once; where `g` is a list, once for each gradient, from what the last call returned.

    In `rest` stand the arrays of the state, then t where the rule has one (a whole number), then settings.
    Several steps give back every w on the way, kept without a copy, so that a rule that writes into its
    arguments shows; then the last state. An answer of another form is given back as it is.
    """
    if not isinstance(g, list):
        return f(w, g, *rest)
    state = [a for a in rest if isinstance(a, np.ndarray)]
    rest, path = rest[len(state) :], []
    for step, gradient in enumerate(g):
        numbers = (rest[0] + step, *rest[1:]) if rest and type(rest[0]) is int else rest
        got = f(w, gradient, *state, *numbers)
        if not state:
            w = got
        elif issubclass(type(got), tuple | list) and len(got) == 1 + len(state):
            w, *state = got
        else:
            return got
        path.append(w)
    return path, *state


def examine(
    drive: Callable,
    answer: object,
    cases: dict[str, list[tuple]],
    reference: Callable | None = None,
    needs: dict[str, Callable] | None = None,
    namespace: dict | None = None,
) -> Iterator[tuple[str, str, Outcome]]:
    """Probe `answer` on the inputs of every case; yields (variant, case, outcome).

    Args:
        reference: the right answer, which raises ReferenceUsed while `answer` is probed.
        needs: earlier functions that `answer` may call, by name. It is then probed twice: as
            written, and with these names bound to the course's own functions, so that one error
            does not cost the marks of two exercises.
        namespace: where `answer` looks its names up, if it is no plain function.
    """
    with blocked(reference):
        for case, drawn in cases.items():
            for inputs in drawn:
                yield AS_WRITTEN, case, probe(drive, answer, inputs)
        if type(answer) is types.FunctionType:
            namespace = answer.__globals__
        if not needs or namespace is None:
            return
        with rebound(namespace, needs):
            for case, drawn in cases.items():
                for inputs in drawn:
                    yield WITH_REFERENCES, case, probe(drive, answer, inputs)


def blocked(reference: Callable | None):
    """A context in which calling `reference` raises, through whatever alias it is called.

    The code object of the function is exchanged, so a second name for it, a `partial` or a wrapper
    meets the exception too. This is a courtesy to the honest and no boundary: copied code is code.
    """
    return _blocked(reference) if hasattr(reference, "__code__") else nullcontext()


@contextmanager
def _blocked(reference):
    code = reference.__code__
    # Python wants as many closed-over variables as before; the new code reads none of them.
    reference.__code__ = _refuse.__code__.replace(co_freevars=code.co_freevars)
    try:
        yield
    finally:
        reference.__code__ = code


def _refuse(*args, **kwargs):
    # Runs with the globals of the function it replaces, so it may name builtins alone.
    raise type("ReferenceUsed", (Exception,), {})("this is the course's own function")


@contextmanager
def rebound(namespace: dict, functions: dict[str, Callable]):
    """A context in which the names of `functions` mean these functions in `namespace`."""
    absent = object()
    before = {name: namespace.get(name, absent) for name in functions}
    namespace.update(functions)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is absent:
                namespace.pop(name, None)
            else:
                namespace[name] = value


def probe(drive: Callable, answer: object, inputs: tuple) -> Outcome:
    """Use `answer` once, on copies of `inputs`, and report all that can be seen from outside it."""
    given = copy.deepcopy(inputs)
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as seen, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ResourceWarning)  # of something else's, which is swept up just now
        fields = {}
        try:
            raw = drive(answer, *given)
            fields["value"] = plain(raw)
            fields["aliased"] = _aliased(raw, given)
        except KeyboardInterrupt:  # the student pressed stop
            raise
        except BaseException as error:  # code under examination may raise anything, SystemExit too
            fields = {"error": type(error).__name__[:MAX_TEXT], "message": _text_of(error)}
    seconds = time.perf_counter() - started
    changed = tuple(i for i, (a, b) in enumerate(zip(inputs, given, strict=True)) if not _identical(a, b))
    return Outcome(**fields, warnings=_texts(seen), changed=changed, seconds=seconds)


def plain(value):
    """A copy of `value` made of plain arrays, numbers, strings, None, lists, tuples and dicts.

    Raises:
        TypeError: it holds something else, or an array of objects.
        ValueError: it is nested deeper than 4, or larger than 8 MiB, or a number larger than any float.
    """
    return _plain(value, _Room(MAX_VALUE_BYTES), 0)


class _Room:
    def __init__(self, size):
        self.left = size

    def take(self, size):
        self.left -= size
        if self.left < 0:
            raise ValueError(f"the answer holds more than {MAX_VALUE_BYTES} bytes")


def _plain(value, room, depth):
    # What an object says of its own class is not asked: it may lie.
    kind = type(value)
    if depth > MAX_NESTING:
        raise ValueError(f"the answer is nested deeper than {MAX_NESTING}")
    room.take(len(value) if kind is str else 8)
    if kind is int and value.bit_length() > MAX_BITS:
        raise ValueError(f"the answer holds a whole number of more than {MAX_BITS} bits")
    if value is None or kind in (bool, int, float, complex, str):
        return value
    if issubclass(kind, np.ndarray | np.generic):
        if value.dtype.name not in DTYPES:
            raise TypeError(
                f"the answer holds an array of dtype {value.dtype}, which is not among the usual ones"
            )
        room.take(value.nbytes)
        return np.array(value, dtype=value.dtype.newbyteorder("="), copy=True, subok=False)
    if issubclass(kind, list | tuple):
        items = [_plain(item, room, depth + 1) for item in value]
        return tuple(items) if issubclass(kind, tuple) else items
    if issubclass(kind, dict):
        return {str(key): _plain(item, room, depth + 1) for key, item in value.items()}
    raise TypeError(f"the answer is a {kind.__name__}, not an array or a number")


def origin(answer: object) -> str:
    """The file that a function's code says it comes from, "" for what is no plain function."""
    return answer.__code__.co_filename[:MAX_TEXT] if type(answer) is types.FunctionType else ""


def _identical(a, b):
    """Whether two inputs are the same to the bit."""
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_identical, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(_identical(a[key], b[key]) for key in a)
    return True  # numbers and strings cannot change


def _aliased(value, arguments):
    """Positions of the arguments that share memory with the value."""
    returned = list(_arrays(value))
    return tuple(
        i
        for i, argument in enumerate(arguments)
        if any(np.may_share_memory(a, b) for a in _arrays(argument) for b in returned)
    )


def _arrays(value):
    if issubclass(type(value), np.ndarray):
        yield value
    elif issubclass(type(value), list | tuple | dict):
        for item in value.values() if issubclass(type(value), dict) else value:
            yield from _arrays(item)


def _text_of(error):
    try:
        return str(error)[:MAX_TEXT]
    except KeyboardInterrupt:
        raise
    except BaseException:  # an exception whose own __str__ fails still has a type to report
        return ""


def _texts(seen):
    return tuple(dict.fromkeys(str(warning.message)[:MAX_TEXT] for warning in seen))[:8]
