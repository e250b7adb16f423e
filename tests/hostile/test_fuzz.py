"""Notebooks changed at random: whatever comes out, the grader reads it or refuses it in one line."""

import copy
import json
import math
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder import feedback
from autograder.answer_key import answer_key
from autograder.autograded import clean_notebook
from autograder.drives import AS_WRITTEN, DTYPES, Outcome
from autograder.evidence import STOPPED, Evidence
from autograder.exercises import find
from autograder.grading import Task, code_cells, grade_submission
from autograder.judge import judge
from autograder.rebuild import rebuild
from autograder.sandbox.conversation import Limits, Run
from autograder.submission import BadSubmission, read, release_of

from .rows import FULL, LESSON, NAMES, SAMPLED, grade_id

TIMES = 1 if SAMPLED else 10
LIMITS = Limits(cell_seconds=3, notebook_seconds=15, memory=2**30)
ODD_TEXT = st.text(
    st.characters(codec=None) | st.sampled_from("\ud800\x00\u202e<&=\x1b\r\n`$%!?"), max_size=40
)
SOURCES = st.sampled_from(["", "1 / 0", "%%bash\nexit 3", "!false", "def relu(z): return z", "import os; os._exit(3)", "\x00", "(" * 300, "?", "%load_ext no",
                           "raise SystemExit", "check = sigmoid = None", "exit()", "display(1)", "await 3", "return 1", "from nnlib import relu"]) | ODD_TEXT  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXT | SOURCES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXT | st.sampled_from(["source", "cell_type", "nbgrader", "grade_id", "id"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
CHANGES = ("replace", "remove", "duplicate", "swap", "rename", "source")


def _places(value, path=()):
    """Every place in a notebook, as the keys that lead there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*path, key)
        yield from _places(item, (*path, key))


@st.composite
def mutated(draw, notebook):
    """A valid notebook with a few of its parts replaced, taken out, doubled, exchanged or renamed."""
    notebook = copy.deepcopy(notebook)
    for _ in range(draw(st.integers(1, 6))):
        change = draw(st.sampled_from(CHANGES))
        if change == "source" and isinstance(notebook.get("cells"), list) and notebook["cells"]:
            cell = draw(st.sampled_from(notebook["cells"]))
            if isinstance(cell, dict):
                cell["source"] = draw(SOURCES)
            continue
        places = list(_places(notebook))
        if not places:
            break
        *path, key = draw(st.sampled_from(places))
        holder = notebook
        for step in path:
            holder = holder[step]
        if change == "replace":
            holder[key] = draw(JSON)
        elif change == "remove":
            del holder[key]
        elif change == "duplicate" and isinstance(holder, list):
            holder.insert(draw(st.integers(0, len(holder))), copy.deepcopy(holder[key]))
        elif change == "swap" and isinstance(holder, list):
            other = draw(st.integers(0, len(holder) - 1))
            holder[key], holder[other] = holder[other], holder[key]
        elif change == "rename" and isinstance(holder, dict):
            holder[draw(ODD_TEXT)] = holder.pop(key)
    return notebook


@pytest.fixture(scope="module")
def right(small_released, small_worked):
    """The released notebook with right answers, as plain data."""
    notebook = json.loads(nbformat.writes(small_released))
    sources = {cell["id"]: cell["source"] for cell in small_worked.cells}
    for cell in notebook["cells"]:
        cell["source"] = (
            sources[cell["id"]] if grade_id(cell).endswith("-solution") else "".join(cell["source"])
        )
    return notebook


@pytest.fixture(scope="module")
def course(make_course):
    return make_course({})


def graded(course, text):
    folder = course.submitted("fuzzed", LESSON)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{LESSON}.ipynb").write_bytes(text)
    return grade_submission(Task(str(course.root), LESSON, "fuzzed", course.seed(), LIMITS))


def quiet(examples):
    return settings(
        max_examples=examples * TIMES,
        deadline=None,
        derandomize=SAMPLED,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.large_base_example, HealthCheck.data_too_large],
    )  # fmt: skip


def as_bytes(notebook):
    return json.dumps(notebook).encode()


@quiet(300)
@given(data=st.data())
def test_a_changed_notebook_is_rebuilt_on_the_skeleton_or_refused_in_one_line(
    data, right, small_released, tmp_path_factory
):
    path = tmp_path_factory.getbasetemp() / f"{LESSON}.ipynb"
    path.write_bytes(as_bytes(data.draw(mutated(right))))
    said = ""
    try:
        submitted = read(path)
        rebuilt = rebuild(small_released, submitted)
    except BadSubmission as error:
        said = str(error)
    assert said.isprintable()
    if said:
        return
    assert isinstance(release_of(submitted), str)
    own = [cell for cell in rebuilt.cells if not cell["id"].startswith("extra-")]
    assert [cell["id"] for cell in own] == [cell["id"] for cell in small_released.cells]
    assert [cell["check"] for cell in code_cells(rebuilt.cells) if cell["check"]] == list(NAMES)
    verdicts = [judge(find(name), Evidence(0, state=STOPPED)) for name in NAMES]
    notebook = clean_notebook(small_released, rebuilt, Run(), verdicts)
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()


@quiet(200)
@given(data=st.data())
def test_changed_bytes_are_read_or_refused_in_one_line(data, right, small_released, tmp_path_factory):
    text = bytearray(as_bytes(right))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 400))] = data.draw(st.binary(max_size=20))
    path = tmp_path_factory.getbasetemp() / f"{LESSON}.ipynb"
    path.write_bytes(text)
    said = ""
    try:
        rebuild(small_released, read(path))
    except BadSubmission as error:
        said = str(error)
    assert said.isprintable()


@quiet(10)
@given(data=st.data())
def test_a_changed_notebook_gets_a_finite_mark_through_the_sandbox(data, right, course, small_released):
    result = graded(course, as_bytes(data.draw(mutated(right))))
    assert "The grader itself failed" not in result.problem
    assert math.isfinite(result.score)
    assert 0 <= result.score <= result.points == FULL
    assert all(0 <= verdict.score <= verdict.points for verdict in result.verdicts)
    feedback.page(result, small_released).encode()


VALUES = st.recursive(
    hnp.arrays(st.sampled_from(sorted(DTYPES)), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    | st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(ODD_TEXT, inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
OUTCOMES = st.none() | st.builds(
    Outcome,
    value=VALUES,
    error=st.just("") | st.sampled_from(["ValueError", "NotImplementedError", "ReferenceUsed", "TimeoutError"]) | ODD_TEXT,
    message=ODD_TEXT,
    warnings=st.lists(ODD_TEXT, max_size=2).map(tuple),
    changed=st.lists(st.integers(-3, 99), max_size=2).map(tuple),
    seconds=st.floats(),
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@quiet(40)
@given(data=st.data())
def test_whatever_a_sandbox_reports_is_judged_with_a_finite_mark(data, name):
    exercise = find(name)
    outcomes = {}
    for case in exercise.cases:
        right = answer_key(exercise, 5).right[case.name]
        if data.draw(st.booleans()):  # values of the right shape meet the finer rules
            wild = data.draw(st.sampled_from([np.nan, np.inf, -np.inf, 1e30, 0.0, -1.0]))
            drawn = [replace(r, value=np.full_like(r.value, wild)) for r in right if not r.error]
        else:
            drawn = [data.draw(OUTCOMES)] * len(right)
        outcomes[case.name] = tuple(drawn)
    verdict = judge(exercise, Evidence(5, outcomes={AS_WRITTEN: outcomes}))
    assert math.isfinite(verdict.score)
    assert 0 <= verdict.score <= exercise.points


def test_what_the_fuzzer_starts_from_gets_full_marks(right, course):
    assert graded(course, as_bytes(right)).score == FULL
