"""Slips that any exercise can suffer, found by fitting the outputs to the right ones.

`name_slip` is asked where none of an exercise's own mistakes explains the outputs. Each row of
`SLIPS` turns the right value into what the slip would have given; a row that reproduces every
wrong output of a case names it. The right parts in another order are a slip too. No exercise is
named here.
"""

import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from .answer_key import difference
from .drives import Outcome, probe
from .exercises.schema import Compare, Exercise
from .text import clean_text

# (exception, part of its text, name, what to say)
COMMON_ERRORS = (
    ("ReferenceUsed", "", "reference_used", "This hands in the course's own function. Write the formula yourself; then yours can replace it."),
    ("ValueError", "truth value", "truth_value_of_array", "An `if`, or Python's `max`, `and` or `or`, looks at one truth value, and an array has many. Choose elementwise, for example with `np.where`."),
    ("TypeError", "scalar index", "array_for_axis", "An array stands where the number of an axis was expected. `np.max` and `np.min` look along an axis; NumPy's functions that compare two values elementwise have longer names."),
    ("TypeError", "only", "scalar_function", "A function for single numbers met an array. Python's `math` module works on single numbers; NumPy's functions work elementwise."),
    ("TypeError", "argument", "wrong_signature", "Your function does not take the arguments that the text names. Compare its first line with the signature in the task."),
    ("TypeError", "not callable", "no_function", "What stands under this name is no function. Is the name used again for something else?"),
    ("NameError", "", "unknown_name", "Your function uses a name that does not exist where it runs. Look for a spelling slip, or a variable of another cell."),
    ("UnboundLocalError", "", "unset_variable", "A variable is used before it has a value on one of the paths through your function."),
    ("ValueError", "broadcast", "shapes_do_not_fit", "Two arrays do not fit together. Write the shape beside each name and follow them through the line."),
    ("ValueError", "shapes", "shapes_do_not_fit", "Two arrays do not fit together. Write the shape beside each name and follow them through the line."),
    ("ValueError", "matmul", "shapes_do_not_fit", "Two matrices do not fit together. Write the shape beside each name and follow them through the line."),
    ("AttributeError", "", "unknown_attribute", "There is nothing of that name behind the dot. Look for a spelling slip."),
    ("IndexError", "", "index_outside", "An index points outside its array. Which shapes may the argument have? See the task's text."),
    ("RecursionError", "", "endless_recursion", "Your function calls itself without end. Does it use its own name where another function was meant?"),
    ("TimeoutError", "", "too_slow", "No answer in time. Is there a loop whose condition never becomes false?"),
    ("NotImplementedError", "", "not_finished", "Part of your function is not written yet: it still raises NotImplementedError."),
)  # fmt: skip


MAX_ORDERS = 24  # where many parts are alike, more would take long and say no more


@dataclass(frozen=True)
class Slip:
    """A generic wrong answer: its name, what it would have returned, and what to say."""

    name: str
    values: Callable[[Exercise, tuple, np.ndarray], Iterator[np.ndarray]]
    says: str


def _factor(c):
    return lambda exercise, inputs, want: iter([want * c])


def _factor_of_n(power):
    def values(exercise, inputs, want):
        n = next((a.shape[0] for a in inputs if isinstance(a, np.ndarray) and a.ndim), 1)
        if n > 1:
            yield want * np.asarray(float(n) ** power, dtype=want.dtype)

    return values


def _transposed(exercise, inputs, want):
    if want.ndim >= 2:
        yield want.T


def _without_an_input(exercise, inputs, want):
    """A term that is added at the end, such as a bias, left out."""
    for argument in inputs:
        if isinstance(argument, float | np.ndarray) and np.ndim(argument) <= 1:
            without = _broadcast_difference(want, argument)
            if without is not None:
                yield without


def _broadcast_difference(want, argument):
    try:
        without = want - argument
    except ValueError:  # shapes that do not fit cannot have been added either
        return None
    return without if without.shape == want.shape else None


def _other_axis(exercise, inputs, want):
    """The reference along the other axis of its first matrix."""
    first = inputs[0] if inputs else None
    if isinstance(first, np.ndarray) and first.ndim == 2:
        turned = probe(exercise.drive, exercise.reference, (np.ascontiguousarray(first.T), *inputs[1:])).value
        if isinstance(turned, np.ndarray):
            yield turned.T


