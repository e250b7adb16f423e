"""Exercise and evidence in, verdict out.

`judge` is pure: the same evidence gives the same verdict in a notebook, in the grader, in a test and
in a quiz. Evidence is what probes showed and nothing else. What the student's process alone can
report (arguments changed, warnings, exception text) informs, and carries at most a tenth of the marks.
"""

from dataclasses import dataclass, replace

import numpy as np

from .answer_key import answer_key, difference
from .diagnosis import explain_case, fall_back, find_mistake, misconduct
from .drives import WITH_REFERENCES
from .evidence import JUDGED, MISSING, NOT_STARTED, STOPPED, Evidence
from .exercises import Exercise
from .exercises.schema import PUBLIC_SEED


@dataclass(frozen=True)
class CaseVerdict:
    """The judgement of one case.

    Attributes:
        diagnosis: what was seen, "" where all is right or an earlier case says the same.
        waits: it can only be counted once the first case is right.
    """

    name: str
    says: str
    passed: bool
    score: float
    points: float
    diagnosis: str = ""
    waits: bool = False


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
    with np.errstate(all="ignore"):  # a student's inf and nan are compared, not computed with
        seen = [_judge_variant(exercise, key, variant, cases) for variant, cases in evidence.outcomes.items()]
        if not seen:
            return _nothing(exercise, STOPPED, review)
        # The first, as written, wins a tie.
        best, cases, differences = max(seen, key=lambda judged: judged[0].share)
        if best.state == JUDGED and not best.passed:
            name, says, card = find_mistake(key, cases, differences) or fall_back(key, cases, differences)
            best = replace(best, mistake=name, diagnosis=says, card=card)
    return replace(best, review=review)


def _judge_variant(exercise, key, variant, cases):
    """The verdict before anything is diagnosed, the outcomes, and what sets each apart from the right one."""
    cases = {
        case.name: _complete(cases.get(case.name, ()), len(key.inputs[case.name])) for case in exercise.cases
    }
    if _not_started(cases):
        return _nothing(exercise, NOT_STARTED), cases, {}
    differences = {
        case: [
            difference(got, want, key.compare(case))
            for got, want in zip(cases[case], key.right[case], strict=True)
        ]
        for case in cases
    }
    verdicts = _judge_cases(exercise, key, differences)
    if exercise.conduct:
        verdicts.append(_judge_conduct(key, cases, verdicts[0].passed))
    weights = [*exercise.weights().values(), exercise.conduct]
    share = sum(weight * verdict.passed for weight, verdict in zip(weights, verdicts, strict=False))
    verdict = Verdict(
        exercise.name,
        exercise.points,
        # The sum of all weights may round to something else.
        1.0 if all(verdict.passed for verdict in verdicts) else share,
        cases=tuple(verdicts),
        with_references=exercise.needs if variant == WITH_REFERENCES else (),
    )
    return verdict, cases, differences


def _judge_cases(exercise, key, differences):
    weights, verdicts = exercise.weights(), []
    for case in exercise.cases:
        passed = not any(differences[case.name])
        says = "" if passed else explain_case(key, case.name, differences[case.name])
        said_before = says in [verdict.diagnosis for verdict in verdicts]
        points = round(exercise.points * weights[case.name], 4)
        score = points if passed else 0.0
        verdicts.append(CaseVerdict(case.name, case.says, passed, score, points, "" if said_before else says))
    return verdicts


def _complete(outcomes, wanted):
    """One entry for each input: what did not arrive is None, and what came beyond is ignored."""
    return (tuple(outcomes) + (None,) * wanted)[:wanted]


def _not_started(cases):
    return all(
        o is not None and o.error == "NotImplementedError" for outcomes in cases.values() for o in outcomes
    )


def _judge_conduct(key, cases, begun):
    exercise = key.exercise
    _, says = misconduct(exercise, cases, key.seed == PUBLIC_SEED)
    waits = not says and not begun  # a function that does nothing right does no harm either
    points = round(exercise.points * exercise.conduct, 4)
    return CaseVerdict(
        "side effects",
        "leaves its arguments alone, returns new memory, raises no warning",
        passed=not says and not waits,
        score=0.0 if says or waits else points,
        points=points,
        diagnosis=says,
        waits=waits,
    )


def _nothing(exercise, state, review=()):
    says = {
        NOT_STARTED: "Write your answer in the cell above, run it, and then run this check again.",
        MISSING: f"There is no `{exercise.name}` here. Has the cell that defines it been run, and is the name spelt like this?",
        STOPPED: "The notebook stopped before this exercise could be looked at.",
    }[state]
    return Verdict(exercise.name, exercise.points, 0.0, state=state, diagnosis=says, review=review)


def _provenance(evidence):
    if "nnlib" in evidence.origin.replace("\\", "/").split("/"):
        return ("its code says that it comes from nnlib",)
    return ()
