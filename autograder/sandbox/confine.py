"""Inside the sandbox: the walls between one notebook and the next.

The warm process forks for each notebook. The child goes into namespaces of its own, and what runs there
becomes another user with fresh scratch folders, limits and a filter on system calls, before the first line
of a student's. When its first process ends, the kernel ends all the others and takes the mounts away.
"""

import ctypes
import errno
import fcntl
import os
import resource
import secrets
import stat
import sys

try:
    import pyseccomp as seccomp  # here and not later: it searches for its library by starting programs
except RuntimeError:  # libseccomp is not on this machine
    seccomp = None

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NET = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
NOSUID_NODEV, NOEXEC, BIND = 2 | 4, 8, 4096 | 16384
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 24, 38
SCRATCH = ("/tmp", "/home/student", "/dev/shm")
SCRATCH_BYTES = 128 * 2**20
SCRATCH_FILES = 20_000
FIRST_USER, USERS = 2**20, 2**29  # ids that nobody has

# What a notebook has no business with: other processes' memory, memory that no limit counts, mounts, namespaces,
# the kernel itself. Each of
# these fails with "operation not permitted"; clone3 says that it does not exist, and libc falls back to clone.
FORBIDDEN = (
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd",
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
    "memfd_create", "memfd_secret", "shmget", "msgget",
    "unshare", "setns", "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "open_by_handle_at", "name_to_handle_at",
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl",
    "syslog", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "ioperm", "iopl", "personality",
)  # fmt: skip

_libc = ctypes.CDLL(None, use_errno=True)


def fork_apart() -> int:
    """Go on in a process that is the first of namespaces of its own; returns 0 there and its id in the caller.

    Raises:
        OSError: the kernel does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    own_user = (
        0 if user == 0 else NEW_USER
    )  # without root's rights, only a user namespace gives those that follow
    _check(_libc.unshare(NEW_MOUNTS | NEW_UTS | NEW_IPC | NEW_PIDS | NEW_NET | own_user), "namespaces")
    if own_user:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    return os.fork()


def close_up(limits: dict, rules) -> None:
    """Fresh scratch folders, another user, limits, and no way back.

    Args:
        limits: the fields of `launch.Limits`.
        rules: from `system_call_filter`.

    Raises:
        OSError: the kernel does not allow it.
    """
    _mount("proc", "/proc", NOSUID_NODEV | NOEXEC, "")
    for place in SCRATCH:
        _empty(place)
    os.mkdir("/tmp/matplotlib")  # noqa: PTH102 - its settings' folder, hidden by the new /tmp
    os.chmod("/tmp/matplotlib", 0o777)  # noqa: PTH101
    _become_nobody()
    limit(limits)
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if rules:
        rules.load()


def close_descriptors(kept: set[int]) -> None:
    """Leave a notebook no open file that another one has too, but for `kept` and the three standard ones.

    Files that can only be read, such as fonts that matplotlib has open, are opened anew: even a place in a file
    that two processes share is something that one can leave for the other.
    """
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - names that are numbers
        if descriptor <= 2 or descriptor in kept:
            continue
        try:
            reads = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
            if reads and stat.S_ISREG(os.fstat(descriptor).st_mode):
                own = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY)
                os.dup2(own, descriptor)
                os.close(own)
            else:
                os.close(descriptor)
        except OSError as error:
            if error.errno != errno.EBADF:  # the list's own descriptor is closed by now
                raise


def system_call_filter():
    """The filter, ready to be loaded; None where libseccomp is not installed."""
    if seccomp is None:
        return None
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in FORBIDDEN:
        rules.add_rule(seccomp.ERRNO(errno.EPERM), name)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags lie in memory, where no filter can look
    for flag in (NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NET):
        asked = seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag)
        rules.add_rule(seccomp.ERRNO(errno.EPERM), "clone", asked)
    return rules


def _become_nobody():
    """Root is exempt from the limit on processes and may read too much; a user has no rights beside its own."""
    if os.getuid() == 0:
        nobody = FIRST_USER + secrets.randbelow(USERS)
        os.setgroups([])
        os.setresgid(nobody, nobody, nobody)
        os.setresuid(nobody, nobody, nobody)  # takes all capabilities
    else:
        for capability in range(64):
            if _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                break  # the last that this kernel knows
        header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        _check(_libc.capset(ctypes.byref(header), ctypes.byref(none)), "capset")
    # Nobody, a background thread of the notebook's own included, may look into this process from outside.
    _check(_libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")


def limit(limits: dict) -> None:
    """What one process may use; a process that it starts inherits it."""
    for kind, value in (
        (resource.RLIMIT_DATA, limits["memory"]),
        (resource.RLIMIT_AS, limits["memory"]),  # shared mappings are no data
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_CPU, int(limits["notebook_seconds"]) + 10),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def _empty(place):
    """A fresh folder of this notebook's own; a Python that lies under it stays where it is."""
    pythons = {prefix for prefix in (sys.prefix, sys.base_prefix) if prefix.startswith(f"{place}/")}
    kept = {prefix: os.open(prefix, os.O_PATH) for prefix in sorted(pythons)}
    _mount("tmpfs", place, NOSUID_NODEV, f"size={SCRATCH_BYTES},nr_inodes={SCRATCH_FILES},mode=1777")
    for prefix, descriptor in kept.items():
        os.makedirs(prefix, exist_ok=True)  # noqa: PTH103
        _mount(f"/proc/self/fd/{descriptor}", prefix, BIND, "")
        os.close(descriptor)


def _mount(kind, place, flags, settings):
    done = _libc.mount(kind.encode(), place.encode(), kind.encode(), flags, settings.encode() or None)
    _check(done, f"mount {place}")


def _write(path, text):
    with open(path, "w") as file:  # noqa: PTH123 - one write, as the kernel wants it
        file.write(text)


def _check(failed, what):
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
