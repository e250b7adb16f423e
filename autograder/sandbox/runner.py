"""Inside the sandbox: runs a notebook's cells in IPython and probes its answers.

Everything here lives in the same process as the student's code, or in a child of it, so nothing it
says is trusted. It reports what it saw over one socket; the trusted side sets the deadlines and
judges.
"""

import contextlib
import importlib
import json
import os
import random
import select
import signal
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder import drives
from autograder.sandbox import wire

PROBE_SECONDS = 5.0  # for one probe
EXERCISE_SECONDS = 20.0  # for all probes of one exercise
HASTE_SECONDS = 1.0  # for a probe, once one has run out of time
MAX_OUTPUTS = 150
KEPT_TYPES = ("text/plain", "image/png")


class OutOfTime(BaseException):
    """Raised in the student's code when its time is up; no `except Exception` catches it."""


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, **kwargs):
        self.shell.outputs.append({"output_type": "display_data", "data": _kept(data)})


class _Hook(DisplayHook):
    def __call__(self, result=None):
        if result is None or self.quiet():
            return
        data, _ = self.compute_format_data(result)
        self.shell.outputs.append({"output_type": "execute_result", "data": _kept(data)})
        self.update_user_ns(result)


class Shell(InteractiveShell):
    """IPython without a terminal or a kernel: outputs go into a list, one for each cell."""

    def __init__(self, **settings):
        self.outputs = []
        quiet = Config(
            {"HistoryManager": {"enabled": False}}
        )  # its thread would be lost in a fork, its file shared
        super().__init__(**settings, config=quiet, display_pub_class=_Publisher, displayhook_class=_Hook)
        self.enable_matplotlib("inline")

    def enable_gui(self, gui=None):
        """There is no window to open."""

    def _showtraceback(self, etype, evalue, stb):
        self.outputs.append(
            {
                "output_type": "error",
                "ename": etype.__name__,
                "evalue": str(evalue)[:2000],
                "traceback": stb[-40:],
            }
        )


def settle(files):
    """Make the notebook's folder the present one, with what lies beside it: an archive's descriptor, or None."""
    work = Path.home() / "work"
    work.mkdir()
    if files is not None:
        with tarfile.open(fileobj=os.fdopen(files, "rb")) as archive:
            for entry in archive:  # plain files alone: the grader itself made the archive
                place = work / entry.name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(archive.extractfile(entry).read())
    os.chdir(work)


def run(channel, shell, task, filtered):
    """Run a notebook's cells and probe its answers; ends the process.

    Args:
        task: {"cells": …, "limits": …}, as the trusted side sent it.
        filtered: whether system calls are filtered, for the report.
    """
    limits = task["limits"]
    sys.path.insert(0, "")
    np.random.seed(0)  # noqa: NPY002 - a student's unseeded notebook should grade the same twice
    random.seed(0)
    streams = _Streams()
    wire.send(
        channel, {"kind": "ready", "filtered": filtered}
    )  # from here on whatever happens is the notebook's doing
    for index, cell in enumerate(task["cells"]):
        if cell["check"]:
            _probe_apart(channel, shell, cell["check"], limits["cell_seconds"])
            continue
        started = time.perf_counter()
        outputs = _run(shell, cell["source"], limits["cell_seconds"])
        outputs = streams.take(limits["output_bytes"]) + outputs
        seconds = time.perf_counter() - started
        wire.send(
            channel,
            {"kind": "cell", "index": index, "outputs": _bounded(outputs, limits), "seconds": seconds},
        )
    wire.send(channel, {"kind": "done"})
    os._exit(0)  # no exit handler of the notebook's gets to run


def _run(shell, source, seconds):
    """Run one cell; when its time is up it is interrupted, and the next cell goes on."""
    shell.outputs = []
    with _alarm(seconds):
        shell.run_cell(source, store_history=True)
    return shell.outputs


