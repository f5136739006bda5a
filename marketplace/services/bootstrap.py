"""Build the virtual environment: `python3 marketplace/services/bootstrap.py run|test|lint`, for the Makefile.

Runs before anything is installed, so it uses the standard library only. Fetches uv into `.tools`, installs
the locked packages into `.venv`, and leaves a stamp, so that the next time takes a moment.
"""

import contextlib
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from typing import NoReturn

HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS, VENV = os.path.join(HERE, ".tools"), os.path.join(HERE, ".venv")
OLDEST = (3, 11)
UV, UV_OLDEST = "uv>=0.13,<1", (0, 13)
GROUPS = {"run": ["run"], "test": ["run", "test", "lint"], "lint": ["lint", "run"]}


def say(text):
    print(text, flush=True)


def stop(text) -> NoReturn:
    sys.stderr.write(text + "\n")
    sys.exit(1)


def fitting_python():
    """Go on with a Python that is new enough, if this one is not."""
    if sys.version_info >= OLDEST:
        return
    for minor in (14, 13, 12, 11):
        other = shutil.which(f"python3.{minor}")
        if other:
            os.execv(other, [other] + sys.argv)
    stop(
        f"Foothold needs Python 3.11 or newer; python3 here is {sys.version_info[0]}.{sys.version_info[1]}.\n"
        "On Debian or Ubuntu: apt-get install -y python3.11"
    )


