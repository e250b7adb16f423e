"""Lesson 07: vanishing and exploding gradients: its exercises, in the lesson's order."""

from . import (
    clip_by_global_norm,
    clip_by_value,
    dead_fraction,
    layer_statistics,
    predict_ratio,
    residual_backward,
)

LESSON = "07_vanishing_and_exploding"
EXERCISES = (
    layer_statistics.EXERCISE,
    predict_ratio.EXERCISE,
    dead_fraction.EXERCISE,
    clip_by_value.EXERCISE,
    clip_by_global_norm.EXERCISE,
    residual_backward.EXERCISE,
)
