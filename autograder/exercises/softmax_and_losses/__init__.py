"""Lesson 03: softmax and losses: its exercises, in the lesson's order."""

from . import (
    bce_with_logits,
    cross_entropy,
    cross_entropy_grad,
    logsumexp,
    mse,
    mse_grad,
    softmax,
    softmax_vjp,
)

LESSON = "03_softmax_and_losses"
EXERCISES = (
    mse.EXERCISE,
    mse_grad.EXERCISE,
    softmax.EXERCISE,
    logsumexp.EXERCISE,
    cross_entropy.EXERCISE,
    cross_entropy_grad.EXERCISE,
    softmax_vjp.EXERCISE,
    bce_with_logits.EXERCISE,
)
