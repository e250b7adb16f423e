"""How to use a student's object, and what is seen when one does.

This module runs on both sides: in the student's process and in the trusted one. It imports NumPy
alone, so that it can stand in a sandbox where the rest of the package cannot be read.

A *drive* takes the student's object and one tuple of inputs and gives back plain arrays. A *probe*
is one such use, watched: its value, or its exception, and what it did on the way.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np

AS_WRITTEN = "as written"
WITH_REFERENCES = "with references"

MAX_VALUE_BYTES = 8 * 2**20
MAX_TEXT = 400
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
        namespace: where `answer` looks its names up.
    """
    with blocked(reference):
        for case, drawn in cases.items():
            for inputs in drawn:
                yield AS_WRITTEN, case, probe(drive, answer, inputs)
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
    reference.__code__ = _refuse.__code__
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
    given = tuple(_copied(argument) for argument in inputs)
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as seen, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        try:
            raw = drive(answer, *given)
            value = plain(raw)
        except KeyboardInterrupt:  # the student pressed stop
            raise
        except BaseException as error:  # code under examination may raise anything, SystemExit too
            return Outcome(
                error=type(error).__name__[:MAX_TEXT],
                message=_text_of(error),
                warnings=_texts(seen),
                changed=_changed(inputs, given),
                seconds=time.perf_counter() - started,
            )
    seconds = time.perf_counter() - started
    return Outcome(
        value=value,
        warnings=_texts(seen),
        changed=_changed(inputs, given),
        aliased=tuple(i for i, argument in enumerate(given) if _shares_memory(raw, argument)),
        seconds=seconds,
    )


def plain(value, depth=0):
    """A copy of `value` made of plain arrays, numbers, strings, None, lists, tuples and dicts.

    Raises:
        TypeError: it holds something else, or an array of objects.
        ValueError: it is nested deeper than 4 or larger than 8 MiB.
    """
    if depth > MAX_NESTING:
        raise ValueError(f"the answer is nested deeper than {MAX_NESTING}")
    if value is None or type(value) in (bool, int, float, complex, str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind not in "biufc":
            raise TypeError(f"the answer holds an array of dtype {value.dtype}, not of numbers")
        if value.nbytes > MAX_VALUE_BYTES:
            raise ValueError(f"the answer holds {value.nbytes} bytes, more than {MAX_VALUE_BYTES}")
        return np.array(value, copy=True, subok=False)
    if isinstance(value, list | tuple):
        items = [plain(item, depth + 1) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, dict):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    raise TypeError(f"the answer is a {type(value).__name__}, not an array or a number")


def _copied(argument):
    return argument.copy() if isinstance(argument, np.ndarray) else argument


def _changed(before, after):
    pairs = enumerate(zip(before, after, strict=True))
    return tuple(i for i, (a, b) in pairs if isinstance(a, np.ndarray) and not _identical(a, b))


def _identical(a, b):
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def _shares_memory(value, argument):
    if not isinstance(argument, np.ndarray):
        return False
    if isinstance(value, list | tuple):
        return any(_shares_memory(item, argument) for item in value)
    return isinstance(value, np.ndarray) and np.may_share_memory(value, argument)


def _text_of(error):
    try:
        return str(error)[:MAX_TEXT]
    except Exception:  # an exception whose own __str__ fails still has a type to report
        return ""


def _texts(seen):
    return tuple(dict.fromkeys(str(warning.message)[:MAX_TEXT] for warning in seen))[:8]
