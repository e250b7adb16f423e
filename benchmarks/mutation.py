"""How many small faults the tests of nnlib notice: a random sample of mutants, made and run by cosmic-ray.

python -m benchmarks.mutation             print each survivor and the share that was killed
python -m benchmarks.mutation --check     fail where less than 80 % were killed

Needs the extra `mutation`. The mutants are made in a copy of the project, so the sources stay as they are. A survivor
is either a fault that no test sees or a change that makes no difference; someone has to look.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
MODULES = {  # what is mutated, and the tests that should notice
    "nnlib/activations.py": "tests/nnlib/test_activations.py",
    "nnlib/losses.py": "tests/nnlib/test_losses.py",
    "nnlib/optimizers/rules.py": "tests/nnlib/optimizers",
    "nnlib/optimizers/optimizer.py": "tests/nnlib/optimizers",
    "nnlib/optimizers/second_order.py": "tests/nnlib/optimizers",
}
WANTED = 0.8
CONFIG = """
[cosmic-ray]
module-path = "{module}"
timeout = 120.0
test-command = "{python} -m pytest -x -q -p no:cacheprovider {tests} {module}"
distributor.name = "local"
"""


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--check", action="store_true", help="exit non-zero below the goal")
    arguments.add_argument("--sample", type=int, default=40, help="mutants of each module, at most")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda module: survivors(module, options.sample, options.seed), MODULES)
        killed = tried = 0
        for module, (found, alive) in zip(MODULES, results, strict=True):
            print(f"{module}: {found - len(alive)} of {found} killed", *alive, sep="\n")
            killed, tried = killed + found - len(alive), tried + found
    print(f"killed {killed} of {tried} mutants, {killed / tried:.0%}; wanted {WANTED:.0%}")
    return int(options.check and killed < WANTED * tried)


def place(item):
    """Where a mutant differs and how; its id is another one every time."""
    (mutation,) = item.mutations
    return mutation.start_pos, mutation.operator_name, mutation.occurrence


def survivors(module, sample, seed):
    """How many mutants were run, and a description of each that lived."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import TestOutcome

    with TemporaryDirectory() as folder:
        folder = Path(folder)
        for part in ("nnlib", "tests", "autograder"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        text = CONFIG.format(module=module, tests=MODULES[module], python=sys.executable)
        (folder / "cosmic.toml").write_text(text)
        environment = os.environ | {
            "PYTHONPATH": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
        }

        def cosmic_ray(*words):
            command = [sys.executable, "-m", "cosmic_ray.cli", *words]
            subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)

        cosmic_ray("baseline", "cosmic.toml")  # the tests pass where nothing is mutated
        cosmic_ray("init", "cosmic.toml", "session.sqlite")
        path = str(folder / "session.sqlite")
        with use_db(path, WorkDB.Mode.open) as session:
            items = sorted(session.work_items, key=place)
            items = random.Random(seed).sample(items, min(sample, len(items)))
            session.clear()
            session.add_work_items(items)
        cosmic_ray("exec", "cosmic.toml", "session.sqlite")
        with use_db(path, WorkDB.Mode.open) as session:
            results = dict(session.results)
            alive = [
                f"  survived: {mutation.operator_name} at {module}:{mutation.start_pos[0]}"
                for item in session.work_items
                if results[item.job_id].test_outcome == TestOutcome.SURVIVED
                for mutation in item.mutations
            ]
        return len(results), alive


if __name__ == "__main__":
    sys.exit(main())
