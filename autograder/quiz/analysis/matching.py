r"""Which question of the bank a response is to, and which of its options or mistakes an answer comes to.

A name made by our outlets (`id.v1`, `id.v1.<seed>`) says it. Moodle's and Canvas's reports have only texts: Moodle's
shows the stem, for a choice followed by its options, with LaTeX in \( … \); Canvas's loses the LaTeX. Texts are
compared without blanks, case and marks, first with maths and then without.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import replace
from html import unescape

from .. import bank
from ..answers import mark, recognise
from ..numerals import read_number
from ..outlets import lms
from ..question import CHOICE, TYPED, Question, same
from ..taking.readable import one_line
from ..template import Template
from .response_files import Choice, Response, shortened

_LABEL = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)\.v(\d+)(?:\.(\d+))?")
_MATHS = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
_LEAST = 12  # letters that a stem without its maths must keep to be told from others
NO_ANSWER, RIGHT, RIGHT_TOO, SOME = "no answer", "the right one", "a right one", "partly right"


class Matcher:
    """Finds questions in the bank, each text once.

    Args:
        variants: of each computed question, as many as `autograder quiz build` was asked for.
    """

    def __init__(self, variants: int = 1):
        made = [q for attempt in range(1, variants + 1) for q in bank.questions(attempt=attempt)]
        self._by_id = defaultdict(list)
        self._stems = {True: defaultdict(list), False: defaultdict(list)}
        for question in made:
            self._by_id[question.id].append(question)
            stem = _tagless(lms.latex_html(question.stem))
            pieces = re.split(r"\[\[.+?\]\]", stem)
            for maths, index in self._stems.items():
                text = max((squeezed(piece, maths) for piece in pieces), key=len)
                if maths or len(text) >= _LEAST:
                    index[text].append(question)
        self._found, self._again, self._missed = {}, {}, set()

    def match(self, row: Response) -> Response:
        """The response under the question's id, with its choices, and marked where the file has no marks."""
        candidates = self._candidates(row)
        slot = row.slot or row.item
        if not candidates:
            self._missed.add(slot)
            right = None if row.score is None else row.score >= row.points
            said = shortened(row.answer) or NO_ANSWER
            if row.right:
                right = _alike(row.answer, row.right)
            score = row.score if row.score is not None or not row.right else float(right) * row.points
            return replace(row, slot=slot, score=score, choices=(Choice(said, right, row.mistake),))
        question, choices = self._choices(row, candidates)
        score = row.score if row.score is not None else _judged(row, question, choices)
        if len(choices) == 1 and choices[0].right is None and score is not None:
            choices = (replace(choices[0], right=score >= row.points),)
        sure = len(candidates) == 1 or row.answer or not question.options
        offered = _offered(question, row) if sure else None
        return replace(row, item=question.id, slot=slot, score=score, choices=choices, offered=offered)

    def text(self, row: Response) -> str:
        """What the item asks, on one line."""
        found = self._by_id.get(row.item)
        return one_line(found[0].stem) if found else shortened(row.question)

    def notes(self, rows: list[Response]) -> list[str]:
        """One line on the items that are not the bank's."""
        known = {row.item for row in rows if row.slot not in self._missed}
        missed = list(dict.fromkeys(row.slot for row in rows if row.slot in self._missed))
        if not missed:
            return []
        if not known:
            return ["No question was found in the bank, so wrong answers stand without their mistakes."]
        listed = ", ".join(shortened(name, 40) for name in missed[:8]) + (" …" if len(missed) > 8 else "")
        return [
            f"{len(known)} questions were found in the bank. Not found, so without their mistakes: {listed}."
        ]

    def _candidates(self, row):
        """All variants that the row can be to; they are of one question."""
        if row.record is not None:
            return self._recorded(row.record)
        key = row.item, row.question
        if key not in self._found:
            self._found[key] = self._named(row.item) or self._named(row.question) or self._told(row.question)
        return self._found[key]

    def _recorded(self, record):
        key = record["template"], record.get("version"), str(record.get("seed"))
        if key not in self._again:
            one = bank.templates().get(record["template"]) or bank.static().get(record["template"])
            try:
                again = one.again(record) if isinstance(one, Template) else one
            except (KeyError, TypeError, ValueError):  # another version, or a record that lacks something
                again = None
            known = again is not None and again.version == record.get("version")
            self._again[key] = [again] if known else []
        return self._again[key]

    def _named(self, name):
        found = _LABEL.fullmatch(name.strip())
        if not found:
            return self._by_id.get(name.strip(), [])
        one = bank.templates().get(found[1])
        if one is None or not found[3]:
            return [q for q in self._by_id.get(found[1], []) if q.version == int(found[2])]
        return [one.question(int(found[3]))] if one.version == int(found[2]) else []

    def _told(self, text):
        for maths, index in self._stems.items():
            asked = squeezed(text, maths)
            fits = [stem for stem in index if stem and asked and _begins(asked, stem)]
            found = index[max(fits, key=len)] if fits else []
            if found and len({question.id for question in found}) == 1:
                return found
        return []

    def _choices(self, row, candidates):
        """The variant that the answer fits best, and what of it was chosen."""
        if not row.answer and row.score:  # Canvas shows nothing of an option that is all maths
            return candidates[0], (
                Choice(RIGHT if row.score >= row.points else SOME, row.score >= row.points),
            )
        if not row.answer:
            return candidates[0], (Choice(NO_ANSWER, False),)
        found = [
            (q, choices) for q in candidates if (choices := _chosen(q, row)) and _agrees(q, choices, row)
        ]
        if len({choices for _, choices in found}) == 1:  # else it depends on the variant, which nobody knows
            return found[0]
        right = None if row.score is None else row.score >= row.points
        question, said = candidates[0], shortened(row.answer)
        if question.params and (right or row.mistake):
            said = RIGHT if right else row.mistake
        return question, (Choice(said, right, row.mistake),)


