"""The notebook that formgrader shows as it is: no markup, script or escape of a student's survives."""

import base64
from types import SimpleNamespace

import nbformat
import pytest

from autograder.autograded import clean_markdown, clean_notebook, clean_text
from autograder.evidence import STOPPED, Evidence
from autograder.exercises import find
from autograder.judge import judge
from autograder.rebuild import rebuild
from autograder.sandbox.conversation import Run

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and more").decode()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[1;38;5;9mred\x1b[K", "red"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]0;unfinished", ""),
        ("\x1b(Bx\x1b=", "(Bx="),
        ("a\rb\x08c\x00d\x7fe", "abcde"),
        ("\x9b31mred", "31mred"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("σ(z) ≥ ½ 😀", "σ(z) ≥ ½ 😀"),
    ],
)
def test_terminal_escapes_and_turned_writing_go(text, clean):
    assert clean_text(text) == clean


@pytest.mark.parametrize("text", ["\x1b[\x1b[31m31mx", "\x1b\x1b]0;t\x07x", "\x1b]\x1b[31m", "\x9d0;t\x9cx"])
def test_no_escape_is_left_by_taking_one_out(text):
    assert not set(clean_text(text)) & set(map(chr, [*range(9), *range(11, 32), *range(127, 160)]))


@pytest.mark.parametrize("text", ["\ud800", "a\udcffb", "\udfff\ud800"], ids=ascii)
def test_cleaned_text_can_be_stored(text):
    clean_text(text).encode()


SCRIPTS = [
    "<script>alert(1)</script>",
    "<SCRIPT\n>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<?x ?><iframe src='javascript:alert(1)'>",
    "</p><style>*{display:none}</style>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "$<script>alert(1)</script>$",
]


