"""A small sentiment task in which the order of the words decides, and their number says nothing."""

import numpy as np

from nnlib.data._counts import as_count

_POSITIVE = ("good", "superb", "lovely", "charming", "excellent", "pleasant", "delightful", "wonderful")
_NEGATIVE = ("bad", "awful", "dreary", "boring", "terrible", "horrid", "dismal", "dreadful")
_NOUNS = ("hotel", "food", "service", "music", "view", "garden", "film", "play")
_DEGREES = ("", "very", "really", "rather", "quite")
_OPENINGS = ("", "honestly", "frankly", "we think", "they say")
_ENDINGS = ("", "overall", "for us", "this year", "you know")

# {o} is the opinion that counts, {x} the one that does not. Two orders of each bag of words; swapping the two
# adjectives gives the other label, so each bag has as many positive as negative sentences.
_FORMS = (
    "the {noun} was not {x} but {o}",
    "the {noun} was {o} but not {x}",
    "the {noun} was once {x} but now {o}",
    "the {noun} was now {o} but once {x}",
    "although it looked {x} the {noun} was {o}",
    "the {noun} was {o} although it looked {x}",
)

_LONGEST = 14  # tokens: an opening of 2, a form of 10 with both degrees, an ending of 2


def _vocabulary():
    phrases = (*_NOUNS, *_POSITIVE, *_NEGATIVE, *_DEGREES, *_OPENINGS, *_ENDINGS, *_FORMS)
    return ("<pad>", *sorted({word for p in phrases for word in p.split() if not word.startswith("{")}))


VOCABULARY: tuple[str, ...] = _vocabulary()


def sentiment(n, rng, length=_LONGEST, pad="left"):
    """Sentences with one positive and one negative adjective, of which the word order says which one counts.

        "the food was not bad but superb"  is positive, "the food was not superb but bad" negative,
        "the food was superb but not bad"  is positive, "the food was bad but not superb" negative.

    An adjective after "not", "once" or "it looked" does not count; the other one is the label. With every
    sentence comes its mirror, the two adjectives exchanged: the same words, the other label. So whatever looks
    only at which words occur, and how often, is right in exactly half of all sentences. Nor do the first or the
    last adjective help: which of them counts is even by chance.

    Args:
        n: number N of sentences, even, at least 2.
        rng: numpy.random.Generator.
        length: number T of tokens, at least 14, as the longest sentence has.
        pad: "left" puts the padding before the sentence, so that a recurrent network ends on its last word;
            "right" puts it after, so that what was read must be kept for longer.
    Returns:
        X: (N, T) int64, indices into `VOCABULARY`, whose index 0 is the padding.
        y: (N,) int64, 1 for positive and 0 for negative, N/2 of each.
    Raises:
        ValueError: n odd or below 2, length below 14, another pad.
    Source:
        A construction of this library, in the manner of exclusive or: Minsky & Papert (1969), Perceptrons.

    >>> X, y = sentiment(2, np.random.default_rng(1))
    >>> [(sentence(tokens), int(label)) for tokens, label in zip(X, y)]
    [('the view was once quite dreadful but now quite delightful', 1),
     ('the view was once quite delightful but now quite dreadful', 0)]
    """
    n = as_count("n", n, least=2)
    if n % 2:
        raise ValueError(f"n must be even, as each sentence comes with its mirror, got {n}")
    length = as_count("length", length, least=_LONGEST)
    if pad not in ("left", "right"):
        raise ValueError(f'pad must be "left" or "right", got {pad!r}')
    index = {word: i for i, word in enumerate(VOCABULARY)}
    X = np.zeros((n, length), np.int64)
    y = np.tile(np.array([1, 0]), n // 2)
    for row, words in enumerate(_pairs(n // 2, rng)):
        start = length - len(words) if pad == "left" else 0
        X[row, start : start + len(words)] = [index[word] for word in words]
    order = rng.permutation(n)
    return X[order], y[order]


def sentence(tokens):
    """The words of a row of `sentiment`, without its padding.

    Args:
        tokens: (T,) integers, indices into `VOCABULARY`.
    Returns:
        str, words with single spaces.
    Raises:
        ValueError: an index outside the vocabulary.

    >>> sentence([0, 0, VOCABULARY.index("not"), VOCABULARY.index("bad")])
    'not bad'
    """
    tokens = np.asarray(tokens)
    outside = tokens[(tokens < 0) | (tokens >= len(VOCABULARY))]
    if outside.size:
        raise ValueError(f"tokens must be from 0 to {len(VOCABULARY) - 1}, got {outside[0]}")
    return " ".join(VOCABULARY[i] for i in tokens if i > 0)


def _pairs(count, rng):
    """The words of `count` positive sentences, each followed by its negative mirror."""
    choices = (_FORMS, _NOUNS, _POSITIVE, _NEGATIVE, _OPENINGS, _ENDINGS, _DEGREES, _DEGREES)
    draws = rng.integers([len(words) for words in choices], size=(count, len(choices)))
    for draw in draws:
        form, noun, good, bad, opening, ending, first, second = (
            words[i] for words, i in zip(choices, draw, strict=True)
        )
        for counts, other in ((good, bad), (bad, good)):
            clause = form.format(noun=noun, o=f"{first} {counts}", x=f"{second} {other}")
            yield f"{opening} {clause} {ending}".split()
