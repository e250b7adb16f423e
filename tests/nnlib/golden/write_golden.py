"""Write PyTorch's values, topic by topic, to small .npz files beside this script.

Run it where torch 2.13.0 is installed: `python tests/nnlib/golden/write_golden.py`. Each other module here is a
topic: its `arrays()` becomes `<topic>.npz`, and the live tests call its functions with fresh inputs. They import
nothing of nnlib, so the numbers owe nothing to the code that they test. Members have a fixed date and no
compression: the same PyTorch on the same processor writes the same bytes.
"""

import importlib
import io
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def save(path, arrays):
    """Like `numpy.savez`, but without the time of day."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), member.getvalue())


def main():
    for path in sorted(HERE.glob("*.py")):
        if path.stem not in ("conftest", "write_golden"):
            save(path.with_suffix(".npz"), importlib.import_module(path.stem).arrays())


if __name__ == "__main__":
    main()
