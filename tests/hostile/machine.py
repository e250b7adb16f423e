"""Against the machine: every answer is wrong, and a cell does harm or looks for what it may not see."""

from .rows import SHOW, Row, every, found, printed

NOTHING = "in all 0"
WALK = """import os
def walk():
    for folder, folders, files in os.walk("/"):
        folders[:] = [f for f in folders if not f.startswith(("lib", "proc", "usr", "sys", "share"))]
        yield from (os.path.join(folder, f) for f in files + folders)
"""


def _row(name, tries, source, *evidence, **more):
    return Row(name, tries, printed(*evidence), first=source, control="with cells", **more)


FORK_BOMB = """import os, time
born, said = 0, ""
try:
    while True:
        if os.fork() == 0:
            time.sleep(600)
        born += 1
except OSError as error:
    said = error.strerror
print(born < 64, said)"""

FORK_BOMB_TREE = """import os
if os.fork() == 0:
    while True:
        try:
            os.fork()
        except OSError:
            pass
print("the tree grows")"""

MEMORY = """held = []
try:
    while True:
        held.append(bytearray(2**26))
except MemoryError:
    got = len(held) * 64
    del held
    print("stopped below 1.2 GiB:", got < 1200)"""

SHARED_MEMORY = """import mmap, os
held, said = [], ""
try:
    while len(held) < 40:
        fd = os.memfd_create("bomb")
        os.ftruncate(fd, 2**25)
        held.append(mmap.mmap(fd, 2**25))
        held[-1].write(b"x" * 2**25)
except (OSError, MemoryError, ValueError) as error:
    said = type(error).__name__
print("stopped:", said, "below 1.2 GiB:", len(held) * 32 < 1200)"""

MEMORY_OF_CHILDREN = """import os, time
ends = []
for _ in range(4):
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            held = b"x" * (400 * 2**20)
            os.write(write, b"1")
            time.sleep(5)
        except MemoryError:
            os.write(write, b"0")
        os._exit(0)
    ends.append(read)
print("four have taken theirs:", sum(os.read(end, 1) == b"1" for end in ends) == 4)
time.sleep(5)
print("and kept it")"""

DISK = """import os
written, said = 0, []
for folder in ("/tmp", os.path.expanduser("~"), "/dev/shm"):
    number = 0
    try:
        while number < 100:
            with open(f"{folder}/bomb-{number}", "wb") as file:
                for _ in range(8):
                    written += file.write(b"x" * 2**20)
            number += 1
    except OSError as error:
        said.append(error.strerror)
    for name in os.listdir(folder):
        if name.startswith("bomb-"):
            os.remove(f"{folder}/{name}")  # or there were no room for what is printed
print(said, written <= 3 * 2**27)"""

ONE_FILE = """said = ""
try:
    with open("/tmp/one", "wb") as file:
        for _ in range(60):
            file.write(b"x" * 2**20)
except OSError as error:
    said = error.strerror
print("one file:", said)"""

INODES = """import os
said, made = "", 0
try:
    while made < 100_000:
        os.symlink("x", f"/tmp/link-{made}")
        made += 1
except OSError as error:
    said = error.strerror
print("links stop:", said)"""

OUTPUT = """import sys
for _ in range(40):
    sys.stdout.write("endless " * 2**16)
print("still here")"""

DISPLAYS = """from IPython.display import display
for i in range(4000):
    display("display " * 20)"""

RAW_OUTPUT = """import os
try:
    while True:
        os.write(2, b"raw " * 2**16)
except OSError as error:
    print("raw output ends:", error.strerror)"""

KILLS = """import os, signal
open("/tmp/ran", "w").write("killing")
print("killing all", flush=True)
os.kill(-1, 9)"""

KILLS_PARENTS = """import os, signal
said = []
for pid in {1, os.getppid()} - {0}:
    try:
        os.kill(pid, signal.SIGSTOP)
        os.kill(pid, 9)
        said.append(f"signalled {pid}")
    except OSError as error:
        said.append(error.strerror)
print("parents:", said)"""

THREADS = """import threading, time, os
os.environ["X"] = "1"
for _ in range(20):
    threading.Thread(target=lambda: [time.sleep(0.01) for _ in iter(int, 1)]).start()
print(threading.active_count() >= 20, "threads go on")"""

