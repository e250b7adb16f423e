"""Exercise and evidence in, verdict out.

`judge` is pure: the same evidence gives the same verdict in a notebook, in the grader, in a test and
in a quiz. Evidence is what probes showed and nothing else. What the student's process alone can
report (arguments changed, warnings, exception text) informs, and carries at most a tenth of the marks.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np

from . import slips
from .drives import WITH_REFERENCES, Outcome, examine, probe
from .exercises.schema import PUBLIC_SEED, Compare, Exercise

NOT_STARTED = "not started yet"
MISSING = "missing"
STOPPED = "stopped"
JUDGED = "judged"


@dataclass(frozen=True)
class Evidence:
    """What was seen of one student's answer to one exercise.

    Attributes:
        seed: the inputs were drawn from it.
        state: JUDGED where the object was found and probed, else MISSING or STOPPED.
        outcomes: variant -> case -> one `Outcome` for each input, None where none arrived. The
            variants are AS_WRITTEN and, for an exercise with `needs`, WITH_REFERENCES.
        origin: the file that the object's code says it comes from.
    """

    seed: int
    state: str = JUDGED
    outcomes: dict[str, dict[str, tuple[Outcome | None, ...]]] = field(default_factory=dict)
    origin: str = ""


@dataclass(frozen=True)
class CaseVerdict:
    name: str
    says: str
    passed: bool
    score: float
    points: float
    diagnosis: str = ""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one exercise.

    Attributes:
        score: marks, a finite number in [0, points].
        share: the same as a share in [0, 1]; an optional exercise has a share and no marks.
        state: JUDGED, NOT_STARTED, MISSING or STOPPED.
        mistake: name of the mistake or slip that explains the answer, "" where none does.
        diagnosis: what to say to the student, "" where all is right.
        card: the flashcard that cures the mistake.
        with_references: names of earlier functions that were replaced by the course's own.
        review: what a person should look at.
    """

    exercise: str
    points: float
    share: float
    state: str = JUDGED
    cases: tuple[CaseVerdict, ...] = ()
    mistake: str = ""
    diagnosis: str = ""
    card: str = ""
    with_references: tuple[str, ...] = ()
    review: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        return round(self.points * self.share, 2)

    @property
    def passed(self) -> bool:
        return self.share == 1


def judge(exercise: Exercise, evidence: Evidence) -> Verdict:
    """The verdict on one answer; in doubt 0."""
    review = _provenance(evidence)
    if evidence.state != JUDGED:
        return _nothing(exercise, evidence.state, review)
    key = answer_key(exercise, evidence.seed)
    verdicts = [_judge_variant(exercise, key, variant, cases) for variant, cases in evidence.outcomes.items()]
    if not verdicts:
        return _nothing(exercise, STOPPED, review)
    best = max(verdicts, key=lambda verdict: verdict.share)  # the first, as written, wins a tie
    return _with_review(best, review)


def gather(
    exercise: Exercise,
    answer: object,
    seed: int = PUBLIC_SEED,
    needs: dict[str, Callable] | None = None,
    namespace: dict | None = None,
) -> Evidence:
    """Evidence from an object in this very process: for the notebook's check and for tests."""
    answer_key(exercise, seed)  # needs the reference, which is blocked below
    seen = examine(exercise.drive, answer, exercise.inputs(seed), exercise.reference, needs, namespace)
    return Evidence(seed, outcomes=group(seen), origin=origin(answer))


def group(seen) -> dict[str, dict[str, tuple[Outcome, ...]]]:
    """(variant, case, outcome) triples as variant -> case -> outcomes."""
    outcomes: dict[str, dict[str, tuple[Outcome, ...]]] = {}
    for variant, case, outcome in seen:
        cases = outcomes.setdefault(variant, {})
        cases[case] = (*cases.get(case, ()), outcome)
    return outcomes


def origin(answer: object) -> str:
    """The file that the code of `answer` says it comes from, "" where it says nothing."""
    name = getattr(getattr(answer, "__code__", None), "co_filename", "")
    return name if isinstance(name, str) else ""


class AnswerKey:
    """What the reference and every mistake return for one exercise on the inputs of one seed."""

    def __init__(self, exercise: Exercise, seed: int):
        self.exercise = exercise
        self.inputs = exercise.inputs(seed)
        self.right = self._outcomes(exercise.reference)

    @cached_property
    def wrong(self) -> list[tuple]:
        """(mistake, its outcomes by case), in the bank's order."""
        return [(mistake, self._outcomes(mistake.answer)) for mistake in self.exercise.mistakes]

    def compare(self, case: str) -> Compare:
        return next(c.compare for c in self.exercise.cases if c.name == case) or self.exercise.compare

    def _outcomes(self, answer):
        drive = self.exercise.drive
        return {case: tuple(probe(drive, answer, i) for i in drawn) for case, drawn in self.inputs.items()}


