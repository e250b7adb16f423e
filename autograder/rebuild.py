"""A submitted notebook, rebuilt on the release's own skeleton.

Of a submission only the sources of its solution cells and its extra cells are taken, and the images
pasted into written answers. Everything else is the skeleton's: order, check cells, metadata. What a
student edited, deleted, duplicated or renamed is so put right, and reported.
"""

import base64
import re
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from .submission import BadSubmission
from .text import clean_text

MAX_SOURCE = 200_000
MAX_SOURCES = 2_000_000
MAX_ATTACHMENT_BYTES = 2 * 2**20
MAX_ATTACHMENTS = 10
IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif")
_FILE_NAME = re.compile(r"[\w .()-]{1,100}")


@dataclass
class Rebuilt:
    """The notebook that is graded.

    Attributes:
        cells: the skeleton's cells with the student's answers, and the student's extra cells.
        answers: grade id of each solution cell -> the student's source.
        changed: grade ids of the solution cells that differ from the skeleton.
        findings: what was put right, in words, for the instructor.
    """

    cells: list[NotebookNode]
    answers: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)

    def own_code(self) -> list[str]:
        """The sources of the code cells that the student wrote or changed."""
        return [
            cell.source
            for cell in self.cells
            if cell.cell_type == "code"
            and (cell["id"].startswith("extra-") or _grade_id(cell) in self.changed)
        ]


def rebuild(skeleton: NotebookNode, submitted: dict) -> Rebuilt:
    """The skeleton with the submission's answers and extra cells in their places.

    Raises:
        BadSubmission: more text than a sandbox takes.
    """
    parts = _sort_cells(skeleton, submitted)
    rebuilt = Rebuilt([], findings=parts.findings)
    rebuilt.cells += parts.extra.get("", [])
    for cell in skeleton.cells:
        if _is_solution(cell):
            rebuilt.cells += _answer_cells(cell, parts, rebuilt)
        else:
            rebuilt.cells.append(nbformat.from_dict(cell))
        rebuilt.cells += parts.extra.get(cell["id"], [])
    if sum(len(cell.source) for cell in rebuilt.cells) > MAX_SOURCES:
        raise BadSubmission(
            f"the cells hold more than {MAX_SOURCES:,} characters. Take out what is no answer and hand it in again."
        )
    return rebuilt


def _answer_cells(cell, parts, rebuilt):
    """The cells of one answer: the halves of a split one run one by one, as they did for the student."""
    name = _grade_id(cell)
    found = parts.answers.get(name)
    if found is None:
        # An empty cell, and not the skeleton's stub: the answer may stand in an extra cell.
        rebuilt.findings.append(f"the cell {name} was deleted; an empty one was put in its place")
        found = [{"source": "" if cell.cell_type == "code" else cell.source}]
    copy = nbformat.from_dict(cell)
    halves = [part for part in found if not isinstance(part, NotebookNode)]
    rebuilt.answers[name] = "\n\n".join(half["source"] for half in halves)
    if rebuilt.answers[name] != cell.source:
        rebuilt.changed.add(name)
    before = [
        part if isinstance(part, NotebookNode) else _extra_cell(part, part["number"]) for part in found[:-1]
    ]
    if cell.cell_type == "markdown":
        copy["source"] = rebuilt.answers[name]
        copy.update(_attachments(halves))
        return [*(part for part in found[:-1] if isinstance(part, NotebookNode)), copy]
    copy["source"] = found[-1]["source"]
    return [*before, copy]


