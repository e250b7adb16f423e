"""Which mistake explains an answer, and what to say where none does."""

import numpy as np

from . import slips
from .answer_key import difference
from .exercises.schema import PUBLIC_SEED

CONDUCT = {
    "changes_argument": "Your function wrote into the array that it was given. Return a new one: the caller may still need the old values.",
    "aliases_argument": "What you return shares its memory with the argument: changing one would change the other. Return a new array.",
    "warns": "NumPy warned: {warning}. Some step left the range of floating-point numbers, even where the end result is right.",
}


def find_mistake(key, cases, differences):
    """The bank's mistake that explains most of the cases that failed, or None.

    It explains a case when it gives the same outcomes as the student on every input that went
    wrong there. Between mistakes that explain as many cases, the one wins that agrees with the
    student on more inputs altogether, right ones too.
    """
    failed = [case for case in differences if any(differences[case])]
    if not failed:
        return _find_misconduct(key, cases)
    best, best_rank = None, (0, 0)
    for mistake in key.exercise.mistakes:
        explained = sum(_explains(key, case, cases[case], mistake, differences[case]) for case in failed)
        if explained:
            rank = explained, sum(_agreements(key, case, cases[case], mistake) for case in cases)
            best, best_rank = max((best, best_rank), (mistake, rank), key=lambda pair: pair[1])
    return best and _named(key, best)


def _find_misconduct(key, cases):
    """All values are right, so only a mistake with right values that changes its arguments can fit."""
    if _changes(cases[case] for case in cases):
        for mistake in key.exercise.mistakes:
            agreed = all(_agreements(key, case, cases[case], mistake) == len(cases[case]) for case in cases)
            if agreed and _changes(key.wrong(mistake, case) for case in cases):
                return _named(key, mistake)
    return None


def _named(key, mistake):
    return key.exercise.mistake_name(mistake), mistake.diagnosis, mistake.card


def _explains(key, case, got, mistake, differences):
    compare = key.compare(case)
    return all(
        _same_outcome(g, w, compare) and difference(w, right, compare)
        for g, w, right, kind in zip(got, key.wrong(mistake, case), key.right[case], differences, strict=True)
        if kind
    )


def _agreements(key, case, got, mistake):
    compare = key.compare(case)
    return sum(_same_outcome(g, w, compare) for g, w in zip(got, key.wrong(mistake, case), strict=True))


def _same_outcome(got, wrong, compare):
    return got is not None and not difference(got, wrong, compare)


def _changes(outcomes_of_cases):
    return any(outcome.changed for outcomes in outcomes_of_cases for outcome in outcomes if outcome)


def misconduct(exercise, cases):
    """Name and text of what an answer did beside its values, both "" where it did nothing."""
    seen = [outcome for outcomes in cases.values() for outcome in outcomes if outcome is not None]
    warning = next((text for o in seen for text in o.warnings), "")
    if any(set(o.changed) - set(exercise.may_change) for o in seen):
        name = "changes_argument"
    elif any(o.aliased for o in seen):
        name = "aliases_argument"
    elif warning:
        name = "warns"
    else:
        return "", ""
    return name, CONDUCT[name].format(warning=warning)


def fall_back(key, cases, differences):
    """Name, text and card where no mistake of the bank fits: a generic slip, or what was seen."""
    every = [
        (case, i, inputs, got, want, kind)
        for case in cases
        for i, (inputs, got, want, kind) in enumerate(
            zip(key.inputs[case], cases[case], key.right[case], differences[case], strict=True)
        )
    ]
    wrong = [probe for probe in every if probe[-1]]
    if not wrong:
        return *misconduct(key.exercise, cases), ""
    fitted = slips.name_slip(
        key.exercise, [(inputs, got, want, key.compare(case)) for case, _, inputs, got, want, _ in wrong]
    )
    seen = _explain_probe(key, wrong[0][0], wrong[0][1], wrong[0][3], wrong[0][5])
    if not fitted and not seen[0]:
        fitted = slips.name_pattern([(inputs, not kind) for _, _, inputs, _, _, kind in every])
    return *(fitted or seen), ""


def explain_case(key, case, outcomes, differences):
    """What was seen in the first wrong probe of a case, in words."""
    i, kind = next((i, kind) for i, kind in enumerate(differences) if kind)
    return _explain_probe(key, case, i, outcomes[i], kind)[1]


def _explain_probe(key, case, i, got, kind):
    """A generic name (or "") and what was seen in one wrong probe. Hidden inputs are not shown."""
    reveal = key.seed == PUBLIC_SEED
    want = key.right[case][i]
    if got is None:
        return "no_answer", "No answer arrived: your function ran too long, or ended the whole program."
    if kind == "error":
        return slips.explain_error(got, reveal)
    if got.value is None:
        return "no_return", "Your function returns nothing. Does it end in `return`?"
    if kind == "type":
        return (
            "wrong_type",
            f"You return a {type(got.value).__name__}; a {type(want.value).__name__} was expected.",
        )
    if kind == "shape":
        return (
            "wrong_shape",
            f"You return shape {np.shape(got.value)}; the right shape is {np.shape(want.value)}.",
        )
    got, want = np.asarray(got.value), np.asarray(want.value)
    if kind == "dtype":
        return (
            "wrong_dtype",
            f"You return {got.dtype}; the text asks for {want.dtype}, the dtype of the input.",
        )
    tolerances = key.compare(case).tolerances(want.dtype)
    return "nan" if kind == "nan" else "", _explain_values(
        got, want, key.inputs[case][i], kind, tolerances, reveal
    )


def _explain_values(got, want, inputs, kind, tolerances, reveal):
    rtol, atol = tolerances
    wrong = np.isnan(got) if kind == "nan" else ~np.isclose(got, want, rtol=rtol, atol=atol)
    what = "NaN, not a number" if kind == "nan" else "wrong"
    text = f"{max(int(wrong.sum()), 1)} of {want.size} values are {what}."
    if not reveal or not wrong.any():
        return text
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    first = inputs[0] if inputs else None
    at = (
        f"z = {first[index]:.6g}"
        if isinstance(first, np.ndarray) and first.shape == want.shape
        else f"index {index}"
    )
    return f"{text} At {at} you return {got[index]:.6g}; right is {want[index]:.6g}."