def _probe_apart(channel, shell, name, seconds):
    """Probe the object called `name` in a fork, which alone ever sees the inputs."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        try:
            _be_silent()
            _probe(channel, shell.user_ns, name)
        finally:
            os._exit(0)
    ended = os.pidfd_open(child)
    if not select.select([ended], [], [], seconds)[0]:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ended)
    wire.send(channel, {"kind": "probed", "exercise": name})


def _be_silent():
    """What an answer prints while it is probed must not reach a later cell's output."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdout, sys.stderr = (open(d, "w", closefd=False) for d in (1, 2))  # noqa: SIM115 - for the life of the process


def _probe(channel, namespace, name):
    answer = namespace.get(name)
    wire.send(
        channel,
        {"kind": "probe", "exercise": name, "found": name in namespace, "origin": drives.origin(answer)},
    )
    if name not in namespace:
        return
    question, _ = wire.receive(channel)
    drive = _limited(getattr(drives, question["drive"]))
    needs = {need: _named(path) for need, path in question["needs"].items()}
    seen = drives.examine(drive, answer, question["cases"], _named(question["reference"]), needs, namespace)
    for variant, case, outcome in seen:
        message = {"kind": "outcome", "variant": variant, "case": case, "outcome": vars(outcome)}
        wire.send(channel, message)


def _limited(drive):
    """`drive` with a time limit, so that one endless call does not cost the other cases."""
    end = time.monotonic() + EXERCISE_SECONDS
    slow = []

    def run(answer, *inputs):
        left = min(HASTE_SECONDS if slow else PROBE_SECONDS, end - time.monotonic())
        try:
            with _alarm(max(left, 0.001)):
                return drive(answer, *inputs)
        except OutOfTime:
            slow.append(True)
            raise TimeoutError("no answer in time") from None

    return run


@contextlib.contextmanager
def _alarm(seconds):
    rung = []

    def ring(number, frame):
        # The first ring may fall into a bare `except`; the later ones strike in the cell's own lines.
        if not rung or frame.f_code.co_filename.startswith("<ipython-input"):
            rung.append(True)
            raise OutOfTime(f"stopped after {seconds:.0f} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _named(path):
    """The object at `module:name`, None where the path is empty: not everything can be read in here."""
    if not path:
        return None
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _kept(data):
    return {kind: data[kind] for kind in KEPT_TYPES if isinstance(data.get(kind), str | bytes)}


def _bounded(outputs, limits):
    """What fits into the limit, as JSON can carry it, with a note where something was cut."""
    kept, room = [], limits["output_bytes"]
    for output in outputs[:MAX_OUTPUTS]:
        output = _as_text(output)
        room -= len(json.dumps(output, ensure_ascii=False).encode(errors="replace"))
        if room < 0:
            note = f"[output cut at {limits['output_bytes']:,} bytes]\n"
            return [*kept, {"output_type": "stream", "name": "stdout", "text": note}]
        kept.append(output)
    return kept


def _as_text(value):
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {str(key): _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value)


class _Streams:
    """Both standard streams, sent at the descriptor to files whose size the limits bound.

    The files have no name, and the notebook may close or replace what it likes of its streams.
    """

    def __init__(self):
        self.files = {}
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            file = os.open("/tmp", os.O_TMPFILE | os.O_RDWR | os.O_APPEND)
            self.files[name] = os.dup2(file, 100 + descriptor)
            os.close(file)
        self.connect()

    def connect(self):
        for name, file in self.files.items():
            os.dup2(file, file - 100)
            setattr(sys, name, open(file - 100, "w", closefd=False, errors="backslashreplace"))  # noqa: SIM115 - lives on

    def take(self, limit):
        """What was written since the last time, as outputs, and the files emptied."""
        outputs = []
        for name, file in self.files.items():
            with contextlib.suppress(
                OSError, ValueError, AttributeError
            ):  # the notebook replaced or closed it
                getattr(sys, name).flush()
            text = os.pread(file, limit + 1, 0)
            if text:
                cut = f"\n[{name} cut at {limit:,} bytes]" if len(text) > limit else ""
                outputs.append(
                    {
                        "output_type": "stream",
                        "name": name,
                        "text": text[:limit].decode(errors="replace") + cut,
                    }
                )
            os.truncate(file, 0)
        self.connect()
        return outputs
