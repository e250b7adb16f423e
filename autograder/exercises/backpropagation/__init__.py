"""Lesson 05: backpropagation by hand: its exercises, in the lesson's order."""

from . import backward_trace, linear_backward, mlp_backward, mlp_forward, unbroadcast

LESSON = "05_backpropagation"
EXERCISES = (
    linear_backward.EXERCISE,
    unbroadcast.EXERCISE,
    mlp_forward.EXERCISE,
    mlp_backward.EXERCISE,
    backward_trace.EXERCISE,
)
