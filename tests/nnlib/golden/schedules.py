"""PyTorch's learning-rate schedulers, step by step."""

import numpy as np
import torch
from torch.optim import lr_scheduler

# Name in nnlib, its settings, and how many steps are compared: to the schedule's end, beyond which PyTorch differs.
CASES = {
    "constant": ("constant", {"learning_rate": 0.3}, 5),
    "step": ("step_decay", {"learning_rate": 0.3, "every": 7}, 30),
    "step factor": ("step_decay", {"learning_rate": 2.0, "every": 1, "factor": 0.8}, 12),
    "exponential": ("exponential_decay", {"learning_rate": 0.3, "factor": 0.93}, 40),
    "cosine": ("cosine_decay", {"learning_rate": 0.3, "total": 23}, 24),
    "cosine minimum": ("cosine_decay", {"learning_rate": 0.3, "total": 10, "minimum": 0.02}, 11),
    "warmup": ("linear_warmup", {"learning_rate": 0.3, "warmup": 7}, 15),
    "warmup 1": ("linear_warmup", {"learning_rate": 0.3, "warmup": 1}, 4),
    "cosine_warmup": ("cosine_warmup", {"learning_rate": 0.3, "warmup": 5, "total": 19}, 20),
    "cosine_warmup minimum": (
        "cosine_warmup",
        {"learning_rate": 0.3, "warmup": 2, "total": 19, "minimum": 0.01},
        20,
    ),
    "one_cycle": ("one_cycle", {"learning_rate": 0.3, "total": 37}, 37),
    "one_cycle divisors": (
        "one_cycle",
        {"learning_rate": 2.0, "total": 20, "rise": 0.25, "start_divisor": 10.0, "end_divisor": 50.0},
        20,
    ),
    "one_cycle late": ("one_cycle", {"learning_rate": 0.3, "total": 11, "rise": 0.9}, 11),
    "one_cycle without rise": ("one_cycle", {"learning_rate": 0.3, "total": 9, "rise": 0.0}, 9),
    "one_cycle short": ("one_cycle", {"learning_rate": 0.3, "total": 3}, 3),
    "one_cycle of one": ("one_cycle", {"learning_rate": 0.3, "total": 1}, 1),
}


def rates(name, settings, steps):
    """The rates that PyTorch gives to updates 0 to steps − 1."""
    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=settings["learning_rate"])
    scheduler = MAKE[name](optimizer, **settings)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(found)


def _warmup(optimizer, learning_rate, warmup):
    return lr_scheduler.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)


def _cosine(optimizer, learning_rate, total, minimum=0.0):
    return lr_scheduler.CosineAnnealingLR(optimizer, T_max=total, eta_min=minimum)


def _cosine_warmup(optimizer, learning_rate, warmup, total, minimum=0.0):
    parts = [
        _warmup(optimizer, learning_rate, warmup),
        _cosine(optimizer, learning_rate, total - warmup, minimum),
    ]
    return lr_scheduler.SequentialLR(optimizer, parts, milestones=[warmup])


def _one_cycle(optimizer, learning_rate, total, rise=0.3, start_divisor=25.0, end_divisor=1e4):
    return lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=learning_rate,
        total_steps=total,
        pct_start=rise,
        div_factor=start_divisor,
        final_div_factor=end_divisor,
        cycle_momentum=False,
    )


MAKE = {
    "constant": lambda optimizer, learning_rate: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "step_decay": lambda optimizer, learning_rate, every, factor=0.1: lr_scheduler.StepLR(
        optimizer, every, factor
    ),
    "exponential_decay": lambda optimizer, learning_rate, factor: lr_scheduler.ExponentialLR(
        optimizer, factor
    ),
    "cosine_decay": _cosine,
    "linear_warmup": _warmup,
    "cosine_warmup": _cosine_warmup,
    "one_cycle": _one_cycle,
}


def arrays():
    return {key: rates(*case) for key, case in CASES.items()}
