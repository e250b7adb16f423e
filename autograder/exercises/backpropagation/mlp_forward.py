"""`mlp_forward`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import (
    LARGE,
    LARGE_PASS,
    ONE_EXAMPLE_PASS,
    ONE_LAYER_PASS,
    RELU_PASS,
    SIGMOID_PASS,
    SINGLE_PASS,
    SUMS,
    TANH_PASS,
)


def mlp_forward_bent_output(X, parameters, activation):
    f = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    }[activation]
    A, Z = [X.copy()], []
    for W, b in parameters:
        Z.append(A[-1] @ W + b)
        A.append(f(Z[-1]))
    return A, Z


def mlp_forward_no_activation(X, parameters, activation):
    A, Z = [X.copy()], []
    for W, b in parameters:
        Z.append(A[-1] @ W + b)
        A.append(Z[-1].copy())
    return A, Z


def mlp_forward_activation_not_passed_on(X, parameters, activation):
    f = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    }[activation]
    A, Z, x = [X.copy()], [], X
    for i, (W, b) in enumerate(parameters):
        x = x @ W + b
        Z.append(x)
        A.append(f(x) if i < len(parameters) - 1 else x)
    return A, Z


def mlp_forward_two_linear_layers(X, parameters, activation):
    f = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    }[activation]
    A, Z = [X.copy()], []
    for i, (W, b) in enumerate(parameters, start=1):
        Z.append(A[-1] @ W + b)
        A.append(f(Z[-1]) if i < len(parameters) - 1 else Z[-1].copy())
    return A, Z


def mlp_forward_bias_dropped(X, parameters, activation):
    f = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    }[activation]
    A, Z = [X.copy()], []
    for i, (W, _) in enumerate(parameters):
        Z.append(A[-1] @ W)
        A.append(f(Z[-1]) if i < len(parameters) - 1 else Z[-1])
    return A, Z


def mlp_forward_bias_after(X, parameters, activation):
    f = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    }[activation]
    A, Z = [X.copy()], []
    for i, (W, b) in enumerate(parameters):
        Z.append(A[-1] @ W)
        A.append(f(Z[-1]) + b if i < len(parameters) - 1 else Z[-1] + b)
    return A, Z


def mlp_forward_z_overwritten(X, parameters, activation):
    f = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    }[activation]
    A, Z = [X.copy()], []
    for i, (W, b) in enumerate(parameters):
        z = A[-1] @ W + b
        A.append(f(z) if i < len(parameters) - 1 else z)
        Z.append(A[-1])
    return A, Z


def mlp_forward_input_not_kept(X, parameters, activation):
    f = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    }[activation]
    A, Z, x = [], [], X
    for i, (W, b) in enumerate(parameters):
        Z.append(x @ W + b)
        x = f(Z[-1]) if i < len(parameters) - 1 else Z[-1]
        A.append(x)
    return A, Z


def mlp_forward_relu_always(X, parameters, activation):
    A, Z = [X.copy()], []
    for i, (W, b) in enumerate(parameters):
        Z.append(A[-1] @ W + b)
        A.append(np.maximum(Z[-1], 0) if i < len(parameters) - 1 else Z[-1])
    return A, Z


def mlp_forward_swapped(X, parameters, activation):
    f = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    }[activation]
    A, Z = [X.copy()], []
    for i, (W, b) in enumerate(parameters):
        Z.append(A[-1] @ W + b)
        A.append(f(Z[-1]) if i < len(parameters) - 1 else Z[-1])
    return Z, A


EXERCISE = Exercise(
    name="mlp_forward",
    reference=nnlib.mlp_forward,
    points=2,
    compare=SUMS,
    parts=("A", "Z"),
    cases=(
        Case("tanh", "two and three layers with tanh", TANH_PASS, weight=3),
        Case("sigmoid", "two and three layers with sigmoid", SIGMOID_PASS, weight=2),
        Case("relu", "two and three layers with ReLU", RELU_PASS, weight=2),
        Case("one layer", "a network of a single layer: it has no bend at all", ONE_LAYER_PASS, weight=1),
        Case("one example", "N = 1", ONE_EXAMPLE_PASS, weight=1),
        Case("large inputs", "inputs near 10,000", LARGE_PASS, weight=1, compare=LARGE),
        Case("float32", "float32 in, float32 out, with each activation", SINGLE_PASS, weight=1),
    ),
    mistakes=(
        Mistake(
            mlp_forward_bent_output,
            "The activation acts after every layer, the last one too. What does the text say about A_L?",
            card="linear-output",
        ),
        Mistake(
            mlp_forward_no_activation,
            "The activation is never called: every A equals its Z, and the whole net is one matrix (lesson 01).",
            card="mlp-forward",
        ),
        Mistake(
            mlp_forward_activation_not_passed_on,
            "A and Z of the first layer are right. But in your loop the next layer is given Z, the number before the "
            "bend. Which of the two should it read?",
            card="mlp-forward",
        ),
        Mistake(
            mlp_forward_two_linear_layers,
            "The last *two* layers stay linear. Does your loop count from 0 or from 1, and which number does the last "
            "layer have then?",
            card="linear-output",
        ),
        Mistake(
            mlp_forward_bias_dropped,
            "Your Z are the weighted sums without the bias. Where in the loop is `b` used?",
            card="mlp-forward",
        ),
        Mistake(
            mlp_forward_bias_after,
            "The bias comes in after the activation, or is missing from Z. Is b part of the pre-activation?",
            card="mlp-forward",
        ),
        Mistake(
            mlp_forward_z_overwritten,
            "Your A are right, but Z holds activations. The backward pass will ask for f′ at the pre-activation: keep "
            "the number before the bend as well.",
            card="derivative-at-z",
        ),
        Mistake(
            mlp_forward_input_not_kept,
            "Your A starts after the first layer. The gradient of the first weights needs the first layer's input: what "
            "is A_0?",
            card="what-to-keep",
            no_distractor="its arrays are right; one is left out",
        ),
        Mistake(
            mlp_forward_relu_always,
            "Right for ReLU only: the argument `activation` is not looked at.",
            card="mlp-forward",
        ),
        Mistake(
            mlp_forward_swapped,
            "Both lists are there, in the other order. The text asks for A first, then Z.",
            card="what-to-keep",
            no_distractor="its arrays are right; only their order is not",
        ),
    ),
    hints=(
        "On paper, write A_0, Z_1, A_1, Z_2, A_2 in a row, and under each the line of code that makes it. How many A are "
        "there for L layers, and how many Z?",
        "Start with A = [X.copy()] and Z = []. In each round of the loop, read the newest A and append one array to each.",
        "The last layer is special: `enumerate(parameters)` tells you in which round you are.",
    ),
)
