"""A submission rebuilt on the skeleton: nothing that a student hands in raises or moves a check."""

import copy
import json
import random
from contextlib import suppress
from types import SimpleNamespace

import nbformat
import pytest

from autograder.rebuild import MAX_ATTACHMENTS, MAX_SOURCE, rebuild
from autograder.sandbox import wire
from autograder.submission import MAX_NOTEBOOK_BYTES, BadSubmission

PNG = "iVBORw0KGgo="


def grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def place(notebook, name):
    cells = notebook["cells"] if isinstance(notebook, dict) else notebook.cells
    return next(i for i, cell in enumerate(cells) if grade_id(cell) == name)


def cell_of(notebook, name):
    return notebook["cells"][place(notebook, name)]


def code(source):
    return {"cell_type": "code", "source": source, "metadata": {}}


def sound(skeleton, submitted):
    """Rebuilt: the skeleton's cells in order, its checks untouched, ids unique, and all of it storable."""
    rebuilt = rebuild(skeleton, submitted)
    own = [cell for cell in rebuilt.cells if not cell["id"].startswith("extra-")]
    assert [cell["id"] for cell in own] == [cell["id"] for cell in skeleton.cells]
    for cell, original in zip(own, skeleton.cells, strict=True):
        assert cell.metadata == original.metadata
        if not original.metadata.get("nbgrader", {}).get("solution"):
            assert cell.source == original.source
    ids = [cell["id"] for cell in rebuilt.cells]
    assert len(set(ids)) == len(ids)
    notebook = nbformat.from_dict({**skeleton, "cells": rebuilt.cells})
    nbformat.validate(notebook)
    (nbformat.writes(notebook) + "\n".join(rebuilt.findings)).encode()
    return rebuilt


def test_an_untouched_notebook_is_the_skeleton(skeleton, submitted):
    rebuilt = sound(skeleton, submitted)
    assert (rebuilt.cells, rebuilt.changed, rebuilt.findings) == (skeleton.cells, set(), [])


def test_an_answer_is_taken_and_marked_as_changed(skeleton, submitted):
    cell_of(submitted, "relu-solution")["source"] = ["def relu(z):\n", "    return z"]
    rebuilt = sound(skeleton, submitted)
    assert rebuilt.answers["relu-solution"] == "def relu(z):\n    return z"
    assert (rebuilt.changed, rebuilt.findings) == ({"relu-solution"}, [])


def test_a_split_cell_is_joined_in_document_order_with_what_stands_between(skeleton, submitted):
    at = place(submitted, "relu-solution")
    half = {**submitted["cells"][at], "source": "second = 2", "id": "anew"}
    submitted["cells"][at]["source"] = "first = 1"
    submitted["cells"][at + 1 : at + 1] = [code("between = 0"), half]
    rebuilt = sound(skeleton, submitted)
    assert rebuilt.answers["relu-solution"] == "first = 1\n\nsecond = 2"
    assert [cell.source for cell in rebuilt.cells[at : at + 3]] == ["first = 1", "between = 0", "second = 2"]


def test_a_copy_of_an_answer_pasted_further_down_does_not_replace_it(skeleton, submitted):
    cell_of(submitted, "relu-solution")["source"] = "right = 1"
    submitted["cells"].append({**cell_of(submitted, "relu-solution"), "source": "wrong = 1", "id": "anew"})
    rebuilt = sound(skeleton, submitted)
    assert rebuilt.answers["relu-solution"] == "right = 1"
    assert rebuilt.cells[-1].source == "wrong = 1"
    assert "stands further up" in rebuilt.findings[0]


def test_cells_without_their_names_are_known_by_their_ids(skeleton, submitted):
    cell_of(submitted, "relu-solution")["source"] = "mine = 1"
    for cell in submitted["cells"]:
        cell["metadata"] = {}
    rebuilt = sound(skeleton, submitted)
    assert (rebuilt.changed, rebuilt.findings) == ({"relu-solution"}, [])
    assert len(rebuilt.cells) == len(skeleton.cells)


