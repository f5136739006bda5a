"""The plan of the house, held against the code: imports run one way, and each state has one writer."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["marketplace.ground", "accounts", "payments", "projects", "marketplace"]
ROOMS = {
    "accounts": ["users", "skills", "schools", "employers", "students", "notifications"],
    "payments": [
        "ledger",
        "stripe",
        "connect",
        "payers",
        "wallets",
        "holds",
        "disputes",
        "reconciling",
        "books",
    ],
    "projects": [
        "catalog",
        "posting",
        "sponsoring",
        "search",
        "applying",
        "exposing",
        "matching",
        "suggesting",
        "inviting",
        "alerting",
        "hiring",
        "working",
        "talking",
        "disputing",
        "reviewing",
        "reporting",
    ],
}
# Rooms whose order inside the app does not bind: everybody tells people things.
EVERYWHERE = {"accounts.notifications"}
# What a room may not import at its own doors.
NEVER = {
    "models.py": ("actions", "queries", "forms", "views", "api", "admin", "tasks"),
    "states.py": ("models", "actions", "queries", "forms", "views", "api", "admin", "tasks"),
}


def sources():
    for app in ("marketplace", "accounts", "payments", "projects"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Every module of the house that `path` imports, absolute, function-level imports included."""
    module, found = module_of(path), set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return {
        name for name in found if name.split(".")[0] in ("marketplace", "accounts", "payments", "projects")
    }


def app_of(module: str) -> str:
    return "marketplace.ground" if module.startswith("marketplace.ground") else module.split(".")[0]


def room_of(module: str) -> tuple[str, str]:
    parts = module.split(".")
    return (parts[0], parts[1]) if len(parts) > 1 and parts[1] in ROOMS.get(parts[0], ()) else (parts[0], "")


@pytest.mark.parametrize("path", list(sources()), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path):
    module = module_of(path)
    if module.split(".")[:2] == ["payments", "sandbox"]:
        return
    for name in imports_of(path):
        assert APPS.index(app_of(name)) <= APPS.index(app_of(module)), (
            f"{module} imports {name}, which stands above it"
        )
        (app, room), (other_app, other_room) = room_of(module), room_of(name)
        if app == other_app and room and other_room and f"{app}.{other_room}" not in EVERYWHERE:
            order = ROOMS[app]
            assert order.index(other_room) <= order.index(room), f"{module} imports the later room {name}"


@pytest.mark.parametrize("path", list(sources()), ids=lambda p: str(p.relative_to(ROOT)))
def test_doors_open_one_way(path):
    for name in imports_of(path):
        if room_of(path_room := module_of(path))[1] and room_of(name) == room_of(path_room):
            door = name.split(".")[2] if len(name.split(".")) > 2 else ""
            assert door not in NEVER.get(path.name, ()), f"{path.name} imports its own room's {door}"


def test_the_offline_stripe_and_payments_do_not_know_each_other():
    for path in sources():
        module = module_of(path)
        inside = module.startswith("payments.sandbox")
        for name in imports_of(path):
            if inside:
                assert name.startswith(("payments.sandbox", "marketplace.ground")), f"{module} imports {name}"
            else:
                assert not name.startswith("payments.sandbox"), f"{module} imports {name}"


def test_only_the_gateway_imports_stripe():
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else ([node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else [])
            )
            if any(name.split(".")[0] == "stripe" for name in names):
                assert path.relative_to(ROOT).as_posix() == "payments/stripe/gateway.py"


def test_a_state_is_assigned_by_move_alone():
    allowed = {"marketplace/ground/states.py"}
    for path in sources():
        where = path.relative_to(ROOT).as_posix()
        if where in allowed or where.startswith("payments/sandbox"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    assert not (isinstance(target, ast.Attribute) and target.attr == "state"), (
                        f"{where}:{node.lineno} assigns .state"
                    )


def test_time_comes_from_the_one_clock():
    # Leases, heartbeats and signatures are about processes, and run on real time.
    real_time = {
        "marketplace/ground/clock.py",
        "marketplace/ground/tasks.py",
        "marketplace/health.py",
        "accounts/notifications/delivery.py",
    }
    for path in sources():
        where = path.relative_to(ROOT).as_posix()
        if where in real_time or where.startswith(
            ("payments/stripe", "payments/sandbox", "marketplace/services")
        ):
            continue
        text = path.read_text()
        for word in ("timezone.now(", "datetime.now(", "date.today(", "auto_now", "time.time("):
            assert word not in text, f"{where} uses {word}"


def test_no_source_file_passes_400_lines():
    long = {
        p.relative_to(ROOT).as_posix(): n for p in sources() if (n := len(p.read_text().splitlines())) > 400
    }
    assert long == {}


def test_every_task_that_beat_wakes_exists():
    from marketplace.beat import SCHEDULE
    from marketplace.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in SCHEDULE.values()} - set(app.tasks) == set()
