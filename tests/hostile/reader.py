"""Against the reader: whoever opens feedback, the graded notebook, a table or a terminal."""

import csv
import json
import unicodedata
from html.parser import HTMLParser

from .rows import FULL, Row, grade_id

SCRIPT = "<script>document.title='owned'</script>"
IMAGE = "<img src=x onerror=alert(1)>"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
LOADS = (
    "script",
    "iframe",
    "object",
    "embed",
    "link",
    "base",
    "form",
    "input",
    "audio",
    "video",
    "svg",
    "image",
)


class _Dangers(HTMLParser):
    """What in a page runs, loads or sends something."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        if tag in LOADS:
            self.found.append(tag)
        for name, value in attributes:
            if tag == "a" and name == "href" and (value or "").startswith(("http://", "https://")):
                continue  # a link that one has to follow
            far = name in ("src", "href", "action", "data", "srcset", "poster") and not (
                value or ""
            ).startswith(("#", "data:image/png"))
            if name.startswith("on") or far or "javascript:" in (value or ""):
                self.found.append(f"{tag} {name}={value}")


def dangers(page):
    parser = _Dangers()
    parser.feed(page)
    return parser.found


def inert(seen):
    """Neither the page nor the notebook that formgrader shows runs anything, and the page forbids it."""
    notebook = json.loads(seen.autograded or '{"cells": []}')
    kinds = {
        kind for cell in notebook["cells"] for o in cell.get("outputs", []) for kind in o.get("data", {})
    }
    markdown = "\n".join(
        cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] != "code"
    )
    return (
        dangers(seen.page) == []
        and "default-src 'none'" in seen.page
        and kinds <= {"text/plain", "image/png"}
        and not any(
            sign in markdown for sign in (SCRIPT, IMAGE, "<iframe", "<svg", "javascript:", "data:text")
        )
    )


def _shown(*texts):
    """Inert, and these texts stand there for the reader to see: the attack arrived."""
    return lambda seen: inert(seen) and all(text in seen.text + seen.page + seen.autograded for text in texts)


def _written(text):
    def edit(notebook):
        for cell in notebook["cells"]:
            if grade_id(cell) in ("why_nonlinear", "which_activation"):
                cell["source"] = text

    return edit


def _attached(notebook):
    _written("![my picture](attachment:a.svg) ![another](attachment:b.png) ![gone](attachment:none.png)")(
        notebook
    )
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["attachments"] = {
                "a.svg": {"image/svg+xml": f"<svg onload=alert(1)>{SCRIPT}</svg>", "text/html": SCRIPT},
                "b.png": {"image/png": PIXEL},
                "../../c.png": {"image/png": PIXEL},
                f"{IMAGE}.png": {"image/png": SCRIPT},
            }


def _old_outputs(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {
                    "output_type": "display_data",
                    "data": {"text/html": SCRIPT},
                    "metadata": {"isolated": False},
                },
                {"output_type": "stream", "name": "stdout", "text": "2.0 of 2 marks"},
            ]
            cell["metadata"]["widgets"] = {"application/javascript": SCRIPT}
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": SCRIPT}}


def _extra_markdown(notebook):
    for source in (SCRIPT, f"[run](javascript:alert(1)) <a href='java&#115;cript:alert(1)'>x</a> {IMAGE}"):
        notebook["cells"].append(
            {"cell_type": "markdown", "id": f"m{len(source)}", "metadata": {}, "source": source}
        )
        notebook["cells"].append(
            {
                "cell_type": "raw",
                "id": f"r{len(source)}",
                "metadata": {"format": "text/html"},
                "source": source,
            }
        )


def _names_beside(path):
    for name in (
        f"{IMAGE}.csv",
        "=cmd|'calc'!A0.csv",
        "\x1b[31mred.csv",
        "two\nlines.csv",
        "-rf",
        "a" * 250,
        "é́ü‮gpj.exe",
    ):
        path.with_name(name).symlink_to("/etc/passwd")
    path.with_name("<b>kept.csv").write_text("1")


def _only_other_names(path):
    path.rename(path.with_name(f"{IMAGE}.ipynb"))


def _hostile_names(notebook):
    for cell in notebook["cells"]:
        if grade_id(cell):
            cell["metadata"]["nbgrader"]["grade_id"] = SCRIPT + grade_id(cell)
    notebook["cells"].append({"cell_type": "code", "id": SCRIPT, "metadata": {"nbgrader": {"grade_id": f"relu{IMAGE}"}}, "source": "", "outputs": []})  # fmt: skip


def _date(path):
    path.with_name("timestamp.txt").write_text(f"2026-01-01 {SCRIPT}\n=1+1")


HTML = f"""from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML("{SCRIPT}"), Javascript("alert(1)"), Markdown("{IMAGE}"))
display({{"text/html": "{SCRIPT}", "image/svg+xml": "<svg onload=alert(1)/>", "text/plain": "shown as text",
          "application/javascript": "alert(1)", "text/latex": "\\\\href{{javascript:alert(1)}}{{x}}",
          "image/png": "{SCRIPT}", "application/vnd.jupyter.widget-view+json": {{"model_id": "x"}}}}, raw=True)