def squeezed(text: str, maths: bool = True) -> str:
    r"""Text for comparing: without blanks, case, and the marks that differ between Markdown, HTML and plain text.

    >>> squeezed("Is *this* \\(a_1\\) −3?"), squeezed("Is this \\(a_1\\) −3?", maths=False)
    ('isthisa1-3?', 'isthis-3?')
    """
    text = text if maths else _MATHS.sub("", text)
    text = unicodedata.normalize("NFKC", re.sub(r"\\[()\[\]]", "", text)).casefold()
    return re.sub(r"[\s_*`$\u200b]+", "", text.replace("−", "-").replace("–", "-"))


def _begins(asked, stem):
    return asked.startswith(stem) or (len(stem) >= _LEAST and stem in asked)


def _tagless(html):
    return unescape(re.sub(r"<[^>]*>", " ", html))


def _chosen(question, row):
    """The options or mistakes that an answer comes to; nothing where it is none of this variant's."""
    if question.kind in (*CHOICE, "multiple", "vector", "matrix") and question.options:
        for maths in (True, False):
            alone = _told_apart(question.options, maths)
            answer = squeezed(row.answer, maths)
            if answer in alone:
                return (_choice(question, alone[answer]),)
            several = _several(row.answer, alone, maths) if question.kind == "multiple" else []
            if several:
                return tuple(_choice(question, option) for option in several)
    if question.kind == "numeric":
        return _typed(question, row)
    if question.kind == "short":
        right = mark(question, row.answer).right
        return (Choice(question.accepted[0] if right else shortened(row.answer), right),)
    return ()


def _agrees(question, choices, row):
    """Whether what was chosen fits the marks: where it does not, the student had another variant."""
    if not question.params or question.kind == "multiple" or row.score is None:
        return True
    return choices[0].right == (row.score >= row.points)


def _told_apart(options, maths):
    """The options by their text, as an LMS shows it and as we keep it; without those that look like another."""
    texts = defaultdict(set)
    for place, option in enumerate(options):
        for text in (_tagless(lms.latex_html(option.text)), *([option.text] if maths else [])):
            texts[squeezed(text, maths)].add(place)
    return {text: options[min(places)] for text, places in texts.items() if text and len(places) == 1}


def _several(answer, options, maths):
    r"""The options that an answer consists of, with `;` between them (Moodle) or `,` (Canvas, with `\,` inside them)."""
    for text in (squeezed(answer, maths), squeezed(answer.replace("\\,", ","), maths)):
        found = []
        for option in sorted(options, key=len, reverse=True):  # one may be a part of another
            if option in text and options[option] not in found:
                found.append(options[option])
                text = text.replace(option, "\0", 1)
        if found and not text.strip("\0;,\\"):
            return found
    return []


def _offered(question, row):
    """An LMS offers arrays to choose from; here they are typed."""
    arrays = () if row.record else ("vector", "matrix")
    if question.kind not in (*CHOICE, "multiple", *arrays):
        return ()
    return tuple(_choice(question, option) for option in question.options)


def _choice(question, option):
    """For a computed question the mistake stands for the option, whose text differs from student to student."""
    label = one_line(option.text)
    if question.params:
        several = question.kind == "multiple"
        label = (RIGHT_TOO if several else RIGHT) if option.right else option.mistake or label
    return Choice(label, option.right, option.mistake)


def _typed(question, row):
    try:
        value = read_number(row.answer)
    except ValueError:
        return ()
    if same(value, question.key, question.rtol, question.atol):
        return (Choice(RIGHT if question.params else one_line(row.answer), True),)
    found = recognise(question, value)
    if found:
        return (_choice(question, found),)
    # Another variant's answer is no mistake of this one's: only the text in the file would tell.
    return (Choice(shortened(row.answer), False, row.mistake),) if row.record or not question.params else ()


def _judged(row, question, choices):
    """The marks of an answer that the file does not mark; None where nothing tells."""
    if not row.answer:
        return 0.0 if question.kind != "essay" else None
    if row.right:
        return float(_alike(row.answer, row.right, question)) * row.points
    known = [choice.right for choice in choices]
    if question.kind == "multiple" and None not in known:
        right = sum(option.right for option in question.options)
        return float(all(known) and len(known) == right) * row.points
    if question.kind in (*CHOICE, *TYPED, "short") and known and None not in known:
        return float(all(known)) * row.points
    return None


def _alike(answer, right, question: Question | None = None):
    """Whether an answer is the right one that a report gives, as text or as a number."""
    if squeezed(answer) == squeezed(right):
        return True
    try:
        a, b = read_number(answer), read_number(right)
    except ValueError:
        return sorted(squeezed(answer).split(";")) == sorted(squeezed(right).split(";"))
    return same(a, b, question.rtol if question else 1e-2, question.atol if question else 0.0)
