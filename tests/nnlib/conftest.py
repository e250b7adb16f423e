"""PyTorch as an oracle: the numbers it once gave, and PyTorch itself where it is installed."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def golden():
    """A function from a topic to its arrays by name, as PyTorch once computed them."""

    def load(topic):
        with np.load(GOLDEN / f"{topic}.npz", allow_pickle=False) as archive:
            return dict(archive)

    return load


@pytest.fixture(scope="session")
def pytorch():
    """A function from a topic to the script that wrote its arrays, for fresh inputs."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is missing: install the extra `oracle`")

    def load(topic):
        spec = importlib.util.spec_from_file_location(f"golden_{topic}", GOLDEN / f"{topic}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
