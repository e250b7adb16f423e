"""The bank's Markdown as HTML: with MathML, which needs no script, or with the LaTeX that an LMS or Anki renders itself."""

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin

from ..render import mathml


def html(text: str, maths: str = "mathml") -> Markup:
    r"""Paragraphs, lists and code blocks as HTML.

    Args:
        maths: "mathml", or "latex" for \( … \) and \[ … \], which MathJax takes.

    >>> html("Is $a < b$?", "latex")
    Markup('<p>Is \\(a &lt; b\\)?</p>\n')
    """
    return Markup(_parser(maths).render(text))


def inline(text: str, maths: str = "mathml") -> Markup:
    """One line, such as an option, without a paragraph around it."""
    return Markup(_parser(maths).renderInline(text))


@cache
def _parser(maths):
    def draw(latex, settings):
        display = settings["display_mode"]
        if maths == "mathml":
            return mathml(latex, display)
        return rf"\[{escape(latex)}\]" if display else rf"\({escape(latex)}\)"

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(dollarmath_plugin, renderer=draw, allow_space=False)
    # The plugin wraps what it draws in containers with a class; nobody styles them.
    parser.add_render_rule(
        "math_inline", lambda _, tokens, i, *rest: draw(tokens[i].content, {"display_mode": False})
    )
    parser.add_render_rule(
        "math_block",
        lambda _, tokens, i, *rest: f"<p>{draw(tokens[i].content.strip(), {'display_mode': True})}</p>\n",
    )
    return parser
