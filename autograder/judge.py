"""Exercise and evidence in, verdict out.

`judge` is pure: the same evidence gives the same verdict in a notebook, in the grader, in a test and
in a quiz. Evidence is what probes showed and nothing else. What the student's process alone can
report (arguments changed, warnings, exception text) informs, and carries at most a tenth of the marks.
"""

from dataclasses import dataclass, replace

from .answer_key import answer_key, difference
from .diagnosis import explain_case, fall_back, find_mistake, misconduct
from .drives import WITH_REFERENCES
from .evidence import JUDGED, MISSING, NOT_STARTED, STOPPED, Evidence
from .exercises import Exercise


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


def _judge_variant(exercise, key, variant, cases):
    cases = {
        case.name: _complete(cases.get(case.name, ()), len(key.inputs[case.name])) for case in exercise.cases
    }
    differences = {
        case: [
            difference(got, want, key.compare(case))
            for got, want in zip(cases[case], key.right[case], strict=True)
        ]
        for case in cases
    }
    if _not_started(cases):
        return _nothing(exercise, NOT_STARTED)
    passed = {case: not any(kinds) for case, kinds in differences.items()}
    weights = exercise.weights()
    verdicts = [
        CaseVerdict(
            case.name,
            case.says,
            passed[case.name],
            round(exercise.points * weights[case.name] * passed[case.name], 4),
            round(exercise.points * weights[case.name], 4),
            ""
            if passed[case.name]
            else explain_case(key, case.name, cases[case.name], differences[case.name]),
        )
        for case in exercise.cases
    ]
    share = sum(weights[case] for case in passed if passed[case])
    if exercise.conduct:
        conduct = _judge_conduct(exercise, cases, any(passed.values()))
        verdicts.append(conduct)
        share += exercise.conduct * conduct.passed
    used = exercise.needs if variant == WITH_REFERENCES else ()
    if all(verdict.passed for verdict in verdicts):
        return Verdict(exercise.name, exercise.points, 1.0, cases=tuple(verdicts), with_references=used)
    name, says, card = find_mistake(key, cases, differences) or fall_back(key, cases, differences)
    return Verdict(
        exercise.name,
        exercise.points,
        min(share, 0.9999),  # the sum of all weights may round to 1
        cases=tuple(verdicts),
        mistake=name,
        diagnosis=says,
        card=card,
        with_references=used,
    )


def _complete(outcomes, wanted):
    """One entry for each input: what did not arrive is None, and what came beyond is ignored."""
    return (tuple(outcomes) + (None,) * wanted)[:wanted]


def _not_started(cases):
    return all(
        o is not None and o.error == "NotImplementedError" for outcomes in cases.values() for o in outcomes
    )


def _judge_conduct(exercise, cases, any_passed):
    name, says = misconduct(exercise, cases)
    if not name and not any_passed:
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