def stamp_of(group):
    """What the environment was built from; a moved checkout or a new Python makes a new one."""
    digest = hashlib.sha256(f"{HERE} {sys.version} {GROUPS[group]}".encode())
    for name in ("uv.lock", "pyproject.toml"):
        with open(os.path.join(HERE, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def stamp_file(group):
    return os.path.join(VENV, ".foothold-" + group)


def is_ready(group):
    try:
        with open(stamp_file(group)) as file:
            return file.read() == stamp_of(group) and os.path.exists(python())
    except OSError:
        return False


def python():
    return os.path.join(VENV, "bin", "python")


@contextlib.contextmanager
def alone():
    """Two `make` in one checkout take turns."""
    os.makedirs(TOOLS, exist_ok=True)
    with open(os.path.join(TOOLS, "lock"), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Waiting for another make in this folder ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def version_of(uv):
    try:
        answer = subprocess.run([uv, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", answer)[:2])


def find_uv():
    """A uv that can read our lock file: the system's, the one fetched before, or a fresh one."""
    own = os.path.join(TOOLS, "bin", "uv")
    for uv in (shutil.which("uv"), own):
        if uv and version_of(uv) >= UV_OLDEST:
            return uv
    say("Fetching uv, which installs the packages ...")
    problems = []
    for way in (uv_by_pip, uv_by_venv, uv_by_hand):
        try:
            found = way()
        except (OSError, ValueError, KeyError, StopIteration, zipfile.BadZipFile) as error:
            problems.append(f"{way.__name__}: {error}")
            continue
        if found and version_of(found) >= UV_OLDEST:
            return found
    stop(
        "uv could not be fetched. Is there a way to a package index? If Python lacks pip or venv:\n"
        "  apt-get install -y python3-venv python3-pip\n" + "\n".join(problems)
    )


def pip_install(runner, where):
    done = subprocess.run(
        runner + ["install", "--quiet", "--disable-pip-version-check", "--no-input"] + where + [UV],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise OSError(done.stderr.strip()[-2000:])


def uv_by_pip():
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode:
        raise OSError("this Python has no pip")
    folder = os.path.join(TOOLS, "pip")
    pip_install([sys.executable, "-m", "pip"], ["--target", folder, "--upgrade", "--no-deps"])
    return keep(os.path.join(folder, "bin", "uv"))


def uv_by_venv():
    folder = os.path.join(TOOLS, "venv")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", folder], capture_output=True, text=True)
    if done.returncode:
        raise OSError("this Python cannot make a virtual environment with pip")
    pip_install([os.path.join(folder, "bin", "python"), "-m", "pip"], ["--no-deps"])
    return keep(os.path.join(folder, "bin", "uv"))


def uv_by_hand():
    """For a Python without pip and venv, as Debian's bare python3: take the program out of the wheel."""
    index = (os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple").rstrip("/")
    ask = urllib.request.Request(index + "/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(ask, timeout=60) as answer:
        files = json.load(answer)["files"]
    system = "macosx" if sys.platform == "darwin" else "manylinux"
    machine = os.uname().machine
    fits = [
        f
        for f in files
        if f["filename"].endswith(".whl")
        and not f.get("yanked")
        and system in f["filename"]
        and machine in f["filename"]
        and re.match(r"uv-0\.\d+\.\d+-", f["filename"])
    ]
    newest = max(fits, key=lambda f: tuple(int(n) for n in f["filename"].split("-")[1].split(".")))
    with urllib.request.urlopen(urllib.request.Request(newest["url"]), timeout=300) as answer:
        body = answer.read()
    if hashlib.sha256(body).hexdigest() != newest["hashes"]["sha256"]:
        raise ValueError("the downloaded wheel has the wrong checksum")
    target = os.path.join(TOOLS, "uv-from-wheel")
    with zipfile.ZipFile(io.BytesIO(body)) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith("/scripts/uv"))
        with open(target, "wb") as file:
            file.write(wheel.read(name))
    os.chmod(target, 0o755)
    return keep(target)


def keep(program):
    """Put the program where the next start looks for it."""
    own = os.path.join(TOOLS, "bin", "uv")
    os.makedirs(os.path.dirname(own), exist_ok=True)
    shutil.copy2(program, own + ".half")
    os.replace(own + ".half", own)
    for rest in ("pip", "venv"):
        shutil.rmtree(os.path.join(TOOLS, rest), ignore_errors=True)
    return own


def environment():
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH")
    }
    env.update(UV_PROJECT_ENVIRONMENT=VENV, UV_COMPILE_BYTECODE="1", UV_PYTHON_DOWNLOADS="never")
    if os.path.exists("/etc/ssl/certs/ca-certificates.crt"):
        env.setdefault("UV_SYSTEM_CERTS", "1")  # a proxy of the house may have a certificate of its own
    home = env.get("XDG_CACHE_HOME") or os.path.expanduser("~")
    if "UV_CACHE_DIR" not in env and not os.access(home, os.W_OK):
        env["UV_CACHE_DIR"] = os.path.join(TOOLS, "cache")
    return env


def missing_for_compiling():
    """What stands in the way of building psycopg2 from source, as Debian package names."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
    wanted = {
        "gcc": shutil.which(compiler),
        "python3-dev": os.path.exists(header),
        "libpq-dev": shutil.which("pg_config"),
    }
    return [package for package, there in wanted.items() if not there]


def sync(uv, group):
    packages = [part for name in GROUPS[group] for part in ("--group", name)]
    argv = [
        uv,
        "sync",
        "--frozen",
        "--inexact",
        "--no-default-groups",
        "--python",
        sys.executable,
        "--directory",
        HERE,
    ]
    argv += packages + ([] if sys.stderr.isatty() else ["--quiet"])
    missing = missing_for_compiling()
    if not missing and not has_binary_driver():
        if subprocess.run(argv, env=environment()).returncode == 0:
            return
        say("That did not work; trying once more with a ready-made database driver ...")
    elif missing:
        say(
            f"No compiler here (apt-get install -y {' '.join(missing)}), "
            "so the ready-made database driver is taken."
        )
    if subprocess.run(argv + ["--no-install-package", "psycopg2"], env=environment()).returncode:
        stop("The packages could not be installed; the reason stands above.")
    with open(os.path.join(HERE, "uv.lock")) as file:
        version = re.search(r'name = "psycopg2"\nversion = "([^"]+)"', file.read()).group(1)
    if subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", python(), "psycopg2-binary==" + version],
        env=environment(),
    ).returncode:
        stop(
            "psycopg2-binary could not be installed; with a compiler it is not needed:\n"
            "  apt-get install -y gcc python3-dev libpq-dev"
        )


def has_binary_driver():
    """Once there, it stays: the two packages own the same files."""
    found = (
        subprocess.run(
            [python(), "-c", "import importlib.metadata as m; m.version('psycopg2-binary')"],
            capture_output=True,
        )
        if os.path.exists(python())
        else None
    )
    return found is not None and found.returncode == 0


def main():
    fitting_python()
    group = sys.argv[1]
    if is_ready(group):
        return
    with alone():
        if is_ready(group):
            return
        uv = find_uv()
        say("Installing the packages into .venv (the first time takes about a minute) ...")
        sync(uv, group)
        with open(stamp_file(group), "w") as file:
            file.write(stamp_of(group))
        say("The packages are installed.")


if __name__ == "__main__":
    main()
