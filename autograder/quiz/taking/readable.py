r"""The bank's Markdown for a terminal: maths in Unicode, from the MathML that the other outlets show.

    >>> unicode_maths(r"\frac{1}{1 + e^{-z}} \approx 6.1 \times 10^{-13}")
    '1/(1 + e^(−z)) ≈ 6.1 × 10⁻¹³'

Where no raised or lowered character exists, `^` and `_` stand; a matrix is written as one types it: [1, 2; 3, 4].
"""

import re
import unicodedata
from functools import cache
from xml.etree import ElementTree

from ...render import mathml

_NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
_SPACED = set("+−=≈≠<>≤≥←→↔⇒·×∼∈:±")
_OPEN, _CLOSE = set("([{⌊⟨⟦"), set(")]}⌋⟩⟧")
_BIG = set("∑∏∫")
_RAISED = str.maketrans("0123456789+−n⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀ")
_LOWERED = str.maketrans("0123456789+−ijknt", "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙₜ")
_ACCENTS = {"^": "\u0302", "¯": "\u0304", "‾": "\u0304", "~": "\u0303", "˙": "\u0307"}
_GROUPS = {"math", "mrow", "mstyle", "mpadded"}
_ONE_WORD = re.compile(r"[\w.′]+", re.UNICODE)
# A fence, code, maths, or a gap: as the gates read them.
_PART = re.compile(
    r"(?P<code>^(```|~~~).*?^\2[ ]*$|(`+)(?!`).+?(?<!`)\3(?!`))"
    r"|\$\$(?P<display>.+?)\$\$|(?<![\\\w$])\$(?P<inline>\S(?:[^$]*\S)?)\$"
    r"|\[\[(?P<gap>[A-Za-z]\w*)\]\]",
    re.DOTALL | re.MULTILINE,
)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def markdown(text: str) -> str:
    r"""Markdown whose maths is plain text, and whose gaps are numbered.

    >>> print(markdown(r"Is $w_1^2 < b$ or `$x`? [[yes]]"))
    Is w₁² \< b or `$x`? **(1)\_\_\_\_**
    """
    numbers = {}

    def drawn(part):
        if part["code"]:
            return part[0]
        if part["gap"]:
            return rf"**({numbers.setdefault(part['gap'], len(numbers) + 1)})\_\_\_\_**"
        return _PUNCTUATION.sub(r"\\\1", _maths(part))

    return _PART.sub(drawn, text)


def one_line(text: str) -> str:
    r"""Plain text on one line, for lists.

    >>> one_line("What is $\\sigma'(2)$,\n  by `s ** 2`, **here**?")
    'What is σ′(2), by s ** 2, here?'
    """
    code = []

    def drawn(part):
        if part["code"]:
            code.append(part[0].strip("`"))
            return "\0"
        return "…" if part["gap"] else _maths(part)

    plain = " ".join(_PART.sub(drawn, text).replace("**", "").split())
    return re.sub("\0", lambda _: code.pop(0), plain)


@cache
def unicode_maths(latex: str) -> str:
    """LaTeX, as `render.mathml` reads it, on one line of Unicode text."""
    return _row([ElementTree.fromstring(mathml(latex).replace(_NAMESPACE, "", 1))]).strip()


def _maths(part):
    return unicode_maths((part["display"] or part["inline"]).strip())


def _row(nodes):
    """Siblings side by side, with blanks around operators and names."""
    nodes = [leaf for node in nodes for leaf in _flat(node)]
    text, after = "", "start"  # what stands last: start, operator, name or operand
    for i, node in enumerate(nodes):
        piece, kind = _piece(node, _nearest(nodes[:i][::-1]), _nearest(nodes[i + 1 :]))
        if kind == "operator" and after in ("start", "operator") and piece in "+−±":
            kind = "sign"
        if kind == "operator":
            text = f"{text.rstrip()} {piece} "
        elif kind == "comma":
            text, kind = f"{text.rstrip()}{piece} ", "operator"
        elif kind == "blank":
            text = text if text.endswith(" ") or not text else f"{text} "
            continue
        elif kind == "name":
            text += f" {piece}" if after in ("operand", "name") and not text.endswith(" ") else piece
        else:
            apart = after == "name" and kind == "operand" and not text.endswith(" ")
            text += f" {piece}" if apart and piece[:1] not in "([{′" else piece
        after = {"open": "start", "close": "operand", "sign": "start"}.get(kind, kind)
    return text


def _nearest(nodes):
    """The first of them that is no blank."""
    return next((node for node in nodes if node.tag != "mspace"), None)


def _flat(node):
    """The parts of a group that only holds them together; a mrow of letters is one name (\\mathrm, \\mathsf)."""
    if node.tag not in _GROUPS:
        return [node]
    letters = [child for child in node if child.tag == "mi" and child.get("mathvariant")]
    if node.tag == "mrow" and len(node) > 1 and len(letters) == len(node):
        name = ElementTree.Element("mi")
        name.text = "".join(child.text for child in node)
        return [name]
    return [leaf for child in node for leaf in _flat(child)]