SLIPS = (
    Slip("sign", _factor(-1), "Every value has the wrong sign."),
    Slip("factor_two", _factor(2), "Every value is twice what it should be. Is a ½ missing?"),
    Slip("factor_half", _factor(0.5), "Every value is half of what it should be. Is there a ½ too many?"),
    Slip("factor_n", _factor_of_n(1), "Every value is N times what it should be: a sum where a mean is asked for."),
    Slip("factor_one_over_n", _factor_of_n(-1), "Every value is 1/N of what it should be: a mean where a sum is asked for."),
    Slip("transpose", _transposed, "The result is the transpose of the right one."),
    Slip("missing_term", _without_an_input, "One of the arguments has not been added (a bias?)."),
    Slip("wrong_axis", _other_axis, "The result is right along the other axis. Over which axis should it run?"),
)  # fmt: skip


def name_slip(
    exercise: Exercise, probes: list[tuple[tuple, Outcome, Outcome, Compare]]
) -> tuple[str, str] | None:
    """Name and text of the slip that explains every wrong probe, or None.

    Args:
        probes: (inputs, got, want, how they are compared) of every wrong probe.
    """
    return _name_values(exercise, probes) or _name_order(exercise, probes)


def _name_values(exercise, probes):
    parts = [part for probe in probes for part in _wrong_parts(*probe)]
    if not parts or not all(got and _numeric(got, want) for _, _, got, want, _ in parts):
        return None
    with np.errstate(all="ignore"):
        found = _fit(exercise, [part[1:] for part in parts])
    where = {part[0] for part in parts}
    if found and len(where) == 1 and None not in where:  # one of several things that are returned
        return found[0], f"`{exercise.part(*where)}`: {found[1]}"
    return found


def _name_order(exercise, probes):
    """Name and text where one other order of the right parts gives every wrong outcome."""
    if not probes or not all(got for _, got, _, _ in probes):
        return None
    if any(_reproduces(exercise, order, probes) for order in _orders(exercise, *probes[0][1:])):
        return "parts_in_other_order", (
            f"You return the right things in another order. The text asks for `({', '.join(exercise.parts)})`."
        )
    return None


def _orders(exercise, got, want, compare):
    """The orders of the right parts that give the parts of `got`, as tuples of places."""
    given, right, n = got.value, want.value, len(exercise.parts)
    if n < 2 or not all(isinstance(v, list | tuple) and len(v) == n for v in (given, right)):
        return []
    fits = [
        [j for j in range(n) if not difference(Outcome(value=part), Outcome(value=right[j]), compare)]
        for part in given
    ]
    orders = (order for order in product(*fits) if sorted(order) == list(range(n)) != list(order))
    return islice(orders, MAX_ORDERS)


def _reproduces(exercise, order, probes):
    """Whether the reference with its parts in this order gives every outcome: a rule of several steps, too."""

    def reordered(*inputs, **settings):
        value = exercise.reference(*inputs, **settings)
        return tuple(value[i] for i in order)

    return all(
        not difference(got, probe(exercise.drive, reordered, inputs), compare)
        for inputs, got, _, compare in probes
    )


def _wrong_parts(inputs, got, want, compare):
    """(which, inputs, got, want, compare) of each wrong part of a tuple; of the whole, which is None, otherwise."""
    values = got and got.value
    if (
        type(values) is not type(want.value)
        or not isinstance(values, list | tuple)
        or len(values) != len(want.value)
    ):
        return [(None, inputs, got, want, compare)]
    parts = [(Outcome(value=a), Outcome(value=b)) for a, b in zip(values, want.value, strict=True)]
    return [(i, inputs, a, b, compare) for i, (a, b) in enumerate(parts) if difference(a, b, compare)]


def _fit(exercise, probes):
    arrays = [(inputs, _real(got.value), _real(want.value), compare) for inputs, got, want, compare in probes]
    for slip in SLIPS:
        if all(
            _fits(slip.values(exercise, inputs, want), got, want, compare)
            for inputs, got, want, compare in arrays
        ):
            return slip.name, slip.says
    if all(_constant_offset(got, want, compare) for _, got, want, compare in arrays):
        return (
            "constant_offset",
            "Every value is off by the same amount. What is added, or not added, everywhere?",
        )
    if all(_mask_missing(got, want, compare) for _, got, want, compare in arrays):
        return (
            "missing_mask",
            "Right wherever the answer is not 0; where it should be 0 you return something else. Is a mask missing?",
        )
    return None


