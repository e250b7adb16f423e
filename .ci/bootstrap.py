"""Make the environment `.venv` beside the project, then run a command in it.

    python3 .ci/bootstrap.py [--extras test,...] [COMMAND ...]

The first run installs the project, editable, with the versions of `.ci/constraints.txt`: by uv, or by
pip where uv cannot be had. Later runs find the stamp of the first and start COMMAND at once, without a
network. A run that was broken off is made good by the next. Needs Python 3.11 or newer and nothing else.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from contextlib import contextmanager
from pathlib import Path

OLDEST = (3, 11)
OWN_VERSION = "{}.{}".format(*sys.version_info)
PROJECT = Path(__file__).resolve().parents[1]
CONSTRAINTS = PROJECT / ".ci" / "constraints.txt"
ENVIRONMENT = PROJECT / ".venv"
STAMP = ENVIRONMENT / "course-stamp.json"
UNFINISHED = ENVIRONMENT / "course-unfinished"  # stands while an installation runs
WINDOWS = os.name == "nt"
BIN = ENVIRONMENT / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
NOT_STARTED = 127


class CannotSetUp(Exception):
    """The environment could not be made; the text says what failed and what to do."""


def main(arguments):
    extras, command = parse(arguments)
    try:
        with only_one():
            prepare(extras)
        return run(command) if command else 0
    except (CannotSetUp, OSError) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped; run the same command again to finish.")
        return 130


def parse(arguments):
    """The extras as a set, and the command as a list."""
    parser = argparse.ArgumentParser(
        prog="bootstrap.py", description="Make .venv, install the project into it, and run COMMAND there."
    )
    parser.add_argument("--extras", default="", help="optional parts to install, for example: test")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="and its arguments")
    options = parser.parse_args(arguments)
    return {extra.strip() for extra in options.extras.split(",") if extra.strip()}, options.command


@contextmanager
def only_one():
    """Keep a second bootstrap waiting for the first (not on Windows, which has no flock)."""
    with Path(__file__).open("rb") as file:
        if not WINDOWS:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(extras):
    """Bring the environment to the state that the stamp describes; do nothing where it is."""
    settings = read_settings()
    known = settings["project"].get("optional-dependencies", {})
    if extras - known.keys():
        raise CannotSetUp(
            f"no extra {', '.join(sorted(extras - known.keys()))}; there are {', '.join(known)}."
        )
    stamp = {"key": key(settings), "python": OWN_VERSION, "place": str(PROJECT)}
    found = read_stamp()
    found_extras = set(found.pop("extras", ())) & known.keys()
    if found == stamp and extras <= found_extras and PYTHON.exists():
        return
    if found.get("place", str(PROJECT)) != str(PROJECT) or UNFINISHED.exists() or not usable():
        make_environment()
    extras = extras | found_extras  # tests asked for once stay, or every other command would install anew
    change(extras)
    partial = STAMP.with_suffix(".part")
    partial.write_text(json.dumps({**stamp, "extras": sorted(extras)}, indent=2) + "\n", encoding="utf-8")
    partial.replace(STAMP)


def read_settings():
    import tomllib  # new in Python 3.11, and an older one gets as far as the message in this file's end

    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def key(settings):
    """What decides which packages are installed, as a hash; ruff's and pytest's settings do not."""
    parts = [settings["build-system"], settings["project"], settings["tool"]["hatch"]]
    text = json.dumps(parts, sort_keys=True) + CONSTRAINTS.read_text(encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def read_stamp():
    """What the last finished run wrote; empty where there was none or a later one was broken off."""
    if UNFINISHED.exists() or not STAMP.exists():
        return {}
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except ValueError:
        return {}


def usable():
    """Whether the environment is there and its Python runs and is of this one's version."""
    if not PYTHON.exists():
        return False
    asked = [str(PYTHON), "-c", "import sys; print('{}.{}'.format(*sys.version_info))"]
    return subprocess.run(asked, capture_output=True, text=True).stdout.strip() == OWN_VERSION


