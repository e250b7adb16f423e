"""The whole bank passes the gates, and each gate stops what it is there for."""

from dataclasses import replace
from itertools import count

import pytest
from typer.testing import CliRunner

from autograder.__main__ import app
from autograder.exercises import bank as exercises
from autograder.quiz import bank, gates
from autograder.quiz.question import CHOICE, Criterion, Option, Question, same
from autograder.quiz.static import Card, Misconception
from autograder.quiz.template import Draft, Template, Wrong, value_of

SEEDS = 40  # of each template here; `autograder quiz check` takes all
TEMPLATES = bank.templates()
FIELDS = {"version": 1, "lesson": "01_activations", "topic": "losses", "bloom": "apply", "difficulty": 1}
MISTAKES = [name for name, mistake in bank._of_exercises().items() if not mistake.no_distractor]


def problems_of(one):
    """What the gates find in a sample of seeds; what needs more seeds to show is looked for in all."""
    return list(gates.of_template(one, SEEDS)) and list(gates.of_template(one))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_passes(name):
    assert problems_of(TEMPLATES[name]) == []
    assert list(gates.of_question(TEMPLATES[name].variant("test"))) == []


@pytest.mark.parametrize("name", bank.static())
def test_a_static_question_passes(name):
    assert list(gates.of_question(bank.static()[name])) == []


def test_the_bank_as_a_whole_passes():
    every = [*bank.static().values(), *(one.variant("test") for one in TEMPLATES.values())]
    assert list(gates.of_lengths(bank.static().values())) == []
    assert list(gates.of_cards()) == []
    assert list(gates.of_coverage(every)) == []
    assert list(gates.unused_mistakes(100)) == []


def test_the_bank_is_as_large_as_it_should_be():
    computed = sum(question.kind != "essay" for question in bank.static().values()) + len(TEMPLATES)
    assert computed >= 120
    assert len(TEMPLATES) >= 50
    assert sum(question.kind == "essay" for question in bank.static().values()) >= 15
    assert len(bank.cards()) >= 110


def drafted(one, drawn):
    """The draft, whose wrong answers can be gone through more than once."""
    draft = one.draft(drawn)
    return replace(draft, wrong=list(draft.wrong))


def with_key(one, key_of):
    """The template with another key: a function of its draft, which gives None where the key stays."""

    def draft(drawn):
        made = drafted(one, drawn)
        key = key_of(made)
        return made if key is None else replace(made, key=key)

    return replace(one, draft=draft)


def keys_with(draft, mistake):
    """The key as this mistake makes it, None where it makes none here; a wrong text joins the right ones."""
    for wrong in draft.wrong:
        if wrong.mistake == mistake:
            value = value_of(wrong)
            if value is not None:
                return (
                    (*draft.key, value) if isinstance(draft.key, tuple) and isinstance(value, str) else value
                )
    return None


@pytest.mark.parametrize(
    "name", [name for name, one in TEMPLATES.items() if one.kind not in ("order", "cloze")]
)
def test_each_mistake_in_the_place_of_the_reference_is_noticed(name):
    one = TEMPLATES[name]
    open_, noticed = set(), set()
    for seed in range(gates.SEEDS):
        draft = drafted(one, one.drawn(seed))
        open_ |= {wrong.mistake for wrong in draft.wrong}
        derived = draft.check()
        for mistake in open_ - noticed:
            key = keys_with(draft, mistake)
            if key is not None and not gates.agrees(key, derived):
                noticed.add(mistake)
        if seed >= SEEDS and open_ == noticed:
            break
    assert open_
    assert open_ - noticed == set()


@pytest.mark.parametrize(
    "name", [name for name, one in TEMPLATES.items() if one.kind not in ("order", "cloze")]
)
def test_the_gate_refuses_a_template_whose_reference_is_a_mistake(name):
    """The same by the gate itself, which names key and derivation, for the first mistake that shows."""
    one = TEMPLATES[name]
    for seed in range(SEEDS):
        draft = drafted(one, one.drawn(seed))
        for mistake in [wrong.mistake for wrong in draft.wrong]:
            key = keys_with(draft, mistake)
            if key is not None and not same(key, draft.key, 1e-3):
                spoilt = with_key(one, lambda made, mistake=mistake: keys_with(made, mistake))
                found = list(gates.of_template(spoilt, seed + 1))
                assert any(
                    f"{name}: key " in text and "is not its second derivation" in text for text in found
                )
                return
    pytest.fail("no mistake shows")