class Page:
    def _repr_html_(self): return "{SCRIPT}"
    def _repr_javascript_(self): return "alert(1)"
    def __repr__(self): return "{SCRIPT} as text"
Page()"""
ERROR = f"""class Error(Exception):
    pass
Error.__name__ = "{SCRIPT}"
raise Error("{IMAGE}")"""
RAISES = f"""class Error(Exception):
    def __str__(self): return "{IMAGE}"
Error.__name__ = "{SCRIPT}"
def {{name}}(*args):
    import warnings
    warnings.warn("{SCRIPT}")
    raise Error()"""
CODE = f'def {{name}}(z):\n    """{SCRIPT} </code></pre>{IMAGE} {{{{ 7 * 7 }}}} {{% raw %}} $<b>$ `{IMAGE}`"""\n    return 42.0'
LINKS = f"""[a](javascript:alert(1)) [b](JaVaScRiPt&colon;alert(1)) [c](data:text/html,{SCRIPT}) <a href="x" onclick=alert(1)>d</a>
<style>@import 'http://evil.example'</style> <math><mtext><table><mglyph><style><!--</style>{IMAGE}
[e]: javascript&#x3A;alert(1)
$\\href{{javascript:alert(1)}}{{x}}$ <iframe srcdoc="{SCRIPT}"></iframe> <svg><animate onbegin=alert(1)></svg>"""
KEPT_BACK = "document.title"


def _student(name, folder):
    """The right answers under a name that attacks: the marks are honest, the name is made harmless."""
    return Row(
        name,
        f"a student id {folder!r}",
        lambda seen: inert(seen) and safe_row(seen),
        right=True,
        mark=FULL,
        student=folder,
    )


def safe_row(seen):
    """No value in the file of marks is taken for a formula, white space and wide signs apart."""
    with seen.course.grades.open(newline="") as file:
        values = [unicodedata.normalize("NFKC", value).lstrip() for row in csv.reader(file) for value in row]
    return not [value for value in values if value.startswith(("=", "+", "-", "@"))]


ROWS = (
    Row("script-in-outputs", "HTML, SVG and JavaScript as rich outputs", _shown("shown as text"), first=HTML, control="with cells"),
    Row("script-in-error", "markup in an exception's name and text", _shown("onerror=alert(1)"), first=ERROR, control="with cells"),
    Row("script-in-answers-error", "markup in what an answer raises and warns", inert, answers={n: RAISES.replace("{name}", n) for n in ("sigmoid", "tanh", "relu")}),
    Row("script-in-code", "markup and template code in an answer's text", _shown("{{ 7 * 7 }}"), answers={n: CODE.replace("{name}", n) for n in ("sigmoid", "relu")}),
    Row("script-in-written-answer", "script in a written answer", _shown("document.title"), edit=_written(SCRIPT + IMAGE)),
    Row("links-in-written-answer", "links, styles and formulas that run", _shown("iframe srcdoc"), edit=_written(LINKS)),
    Row("script-in-attachments", "SVG and HTML as pasted pictures", lambda s: inert(s) and PIXEL in s.autograded and "svg+xml" not in s.autograded, edit=_attached),
    Row("script-in-old-outputs", "script in saved outputs and widget states", lambda s: inert(s) and SCRIPT.encode() in s.handed_in and KEPT_BACK not in s.autograded, edit=_old_outputs),
    Row("script-in-extra-cells", "script in Markdown and raw cells of its own", inert, edit=_extra_markdown, open={}),
    Row("script-in-names", "script in grade ids and cell ids", lambda s: inert(s) and "bears a name" in s.findings, edit=_hostile_names),
    Row("script-in-file-names", "links whose names are markup, formulas and escapes", lambda s: inert(s) and "onerror=alert" in s.findings and "\x1b" not in s.page, beside=_names_beside, control="with files"),
    Row("script-in-notebooks-name", "a notebook whose own name is markup", lambda s: inert(s) and "onerror=alert" in s.page, beside=_only_other_names),
    Row("script-in-date", "markup and a formula in timestamp.txt", lambda s: inert(s) and "is no date" in s.findings, beside=_date, control="with files"),
    _student("id-script", f"{SCRIPT.replace('/', '')}"),
    _student("id-handler", "<img src=x onerror=alert(1)>"),
    _student("id-equals", "=HYPERLINK(\"http:evil\",\"marks\")"),
    _student("id-plus", "+cmd|' C calc'!A0"),
    _student("id-minus", "-1+1"),
    _student("id-at", "@SUM(A1)"),
    _student("id-wide", " ＝1+1"),
    _student("id-markup", "[red]bold[\\red] %s {0} $(id) `id`"),
    _student("id-long", "x" * 200),
)  # fmt: skip
