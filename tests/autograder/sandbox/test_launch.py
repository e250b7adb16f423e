"""The conversation with a sandbox: what it may say, and when."""

import contextlib
import json
import os
import signal
import time
from pathlib import Path

import pytest

from autograder.drives import AS_WRITTEN, WITH_REFERENCES
from autograder.exercises import find
from autograder.judge import judge
from autograder.sandbox import launch, wire
from autograder.sandbox.conversation import Limits, question
from autograder.sandbox.launch import run_notebook

SEED = 77
LIMITS = Limits(cell_seconds=8)
RELU = "import numpy as np\ndef relu(z):\n    return np.maximum(z, 0)"

# Finds the socket to the grader and sends a message over it.
SPEAK = """import os, stat, struct, json
def speak(data):
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                os.write(fd, data)
        except OSError:
            pass
def frame(message):
    data = json.dumps(message).encode()
    return struct.pack(">I", len(data)) + data
"""


def run(*cells, limits=LIMITS):
    return run_notebook([{"source": s, "check": c} for s, c in cells], SEED, limits)


def share(run, name):
    return judge(find(name), run.evidence[name]).share


def test_an_answer_is_taken_as_it_is_bound_when_its_check_stands():
    seen = run((RELU, ""), ("", "relu"), ("relu = None", ""))
    assert share(seen, "relu") == 1


def test_a_later_answer_does_not_count_for_an_earlier_check():
    seen = run(("", "relu"), (RELU, ""))
    assert seen.evidence["relu"].state == "missing"


def test_what_a_probe_does_to_the_notebook_is_forgotten():
    counting = "calls = 0\n" + RELU.replace("    return", "    global calls\n    calls += 1\n    return")
    seen = run((counting, ""), ("", "relu"), ("print(calls)", ""))
    assert share(seen, "relu") == 1
    assert seen.outputs[2][0]["text"] == "0\n"


def test_an_exercise_with_needs_is_probed_twice():
    broken = "import numpy as np\ndef sigmoid(z):\n    return z\ndef swish(z, beta=1.0):\n    return z * sigmoid(beta * z)"
    seen = run((broken, ""), ("", "swish"))
    assert set(seen.evidence["swish"].outcomes) == {AS_WRITTEN, WITH_REFERENCES}
    verdict = judge(find("swish"), seen.evidence["swish"])
    assert verdict.share == 1
    assert verdict.with_references == ("sigmoid",)


def asked(name):
    """What a sandbox is told of an exercise."""
    return wire.unpack(json.loads(question(name, SEED)[4:]))


def test_hidden_inputs_reach_the_sandbox_without_answers():
    sent = asked("swish")
    assert sent["reference"] == "nnlib.activations:swish"
    assert sent["needs"] == {"sigmoid": "nnlib.activations:sigmoid"}
    assert set(sent) == {"cases", "drive", "reference", "needs"}
    assert str(SEED) not in str(sent["drive"])


def test_a_reference_outside_nnlib_is_not_named_to_the_sandbox():
    assert asked("weighted_sum")["reference"] == ""


def test_an_endless_answer_loses_its_cases_and_nothing_else():
    seen = run(
        ("def tanh(z):\n    while True:\n        pass", ""),
        ("", "tanh"),
        (RELU, ""),
        ("", "relu"),
        limits=Limits(cell_seconds=20),
    )
    assert share(seen, "tanh") == 0
    assert share(seen, "relu") == 1


def test_an_answer_that_is_slow_for_one_input_keeps_its_other_cases():
    slow = (
        RELU + "\n    \nfast = relu\ndef relu(z):\n    while z.ndim == 0:\n        pass\n    return fast(z)"
    )
    seen = run((slow, ""), ("", "relu"), limits=Limits(cell_seconds=20))
    failed = [case.name for case in judge(find("relu"), seen.evidence["relu"]).cases if not case.passed]
    assert failed == ["shapes"]


def test_an_answer_that_kills_its_process_leaves_the_notebook_alive():
    seen = run(("import os\ndef tanh(z):\n    os._exit(3)", ""), ("", "tanh"), (RELU, ""), ("", "relu"))
    assert share(seen, "tanh") == 0
    assert share(seen, "relu") == 1
    assert not seen.ended


@pytest.mark.parametrize(
    "speech",
    [
        "speak(b'\\xff' * 64)",
        "speak(frame({'kind': 'verdict', 'score': 100}))",
        "speak(frame({'kind': 'outcome', 'variant': 'as written', 'case': 'shapes', 'outcome': {}}))",
        "speak(frame({'kind': 'probe', 'exercise': 'gelu', 'found': True, 'origin': ''}))",
        "speak(frame({'kind': 'cell', 'index': [], 'outputs': 3}))",
        "speak(struct.pack('>I', 20_000_000) + b'[' * 10_000)",
        "speak(struct.pack('>I', 100_000) + b'[' * 100_000)",
    ],
    ids=[
        "noise",
        "verdict",
        "outcome unasked",
        "another exercise",
        "wrong types",
        "long and unfinished",
        "deep",
    ],
)
def test_forged_messages_end_the_notebook_with_what_was_earned_before(speech):
    seen = run(
        (RELU, ""), ("", "relu"), (SPEAK + speech, ""), ("def tanh(z):\n    return 0 * z", ""), ("", "tanh")
    )
    assert seen.ended
    assert share(seen, "relu") == 1
    assert "tanh" not in seen.evidence or share(seen, "tanh") == 0


def test_done_said_too_early_earns_nothing_for_what_follows():
    seen = run((SPEAK + "speak(frame({'kind': 'done'}))", ""), (RELU, ""), ("", "relu"))
    assert "relu" not in seen.evidence


