"""Lesson 10: optimizers: its exercises, in the lesson's order."""

from . import adagrad, adam, adamw, conjugate_gradient, momentum, nesterov, rmsprop, sgd

LESSON = "10_optimizers"
EXERCISES = (
    sgd.EXERCISE,
    momentum.EXERCISE,
    adagrad.EXERCISE,
    rmsprop.EXERCISE,
    adam.EXERCISE,
    adamw.EXERCISE,
    nesterov.EXERCISE,
    conjugate_gradient.EXERCISE,
)
