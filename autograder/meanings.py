"""What the name of a mistake means: the bank's own diagnosis, or what is said where a generic slip was found."""

from . import diagnosis, slips
from .exercises import bank
from .quiz import bank as quiz

# What judging says of these holds something of the one answer; here is what it says of all of them.
SEEN = {
    "no_answer": "No answer arrived: the function ran too long, or ended the whole program.",
    "no_error": "An exception was due, and none came.",
    "no_return": "The function returns None.",
    "wrong_type": "What is returned is of another type than the task asks for.",
    "wrong_length": "What is returned has another number of parts.",
    "wrong_text": "What is returned is another text.",
    "wrong_shape": "What is returned has another shape than the right answer.",
    "wrong_dtype": "What is returned has another dtype than the text asks for.",
    "nan": "Some values are NaN, not a number.",
    "raises": "The function raises an exception.",
    "parts_in_other_order": "The parts are right, and stand in another order.",
    "constant_offset": "Every value is off by the same amount.",
    "missing_mask": "Right wherever the answer is not 0, and something else where it should be 0.",
    "clipped": "Beyond some limit every input gets the same answer: the input was clipped.",
    "float32_only": "Right in float64, wrong in float32.",
    "single_example_only": "Right for several examples, wrong for one (N = 1).",
    "no_axis_only": "Right for arrays with an axis, wrong for a single number of shape ().",
}
GENERIC = {
    **{name: says for _, _, name, says in slips.COMMON_ERRORS},
    **{slip.name: slip.says for slip in slips.SLIPS},
    **{name: says.format(warning="") for name, says in diagnosis.CONDUCT.items()},
    **SEEN,
}


def meaning(exercise: str, mistake: str) -> tuple[str, str]:
    """Diagnosis and card of a mistake; a generic slip has no card, and what is not known any more has neither.

    >>> meaning("any", "transpose")
    ('The result is the transpose of the right one.', '')
    """
    known = bank().get(exercise)
    own = next((m for m in (known.mistakes if known else ()) if known.mistake_name(m) == mistake), None)
    if own:
        return own.diagnosis, own.card
    try:
        return quiz.says(mistake), quiz.card_of(mistake)
    except quiz.UnknownQuestion:
        return GENERIC.get(mistake, ""), ""
