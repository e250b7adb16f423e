"""What every question and card must pass before anybody meets it (`autograder quiz check`).

Each gate is a function that yields problems, one line each, or nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import repeat
from types import SimpleNamespace

from ..exercises import bank as exercises
from ..render import mathml
from . import bank
from .question import BLOOM, CHOICE, KINDS, STATUS, Question, plain, same
from .template import Draft, Template, value_of

SEEDS = 500
AGREE = 1e-6
MIN_DISTRACTORS = 3
FALSE_ALARM = 1e-4  # of the test that the key's place is uniform, for the whole bank
LONGEST = 0.4  # largest share of static choice questions whose key is the longest option
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MATHS = re.compile(r"\$\$(.+?)\$\$|(?<![\\\w$])\$(\S(?:[^$]*\S)?)\$", re.DOTALL)
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def problems(seeds: int = SEEDS, tell: Callable[[str], None] = lambda name: None) -> Iterator[str]:
    """Everything that is wrong with the bank.

    Args:
        tell: is called with each template's id when its seeds have been drawn, for a progress bar.
    """
    templates = bank.templates()
    with ProcessPoolExecutor() as workers:  # a minute's work for one core
        for name, found in zip(templates, workers.map(_of_id, templates, repeat(seeds)), strict=True):
            tell(name)
            yield from found
    questions = [*bank.static().values(), *(one.variant("gate") for one in templates.values())]
    for question in questions:
        yield from of_question(question)
    yield from of_lengths(bank.static().values())
    yield from of_cards()
    yield from of_coverage(questions)
    yield from unused_mistakes(min(seeds, 100))


def _of_id(name, seeds):
    return list(of_template(bank.templates()[name], seeds))


def of_template(one: Template, seeds: int = SEEDS) -> Iterator[str]:
    """Key and second derivation agree, options differ, mistakes are caught, and the key's place is uniform."""
    places, told = Counter(), set()
    caught: dict[str, bool] = {}
    for seed in range(seeds):
        drawn = one.drawn(seed)
        draft = one.draft(drawn)
        found = list(_of_draw(one, seed, drawn, draft))
        yield from (text for text in found if text.partition(" (")[0] not in told)
        told |= {text.partition(" (")[0] for text in found}
        if found:
            continue
        derived = draft.check()
        for wrong in draft.wrong if one.kind != "multiple" else ():
            if not caught.get(wrong.mistake):
                value = value_of(wrong)
                caught[wrong.mistake] = value is not None and not agrees(value, derived)
        question = one.question(seed)
        if one.kind in CHOICE or (question.options and one.kind not in ("multiple", "order")):
            places[[option.right for option in question.options].index(True), len(question.options)] += 1
    yield from (
        f"{one.id}: the second derivation does not notice {name}, at no seed"
        for name, yes in caught.items()
        if not yes
    )
    yield from _uniform(one.id, places)


def agrees(key: object, derived: object) -> bool:
    """Whether a key equals its second derivation."""
    if isinstance(key, dict):
        return (
            isinstance(derived, dict)
            and set(key) == set(derived)
            and all(agrees(key[k], derived[k]) for k in key)
        )
    return same(key, derived, AGREE, 1e-12)


def _of_draw(one, seed, drawn, draft):
    where = f"(seed {seed}, {_short(drawn)})"
    if not agrees(draft.key, draft.check()):
        yield f"{one.id}: key {draft.key} is not its second derivation {draft.check()} {where}"
        return
    try:
        question = one.question(seed)
    except ValueError as error:
        yield f"{error} {where}"
        return
    texts = [option.text for option in question.options]
    if len(set(texts)) != len(texts):
        yield f"{one.id}: two options look alike {where}"
    if not _same_variant(one.again(question.record()), question):
        yield f"{one.id}: its record gives another variant {where}"


def _same_variant(a, b):
    # Parameters may be arrays, which `==` does not compare as a whole; records hold them as lists.
    return replace(a, params={}) == replace(b, params={}) and a.record() == b.record()


def _short(drawn: SimpleNamespace):
    return ", ".join(f"{name} = {plain(value)}" for name, value in vars(drawn).items())[:120]


def _uniform(name, places):
    """χ² of the key's places against equal shares, for each number of options."""
    from scipy.stats import chisquare

    for options in {options for _, options in places}:
        seen = [places[place, options] for place in range(options)]
        if sum(seen) >= 5 * options and chisquare(seen).pvalue < FALSE_ALARM / max(len(bank.templates()), 1):
            yield f"{name}: the key stands at the places {seen} times; it should be equally often at each"


