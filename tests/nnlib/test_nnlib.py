"""The package as a whole: its public names, and what importing it costs."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import nnlib
import nnlib.data
import nnlib.plots

NAMESPACES = ("data", "plots")  # imported by themselves: `nnlib.data.moons`

# The exercises of the course's syllabus whose reference is a function or class of the library. Those that only
# teach (weighted_sum, gradient_table, find_bug, backward_trace) live in the bank's modules.
SYLLABUS = """
sigmoid tanh relu leaky_relu softplus gelu swish
sigmoid_grad tanh_grad relu_grad leaky_relu_grad gelu_grad
softmax softmax_vjp softmax_jacobian logsumexp mse mse_grad bce_with_logits bce_with_logits_grad cross_entropy
cross_entropy_grad
central_difference complex_step directional_check relative_error
linear_forward linear_backward unbroadcast mlp_forward mlp_backward
topological_order Tensor max_backward no_grad
layer_statistics predict_ratio dead_fraction clip_by_global_norm clip_by_value residual_backward
xavier_uniform xavier_normal he_normal orthogonal lsuv gain
batch_norm_forward batch_norm_backward layer_norm_forward layer_norm_backward dropout l1_penalty l1_penalty_grad
l2_penalty l2_penalty_grad
sgd momentum nesterov adagrad rmsprop adadelta adam adamw nadam conjugate_gradient newton_step
cosine_warmup step_decay lr_range_test minibatches hessian_vector_product noise_scale
conv2d_forward conv2d_backward max_pool_backward rnn_backward lstm_step_backward saliency grad_cam fgsm
"""

SURVEY = """
import sys, numpy, numpy.random
before = set(sys.modules)
import nnlib
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
"""


def public_names(module):
    """What `module` defines itself: functions, classes, and constants in capitals."""
    for node in ast.parse(Path(module.__file__).read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        else:
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            names = [t.id for t in targets if isinstance(t, ast.Name) and t.id.isupper()]
        yield from (name for name in names if not name.startswith("_"))


def modules_of(package):
    """The public modules of a package, at any depth."""
    names = [info.name for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return [importlib.import_module(name) for name in names if "._" not in name]


@pytest.mark.parametrize("package", [nnlib, nnlib.layers, nnlib.data, nnlib.plots], ids=lambda p: p.__name__)
def test_all_is_complete(package):
    apart = tuple(f"nnlib.{name}" for name in NAMESPACES) if package is nnlib else ("nnlib.plots.axes",)
    modules = [module for module in modules_of(package) if not module.__name__.startswith(apart)]
    assert set(package.__all__) == {name for module in modules for name in public_names(module)}
    assert all(hasattr(package, name) for name in package.__all__)


@pytest.mark.parametrize("package", [nnlib, nnlib.layers, nnlib.data, nnlib.plots], ids=lambda p: p.__name__)
def test_all_is_sorted(package):
    """Constants, then classes, then functions: the order that ruff keeps."""
    order = sorted(package.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    assert package.__all__ == order
    assert len(set(order)) == len(order)


def test_importing_nnlib_imports_numpy_alone():
    survey = subprocess.run([sys.executable, "-c", SURVEY], capture_output=True, text=True, check=True)
    assert survey.stdout.split() == ["nnlib"]


@pytest.mark.parametrize("package", [nnlib, nnlib.data, nnlib.plots], ids=lambda p: p.__name__)
def test_every_public_function_and_class_has_an_example(package):
    for name in package.__all__:
        value = getattr(package, name)
        if callable(value):
            assert ">>>" in value.__doc__, name


def test_the_names_of_the_syllabus_are_there():
    assert not [name for name in SYLLABUS.split() if not hasattr(nnlib, name)]


def test_functions_are_plain():
    """The grader replaces a function's `__code__`, which a closure or a decorator would not survive."""
    for name in nnlib.__all__:
        value = getattr(nnlib, name)
        if callable(value) and not isinstance(value, type):
            assert value.__closure__ is None, name
            assert value.__name__ == name
            assert not hasattr(value, "__wrapped__"), name