@lru_cache(maxsize=512)
def answer_key(exercise: Exercise, seed: int) -> AnswerKey:
    return AnswerKey(exercise, seed)


def difference(got: Outcome | None, want: Outcome, compare: Compare) -> str:
    """What sets two outcomes apart: "" or one of error, type, shape, dtype, nan, value."""
    if got is None:
        return "error"
    if got.error or want.error:
        return "" if got.error == want.error else "error"
    return _value_difference(got.value, want.value, compare)


def _value_difference(got, want, compare):
    if isinstance(want, dict):
        if not isinstance(got, dict) or set(got) != set(want):
            return "type"
        return next((d for k in want if (d := _value_difference(got[k], want[k], compare))), "")
    if isinstance(want, list | tuple):
        if not isinstance(got, list | tuple) or len(got) != len(want):
            return "type"
        return next((d for g, w in zip(got, want, strict=True) if (d := _value_difference(g, w, compare))), "")
    if want is None or isinstance(want, str):
        return "" if type(got) is type(want) and got == want else "type"
    if not isinstance(got, np.ndarray | int | float | complex):
        return "type"
    return _array_difference(np.asarray(got), np.asarray(want), compare)


def _array_difference(got, want, compare):
    if got.shape != want.shape:
        return "shape"
    if compare.dtype and got.dtype != want.dtype:
        return "dtype"
    if (np.isnan(got) & ~np.isnan(want)).any():
        return "nan"
    rtol, atol = compare.tolerances(want.dtype)
    return "" if np.allclose(got, want, rtol=rtol, atol=atol, equal_nan=True) else "value"


def _judge_variant(exercise, key, variant, cases):
    cases = {case.name: _complete(cases.get(case.name, ()), len(key.inputs[case.name])) for case in exercise.cases}
    differences = {
        case: [difference(got, want, key.compare(case)) for got, want in zip(cases[case], key.right[case], strict=True)]
        for case in cases
    }
    if _not_started(cases):
        return _nothing(exercise, NOT_STARTED)
    passed = {case: not any(kinds) for case, kinds in differences.items()}
    found = _find_mistake(key, cases, differences)
    weights = exercise.weights()
    verdicts = [
        CaseVerdict(
            case.name,
            case.says,
            passed[case.name],
            round(exercise.points * weights[case.name] * passed[case.name], 4),
            round(exercise.points * weights[case.name], 4),
            "" if passed[case.name] else _explain_case(key, case.name, cases[case.name], differences[case.name]),
        )
        for case in exercise.cases
    ]
    share = sum(weights[case] for case in passed if passed[case])
    if exercise.conduct:
        conduct = _judge_conduct(exercise, cases, any(passed.values()))
        verdicts.append(conduct)
        share += exercise.conduct * conduct.passed
    share = 1.0 if all(verdict.passed for verdict in verdicts) else min(share, 0.9999)
    name, says, card = found or _fall_back(key, cases, differences, verdicts)
    return Verdict(
        exercise.name,
        exercise.points,
        share,
        cases=tuple(verdicts),
        mistake=name if share < 1 else "",
        diagnosis=says if share < 1 else "",
        card=card if share < 1 else "",
        with_references=exercise.needs if variant == WITH_REFERENCES else (),
    )


def _complete(outcomes, wanted):
    """One entry for each input: what did not arrive is None, and what came beyond is ignored."""
    return (tuple(outcomes) + (None,) * wanted)[:wanted]


def _not_started(cases):
    return all(o is not None and o.error == "NotImplementedError" for outcomes in cases.values() for o in outcomes)


def _find_mistake(key, cases, differences):
    """The bank's mistake that explains most of the cases that failed, or None.

    It explains a case when it gives the same outcomes as the student on every input that went
    wrong there. Between mistakes that explain as many cases, the one wins that agrees with the
    student on more inputs altogether, right ones too.
    """
    failed = [case for case in differences if any(differences[case])]
    best, best_rank = None, (0, 0)
    for mistake, outcomes in key.wrong:
        explained = sum(_explains(key, case, cases[case], outcomes[case], differences[case]) for case in failed)
        agreed = _agreements(key, cases, outcomes)
        total = sum(len(drawn) for drawn in cases.values())
        if not failed:  # only its conduct can be at fault, so it must agree everywhere
            explained = int(agreed == total and _misbehaves(cases))
        if (explained, agreed) > best_rank and explained:
            best, best_rank = mistake, (explained, agreed)
    return best and (key.exercise.mistake_name(best), best.diagnosis, best.card)


def _explains(key, case, got, wrong, differences):
    compare = key.compare(case)
    return all(
        _same_outcome(g, w, compare) and difference(w, right, compare)
        for g, w, right, kind in zip(got, wrong, key.right[case], differences, strict=True)
        if kind
    )


def _agreements(key, cases, outcomes):
    return sum(
        _same_outcome(got, wrong, key.compare(case))
        for case in cases
        for got, wrong in zip(cases[case], outcomes[case], strict=True)
    )


