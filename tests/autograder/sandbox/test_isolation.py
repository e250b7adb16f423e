"""What a sandbox can and cannot reach, asked from inside."""

import os
import re
import socket
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox import isolation
from autograder.sandbox.conversation import Limits
from autograder.sandbox.launch import Sandbox, describe, run_notebook
from autograder.submission import pack_files

ROOT = Path(__file__).parents[3]
SEED = 5


def said(*sources, limits=None, submission=None):
    """What cells print when run in a sandbox, and the run."""
    cells = [{"source": s, "check": ""} for s in sources]
    with tempfile.TemporaryFile() as files:
        if submission:
            assert pack_files(submission, files) == []
            files.seek(0)
        run = run_notebook(
            cells, SEED, limits or Limits(cell_seconds=8), files.fileno() if submission else None
        )
    texts = [
        "".join(o.get("text", "") + o.get("ename", "") + o.get("evalue", "") for o in run.outputs.get(i, []))
        for i in range(len(sources))
    ]
    return texts, run


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    path = tmp_path_factory.mktemp("course") / "gradebook.db"
    path.write_text("marks")
    return path


def test_the_machine_can_isolate_and_says_how():
    assert "bubblewrap" in describe()
    assert "no network" in describe()
    assert "system calls filtered" in describe()


def test_neither_gradebook_nor_home_nor_bank_can_be_read(secret):
    (text,), _ = said(
        "import os\n"
        f"print(os.path.exists({str(secret)!r}), os.path.exists('/etc/passwd'), os.path.exists('/etc/shadow'))\n"
        "tops = [t for t in os.listdir('/') if t not in ('proc', 'usr', 'dev')]\n"
        "files = {name for top in tops for _, _, names in os.walk('/' + top) for name in names}\n"
        "print('runner.py' in files, files & {'answer_key.py', 'autograded.py', 'slips.py'})\n"
        "import importlib.util as u\n"
        "print([m for m in ('autograder.exercises', 'autograder.judge', 'autograder.course') if u.find_spec(m)])"
    )
    assert text.splitlines() == ["False False False", "True set()", "[]"]


def test_a_check_in_a_students_own_cell_costs_nothing():
    (text,), run = said(
        "from autograder import check, hint\nhint('sigmoid')\nmark = check('sigmoid')\nprint(mark + 1)"
    )
    assert text == "1.0\n"
    assert not run.ended


def test_there_is_no_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (text,), _ = said(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)")
    assert "ConnectionRefusedError" in text or "OSError" in text


def test_nothing_outside_the_scratch_folders_can_be_written():
    (text,), _ = said(
        "import os, sys, numpy, nnlib\n"
        "def fails(path):\n"
        "    try:\n"
        "        open(path, 'w').close()\n"
        "    except OSError:\n"
        "        return True\n"
        "    return False\n"
        "places = [os.path.dirname(m.__file__) for m in (numpy, nnlib, os)] + ['/', '/usr', '/dev', '/course', '/home']\n"
        "print(all(fails(p + '/x') for p in places), fails('/tmp/x'), fails('x'))"
    )
    assert text == "True False False\n"


def test_other_processes_are_not_seen_and_the_user_is_nobody():
    (text,), _ = said(
        f"import os\nprint({os.getpid()} in [int(p) for p in os.listdir('/proc') if p.isdigit()], os.getuid() == 0)"
    )
    assert text == "False False\n"


def test_nothing_is_left_for_the_next_student():
    said("open('/tmp/left', 'w').close(); open('left.py', 'w').close()")
    (text,), _ = said("import os; print(os.listdir('/tmp'), os.listdir('.'))")
    assert "left" not in text


def test_no_open_file_can_carry_anything_to_the_next_student():
    """Neither what is written into it nor the place that is read next."""
    mark = (
        "import os, stat\n"
        "for fd in map(int, os.listdir('/proc/self/fd')):\n"
        "    try:\n"
        "        if fd > 2 and stat.S_ISREG(os.fstat(fd).st_mode) and '/tmp/#' not in os.readlink(f'/proc/self/fd/{fd}'):\n"
        "            print(os.readlink(f'/proc/self/fd/{fd}'), os.lseek(fd, 0, os.SEEK_CUR))\n"
        "            os.lseek(fd, 4242, os.SEEK_SET)\n"
        "            os.write(fd, b'left')\n"
        "    except OSError as error:\n"
        "        print(error.strerror)"
    )
    (first,), _ = said(mark)
    (second,), _ = said(mark)
    assert ".ttf" in first  # the fonts that the warm process has opened
    assert "4242" not in first + second
    assert "history" not in first
    assert first.count("Bad file descriptor") >= first.count(".ttf")  # no one of them can be written