@pytest.mark.parametrize("text", SCRIPTS)
def test_no_markdown_of_a_students_runs_where_formgrader_shows_it(text):
    """Rendered by nbconvert, as formgrader does."""
    from html.parser import HTMLParser

    from nbconvert.filters import markdown2html

    seen = []

    class Survey(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.append((tag, dict(attrs)))

    Survey().feed(markdown2html(clean_markdown(text)))
    assert {tag for tag, _ in seen} <= {"p", "a", "img", "code", "blockquote"}
    for _, attrs in seen:
        assert set(attrs) <= {"href", "src", "alt"}
        link = attrs.get("href") or attrs.get("src") or ""
        assert not link.lower().strip().startswith(("javascript:", "vbscript:", "data:"))


@pytest.mark.parametrize("text", ["a < b", "**bold** and $z > 0$", "- item\n- item", "| a | b |", "3<4"])
def test_ordinary_markdown_stays_as_it_is(text):
    assert clean_markdown(text) == text


def output(kind, **fields):
    return {"output_type": kind, **fields}


@pytest.fixture
def cleaned(skeleton, submitted):
    """The outputs of the first code cell after cleaning the ones given."""

    def cleaned(*outputs):
        notebook = clean_notebook(skeleton, rebuild(skeleton, submitted), Run(outputs={0: list(outputs)}), [])
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode()
        return next(cell for cell in notebook.cells if cell.cell_type == "code").outputs

    return cleaned


def test_of_a_result_text_and_png_are_kept(cleaned):
    rich = {"text/plain": "\x1b[1m<b>", "image/png": PNG, "text/html": "<script>", "image/svg+xml": "<svg>"}
    for kind in ("display_data", "execute_result"):
        (kept,) = cleaned(output(kind, data=rich, metadata={"x": "<script>"}))
        assert kept.data == {"text/plain": "<b>", "image/png": PNG}
        assert kept.metadata == {}


@pytest.mark.parametrize(
    "data",
    ["", "AAAA", "<script>", PNG + '"><script>', "ü", "\ud800", None, 7, [PNG], b"x", PNG[:-1]],
    ids=ascii,
)
def test_a_png_that_is_none_is_dropped(cleaned, data):
    (kept,) = cleaned(output("display_data", data={"image/png": data}))
    assert list(kept.data) == ["text/plain"]


def test_streams_and_errors_are_cleaned_and_cut(cleaned):
    lines = ["\x1b[31mline" + "x" * 10**4] * 100
    stream, odd, error = cleaned(
        output("stream", name="stderr", text="\x1b[31m<b>\ud800"),
        output("stream", name="<script>", text=7),
        output("error", ename="\x1b" + "E" * 300, evalue="v" * 3000, traceback=lines),
    )
    assert (stream.name, stream.text[:3], odd.name, odd.text) == ("stderr", "<b>", "stdout", "7")
    assert (len(error.ename), len(error.evalue), len(error.traceback)) == (200, 2000, 40)
    assert all(len(line) <= 4000 and line.startswith("line") for line in error.traceback)


ODD = [None, 7, "x", [], {}, {"text/plain": None}, {"text/plain": ["<b>"]}, (1, 2)]


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize(
    "kind", ["stream", "error", "display_data", "execute_result", "clear", None, ["x"]], ids=str
)
def test_no_type_in_an_output_raises(cleaned, kind, odd):
    fields = dict.fromkeys(["name", "text", "ename", "evalue", "traceback", "data"], odd)
    assert len(cleaned(output(kind, **fields))) <= 1


def test_a_check_cell_shows_its_verdict_and_its_marks_and_nothing_of_the_notebooks(skeleton, submitted):
    verdict = judge(find("relu"), Evidence(1, state=STOPPED))
    forged = {i: [output("execute_result", data={"text/plain": "2.0"})] for i in range(99)}
    notebook = clean_notebook(skeleton, rebuild(skeleton, submitted), Run(outputs=forged), [verdict])
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    text, marks = cells["relu"].outputs
    assert text.text.startswith("relu: stopped")
    assert (marks.output_type, marks.data) == ("execute_result", {"text/plain": "0.0"})


def test_the_outputs_go_to_their_cells_and_the_source_of_code_is_left_alone(skeleton, submitted):
    submitted["cells"].insert(0, {"cell_type": "code", "source": "'<script>'", "metadata": {}})
    submitted["cells"].insert(0, {"cell_type": "markdown", "source": "<script>", "metadata": {}})
    outputs = {i: [output("stream", name="stdout", text=f"cell {i}")] for i in range(99)}
    notebook = clean_notebook(skeleton, rebuild(skeleton, submitted), Run(outputs=outputs), [])
    assert [cell.source for cell in notebook.cells[:2]] == ["&lt;script>", "'<script>'"]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs[0].text for cell in code] == [f"cell {i}" for i in range(len(code))]


def test_what_is_the_skeletons_is_not_changed(skeleton, submitted):
    notebook = clean_notebook(skeleton, rebuild(skeleton, submitted), Run(), [])
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in skeleton.cells]
    assert notebook.metadata == skeleton.metadata


def test_a_raw_cell_is_cleaned_too(skeleton):
    rebuilt = rebuild(skeleton, {"cells": [{"cell_type": "raw", "source": "<script>"}]})
    notebook = clean_notebook(skeleton, rebuilt, SimpleNamespace(outputs={}), [])
    assert notebook.cells[0].source == "&lt;script>"


def test_a_picture_that_was_left_out_does_not_keep_formgrader_from_the_notebook(skeleton, submitted):
    from nbconvert import HTMLExporter

    text = "![a](attachment:a.png) and ![b](attachment:lost.png) and attachment:bare"
    written = next(
        c for c in submitted["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "why_nonlinear"
    )
    written.update(source=text, attachments={"a.png": {"image/png": PNG}})
    submitted["cells"].append(
        {
            "cell_type": "markdown",
            "source": text,
            "metadata": {},
            "attachments": {"a.png": {"image/png": PNG}},
        }
    )
    notebook = clean_notebook(skeleton, rebuild(skeleton, submitted), Run(), [])
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert page.count("[picture left out]") == 4
    assert page.count(PNG) == 2
