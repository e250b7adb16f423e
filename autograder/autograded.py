"""The notebook that goes into `autograded/`, which nbgrader's formgrader shows as it is: so it is cleaned.

Outputs keep text and PNG pictures; markup in a student's Markdown is shown and not obeyed.
"""

import base64
import re

import nbformat
from nbformat import NotebookNode

from . import asked
from .check import as_text
from .judge import Verdict
from .rebuild import Rebuilt
from .sandbox.conversation import Run
from .text import clean_text

MAX_OUTPUTS = 200
_ATTACHED = re.compile(r"!\[[^\]]*\]\(\s*attachment:([^)\s]*)[^)]*\)|attachment:(?=\S)", re.IGNORECASE)
MAX_CELL_BYTES = 2 * 2**20
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#|\w+;)")  # could spell a link's scheme, and is decoded more than once
_SCRIPT_LINK = re.compile(r"((?:java|vb)script|data)\s*\\?:", re.IGNORECASE)
_PNG = b"\x89PNG\r\n\x1a\n"


def clean_notebook(
    skeleton: NotebookNode, rebuilt: Rebuilt, run: Run, verdicts: list[Verdict]
) -> NotebookNode:
    """The graded notebook with cleaned outputs, each check cell showing its verdict and marks."""
    by_name = {verdict.exercise: verdict for verdict in verdicts}
    own = {cell["id"]: cell.source for cell in skeleton.cells}
    notebook = nbformat.from_dict({**skeleton, "cells": []})
    code = 0
    for cell in rebuilt.cells:
        cell = nbformat.from_dict(cell)
        if cell.cell_type == "code":
            name = asked.at(cell)
            outputs = run.outputs.get(code, [])
            cell["outputs"] = _marks(by_name[name]) if name in by_name else _bounded(outputs)
            cell["execution_count"] = None
            code += 1
        elif cell.source != own.get(cell["id"]):
            cell["source"] = _without_lost_pictures(clean_markdown(cell.source), cell.get("attachments", {}))
        notebook.cells.append(cell)
    return notebook


def clean_markdown(text: str) -> str:
    """Markdown whose HTML is shown as text and whose links cannot run a script."""
    text = _MARKUP.sub("&lt;", _ENTITY.sub("& ", clean_text(text)))
    return _SCRIPT_LINK.sub(r"\1 :", text)  # with a space in it nothing is a link


def _without_lost_pictures(text, kept):
    """nbconvert, and so formgrader, refuses a notebook that names a picture it does not have."""
    return _ATTACHED.sub(lambda match: match[0] if match[1] in kept else "[picture left out]", text)


def _marks(verdict):
    return [
        _node("stream", name="stdout", text=as_text(verdict) + "\n"),
        _node(
            "execute_result",
            data={"text/plain": repr(float(verdict.score))},
            execution_count=None,
            metadata={},
        ),
    ]


def _node(kind, **fields):
    """An output; nbformat's own constructor validates each one against its schema, which takes 2 ms."""
    return nbformat.from_dict({"output_type": kind, **fields})


def _bounded(outputs):
    """Cleaned outputs of one cell, as many as fit; a sandbox's own bound can be got round from inside."""
    kept, room = [], MAX_CELL_BYTES
    for output in filter(None, map(_output, outputs[:MAX_OUTPUTS])):
        room -= len(str(output))
        if room < 0:
            note = _node("stream", name="stdout", text="[more output was left out]\n")
            return [*kept, note]
        kept.append(output)
    return kept


def _output(output):
    """One cleaned output, None for what is no output."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return _node("stream", name=name, text=clean_text(str(output.get("text", ""))))
    if kind == "error":
        lines = output.get("traceback")
        return _node(
            "error",
            ename=clean_text(str(output.get("ename", "")))[:200],
            evalue=clean_text(str(output.get("evalue", "")))[:2000],
            traceback=[clean_text(str(line))[:4000] for line in lines][:40]
            if isinstance(lines, list)
            else [],
        )
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        data = {"text/plain": clean_text(str(output["data"].get("text/plain", "")))}
        if _is_png(output["data"].get("image/png")):
            data["image/png"] = output["data"]["image/png"]
        return _node("display_data", data=data, metadata={})
    return None


def _is_png(data):
    try:
        return isinstance(data, str) and base64.b64decode(data, validate=True).startswith(_PNG)
    except ValueError:  # no base64
        return False
