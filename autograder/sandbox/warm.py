"""Inside the sandbox: imports everything once, then forks a child for each notebook.

Between the trusted side and this process goes one byte at a time. "W": warm. "N" with descriptors: a notebook
wants to run, and speaks for itself over the first of them. "K": kill what is left of it. "E": nothing is left;
with it comes how many seconds of CPU all of it took.
The process that reads these bytes never runs a line of a student's.
"""

import contextlib
import ctypes
import gc
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
from pathlib import Path

from autograder.sandbox import confine, pictures, runner, wire

LARGE_PAGE = 2**21
MADV_COLLAPSE = 25


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    shell, rules = warm_up(), confine.system_call_filter()
    control.sendall(b"W")
    while True:
        word, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        if not word:
            return
        if word == b"N":
            _serve(control, shell, rules, descriptors)


def warm_up():
    """A shell, and everything that lessons use, imported and used once."""
    import contourpy  # noqa: F401 - what the first contour plot imports
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.figure import Figure

    import autograder  # noqa: F401 - what a lesson's first cell imports
    from nnlib import data, diagnostics, plots  # noqa: F401

    shell = runner.Shell.instance()  # `display` looks for the one instance
    shell.run_cell("pass", store_history=False, silent=True)
    shell.display_formatter.formatters["image/png"].for_type(Figure, pictures.png)
    figure, ax = plt.subplots()
    ax.plot([1, 10], [1, 10], label="$x^2$ ‖δ‖")
    ax.set(xscale="log", title="warm", xlabel="x")
    ax.legend()
    pictures.png(figure)
    plt.close(figure)
    np.linalg.norm(np.random.default_rng(0).normal(size=(8, 8)) @ np.ones((8, 8)))
    gc.collect()
    gc.freeze()  # what is here stays in the pages that all children share
    _use_large_pages()
    return shell


def _use_large_pages():
    """Gather this process's memory in pages of 2 MiB: a fork copies one entry for each, instead of 512.

    A kernel that cannot (before 6.1) leaves it as it is.
    """
    madvise = ctypes.CDLL(None).madvise
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, _, _, file, *_ = line.split()
        first, last = (int(address, 16) for address in addresses.split("-"))
        start, end = -(-first // LARGE_PAGE) * LARGE_PAGE, last // LARGE_PAGE * LARGE_PAGE
        if rights == "rw-p" and file == "0" and start < end:
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_COLLAPSE)


def _serve(control, shell, rules, descriptors):
    """Run one notebook in a child, and end all of it when the trusted side says so."""
    report, ours = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            control.close()
            os.close(report)
            _run(shell, rules, ours, *descriptors)
        finally:
            os._exit(1)  # never back into the loop above
    os.close(ours)
    for descriptor in descriptors:
        os.close(descriptor)
    said = os.read(report, 4)  # the first process of its namespaces, by the id that it has here
    os.close(report)
    control.recv(1)  # "K", or nothing where the trusted side is gone
    if len(said) == 4:
        first = struct.unpack("i", said)[0]
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, signal.SIGKILL)  # and with it all the others of its namespace
    _, _, used = os.wait4(child, 0)
    control.sendall(b"E" + struct.pack("d", used.ru_utime + used.ru_stime))


def _run(shell, rules, report, channel, files=None):
    """In the child: go apart, and let the runner run. What fails before the first line of a student's is said."""
    talk = socket.socket(fileno=channel)
    try:
        task, _ = wire.receive(talk)
        home = None if task["isolated"] else tempfile.mkdtemp(prefix="notebook-")
        first = os.fork() if home else confine.fork_apart()
        if first:
            talk.close()
            os.write(report, struct.pack("i", first))
            os.waitpid(first, 0)
            if home:
                shutil.rmtree(home, ignore_errors=True)
            os._exit(0)
        confine.close_descriptors({channel} | ({files} - {None}))
        if home:
            os.environ["HOME"] = home
            confine.limit(task["limits"])
        else:
            confine.close_up(task["limits"], rules)
        runner.settle(files)
    except Exception as error:
        wire.send(talk, {"kind": "failed", "why": f"{type(error).__name__}: {error}"})
        os._exit(1)
    runner.run(talk, shell, task, filtered=task["isolated"] and rules is not None)


if __name__ == "__main__":
    main()
