"""The trusted side of one sandbox: start it, ask it, bound it, and collect the evidence."""

import os
import signal
import socket
import subprocess
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .. import drives
from ..drives import Outcome
from ..evidence import MISSING, STOPPED, Evidence, group
from ..exercises import Exercise, find
from . import isolation, wire

START_SECONDS = 30.0
MAX_OUTCOMES = 500
MAX_BYTES = 256 * 2**20


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
    process = subprocess.Popen(
        isolation.command(submission, theirs.fileno()),
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    theirs.close()
    talk = _Conversation(ours, seed, [cell["check"] for cell in cells if cell["check"]])
    try:
        wire.send(ours, {"cells": cells, "limits": asdict(limits)})
        talk.listen(limits, deadline=started + START_SECONDS + limits.notebook_seconds)
    except TimeoutError:
        talk.run.ended = (
            f"stopped: it ran longer than {limits.notebook_seconds:.0f} s, or one cell ignored its limit"
        )
    except wire.BadFrame as error:
        talk.run.ended = f"stopped: it sent the grader something that is no evidence ({error})"
    except OSError:
        talk.run.ended = "stopped: it ended its own process"
    finally:
        _end(process, ours)
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

    def __init__(self, channel, seed, exercises):
        self.channel, self.seed = channel, seed
        self.waiting = list(exercises)  # exercises whose check cell has not been reached, in order
        self.seen = {}  # exercise -> (variant, case, outcome) triples
        self.run = Run()
        self.heard = False

    def listen(self, limits, deadline):
        room = MAX_BYTES
        while True:
            # A cell that ignores its own alarm sends nothing; so does one that has died.
            patience = limits.cell_seconds + (START_SECONDS if not self.heard else 5)
            message, size = wire.receive(self.channel, min(deadline, time.monotonic() + patience))
            room -= size
            if message is None:
                self.run.ended = "stopped: it ended its own process"
                return
            if room < 0:
                raise wire.BadFrame(f"more than {MAX_BYTES} bytes")
            if not self.heard and message.get("kind") != "ready":
                raise wire.BadFrame("it did not begin with ready")
            if message.get("kind") == "done":
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
        index = message["index"]
        if type(index) is not int or index in self.run.outputs:
            raise ValueError("index")
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
        name = self.waiting[0]
        if len(self.seen[name]) >= MAX_OUTCOMES:
            raise ValueError("too many outcomes")
        self.seen[name].append((str(message["variant"]), str(message["case"]), _outcome(message["outcome"])))

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
    numbers = {name: tuple(int(i) for i in fields[name]) for name in ("changed", "aliased")}
    return Outcome(
        value=drives.plain(fields["value"]),
        error=str(fields["error"])[: drives.MAX_TEXT],
        message=str(fields["message"])[: drives.MAX_TEXT],
        warnings=tuple(str(text)[: drives.MAX_TEXT] for text in fields["warnings"][:8]),
        seconds=float(fields["seconds"]),
        **numbers,
    )


def _end(process, channel):
    """Nothing survives: with the first process of its process namespace, all the others die."""
    channel.close()
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
