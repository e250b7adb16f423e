"""Lesson 02: the derivatives of activation functions: its exercises, in the lesson's order."""

from . import gelu_grad, gradient_table, leaky_relu_grad, relu_grad, sigmoid_grad, tanh_grad

LESSON = "02_activation_gradients"
EXERCISES = (
    sigmoid_grad.EXERCISE,
    tanh_grad.EXERCISE,
    relu_grad.EXERCISE,
    leaky_relu_grad.EXERCISE,
    gelu_grad.EXERCISE,
    gradient_table.EXERCISE,
)
