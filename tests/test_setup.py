"""From a bare machine to a running one: the Makefile, the bootstrap script and tidying up."""

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import browser

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def checkout(tmp_path):
    """A checkout with nothing but what the scripts look at."""
    for name in (
        "uv.lock",
        "pyproject.toml",
        "marketplace/services/bootstrap.py",
        "marketplace/services/cleanup.py",
    ):
        target = tmp_path / "a clone" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    return tmp_path / "a clone"


@pytest.fixture
def bootstrap(checkout):
    path = checkout / "marketplace/services/bootstrap.py"
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(*arguments: str, env: dict | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(["make", *arguments], cwd=ROOT, env=env, capture_output=True, text=True)


def test_make_alone_lists_what_there_is():
    said = make().stdout
    assert re.findall(r"^  make ([\w-]+)", said, re.MULTILINE) == [
        "help",
        "run",
        "test",
        "check-money",
        "lint",
        "fmt",
        "shell",
        "bench",
        "screenshots",
        "clean",
    ]


def test_continuous_integration_calls_what_everybody_calls():
    script = (ROOT / ".ci/run").read_text()
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert script.rstrip().endswith("exec make test")
    assert "apt-get install -y chromium" in script


def test_without_python_the_missing_package_is_named():
    done = make("run", "PYTHON=python-that-is-not-there")
    assert done.returncode != 0
    assert "apt-get install -y python3" in done.stderr


def test_the_scripts_before_the_environment_need_only_the_standard_library():
    for name in ("bootstrap", "cleanup"):
        source = (ROOT / f"marketplace/services/{name}.py").read_text()
        imported = re.findall(r"^(?:import|from) ([\w.]+)", source, re.MULTILINE)
        assert {module.split(".")[0] for module in imported} <= sys.stdlib_module_names


def test_the_environment_is_ready_until_lock_file_place_or_python_change(bootstrap, checkout):
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").touch()
    assert not bootstrap.is_ready("run")
    Path(bootstrap.stamp_file("run")).write_text(bootstrap.stamp_of("run"))
    assert bootstrap.is_ready("run")
    assert not bootstrap.is_ready("test"), "the tests need more than the site"
    with open(checkout / "uv.lock", "a") as lock:
        lock.write("\n")
    assert not bootstrap.is_ready("run")


def test_what_is_missing_for_compiling_is_named_as_packages(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    assert bootstrap.missing_for_compiling()[0] == "gcc"
    assert "libpq-dev" in bootstrap.missing_for_compiling()


def test_without_a_compiler_the_ready_made_driver_of_the_same_version_is_taken(
    bootstrap, monkeypatch, capsys
):
    calls = []

    def run(argv, **options):
        calls.append(argv)
        return subprocess.CompletedProcess(argv, 0)

    monkeypatch.setattr(bootstrap, "missing_for_compiling", lambda: ["gcc", "libpq-dev"])
    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    bootstrap.sync("uv", "run")
    assert "apt-get install -y gcc libpq-dev" in capsys.readouterr().out
    assert calls[0][-2:] == ["--no-install-package", "psycopg2"]
    locked = re.search(r'name = "psycopg2"\nversion = "([^"]+)"', (ROOT / "uv.lock").read_text())[1]
    assert calls[1][-1] == f"psycopg2-binary=={locked}"


def test_an_old_python_hands_over_to_a_newer_one(bootstrap, monkeypatch):
    handed = []
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9))
    monkeypatch.setattr(
        bootstrap.shutil, "which", lambda name: f"/x/{name}" if name == "python3.12" else None
    )
    monkeypatch.setattr(bootstrap.os, "execv", lambda path, argv: handed.append(path))
    with pytest.raises(SystemExit):  # in life execv does not return
        bootstrap.fitting_python()
    assert handed == ["/x/python3.12"]


def test_when_uv_cannot_be_fetched_the_packages_that_help_are_named(bootstrap, monkeypatch, capsys):
    def fail():
        raise OSError("no network")

    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    for way in ("uv_by_pip", "uv_by_venv", "uv_by_hand"):
        monkeypatch.setattr(bootstrap, way, fail)
        fail.__name__ = way
    with pytest.raises(SystemExit):
        bootstrap.find_uv()
    said = capsys.readouterr().err
    assert "apt-get install -y python3-venv python3-pip" in said
    assert "no network" in said


def clean(checkout: Path) -> subprocess.CompletedProcess:
    argv = [sys.executable, str(checkout / "marketplace/services/cleanup.py")]
    return subprocess.run(argv, capture_output=True, text=True)


def test_clean_removes_what_run_and_test_made_and_nothing_else(checkout):
    for name in (".venv/bin", ".data/postgres", "static-root", "marketplace/__pycache__"):
        (checkout / name).mkdir(parents=True)
    (checkout / ".env").write_text("MINE=1")
    assert clean(checkout).returncode == 0
    left = {path.relative_to(checkout).as_posix() for path in checkout.rglob("*") if path.is_file()}
    assert left == {
        ".env",
        "uv.lock",
        "pyproject.toml",
        "marketplace/services/bootstrap.py",
        "marketplace/services/cleanup.py",
    }
    assert not (checkout / ".data").exists()


def test_clean_leaves_a_running_site_alone(checkout):
    (checkout / ".data").mkdir()
    with open(checkout / ".data/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = clean(checkout)
    assert done.returncode != 0
    assert "Stop it first" in done.stderr
    assert (checkout / ".data").exists()


# --- the browser ------------------------------------------------------------------------------------------


def test_a_named_browser_is_used_and_no_other(monkeypatch, tmp_path):
    chosen = tmp_path / "chrome"
    chosen.touch(mode=0o755)
    monkeypatch.setenv("BROWSER_PATH", str(chosen))
    assert browser.launch_options()["executable_path"] == str(chosen)
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "missing"))
    assert browser.find() is None


def test_without_a_browser_the_three_ways_to_get_one_are_told(monkeypatch, capsys):
    monkeypatch.setattr(browser, "find", lambda: None)
    monkeypatch.setattr(browser, "install", lambda: None)
    assert browser.main() == 1
    said = capsys.readouterr().err
    assert "apt-get install -y chromium" in said
    assert "playwright install" in said
    assert "BROWSER_PATH" in said


def test_only_root_gives_up_the_browsers_sandbox(monkeypatch):
    monkeypatch.setattr(browser, "find", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(browser.os, "geteuid", lambda: 1000)
    assert "--no-sandbox" not in browser.launch_options()["args"]
