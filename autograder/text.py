"""Text that comes from a student, made safe to store and to print."""

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Without terminal escapes, control characters, lone surrogates and marks that turn the writing.

    >>> clean_text("\\x1b[31mred\\x1b[0m")
    'red'
    """
    return _CONTROLS.sub("", _ESCAPES.sub("", text))
