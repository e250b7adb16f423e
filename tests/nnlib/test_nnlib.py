"""The package as a whole: its public names, and what importing it costs."""

import importlib
import pkgutil
import subprocess
import sys

import nnlib

SURVEY = """
import sys, numpy, numpy.random
before = set(sys.modules)
import nnlib
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
"""


def public_names(module):
    """What `module` defines itself: functions, classes, and constants in capitals."""
    for name, value in vars(module).items():
        if not name.startswith("_") and (
            name.isupper() or getattr(value, "__module__", None) == module.__name__
        ):
            yield name


def test_all_is_complete():
    modules = [info.name for info in pkgutil.iter_modules(nnlib.__path__)]
    modules = [
        importlib.import_module(f"nnlib.{m}") for m in modules if m != "plots" and not m.startswith("_")
    ]
    assert set(nnlib.__all__) == {name for module in modules for name in public_names(module)}
    assert all(hasattr(nnlib, name) for name in nnlib.__all__)


def test_all_is_sorted():
    """Constants, then classes, then functions: the order that ruff keeps."""
    order = sorted(nnlib.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    assert nnlib.__all__ == order
    assert len(set(order)) == len(order)


def test_importing_nnlib_imports_numpy_alone():
    survey = subprocess.run([sys.executable, "-c", SURVEY], capture_output=True, text=True, check=True)
    assert survey.stdout.split() == ["nnlib"]


def test_every_public_function_has_an_example():
    for name in nnlib.__all__:
        value = getattr(nnlib, name)
        if callable(value):
            assert ">>>" in value.__doc__, name


def test_functions_are_plain():
    """The grader replaces a function's `__code__`, which a closure or a decorator would not survive."""
    for name in nnlib.__all__:
        value = getattr(nnlib, name)
        if callable(value) and not isinstance(value, type):
            assert value.__closure__ is None, name
            assert value.__name__ == name
            assert not hasattr(value, "__wrapped__"), name
