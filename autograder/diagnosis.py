"""Which mistake explains an answer, and what to say where none does."""

import inspect
import re

import numpy as np

from . import slips
from .answer_key import difference
from .exercises.schema import PUBLIC_SEED

CONDUCT = {
    "changes_argument": "Your function wrote into the array that it was given. Return a new one: the caller may still need the old values.",
    "aliases_argument": "What you return shares its memory with the argument: changing one would change the other. Return a new array.",
    "warns": "NumPy warned{warning}. Some step left the range of floating-point numbers, even where the end result is right.",
}
_NUMPY_WARNING = re.compile(r"(overflow|invalid value|divide by zero|underflow) encountered in (\w+)")


def find_mistake(key, cases, differences):
    """Name, diagnosis and card of the bank's mistake that explains an answer, or None.

    A mistake explains a case when it gives the same outcomes as the student on every input that
    went wrong there. It is named when it explains the first case that failed or half of them: in a
    single late case, such as a tail of zeros, many mistakes look alike. Between several, the one
    wins that explains more cases, and then the one that agrees on more inputs, right ones too.
    """
    failed = [case for case in differences if any(differences[case])]
    if not failed:
        return _find_misconduct(key, cases)
    best, most = [], 1
    for mistake in key.exercise.mistakes:
        explained = _count_explained(key, cases, differences, failed, mistake, most)
        if explained > most:
            best, most = [], explained
        if explained == most:
            best.append(mistake)
    if len(best) > 1:  # compared only now: it takes every mistake's answer to every input
        best.sort(key=lambda mistake: -sum(_agreements(key, case, cases[case], mistake) for case in cases))
    return _named(key, best[0]) if best else None


def _count_explained(key, cases, differences, failed, mistake, at_least):
    """How many failed cases a mistake explains; 0 where it is not to be named, or they are too few."""
    missed = []
    for case in failed:
        if not _explains(key, case, cases[case], mistake, differences[case]):
            missed.append(case)
        if len(failed) - len(missed) < at_least:
            return 0
    explained = len(failed) - len(missed)
    return explained if failed[0] not in missed or explained >= len(missed) else 0


def _find_misconduct(key, cases):
    """All values are right, so only a mistake with right values that changes or warns alike can fit."""
    seen = _flags(cases[case] for case in cases)
    for mistake in key.exercise.mistakes:
        agreed = all(_agreements(key, case, cases[case], mistake) == len(cases[case]) for case in cases)
        if agreed and any(seen) and seen == _flags(key.wrong(mistake, case) for case in cases):
            return _named(key, mistake)
    return None


def _flags(outcomes_of_cases):
    """Whether an answer changed an argument, and whether it warned."""
    outcomes = [outcome for outcomes in outcomes_of_cases for outcome in outcomes if outcome]
    return any(o.changed for o in outcomes), any(o.warnings for o in outcomes)


def _named(key, mistake):
    return key.exercise.mistake_name(mistake), mistake.diagnosis, mistake.card


def _explains(key, case, got, mistake, differences):
    compare = key.compare(case)
    return all(
        _same_outcome(g, w, compare) and difference(w, right, compare)
        for g, w, right, apart in zip(
            got, key.wrong(mistake, case), key.right[case], differences, strict=True
        )
        if apart
    )


def _agreements(key, case, got, mistake):
    compare = key.compare(case)
    return sum(_same_outcome(g, w, compare) for g, w in zip(got, key.wrong(mistake, case), strict=True))


def _same_outcome(got, wrong, compare):
    if got is None or difference(got, wrong, compare):
        return False
    # A ValueError of the student's own is not yet the one that NumPy raises for a mistake.
    return not got.error or slips.common_error(got) == slips.common_error(wrong)


def misconduct(exercise, cases, reveal):
    """Name and text of what an answer did beside its values, both "" where it did nothing."""
    seen = [outcome for outcomes in cases.values() for outcome in outcomes if outcome is not None]
    warnings = [text for outcome in seen for text in outcome.warnings]
    if any(set(o.changed) - set(exercise.may_change) for o in seen):
        name = "changes_argument"
    elif any(o.aliased for o in seen):
        name = "aliases_argument"
    elif warnings:
        name = "warns"
    else:
        return "", ""
    # A warning of the student's own could carry a hidden input to the page.
    shown = [text for text in warnings if reveal or _is_numpys(text)]
    return name, CONDUCT[name].format(warning=f": {shown[0]}" if shown else "")


def _is_numpys(warning):
    match = _NUMPY_WARNING.fullmatch(warning)
    return bool(match) and (
        hasattr(np, match[2]) or match[2] in ("scalar_add", "scalar_multiply", "scalar_divide")
    )


