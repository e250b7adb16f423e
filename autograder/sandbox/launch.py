"""The trusted side of a sandbox: start it, have it run notebooks, bound them, and end it."""

import atexit
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import threading
import time
import weakref
from dataclasses import asdict
from functools import cache

from . import isolation, memory, wire
from .conversation import OWN_END, Conversation, Limits, Run

START_SECONDS = 60.0  # importing everything, on a slow disk
ENDING_SECONDS = 10.0
CLOSING_SECONDS = 2.0
NOT_ISOLATED = (
    "NOT ISOLATED: notebooks run with the grader's own rights and can read, change and send whatever it can"
)
REMEDY = (
    "Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1 and, where there is one, "
    "kernel.apparmor_restrict_unprivileged_userns=0), or grade as root. To run notebooks that you trust without any "
    "protection, insist with --no-sandbox."
)
ATTEMPTS = 3  # for a notebook whose sandbox is lost
LOST = f"stopped: {ATTEMPTS} times its sandbox was ended from outside (no memory left?); grade it again"


class SandboxLost(Exception):
    """A sandbox ended under its notebook, which cannot have done that: it sees no process outside its own walls."""


class Sandbox:
    """One warm process behind bubblewrap, which forks a child for each notebook; it starts with the first.

    Use as a context manager, by one thread at a time.

    Args:
        isolated: False runs notebooks as the grader's own user, with its rights: only for notebooks that one trusts.
    """

    _process = _control = _info = _first = _watch = None

    def __init__(self, isolated: bool = True):
        self.isolated = isolated

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __del__(self):
        self.close()  # a worker's thread has ended, and its sandbox with it

    def run(self, cells: list[dict], seed: int, limits: Limits, files: int | None = None) -> Run:
        """Run the cells in a child of its own and probe the answers where their check cells stand.

        Args:
            cells: for each code cell {"source": str, "check": name of an exercise or ""}.
            seed: the hidden inputs are drawn from it; they are sent one exercise at a time.
            files: descriptor of an archive (tar) of what lies beside the notebook.
        Raises:
            CannotIsolate: this machine cannot run a sandbox.
            NotSetUp: it cannot run this notebook; no line of it was run.
            SandboxLost: the whole sandbox ended; the next notebook gets a new one.
        """
        self._start()
        started = time.monotonic()
        ours, theirs = socket.socketpair()
        talk, over = Conversation(ours, seed, cells, limits), threading.Event()
        try:
            with theirs:
                given = [theirs.fileno(), *(() if files is None else (files,))]
                socket.send_fds(self._control, [b"N"], given)
            wire.send(ours, {"cells": cells, "limits": asdict(limits), "isolated": self.isolated})
            with self._memory_limit(ours, limits.memory) as over:
                talk.listen(deadline=started + limits.notebook_seconds)
        except TimeoutError:
            talk.run.ended = (
                f"stopped: it ran longer than {limits.notebook_seconds:.0f} s, or one cell ignored its limit"
            )
        except wire.BadFrame:  # what exactly it sent could spell a hidden input on the student's page
            talk.run.ended = "stopped: it sent the grader something that is no evidence"
        except OSError:
            talk.run.ended = OWN_END
        finally:
            ours.close()
            talk.run.cpu_seconds = self._end_notebook()
        if over.is_set():
            talk.run.ended = f"stopped: its processes together held more than {limits.memory / 2**30:g} GiB"
        if self._process is None and talk.run.ended == OWN_END:
            raise SandboxLost
        if talk.failed or not talk.heard:
            why = talk.failed or talk.run.ended or "no reason given"
            raise isolation.NotSetUp(f"the sandbox did not start a notebook: {why}")
        talk.run.seconds = time.monotonic() - started
        return talk.finish()

    def close(self) -> None:
        """End the process and all that is left in it.

        With the first process of its process namespace all the others die. That one is killed by name: an
        ordinary user's notebook could have undone its wish to die with its parent.
        """
        if self._process is None:
            return
        process, self._process = self._process, None
        self._control.close()
        try:
            process.wait(CLOSING_SECONDS)  # it ends by itself when nobody is there to talk to
        except subprocess.TimeoutExpired:
            with contextlib.suppress(
                ValueError, KeyError, ProcessLookupError
            ):  # it has not begun, or has ended
                first = os.pidfd_open(self._first or _first_said(self._info))
                os.killpg(process.pid, signal.SIGKILL)
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(first, signal.SIGKILL)
                os.close(first)
            process.kill()
            process.wait()
        os.close(self._info)
        process.stderr.close()
        if self._watch is not None:
            self._watch.close()
        self._first = self._watch = None

    def _start(self):
        if self._process is not None:
            if self._process.poll() is None:
                return
            self.close()
        self._control, theirs = socket.socketpair()
        self._info, info_end = os.pipe()
        try:
            self._process = subprocess.Popen(
                isolation.command(theirs.fileno(), info_end)
                if self.isolated
                else isolation.plain_command(theirs.fileno()),
                pass_fds=[theirs.fileno(), info_end],
                env=isolation.ENVIRONMENT if self.isolated else isolation.plain_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:  # no program, or no process can be made
            self._control.close()
            os.close(self._info)
            raise isolation.CannotIsolate(f"the sandbox did not start: {error}") from error
        finally:
            theirs.close()
            os.close(info_end)
        if self._hear(START_SECONDS) != b"W":
            os.set_blocking(self._process.stderr.fileno(), False)
            said = (self._process.stderr.read() or b"").decode(errors="replace").strip().splitlines()
            self.close()
            raise isolation.CannotIsolate(f"the sandbox did not start: {(said or ['no reason given'])[-1]}")
        if self.isolated and memory.may_look():
            try:
                self._first = _first_said(self._info)
                self._watch = memory.Watch(self._first)
            except (OSError, ValueError) as error:
                self.close()
                raise SandboxLost from error

    def _memory_limit(self, channel, limit):
        """Ends the conversation, and with it the notebook, when its processes together hold too much."""
        if self._watch is None:
            return contextlib.nullcontext(threading.Event())
        return self._watch.limit(limit, lambda: channel.shutdown(socket.SHUT_RDWR))

    def _end_notebook(self):
        """Nothing of a notebook survives it; a sandbox that cannot promise this ends as a whole.

        Returns the CPU seconds of all its processes, 0 where they are not known.
        """
        with contextlib.suppress(OSError):
            self._control.sendall(b"K")
        ended = self._hear(ENDING_SECONDS, 9)
        if len(ended) == 9 and ended.startswith(b"E"):
            return struct.unpack("d", ended[1:])[0]
        self.close()
        return 0.0

    def _hear(self, seconds, count=1):
        self._control.settimeout(seconds)
        try:
            return self._control.recv(count)
        except OSError:
            return b""


@cache
def describe(isolated: bool = True) -> str:
    """One line on how submissions are isolated here, for reports; tries it in this thread's own sandbox.

    Raises:
        CannotIsolate: a sandbox does not start, or cannot run a notebook.
    """
    if not isolated:
        return NOT_ISOLATED
    try:
        trial = run_notebook([], 0, Limits())
        if trial.ended:
            raise isolation.CannotIsolate(f"no sandbox lasts: {trial.ended}")
    except isolation.CannotIsolate as error:
        raise isolation.CannotIsolate(f"{error} ({isolation.version()}). {REMEDY}") from error
    calls = "system calls filtered" if trial.filtered else "system calls not filtered (libseccomp is missing)"
    held = "memory" if memory.may_look() else "memory (of each process alone: CAP_SYS_PTRACE is missing)"
    return (
        f"{isolation.version()}; each notebook in namespaces and with a user of its own; no network; mounts from an "
        f"allow-list; limits on time, {held}, processes, files and output; {calls}"
    )


def start(isolated: bool = True) -> None:
    """Start this thread's own sandbox, so that its first notebook finds it warm."""
    run_notebook([], 0, Limits(), isolated=isolated)


_of_thread = threading.local()
_of_threads = weakref.WeakSet()


@atexit.register
def _close_all():
    """The main thread's sandbox ends here: at the very end of a program nothing can be waited for."""
    for sandbox in list(_of_threads):
        sandbox.close()


def run_notebook(
    cells: list[dict], seed: int, limits: Limits, files: int | None = None, isolated: bool = True
) -> Run:
    """`Sandbox.run` in this thread's own sandbox, which ends with the thread.

    Where the sandbox is lost, the notebook is run again in a new one; it is reported when that goes on.
    """
    sandbox = getattr(_of_thread, "sandbox", None)
    if sandbox is None or sandbox.isolated != isolated:
        _of_thread.sandbox = sandbox = Sandbox(isolated)
        _of_threads.add(sandbox)
    for _ in range(ATTEMPTS):
        if files is not None:
            os.lseek(files, 0, os.SEEK_SET)
        with contextlib.suppress(SandboxLost):
            return sandbox.run(cells, seed, limits, files)
    return Run(ended=LOST)


def _first_said(descriptor):
    """The id of the sandbox's first process, which bubblewrap has said there; can be read once."""
    os.set_blocking(descriptor, False)
    try:
        return json.loads(os.read(descriptor, 4096))["child-pid"]
    except BlockingIOError as error:
        raise ValueError("it has not begun") from error
