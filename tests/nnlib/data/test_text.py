"""The sentiment task: order decides, and counting words does not help."""

from collections import defaultdict

import numpy as np
import pytest

from nnlib.data.text import VOCABULARY, sentence, sentiment

POSITIVE = {"good", "superb", "lovely", "charming", "excellent", "pleasant", "delightful", "wonderful"}
NEGATIVE = {"bad", "awful", "dreary", "boring", "terrible", "horrid", "dismal", "dreadful"}
DEGREES = {"very", "really", "rather", "quite"}


def read(words):
    """The label by the rule in the docstring, from the words alone: a reader that knows nothing of the forms."""
    counted = []
    for i, word in enumerate(words):
        if word in POSITIVE | NEGATIVE:
            before = words[i - 1] if words[i - 1] not in DEGREES else words[i - 2]
            if before not in ("not", "once", "looked"):
                counted.append(word)
    (word,) = counted
    return int(word in POSITIVE)


def bags(X):
    return np.stack([np.bincount(row, minlength=len(VOCABULARY)) for row in X])


@pytest.fixture(scope="module")
def data():
    return sentiment(2000, np.random.default_rng(0))


def test_types_shapes_and_balance(data):
    X, y = data
    assert (X.shape, X.dtype) == ((2000, 14), np.int64)
    assert (y.shape, y.dtype) == ((2000,), np.int64)
    assert np.bincount(y).tolist() == [1000, 1000]
    assert X.min() == 0
    assert X.max() < len(VOCABULARY)


def test_the_vocabulary_is_complete_without_repeats_and_all_in_use(data):
    assert VOCABULARY[0] == "<pad>"
    assert len(set(VOCABULARY)) == len(VOCABULARY)
    assert list(VOCABULARY[1:]) == sorted(VOCABULARY[1:])
    assert set(np.unique(data[0])) == set(range(len(VOCABULARY)))
    assert not any("{" in word or " " in word for word in VOCABULARY)


def test_a_rule_that_reads_the_order_is_always_right(data):
    for tokens, label in zip(*data, strict=True):
        assert read(sentence(tokens).split()) == label


def test_each_bag_of_words_has_as_many_positive_as_negative_sentences(data):
    X, y = data
    labels = defaultdict(list)
    for bag, label in zip(bags(X), y, strict=True):
        labels[bag.tobytes()].append(label)
    assert all(np.mean(bag) == 0.5 for bag in labels.values())  # so any function of the bag is right in half


def test_every_sentence_has_a_mirror_with_the_two_adjectives_exchanged(data):
    X, y = data
    known = {tuple(row): label for row, label in zip(X.tolist(), y, strict=True)}
    opinions = {VOCABULARY.index(word) for word in POSITIVE | NEGATIVE}
    for row, label in zip(X.tolist(), y, strict=True):
        i, j = [place for place, token in enumerate(row) if token in opinions]
        assert (VOCABULARY[row[i]] in POSITIVE) != (VOCABULARY[row[j]] in POSITIVE)
        row[i], row[j] = row[j], row[i]
        assert known[tuple(row)] == 1 - label


def test_a_linear_classifier_on_bags_learns_nothing(data):
    X, y = data
    counts = bags(X).astype(float)
    weights = np.linalg.lstsq(counts, 2.0 * y - 1, rcond=None)[0]
    np.testing.assert_allclose(counts @ weights, 0, atol=1e-10)  # the best fit is indifference


def test_neither_the_first_nor_the_last_adjective_decides(data):
    X, y = data
    for which in (0, -1):
        guess = [
            int([w for w in sentence(tokens).split() if w in POSITIVE | NEGATIVE][which] in POSITIVE)
            for tokens in X
        ]
        assert abs(np.mean(guess == y) - 0.5) < 5 * 0.5 / np.sqrt(1000)  # pairs share a form


def test_all_forms_and_both_degrees_occur(data):
    text = [sentence(tokens) for tokens in data[0]]
    for start in ("although it looked", "honestly", "we think", "the "):
        assert any(s.startswith(start) for s in text)
    assert any(" although it looked " in s for s in text)
    for words in ("was not", "but not", "was once", "but once", "was now", "but now"):
        assert any(words in s for s in text)
    lengths = [len(s.split()) for s in text]
    assert (min(lengths), max(lengths)) in ((7, 14), (8, 14))


def test_padding_is_on_the_side_asked_for():
    left, y = sentiment(60, np.random.default_rng(1), length=20)
    right, same = sentiment(60, np.random.default_rng(1), length=20, pad="right")
    np.testing.assert_array_equal(y, same)
    assert (left[:, -1] > 0).all()
    assert (left[:, 0] == 0).all()
    for a, b in zip(left, right, strict=True):
        words = a[a > 0]
        assert (np.diff((a > 0).astype(int)) >= 0).all()
        np.testing.assert_array_equal(b, np.pad(words, (0, 20 - len(words))))


def test_rows_are_shuffled_and_the_seed_decides_all(data):
    X, y = data
    assert 0.42 < np.mean(y[:-1] == y[1:]) < 0.58
    again, other = sentiment(2000, np.random.default_rng(0)), sentiment(2000, np.random.default_rng(1))
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    assert not np.array_equal(X, other[0])


def test_sentence_skips_padding_and_refuses_unknown_tokens():
    assert sentence([0, 0]) == ""
    assert sentence(np.array([1, 0, 2])) == f"{VOCABULARY[1]} {VOCABULARY[2]}"
    for wrong in (-1, len(VOCABULARY)):
        with pytest.raises(ValueError, match=f"tokens must be from 0 to {len(VOCABULARY) - 1}, got {wrong}"):
            sentence([1, wrong])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 7}, "n must be even, as each sentence comes with its mirror, got 7"),
        ({"n": 0}, "n must be a whole number, at least 2, got 0"),
        ({"n": 4, "length": 13}, "length must be a whole number, at least 14, got 13"),
        ({"n": 4, "pad": "both"}, 'pad must be "left" or "right", got \'both\''),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        sentiment(rng=np.random.default_rng(0), **arguments)
