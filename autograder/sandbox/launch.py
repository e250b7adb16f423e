"""The trusted side of one sandbox: start it, ask it, bound it, and collect the evidence."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .. import drives
from ..answer_key import answer_key
from ..drives import Outcome
from ..evidence import MISSING, STOPPED, Evidence, group
from ..exercises import Exercise, find
from . import isolation, wire

START_SECONDS = 30.0
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
        cell_seconds: run time of each cell, by the sandbox's own account.
    """

    evidence: dict[str, Evidence] = field(default_factory=dict)
    outputs: dict[int, list[dict]] = field(default_factory=dict)
    cell_seconds: dict[int, float] = field(default_factory=dict)
    seconds: float = 0.0
    ended: str = ""


def run_notebook(cells: list[dict], seed: int, limits: Limits, submission: Path | None = None) -> Run:
    """Run the cells in a sandbox of their own and probe the answers where their check cells stand.

    Args:
        cells: for each code cell {"source": str, "check": name of an exercise or ""}.
        seed: the hidden inputs are drawn from it; they are sent one exercise at a time.
        submission: folder whose files are copied beside the notebook; anyone can read them.
    Raises:
        CannotIsolate: this machine cannot run a sandbox.
    """
    started = time.monotonic()
    ours, theirs = socket.socketpair()
    info, info_end = os.pipe()
    process = subprocess.Popen(
        isolation.command(submission, theirs.fileno(), info_end),
        pass_fds=[theirs.fileno(), info_end],
        env=isolation.ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    theirs.close()
    os.close(info_end)
    talk = _Conversation(ours, seed, cells, limits)
    try:
        wire.send(ours, {"cells": cells, "limits": asdict(limits)})
        talk.listen(deadline=started + START_SECONDS + limits.notebook_seconds)
    except TimeoutError:
        talk.run.ended = (
            f"stopped: it ran longer than {limits.notebook_seconds:.0f} s, or one cell ignored its limit"
        )
    except wire.BadFrame:  # what exactly it sent could spell a hidden input on the student's page
        talk.run.ended = "stopped: it sent the grader something that is no evidence"
    except OSError:
        talk.run.ended = "stopped: it ended its own process"
    finally:
        _end(process, ours, info)
    if not talk.heard:
        reason = process.stderr.read(4000).decode(errors="replace").strip().splitlines()[-1:] or [
            "no reason given"
        ]
        process.stderr.close()
        raise isolation.CannotIsolate(f"the sandbox did not start: {reason[0]}")
    process.stderr.close()
    talk.run.seconds = time.monotonic() - started
    return talk.finish()


class _Conversation:
    """One notebook's messages, each accepted only where it may come."""

    def __init__(self, channel, seed, cells, limits):
        self.channel, self.seed, self.limits = channel, seed, limits
        self.waiting = [cell["check"] for cell in cells if cell["check"]]  # checks not reached yet, in order
        self.cells = [index for index, cell in enumerate(cells) if not cell["check"]]  # likewise other cells
        self.seen = {}  # exercise -> (variant, case, outcome) triples
        self.run = Run()
        self.heard = False

    def listen(self, deadline):
        room = MAX_BYTES
        while True:
            # A cell that ignores its own alarm sends nothing; so does one that has died.
            patience = self.limits.cell_seconds + (5 if self.heard else START_SECONDS)
            message, size = wire.receive(self.channel, min(deadline, time.monotonic() + patience))
            room -= size
            if message is None:
                self.run.ended = "stopped: it ended its own process"
                return
            kind = message.get("kind")
            if room < 0 or (kind == "cell" and size > self.limits.output_bytes + CELL_ROOM):
                raise wire.BadFrame("too large")
            if self.heard != (kind != "ready"):
                raise wire.BadFrame("ready is the first word, and is said once")
            if kind == "done":
                return
            if self.heard:
                self._take(message)
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
            wire.send(self.channel, question(find(name), self.seed))

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


def question(exercise: Exercise, seed: int) -> dict:
    """What a sandbox is told of an exercise: hidden inputs and how to use the object, no answers."""
    return {
        "cases": exercise.inputs(seed),
        "drive": exercise.drive.__name__,
        "reference": _path(exercise.reference),
        "needs": {need: _path(find(need).reference) for need in exercise.needs},
    }


def _path(reference):
    """Where a sandbox finds a function of `nnlib`; "" for one that only this package holds."""
    module = reference.__module__
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


def _end(process, channel, info):
    """Nothing survives: with the first process of its process namespace, all the others die.

    That one is killed by name too: an ordinary user's notebook could have undone its wish to die
    with its parent.
    """
    channel.close()
    if process.poll() is None:
        with contextlib.suppress(ValueError, KeyError, ProcessLookupError):  # it has not begun, or has ended
            first = os.pidfd_open(json.loads(_what_was_said(info))["child-pid"])
            os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(first, signal.SIGKILL)
            os.close(first)
        process.kill()
    os.close(info)
    process.wait()


def _what_was_said(descriptor):
    os.set_blocking(descriptor, False)
    try:
        return os.read(descriptor, 4096)
    except BlockingIOError:
        return b""