def fall_back(key, cases, differences):
    """Name, text and card where no mistake of the bank fits: a generic slip, or what was seen."""
    every = [
        (case, *probe)
        for case in cases
        for probe in zip(key.inputs[case], cases[case], key.right[case], differences[case], strict=True)
    ]
    wrong = [probe for probe in every if probe[-1]]
    if not wrong:
        return *misconduct(key.exercise, cases, key.seed == PUBLIC_SEED), ""
    fitted = slips.name_slip(
        key.exercise, [(inputs, got, want, key.compare(case)) for case, inputs, got, want, _ in wrong]
    )
    if not fitted and not all(any(differences[case]) for case in differences):
        fitted = slips.name_clipping([(got, want, key.compare(case)) for case, _, got, want, _ in wrong])
    case, inputs, _, _, apart = wrong[0]
    seen = _explain(key, case, inputs, apart)
    if not fitted and not seen[0]:
        fitted = slips.name_pattern([(inputs, not apart) for _, inputs, _, _, apart in every])
    return *(fitted or seen), ""


def explain_case(key, case, differences):
    """What was seen in the first wrong probe of a case, in words."""
    i, apart = next((i, apart) for i, apart in enumerate(differences) if apart)
    return _explain(key, case, key.inputs[case][i], apart)[1]


def _explain(key, case, inputs, apart):
    """A generic name (or "") and what was seen in one wrong probe. Hidden inputs are not shown."""
    reveal = key.seed == PUBLIC_SEED
    kind, part, got, want = apart
    what = f"Part {_named_part(key.exercise, part)} of what you return" if part else "What you return"
    if kind == "absent":
        return "no_answer", "No answer arrived: your function ran too long, or ended the whole program."
    if kind == "error":
        return (
            slips.explain_error(got, reveal)
            if got.error
            else ("no_error", "An exception was due here, and none came.")
        )
    if got is None:
        return "no_return", f"{what} is None. Does your function end in `return`?"
    if kind == "type":
        return "wrong_type", f"{what} is {_a(got)}; {_a(want)} was expected."
    if kind == "length":
        return (
            "wrong_length",
            f"{what} has {len(got)} parts; {len(want)} were expected, under the names of the task.",
        )
    if kind == "text":
        return "wrong_text", f"{what} is another text than the right one."
    if kind == "shape":
        # A shape can be made to spell a hidden input.
        shapes = (
            f": {got.shape}, and right is {want.shape}"
            if reveal
            else ". See the task's text, or `check` it yourself"
        )
        return "wrong_shape", f"{what} has another shape than the right answer{shapes}."
    if kind == "dtype":
        return "wrong_dtype", f"{what} is of dtype {got.dtype}; the text asks for {want.dtype}."
    says = _explain_values(apart, _elementwise(key.exercise, inputs), key.compare(case), reveal)
    return "nan" if kind == "nan" else "", f"{what}: {says[0].lower()}{says[1:]}" if part else says


def _named_part(exercise, part):
    """`dW` for "[1]" of an exercise whose parts have names, `dW[0]` for "[1][0]"."""
    first = re.match(r"\[(\d+)\]", part)
    return f"`{exercise.part(int(first[1]))}{part[first.end() :]}`" if first and exercise.parts else part


def _elementwise(exercise, inputs):
    """Name and value of the only array among the inputs; ("", None) where there are several, or lists of them."""
    if any(isinstance(argument, list | tuple | dict) for argument in inputs):
        return "", None
    names = inspect.signature(exercise.reference).parameters
    arrays = [(n, a) for n, a in zip(names, inputs, strict=False) if isinstance(a, np.ndarray)]
    return arrays[0] if len(arrays) == 1 else ("", None)


def _explain_values(apart, argument, compare, reveal):
    got, want = apart.got, apart.want
    wrong = np.isnan(got) & ~np.isnan(want) if apart.kind == "nan" else ~compare.close(got, want)
    what = "NaN, not a number" if apart.kind == "nan" else "wrong"
    count = f"{wrong.sum()} of {want.size} values {'is' if wrong.sum() == 1 else 'are'}"
    text = f"{count if want.size > 1 else 'The value is'} {what}."
    if not reveal:
        return text
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    name, array = argument
    if array is not None and array.shape == want.shape:
        at = f"{name} = {_shown(array[index], 6)}"
    else:
        at = f"index {index}" if index else "this input"
    digits = next((d for d in (6, 12, 17) if _shown(got[index], d) != _shown(want[index], d)), 17)
    right = _shown(want[index], digits)
    if want[index] and compare.close(np.zeros_like(want), want)[index]:
        right = "0, up to rounding"
    return f"{text} At {at} you return {_shown(got[index], digits)}; right is {right}."


def _shown(number, digits):
    return f"{number:.{digits}g}".replace("-", "−") if np.asarray(number).dtype.kind in "iuf" else str(number)


def _a(value):
    names = {np.ndarray: "an array", int: "a number", float: "a number", str: "a text", type(None): "None"}
    return names.get(type(value), f"a {type(value).__name__}")