DETACHED_WORDS = (b"4242.4242", b"4343.4343")
DETACHED = """import os, subprocess
subprocess.Popen(["sleep", "4242.4242"], start_new_session=True, stdin=-3, stdout=-3, stderr=-3)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 200)
        os.execvp("sleep", ["sleep", "4343.4343"])
    os._exit(0)
print("detached")"""

NETWORK = """import socket, urllib.request
reached = []
for family, address in ((socket.AF_INET, ("1.1.1.1", 80)), (socket.AF_INET, ("127.0.0.1", @PORT@)), (socket.AF_INET6, ("::1", @PORT@)), (socket.AF_INET, ("169.254.169.254", 80))):
    try:
        with socket.socket(family) as s:
            s.settimeout(1)
            s.connect(address)
            reached.append(address)
    except OSError as error:
        print("no way:", error)
try:
    socket.getaddrinfo("example.org", 80)
    reached.append("names")
except OSError as error:
    print("no names:", error)
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("8.8.8.8", 53))
    reached.append("datagram")
except OSError as error:
    print("no datagram:", error)
print("reached in all", len(reached), reached)"""

LOCAL_SOCKETS = """import glob, os, socket
reached = []
names = [line.split()[-1] for line in open("/proc/net/unix").readlines()[1:] if len(line.split()) == 8]
names += [f"/run/{n}" for n in ("docker.sock", "dbus/system_bus_socket", "systemd/private")] + glob.glob("/tmp/**/*.sock", recursive=True)
for name in names:
    try:
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(0.2)
        s.connect("\\0" + name[1:] if name.startswith("@") else name)
        reached.append(name)
    except OSError:
        pass
print("reached in all", len(reached), reached)"""

READS = (
    WALK
    + """import glob
def read(path):
    try:
        with open(path, "rb") as file:
            return file.read(4000)
    except OSError:
        return b""
wanted = {wanted}
got = [path for path in wanted if read(path) or os.path.isdir(path) and os.listdir(path)]
print("of", len(wanted), "in all", len(got), got[:5])"""
)

GRADEBOOK = (
    WALK
    + """import sqlite3
done = 0
for path in [*(p for p in walk() if p.endswith("gradebook.db")), "@ROOT@/gradebook.db"]:
    try:
        sqlite3.connect(path).execute("UPDATE grade SET auto_score = 99, manual_score = 99").connection.commit()
        done += 1
    except sqlite3.Error as error:
        print("gradebook:", error)
print("changed in all", done)"""
)

PROC = """import os
seen = []
for entry in os.listdir("/proc"):
    if entry.isdigit() and int(entry) != os.getpid():
        for name in ("environ", "maps", "mem", "cwd", "root", "fd", "exe", "cmdline"):
            path = f"/proc/{entry}/{name}"
            try:
                data = os.readlink(path) if name in ("cwd", "root", "exe") else str(os.listdir(path)) if name == "fd" else open(path, "rb").read(10**6).decode(errors="replace")
                if "@ROOT@" in data or "nbgrader_config" in data:
                    seen.append(path)
            except OSError:
                pass
print("processes:", sum(e.isdigit() for e in os.listdir("/proc")) < 6, "secrets in all", len(seen), seen)"""

SYSTEM_CALLS = """import ctypes, os, errno
libc = ctypes.CDLL(None, use_errno=True)
def tried(name, *args):
    got = getattr(libc, name)(*args)
    return f"{name}: {errno.errorcode.get(ctypes.get_errno(), 'done') if got == -1 else 'done'}"
{calls}"""
PTRACE = SYSTEM_CALLS.replace("{calls}", 'print(tried("ptrace", 0, 0, 0, 0), tried("ptrace", 16, os.getppid(), 0, 0), tried("ptrace", 16, 1, 0, 0), tried("process_vm_readv", 1, 0, 0, 0, 0, 0))')  # fmt: skip
NAMESPACES = SYSTEM_CALLS.replace("{calls}", 'print(tried("unshare", 0x10000000), tried("unshare", 0x20000), tried("setns", 0, 0), tried("mount", b"none", b"/tmp", b"tmpfs", 0, None), tried("chroot", b"/tmp"), tried("pivot_root", b"/tmp", b"/tmp") if hasattr(libc, "pivot_root") else "", tried("umount2", b"/tmp", 2))\nimport subprocess\nprint("inner:", subprocess.run(["unshare", "-Ur", "id"], capture_output=True).returncode != 0)')  # fmt: skip

