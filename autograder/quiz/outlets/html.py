"""Questions as one HTML page: native controls, maths as MathML, no script, nothing loaded.

An option that is chosen says at once what it stands for (CSS alone); what is typed is compared with the answer that
unfolds. Without CSS everything can be read too.
"""

from pathlib import Path

from markupsafe import Markup

from ...course import write_text
from ...render import environment
from ..display import shown
from ..markup import html, inline
from ..question import CHOICE, TYPED, Question
from ..static import Card

FILE = "quiz.html"


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write the page; the answers are on it, folded."""
    write_text(place / FILE, page(questions, title))
    return [place / FILE]


def left_out(questions: list[Question]) -> dict[str, str]:
    """Every kind can be shown."""
    return {}


def page(questions: list[Question], title: str, template: str = "quiz.html") -> str:
    """Questions by one of the templates that know all kinds: quiz.html, sheet.html, key.html."""
    return (
        environment()
        .get_template(template)
        .render(
            title=title,
            questions=questions,
            html=html,
            inline=inline,
            shown=shown,
            stem=stem,
            CHOICE=CHOICE,
            TYPED=TYPED,
        )
    )


def stem(question: Question, number: int, gap: str = "") -> Markup:
    """The stem as HTML.

    Args:
        gap: what stands for each gap of a cloze: "input", "line" or "answer".
    """
    text = html(question.stem)
    for place, blank in enumerate(question.blanks, 1):
        drawn = {
            "input": Markup('<input type="text" aria-label="Question {}, gap {}" size="12">').format(
                number, place
            ),
            "line": Markup('<span class="line"></span>'),
            "answer": Markup("<b>{}</b>").format(inline(blank.answers[0])),
        }[gap]
        text = text.replace(f"[[{blank.name}]]", drawn)
    return text
