"""The limit on what a notebook's processes hold together."""

import os
import time

import pytest

from autograder.sandbox import memory
from autograder.sandbox.conversation import Limits
from autograder.sandbox.launch import Sandbox

MIB = 2**20
LIMITS = Limits(cell_seconds=10, memory=512 * MIB)

# Each child takes its part and keeps it until the cell ends.
CHILDREN = """import os, time
for _ in range({count}):
    if os.fork() == 0:
        held = b"x" * ({mib} * 2**20)
        time.sleep({seconds})
        os._exit(0)
{then}
print("went on")"""
WAIT = "time.sleep({seconds})"
LET_GO = "os._exit(0)"

needs_the_right = pytest.mark.skipif(
    not memory.may_look(), reason="root without CAP_SYS_PTRACE cannot look at another user's processes"
)


def ran(source, limits=LIMITS):
    with Sandbox() as sandbox:
        return sandbox.run([{"source": source, "check": ""}], 1, limits)


def children(count, mib, seconds, then=WAIT):
    return CHILDREN.format(count=count, mib=mib, seconds=seconds, then=then.format(seconds=seconds))


@needs_the_right
def test_processes_that_hold_too_much_together_end_their_notebook():
    seen = ran(children(count=4, mib=200, seconds=8))
    assert seen.ended == "stopped: its processes together held more than 0.5 GiB"
    assert seen.seconds < 8
    assert seen.outputs == {}


@needs_the_right
def test_orphans_that_hold_too_much_are_found_too():
    orphans = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    " + children(
        4, 200, 8, LET_GO
    ).replace("\n", "\n    ")
    seen = ran(f"{orphans}\ntime.sleep(8)")
    assert "together held more than" in seen.ended


@needs_the_right
def test_what_was_seen_before_is_kept():
    with Sandbox() as sandbox:
        cells = [{"source": s, "check": ""} for s in ("print('before')", children(4, 200, 8))]
        seen = sandbox.run(cells, 1, LIMITS)
        after = sandbox.run([{"source": "print('next')", "check": ""}], 1, LIMITS)
    assert "together held more than" in seen.ended
    assert seen.outputs[0][0]["text"] == "before\n"
    assert (after.ended, after.outputs[0][0]["text"]) == ("", "next\n")


def test_memory_that_processes_share_counts_once():
    """One holds 150 MiB and forks five, which read it: 900 MiB for who adds them up."""
    source = (
        "import os, time\nheld = b'x' * (150 * 2**20)\nfor _ in range(5):\n    if os.fork() == 0:\n"
        "        held.count(b'y')\n        time.sleep(2)\n        os._exit(0)\ntime.sleep(1.5)\nprint('went on')"
    )
    seen = ran(source)
    assert (seen.ended, seen.outputs[0][0]["text"]) == ("", "went on\n")


def test_children_below_the_limit_are_left_alone():
    seen = ran(children(count=3, mib=60, seconds=1))
    assert (seen.ended, seen.outputs[0][0]["text"]) == ("", "went on\n")


def test_a_sandbox_that_dies_under_the_watch_takes_nothing_with_it():
    """The watch looks into a /proc whose processes have all ended."""
    with Sandbox() as sandbox:
        sandbox.run([], 1, LIMITS)
        watch = memory.Watch(sandbox._first)
        os.kill(sandbox._first, 9)
        sandbox._process.wait()
        assert watch.held(0) == 0
        watch.close()
        seen = sandbox.run([{"source": "print(1)", "check": ""}], 1, LIMITS)
    assert seen.outputs[0][0]["text"] == "1\n"


def test_a_short_notebook_is_not_looked_at(monkeypatch):
    looked = []
    monkeypatch.setattr(memory.Watch, "held", lambda *_: looked.append(1) or 0)
    assert not ran("1 + 1").ended
    assert looked == []


@needs_the_right
def test_looking_costs_less_than_a_hundredth_of_a_core(monkeypatch):
    spent, real = [], memory.Watch.held

    def timed(watch, enough):
        started = time.thread_time()
        held = real(watch, enough)
        spent.append(time.thread_time() - started)
        return held

    monkeypatch.setattr(memory.Watch, "held", timed)
    assert not ran(children(count=6, mib=20, seconds=3), Limits(cell_seconds=10)).ended
    assert len(spent) >= 5
    assert sum(spent) / len(spent) < 0.01 * memory.EVERY_SECONDS
