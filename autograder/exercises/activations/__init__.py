"""Lesson 01: activation functions: its exercises, in the lesson's order."""

from . import gelu, leaky_relu, relu, sigmoid, softplus, swish, tanh, weighted_sum

LESSON = "01_activations"
EXERCISES = (
    sigmoid.EXERCISE,
    tanh.EXERCISE,
    relu.EXERCISE,
    leaky_relu.EXERCISE,
    softplus.EXERCISE,
    weighted_sum.EXERCISE,
    gelu.EXERCISE,
    swish.EXERCISE,
)