@pytest.mark.parametrize("change", ["line ends", "no ids"])
def test_what_a_tool_does_to_a_file_makes_no_extra_cells(skeleton, submitted, change):
    for cell in submitted["cells"]:
        if change == "no ids":
            del cell["id"]
        else:
            cell["source"] = "".join(cell["source"]).replace("\n", "\r\n") + "\r\n"
    rebuilt = sound(skeleton, submitted)
    assert len(rebuilt.cells) == len(skeleton.cells)
    assert rebuilt.findings == []


def test_an_answer_retyped_in_a_cell_of_its_own_is_not_undone_by_the_stub(skeleton, submitted):
    at = place(submitted, "relu-solution")
    submitted["cells"][at] = code("def relu(z): ...")
    rebuilt = sound(skeleton, submitted)
    assert rebuilt.cells[place(rebuilt, "relu-solution")].source == ""
    assert "def relu(z): ..." in [cell.source for cell in rebuilt.cells]


def test_deleted_cells_come_back_and_are_reported(skeleton, submitted):
    submitted["cells"] = [cell for cell in submitted["cells"] if not grade_id(cell).startswith("relu")]
    findings = sound(skeleton, submitted).findings
    assert ["was deleted" in finding for finding in findings] == [True, True]


@pytest.mark.parametrize("source", ["2.0", "", "check('relu')\n2.0", None])
def test_an_edited_or_doubled_check_cell_is_put_right_and_reported(skeleton, submitted, source):
    if source is None:
        submitted["cells"].append(cell_of(submitted, "relu"))
    else:
        cell_of(submitted, "relu")["source"] = source
    what = "stands twice" if source is None else "was edited"
    wanted = [f"the check cell relu {what}; the original was put back"]
    assert sound(skeleton, submitted).findings == wanted


def test_a_renamed_cell_is_an_extra_cell_and_both_are_reported(skeleton, submitted):
    cell_of(submitted, "relu-solution").update(source="def relu(z): ...")
    cell_of(submitted, "relu-solution")["metadata"]["nbgrader"]["grade_id"] = "mine"
    rebuilt = sound(skeleton, submitted)
    assert ("(mine)" in rebuilt.findings[0], "was deleted" in rebuilt.findings[1]) == (True, True)
    assert "def relu(z): ..." in [cell.source for cell in rebuilt.cells]


def test_an_answer_of_another_cell_type_is_no_answer(skeleton, submitted):
    cell_of(submitted, "relu-solution")["cell_type"] = "markdown"
    cell_of(submitted, "why_nonlinear")["cell_type"] = "code"
    rebuilt = sound(skeleton, submitted)
    assert rebuilt.answers["relu-solution"] == ""
    assert "why_nonlinear" not in rebuilt.changed
    assert len(rebuilt.findings) == 4


@pytest.mark.parametrize("where", [0, 1, 5, 99_999])
def test_an_extra_cell_stays_behind_the_cell_that_it_followed(skeleton, submitted, where):
    submitted["cells"].insert(where, code("helper = 1"))
    assert sound(skeleton, submitted).cells[min(where, len(skeleton.cells))].source == "helper = 1"


def test_extra_cells_follow_a_cell_that_was_moved_and_the_skeletons_order_wins(skeleton, submitted):
    moved = submitted["cells"].pop(place(submitted, "relu-solution"))
    submitted["cells"] = [moved, code("one"), code("two"), *submitted["cells"]]
    at = place(rebuilt := sound(skeleton, submitted), "relu-solution")
    assert [cell.source for cell in rebuilt.cells[at + 1 : at + 3]] == ["one", "two"]


def test_an_edited_ungraded_cell_runs_after_its_original(skeleton, submitted):
    at = next(i for i, cell in enumerate(skeleton.cells) if cell.cell_type == "code" and not grade_id(cell))
    submitted["cells"][at]["source"] = "edited = True"
    rebuilt = sound(skeleton, submitted)
    assert rebuilt.cells[at + 1].source == "edited = True"


