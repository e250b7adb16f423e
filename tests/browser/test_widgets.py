"""What `check` and `progress` show in a notebook, on JupyterLab's own light and dark ground."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.check import check
from autograder.progress import Progress
from autograder.render import marks

from .conftest import THEMES, ground, says, text_of

pytestmark = pytest.mark.browser

LESSON = "01_activations"
MARKUP = "</code></pre><script>document.title='owned'</script>"


def widget(html, theme):
    """A cell's output as JupyterLab shows it, in the colours of its own theme."""
    return f"""<!DOCTYPE html><html lang="en"><head><title>A notebook</title><style>{lab_colours(theme)}
        body {{ background: var(--jp-layout-color0); color: var(--jp-content-font-color1); font: 14px/1.6 sans-serif }}
        </style></head><body><main><h1>A cell</h1>{html}</main></body></html>"""


def lab_colours(theme):
    themes = Path(sys.prefix) / "share/jupyter/lab/themes/@jupyterlab"
    return re.search(r":root *{[^}]*}", (themes / f"theme-{theme}-extension/index.css").read_text())[0]


def broken(z):
    raise ValueError(MARKUP)


ANSWERS = {
    "right": lambda z: np.maximum(z, 0),
    "wrong": lambda z: z,
    "partly right": lambda z: np.maximum(z, 0).astype(float),
    "broken": broken,
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("answer", ANSWERS)
def test_the_check_in_a_notebook_can_be_read_by_everybody(browser, faults, capsys, theme, answer):
    mark = check("relu", ANSWERS[answer])
    html = widget(mark._repr_html_(), theme)
    context = browser.new_context(java_script_enabled=False, color_scheme=theme)
    tab = context.new_page()
    tab.set_content(html)
    group = tab.get_by_role("group", name="Check of relu")
    text = text_of(group)
    assert f"relu: {marks(mark)} of 2 marks" in text
    assert group.get_by_role("listitem").count() == len(mark.verdict.cases) > 0
    assert says(mark.verdict.diagnosis) in text
    assert text.count("✓ passed") == sum(case.passed for case in mark.verdict.cases)
    assert text.count("✗ not yet") == sum(not case.passed and not case.waits for case in mark.verdict.cases)
    assert ground(tab) == {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 17, 17)"}[theme]
    context.close()
    assert faults(html, theme) == []


@pytest.mark.parametrize("theme", THEMES)
def test_the_marks_so_far_can_be_read_by_everybody(browser, faults, theme):
    so_far = Progress({"relu": 1.0, "sigmoid": 0.6})
    html = widget(so_far._repr_html_(), theme)
    context = browser.new_context(java_script_enabled=False, color_scheme=theme)
    tab = context.new_page()
    tab.set_content(html)
    group = tab.get_by_role("group", name="Marks so far")
    assert group.locator("details").count() == len(so_far.lessons)
    assert text_of(group.locator("details[open] summary")) == so_far.line(LESSON)
    rows = group.locator("details[open] tbody tr")
    assert rows.count() == len(so_far.lessons[LESSON])
    assert text_of(rows.filter(has_text="relu").first).endswith("2 of 2")
    context.close()
    assert faults(html, theme) == []
