"""What a student calls: it never raises for what the student wrote, and keeps the cell clean."""

import importlib
import os
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest

import nnlib
from autograder import check, hint
from autograder.evidence import MISSING, NOT_STARTED
from autograder.exercises import bank, find

check_module = importlib.import_module("autograder.check")  # the package's `check` is the function

SIGMOID = "def sigmoid(z):\n    e = np.exp(-np.abs(z))\n    return np.where(z >= 0, 1, e) / (1 + e)\n"
SWISH = "def swish(z, beta=1.0):\n    return z * sigmoid(beta * z)\n"


def notebook(source):
    """The names of a notebook after its cells, `mark` being what its last check returned."""
    namespace = {"np": np, "check": check, "__name__": "__main__"}
    exec(source, namespace)
    return namespace


def test_a_right_answer_earns_all_marks():
    mark = notebook(SIGMOID + "mark = check('sigmoid')")["mark"]
    assert mark == 2
    assert mark.verdict.passed


@pytest.mark.parametrize("name", bank())
def test_an_undefined_name_is_missing_and_no_error(name):
    mark = notebook(f"mark = check({name!r})")["mark"]
    assert (float(mark), mark.verdict.state) == (0.0, MISSING)
    assert f"`{name}`" in mark.verdict.diagnosis


def test_the_name_is_looked_up_where_check_is_called():
    def relu(z):
        return np.maximum(z, 0)

    assert check("relu") == 2
    assert check("tanh") == 0


def test_an_answer_can_be_handed_over():
    assert check("relu", lambda z: np.maximum(z, 0)) == 2
    assert check("relu", None) == 0


def test_an_unknown_exercise_is_an_error_that_says_what_comes_near():
    with pytest.raises(KeyError, match="sigmoid"):
        check("sigmoidd")


def test_an_unfinished_cell_is_not_started_and_shows_no_traceback(capsys):
    mark = notebook("def relu(z):\n    raise NotImplementedError()\nmark = check('relu')")["mark"]
    assert (float(mark), mark.verdict.state) == (0.0, NOT_STARTED)
    seen = capsys.readouterr()
    assert "not started" in seen.out
    assert "NotImplementedError" not in seen.out + seen.err + mark._repr_html_()


def loud(z):
    print("LEAK")
    print("LEAK", file=sys.stderr)
    os.write(1, b"LEAK\n")
    os.write(2, b"LEAK\n")
    subprocess.run([sys.executable, "-Ic", "print('LEAK')"], check=True)
    return np.maximum(z, 0)


def test_what_an_answer_prints_stays_off_the_cell(capfd):
    assert check("relu", loud) == 2
    os.write(1, b"after")
    seen = capfd.readouterr()
    assert "LEAK" not in seen.out + seen.err
    assert seen.err == ""
    assert seen.out.startswith("relu: 2 of 2 marks")
    assert "after" in seen.out


def test_no_warning_of_the_judge_reaches_the_cell(capfd):
    script = "import numpy as np\nfrom autograder import check\ncheck('sigmoid', lambda z: z + 1j)\n"
    script += "check('relu', lambda z: np.sign(z) * 1.7e308)\n"
    subprocess.run([sys.executable, "-c", script], check=True)
    assert capfd.readouterr().err == ""


def test_an_answer_that_closes_or_replaces_the_streams_does_no_harm(capfd):
    def answer(z):
        with suppress(OSError):  # it is open for the first input only
            os.close(1)
        sys.stdout.close()
        sys.stderr = None
        return np.maximum(z, 0)

    streams = sys.stdout, sys.stderr
    assert check("relu", answer) == 2
    assert (sys.stdout, sys.stderr) == streams
    os.write(1, b"after")
    assert "after" in capfd.readouterr().out


RAISES = [SystemExit(0), ValueError("no"), RecursionError(), MemoryError(), GeneratorExit()]


@pytest.mark.parametrize("error", [*RAISES, KeyboardInterrupt()], ids=lambda error: type(error).__name__)
def test_everything_is_put_back_whatever_an_answer_raises(error):
    def answer(z):
        raise error

    before = nnlib.relu.__code__, sys.stdout, sys.stderr
    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            check("relu", answer)
    else:
        assert check("relu", answer) == 0
    assert (nnlib.relu.__code__, sys.stdout, sys.stderr) == before
    assert nnlib.relu(3.0) == 3


