"""Templates and maths for everything that people read: one Jinja environment, nothing loaded from elsewhere."""

import re
from functools import cache

import jinja2
from markupsafe import Markup, escape


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
    templates.filters.update(prose=prose, marks=marks)
    return templates


def render(template: str, **values) -> str:
    return environment().get_template(template).render(**values)


def prose(text: str) -> Markup:
    """Plain text with `code` in backticks and $maths$ in dollars, as safe HTML."""
    parts = re.split(r"(`[^`]+`|\$[^$]+\$)", text)
    return Markup("").join(_part(part) for part in parts)


def marks(value: float) -> str:
    """1.8 for 1.8 and 2 for 2.0."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _part(part):
    if len(part) > 2 and part[0] == part[-1] == "`":
        return Markup("<code>{}</code>").format(part[1:-1])
    if len(part) > 2 and part[0] == part[-1] == "$":
        return mathml(part[1:-1])
    return escape(part)


def mathml(latex: str) -> Markup:
    """LaTeX as MathML, which browsers show without a script."""
    from latex2mathml.converter import convert  # takes 20 ms to import; a check has no formula

    return Markup(convert(latex))