def make_environment():
    """An empty environment; one of ours that is there, half made or of another Python, goes."""
    if ENVIRONMENT.exists() or ENVIRONMENT.is_symlink():
        if not (STAMP.exists() or UNFINISHED.exists()):
            raise CannotSetUp(
                f"{ENVIRONMENT} was made by something else and does not work with Python {OWN_VERSION}. "
                "Move it away, then run the command again."
            )
        shutil.rmtree(ENVIRONMENT)
    say(f"making {ENVIRONMENT}")
    ENVIRONMENT.mkdir()
    UNFINISHED.touch()
    venv.create(ENVIRONMENT, symlinks=not WINDOWS)


def change(extras):
    """Install the project with `extras`.

    The mark `UNFINISHED` outlives a run that is killed, and one that fails after it changed something;
    one that fails before (without a network, say) leaves what works as it was.
    """
    before = installed()
    UNFINISHED.touch()
    add_pip()
    if not (install_by_uv(extras) or install_by_pip(extras)):
        if STAMP.exists() and installed() == before:
            UNFINISHED.unlink()
        raise CannotSetUp(
            "the packages could not be installed (what went wrong stands above). Check the network and the space "
            "on the disk, then run the same command again."
        )
    UNFINISHED.unlink()


def installed():
    """Names and versions of the packages in the environment."""
    places = ("lib/*/site-packages", "Lib/site-packages")
    return sorted(path.name for place in places for path in ENVIRONMENT.glob(f"{place}/*.dist-info"))


def add_pip():
    if subprocess.run([str(PYTHON), "-c", "import pip"], capture_output=True).returncode == 0:
        return
    if subprocess.run([str(PYTHON), "-m", "ensurepip"], capture_output=True, env=environment()).returncode:
        raise CannotSetUp(
            "this Python comes without pip for new environments. On Debian and Ubuntu install it with "
            "`apt-get install python3-venv`, then run the command again."
        )


def install_by_uv(extras):
    what = f"the project with {', '.join(sorted(extras))}" if extras else "the project"
    say(f"installing {what}, less than a minute on most machines")
    uv = BIN / ("uv.exe" if WINDOWS else "uv")
    if not uv.exists() and not works(pip("--quiet", "-c", CONSTRAINTS, "uv")):
        say("uv could not be installed; going on with pip, a few minutes")
        return False
    options = ["--python", PYTHON, "--compile-bytecode", "--build-constraints", CONSTRAINTS]
    if not works([uv, "pip", "install", "--quiet", *options, *project(extras)]):
        say("uv could not install the project; going on with pip, a few minutes")
        return False
    return True


def install_by_pip(extras):
    return works(pip("--quiet", *project(extras)))


def pip(*arguments):
    return [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *arguments]


def project(extras):
    place = f"{PROJECT}[{','.join(sorted(extras))}]" if extras else str(PROJECT)
    return ["-c", CONSTRAINTS, "-e", place]


def works(command):
    return subprocess.run([str(word) for word in command], env=environment()).returncode == 0


def environment():
    """The variables of an activated environment; uv trusts the certificates that the machine trusts."""
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    variables = {"UV_SYSTEM_CERTS": "1", **os.environ, "PATH": path, "VIRTUAL_ENV": str(ENVIRONMENT)}
    variables.pop("PYTHONHOME", None)
    return variables


def run(command):
    """Run `command` in the environment and return its exit status."""
    variables = environment()
    program = shutil.which(command[0], path=variables["PATH"])
    if program is None:
        say(f"no command {command[0]} in {BIN} or on PATH.")
        return NOT_STARTED
    if WINDOWS:
        return subprocess.run([program, *command[1:]], env=variables).returncode
    sys.stdout.flush()
    os.execve(program, [program, *command[1:]], variables)


def say(text):
    print(f"set-up: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit("set-up: Python {}.{} or newer is needed, this is {}.{}.".format(*OLDEST, *sys.version_info))
    sys.exit(main(sys.argv[1:]))
