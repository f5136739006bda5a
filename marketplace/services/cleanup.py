"""`make clean`: remove everything that `make run` and `make test` made. Standard library only."""

import fcntl
import hashlib
import os
import shutil
import sys

HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MADE = (".venv", ".tools", ".data", "static-root", "htmlcov", ".coverage")
CACHES = (".pytest_cache", ".ruff_cache", ".hypothesis")


def is_running():
    try:
        with open(os.path.join(HERE, ".data", "lock"), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def outside():
    """Where root keeps the servers' data when a folder above this one is closed (see account.py)."""
    name = hashlib.sha256(os.path.join(HERE, ".data").encode()).hexdigest()[:12]
    for base in ("/var/lib/foothold", "/var/tmp/foothold"):
        own = os.path.join(base, name)
        if os.path.isdir(own):
            others = [
                entry for entry in os.listdir(base) if entry != name and not entry.startswith("programs-")
            ]
            yield own if others else base  # the last one takes the copied programs along


def main():
    if is_running():
        sys.exit("Foothold runs from this folder. Stop it first: Ctrl-C where it was started.")
    for path in [os.path.join(HERE, name) for name in MADE + CACHES] + list(outside()):
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.remove(path)
    for folder, folders, _ in os.walk(HERE):
        folders[:] = [name for name in folders if name not in (".git", "node_modules")]
        if "__pycache__" in folders:
            folders.remove("__pycache__")
            shutil.rmtree(os.path.join(folder, "__pycache__"))
    print("Removed the environment, the data and the caches.")


if __name__ == "__main__":
    try:
        main()
    except PermissionError as error:
        sys.exit(f"{error.filename} belongs to another user: run make clean as that user or as root.")
