"""Layers: pure functions, `f_forward` and `f_backward`, and thin classes that keep state over them.

`f_backward` takes the upstream gradient, then those arguments of `f_forward` that it depends on, in their order
(those of dropout, residual block and MLP take what their forward pass made instead).
"""

from nnlib.layers.activation import (
    ActivationLayer,
    SoftmaxLayer,
)
from nnlib.layers.base import (
    Layer,
)
from nnlib.layers.containers import (
    Container,
    Residual,
    Sequential,
    residual_backward,
    residual_forward,
)
from nnlib.layers.convolution import (
    Conv2d,
    conv2d_backward,
    conv2d_forward,
    shifted_slices,
)
from nnlib.layers.dropout import (
    Dropout,
    dropout,
    dropout_backward,
)
from nnlib.layers.embedding import (
    Embedding,
    embedding_backward,
    embedding_forward,
)
from nnlib.layers.flatten import (
    Flatten,
)
from nnlib.layers.gru import (
    GRU,
    gru_backward,
    gru_forward,
    gru_step_backward,
    gru_step_forward,
)
from nnlib.layers.linear import (
    Linear,
    linear_backward,
    linear_forward,
)
from nnlib.layers.lstm import (
    LSTM,
    lstm_backward,
    lstm_forward,
    lstm_step_backward,
    lstm_step_forward,
)
from nnlib.layers.mlp import (
    mlp_backward,
    mlp_forward,
)
from nnlib.layers.normalization import (
    BatchNorm,
    LayerNorm,
    batch_norm_backward,
    batch_norm_forward,
    layer_norm_backward,
    layer_norm_forward,
)
from nnlib.layers.pooling import (
    AvgPool2d,
    MaxPool2d,
    avg_pool_backward,
    avg_pool_forward,
    max_pool_backward,
    max_pool_forward,
)
from nnlib.layers.rnn import (
    RNN,
    rnn_backward,
    rnn_forward,
    rnn_step_backward,
    rnn_step_forward,
)

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "ActivationLayer",
    "AvgPool2d",
    "BatchNorm",
    "Container",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "Layer",
    "LayerNorm",
    "Linear",
    "MaxPool2d",
    "Residual",
    "Sequential",
    "SoftmaxLayer",
    "avg_pool_backward",
    "avg_pool_forward",
    "batch_norm_backward",
    "batch_norm_forward",
    "conv2d_backward",
    "conv2d_forward",
    "dropout",
    "dropout_backward",
    "embedding_backward",
    "embedding_forward",
    "gru_backward",
    "gru_forward",
    "gru_step_backward",
    "gru_step_forward",
    "layer_norm_backward",
    "layer_norm_forward",
    "linear_backward",
    "linear_forward",
    "lstm_backward",
    "lstm_forward",
    "lstm_step_backward",
    "lstm_step_forward",
    "max_pool_backward",
    "max_pool_forward",
    "mlp_backward",
    "mlp_forward",
    "residual_backward",
    "residual_forward",
    "rnn_backward",
    "rnn_forward",
    "rnn_step_backward",
    "rnn_step_forward",
    "shifted_slices",
]
