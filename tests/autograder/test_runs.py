"""Runs that are kept: found again as they were, and only where nothing they depend on has changed."""

from dataclasses import replace

import numpy as np
import pytest

from autograder import asked, demo, grading, pool, runs
from autograder.course import Course
from autograder.evidence import gather
from autograder.exercises import find
from autograder.grading import grade_class
from autograder.sandbox.conversation import Limits, Run

LESSON = demo.LESSON
CELLS = [{"source": "x = 1", "check": ""}, {"source": "", "check": "relu"}]
SEED = 2**127 + 1


def a_run():
    evidence = {
        "relu": gather(find("relu"), lambda z: np.maximum(z, 0), SEED),
        "swish": gather(find("swish"), lambda z, beta=1.0: 1 / 0, SEED),
    }
    outputs = {0: [{"output_type": "stream", "name": "stdout", "text": "δ\n"}]}
    return Run(evidence=evidence, outputs=outputs, cell_seconds={0: 0.5}, seconds=1.5, cpu_seconds=0.25)


def same(a, b):
    np.testing.assert_equal(vars(a), vars(b))


def test_a_kept_run_is_found_as_it_was(tmp_path):
    course, run = Course(tmp_path), a_run()
    runs.keep(course, LESSON, "someone", "the key", run)
    found = runs.find(course, LESSON, "someone", "the key")
    assert found.outputs == run.outputs
    assert (found.seconds, found.cpu_seconds, found.cell_seconds) == (1.5, 0.25, {0: 0.5})
    for name, evidence in run.evidence.items():
        assert found.evidence[name].seed == SEED
        for variant, cases in evidence.outcomes.items():
            for case, seen in cases.items():
                for got, want in zip(found.evidence[name].outcomes[variant][case], seen, strict=True):
                    same(got, want)


def test_another_key_a_stopped_run_or_a_spoilt_file_finds_nothing(tmp_path):
    course = Course(tmp_path)
    runs.keep(course, LESSON, "someone", "the key", a_run())
    assert runs.find(course, LESSON, "someone", "another") is None
    assert runs.find(course, LESSON, "nobody", "the key") is None
    runs.keep(course, LESSON, "stopped", "the key", replace(a_run(), ended="stopped: too long"))
    assert runs.find(course, LESSON, "stopped", "the key") is None
    path = course.run(LESSON, "someone")
    for spoilt in (b"", path.read_bytes()[:-9], b"no gzip"):
        path.write_bytes(spoilt)
        assert runs.find(course, LESSON, "someone", "the key") is None


CHANGES = {
    "a cell": lambda a: ([{**CELLS[0], "source": "x = 2"}, CELLS[1]], *a[1:]),
    "a check": lambda a: ([CELLS[0], {"source": "", "check": "tanh"}], *a[1:]),
    "a file": lambda a: (a[0], b"other", *a[2:]),
    "the seed": lambda a: (*a[:2], SEED + 1, a[3]),
    "a limit": lambda a: (*a[:3], Limits(cell_seconds=7)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_key_changes_with_all_that_a_run_depends_on(change):
    arguments = (CELLS, b"files", SEED, Limits())
    assert runs.key(*arguments) == runs.key(*arguments)
    assert runs.key(*CHANGES[change](arguments)) != runs.key(*arguments)


@pytest.fixture
def course(make_course, small_released, small_worked):
    right = {name: cell.source for name, cell in demo.solution_cells(small_worked).items()}
    return make_course(
        {"someone": demo.filled(small_released, right | {"relu-solution": "def relu(z):\n    return z + 0"})}
    )


def grade(course, **settings):
    with pool.local() as workers:
        (result,) = grade_class(course, LESSON, ["someone"], workers, **settings)
    return result


def never(*arguments):
    raise AssertionError("the sandbox ran")


def test_grading_again_runs_nothing_again_and_gives_the_same(course, monkeypatch):
    first = grade(course)
    monkeypatch.setattr(grading, "run_notebook", never)
    second = grade(course)
    assert second.verdicts == first.verdicts
    assert second.score == first.score < 14
    assert second.notebook == first.notebook
    assert grade(course, again=True).problem  # the control: it would have run


def test_a_mended_exercise_is_judged_anew_from_the_kept_evidence(course, monkeypatch):
    before = grade(course)
    lenient = replace(find("relu"), reference=lambda z: z + 0)  # now the answer that was wrong is right
    monkeypatch.setattr(asked.exercises, "find", lambda name: lenient if name == "relu" else find(name))
    monkeypatch.setattr(grading, "run_notebook", never)
    after = grade(course)
    assert {v.exercise for v in before.verdicts if not v.passed} == {"relu"}
    assert all(verdict.passed for verdict in after.verdicts)


def test_a_grading_without_a_sandbox_is_marked_as_such(course):
    result = grade(course, isolated=False)
    assert any("NOT ISOLATED" in finding for finding in result.findings)
    assert "NOT ISOLATED" in (course.feedback("someone", LESSON) / f"{LESSON}.html").read_text()
    assert not any("ISOLATED" in finding for finding in grade(course).findings)  # the control
