"""Contours and trajectories stand where they should."""

import numpy as np
import pytest

from nnlib import plots


def bowl(points):
    return points[..., 0] ** 2 + 4 * points[..., 1] ** 2


def test_trajectories_are_drawn_point_by_point_with_their_end_marked(ax):
    paths = {"a": np.array([[1.0, 1.0], [0.5, 0.2]]), "b": [[1.0, 1.0], [0.0, 0.1], [0.0, 0.05]]}
    plots.landscape(bowl, ax, domain=((-1, 2), (-3, 4)), trajectories=paths)
    lines = ax.get_lines()
    np.testing.assert_array_equal(lines[0].get_xydata(), paths["a"])
    np.testing.assert_array_equal(lines[1].get_xydata(), [paths["a"][-1]])
    np.testing.assert_array_equal(lines[2].get_xydata(), paths["b"])
    assert lines[0].get_color() == lines[1].get_color() != lines[2].get_color()
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 2), (-3, 4))
    assert ax.get_title() == "Lowest after its steps: b, at 0.01"
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["a", "b"]


def test_contours_join_points_of_one_height(ax):
    plots.landscape(bowl, ax, levels=10)
    segments = [s for level in ax.collections[0].get_paths() for s in level.to_polygons(closed_only=False)]
    assert len(segments) >= 8
    for segment in segments:
        heights = bowl(segment)
        assert np.ptp(heights) < 0.02 * heights.mean() + 0.02


def test_minima_get_a_star_and_one_legend_entry(ax):
    plots.landscape(bowl, ax, minima=[(0, 0), (1, 1)])
    assert [line.get_marker() for line in ax.get_lines()] == ["*", "*"]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["minimum"]


def test_without_trajectories_the_title_says_the_range(ax):
    assert plots.landscape(bowl, ax, domain=((-1, 1), (-1, 1))).get_title() == "Heights from 0 to 5"
    assert ax.get_legend() is None


@pytest.mark.parametrize("path", [np.ones(2), np.ones((3, 3))])
def test_a_path_of_another_shape_is_named(path, ax):
    with pytest.raises(ValueError, match=r"trajectory adam must have shape \(T, 2\), got"):
        plots.landscape(bowl, ax, trajectories={"adam": path})
