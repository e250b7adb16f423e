"""The import directions of the design."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STDLIB = set(sys.stdlib_module_names)


def imports(path):
    """The modules that a file imports, at any depth of its code, relative ones made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def tops(path):
    return {name.partition(".")[0] for name in imports(path)} - STDLIB


def files(pattern):
    found = sorted(ROOT.glob(pattern))
    assert found, f"{pattern} matches no file"
    return found


def uses(path, *modules):
    return [name for name in imports(path) for m in modules if name == m or name.startswith(f"{m}.")]


@pytest.mark.parametrize("path", files("nnlib/**/*.py"), ids=lambda path: path.name)
def test_nnlib_imports_numpy_alone_but_for_pictures_and_scikit_learns_digits(path):
    more = {"plots": {"matplotlib"}, "digits.py": {"sklearn"}}
    assert tops(path) <= {"numpy", "nnlib"} | more.get(path.parent.name, set()) | more.get(path.name, set())


def test_what_import_nnlib_loads_needs_no_pictures_and_no_data():
    for path in files("nnlib/**/*.py"):
        if path.parent.name not in ("plots", "data"):
            assert not uses(path, "nnlib.plots", "nnlib.data"), path


@pytest.mark.parametrize("path", files("autograder/exercises/**/*.py"), ids=lambda path: path.name)
def test_the_bank_imports_nnlib_and_the_drives(path):
    inside = {name for name in imports(path) if name.startswith("autograder.")}
    assert tops(path) <= {"numpy", "nnlib", "autograder"}
    assert all(name.startswith(("autograder.exercises", "autograder.drives")) for name in inside)


def test_what_stands_on_both_sides_imports_numpy_alone():
    assert tops(ROOT / "autograder/drives.py") == {"numpy"}
    assert tops(ROOT / "autograder/sandbox/wire.py") == {"numpy", "autograder"}
    inside = uses(ROOT / "autograder/sandbox/wire.py", "autograder")
    assert sorted(inside) == ["autograder.drives", "autograder.drives.DTYPES"]


def test_what_runs_in_the_sandbox_reads_only_what_stands_there():
    for name in (
        "runner.py",
        "wire.py",
        "pictures.py",
        "graded_check.py",
        "graded_progress.py",
        "graded_ask.py",
        "graded_practise.py",
    ):
        inside = uses(ROOT / "autograder/sandbox" / name, "autograder")
        assert all(
            n.startswith(("autograder.drives", "autograder.sandbox")) or n == "autograder" for n in inside
        )


@pytest.mark.parametrize("path", files("autograder/**/*.py"), ids=lambda path: path.name)
def test_only_the_gradebook_and_its_recorder_import_nbgraders(path):
    if path.name not in ("gradebook.py", "recording.py"):
        assert not uses(path, "nbgrader.api", "nbgrader.preprocessors.SaveCells", "nbgrader.plugins")


@pytest.mark.parametrize("name", ["judge", "evidence", "answer_key", "diagnosis", "slips"])
def test_judging_is_pure(name):
    path = ROOT / f"autograder/{name}.py"
    assert not uses(
        path, "autograder.sandbox", "autograder.gradebook", "autograder.course", "pathlib", "os", "subprocess"
    )


@pytest.mark.parametrize("path", files("autograder/**/*.py"), ids=lambda path: path.name)
def test_the_trusted_side_runs_no_students_code(path):
    if path.name == "runner.py":
        return
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"exec", "eval", "compile", "__import__"}
    assert not uses(path, "pickle", "dill", "nbclient", "nbconvert")


def test_what_students_import_is_light_and_runs_on_any_system():
    code = (
        "import sys; before = set(sys.modules); import autograder, nnlib; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"nbgrader", "IPython", "matplotlib", "sqlalchemy", "jupytext", "resource", "fcntl"}


def test_no_file_but_an_exercises_own_names_it():
    """Lessons' questions and the demonstration use the bank by name; the machinery does not."""
    from autograder.exercises import bank

    machinery = [
        p
        for p in files("autograder/*.py") + files("autograder/sandbox/*.py")
        if p.name not in ("demo.py", "check.py")
    ]
    for path in machinery:
        strings = {
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not strings & (set(bank()) - {"tanh"}), (
            path
        )  # tanh is also a function of NumPy that a drive passes


def test_the_folders_are_those_of_the_design():
    design = {"lessons", "solutions", "autograder", "nnlib", "tests", "benchmarks", "docs"}
    ignored = {
        line.strip("/\n") for line in (ROOT / ".gitignore").read_text().splitlines() if line.endswith("/")
    }
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders - ignored <= design