def test_forged_outcomes_count_only_by_their_values():
    forge = SPEAK + (
        "speak(frame({'kind': 'probe', 'exercise': 'relu', 'found': True, 'origin': ''}))\n"
        "for case in ('ordinary values', 'shapes', 'float32'):\n"
        "    for _ in range(4):\n"
        "        speak(frame({'kind': 'outcome', 'variant': 'as written', 'case': case, 'outcome': {'value': 1.0, 'error': '',\n"
        "            'message': '', 'warnings': [], 'changed': [], 'aliased': [], 'seconds': 0.0}}))\n"
        "speak(frame({'kind': 'probed', 'exercise': 'relu'}))\nimport os; os._exit(0)"
    )
    seen = run((forge, ""), ("", "relu"))
    assert seen.evidence["relu"].outcomes
    assert share(seen, "relu") == 0


def test_a_second_guess_in_a_variant_that_was_not_asked_for_is_no_evidence():
    forge = SPEAK + (
        "speak(frame({'kind': 'probe', 'exercise': 'relu', 'found': True, 'origin': ''}))\n"
        "speak(frame({'kind': 'outcome', 'variant': 'guess 2', 'case': 'shapes', 'outcome': {}}))"
    )
    seen = run((forge, ""), (RELU, ""), ("", "relu"))
    assert "no evidence" in seen.ended
    assert share(seen, "relu") == 0


def test_a_flood_of_cells_is_no_evidence():
    seen = run(
        (SPEAK + "speak(frame({'kind': 'cell', 'index': 0, 'seconds': 0, 'outputs': [{}] * 2_000_000}))", "")
    )
    assert "no evidence" in seen.ended
    assert seen.outputs == {}


def test_what_an_answer_prints_while_it_is_probed_reaches_no_output():
    printing = RELU.replace("    return", "    print('hidden', z, flush=True)\n    return")
    seen = run((printing, ""), ("", "relu"), ("print('shown')", ""))
    assert share(seen, "relu") == 1
    assert seen.outputs[2][0]["text"] == "shown\n"


@pytest.mark.parametrize(
    "harm",
    [
        "import sys\nsys.stderr = sys.stdout = None",
        "import sys\ndel sys.stdout",
        "import os\nos.close(1); os.close(2)",
        "import shutil, os\nfor name in os.listdir('/tmp'): shutil.rmtree('/tmp/' + name, ignore_errors=True)",
        "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        "while True:\n    try:\n        n = int(input())\n        break\n    except:\n        pass",
        "%matplotlib inline\nraise SystemExit",
    ],
    ids=[
        "no streams",
        "a stream deleted",
        "closed",
        "files removed",
        "children ignored",
        "bare except",
        "exit",
    ],
)
def test_harm_in_one_cell_stays_in_that_cell(harm):
    seen = run((harm, ""), (RELU, ""), ("", "relu"), ("print('on')", ""), limits=Limits(cell_seconds=4))
    assert not seen.ended
    assert share(seen, "relu") == 1
    assert "on" in str(seen.outputs[3])


def children(process):
    """All processes below one, by their ids on this machine."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended since
            number, _, rest = status.read_text().partition(" ")
            if int(rest.rpartition(")")[2].split()[1]) == process:
                found += [int(number), *children(int(number))]
    return found


def alive(numbers):
    """Those of the processes that run, and are not only waiting to be collected."""
    texts = [Path(f"/proc/{number}/status") for number in numbers]
    return [t for t in texts if t.exists() and "State:\tZ" not in t.read_text()]


def gone(numbers):
    patience = time.monotonic() + 5  # a busy machine takes a while to end a process that was killed
    while alive(numbers) and time.monotonic() < patience:
        time.sleep(0.05)
    return not alive(numbers)


DETACHED = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(100)\n    os._exit(0)"


@pytest.mark.parametrize(
    ("source", "limits"),
    [(DETACHED, LIMITS), ("import time\ntime.sleep(60)", Limits(cell_seconds=60, notebook_seconds=1))],
    ids=["detached", "endless"],
)
def test_nothing_of_a_notebook_survives_it(source, limits):
    with launch.Sandbox() as sandbox:
        sandbox.run([], SEED, LIMITS)
        before = set(children(sandbox._process.pid))
        seen = sandbox.run([{"source": source, "check": ""}], SEED, limits)
        assert bool(seen.ended) == (limits is not LIMITS)
        assert gone(set(children(sandbox._process.pid)) - before)
        assert set(children(sandbox._process.pid)) == before  # the warm process itself lives on
    assert gone(before)


def test_who_insists_gets_the_same_evidence_without_a_sandbox_and_is_told_so():
    where = "import os\nprint(os.getuid(), os.getcwd())"
    with launch.Sandbox(isolated=False) as sandbox:
        seen = sandbox.run([{"source": RELU, "check": ""}, {"source": "", "check": "relu"}], SEED, LIMITS)
        said = sandbox.run([{"source": where, "check": ""}], SEED, LIMITS).outputs[0][0]["text"].split()
    assert share(seen, "relu") == 1
    assert int(said[0]) == os.getuid()
    assert not Path(said[1]).exists()
    assert "NOT ISOLATED" in launch.describe(isolated=False)


def test_a_warm_process_that_dies_is_replaced():
    with launch.Sandbox() as sandbox:
        sandbox.run([], SEED, LIMITS)
        first = children(sandbox._process.pid)
        for number in first:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        assert gone(first)
        seen = sandbox.run([{"source": "print(1)", "check": ""}], SEED, LIMITS)
    assert seen.outputs[0][0]["text"] == "1\n"


def test_the_sandbox_is_started_without_the_graders_environment():
    assert set(launch.isolation.ENVIRONMENT) == {"PATH", "LANG"}
