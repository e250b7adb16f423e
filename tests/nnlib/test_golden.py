"""The numbers of PyTorch that are kept with the tests."""

from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).parent / "golden"
TOPICS = sorted(path.stem for path in GOLDEN.glob("*.npz"))
# A fifth of what the tests of each topic allow: another processor may round the last digits otherwise.
TOLERANCE = {"float64": 2e-13, "float32": 2e-7}


def test_every_topic_has_its_script():
    scripts = {path.stem for path in GOLDEN.glob("*.py")} - {"conftest", "write_golden"}
    assert sorted(scripts) == TOPICS


def test_the_files_are_small():
    assert sum(path.stat().st_size for path in GOLDEN.glob("*.npz")) < 2e6


def test_no_script_imports_nnlib():
    assert not [path.name for path in GOLDEN.glob("*.py") if "import nnlib" in path.read_text()]


@pytest.mark.oracle
@pytest.mark.parametrize("topic", TOPICS)
def test_the_kept_arrays_are_what_pytorch_computes(topic, golden, pytorch):
    kept, fresh = golden(topic), pytorch(topic).arrays()
    assert list(kept) == list(fresh)
    for name, array in kept.items():
        got = np.asarray(fresh[name])
        assert got.shape == array.shape, name
        assert got.dtype == array.dtype, name
        error = np.abs(got.astype(np.float64) - array) / (1 + np.abs(array.astype(np.float64)))
        assert np.max(error, initial=0) <= TOLERANCE.get(str(array.dtype), 0), name