class ExitsInItsText(Exception):
    def __str__(self):
        raise SystemExit(1)


class AttributesRaise:
    def __call__(self, z):
        return np.maximum(z, 0)

    def __getattr__(self, name):
        raise RuntimeError(name)


def test_an_exception_that_cannot_be_printed_is_only_a_wrong_answer():
    def answer(z):
        raise ExitsInItsText

    assert check("relu", answer) == 0


def test_an_object_whose_attributes_raise_is_judged():
    assert check("relu", AttributesRaise()) == 2


@pytest.mark.parametrize(("answer", "wanted"), [(nnlib.relu, "0.0"), (lambda z: np.maximum(z, 0), "2.0")])
def test_the_repr_is_the_bare_number_that_nbgrader_reads(answer, wanted):
    mark = check("relu", answer)
    assert (repr(mark), str(mark), f"{mark}") == (wanted,) * 3
    assert isinstance(mark, float)


def raising(text):
    def answer(z):
        raise ValueError(text)

    return answer


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "`<script>alert(1)</script>`",
        r"$\text{<script>alert(1)</script>}$",
        r"$\color{red<script>}x$",
        "<img src=x onerror=alert(1)>",
        r"$\frac{$",
        "$^$",
        "costs $5 or $6_",
        "\x1b[31m",
    ],
)
def test_the_page_is_escaped_and_made_whatever_an_exception_says(text):
    page = check("relu", raising(text))._repr_html_()
    assert "ValueError" in page
    assert "<script" not in page
    assert "<img" not in page


def test_the_page_says_what_passed_and_what_did_not():
    page = check("leaky_relu", lambda z, slope=0.01: np.where(z > 0, z, 0.01 * z))._repr_html_()
    assert "✓ passed" in page
    assert "✗ not yet" in page
    assert "All right." not in page
    assert "All right." in check("relu", lambda z: np.maximum(z, 0))._repr_html_()


def test_a_broken_earlier_answer_costs_nothing_here_and_this_is_said():
    names = notebook("def sigmoid(z):\n    return z\n" + SWISH + "mark = check('swish')")
    mark = names["mark"]
    assert mark.verdict.passed
    assert mark.verdict.with_references == ("sigmoid",)
    assert "Judged with the course's own sigmoid" in mark._repr_html_()
    assert names["sigmoid"](3.0) == 3.0


def test_a_sound_earlier_answer_is_used_and_nothing_is_said():
    mark = notebook(SIGMOID + SWISH + "mark = check('swish')")["mark"]
    assert mark.verdict.passed
    assert "course's own" not in mark._repr_html_()


def test_a_missing_earlier_answer_does_not_appear_by_the_check():
    names = notebook(SWISH + "mark = check('swish')")
    assert names["mark"].verdict.passed
    assert "sigmoid" not in names


def test_the_needed_name_is_rebound_where_the_answer_looks_it_up():
    other = notebook("def sigmoid(z):\n    return z\n" + SWISH)
    assert check("swish", other["swish"]).verdict.passed


@pytest.fixture
def no_hints_yet(monkeypatch):
    monkeypatch.setattr(check_module, "_hints_given", {})


@pytest.mark.parametrize("name", bank())
@pytest.mark.usefixtures("no_hints_yet")
def test_hints_come_one_after_another_and_begin_again(name, capsys):
    hints = find(name).hints
    for _ in range(len(hints) + 1):
        hint(name)
    given = [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines()]
    assert given == [*hints, hints[0]]


def test_a_hint_for_an_unknown_exercise_says_so():
    with pytest.raises(KeyError, match="relu"):
        hint("rellu")


def test_the_headline_of_an_optional_exercise_is_a_share():
    mark = check("swish", lambda z, beta=1.0: nnlib.sigmoid(beta * z) * z)
    assert check_module.headline(mark.verdict) == "100 % (optional, no marks)"
    assert float(mark) == 0.0
