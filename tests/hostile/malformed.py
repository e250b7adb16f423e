"""Against the format: what is no notebook, or one that no editor would write."""

import copy
import json
import os

from .rows import FULL, LESSON, Row, checks, found, grade_id, judged

BYTES = 100 * 2**20


def _raw(name, tries, raw, *evidence, **more):
    return Row(name, tries, found(*evidence), raw=raw, right=True, **more)


def _edited(name, tries, edit, ran, mark=FULL, **more):
    """Right answers in a strange notebook: what can be put right costs nothing."""
    return Row(name, tries, ran, edit=edit, right=True, mark=mark, **more)


def _each_cell(change):
    def edit(notebook):
        for number, cell in enumerate(notebook["cells"]):
            change(cell, number)

    return edit


def _same_ids(cell, number):
    cell["id"] = "same"


def _wild_metadata(cell, number):
    odd = [None, 3, "text", [], {"nbgrader": cell["metadata"].get("nbgrader"), "tags": {"a": 1}}]
    name = grade_id(cell)
    cell["metadata"] = odd[4] if name else odd[number % 4]
    cell["execution_count"] = -1e999
    cell["outputs"] = {"no": "list"}


def _huge(path):
    with path.open("r+b") as file:
        file.truncate(BYTES)  # a hole: it takes no room on the disk


def _folder_instead(path):
    path.unlink()
    path.mkdir()


def _linked(path):
    path.rename(path.with_name("elsewhere.ipynb"))
    path.symlink_to(path.with_name("elsewhere.ipynb"))


def _linked_folder(path):
    there = path.parents[2] / "elsewhere"
    path.parent.rename(there)
    path.parent.symlink_to(there)


def _deep(depth):
    return lambda notebook: json.loads(json.dumps(notebook)) | {"metadata": {"deep": _nested(depth), "nnlib_course": notebook["metadata"]["nnlib_course"]}}  # fmt: skip


def _nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def _wrong_cells(notebook):
    odd = [3, None, "cell", [], {}, {"cell_type": "heading", "source": "x"}, {"cell_type": ["code"], "source": "x"},
           {"cell_type": "code", "source": 7}, {"cell_type": "code", "source": [1, 2]}, {"cell_type": "code"},
           {"cell_type": "code", "source": {"a": 1}, "metadata": 3, "id": 5}]  # fmt: skip
    notebook["cells"] = [*odd, *notebook["cells"], *copy.deepcopy(odd)]


def _unicode(notebook):
    text = "\ud800 \x00 \u202e \ufeff \uffff 𝔘𝔫𝔦 é \U000e0001 \x1b[31m \r \x85 \u2028"
    notebook["cells"].append({"cell_type": "markdown", "id": text, "metadata": {text: text}, "source": text})
    notebook["cells"].append({"cell_type": "code", "id": "u", "metadata": {}, "outputs": [], "source": f"text = {text!r}\nprint(text)"})  # fmt: skip
    notebook["metadata"][text] = text


def _without_cells(*kinds):
    def edit(notebook):
        notebook["cells"] = [
            cell for cell in notebook["cells"] if not any(kind in grade_id(cell) for kind in kinds)
        ]

    return edit


def _too_many(notebook):
    notebook["cells"] += [
        {"cell_type": "code", "metadata": {}, "source": "", "outputs": []} for _ in range(1000)
    ]


def _many(notebook):
    room = 990 - len(notebook["cells"])
    notebook["cells"] += [{"cell_type": "markdown", "metadata": {}, "source": str(i)} for i in range(room)]


def _long_cell(notebook):
    notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": "#" * 300_000, "outputs": []})


def _long_cells(notebook):
    notebook["cells"] += [
        {"cell_type": "markdown", "metadata": {}, "source": "x" * 190_000} for _ in range(12)
    ]


def _as_markdown(notebook):
    for cell in notebook["cells"]:
        if grade_id(cell) == "relu-solution":
            cell["cell_type"] = "markdown"


def _reversed(notebook):
    notebook["cells"].reverse()


def _deep_folders(path):
    place = path.parent
    for _ in range(60):
        place = place / ("d" * 30)
    place.mkdir(parents=True)
    (place / "x.csv").write_text("1")


def _too_deep_folders(path):
    """Deeper than a path may be long: step by step, for no path leads there."""
    here = os.open(path.parent, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=here)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def _many_files(path):
    for number in range(400):
        path.with_name(f"file-{number}.csv").write_text("1")
    path.with_name("large.bin").touch()
    with path.with_name("large.bin").open("r+b") as file:
        file.truncate(BYTES)


def _pipe(path):
    os.mkfifo(path.with_name("pipe.csv"))
    os.mkfifo(path.with_name("timestamp.txt"))


def _put_right(seen):
    return judged(seen) and not seen.result.problem