@pytest.mark.parametrize("name", [name for name, one in TEMPLATES.items() if one.kind in ("order", "cloze")])
def test_another_order_or_another_gap_is_noticed(name):
    """These have no wrong answers of a mistake; their key is spoilt in each of its parts."""
    one = TEMPLATES[name]
    draft = one.draft(one.drawn(0))
    parts = draft.key if isinstance(draft.key, dict) else range(len(draft.key) - 1)
    assert len(parts) > 0
    for part in parts:
        spoilt = with_key(one, lambda made, part=part: spoil(made.key, part))
        assert any("is not its second derivation" in text for text in gates.of_template(spoilt, 5)), part


def spoil(key, part):
    if isinstance(key, dict):
        value = key[part]
        return {**key, part: f"not {value}" if isinstance(value, str) else value * 1.01 + 0.01}
    return (*key[:part], key[part + 1], key[part], *key[part + 2 :])


def made(kind="single", key=1.0, wrong=(2.0, 3.0, 4.0), **fields):
    """A template that the gates let pass, but for what is put in."""
    wrongs = [Wrong(f"w{i}", f"says {i}", lambda value=value: value) for i, value in enumerate(wrong)]
    draft = fields.pop("draft", lambda p: Draft("?", key, lambda: key, "So.", wrongs))
    return Template(id="made", kind=kind, params={"x": (1.0, 2.0)}, draft=draft, **FIELDS | fields)


def asked(wrong=("b", "c", "d"), **fields):
    """A static question that the gates let pass, but for what is put in."""
    options = (Option("a", True, "", "Yes."), *(Option(text, False, MISTAKES[0], "No.") for text in wrong))
    given = {
        "id": "asked",
        "kind": "single",
        "stem": "What?",
        "key": "a",
        "explanation": "So.",
        "options": options,
    }
    return Question(**{**FIELDS, **given, **fields})


def test_what_is_made_up_passes_before_it_is_spoilt():
    assert list(gates.of_template(made(), 100)) == []
    assert list(gates.of_question(asked())) == []


class KeyFirst(Template):
    def question(self, seed, params=None):
        found = super().question(seed, params)
        return replace(found, options=tuple(sorted(found.options, key=lambda option: not option.right)))


