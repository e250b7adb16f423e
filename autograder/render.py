"""Templates and maths for everything that people read: one Jinja environment, nothing loaded from elsewhere."""

import re
from functools import cache

import jinja2
from markupsafe import Markup, escape

from .text import clean_text


@cache
def environment() -> jinja2.Environment:
    """The package's templates, escaped by default, an unknown name being an error."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(prose=prose, question=question, marks=marks)
    return templates


def render(template: str, **values) -> str:
    return environment().get_template(template).render(**values)


def prose(text: str) -> Markup:
    """Plain text with `code` in backticks and an *important* word as safe HTML; for text that may quote a student."""
    return Markup("").join(_marked(part) for part in re.split(_MARKED, clean_text(text)))


def question(text: str) -> Markup:
    """The same with $maths$ in dollars, for text of the bank's own."""
    parts = re.split(r"(\$[^$]+\$)", text)
    return Markup("").join(mathml(part[1:-1]) if i % 2 else prose(part) for i, part in enumerate(parts))


def marks(value: float) -> str:
    """1.8 for 1.8 and 2 for 2.0."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def mathml(latex: str, display: bool = False) -> Markup:
    """LaTeX as MathML, which browsers show without a script."""
    from latex2mathml.converter import convert  # takes 20 ms to import; a check has no formula

    shape = "block" if display else "inline"
    found = convert(latex.replace("<", r"\lt ").replace(">", r"\gt "), display=shape)
    return Markup(_SIGN.sub(r'\1<mo form="prefix">', found))


# A minus after an opening bracket or another operator is a sign, which stands close to its number.
_SIGN = re.compile(r"(<mo[^>]*>(?!\)|\]|\||&#x00029;|&#x0005D;|&#x0007C;)[^<]*</mo>)<mo>(?=&#x02212;|−)")

# A star opens before a letter and closes after one, so that 2*3*4 is no emphasis.
_MARKED = r"(`[^`]+`|(?<![\w*])\*\w+(?:[ -]\w+)*\*(?![\w*]))"


def _marked(part):
    if not re.fullmatch(_MARKED, part):
        return escape(part)
    return Markup("<{0}>{1}</{0}>").format("code" if part[0] == "`" else "em", part[1:-1])
