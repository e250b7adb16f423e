"""Everything that reaches a page is escaped, and a page loads nothing from elsewhere."""

import re
from pathlib import Path

import jinja2
import pytest

import autograder
from autograder.render import environment, marks, mathml, prose, question, render

TEMPLATES = sorted((Path(autograder.__file__).parent / "templates").glob("*.html"))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("use `z > 0`", "use <code>z &gt; 0</code>"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("<script>", "&lt;script&gt;"),
        ("one ` alone and $ too", "one ` alone and $ too"),
        ("the *mean* square", "the <em>mean</em> square"),
        ("is it *not yet*?", "is it <em>not yet</em>?"),
        ("`a *b* c`", "<code>a *b* c</code>"),
        ("2*3*4, a * b * c, **kwargs, *<b>*", "2*3*4, a * b * c, **kwargs, *&lt;b&gt;*"),
        ("", ""),
        ("``", "``"),
        ("$$", "$$"),
    ],
)
def test_prose_escapes_all_and_marks_code(text, html):
    assert str(prose(text)) == html


def test_maths_is_made_of_the_banks_own_text_and_not_of_what_may_quote_a_student():
    text = r"look at $\sigma(z)$ and `<b>`"
    assert re.search(r"<mi>(σ|&#x003C3;)</mi>.* and <code>&lt;b&gt;</code>", question(text))
    assert str(prose(text)) == r"look at $\sigma(z)$ and <code>&lt;b&gt;</code>"


HOSTILE = [
    r"\text{<script>alert(1)</script>}",
    r"\text{<img src=x onerror=alert(1)>}",
    r"\color{red<script>}x",
    r"<script>",
]


@pytest.mark.parametrize("latex", HOSTILE)
def test_no_formula_brings_markup_of_its_own(latex):
    page = mathml(latex)
    assert not re.search(r"<(script|img)", page)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (2.0, "2"),
        (1.8, "1.8"),
        (0.25, "0.25"),
        (10.0, "10"),
        (100, "100"),
        (1.999, "2"),
    ],
)
def test_marks_are_short(value, text):
    assert marks(value) == text


def test_an_unknown_name_in_a_template_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nothing }}").render()


def test_values_are_escaped_by_default():
    assert environment().from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"


def test_an_unknown_template_is_an_error():
    with pytest.raises(jinja2.TemplateNotFound):
        render("nothing.html")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_script_a_link_elsewhere_or_unescaped_text(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script|https?://|//cdn|<iframe|<link|@import|\bon[a-z]+=", text, re.IGNORECASE)
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text)
