"""What a hostile submission is, and how one is made from the small notebook."""

import json
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat

from autograder import demo
from autograder.course import Course
from autograder.grading import Result

LESSON = demo.LESSON
FULL = 14.0
NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "weighted_sum", "gelu", "swish")
WRONG = "def {name}(*args):\n    return 42.0"
LOG = "/tmp/ran"  # a function that is probed cannot print: it writes here, and the last cell shows it
SHOW = f"import os\nprint(open({LOG!r}).read() if os.path.exists({LOG!r}) else 'the log is empty')"
SAMPLED = os.environ.get("HOSTILE") != "all"


@dataclass(frozen=True)
class Seen:
    """What grading one submission left behind."""

    course: Course
    result: Result
    student: str

    @cached_property
    def text(self) -> str:
        """All outputs of the graded notebook, the check cells' apart."""
        cells = self.result.notebook.cells if self.result.notebook else []
        cells = [cell for cell in cells if not is_check(cell)]
        return "\n".join(
            part
            for cell in cells
            for output in cell.get("outputs", [])
            for part in (
                output.get("text", ""),
                output.get("evalue", ""),
                output.get("data", {}).get("text/plain", ""),
            )
        )

    @property
    def findings(self) -> str:
        return "\n".join([self.result.problem, *self.result.findings])

    @property
    def diagnoses(self) -> str:
        return "\n".join(verdict.diagnosis for verdict in self.result.verdicts)

    @property
    def page(self) -> str:
        return (self.course.feedback(self.student, LESSON) / f"{LESSON}.html").read_text()

    @property
    def autograded(self) -> str:
        path = self.course.autograded(self.student, LESSON) / f"{LESSON}.ipynb"
        return path.read_text() if path.exists() else ""

    @property
    def handed_in(self) -> bytes:
        return (self.course.submitted(self.student, LESSON) / f"{LESSON}.ipynb").read_bytes()


@dataclass(frozen=True)
class Row:
    """One submission of the class.

    Attributes:
        name: its id, and the student's folder unless `student` says otherwise.
        tries: what it tries, in one line.
        answers: sources of solution cells, by exercise; the others are wrong, or right with `right`.
        first, last: source of a code cell before the first exercise, and of one at the end.
        edit: changes the notebook as plain data, and may return another.
        raw: from the notebook's text to the bytes that are handed in.
        beside: puts other files beside the notebook: gets the notebook's path.
        mark: what it deserves.
        ran: whether the attack ran, from what was seen.
        control: the name of the honest twin in `CONTROLS`.
        review: a person must be told to look at it.
        slow: CI takes a sample of these.
        open: test -> why it fails today.
    """

    name: str
    tries: str
    ran: Callable[[Seen], bool]
    answers: dict[str, str] = field(default_factory=dict)
    right: bool = False
    first: str = ""
    last: str = ""
    edit: Callable | None = None
    raw: Callable | None = None
    beside: Callable | None = None
    mark: float = 0.0
    control: str = "plain"
    review: bool = False
    slow: bool = False
    open: dict[str, str] = field(default_factory=dict)
    student: str = ""

    @property
    def folder(self) -> str:
        return self.student or self.name

    @property
    def sampled_out(self) -> bool:
        return self.slow and SAMPLED and zlib.crc32(self.name.encode()) % 3 != 0

    def writer(self, released, worked, values: dict[str, str]) -> Callable[[Path], None]:
        """What writes the submission to a path.

        Args:
            values: @WORD@ in a source -> what stands there, beside @ROOT@, the course's folder.
        """
        base = (
            {
                name.removesuffix("-solution"): cell.source
                for name, cell in demo.solution_cells(worked).items()
            }
            if self.right
            else {name: WRONG.format(name=name) for name in NAMES}
        )

        def write(path):
            fill = {**values, "@ROOT@": str(path.parents[3])}

            def filled(source):
                for word, value in fill.items():
                    source = source.replace(word, value)
                return source

            notebook = json.loads(json.dumps(released))
            for cell in notebook["cells"]:
                name = grade_id(cell).removesuffix("-solution")
                if cell["metadata"].get("nbgrader", {}).get("solution") and name in base | self.answers:
                    cell["source"] = filled((base | self.answers)[name])
            if self.first:
                notebook["cells"].insert(1, code(filled(self.first), "first-of-mine"))
            if self.last:
                notebook["cells"].append(code(filled(self.last), "last-of-mine"))
            if self.edit:
                notebook = self.edit(notebook) or notebook
            text = json.dumps(notebook, ensure_ascii=True)
            if self.raw:
                path.write_bytes(self.raw(text))
            else:
                path.write_text(text)
            if self.beside:
                self.beside(path)

        return write


def code(source, id):  # noqa: A002 - nbformat's own name for it
    return dict(nbformat.v4.new_code_cell(source, id=id))


def grade_id(cell):
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")


def checks(notebook):
    """The check cells of a notebook as plain data."""
    return [cell for cell in notebook["cells"] if is_check(cell)]


def is_check(cell):
    settings = cell["metadata"].get("nbgrader", {})
    return bool(settings.get("grade") and not settings.get("solution"))


def every(source, names=NAMES):
    """The same answer for every exercise, `{name}` being its name."""
    return {name: source.replace("{name}", name) for name in names}


def printed(*texts):
    """Evidence: all of these stand in the outputs."""
    return lambda seen: all(text in seen.text for text in texts)


def found(*texts):
    """Evidence: all of these stand in what the grader noticed."""
    return lambda seen: all(text in seen.findings for text in texts)


def judged(seen):
    """Evidence: every answer was used and judged by its values."""
    return all(verdict.cases for verdict in seen.result.verdicts)


HARMLESS = "print('nothing to see here')"


def _text_beside(path):
    path.with_name("data.csv").write_text("1,2\n3,4\n")


CONTROLS = (
    Row("plain", "right answers and nothing else", judged, right=True, mark=FULL),
    Row("with cells", "own cells", printed("nothing"), right=True, first=HARMLESS, last=HARMLESS, mark=FULL),
    Row("with files", "a file beside", judged, right=True, beside=_text_beside, mark=FULL),
)