def attached(skeleton, submitted, attachments):
    cell_of(submitted, "why_nonlinear").update(source="see ![](attachment:a.png)", attachments=attachments)
    rebuilt = sound(skeleton, submitted)
    return rebuilt.cells[place(rebuilt, "why_nonlinear")].get("attachments", {})


BAD = {
    f"data {n}": {"a.png": {"image/png": data}} for n, data in enumerate(["<b>", "ü", "\ud800", ["x"], None])
}
BAD |= {f"name {n}": {name: {"image/png": PNG}} for n, name in enumerate(["\ud800", '"><b>', "a" * 10**6])}
BAD |= {f"type {n}": {"a.png": {kind: PNG}} for n, kind in enumerate(["text/html", "image/svg+xml", ""])}
BAD |= {"large": {"a.png": {"image/png": "A" * (3 * 2**20)}}, "text": {"a.png": "x"}, "list": ["a.png"]}


@pytest.mark.parametrize("name", BAD)
def test_an_attachment_that_is_no_small_picture_is_dropped(skeleton, submitted, name):
    assert attached(skeleton, submitted, BAD[name]) == {}


def test_of_many_pictures_few_are_kept_and_none_in_code(skeleton, submitted):
    many = {f"{i}.png": {"image/png": PNG} for i in range(50)}
    cell_of(submitted, "relu-solution")["attachments"] = many
    assert attached(skeleton, submitted, many) == dict(list(many.items())[:MAX_ATTACHMENTS])
    rebuilt = sound(skeleton, submitted)
    assert "attachments" not in rebuilt.cells[place(rebuilt, "relu-solution")]


NOT_CELLS = [None, 7, "cell", [], {}, {"cell_type": ["code"]}, {"cell_type": "code", "source": 7}]


@pytest.mark.parametrize("raw", NOT_CELLS, ids=str)
def test_what_is_no_cell_is_left_out(skeleton, submitted, raw):
    submitted["cells"].insert(3, raw)
    assert len(sound(skeleton, submitted).findings) == 1


ODD = [None, True, -1.5, float("nan"), [], ["a", 1], {}, {"a": 1}, "", "\ud800", "x" * 300_000]
PLACES = ["cell_type", "source", "metadata", "id", "attachments", "nbgrader", "grade_id", "cell"]


@pytest.mark.parametrize("seed", range(40))
def test_no_type_in_any_place_raises_or_unsettles_the_skeleton(skeleton, submitted, seed):
    rng = random.Random(seed)
    for _ in range(12):
        cell = rng.choice([cell for cell in submitted["cells"] if isinstance(cell, dict)])
        kind, odd = rng.choice(PLACES), rng.choice(ODD)
        if kind == "cell":
            submitted["cells"].insert(rng.randrange(9), rng.choice([odd, copy.deepcopy(cell)]))
        elif kind == "nbgrader" and isinstance(cell.get("metadata"), dict):
            cell["metadata"]["nbgrader"] = odd
        elif kind == "grade_id" and isinstance(cell.get("metadata"), dict):
            cell["metadata"]["nbgrader"] = {"grade_id": rng.choice([odd, "relu", "relu-solution"])}
        else:
            cell[kind] = odd
    sound(skeleton, submitted)


def test_what_is_handed_in_is_refused_or_can_be_sent_to_a_sandbox(skeleton, submitted):
    submitted["cells"] += [code("é" * MAX_SOURCE) for _ in range(49)]  # 2 bytes here, 6 in ASCII
    assert len(json.dumps(submitted, ensure_ascii=False).encode()) < MAX_NOTEBOOK_BYTES
    with suppress(BadSubmission):
        cells = [{"source": cell.source, "check": ""} for cell in rebuild(skeleton, submitted).cells]
        wire.send(SimpleNamespace(sendall=len), {"cells": cells})
