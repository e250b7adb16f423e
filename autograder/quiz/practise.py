"""What a student calls in a lesson: `practise("01_activations")` shows questions that need no typing, script or network.

A click or a key on an option says what it stands for. Nothing is marked or kept: that does `autograder quiz take`.
"""

from string import ascii_uppercase


class Shown:
    """Some questions of a lesson; shows itself as HTML in a notebook, and as text elsewhere."""

    def __init__(self, lesson: str, attempt: int, questions: list):
        self.lesson, self.attempt, self.questions = lesson, attempt, questions

    def __repr__(self):
        numbered = enumerate(self.questions, 1)
        lines = [line for number, question in numbered for line in _as_text(number, question)]
        again = f"practise({self.lesson!r}, attempt={self.attempt + 1})"
        return "\n".join(
            [*lines, f"Other questions: {again}. Marked ones: autograder quiz take {self.lesson}"]
        )

    def _repr_html_(self):
        from .outlets.html import page

        return page(self.questions, f"Quiz on {self.lesson}", "recap.html")


def practise(lesson: str, count: int = 5, attempt: int = 1) -> Shown:
    """Questions to test yourself on a lesson; nothing is marked or sent.

    Args:
        lesson: its name, such as "01_activations".
        count: how many at most.
        attempt: another number gives other questions, or the same with other numbers.
    Raises:
        ValueError: a number below 1.
        QuizError: there is no such lesson.
    """
    from . import bank  # reads every question, which `import autograder` need not wait for

    for name, value in (("count", count), ("attempt", attempt)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} is a whole number from 1 on, got {value!r}")
    return Shown(lesson, attempt, _dealt(bank.questions(lesson, attempt=attempt), count, attempt))


def _dealt(questions, count, attempt):
    """This attempt's share of the shuffled questions: all have come once before one comes again."""
    from .question import CHOICE, TYPED
    from .seeds import Draws

    to_choose = [q for q in questions if q.kind in (*CHOICE, "multiple", *TYPED)]
    rest = [q for q in questions if q not in to_choose and q.kind != "essay"]
    count = min(count, len(to_choose) + len(rest))
    shuffled = Draws(len(to_choose)).shuffled(range(len(to_choose)))
    first = (attempt - 1) * count
    picked = [to_choose[shuffled[i % len(shuffled)]] for i in range(first, first + min(count, len(shuffled)))]
    return [*picked, *rest[: count - len(picked)]]


def _as_text(number, question):
    """Stem and options for a terminal; code keeps its lines."""
    from .taking.readable import one_line

    stem = question.stem if "```" in question.stem else one_line(question.stem)
    options = zip(ascii_uppercase, question.options, strict=False)
    return [f"{number}. {stem}", *(f"   {letter}: {one_line(option.text)}" for letter, option in options), ""]