def test_files_beside_the_notebook_can_be_read(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/numbers.txt").write_text("7")
    (tmp_path / "mine.py").write_text("value = 7")
    (text,), _ = said("import mine; print(mine.value, open('data/numbers.txt').read())", submission=tmp_path)
    assert text == "7 7\n"


def test_a_submitted_file_does_not_stand_in_for_the_library(tmp_path):
    (tmp_path / "nnlib.py").write_text("raise SystemExit")
    (tmp_path / "numpy.py").write_text("raise SystemExit")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit")
    _, run = said("import numpy; numpy.zeros(3)", submission=tmp_path)
    assert not run.ended
    assert not [o for o in run.outputs[0] if o["output_type"] == "error"]


@pytest.mark.parametrize(
    ("attack", "limits", "seen"),
    [
        ("x = bytearray(3 * 2**30)", {}, "MemoryError"),
        # The limit on processes stops it; whether the first process or a copy of it says so is chance.
        ("import os\nwhile True:\n    os.fork()", {"notebook_seconds": 12}, "stopped|BlockingIOError"),
        ("open('big', 'wb').write(bytes(80 * 2**20))", {}, "File too large"),
        ("print('x' * 2**26)", {}, "output cut"),
        ("import os, signal\nos.kill(-1, signal.SIGKILL)", {}, "after"),
        ("import os\nos._exit(0)", {}, "ended its own process"),
        (
            "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
            {"cell_seconds": 3},
            "ignored its limit",
        ),
        ("import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()", {}, "stopped"),
    ],
    ids=["memory", "fork bomb", "file", "output", "kill all", "exit", "endless and deaf", "recursion"],
)
def test_attacks_on_the_machine_end_with_their_own_notebook(attack, limits, seen):
    _, run = said(attack, "print('after')", limits=Limits(**({"cell_seconds": 5} | limits)))
    assert run.seconds < 45
    assert re.search(seen, str(run.outputs) + run.ended)
    (text,), run = said("print('fine')")
    assert text == "fine\n"
    assert not run.ended


def test_a_machine_without_bubblewrap_refuses_with_the_remedy(monkeypatch):
    monkeypatch.setattr(isolation.shutil, "which", lambda name: None)
    monkeypatch.setattr(isolation.sys, "platform", "darwin")
    isolation.bubblewrap.cache_clear()
    try:
        with pytest.raises(isolation.CannotIsolate, match="install it with"):
            isolation.bubblewrap()
    finally:
        isolation.bubblewrap.cache_clear()


def test_a_sandbox_that_does_not_start_refuses_and_gives_no_marks(monkeypatch):
    monkeypatch.setattr(isolation, "_system_mounts", list)
    with Sandbox() as sandbox, pytest.raises(isolation.CannotIsolate, match="the sandbox did not start"):
        sandbox.run([], SEED, Limits())


def test_a_kernel_that_allows_no_namespaces_refuses_and_gives_no_marks(monkeypatch):
    """The warm process starts, but cannot put up a notebook's own walls."""
    monkeypatch.setattr(isolation, "ROOTS_RIGHTS", ("CAP_SETUID", "CAP_SETGID"))
    real = isolation._namespaces
    monkeypatch.setattr(isolation, "_namespaces", lambda: [*real(), *_no_user_namespaces()])
    with (
        Sandbox() as sandbox,
        pytest.raises(isolation.CannotIsolate, match=r"namespaces: (Operation not permitted|No space)"),
    ):
        sandbox.run([], SEED, Limits())


def _no_user_namespaces():
    return ["--disable-userns"] if os.geteuid() else []


FORBIDDEN = {
    "a new namespace": "libc.unshare(0x10000000)",
    "a mount": "libc.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None)",
    "another process's memory": "libc.ptrace(16, 1, 0, 0)",
    "a clone with namespaces": "libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)",
    "a key": "libc.syscall(250, 0, 0, 0, 0, 0)",
    "a queue of messages": "libc.syscall(68, 0, 0o1600)",
}


@pytest.mark.parametrize("call", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_reaches_for_the_kernel_is_not_permitted(call):
    (text,), _ = said(
        f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint({call}, ctypes.get_errno())"
    )
    assert text == "-1 1\n"


def test_a_background_thread_cannot_look_into_the_process_that_knows_the_inputs():
    (text,), _ = said(
        "import os\ntry:\n    open('/proc/self/mem', 'rb')\nexcept OSError as error:\n    print(error.strerror)"
    )
    assert text == "Permission denied\n"
