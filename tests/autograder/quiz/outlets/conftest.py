"""Made-up questions of every kind, with every character that steers in one of the formats."""

import pytest

from autograder.quiz.outlets import cards
from autograder.quiz.question import Blank, Criterion, Option, Question

LESSON = "01_activations"
NASTY = (
    r"""Braces {a} }, tilde ~, equals =, colon ::, hash #, less <b>, and &amp; & "quotes" it's -> [x] `\n \{` ]]> \$5 or \$6 `` ` `` """
    r"""$\nabla f = \{x : x < 1\} \neq \% _1$ é 漢 − %50% * ** // \nabla \\ end."""
)
CODE = """What does it print?

```python
def f(x):
    if x > 0:  # ~ = : { }

        return {"a": x}  # \\n <b>&amp;
    print("]]>")
```

$$\\frac{1}{2} < 1$$"""


SLIPS = ("Your curve *falls*: σ(1) < σ(0).", "Which `power` is it?", "Third.", "Fourth.")


@pytest.fixture
def known_slips(monkeypatch):
    """A few slips in place of the bank's, whose wording may change; `monkeypatch.undo()` brings the bank's back."""
    monkeypatch.setattr(cards, "_slips", lambda: {"sigmoid-formula": SLIPS})


@pytest.fixture
def collection(tmp_path):
    """An empty collection of Anki's."""
    from anki.collection import Collection

    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def made(name, kind, **fields):
    common = {"stem": f"{name}: {NASTY}", "key": None, "explanation": f"Because {NASTY}", "topic": "losses"}
    return Question(id=name, version=3, kind=kind, lesson=LESSON, **{**common, **fields})


def options(right, wrong):
    return tuple(
        [Option(text, True, "", f"Yes: {NASTY}") for text in right]
        + [Option(text, False, "sigmoid.some_mistake", f"No: {NASTY}") for text in wrong]
    )


def numbers(key, *wrong):
    return (
        Option(f"{key}", True, "", "Yes.", key),
        *(Option(f"{value}", False, f"relu.m{i}", f"No {i}.", value) for i, value in enumerate(wrong)),
    )


@pytest.fixture
def made_up():
    """One or more questions of each kind; lists are fresh, so that a test may change them."""
    two = r"$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$"
    return [
        made(
            "one-right", "single", options=options([NASTY], ["a", "b", CODE]), key=NASTY, hints=("look", "~")
        ),
        made("with-code", "find-the-error", stem=CODE, options=options(["x"], ["y", "z", "w"]), key="x"),
        made("several-right", "multiple", options=options(["a", "b", "c"], ["d", "e"]), key=("a", "b", "c")),
        made("one-of-several", "multiple", options=options(["a"], ["d", "e", "f"]), key=("a",)),
        made("a-number", "numeric", key=-0.25, options=numbers(-0.25, 0.25, 0.75, -4.0)),
        made("a-tiny-number", "numeric", key=6.1e-13, options=numbers(6.1e-13, 6.1e-12, 3e-13, 1e-3)),
        made("zero", "numeric", key=0.0, atol=0.05),
        made("a-vector", "vector", key=(1.0, 2.0), options=options([two], ["$(1, 2)$", "$(3)$", "$(0)$"])),
        made("a-bare-matrix", "matrix", key=((1.0,), (2.0,))),
        made("an-order", "order", key=("first {1}", "then ~", "last =>"), options=options(["first {1}"], [])),
        made("a-word", "short", key="ReLU {x}~=#:", accepted=("ReLU {x}~=#:", "a*b", r"\nabla", '<&">')),
        made("an-arrow", "short", key="a -> b", accepted=("a -> b",)),
        made(
            "one-gap",
            "cloze",
            stem=r"It is [[word]], not $\{0\}$. {~=}",
            blanks=(Blank("word", ("a}b~c#d", r"x\}*y=", "<b>&amp;", "é")),),
        ),
        made("a-number-gap", "cloze", stem="It is [[n]]. {~=}", blanks=(Blank("n", ("0.5",), 0.5),)),
        made(
            "two-gaps",
            "cloze",
            stem="First [[b]] then [[a]].",
            blanks=(Blank("a", ("one",)), Blank("b", ("2",), 2.0)),
        ),
        made(
            "fine-gaps",
            "cloze",
            stem="It is [[a]] or [[b]].",
            blanks=(Blank("a", ("0.0909",), 1 / 11), Blank("b", ("x",))),
        ),
        made("gap-in-maths", "cloze", stem="It is $x = [[n]]$.", blanks=(Blank("n", ("1",), 1.0),)),
        made(
            "an-essay",
            "essay",
            rubric=(Criterion(2, f"names {NASTY}"), Criterion(1.5, "explains")),
            model=f"So: {NASTY}",
        ),
    ]


@pytest.fixture
def with_variants(made_up):
    """The same, with three variants of one template, of which two came out alike."""
    drawn = [
        made("drawn", "numeric", stem=f"What is {x}?", key=x, seed=seed)
        for x, seed in ((0.5, 11), (1.5, 12), (0.5, 13))
    ]
    return [*made_up, *drawn]
