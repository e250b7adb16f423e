"""Optimizers: update rules as functions, a class that keeps their state, and second-order methods."""

from nnlib.optimizers.optimizer import Optimizer
from nnlib.optimizers.rules import (
    OPTIMIZERS,
    Rule,
    adadelta,
    adagrad,
    adam,
    adamw,
    momentum,
    nadam,
    nesterov,
    rmsprop,
    sgd,
)
from nnlib.optimizers.second_order import conjugate_gradient, newton_step

__all__ = [
    "OPTIMIZERS",
    "Optimizer",
    "Rule",
    "adadelta",
    "adagrad",
    "adam",
    "adamw",
    "conjugate_gradient",
    "momentum",
    "nadam",
    "nesterov",
    "newton_step",
    "rmsprop",
    "sgd",
]
