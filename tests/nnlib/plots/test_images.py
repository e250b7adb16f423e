"""Saliency over an image, and the confusion matrix."""

import numpy as np
import pytest

from nnlib import plots


def test_the_map_lies_over_the_whole_image(ax):
    image, saliency = np.arange(24.0).reshape(4, 6), np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 8.0]])
    plots.saliency_overlay(image, saliency, ax)
    below, above = ax.get_images()
    np.testing.assert_array_equal(below.get_array(), image)
    np.testing.assert_array_equal(above.get_array(), saliency / 8)
    assert list(below.get_extent()) == list(above.get_extent()) == [-0.5, 5.5, 3.5, -0.5]
    assert above.get_alpha().max() < 1
    assert ax.get_title() == "Matters most: row 3, column 5"


def test_a_map_of_zeros_says_so(ax):
    assert (
        plots.saliency_overlay(np.ones((2, 2)), np.zeros((2, 2)), ax).get_title() == "The map is 0 everywhere"
    )


@pytest.mark.parametrize("shapes", [((2, 2, 3), (2, 2)), ((2, 2), (2,)), ((2, 2), (0, 2))])
def test_only_pictures_can_be_laid_over(shapes, ax):
    with pytest.raises(ValueError, match="image and saliency must have shapes"):
        plots.saliency_overlay(np.ones(shapes[0]), np.ones(shapes[1]), ax)


def test_confusion_has_the_true_class_in_rows_and_counts_written_in(ax):
    plots.confusion([[8, 2, 0], [1, 9, 0], [0, 0, 10]], ["cat", "dog", "eel"], ax)
    (drawn,) = ax.get_images()
    np.testing.assert_allclose(drawn.get_array(), [[0.8, 0.2, 0], [0.1, 0.9, 0], [0, 0, 1]])
    assert {(t.get_position(), t.get_text()) for t in ax.texts} >= {
        ((1, 0), "2"),
        ((0, 1), "1"),
        ((2, 2), "10"),
    }
    assert {t.get_text(): t.get_color() for t in ax.texts} == {
        "8": "white",
        "2": "black",
        "0": "black",
        "1": "black",
        "9": "white",
        "10": "white",
    }
    assert ax.get_title() == "90 % right; most often cat is taken for dog (2 times)"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["cat", "dog", "eel"]


def test_no_confusion_is_no_finding(ax):
    assert plots.confusion(np.eye(3, dtype=int), ax=ax).get_title() == "100 % right"


@pytest.mark.parametrize("matrix", [np.ones((2, 3)), np.zeros((2, 2)), np.ones(4)])
def test_confusion_needs_a_square_matrix_with_examples(matrix, ax):
    with pytest.raises(ValueError, match=r"matrix must have shape \(K, K\)"):
        plots.confusion(matrix, ax=ax)


def test_confusion_needs_a_name_for_each_class(ax):
    with pytest.raises(ValueError, match="names must be 2, got 3"):
        plots.confusion(np.eye(2), ["a", "b", "c"], ax)
