"""Where a student's answers may come from, other than from the student: for a person to look at, never for marks."""

import re
from functools import cache
from pathlib import Path

from .rebuild import Rebuilt

COPIED_LINES = 5
_REACHES = re.compile(
    r"__code__|__closure__|\bgetsource\b|\bFunctionType\b|\breload\b|\bspec_from_file\w*|\b_getframe\b|\bgc\.get\w+"
    r"|\bautograder\.\w+|\bnnlib\.\w+\s+as\b|\bos\.fork\b|\bmultiprocessing\b|/proc/self|\binspect\b|\bsocket\b"
)


def reaches_for_answers(rebuilt: Rebuilt) -> list[str]:
    """What in the student's own code could reach the course's functions unseen, for a person to look at.

    Their values count as right; only where they come from is a question, and nobody but a person answers it.
    """
    own = rebuilt.own_code()
    words = sorted({match[0] for source in own for match in _REACHES.finditer(source)})
    found = [f"its code uses {', '.join(words)}, by which answers of nnlib can be reached"] if words else []
    copied = {line.strip() for source in own for line in source.splitlines()} & _library_lines()
    if len(copied) >= COPIED_LINES:
        found.append(f"{len(copied)} long lines of its code are nnlib's own")
    return found


@cache
def _library_lines():
    """The lines of nnlib that are too long to be written twice by chance."""
    import nnlib

    texts = [path.read_text(encoding="utf-8") for path in Path(nnlib.__file__).parent.rglob("*.py")]
    return {line.strip() for text in texts for line in text.splitlines() if len(line.strip()) >= 40}
