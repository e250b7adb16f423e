"""The page for a student: everything is escaped, nothing runs, no hidden input appears."""

import re
import warnings
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser

import numpy as np
import pytest

from autograder.drives import AS_WRITTEN, Outcome
from autograder.evidence import NOT_STARTED, STOPPED, Evidence, gather
from autograder.exercises import find
from autograder.feedback import page, sections, title
from autograder.judge import Verdict, judge
from autograder.recording import ByHand

HIDDEN = 2**127 + 1
SCRIPT = "<script>alert(1)</script>"


@dataclass
class Graded:
    """What the page reads of `grading.Result`, without nbgrader's three seconds of import."""

    student: str = "ada"
    verdicts: list[Verdict] = field(default_factory=list)
    written: dict[str, str | None] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    findings: list[str] = field(default_factory=list)
    late: timedelta = timedelta()
    by_hand: dict[str, ByHand] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    score: float = 1.8
    points: float = 14


@pytest.fixture
def made(skeleton):
    return lambda **fields: page(Graded(**fields), skeleton)


def hidden_verdict(name, answer):
    return judge(find(name), gather(find(name), answer, HIDDEN))


def forged(name, **outcome):
    """The verdict on what a process that forges its evidence may send."""
    cases = {case: (Outcome(**outcome),) * len(drawn) for case, drawn in find(name).inputs(HIDDEN).items()}
    return judge(find(name), Evidence(HIDDEN, outcomes={AS_WRITTEN: cases}))


