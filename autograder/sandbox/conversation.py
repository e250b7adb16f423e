"""What the trusted side and a sandbox say to each other about one notebook: cells and inputs there, evidence back.

Nothing that comes back is believed: a message is taken only where it may come, bounded and of the right types.
"""

import contextlib
import socket
import time
from dataclasses import dataclass, field
from functools import cache

from .. import drives
from ..answer_key import answer_key
from ..asked import find
from ..drives import Outcome
from ..evidence import MISSING, STOPPED, Evidence, group
from . import wire

OWN_END = "stopped: it ended its own process"
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


class Conversation:
    """One notebook's messages, each accepted only where it may come.

    Args:
        channel: the socket over which the notebook speaks.
        seed, cells, limits: as for `launch.Sandbox.run`.

    Attributes:
        run: what was heard so far.
        heard: whether the notebook has begun.
        failed: why it did not, in words; "" where it did, and where nothing was said.
    """

    def __init__(self, channel: socket.socket, seed: int, cells: list[dict], limits: Limits):
        self.channel, self.seed, self.limits = channel, seed, limits
        self.waiting = [cell["check"] for cell in cells if cell["check"]]  # checks not reached yet, in order
        self.cells = [index for index, cell in enumerate(cells) if not cell["check"]]  # likewise other cells
        self.seen = {}  # exercise -> (variant, case, outcome) triples
        self.run = Run()
        self.heard = False
        self.failed = ""

    def listen(self, deadline: float) -> None:
        """Take messages until the notebook has ended, or has gone.

        Raises:
            TimeoutError: the deadline, by `time.monotonic`, has passed, or it has been silent for longer than a cell may run.
            BadFrame: what came is no message, or may not come here.
            OSError: the connection was cut.
        """
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
        """What the notebook showed, with the evidence of each exercise."""
        for name, seen in self.seen.items():
            before = self.run.evidence[name]
            if seen:
                self.run.evidence[name] = Evidence(self.seed, outcomes=group(seen), origin=before.origin)
        return self.run


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