def _same_outcome(got, wrong, compare):
    return got is not None and bool(got.changed) == bool(wrong.changed) and not difference(got, wrong, compare)


def _misbehaves(cases):
    return any(o.changed or o.aliased or o.warnings for outcomes in cases.values() for o in outcomes)


def _judge_conduct(exercise, cases, any_passed):
    seen = [outcome for outcomes in cases.values() for outcome in outcomes if outcome is not None]
    changed = any(set(o.changed) - set(exercise.may_change) for o in seen)
    aliased = any(o.aliased for o in seen)
    warned = next((text for o in seen for text in o.warnings), "")
    says = ""
    if changed:
        says = "Your function wrote into the array that it was given. Return a new one: the caller may still need the old values."
    elif aliased:
        says = "What you return shares its memory with the argument: changing one would change the other. Return a new array."
    elif warned:
        says = f"NumPy warned: {warned}. Some step left the range of floating-point numbers, even where the end result is right."
    elif not any_passed:
        says = "Counted once at least one of the other cases is right."
    points = exercise.points * exercise.conduct
    return CaseVerdict(
        "conduct",
        "leaves its arguments alone, returns new memory, raises no warning",
        not says,
        0.0 if says else round(points, 4),
        round(points, 4),
        says,
    )


def _fall_back(key, cases, differences, verdicts):
    """Name, text and card where no mistake of the bank fits: a generic slip, or what was seen."""
    failed = [case for case in differences if any(differences[case])]
    for case in failed:
        probes = [
            (inputs, got, want)
            for inputs, got, want, kind in zip(key.inputs[case], cases[case], key.right[case], differences[case], strict=True)
            if kind
        ]
        if all(got is not None for _, got, _ in probes):
            slip = slips.name_slip(key.exercise, key.compare(case), probes)
            if slip:
                return *slip, ""
    pattern = slips.name_pattern(
        [
            (inputs, not kind)
            for case in cases
            for inputs, kind in zip(key.inputs[case], differences[case], strict=True)
        ]
    )
    if pattern:
        return *pattern, ""
    return "", next((verdict.diagnosis for verdict in verdicts if not verdict.passed), ""), ""


def _explain_case(key, case, outcomes, differences):
    """What was seen in the first wrong probe of a case, in words. Hidden inputs are not shown."""
    reveal = key is answer_key(key.exercise, PUBLIC_SEED)
    i, kind = next((i, kind) for i, kind in enumerate(differences) if kind)
    got, want = outcomes[i], key.right[case][i]
    if got is None:
        return "No answer arrived: your function ran too long, or ended the whole program."
    if kind == "error":
        if got.error == "NotImplementedError":
            return "Not started yet."
        return slips.explain_error(got, reveal) if got.error else "An exception was expected here, and none came."
    if got.value is None:
        return "Your function returns nothing. Does it end in `return`?"
    if kind == "type":
        return f"You return a {type(got.value).__name__}; a {type(want.value).__name__} was expected."
    if kind == "shape":
        return f"You return shape {np.shape(got.value)}; the right shape is {np.shape(want.value)}."
    if kind == "dtype":
        return f"You return {np.asarray(got.value).dtype}; the text asks for {np.asarray(want.value).dtype}, the dtype of the input."
    return _explain_values(np.asarray(got.value), np.asarray(want.value), key.inputs[case][i], kind, reveal)


def _explain_values(got, want, inputs, kind, reveal):
    rtol, atol = Compare().tolerances(want.dtype)
    wrong = np.isnan(got) if kind == "nan" else ~np.isclose(got, want, rtol=rtol, atol=atol * (kind != "value"))
    what = "NaN, not a number" if kind == "nan" else "wrong"
    text = f"{max(int(wrong.sum()), 1)} of {want.size} values are {what}."
    if not reveal or not wrong.any():
        return text
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    first = inputs[0] if inputs else None
    at = f"z = {first[index]:.6g}" if isinstance(first, np.ndarray) and first.shape == want.shape else f"index {index}"
    return f"{text} At {at} you return {got[index]:.6g}; right is {want[index]:.6g}."


def _nothing(exercise, state, review=()):
    says = {
        NOT_STARTED: "Not started yet.",
        MISSING: f"There is no `{exercise.name}` here. Has the cell that defines it been run, and is the name spelt like this?",
        STOPPED: "The notebook stopped before this exercise could be looked at.",
    }[state]
    return Verdict(exercise.name, exercise.points, 0.0, state=state, diagnosis=says, review=review)


def _provenance(evidence):
    if "nnlib" in evidence.origin.replace("\\", "/").split("/"):
        return (f"the code comes from {evidence.origin.rsplit('/', 1)[-1]} of nnlib",)
    return ()


def _with_review(verdict, review):
    return replace(verdict, review=verdict.review + review) if review else verdict