class Survey(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def assert_harmless(html):
    seen = Survey(html)
    assert not {"script", "img", "iframe", "object", "link", "base", "form", "svg"} & set(seen.tags)
    for name, value in seen.attributes:
        assert not name.startswith("on")
        assert name not in ("src", "href") or value.startswith("#")
    html.encode()


PLACES = {
    "the student": lambda text: {"student": text},
    "a problem": lambda text: {"problem": text},
    "a finding": lambda text: {"findings": [text]},
    "code": lambda text: {
        "answers": {"relu-solution": text},
        "verdicts": [hidden_verdict("relu", lambda z: z)],
    },
    "a written answer": lambda text: {"written": {"why_nonlinear": text}},
    "an exception's type": lambda text: {"verdicts": [forged("relu", error=text, message=text)]},
    "a warning": lambda text: {
        "verdicts": [forged("relu", warnings=(text,)), hidden_verdict("relu", warns_of(text))]
    },
    "the origin": lambda text: {
        "findings": judge(find("relu"), Evidence(1, STOPPED, origin=f"nnlib/{text}")).review
    },
}
TEXTS = [
    SCRIPT,
    "`<script>`",
    r"$\text{<script>alert(1)</script>}$",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\frac{$",
    '" onmouseover="alert(1)',
    "</pre></details><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b]0;t\x07\u202e",
    "\ud800",
]


def warns_of(text):
    """The right answer to `relu`, with a warning."""

    def relu(z):
        warnings.warn(text, stacklevel=1)
        return np.maximum(z, 0)

    return relu


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_that_a_student_writes_becomes_markup(made, place, text):
    html = made(**PLACES[place](text))
    assert_harmless(html)
    assert "49" not in Survey(html).text
    assert not set("\x1b\x07\u202e") & set(html)


def test_the_page_has_a_policy_that_forbids_scripts_and_loads_nothing(made):
    html = made()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)[1]
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    assert html.index("Content-Security-Policy") < html.index("<title>")
    assert "<script" not in html
    assert not re.search(r"https?://", html)


def numbers_in(exercise, seed):
    """Every hidden input in the forms in which it could be shown."""
    for drawn in exercise.inputs(seed).values():
        for inputs in drawn:
            for argument in inputs:
                if not isinstance(argument, str):
                    for number in np.ravel(argument):
                        if number != np.round(number):
                            yield from {f"{number:.6g}", f"{number:.4f}", repr(float(number))[:8]}


LEAKS = {
    "a wrong value": lambda z: z + 0.123,
    "an exception's text": lambda z: _raise(ValueError(str(z))),
    "an exception's type": lambda z: _raise(type(f"E{np.ravel(z)[:9]}", (Exception,), {})()),
    "a warning": lambda z: warns_of(str(z))(z),
    "a warning like NumPy's": lambda z: warns_of(
        "overflow encountered in " + "_".join(repr(float(x)).replace(".", "p") for x in np.ravel(z)[:7])
    )(z),
    "a warning with nan": lambda z: warns_of(str(z))(z) * np.nan,
    "an index": lambda z: [z][str(z)],
    "a key": lambda z: {}[float(np.ravel(z)[0])],
}


def _raise(error):
    raise error


@pytest.mark.parametrize("leak", LEAKS)
def test_no_hidden_input_reaches_the_page(made, leak):
    html = made(verdicts=[hidden_verdict("relu", LEAKS[leak])])
    shown = [n for n in numbers_in(find("relu"), HIDDEN) if n in html or n.replace(".", "p") in html]
    assert shown == []


@pytest.mark.parametrize("name", ["sigmoid", "weighted_sum", "leaky_relu"])
def test_no_hidden_input_of_any_mistake_reaches_the_page(made, name):
    html = made(verdicts=[hidden_verdict(name, mistake.answer) for mistake in find(name).mistakes])
    fixed = set(numbers_in(find(name), 0))  # 0.2, 0.3: the same for every seed
    assert [n for n in numbers_in(find(name), HIDDEN) if n in html and n not in fixed] == []


def test_the_page_says_marks_diagnosis_and_where_to_read_again(made, skeleton):
    html = made(verdicts=[hidden_verdict("sigmoid", find("sigmoid").mistakes[0].answer)])
    text = " ".join(Survey(html).text.split())
    assert "1.8 of 14 marks" in text
    assert "leaves the range of floating-point numbers" in text
    assert f"Read again: section {sections(skeleton)['sigmoid']}" in text
    assert "<code>np.exp(-z)</code>" in html


def test_an_ungradable_submission_gets_its_reason_and_no_sections(made):
    html = made(problem="01.ipynb is missing: the folder has no notebook.", verdicts=[stopped("relu")])
    assert "could not be graded" in html
    assert "the folder has no notebook" in html
    assert "<section" not in html


def stopped(name):
    return judge(find(name), Evidence(HIDDEN, state=STOPPED))


def test_a_written_question_waits_for_a_person_or_says_that_it_is_empty(made):
    html = made(written={"why_nonlinear": "because", "which_activation": None}, waiting=("why_nonlinear",))
    assert "This answer waits for a person to mark it." in html
    assert "No answer was handed in." in html


def test_what_a_person_gave_is_shown_escaped(made):
    given = {"why_nonlinear": ByHand(2.5, "Good.\n<b>But</b> why?"), "relu": ByHand(0.5)}
    html = made(
        written={"why_nonlinear": "because"},
        verdicts=[Verdict("relu", 2, 1.0)],
        by_hand=given,
        waiting=("why_nonlinear",),
    )
    assert "look at it again: it has changed since it was marked" in html
    assert "2.5 marks." in html
    assert "Good.\n&lt;b&gt;But&lt;/b&gt; why?" in html
    assert "0.5 / 2" in html
    assert "marked by a person" in made(written={"why_nonlinear": "because"}, by_hand=given)


def test_lateness_is_told(made):
    assert "handed in late by 2 h" in made(late=timedelta(hours=2))
    assert "late" not in made()


def test_help_with_an_earlier_answer_is_told(made):
    verdict = Verdict("swish", 0, 1.0, with_references=("sigmoid",))
    assert "Judged with the course's own <code>sigmoid</code>" in made(verdicts=[verdict])


def test_an_exercise_that_was_not_started_is_not_called_wrong(made):
    verdict = forged("relu", error="NotImplementedError")
    assert verdict.state == NOT_STARTED
    html = made(verdicts=[verdict])
    assert "not yet right" not in html
    assert NOT_STARTED in html


def test_every_graded_cell_of_the_lesson_has_a_section_and_the_lesson_a_title(skeleton):
    graded = [cell.metadata.nbgrader for cell in skeleton.cells if "nbgrader" in cell.metadata]
    found = sections(skeleton)
    assert list(found) == [settings.grade_id for settings in graded if settings.grade]
    assert all(found.values())
    assert title(skeleton) == "01. Activation functions"
