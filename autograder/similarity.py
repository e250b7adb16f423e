"""Which notebooks hold more equal answers than chance and short answers explain.

Answers are compared by their syntax tree: comments, docstrings, layout and the names that a function
gives its own variables do not count. Short answers are left out, for they can hardly differ. What many
students wrote says little about two of them, so an equal answer weighs as many bits as it is rare among
the others, −log2(their share). A pair is named where its bits exceed what all pairs of the class reach by
chance (Bonferroni). Nothing here is a proof, and nothing takes marks away.
"""

import ast
import math
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations

LEAST_LINES = 5  # of code, once comments, docstrings and layout are gone
LEAST_ANSWERS = 2
LEAST_SHARE = 0.5
FALSE_PAIRS = 0.1  # expected in a whole class whose answers are written independently
PRIOR_SHARE, PRIOR_WEIGHT = 0.1, 5  # a long answer's share before anybody is seen, worth this many students
MAX_GROUP = 50  # equal answers of more students than these propose no pair, though they count for one
MAX_CHARACTERS = 20_000


@dataclass(frozen=True)
class Pair:
    """Two notebooks and their equal long answers.

    Attributes:
        same: names of the answers that are equal.
        of: how many long answers both have.
        rare: how many of `same` nobody else wrote.
        bits: how surprising this is, for who writes independently.
    """

    first: str
    second: str
    same: tuple[str, ...]
    of: int
    rare: int
    bits: float


def similar_pairs(
    notebooks: dict[str, dict[str, str]], skeleton: dict[str, str], models: frozenset[str] = frozenset()
) -> list[Pair]:
    """The pairs of notebooks with surprisingly many equal long answers, the most surprising first.

    Args:
        notebooks: student -> name of a solution cell -> its source.
        skeleton: what stands in these cells before anybody has answered.
        models: those of `notebooks` that are no students but known solutions; no two of them pair.
    """
    stubs = {name: fingerprint(source) for name, source in skeleton.items()}
    prints = {}
    for student, answers in notebooks.items():
        found = {name: fingerprint(source) for name, source in answers.items()}
        prints[student] = {
            name: mark for name, mark in found.items() if is_long(mark) and mark != stubs.get(name)
        }
    students = len(notebooks) - len(models)
    held, writers = Counter(), defaultdict(list)
    for student, found in prints.items():
        for answer in found.items():
            held[answer] += student not in models
            writers[answer].append(student)
    candidates = {
        pair
        for together in writers.values()
        for pair in _pairs(together, models)
        if not models.issuperset(pair)
    }
    pairs = (_compare(pair, prints, held, students, models) for pair in candidates)
    threshold = math.log2(max(1, students * (students - 1) / 2) / FALSE_PAIRS)
    surprising = (pair for pair in pairs if _is_enough(pair) and pair.bits >= threshold)
    return sorted(surprising, key=lambda pair: (-pair.bits, pair.first, pair.second))


def _pairs(together, models):
    """Those who wrote one answer, by two; of very many, only each with the known solutions."""
    if len(together) <= MAX_GROUP:
        return combinations(sorted(together), 2)
    known = sorted(models.intersection(together))
    return (tuple(sorted((student, model))) for student in together for model in known if student != model)


def fingerprint(source: str) -> str:
    """The code of a cell without comments, docstrings, layout and names of its own; "" where it cannot be read.

    >>> fingerprint("def f(a):  # mine\\n  b = a + 1\\n  return b") == fingerprint("def f(x):\\n    y = x+1\\n    return y")
    True
    """
    code = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    if len(code) > MAX_CHARACTERS:
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a student's "\d" is no fault of the grader
            return ast.unparse(_Renamed().visit(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # no Python, or nested to do harm
        return ""


def is_long(mark: str) -> bool:
    return mark.count("\n") + 1 >= LEAST_LINES


class _Renamed(ast.NodeTransformer):
    """Gives arguments and variables names by order of appearance, and takes docstrings away.

    What a cell only reads (`np`, `range`, another exercise) keeps its name, and so do attributes.
    """

    def __init__(self):
        self.names = {}

    def visit_Module(self, tree):
        nodes = list(ast.walk(tree))
        named = [node for node in nodes if isinstance(node, ast.Name | ast.arg)]
        named.sort(key=lambda node: (node.lineno, node.col_offset))
        bound = {_name(node) for node in named if isinstance(node, ast.arg) or not _is_read(node)}
        order = dict.fromkeys(name for name in map(_name, named) if name in bound)
        self.names = {name: f"v{i}" for i, name in enumerate(order)}
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                _drop_docstring(node)
        return self.generic_visit(tree)

    def visit_Name(self, node):
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)

    def visit_arg(self, node):
        return ast.copy_location(ast.arg(self.names.get(node.arg, node.arg)), node)  # annotations go too


def _is_read(node):
    return isinstance(node.ctx, ast.Load)


def _name(node):
    return node.id if isinstance(node, ast.Name) else node.arg


def _drop_docstring(node):
    first = node.body[0] if node.body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        node.body = node.body[1:] or ([ast.Pass()] if not isinstance(node, ast.Module) else [])


def _compare(pair, prints, held, students, models):
    first, second = (prints[student] for student in pair)
    both = first.keys() & second.keys()
    same = tuple(sorted(name for name in both if first[name] == second[name]))
    own = 2 - len(models.intersection(pair))  # the two themselves are no evidence of how common it is
    others = [held[name, first[name]] - own for name in same]
    room = students - own + PRIOR_WEIGHT
    bits = sum(-math.log2((count + PRIOR_SHARE * PRIOR_WEIGHT) / room) for count in others)
    return Pair(*pair, same, len(both), others.count(0), bits)


def _is_enough(pair):
    return len(pair.same) >= LEAST_ANSWERS and len(pair.same) >= LEAST_SHARE * pair.of