def _piece(node, before, following):
    """The text of a node, and what it is to its neighbours."""
    own = _plain(node.text)
    if node.tag in ("mo", "mi", "mn", "mtext"):
        if node.tag == "mtext":
            return own, "operand"
        if own in _SPACED:
            return own, "operator"
        if own in (",", ";"):
            return own, "comma"
        if own in _OPEN or own in _CLOSE:
            return _bracket(own, before, following), "open" if own in _OPEN else "close"
        if own in _BIG or (len(own) > 1 and own.replace("_", "").isalpha()):
            return own, "name"
        return own, "operand"
    if node.tag == "mspace":
        return "", "blank"
    if node.tag == "mfrac":
        text = f"{_wrapped(node[0], _is_sum)}/{_wrapped(node[1], _is_compound)}"
        return (
            f"({text})" if _multiplies(before, _OPEN) or _multiplies(following, _CLOSE) else text
        ), "operand"
    if node.tag in _SCRIPTS:
        text, kind = _SCRIPTS[node.tag](node), _piece(_only(node[0]), None, None)[1]
        return text, kind if kind in ("name", "close") else "operand"
    if node.tag == "msqrt":
        return f"√{_wrapped_row(list(node))}", "operand"
    if node.tag == "mroot":
        return f"{_row([node[1]]).translate(_RAISED)}√{_wrapped(node[0], _is_compound)}", "operand"
    if node.tag == "menclose":
        return f"[{_row(list(node))}]", "operand"
    if node.tag == "mtable":
        return "; ".join(", ".join(_row(list(cell)) for cell in row) for row in node), "operand"
    return own + _row(list(node)), "operand"


def _bracket(own, before, following):
    """Round brackets around a table become square ones, as in the arrays that are typed."""
    if own == "(" and following is not None and following.tag == "mtable":
        return "["
    if own == ")" and before is not None and before.tag == "mtable":
        return "]"
    return own


def _under(node, i):
    text = _row([node[i]]).replace(" ", "")
    lowered = text.translate(_LOWERED)
    if not set(lowered) - set("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙₜ"):
        return lowered
    return f"_{text}" if _ONE_WORD.fullmatch(text) else f"_({text})"


def _over(node, i):
    text = _row([node[i]])
    if not set(text) - set("′"):
        return text
    raised = text.replace(" ", "").translate(_RAISED)
    if not set(raised) - set("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀ"):
        return raised
    return f"^{text}" if _ONE_WORD.fullmatch(text) else f"^({text})"


def _accented(node):
    accent = _ACCENTS.get(_row([node[1]]))
    return f"{_base(node)}{accent}" if accent else f"{_base(node)}{_over(node, 1)}"


def _base(node):
    return _wrapped(node[0], _is_compound)


_SCRIPTS = {
    "msub": lambda node: f"{_base(node)}{_under(node, 1)}",
    "munder": lambda node: f"{_base(node)}{_under(node, 1)}",
    "msup": lambda node: f"{_base(node)}{_over(node, 1)}",
    "mover": _accented,
    "msubsup": lambda node: f"{_base(node)}{_under(node, 1)}{_over(node, 2)}",
    "munderover": lambda node: f"{_base(node)}{_under(node, 1)}{_over(node, 2)}",
}


def _wrapped(node, when):
    text = _row([node])
    return f"({text})" if when(node, text) else text


def _wrapped_row(nodes):
    group = ElementTree.Element("mrow")
    group.extend(nodes)
    return _wrapped(group, _is_compound)


def _is_sum(node, text):
    return bool(re.search(r"[+−=,/] ?", text)) and len(_flat(node)) > 1


def _is_compound(node, text):
    parts = _flat(node)
    if len(parts) == 2 and _plain(parts[0].text) == "∂":
        return False
    fenced = text[:1] + text[-1:] in ("()", "[]", "‖‖") and text.count(text[0]) in (1, 2)
    return (len(parts) > 1 and not fenced) or parts[0].tag == "mfrac"


def _only(node):
    parts = _flat(node)
    return parts[0] if len(parts) == 1 else node


def _multiplies(node, ends):
    """Whether a neighbour is multiplied with a fraction, so that the fraction needs brackets; `ends` are those that do not."""
    if node is None:
        return False
    own = _plain(node.text)
    if node.tag in ("mo", "mi") and len(own) == 1:
        return own not in _SPACED | ends | set(",;|‖")
    return node.tag != "mtext"


def _plain(text):
    """Without the no-break blanks of MathML, and mathematical letters as plain ones."""
    text = (text or "").replace("\xa0", " ").replace(r"\_", "_")
    return "".join(unicodedata.normalize("NFKC", c) if c >= "\U0001d400" else c for c in text)