DEVICES = """import os, stat
got = []
for kind, number in ((stat.S_IFBLK, (8, 0)), (stat.S_IFCHR, (1, 1)), (stat.S_IFCHR, (1, 2))):
    try:
        os.mknod(f"/tmp/device-{number}", 0o666 | kind, os.makedev(*number))
        got.append(number)
    except OSError as error:
        print("no device:", error.strerror)
for path in ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/dev/loop0"):
    try:
        os.close(os.open(path, os.O_RDWR))
        got.append(path)
    except OSError:
        pass
print("devices in all", len(got), got)"""

LINKS = """import os
got = []
for target in ("@ROOT@/gradebook.db", "@ROOT@/.course/seed", "/etc/shadow", "/root/.ssh", "/proc/1/root/etc/shadow"):
    link = f"link-{len(os.listdir('.'))}"
    os.symlink(target, link)
    try:
        got.append(os.listdir(link) and link if os.path.isdir(link) else open(link).read())
    except OSError:
        pass
    try:
        os.link(target, link + "-hard")
        got.append(target)
    except OSError as error:
        print("no hard link:", error.strerror)
print("links in all", len(got), got)"""

SETUID = """import os, shutil, subprocess
shutil.copy("/usr/bin/id", "/tmp/id")
os.chmod("/tmp/id", 0o6777)
inside = subprocess.run(["/tmp/id"], capture_output=True, text=True).stdout
took = []
for call in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.chown("/tmp/id", 0, 0)):
    try:
        call()
        took.append("root")
    except OSError as error:
        print("not root:", error.strerror)
su = subprocess.run(["su", "-c", "id"], capture_output=True, text=True, stdin=-3)
print("as root in all", len(took) + (os.getuid() == 0) + inside.startswith("uid=0(") * (os.getuid() != 0) + su.stdout.startswith("uid=0"))"""

WRITES = """import os, site, sys
done = []
for folder in (*sys.path, sys.prefix, sys.base_prefix, "/course", "/course/autograder", "/usr/bin", "/etc", "/", "/home", "@ROOT@", "/dev", "/proc/sys/kernel", "/sys", "/var/tmp", "/opt"):
    if folder and folder not in ("/tmp", os.getcwd()):
        try:
            with open(os.path.join(folder, "sitecustomize.py"), "w") as file:
                file.write("print('I was here')")
            done.append(folder)
        except OSError:
            pass
print("writable in all", len(done), done)"""

LEAVES = """import os, pathlib
for place in ("~/.ipython/profile_default/startup/00-me.py", "~/.config/matplotlib/matplotlibrc", "~/.local/lib/python3.11/site-packages/usercustomize.py",
              "~/.bashrc", "/tmp/ipython/profile_default/startup/00-me.py", "/tmp/matplotlib/matplotlibrc", "/dev/shm/me", "~/work/sitecustomize.py"):
    path = pathlib.Path(place).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("import numpy as np\\nnp.exp = lambda z: 0\\nprint('left behind')\\n")
print("left in 8 places")"""

LOOKS = """import os, pathlib, sys
known = {"matplotlib", "work", "first-of-mine"}
left = [str(p) for f in ("/tmp", "/dev/shm", str(pathlib.Path.home())) for p in pathlib.Path(f).rglob("*") if p.is_file() and "fontlist" not in p.name and "01_activations" not in p.name and not p.is_relative_to(sys.prefix)]
print("left by others in all", len(left), left[:5])"""

OTHERS = '["@ROOT@/submitted", "@ROOT@/submitted/plain/01_activations/01_activations.ipynb", "@ROOT@/lessons", "@ROOT@/solutions", "@ROOT@/autograded", "@ROOT@/feedback", "../../plain", *(p for p in walk() if "submitted" in p)]'
COURSE = '["@ROOT@", "@ROOT@/gradebook.db", "@ROOT@/.course", "@ROOT@/.course/seed", "@ROOT@/instructor.txt", "@ROOT@/grades.csv", "/proc/1/root@ROOT@/gradebook.db", "/course/autograder/exercises", "/course/autograder/judge.py", "/course/autograder/answer_key.py"]'
HOMES = '["/home/instructor", "/root/.ssh", "/root/.bashrc", "/etc/passwd", "/etc/shadow", "/etc/hosts", "/etc/ssh", "/var/log", "/var/lib", "/boot", "/run", "/mnt", "/media", "/srv", *[p for p in glob.glob("/home/*") if p != "/home/student"]]'

