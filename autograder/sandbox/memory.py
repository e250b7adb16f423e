"""What a notebook's processes hold together, looked at from the trusted side while it runs.

The limit on addresses binds each process alone, and a notebook may have many. What they share is counted once: a
process that forks holds no more than before, until one of the two writes. Scratch folders have limits of their own and
are not counted here.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

FIRST_SECONDS = 0.25  # most notebooks have ended by then
EVERY_SECONDS = 0.2
LONGEST_SECONDS = 1.0
PATIENCE = 100  # times what a look took, at most `LONGEST_SECONDS`: then the next
ALONE = 2  # processes of a notebook that started none: its own, and the one that waits for it outside its namespace
CAP_SYS_PTRACE = 1 << 19


def may_look() -> bool:
    """Whether this user may look at a notebook's processes.

    An ordinary user owns the user namespace that they live in. Root is another user to them, and needs the right
    that some containers take away.
    """
    if os.geteuid():
        return True
    with open("/proc/self/status") as status:  # noqa: PTH123 - of the kernel's making
        rights = next(line for line in status if line.startswith("CapEff:"))
    return bool(int(rights.split()[1], 16) & CAP_SYS_PTRACE)


class Watch:
    """One sandbox's processes, seen through the /proc that it has itself, where no others are.

    Args:
        first: id of the sandbox's first process; no notebook runs there yet.
    Raises:
        OSError: it has ended.
    """

    def __init__(self, first: int):
        self._proc = os.open(f"/proc/{first}/root/proc", os.O_RDONLY | os.O_DIRECTORY)
        self._not_its_own = self._processes()
        self._present, self._closed = threading.Lock(), threading.Event()
        self._notebook = None  # (when to look first, limit, stop, over) of the one that runs
        threading.Thread(target=self._look, daemon=True, name="memory").start()

    def close(self) -> None:
        self._closed.set()  # the thread may be the one that calls this, and cannot be waited for

    @contextmanager
    def limit(self, limit: int, stop: Callable[[], None]) -> Iterator[threading.Event]:
        """While the block runs, call `stop` once when the notebook holds more than `limit` bytes.

        Gives an event that is set when that was so.
        """
        over = threading.Event()
        with self._present:
            self._notebook = (time.monotonic() + FIRST_SECONDS, limit, stop, over)
        try:
            yield over
        finally:
            with self._present:
                self._notebook = None

    def _look(self):
        wait = EVERY_SECONDS
        while not self._closed.wait(wait):
            started = time.thread_time()
            with self._present, suppress(OSError):  # no descriptor is free just now: it looks again
                if self._notebook and time.monotonic() >= self._notebook[0]:
                    self._look_once(*self._notebook[1:])
            took = time.thread_time() - started
            wait = max(EVERY_SECONDS, min(PATIENCE * took, LONGEST_SECONDS))
        os.close(self._proc)

    def _look_once(self, limit, stop, over):
        if self.held(limit) > limit:
            self._notebook = None
            over.set()
            stop()

    def held(self, enough: int) -> int:
        """Bytes that the notebook's processes hold; a quick estimate from above where that is below `enough`."""
        numbers = self._processes() - self._not_its_own
        if len(numbers) <= ALONE:
            return 0  # the limit on addresses is enough
        upper = sum(self._resident(number) for number in numbers)
        return upper if upper <= enough else sum(self._share(number) for number in numbers)

    def _processes(self):
        return {name for name in os.listdir(self._proc) if name.isdigit()}  # noqa: PTH208 - a descriptor, no path

    def _resident(self, number):
        """All that it sees, swapped out or not."""
        return self._sizes(f"{number}/status", b"VmRSS:", b"VmSwap:")

    def _share(self, number):
        """Its own pages, and of each page that several have its part."""
        try:
            return self._sizes(f"{number}/smaps_rollup", b"Pss:", b"SwapPss:")
        except PermissionError:  # not known: all that it sees counts
            return self._resident(number)

    def _sizes(self, name, *wanted):
        lines = (line.split() for line in self._read(name).splitlines())
        return sum(int(words[1]) for words in lines if words[0] in wanted) * 1024

    def _read(self, name):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended since
            descriptor = os.open(name, os.O_RDONLY, dir_fd=self._proc)
            try:
                return os.read(descriptor, 4096)
            finally:
                os.close(descriptor)
        return b""
