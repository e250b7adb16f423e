"""PyTorch's optimizers in float64: where they lead, step by step, for given gradients."""

import numpy as np
import torch

# Each key is a rule of nnlib, then its settings; here stands what PyTorch calls them.
OPTIMIZERS = {
    "sgd learning_rate=0.1": (torch.optim.SGD, {"lr": 0.1}),
    "sgd learning_rate=0.1 weight_decay=0.3": (torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.3}),
    "momentum learning_rate=0.1 mu=0.9": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "momentum learning_rate=0.05 mu=0.6 weight_decay=0.3": (
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.6, "weight_decay": 0.3},
    ),
    "nesterov learning_rate=0.1 mu=0.9": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "nesterov learning_rate=0.05 mu=0.6 weight_decay=0.3": (
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.6, "nesterov": True, "weight_decay": 0.3},
    ),
    "adagrad": (torch.optim.Adagrad, {}),
    "adagrad learning_rate=0.2 epsilon=0.05 weight_decay=0.3": (
        torch.optim.Adagrad,
        {"lr": 0.2, "eps": 0.05, "weight_decay": 0.3},
    ),
    "rmsprop": (torch.optim.RMSprop, {}),
    "rmsprop learning_rate=0.2 rho=0.7 epsilon=0.05 weight_decay=0.3": (
        torch.optim.RMSprop,
        {"lr": 0.2, "alpha": 0.7, "eps": 0.05, "weight_decay": 0.3},
    ),
    "adadelta": (torch.optim.Adadelta, {}),
    "adadelta learning_rate=0.5 rho=0.7 epsilon=0.05 weight_decay=0.3": (
        torch.optim.Adadelta,
        {"lr": 0.5, "rho": 0.7, "eps": 0.05, "weight_decay": 0.3},
    ),
    "adam": (torch.optim.Adam, {}),
    "adam learning_rate=0.2 beta1=0.6 beta2=0.8 epsilon=0.05 weight_decay=0.3": (
        torch.optim.Adam,
        {"lr": 0.2, "betas": (0.6, 0.8), "eps": 0.05, "weight_decay": 0.3},
    ),
    "adam beta1=0 beta2=0": (torch.optim.Adam, {"betas": (0.0, 0.0)}),
    "adamw": (torch.optim.AdamW, {}),
    "adamw learning_rate=0.2 beta1=0.6 beta2=0.8 epsilon=0.05 weight_decay=0.3": (
        torch.optim.AdamW,
        {"lr": 0.2, "betas": (0.6, 0.8), "eps": 0.05, "weight_decay": 0.3},
    ),
    "nadam": (torch.optim.NAdam, {}),
    "nadam learning_rate=0.2 beta1=0.6 beta2=0.8 epsilon=0.05 weight_decay=0.3 momentum_decay=0.5": (
        torch.optim.NAdam,
        {"lr": 0.2, "betas": (0.6, 0.8), "eps": 0.05, "weight_decay": 0.3, "momentum_decay": 0.5},
    ),
}


def trajectory(key, w, gradients):
    """The parameters after each step, (T, ...), from the start `w` with gradients of shape (T, ...)."""
    optimizer, settings = OPTIMIZERS[key]
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # NAdam keeps its product of momenta in the default dtype
    try:
        w = torch.tensor(w, requires_grad=True)
        optimizer = optimizer([w], **settings)
        path = []
        for gradient in gradients:
            w.grad = torch.tensor(gradient)
            optimizer.step()
            path.append(w.detach().numpy().copy())
    finally:
        torch.set_default_dtype(default)
    return np.array(path)


def courses(rng, steps, shape):
    """Starts and gradients by name. The tiny and the huge start at 0, where every digit of a step shows."""
    g = rng.normal(size=(4, steps, *shape))
    g[0, :, 0] = 0  # a parameter without gradients moves by weight decay alone
    return {
        "ordinary": (rng.normal(size=shape), g[0]),
        "tiny": (np.zeros(shape), 1e-12 * g[1]),
        "huge": (np.zeros(shape), 1e12 * g[2]),
        "mixed": (np.zeros(shape), 10.0 ** rng.uniform(-12, 12, size=(steps, *shape)) * g[3]),
    }


def arrays():
    found = {}
    for name, (w, gradients) in courses(np.random.default_rng(2015), 12, (3, 2)).items():
        found |= {f"{name}/w": w, f"{name}/gradients": gradients}
        found |= {f"{name}/{key}": trajectory(key, w, gradients) for key in OPTIMIZERS}
    return found