ROWS = (
    _raw("empty-file", "an empty file", lambda text: b"", "its JSON is broken"),
    _raw("broken-json", "half of a notebook", lambda text: text[:2000].encode(), "its JSON is broken (line"),
    _raw("binary", "bytes that are no text", lambda text: bytes(range(256)) * 40, "its JSON is broken"),
    _raw("an-array", "a list instead of a notebook", lambda text: b"[1, 2, 3]", "format unknown"),
    _raw("a-number", "a number of 10,000 digits", lambda text: b"9" * 10_000, "its JSON is broken"),
    _raw("deep-nesting", "a hundred thousand nested lists", lambda text: b"[" * 100_000 + b"]" * 100_000, "its JSON is broken"),
    _raw("format-3", "nbformat 3", lambda text: b'{"nbformat": 3, "worksheets": [{"cells": []}]}', "format 3"),
    _raw("format-5", "nbformat 5", lambda text: text.replace('"nbformat": 4', '"nbformat": 5').encode(), "format 5"),
    _raw("format-text", "nbformat as text", lambda text: text.replace('"nbformat": 4', '"nbformat": "4"').encode(), "format unknown"),
    _raw("format-huge", "nbformat of 4,000 digits", lambda text: text.replace('"nbformat": 4', '"nbformat": ' + "9" * 4000).encode(), "format unknown"),
    _raw("cells-are-a-number", "cells that are a number", lambda text: b'{"nbformat": 4, "cells": 3}', "no list of cells"),
    _raw("two-lists-of-cells", "two keys of one name: the last counts", lambda text: text[:-1].encode() + b', "cells": {}}', "no list of cells"),
    Row("100-mb", "a notebook of 100 MB", found("100 MB, more than 20 MB"), beside=_huge, right=True),
    Row("renamed", "a notebook of another name", found("found my homework.ipynb; rename it"), beside=lambda path: path.rename(path.with_name("my homework.ipynb")), right=True),
    Row("missing", "an empty folder", found("the folder has no notebook"), beside=lambda path: path.unlink(), right=True),
    Row("a-folder", "a folder in the notebook's place", found(f"{LESSON}.ipynb is missing"), beside=_folder_instead, right=True),
    Row("a-link", "a link in the notebook's place", found("is a link"), beside=_linked, right=True),
    Row("a-linked-folder", "a link in the folder's place", found("is a link"), beside=_linked_folder, right=True),
    _edited("too-many-cells", "more than a thousand cells", _too_many, found("more than 1000"), mark=0.0),
    _edited("too-much-text", "two million characters in cells", _long_cells, found("more than 2,000,000 characters"), mark=0.0),
    _edited("many-cells", "almost a thousand cells", _many, _put_right),
    _edited("long-cell", "a cell of 300,000 characters", _long_cell, found("it was cut at 200,000")),
    _edited("deep-metadata", "metadata nested 900 deep", _deep(900), _put_right),
    _edited("duplicated-ids", "one id for all cells", _each_cell(_same_ids), _put_right),
    _edited("wild-metadata", "metadata, outputs and counts of wrong types", _each_cell(_wild_metadata), _put_right),
    _edited("wrong-cells", "cells that are numbers, texts and lists", _wrong_cells, found("is no cell", "is no text")),
    _edited("odd-unicode", "lone surrogates, NUL and marks that turn the writing", _unicode, lambda s: _put_right(s) and "\u202e" not in s.page + s.autograded),
    _edited("cells-reversed", "the cells in reverse order", _reversed, _put_right),
    _edited("missing-solutions", "two solution cells that are gone", _without_cells("relu-solution"), found("the cell relu-solution was deleted"), mark=10.0),
    _edited("missing-all", "all graded cells gone", _without_cells("o", "t", "e", "s"), found("was deleted"), mark=0.0),
    _edited("no-cells", "no cell at all", lambda notebook: notebook | {"cells": []}, found("was deleted"), mark=0.0),
    _edited("other-type", "a solution cell made Markdown", _as_markdown, found("was turned into a markdown cell"), mark=12.0),
    _edited("check-without-type", "checks without a type", lambda notebook: [cell.pop("cell_type") for cell in checks(notebook)] and None, found("is no cell")),
    Row("deep-folders", "folders sixty deep beside the notebook", _put_right, beside=_deep_folders, right=True, mark=FULL, control="with files"),
    Row("folders-too-deep", "folders deeper than a path may be long", _put_right, beside=_too_deep_folders, right=True, mark=FULL, control="with files"),
    Row("many-files", "400 files and one of 100 MB beside the notebook", _put_right, beside=_many_files, right=True, mark=FULL, control="with files"),
    Row("pipes", "pipes beside the notebook, which nobody fills", found("pipe.csv is a link or no plain file"), beside=_pipe, right=True, mark=FULL, control="with files"),
)  # fmt: skip