def name_clipping(probes: list[tuple[Outcome, Outcome, Compare]]) -> tuple[str, str] | None:
    """Name and text where every wrong value of an array is the same number: its input has been clipped.

    Args:
        probes: (got, want, how they are compared) of every wrong probe, where other cases are right.
    """
    for got, want, compare in probes:
        if not (got and _numeric(got, want)) or np.shape(got.value) != np.shape(want.value):
            return None
        got, want = _real(got.value), _real(want.value)
        wrong = ~compare.close(got, want)
        same = wrong.sum() > 1 and np.ptp(got[wrong]) == 0 != got[wrong][0] and np.ptp(want[wrong]) > 0
        if not same:
            return None
    return "clipped", (
        "Beyond some limit every input gets the same answer. Clipping changes the value; a good repair changes only "
        "the way it is computed."
    )


def name_pattern(probes: list[tuple[tuple, bool]]) -> tuple[str, str] | None:
    """Name and text of what the wrong probes have in common, from (inputs, right) of every probe."""
    for name, has, says in (
        ("float32_only", _any_float32, "Right in float64, wrong in float32: some step leaves the range of float32, or leaves float32 itself."),
        ("single_example_only", _single, "Right for several examples, wrong for one (N = 1). Does an axis of length 1 get lost?"),
        ("no_axis_only", _scalar, "Right for arrays with an axis, wrong for a single number of shape (). Does your function need an index?"),
    ):  # fmt: skip
        if {True, False} == {right for _, right in probes} and all(
            has(inputs) != right for inputs, right in probes
        ):
            return name, says
    return None


def explain_error(outcome: Outcome, reveal: bool) -> tuple[str, str]:
    """Name and text of an exception: where to look for the common ones, its own words where they may be shown."""
    text = clean_text(outcome.message).rpartition(": ")[2]  # NumPy puts its own workings before a colon
    own = f": {text}" if reveal and text else ""
    name, says = common_error(outcome)
    if says:
        return name, f"{says} ({outcome.error}{own})"
    # A class of the student's own could spell a hidden input in its name.
    known = hasattr(builtins, outcome.error) or reveal
    kind = clean_text(outcome.error) if known else "an exception of its own"
    return name, f"Your function raises {kind}{own}. Try it on a small array by hand."


def common_error(outcome: Outcome) -> tuple[str, str]:
    """Name and text of the row of `COMMON_ERRORS` that an exception belongs to; ("raises", "") where none fits."""
    for error, part, name, says in COMMON_ERRORS:
        if outcome.error == error and part in outcome.message:
            return name, says
    return "raises", ""


def _real(value):
    array = np.asarray(value)
    return array if array.dtype.kind == "f" else array.astype(float)


def _numeric(got, want):
    """Whether both are real numbers, so that one can be fitted to the other."""
    return not got.error and all(
        isinstance(o.value, np.ndarray | float | int) and np.asarray(o.value).dtype.kind in "iuf"
        for o in (got, want)
    )


def _fits(candidates, got, want, compare):
    """Whether a candidate gives these values, and is not the right answer over again."""
    return any(_close(got, c, compare) and not _close(want, c, compare) for c in candidates)


def _close(got, want, compare):
    if got.shape != want.shape:
        return False
    rtol, atol = compare.tolerances(want.dtype)
    return bool(np.allclose(got, want, rtol=10 * rtol, atol=atol) and np.any(want != 0))


def _constant_offset(got, want, compare):
    if got.shape != want.shape or got.size < 2 or not (np.isfinite(got).all() and np.isfinite(want).all()):
        return False
    offset = got - want
    rtol, atol = compare.tolerances(want.dtype)
    spread = np.ptp(offset)
    return bool(
        spread <= atol + 10 * rtol * np.abs(want).max() and np.abs(offset).min() > 10 * (atol + spread)
    )


def _mask_missing(got, want, compare):
    if got.shape != want.shape:
        return False
    zero = want == 0
    return bool(
        zero.any() and (~zero).any() and _close(got[~zero], want[~zero], compare) and (got[zero] != 0).any()
    )


def _first_array(inputs):
    return next((a for a in inputs if isinstance(a, np.ndarray)), None)


def _any_float32(inputs):
    return any(isinstance(a, np.ndarray) and a.dtype == np.float32 for a in inputs)


def _single(inputs):
    first = _first_array(inputs)
    return first is not None and first.ndim > 0 and first.shape[0] == 1


def _scalar(inputs):
    first = _first_array(inputs)
    return first is not None and first.ndim == 0
