"""The trusted side of a sandbox: start it, ask it, bound it, and collect the evidence."""

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
from dataclasses import asdict, dataclass, field
from functools import cache

from .. import drives
from ..answer_key import answer_key
from ..asked import find
from ..drives import Outcome
from ..evidence import MISSING, STOPPED, Evidence, group
from . import isolation, memory, wire

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
OWN_END = "stopped: it ended its own process"
LOST = f"stopped: {ATTEMPTS} times its sandbox was ended from outside (no memory left?); grade it again"
MAX_BYTES = 64 * 2**20
MAX_OUTPUTS = 200
CELL_ROOM = 64 * 2**10  # what a cell's message may hold beside its outputs


@dataclass(frozen=True)
class Limits:
    """What one notebook may use."""

    cell_seconds: float = 30.0
    notebook_seconds: float = 120.0
    memory: int = 2 * 2**30
    processes: int = 64
    file_bytes: int = 50 * 2**20
    output_bytes: int = 2**20


@dataclass
class Run:
    """What a sandbox showed: evidence by exercise, and each cell's outputs, all of it untrusted.

    Attributes:
        ended: "" where the notebook ran to its end, else what stopped it, in words.
        filtered: whether system calls were filtered.
        cell_seconds: run time of each cell, by the sandbox's own account.
        seconds, cpu_seconds: of the whole run, by the clock and of all its processes.
    """

    evidence: dict[str, Evidence] = field(default_factory=dict)
    outputs: dict[int, list[dict]] = field(default_factory=dict)
    cell_seconds: dict[int, float] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    ended: str = ""
    filtered: bool = False


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
        talk, over = _Conversation(ours, seed, cells, limits), threading.Event()
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


class _Conversation:
    """One notebook's messages, each accepted only where it may come."""

    def __init__(self, channel, seed, cells, limits):
        self.channel, self.seed, self.limits = channel, seed, limits
        self.waiting = [cell["check"] for cell in cells if cell["check"]]  # checks not reached yet, in order
        self.cells = [index for index, cell in enumerate(cells) if not cell["check"]]  # likewise other cells
        self.seen = {}  # exercise -> (variant, case, outcome) triples
        self.run = Run()
        self.heard = False
        self.failed = ""  # why no line of the notebook was run

    def listen(self, deadline):
        room = MAX_BYTES
        while True:
            # A cell that ignores its own alarm sends nothing; so does one that has died.
            patience = self.limits.cell_seconds + 5
            message, size = wire.receive(self.channel, min(deadline, time.monotonic() + patience))
            room -= size
            if message is None:
                self.run.ended = OWN_END
                return
            kind = message.get("kind")
            if room < 0 or (kind == "cell" and size > self.limits.output_bytes + CELL_ROOM):
                raise wire.BadFrame("too large")
            if kind == "failed" and not self.heard:
                self.failed = str(message.get("why"))[:400]
                return
            if self.heard != (kind != "ready"):
                raise wire.BadFrame("ready is the first word, and is said once")
            if kind == "done":
                return
            if self.heard:
                self._take(message)
            else:
                self.run.filtered = message.get("filtered") is True
            self.heard = True

    def _take(self, message):
        kind = message.get("kind")
        try:
            {"cell": self._cell, "probe": self._probe, "outcome": self._outcome, "probed": self._probed}[
                kind
            ](message)
        except (ArithmeticError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise wire.BadFrame(f"a message that does not fit: {type(error).__name__}") from error

    def _cell(self, message):
        index = self.cells.pop(0)
        if message["index"] != index or len(message["outputs"]) > MAX_OUTPUTS:
            raise ValueError("another cell, or too many outputs")
        self.run.outputs[index] = [output for output in message["outputs"] if isinstance(output, dict)]
        self.run.cell_seconds[index] = float(message["seconds"])

    def _probe(self, message):
        name = self._current(message)
        if name in self.run.evidence:
            raise ValueError("probed twice")
        found = message["found"] is True
        self.run.evidence[name] = Evidence(
            self.seed, state=STOPPED if found else MISSING, origin=str(message["origin"])[:400]
        )
        if found:
            self.seen[name] = []
            with contextlib.suppress(
                OSError
            ):  # it has gone, and may have left messages that are still to be read
                self.channel.sendall(question(name, self.seed))

    def _outcome(self, message):
        exercise = find(self.waiting[0])
        variant, case = message["variant"], message["case"]
        if variant not in (drives.AS_WRITTEN, drives.WITH_REFERENCES)[: 1 + bool(exercise.needs)]:
            raise ValueError("a variant that was not asked for would be a second guess")
        seen = self.seen[exercise.name]
        asked = len(answer_key(exercise, self.seed).inputs[case])
        if [triple[:2] for triple in seen].count((variant, case)) >= asked:
            raise ValueError("more outcomes than inputs")
        seen.append((variant, case, _outcome(message["outcome"])))

    def _probed(self, message):
        self._current(message)
        self.waiting.pop(0)

    def _current(self, message):
        name = self.waiting[0]
        if message["exercise"] != name:
            raise ValueError(f"{name} was expected")
        return name

    def finish(self) -> Run:
        for name, seen in self.seen.items():
            before = self.run.evidence[name]
            if seen:
                self.run.evidence[name] = Evidence(self.seed, outcomes=group(seen), origin=before.origin)
        return self.run


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


@cache
def question(name: str, seed: int) -> bytes:
    """The message that tells a sandbox of an exercise: hidden inputs and how to use the object, no answers."""
    exercise = find(name)
    return wire.frame(
        {
            "cases": exercise.inputs(seed),
            "drive": exercise.drive.__name__,
            "reference": _path(exercise.reference),
            "needs": {need: _path(find(need).reference) for need in exercise.needs},
        }
    )


def _path(reference):
    """Where a sandbox finds a function of `nnlib`; "" for one that only this package holds, and for none."""
    module = getattr(reference, "__module__", "")
    return f"{module}:{reference.__qualname__}" if module.partition(".")[0] == "nnlib" else ""


def _outcome(fields):
    """An `Outcome` of the right types from the other side's fields."""
    numbers = {name: tuple(int(i) for i in fields[name][:16]) for name in ("changed", "aliased")}
    return Outcome(
        value=drives.plain(fields["value"]),
        error=str(fields["error"])[: drives.MAX_TEXT],
        message=str(fields["message"])[: drives.MAX_TEXT],
        warnings=tuple(str(text)[: drives.MAX_TEXT] for text in fields["warnings"][:8]),
        seconds=float(fields["seconds"]),
        **numbers,
    )


def _first_said(descriptor):
    """The id of the sandbox's first process, which bubblewrap has said there; can be read once."""
    os.set_blocking(descriptor, False)
    try:
        return json.loads(os.read(descriptor, 4096))["child-pid"]
    except BlockingIOError as error:
        raise ValueError("it has not begun") from error