@dataclass
class _Parts:
    answers: dict[str, list[dict]] = field(default_factory=dict)
    extra: dict[str, list[NotebookNode]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def _sort_cells(skeleton, submitted):
    """Which of the submission's cells are answers, and which are extra and after which cell."""
    originals = _Originals(skeleton)
    parts, after, seen = _Parts(), "", set()
    for number, raw in enumerate(submitted["cells"], start=1):
        cell = _plain_cell(raw, number, parts.findings)
        if cell is None:
            continue
        original = originals.of(cell, seen)
        late = original is not None and _grade_id(original) in parts.answers and after != original["id"]
        if original is None or late:
            _note_extra(parts, originals, cell, late)
            parts.extra.setdefault(after, []).append(_extra_cell(cell, number))
            continue
        after = original["id"]
        if _is_solution(original):
            # What stands between the halves of a split answer stays between them.
            between = parts.extra.pop(original["id"], []) if _grade_id(original) in parts.answers else []
            parts.answers.setdefault(_grade_id(original), []).extend([*between, cell])
        elif original["id"] in seen or not _same_text(cell["source"], original.source):
            _put_right(parts, original, cell, number, doubled=original["id"] in seen)
        seen.add(original["id"])
    for cell in skeleton.cells:
        if _grade_id(cell) and not _is_solution(cell) and cell["id"] not in seen:
            parts.findings.append(f"the check cell {_grade_id(cell)} was deleted; it was put back")
    return parts


class _Originals:
    """The skeleton's cells, found by what a submitted cell still has of them."""

    def __init__(self, skeleton):
        self.by_id = {cell["id"]: cell for cell in skeleton.cells}
        self.by_name = {_grade_id(cell): cell for cell in skeleton.cells if _grade_id(cell)}
        self.ungraded = [cell for cell in skeleton.cells if not _grade_id(cell)]

    def of(self, cell, seen):
        """By its name; where a tool has stripped the names, by its id, and without that by its text."""
        original = self.by_name.get(cell["name"])
        if original is None and not cell["name"]:
            original = self.by_id.get(cell["id"]) if cell["id"] else self._of_text(cell, seen)
        return original if original is not None and original.cell_type == cell["cell_type"] else None

    def _of_text(self, cell, seen):
        return next(
            (c for c in self.ungraded if c["id"] not in seen and _same_text(c.source, cell["source"])), None
        )


def _note_extra(parts, originals, cell, late):
    if late:
        says = "bears the name of an answer that stands further up"
    elif cell["name"] in originals.by_name:
        says = f"was turned into a {cell['cell_type']} cell"
    elif cell["name"]:
        says = "bears a name that the lesson does not have"
    else:
        return
    parts.findings.append(
        f"cell {cell['number']} ({clean_text(cell['name'])[:60]}) {says}; it counts as an extra cell"
    )


def _same_text(a, b):
    """Whether two sources differ in their line ends alone."""
    return a.splitlines() == b.splitlines()


def _put_right(parts, original, cell, number, doubled):
    """An edited cell: the original stands; what the student made of an ungraded one follows it."""
    name = _grade_id(original)
    if name:
        what = "stands twice" if doubled else "was edited"
        parts.findings.append(f"the check cell {name} {what}; the original was put back")
    elif not _same_text(cell["source"], original.source):
        parts.extra.setdefault(original["id"], []).append(_extra_cell(cell, number))


def _plain_cell(raw, number, findings):
    """A submitted cell as plain strings, or None where it is no cell."""
    if not isinstance(raw, dict) or raw.get("cell_type") not in ("code", "markdown", "raw"):
        findings.append(f"cell {number} is no cell; it was left out")
        return None
    source = raw.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        findings.append(f"the source of cell {number} is no text; it was left out")
        return None
    if len(source) > MAX_SOURCE:
        findings.append(f"cell {number} has {len(source):,} characters; it was cut at {MAX_SOURCE:,}")
        source = source[:MAX_SOURCE]
    metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
    nbgrader = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    name = nbgrader.get("grade_id", "")
    return {
        "cell_type": raw["cell_type"],
        "id": raw.get("id") if isinstance(raw.get("id"), str) else "",
        "name": name if isinstance(name, str) else "",
        "source": source.encode(errors="replace").decode(),  # lone surrogates cannot be stored
        "attachments": raw.get("attachments"),
        "number": number,
    }


def _extra_cell(cell, number):
    make = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
        "raw": nbformat.v4.new_raw_cell,
    }
    extra = make[cell["cell_type"]](cell["source"])
    extra["id"] = f"extra-{number:03d}"
    if cell["cell_type"] == "markdown":
        extra.update(_attachments([cell]))
    return extra


def _attachments(found):
    """The pictures pasted into a written answer, where they are pictures and few and small."""
    kept = {}
    for part in found:
        pictures = part.get("attachments")
        for name, kinds in (pictures if isinstance(pictures, dict) else {}).items():
            for kind, data in (kinds if isinstance(kinds, dict) else {}).items():
                few = len(kept) < MAX_ATTACHMENTS
                if kind in IMAGE_TYPES and few and _FILE_NAME.fullmatch(name) and _is_small_base64(data):
                    kept[name] = {kind: data}
    return {"attachments": kept} if kept else {}


def _is_small_base64(data):
    if not isinstance(data, str) or len(data) > MAX_ATTACHMENT_BYTES * 4 // 3:
        return False
    try:
        base64.b64decode(data, validate=True)
    except ValueError:  # no base64
        return False
    return True


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _is_solution(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)
