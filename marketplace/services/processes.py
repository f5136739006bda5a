"""Child processes that do not outlive us, and telling a left-over of ours from a stranger with its number."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Looked up before any fork: loading a library between fork and exec is not safe.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with_parent(sig: int, parent: int) -> None:
    """Ask Linux to send us `sig` when `parent` ends, however it ends. Elsewhere the next start cleans up."""
    if _prctl:
        _prctl(PR_SET_PDEATHSIG, sig)
        if os.getppid() != parent:  # it ended before we could ask
            os.kill(os.getpid(), sig)


def spawn(
    argv, *, log, env, cwd="/", account=None, stop_signal=signal.SIGTERM, pass_fds=()
) -> subprocess.Popen:
    """Start `argv` in a session of its own, writing to the file `log`, as `account` (uid, gid) if given."""
    parent = os.getpid()
    drop = {"user": account[0], "group": account[1], "extra_groups": []} if account else {}
    with open(log, "ab") as out:
        return subprocess.Popen(
            [str(arg) for arg in argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=str(cwd),
            start_new_session=True,
            pass_fds=pass_fds,
            preexec_fn=lambda: die_with_parent(stop_signal, parent),
            **drop,
        )


def identity(pid: int) -> str | None:
    """Something that differs between two processes that had the same number; None when it is not running."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]  # the state, and the start time in ticks since boot
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True)
    return answer.stdout.strip() or None


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
        answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
        return answer.stdout.strip()


def is_running(pid: int, known: str | None) -> bool:
    """Whether the process that was `known` (see `identity`) still runs under the number `pid`."""
    return bool(known) and identity(pid) == known


def stop_left_over(pid: int, known: str, sig: int = signal.SIGTERM, seconds: float = 8) -> bool:
    """Stop a process of an earlier, killed supervisor and whatever it had started. True if it was running."""
    if not is_running(pid, known):
        if identity(pid) is None:
            _send_group(pid, signal.SIGKILL)  # a group keeps its number for itself as long as it has members
        return False
    _send(pid, sig)
    if not wait_until(lambda: not is_running(pid, known), seconds):
        _send_group(pid, signal.SIGKILL)
        wait_until(lambda: not is_running(pid, known), 3)
    else:
        _send_group(pid, signal.SIGKILL)  # children that it left behind
    return True


def stop_all(children: dict, signals: dict, seconds: float, hurry=lambda: False) -> list[str]:
    """Ask all to stop, wait at most `seconds` or until `hurry`, then kill; the names of the killed."""
    for name, child in children.items():
        if child.poll() is None:
            _send(child.pid, signals[name])
    wait_until(lambda: hurry() or all(child.poll() is not None for child in children.values()), seconds)
    killed = [name for name, child in children.items() if child.poll() is None]
    for child in children.values():
        _send_group(child.pid, signal.SIGKILL)
        child.wait()
    return killed


def kill_group(child: subprocess.Popen) -> None:
    """End what a child that has already ended may have left running."""
    _send_group(child.pid, signal.SIGKILL)


def wait_until(condition, seconds: float, step: float = 0.05) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def _send(pid: int, sig: int) -> None:
    try:
        os.kill(pid, sig)
    except (ProcessLookupError, PermissionError):
        pass


def _send_group(pid: int, sig: int) -> None:
    try:
        os.killpg(pid, sig)  # every child leads its own group, so this reaches nobody else
    except (ProcessLookupError, PermissionError):
        pass
