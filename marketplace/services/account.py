"""As whom the servers run, and where that account can reach its programs and data.

PostgreSQL refuses to run as root, so root starts the servers as `nobody`. When a folder above the checkout is
closed to others, as /root is, programs and data go to a folder of their own that `nobody` can reach.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


def server_account() -> tuple[int, int] | None:
    """(uid, gid) for the servers when we are root, else None: they run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
        return entry.pw_uid, entry.pw_gid
    except KeyError:
        return 65534, 65534


def reaches(account, path: Path, test: str = "-x") -> bool:
    """Whether `account` passes the shell's `test` (-x, -w ...) on `path`; asked, not computed."""
    if account is None:
        return True
    return _as_account(account, ["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)]).returncode == 0


def _as_account(account, argv):
    return subprocess.run(
        argv, user=account[0], group=account[1], extra_groups=[], cwd="/", capture_output=True
    )


def give(account, path: Path, everything: bool = False) -> None:
    """Make `path` (and `everything` in it) the account's own."""
    if account is None:
        return
    os.chown(path, *account)
    if everything:
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(os.path.join(folder, name), *account, follow_symlinks=False)


def outside_base() -> Path:
    """A folder that root alone writes to and everybody can reach; made if missing."""
    for base in (Path("/var/lib"), Path("/var/tmp")):
        folder = base / "foothold"
        try:
            folder.mkdir(mode=0o755, exist_ok=True)
            if folder.stat().st_uid == os.geteuid() and not folder.is_symlink():
                return folder
        except OSError:
            continue
    raise SystemExit(
        "Neither /var/lib nor /var/tmp can hold the servers' data: set DATABASE_URL and REDIS_URL."
    )


def data_home(wanted: Path, account) -> Path:
    """The folder for the servers' data: `wanted`, or one outside when `account` cannot reach it. Data that is in `wanted`
    already is never left behind for an empty site: then SystemExit says what to open.
    """
    wanted.mkdir(mode=0o711, parents=True, exist_ok=True)
    if reaches(account, wanted):
        return wanted
    if (wanted / "postgres").exists():
        raise SystemExit(
            f"The site's data is in {wanted}, which the servers cannot reach any more: let others enter the folders above it "
            "(chmod o+x), as it was when the data was made."
        )
    folder = outside_base() / hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


def short_folder(prefix: str, account) -> Path:
    """A new private folder with a path short enough for sockets (107 bytes), owned by `account`."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if len(base) <= 60 and os.access(base, os.W_OK) and reaches(account, Path(base)):
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
            give(account, folder)
            return folder
    raise SystemExit("No temporary folder with a short path is writable; set TMPDIR to one.")


def reachable_copy(source: Path, siblings: list[Path], version: str, account) -> Path:
    """`source` if `account` can run programs in it, else a copy of it and its `siblings` outside."""
    if reaches(account, source):
        return source
    target = outside_base() / f"programs-{version}"
    if not target.exists():
        half = Path(tempfile.mkdtemp(prefix="half-", dir=target.parent))
        for folder in (source, *siblings):
            shutil.copytree(folder, half / folder.name, symlinks=True)
        os.chmod(half, 0o755)
        try:
            half.rename(target)
        except OSError:  # another checkout was quicker
            shutil.rmtree(half, ignore_errors=True)
    return target / source.name
