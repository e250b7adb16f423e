"""The verdict: pure, finite, at most what was earned; in doubt nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest

from autograder.answer_key import answer_key
from autograder.drives import AS_WRITTEN, WITH_REFERENCES, Outcome
from autograder.evidence import JUDGED, MISSING, NOT_STARTED, STOPPED, Evidence, gather
from autograder.exercises import bank, find
from autograder.judge import judge

HIDDEN = 2**127 + 1
EXERCISES = pytest.mark.parametrize("exercise", bank().values(), ids=list(bank()))


def right(exercise, seed=HIDDEN):
    """Evidence of an answer that is right in everything."""
    cases = answer_key(exercise, seed).right
    return Evidence(seed, outcomes={AS_WRITTEN: {case: cases[case] for case in cases}})


def with_outcomes(evidence, change):
    """The same evidence with every outcome changed."""
    outcomes = {
        variant: {case: tuple(change(outcome) for outcome in seen) for case, seen in cases.items()}
        for variant, cases in evidence.outcomes.items()
    }
    return replace(evidence, outcomes=outcomes)


@EXERCISES
def test_the_right_values_earn_everything(exercise):
    verdict = judge(exercise, right(exercise))
    assert (verdict.share, verdict.score, verdict.passed) == (1.0, exercise.points, True)
    assert (verdict.mistake, verdict.diagnosis, verdict.review) == ("", "", ())


@EXERCISES
def test_the_same_evidence_gives_the_same_verdict(exercise):
    for evidence in (right(exercise), gather(exercise, exercise.mistakes[0].answer, HIDDEN)):
        assert judge(exercise, evidence) == judge(exercise, evidence)


@pytest.mark.parametrize("state", [MISSING, STOPPED])
def test_what_could_not_be_looked_at_earns_nothing(state):
    verdict = judge(find("relu"), replace(right(find("relu")), state=state))
    assert (verdict.share, verdict.state) == (0, state)
    assert verdict.diagnosis


@pytest.mark.parametrize("outcomes", [{}, {AS_WRITTEN: {}}, {AS_WRITTEN: {"no such case": (Outcome(1.0),)}}])
def test_no_outcome_at_all_earns_nothing(outcomes):
    verdict = judge(find("relu"), Evidence(HIDDEN, outcomes=outcomes))
    assert (verdict.share, verdict.score) == (0, 0)
    assert verdict.state != NOT_STARTED


def test_an_answer_that_is_not_written_yet_is_not_started():
    evidence = with_outcomes(right(find("relu")), lambda o: Outcome(error="NotImplementedError"))
    verdict = judge(find("relu"), evidence)
    assert (verdict.state, verdict.share, verdict.cases) == (NOT_STARTED, 0, ())


def test_an_answer_that_is_half_written_is_judged():
    evidence = right(find("relu"))
    evidence.outcomes[AS_WRITTEN]["shapes"] = (Outcome(error="NotImplementedError"),) * 4
    verdict = judge(find("relu"), evidence)
    assert (verdict.state, verdict.mistake) == (JUDGED, "not_finished")
    assert 0 < verdict.share < 1


@EXERCISES
def test_a_case_whose_outcomes_did_not_all_arrive_is_lost_alone(exercise):
    for case in exercise.cases:
        evidence = right(exercise)
        cases = evidence.outcomes[AS_WRITTEN]
        cases[case.name] = cases[case.name][:-1]
        verdict = judge(exercise, evidence)
        first = case is exercise.cases[0]  # without it, good conduct is not counted yet
        assert {c.name for c in verdict.cases if not c.passed} == (
            {case.name, "side effects"} if first else {case.name}
        )
        assert verdict.share == pytest.approx(1 - exercise.weights()[case.name] - exercise.conduct * first)


def test_outcomes_beyond_the_inputs_change_nothing():
    evidence = right(find("relu"))
    for case, seen in evidence.outcomes[AS_WRITTEN].items():
        evidence.outcomes[AS_WRITTEN][case] = (*seen, Outcome(error="ValueError"))
    assert judge(find("relu"), evidence).passed


@EXERCISES
def test_what_only_the_students_process_reports_carries_a_tenth(exercise):
    bad = with_outcomes(right(exercise), lambda o: replace(o, changed=(0,), aliased=(0,), warnings=("w",)))
    assert judge(exercise, bad).share == pytest.approx(0.9)


def test_good_conduct_with_wrong_values_earns_nothing():
    evidence = with_outcomes(right(find("relu")), lambda o: replace(o, value=np.float64(7)))
    assert judge(find("relu"), evidence).share == 0


VALUES = [
    None,
    True,
    -1,
    10**4000,
    math.nan,
    math.inf,
    1j,
    "text",
    "\ud800",
    (),
    [[[[1.0]]]],
    {},
    {"$": "array"},
    np.zeros(0),
    np.array(math.nan),
    np.full((3, 5), math.nan),
    np.full((3, 5), -math.inf),
    np.full((3, 5), 1.7e308),
    np.ones((3, 5), complex),
    np.ones((3, 5), np.float16),
    np.ones((3, 5), bool),
    np.ones((3, 5), np.uint8),
    np.full(7, 1.7e308) * [1, -1, 1, -1, 1, -1, 1],
    np.ones(7, complex),
]


@EXERCISES
@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__} {np.shape(value)}")
def test_no_value_from_a_hostile_process_raises_or_earns(exercise, value):
    for seed in (0, HIDDEN):
        verdict = judge(exercise, with_outcomes(right(exercise, seed), lambda o: Outcome(value)))
        assert verdict.score == verdict.share == 0
        assert verdict.diagnosis
        verdict.diagnosis.encode()


@pytest.mark.parametrize("error", ["", "ReferenceUsed", "NotImplementedError", "\ud800", "<b>", "x" * 400])
def test_an_error_earns_nothing_whatever_it_is_called(error):
    evidence = with_outcomes(right(find("tanh")), lambda o: Outcome(error=error, message=error))
    assert judge(find("tanh"), evidence).share == 0


@EXERCISES
def test_the_marks_of_the_cases_add_up(exercise):
    cases = judge(exercise, right(exercise)).cases
    assert sum(case.points for case in cases) == pytest.approx(exercise.points, abs=1e-3)
    assert sum(case.score for case in cases) == pytest.approx(exercise.points, abs=1e-3)
    assert len(cases) == len(exercise.cases) + 1


def test_an_optional_exercise_has_a_share_and_no_marks():
    exercise = find("swish")
    assert exercise.points == 0
    verdict = judge(exercise, right(exercise))
    assert (verdict.share, verdict.score, verdict.passed) == (1.0, 0.0, True)


def two_variants(as_written, with_references):
    outcomes = {AS_WRITTEN: as_written, WITH_REFERENCES: with_references}
    return Evidence(HIDDEN, outcomes={name: e.outcomes[AS_WRITTEN] for name, e in outcomes.items()})


def test_the_better_of_two_variants_counts_and_says_so():
    exercise = find("swish")
    good, bad = right(exercise), gather(exercise, exercise.mistakes[0].answer, HIDDEN)
    verdict = judge(exercise, two_variants(bad, good))
    assert (verdict.passed, verdict.with_references) == (True, ("sigmoid",))
    verdict = judge(exercise, two_variants(good, bad))
    assert (verdict.passed, verdict.with_references) == (True, ())
    assert judge(exercise, two_variants(good, good)).with_references == ()


@pytest.mark.parametrize(
    "origin", ["/x/site-packages/nnlib/activations.py", r"C:\env\nnlib\activations.py", "nnlib/special.py"]
)
def test_code_that_comes_from_the_library_is_for_review_and_keeps_its_marks(origin):
    verdict = judge(find("relu"), replace(right(find("relu")), origin=origin))
    assert verdict.passed
    assert "nnlib" in verdict.review[0]
    assert origin not in verdict.review[0]


@pytest.mark.parametrize("origin", ["", "<ipython-input-3>", "/home/nnlib-fan/answer.py", "mynnlib/a.py"])
def test_code_from_elsewhere_needs_no_review(origin):
    assert judge(find("relu"), replace(right(find("relu")), origin=origin)).review == ()