def of_question(question: Question) -> Iterator[str]:
    """Fields, distractors, links and maths of one question."""
    name = question.id
    if not _ID.fullmatch(name):
        yield f"{name}: an id is lower-case words with hyphens"
    for field, known in (("kind", KINDS), ("bloom", BLOOM), ("status", STATUS), ("topic", bank.TOPICS)):
        if getattr(question, field) not in known:
            yield f"{name}: unknown {field} {getattr(question, field)!r}"
    if question.difficulty not in range(1, 6):
        yield f"{name}: difficulty is 1 to 5, not {question.difficulty}"
    wrong = [option for option in question.options if not option.right]
    if question.kind in (*CHOICE, "multiple") and len(wrong) < MIN_DISTRACTORS:
        yield f"{name}: {len(wrong)} wrong options, {MIN_DISTRACTORS} are needed"
    for option in wrong:
        try:
            bank.says(option.mistake)
        except bank.UnknownQuestion as error:
            yield f"{name}: {error}"
    texts = [option.text for option in question.options]
    if len(set(texts)) != len(texts):
        yield f"{name}: two options look alike"
    yield from (f"{name}: no card {card!r}" for card in question.cards if card not in bank.cards())
    if question.kind == "essay" and not (question.rubric and question.model):
        yield f"{name}: an essay has a rubric and a model answer"
    prose = [question.stem, question.explanation, question.model, *question.hints]
    yield from _maths(name, [*prose, *(text for o in question.options for text in (o.text, o.says))])


def of_lengths(questions: Iterable[Question]) -> Iterator[str]:
    """Who always takes the longest option should not do well."""
    longest = [
        max(question.options, key=lambda option: len(option.text)).right
        for question in questions
        if question.kind in CHOICE and len({len(option.text) for option in question.options}) > 1
    ]
    if longest and sum(longest) > LONGEST * len(longest):
        yield f"the right option is the longest in {sum(longest)} of {len(longest)} static choice questions"


def of_cards() -> Iterator[str]:
    """Ids, topics and maths of the cards, and that each mistake and misconception has the card that it names."""
    for card in bank.cards().values():
        if not _ID.fullmatch(card.id):
            yield f"card {card.id}: an id is lower-case words with hyphens"
        if card.topic not in bank.TOPICS:
            yield f"card {card.id}: unknown topic {card.topic!r}"
        for gap in re.findall(r"\{\{c\d+::(.*?)\}\}", card.front, re.DOTALL):  # as Anki finds its end
            if gap.count("$") % 2:
                yield f"card {card.id}: }}}} in the maths of the gap {gap!r} ends it; write }} }}"
        yield from _maths(f"card {card.id}", [re.sub(r"\{\{c\d+::(.*?)\}\}", r"\1", card.front), card.back])
    for exercise in exercises().values():
        for mistake in exercise.mistakes:
            if mistake.card not in bank.cards():
                yield f"{exercise.name}.{exercise.mistake_name(mistake)}: no card {mistake.card!r}"
    for idea in bank.misconceptions().values():
        if idea.card not in bank.cards():
            yield f"misconception {idea.id}: no card {idea.card!r}"


def of_coverage(questions: Iterable[Question]) -> Iterator[str]:
    """Each topic of the syllabus has a question and a card."""
    asked = {question.topic for question in questions}
    learnt = {card.topic for card in bank.cards().values()}
    yield from (f"topic {topic!r}: no question" for topic in bank.TOPICS if topic not in asked)
    yield from (f"topic {topic!r}: no card" for topic in bank.TOPICS if topic not in learnt)


def unused_mistakes(seeds: int) -> Iterator[str]:
    """Each mistake that can be a wrong option is one somewhere, with a value other than the key."""
    used: set[str] = set()
    for one in bank.templates().values():
        for seed in range(seeds):
            draft = one.draft(one.drawn(seed))
            used |= {w.mistake for w in draft.wrong if w.mistake not in used and _shows(one, draft, w)}
    used |= {option.mistake for question in bank.static().values() for option in question.options}
    for exercise in exercises().values():
        for mistake in exercise.mistakes:
            name = f"{exercise.name}.{exercise.mistake_name(mistake)}"
            if not mistake.no_distractor and name not in used:
                yield f"{name}: no question offers it; use it, or say in `no_distractor` why none can"


def _shows(one: Template, draft: Draft, wrong) -> bool:
    value = value_of(wrong)
    return value is not None and not same(value, draft.key, one.rtol, one.atol)


def _maths(name, texts):
    for text in texts:
        for display, inline in _MATHS.findall(_CODE.sub("", text)):
            latex = display or inline
            try:
                found = mathml(latex)
            except Exception as error:  # the converter raises whatever it meets
                yield f"{name}: ${latex}$ is no maths that converts ({type(error).__name__})"
                continue
            bare = re.sub(r"\\.", "", latex)  # an escaped brace is no bracket of LaTeX's
            if bare.count("{") != bare.count("}"):  # the converter takes no notice
                yield f"{name}: ${latex}$ opens {bare.count('{')} braces and closes {bare.count('}')}"
            for command in re.findall(r"<m[io]>(\\[A-Za-z]+)<", found):
                yield f"{name}: ${latex}$ has the command {command}, which does not convert"