CRASH = "import ctypes\nprint('crashing', flush=True)\nctypes.string_at(0)"
STACK = "import sys\nsys.setrecursionlimit(10**9)\nprint('deeper', flush=True)\ndef f(x):\n    return f([x])\nrepr(eval('[' * 90 + ']' * 90))\ng = lambda x: max([x], key=g)\ng(1)"
CLOSES = "import os\nprint('closing', flush=True)\nos.closerange(0, 300)"
LIMIT = """import resource
said = []
for kind in (resource.RLIMIT_DATA, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        said.append(kind)
    except (OSError, ValueError):
        pass
print("raised in all", len(said))"""
ESCAPES = r"""print("\x1b[2J\x1b[H\x1b]0;owned\x07\x1b]52;c;cm0gLXJmIH4=\x07\x1b[31mred\x1b[0m \x9b31m end \u202egnirts\u202c \x08\x08\x7f")
import sys
sys.stderr.write("\x1b]8;;http://evil.example\x07link\x1b]8;;\x07")
raise ValueError("\x1b[5m blinking \x1bc reset")"""


def _clean(seen):
    text = seen.text + seen.page + seen.autograded
    return "red" in text and not any(
        sign in text for sign in ("\x1b", "\\u001b", "\x9b", "\x07", "\u202e", "\x08")
    )


def _links_beside(path):
    root = path.parents[3]
    path.with_name("seed.txt").symlink_to(root / ".course" / "seed")
    path.with_name("all").symlink_to(root)
    path.with_name("hard.txt").hardlink_to(root / "nbgrader_config.py")
    path.with_name("plain.csv").write_text("1,2")


SEES_LINKS = "import os\nprint(sorted(name for name in os.listdir('.') if '01_' not in name))"

ROWS = (
    _row("fork-bomb", "forks until nothing more can be born", FORK_BOMB, "True Resource temporarily unavailable"),
    _row("fork-bomb-tree", "children that fork on and on, also after the cell", FORK_BOMB_TREE, "the tree grows", slow=True),
    _row("memory-bomb", "takes memory until there is none", MEMORY, "stopped below 1.2 GiB: True", slow=True),
    _row("memory-files-bomb", "takes memory as files that have no name", SHARED_MEMORY, "below 1.2 GiB: True", slow=True),
    Row("memory-of-children", "takes memory in four processes, each below the limit", found("together held more than 1 GiB"), first=MEMORY_OF_CHILDREN, control="with cells"),
    _row("disk-bomb", "fills every folder that it may write to", DISK, "No space left on device", "True"),
    _row("one-large-file", "writes one file of 60 MB", ONE_FILE, "one file: File too large"),
    _row("links-bomb", "makes 100,000 links in the scratch folder", INODES, "links stop: No space left", slow=True),
    _row("endless-output", "prints 20 MB", OUTPUT, "cut at 1,048,576 bytes"),
    _row("endless-displays", "displays 20,000 things", DISPLAYS, "display display"),
    _row("raw-output", "writes to the descriptor of the errors for ever", RAW_OUTPUT, "raw output ends: File too large"),
    Row("os-exit", "ends its process at once", found("ended its own process"), first="import os\nos._exit(0)", control="with cells"),
    Row("kill-all", "kill -9 -1", printed("killing all"), first=KILLS, control="with cells"),
    _row("kills-parents", "signals the first process and its parent", KILLS_PARENTS, "parents:"),
    _row("threads", "20 threads that never end", THREADS, "True threads go on"),
    _row("detached", "leaves processes of their own sessions behind", DETACHED, "detached"),
    _row("network", "reaches for the network, names and this machine's own servers", NETWORK, "no way", "reached " + NOTHING),
    _row("local-sockets", "reaches for named and abstract sockets", LOCAL_SOCKETS, "reached " + NOTHING),
    _row("reads-the-course", "reads gradebook, seed, bank and the instructor's files", READS.replace("{wanted}", COURSE), "of 10 " + NOTHING),
    _row("reads-others", "reads other students' submissions", READS.replace("{wanted}", OTHERS), NOTHING),
    _row("reads-homes", "reads home folders and the system's settings", READS.replace("{wanted}", HOMES), NOTHING),
    _row("writes-gradebook", "gives itself 99 marks in every gradebook.db it finds", GRADEBOOK, "changed " + NOTHING),
    _row("proc-walk", "walks /proc for environments, memory, open files and folders", PROC, "processes: True", "secrets " + NOTHING),
    _row("ptrace", "traces its parent and reads its memory", PTRACE, "ptrace: EPERM ptrace: EPERM ptrace: EPERM process_vm_readv: EPERM"),
    _row("namespaces", "nests namespaces, mounts and changes its root", NAMESPACES, "unshare: EPERM unshare: EPERM setns: EPERM mount: EPERM chroot: EPERM", "inner: True"),
    _row("devices", "makes device files and opens the machine's", DEVICES, "no device: Operation not permitted", "devices " + NOTHING),
    _row("links-inside", "links to secrets from inside the sandbox", LINKS, "no hard link", "links " + NOTHING),
    Row("links-beside", "hands in links to secrets", lambda s: printed("['plain.csv']")(s) and found("seed.txt is a link", "all is a link", "hard.txt is a link")(s), first=SEES_LINKS, beside=_links_beside, control="with files"),
    _row("set-uid", "makes a set-uid file and tries to become root", SETUID, "not root: Operation not permitted", "as root " + NOTHING),
    _row("writes-everywhere", "puts a start-up file in every folder of Python and the system", WRITES, "writable " + NOTHING),
    _row("left-behind", "leaves start-up files and settings for the next student", LEAVES, "left in 8 places"),
    _row("looks-for-leavings", "looks for what other students left", LOOKS, "left by others " + NOTHING),
    _row("raises-limits", "raises its own limits", LIMIT, "raised " + NOTHING),
    Row("crash", "reads address 0", found("ended its own process"), first=CRASH, control="with cells"),
    Row("deep-recursion", "recurses in C until the stack is gone", lambda s: found("ended its own process")(s) or printed("deeper")(s), first=STACK, control="with cells"),
    Row("closes-everything", "closes every open file, the grader's among them", found("ended its own process"), first=CLOSES, control="with cells"),
    Row("terminal-escapes", "controls the instructor's terminal", _clean, first=ESCAPES, control="with cells"),
)  # fmt: skip

