"""The browser of the journeys: where it is, and how a machine gets one (`python -m tests.browser`)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PLACES = ("/usr/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
HELP = """The browser tests need Chromium or Chrome. One of these helps:
  1. as root on Debian:     apt-get update && apt-get install -y chromium
  2. Playwright's own:      .venv/bin/python -m playwright install --with-deps chromium
  3. one that you have:     make test BROWSER_PATH=/path/to/chrome"""
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]


def find() -> str | None:
    """The path of a browser that can be started, or None."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return shutil.which(named)
    found = next((path for path in map(shutil.which, (*NAMES, *PLACES)) if path), None)
    if found:
        return found
    caches = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    return next((str(path) for path in sorted(Path(caches).glob("chromium-*/chrome-*/chrome"))), None)


def launch_options() -> dict:
    """What Playwright's `chromium.launch` is given. The sandbox is off only for root, who cannot have one."""
    path = find()
    if path is None:
        raise RuntimeError(HELP)
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": path, "args": ARGUMENTS + root}


def install() -> None:
    """Try the ways that need no answer: Debian's package as root, then Playwright's download."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium with apt-get (about 300 MB) ...", flush=True)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=env, stdin=subprocess.DEVNULL)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "chromium"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    if find() is None:
        print("Asking Playwright for its Chromium ...", flush=True)
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )


def main() -> int:
    if find() is None and not os.environ.get("BROWSER_PATH"):
        install()
    if find() is None:
        print(HELP, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