CALLS = count()
BAD_TEMPLATES = {
    "another second derivation": (
        made(draft=lambda p: Draft("?", 1.0, lambda: 1.0001, "", ())),
        "made: key 1.0 is not its second derivation 1.0001 (seed 0",
    ),
    "options that collide": (made(wrong=(2.0, 2.001, 3.0)), "made: 2 wrong options differ, 3 are needed"),
    "options that look alike": (
        made(wrong=(2.0, 2.0004, 3.0), rtol=1e-9),
        "made: 2 wrong options differ, 3 are needed",
    ),
    "a wrong option that is the key": (made(wrong=(1.0, 2.0, 3.0)), "made: 2 wrong options differ"),
    "too few wrong options": (made(wrong=(2.0, 3.0)), "made: 2 wrong options differ, 3 are needed"),
    "a mistake that never shows": (
        made(wrong=(1.0, 2.0, 3.0, 4.0)),
        "made: the second derivation does not notice w0, at no seed",
    ),
    "a record that is not found again": (
        made(draft=lambda p: Draft(f"{next(CALLS)}?", 1.0, lambda: 1.0, "", made().draft(p).wrong)),
        "made: its record gives another variant (seed 0",
    ),
    "the key always first": (
        KeyFirst(**vars(made())),
        "made: the key stands at the places [100, 0, 0, 0] times",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TEMPLATES)
def test_a_bad_template_is_stopped(name):
    one, says = BAD_TEMPLATES[name]
    found = list(gates.of_template(one, 100))
    assert any(text.startswith(says) for text in found), found


BAD_QUESTIONS = {
    "two options alike": (asked(("b", "b", "d")), "asked: two options look alike"),
    "too few wrong options": (asked(("b", "c")), "asked: 2 wrong options, 3 are needed"),
    "a mistake that nobody knows": (
        asked(options=(Option("a", True), *(Option(x, False, "sigmoid.no_such") for x in "bcd"))),
        "asked: no mistake 'sigmoid.no_such'",
    ),
    "a card that is not there": (asked(cards=("no-such-card",)), "asked: no card 'no-such-card'"),
    "an id with capitals": (asked(id="Bad_Id"), "Bad_Id: an id is lower-case words with hyphens"),
    "an unknown topic": (asked(topic="cooking"), "asked: unknown topic 'cooking'"),
    "an unknown kind": (asked(kind="riddle"), "asked: unknown kind 'riddle'"),
    "an unknown level": (asked(bloom="guess"), "asked: unknown bloom 'guess'"),
    "an unknown state": (asked(status="new"), "asked: unknown status 'new'"),
    "a difficulty of 6": (asked(difficulty=6), "asked: difficulty is 1 to 5, not 6"),
    "maths that does not convert": (asked(stem=r"Is $\left( x$ right?"), r"asked: $\left( x$ is no maths that converts"),
    "such maths in a hint": (asked(hints=("Try $a_b_c$.",)), "asked: $a_b_c$ is no maths that converts"),
    "such maths in an option": (asked(("b", "c", "$x^$")), "asked: $x^$ is no maths that converts"),
    "a brace that is not closed": (asked(stem=r"$\frac{1}{2$"), r"asked: $\frac{1}{2$ opens 2 braces and closes 1"),
    "a brace that is not opened": (asked(explanation="$x^{2}}$"), "asked: $x^{2}}$ opens 1 braces and closes 2"),
    "a command that nobody knows": (asked(stem=r"$\sigmoid x$"), r"asked: $\sigmoid x$ has the command \sigmoid"),
    "an essay without a model": (
        asked(kind="essay", options=(), rubric=(Criterion(1, "x"),)),
        "asked: an essay has a rubric and a model answer",
    ),
    "an essay without a rubric": (
        asked(kind="essay", options=(), model="So."),
        "asked: an essay has a rubric and a model answer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_QUESTIONS)
def test_a_bad_question_is_stopped(name):
    question, says = BAD_QUESTIONS[name]
    found = list(gates.of_question(question))
    assert any(text.startswith(says) for text in found), found


def test_braces_that_are_shown_are_no_brackets():
    assert (
        list(gates.of_question(asked(stem=r"$\{x : x < 1\}$ and $\text{a}$ and `$\frac{1}{$` and \$5"))) == []
    )


def test_a_right_option_that_is_mostly_the_longest_is_stopped():
    longest, other = asked(options=(Option("longer", True), Option("b", False))), asked(("bcdef", "c", "d"))
    assert list(gates.of_lengths([longest, longest, other, other, other])) == []
    assert list(gates.of_lengths([longest, longest, longest, other, other])) == [
        "the right option is the longest in 3 of 5 static choice questions"
    ]


CARD = Card("made-card", "01_activations", "losses", "Front?", "Back.")
BAD_CARDS = {
    "gaps that LaTeX ends": (
        {"front": r"It is {{c1::$\frac{1}{1 + e^{-z}}$}}."},
        "card made-card: }} in the maths of the gap",
    ),
    "maths that does not convert": ({"back": "$a_b_c$"}, "card made-card: $a_b_c$ is no maths"),
    "an id with blanks": ({"id": "made card"}, "card made card: an id is lower-case words"),
    "an unknown topic": ({"topic": "cooking"}, "card made-card: unknown topic 'cooking'"),
}


@pytest.mark.parametrize("name", BAD_CARDS)
def test_a_bad_card_is_stopped(name, monkeypatch):
    fields, says = BAD_CARDS[name]
    known = bank.cards()
    monkeypatch.setattr(bank, "cards", lambda: {**known, "made-card": CARD})
    assert list(gates.of_cards()) == []
    bad = replace(CARD, **fields)
    monkeypatch.setattr(bank, "cards", lambda: {**known, bad.id: bad})
    found = list(gates.of_cards())
    assert found[0].startswith(says)
    assert all(text.startswith(f"card {bad.id}: ") for text in found)


def test_a_mistake_or_misconception_without_its_card_is_stopped(monkeypatch):
    ideas = {"made-idea": Misconception("made-idea", "It is so.", "no-such-card")}
    monkeypatch.setattr(bank, "misconceptions", lambda: ideas)
    assert list(gates.of_cards()) == ["misconception made-idea: no card 'no-such-card'"]
    wanted = {m.card for exercise in exercises().values() for m in exercise.mistakes}
    monkeypatch.setattr(bank, "misconceptions", dict)
    monkeypatch.setattr(bank, "cards", dict)
    found = list(gates.of_cards())
    assert len(found) == sum(len(exercise.mistakes) for exercise in exercises().values())
    assert {text.rpartition("no card ")[2].strip("'") for text in found} == wanted


def test_a_topic_without_a_question_or_a_card_is_stopped(monkeypatch):
    every = [*bank.static().values(), *(one.variant("test") for one in TEMPLATES.values())]
    fewer = [question for question in every if question.topic != "chain rule"]
    assert list(gates.of_coverage(fewer)) == ["topic 'chain rule': no question"]
    cards = {name: card for name, card in bank.cards().items() if card.topic != "softmax"}
    monkeypatch.setattr(bank, "cards", lambda: cards)
    assert list(gates.of_coverage(every)) == ["topic 'softmax': no card"]


def test_a_mistake_that_no_question_offers_is_stopped(monkeypatch):
    fewer = {name: one for name, one in TEMPLATES.items() if one.lesson != "10_optimizers"}
    static = {name: q for name, q in bank.static().items() if q.lesson != "10_optimizers"}
    monkeypatch.setattr(bank, "templates", lambda: fewer)
    monkeypatch.setattr(bank, "static", lambda: static)
    found = list(gates.unused_mistakes(1))
    adam = [name for name in MISTAKES if name.startswith("adam.")]
    assert adam
    assert {
        f"{name}: no question offers it; use it, or say in `no_distractor` why none can" for name in adam
    } <= set(found)


def test_a_mistake_that_cannot_be_an_option_need_not_be_offered():
    exempt = [m for exercise in exercises().values() for m in exercise.mistakes if m.no_distractor]
    assert exempt
    assert all(len(mistake.no_distractor) > 10 for mistake in exempt)


def test_all_gates_are_asked(monkeypatch):
    names = ("of_template", "of_question", "of_lengths", "of_cards", "of_coverage", "unused_mistakes")
    for name in names:
        monkeypatch.setattr(gates, name, lambda *args, name=name: [name])
    told = []
    assert set(gates.problems(3, tell=told.append)) == set(names)
    assert told == list(TEMPLATES)


def test_the_command_fails_where_a_gate_does(monkeypatch):
    monkeypatch.setattr(bank, "templates", lambda: {"made": made(wrong=(2.0, 3.0))})
    monkeypatch.setattr(bank, "static", dict)
    monkeypatch.setattr(gates, "unused_mistakes", lambda seeds: [])
    monkeypatch.setattr(gates, "of_coverage", lambda questions: [])
    monkeypatch.setattr(Template, "variant", lambda self, student: asked())
    done = CliRunner().invoke(app, ["quiz", "check", "--seeds", "3"])
    assert done.exit_code == 1
    assert "made: 2 wrong options differ, 3 are needed" in done.output
    assert "3 seeds: 1 problem" in done.output


def test_choices_of_the_bank_have_their_key_once():
    for question in (*bank.static().values(), *(one.variant("test") for one in TEMPLATES.values())):
        if question.kind in CHOICE:
            assert sum(option.right for option in question.options) == 1
