"""Quiz questions in notebooks: a student assigns `answer_…`, and the key is worked out again on the trusted side.

To the sandbox such a question is an exercise without inputs: it sends back the value of the variable, and no more.
"""

from dataclasses import replace
from functools import cache

from .. import drives
from ..evidence import JUDGED, Evidence
from ..exercises import Case, Exercise
from ..judge import CaseVerdict, Verdict, judge
from . import answers, bank
from .question import TYPED, Question, QuizError

PREFIX = "answer_"
ASKED_FOR = "-asked"  # the grade id of the cell after an answer, where it is looked at, ends so
CASE = "answer"
STUDENT_ID = "student-id"  # the grade id of the cell in which a student writes it


def variable(question: str) -> str:
    """`answer_sigmoid_value` for the question sigmoid-value: what the student assigns, and the grade id of that cell."""
    return PREFIX + question.replace("-", "_")


@cache
def questions() -> dict[str, str]:
    """Ids of the questions by their variables."""
    return {variable(name): name for name in (*bank.templates(), *bank.static())}


@cache
def as_exercise(name: str) -> Exercise:
    """What the sandbox is asked: the value that the variable has, whatever it is."""
    case = Case(CASE, "your answer", lambda rng: [()])
    return Exercise(name, None, 1.0, (case,), (), (), drive=drives.take, conduct=0.0)


def judge_answer(name: str, points: float, evidence: Evidence, student: str, quiz: str) -> Verdict:
    """The verdict on one answer, against the variant of the student whose folder it came from.

    Args:
        name: the variable.
        quiz: the notebook's name, from which variants are drawn too.
    """
    question = bank.question(questions()[name], student, quiz)
    if evidence.state != JUDGED:
        return replace(judge(as_exercise(name), evidence), points=points)
    outcomes = evidence.outcomes.get(drives.AS_WRITTEN, {}).get(CASE, ())
    outcome = outcomes[0] if outcomes else None
    right, mistake, says, card = _marked(question, outcome)
    says = says or ("" if right else question.explanation)
    case = CaseVerdict(CASE, "your answer", right, points * right, points, "" if right else says)
    return Verdict(
        name, points, float(right), cases=(case,), mistake=mistake, diagnosis=case.diagnosis, card=card
    )


def _marked(question: Question, outcome):
    if outcome is None or outcome.error or outcome.value is None:
        return False, "", f"No answer is there. Assign {answers.expected(question)}.", ""
    try:
        answer = understood(question, outcome.value)
    except QuizError as error:
        return False, "", f"The answer cannot be read: {error}.", ""
    marked = answers.mark(question, answer)
    return marked.right, marked.mistake, marked.says, (marked.cards or ("",))[0]


def understood(question: Question, value: object) -> object:
    """A notebook's value as an answer: a text is read as if it were typed, a list of texts too.

    Raises:
        QuizError: it is no answer to such a question.
    """
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        value = "; ".join(value) if question.kind == "cloze" else " ".join(value)
    elif question.kind == "cloze" and isinstance(value, int | float | list | tuple):
        value = "; ".join(map(str, value if isinstance(value, list | tuple) else [value]))
    elif question.kind not in (*TYPED, "cloze"):
        value = str(value)  # no number or array answers these, but perhaps a short one
    return answers.read(question, value) if isinstance(value, str) else value