IGNORES = """import signal
print("from here on I hear nothing", flush=True)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass"""

CATCHES = """while True:
    try:
        while True:
            pass
    except BaseException:
        pass"""

SLEEPS = """import os, signal
def sigmoid(z):
    open("/tmp/ran", "a").write(f"{0 * z.size} goes to sleep ")
    os.kill(os.getpid(), signal.SIGSTOP)
    return z"""

NEVER = """def {name}(*args):
    open("/tmp/ran", "a").write("{name} begins ")
    while True:
        pass"""

NEVER_DEAF = """import signal
def {name}(*args):
    open("/tmp/ran", "a").write("{name} begins ")
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass"""

TOO_LONG = "ran longer than"

ENDLESS = (
    _row("endless-loop", "a cell that never ends", "print('round and round', flush=True)\nwhile True:\n    pass", "round and round", "stopped after 2 s"),
    Row("endless-and-catching", "a loop that catches everything", found(TOO_LONG), first=CATCHES, control="with cells", slow=True),
    Row("endless-and-deaf", "an endless loop that ignores every signal", found(TOO_LONG), first=IGNORES, control="with cells", slow=True),
    Row("stops-itself", "an answer that stops its own process and waits to be woken", printed("0 goes to sleep"), answers={"sigmoid": SLEEPS}, last=SHOW, control="with cells", slow=True),
    Row("sleeps-in-c", "sleeps in C, where Python handles no signal", found(TOO_LONG), first="import ctypes, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\nctypes.CDLL(None).sleep(600)", control="with cells"),
    Row("slow-notebook", "every cell ends in time, the notebook never does", found(TOO_LONG), first="import time\ntime.sleep(1.8)", edit=lambda notebook: notebook["cells"].extend([{**notebook["cells"][1], "id": f"slow-{i}"} for i in range(12)]), control="with cells", slow=True),
    Row("endless-answers", "answers that never return", printed("sigmoid begins", "relu begins"), answers=every(NEVER, ("sigmoid", "relu")), last=SHOW, control="with cells", slow=True),
    Row("deaf-answers", "answers that never return and ignore their alarm", printed("sigmoid begins", "relu begins"), answers=every(NEVER_DEAF, ("sigmoid", "relu")), last=SHOW, control="with cells"),
)  # fmt: skip
