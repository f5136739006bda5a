"""Keeps parts running: reports one that ends, starts it again with growing pauses, and stops all in order."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import ports, processes
from .servers import say, tail

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_AFTER = 20.0  # a part that ran this long has recovered; the next pause is short again


@dataclass
class Part:
    """One supervised process. `spawn` starts it and may be called again after it ended."""

    name: str
    spawn: Callable[[], subprocess.Popen]
    log: Path
    stop_signal: int = signal.SIGTERM
    last: bool = False  # stopped after all others, because they need it
    child: subprocess.Popen | None = None
    started: float = 0.0
    failures: int = 0
    due: float | None = None  # when to start it again

    def pause(self) -> float:
        return min(FIRST_PAUSE * 2**self.failures, LONGEST_PAUSE)


@dataclass
class Supervisor:
    """Call `listen`, then `start` parts and `watch`; `note` is told whenever a part has a new process."""

    note: Callable[[], None] = lambda: None
    parts: dict[str, Part] = field(default_factory=dict)
    signals: int = 0  # how often we were asked to stop
    waiting: list = field(default_factory=list)  # listening sockets that no web server answers yet
    stage: str = ""  # what their visitors are told

    def listen(self) -> None:
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to be woken

    def _asked_to_stop(self, *_) -> None:
        self.signals += 1

    @property
    def stopping(self) -> bool:
        return self.signals > 0

    def start(self, part: Part) -> None:
        self.parts[part.name] = part
        self._spawn(part)

    def _spawn(self, part: Part) -> None:
        part.child, part.started, part.due = part.spawn(), time.monotonic(), None
        self.note()

    def watch(self, until: Callable[[], bool] = lambda: False, seconds: float | None = None) -> bool:
        """Keep the parts running until `until` holds (then True), time is up, or we are asked to stop."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self.stopping and not until():
            if end is not None and time.monotonic() > end:
                break
            self.revive()
            self._sleep(0.1 if end is not None else 5.0)
        return until()

    def _sleep(self, most: float) -> None:
        due = [part.due - time.monotonic() for part in self.parts.values() if part.due is not None]
        select.select([self._read, *self.waiting], [], [], max(0.0, min([most, *due])))
        ports.answer_waiting(self.waiting, self.stage)
        try:
            while os.read(self._read, 512):
                pass
        except BlockingIOError:
            pass

    def revive(self) -> None:
        """Report parts that ended, and start those whose pause is over."""
        now = time.monotonic()
        for part in self.parts.values():
            if part.due is None and part.child.poll() is not None:
                self._report(part, now)
            elif part.due is not None and part.due <= now:
                try:
                    self._spawn(part)
                except (SystemExit, OSError) as error:
                    say(f"{part.name} could not be started again: {error}")
                    part.failures += 1
                    part.due = now + part.pause()

    def _report(self, part: Part, now: float) -> None:
        processes.kill_group(part.child)
        if now - part.started > STEADY_AFTER:
            part.failures = 0
        pause = part.pause()
        part.failures += 1
        part.due = now + pause
        ended = how_it_ended(part.child.returncode)
        say(f"{part.name} {ended}; starting it again in {pause:g} s (log: {part.log})")
        if part.failures > 1 and (end := tail(part.log, 4)):
            say("    " + end.replace("\n", "\n    "))

    def run(self, argv, **options) -> int | None:
        """Run a command to its end and keep the parts running; its exit code, None when asked to stop."""
        parent = os.getpid()
        with subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **options,
            preexec_fn=lambda: processes.die_with_parent(signal.SIGTERM, parent),
        ) as child:
            self.watch(lambda: child.poll() is not None)
            if child.poll() is None:
                processes.stop_all({"command": child}, {"command": signal.SIGTERM}, 5)
                return None
            return child.returncode

    def stop(self, seconds: float = 6) -> None:
        """Stop everything: first what serves people, then the servers it needs. A second Ctrl-C kills."""
        before = self.signals
        for last in (False, True):
            parts = {p.name: p for p in self.parts.values() if p.last is last and p.child and p.due is None}
            children = {name: part.child for name, part in parts.items()}
            killed = processes.stop_all(
                children,
                {name: part.stop_signal for name, part in parts.items()},
                seconds,
                hurry=lambda: self.signals > max(before, 1),
            )
            for name in killed:
                say(f"{name} did not stop in time and was killed")


def how_it_ended(code: int) -> str:
    if code < 0:
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by signal {-code}"
    return f"ended with code {code}"
