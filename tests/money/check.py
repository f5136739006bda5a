"""`make check-money`: the whole proof, its figures, and their sum in the last line.

Runs pytest over the cases, the machine, the kills, the threads and the bad amounts at full size, on servers of
its own, and then reconciles the demo world. Ends with a code above zero when anything falls short.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from .facts import CASES

ROOT = Path(__file__).resolve().parent.parent.parent
SEQUENCES, RULES, KILLS, THREADS = 1_000, 20, 200, 100
TESTS = ["tests/money", "tests/properties/test_money_machine.py"]


def run(file: str) -> int:
    """pytest at full size on two processes; its dots are replaced by our own lines."""
    command = [sys.executable, "-m", "pytest", *TESTS, "-q", "-n", os.environ.get("WORKERS", "2")]
    command += [
        "--dist",
        "loadgroup",
        "-p",
        "no:randomly",
        "--no-header",
        "--timeout",
        "1800",
        "--show-capture=no",
    ]
    env = {**os.environ, "FOOTHOLD_MONEY_FACTS": file}
    log = Path(file).with_suffix(".log")
    with open(log, "w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        follow = threading.Thread(target=progress, args=(file, process), daemon=True)
        follow.start()
        code = process.wait()
        follow.join(5)
    if code:
        print(log.read_text()[-40_000:], flush=True)
    return code


def progress(file: str, process: subprocess.Popen) -> None:
    """Say what each new line of the facts says."""
    begun, seen = time.monotonic(), 0
    while True:
        ended = process.poll() is not None
        lines = read(file)
        for fact in lines[seen:]:
            print(f"{time.monotonic() - begun:6.0f} s  {words(fact)}", flush=True)
        seen = len(lines)
        if ended:
            return
        time.sleep(1)


def read(file: str) -> list[dict]:
    try:
        return [json.loads(line) for line in Path(file).read_text().splitlines()]
    except FileNotFoundError:
        return []


def words(fact: dict) -> str:
    kind, rest = fact["kind"], {name: value for name, value in fact.items() if name != "kind"}
    if kind == "case":
        return f"{'passed' if rest['passed'] else 'FAILED'}  {rest['name']}"
    return f"{kind}: " + ", ".join(f"{name} {value}" for name, value in rest.items())


class Sum:
    """The figures of a run, and what falls short in them."""

    def __init__(self, facts: list[dict]):
        of = lambda kind: [fact for fact in facts if fact["kind"] == kind]  # noqa: E731
        good, bad = Counter(), Counter()
        for fact in of("case"):
            (good if fact["passed"] else bad)[fact["number"]] += 1
        self.missing = [number for number in CASES if not good[number] or bad[number]]
        self.passed = len(CASES) - len(self.missing)
        self.tests = sum(good.values())
        self.sequences = sum(fact["sequences"] for fact in of("machine"))
        self.rules = max([fact["rules"] for fact in of("machine")], default=0)
        self.kills = sum(fact["kills"] for fact in of("crash"))
        self.lost = sum(fact["lost"] for fact in of("crash"))
        self.doubled = sum(fact["doubled"] for fact in of("crash"))
        self.control = sum(fact["doubled"] for fact in of("control"))
        self.threads = max([fact["number"] for fact in of("threads")], default=0)
        self.amounts = sum(fact["refused"] for fact in of("amounts"))
        demo = of("demo")
        self.difference = sum(fact["difference"] for fact in demo) if demo else None

    def short(self) -> list[str]:
        """What falls short, in words."""
        found = [f"case {number} has not passed" for number in self.missing]
        for name, least in (
            ("sequences", SEQUENCES),
            ("rules", RULES),
            ("kills", KILLS),
            ("threads", THREADS),
            ("control", 1),
            ("amounts", 1),
        ):
            if getattr(self, name) < least:
                found.append(f"{name}: {getattr(self, name)} of {least}")
        for name in ("lost", "doubled", "difference"):
            if getattr(self, name) != 0:
                found.append(f"{name}: {getattr(self, name)}")
        return found

    def lines(self) -> list[str]:
        return [
            f"cases passed                {self.passed}/{len(CASES)} in {self.tests} tests",
            f"sequences of the machine    {self.sequences}, {self.rules} rules",
            f"workers killed              {self.kills}",
            f"minor units lost            {self.lost}",
            f"minor units doubled         {self.doubled} (with a fresh key for each attempt: {self.control})",
            f"threads at one engagement   {self.threads}, one outcome",
            f"bad amounts refused         {self.amounts}",
            f"reconciliation difference   {self.difference} (demo world)",
        ]

    def last_line(self, code: int, seconds: float) -> str:
        fine = not self.short() and not code
        return (
            f"{'OK' if fine else 'NOT OK'}: {self.passed}/{len(CASES)} cases, {self.sequences} sequences of"
            f" {self.rules} rules, {self.kills} kills, {self.lost} lost, {self.doubled} doubled,"
            f" {self.threads} threads, difference {self.difference}, in {seconds:.0f} s"
        )


def main() -> int:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "facts.jsonl")
        code = run(file)
        found = Sum(read(file))
    print()
    for line in [*found.lines(), *(f"short: {what}" for what in found.short())]:
        print(line)
    if code:
        print(f"pytest ended with {code}")
    print(found.last_line(code, time.monotonic() - begun), flush=True)
    return 1 if found.short() or code else 0


if __name__ == "__main__":
    raise SystemExit(main())
