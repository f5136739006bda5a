"""The offline Stripe as a process of its own, for any test that moves money.

`SandboxProcess` starts it against the test's database; `control` does what people and banks do. Webhooks
go to
`hear(url)`; where there is no live server, `run()` still does what is due and the outbox learns by reading.
"""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.services import environment

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SandboxProcess:
    def __init__(self):
        self.port = free_port()
        self.base = f"http://localhost:{self.port}"

    def start(self) -> "SandboxProcess":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "payments.sandbox", "--port", str(self.port)],
            cwd=Path(__file__).parent.parent,
            env=environment(SANDBOX_WEBHOOK_URL="http://127.0.0.1:9/", NO_PROXY="localhost,127.0.0.1"),
            stdout=subprocess.DEVNULL,
        )
        for _ in range(200):
            if self.process.poll() is not None:
                raise RuntimeError("the offline Stripe did not start; its reason stands above")
            try:
                with _opener.open(f"{self.base}/healthz", timeout=2):
                    return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the offline Stripe does not answer")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def rest(self, seconds: float = 60) -> None:
        """Until nothing is left of what clients sent that have died since: no connection half closed by its client."""
        end = time.monotonic() + seconds
        while self._half_closed():
            if time.monotonic() > end:
                raise AssertionError(f"a dead client's request still runs after {seconds} s")
            time.sleep(0.02)

    def _half_closed(self) -> bool:
        rows = [line.split()[1:4] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return any(int(ours.split(":")[1], 16) == self.port and state == "08" for ours, _, state in rows)

    # --- controls ---------------------------------------------------------------------------------------

    def control(self, what: str, /, **body) -> dict:
        """POST to a control; raises AssertionError with the sandbox's own words when it refuses."""
        request = urllib.request.Request(
            f"{self.base}/_control/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with _opener.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{what}: {error.read().decode()}") from None

    def hear(self, url: str) -> None:
        """Where events are told from now on."""
        self.control("webhooks", url=url)

    def pay(self, session: str, method="success", save=False) -> dict:
        """As if the payer had filled in the hosted page: any of `payments.sandbox.numbers.PAYMENTS`.

        save: they let Stripe keep the card, where the page offers it.
        """
        return self.control(f"sessions/{session}/pay", method=method, save=save)

    def onboard(self, account: str, outcome="complete", **more) -> None:
        """As if the student had been through the hosted set-up: complete, review or restricted."""
        self.control(f"accounts/{account}/onboard", outcome=outcome, **more)

    def run(self, force=False) -> dict:
        """Do what is due by the clock (`force`: whatever is under way) and tell every event now."""
        return self.control("run", force=force)

    def fault(self, path: str, kind: str, times=1, method="POST", **more) -> None:
        """429, 500_before, 500_stored, 500_after, lost, slow or refuse, for the next `times` requests.

        method: GET, POST or ANY. share=0.1: only a tenth of the requests that it could hit.
        """
        self.control("faults", path=path, kind=kind, times=times, method=method, **more)

    def get(self, path: str, **headers) -> dict:
        """Read the API as an independent client would."""
        request = urllib.request.Request(
            self.base + path, headers={"Authorization": "Bearer sk_test_reader", **headers}
        )
        with _opener.open(request, timeout=30) as answer:
            return json.load(answer)

    def all(self, path: str) -> list[dict]:
        """Every object of a list, newest first."""
        found: list[dict] = []
        after = ""
        while True:
            sep = "&" if "?" in path else "?"
            page = self.get(f"{path}{sep}limit=100{after}")
            found += page["data"]
            if not page["has_more"]:
                return found
            after = f"&starting_after={found[-1]['id']}"
