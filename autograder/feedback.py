"""One self-contained page for a student: marks, each case, what went wrong, what to read next.

Everything in it is escaped; it has no script and loads nothing. It shows no hidden input.
"""

from nbformat import NotebookNode

from .check import headline
from .render import render
from .reports import in_words
from .text import clean_text


def page(result, skeleton: NotebookNode) -> str:
    """The feedback page of one graded submission as HTML."""
    headings = sections(skeleton)
    exercises = [
        {
            "verdict": verdict,
            "headline": headline(verdict),
            "code": clean_text(_answer(result, verdict.exercise)),
            "read": headings.get(verdict.exercise, ""),
        }
        for verdict in result.verdicts
    ]
    written = [
        {
            "name": name,
            "answer": None if answer is None else clean_text(answer),
            "read": headings.get(name, ""),
        }
        for name, answer in result.written.items()
    ]
    return render(
        "feedback.html",
        student=clean_text(result.student),
        title=title(skeleton),
        result=result,
        problem=clean_text(result.problem),
        findings=[clean_text(finding) for finding in result.findings],
        exercises=exercises,
        written=written,
        late=in_words(result.late) if result.late else "",
    )


def _answer(result, name):
    """An exercise's solution; of a quiz question the answer's own cell."""
    return result.answers.get(f"{name}-solution", result.answers.get(name, ""))


def title(skeleton: NotebookNode) -> str:
    """The lesson's title: the first heading of its notebook."""
    return next((line.lstrip("# ") for line in _lines(skeleton.cells[0]) if line.startswith("# ")), "")


def sections(skeleton: NotebookNode) -> dict[str, str]:
    """For each graded cell the heading of the section it stands in: where to read again."""
    found, heading = {}, ""
    for cell in skeleton.cells:
        if cell.cell_type == "markdown":
            heading = next(
                (line.lstrip("# ") for line in reversed(_lines(cell)) if line.startswith("## ")), heading
            )
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("grade"):
            found[settings["grade_id"]] = heading
    return found


def _lines(cell):
    return cell.source.splitlines()
