"""Axes that no window shows."""

import matplotlib
import pytest
from matplotlib.figure import Figure

matplotlib.use("Agg")  # no test opens a window


@pytest.fixture
def ax():
    return Figure().subplots()
