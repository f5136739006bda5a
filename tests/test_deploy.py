"""What an operator relies on: the compose file names what the settings need, and production starts clean."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
SETTINGS = (ROOT / "marketplace/settings.py").read_text()

# Without these a production site does not work or works on somebody else's defaults.
NEEDED = {
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "SITE_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRETS",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "TRUSTED_PROXY_COUNT",
    "MEDIA_ROOT",
}
PRODUCTION = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "n0t-the-real-one-but-long-enough-to-be-told-from-a-default-key",
    "ALLOWED_HOSTS": "foothold.example.edu",
    "SITE_URL": "https://foothold.example.edu",
    "STRIPE_SECRET_KEY": "rk_live_none",
    "STRIPE_WEBHOOK_SECRETS": "whsec_snapshot,whsec_thin",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.edu:587",
    "DEFAULT_FROM_EMAIL": "Foothold <hello@foothold.example.edu>",
    "TRUSTED_PROXY_COUNT": "1",
}


def production(**more: str) -> dict[str, str]:
    names = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "MEDIA_ROOT")
    return {**PRODUCTION, **{name: os.environ[name] for name in names}, **more}


def manage(*arguments: str, env: dict) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True
    )


def test_the_compose_file_follows_the_compose_specification():
    argv = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_of_the_site_is_there():
    assert set(SERVICES) == {"proxy", "migrate", "web", "worker", "beat", "db", "queue"}
    assert SERVICES["db"]["image"] == "postgres:18"
    assert SERVICES["queue"]["image"] == "valkey/valkey:9"


@pytest.mark.parametrize("name", OURS)
def test_every_part_of_ours_gets_what_the_settings_need(name):
    given = SERVICES[name]["environment"]
    assert given.keys() >= NEEDED
    assert all(re.search(rf'env[.\w]*\(\s*"{variable}"', SETTINGS) for variable in NEEDED)
    assert "FOOTHOLD_DEMO" not in given
    assert "DEBUG" not in given


def test_every_variable_of_the_compose_file_is_explained_in_the_example():
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    example = (ROOT / "docs/deploy/env.example").read_text()
    assert used <= set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))


def test_secrets_are_not_in_the_file():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|SECRET|PASSWORD", name):
                assert value.startswith("${"), f"{name} has a fixed value"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_has_only_what_it_needs(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    if name != "proxy":
        assert "ports" not in service, "only the proxy is reached from outside"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_part_has_a_health_check(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_nothing_starts_on_a_database_that_is_not_up_to_date():
    assert SERVICES["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    for name in ("web", "worker", "beat"):
        wanted = SERVICES[name]["depends_on"]
        assert wanted["migrate"]["condition"] == "service_completed_successfully"
        assert wanted["queue"]["condition"] == "service_healthy"


def test_the_databases_files_outlive_the_container():
    assert SERVICES["db"]["volumes"] == [
        "database:/var/lib/postgresql"
    ]  # where version 18 of the image keeps them
    assert "noeviction" in SERVICES["queue"]["command"]
    named = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert {name for name in named if not name.startswith(".")} == set(COMPOSE["volumes"])


def test_text_is_sorted_in_production_as_in_the_embedded_server():
    embedded = (ROOT / "marketplace/services/servers.py").read_text()
    for argument in SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"].split():
        assert f'"{argument}"' in embedded


def test_every_variable_that_the_settings_read_is_documented():
    read = set(re.findall(r'env[.\w]*\(\s*"([A-Z_]+)"', SETTINGS))
    documented = (ROOT / "docs/operations.md").read_text()
    assert {name for name in read if name not in documented} == set()


def test_a_production_environment_passes_the_deployment_checks():
    done = manage("check", "--deploy", "--fail-level", "WARNING", env=production())
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_a_production_site_without_a_key_of_its_own_is_told():
    done = manage("check", "--deploy", "--fail-level", "WARNING", env=production(SECRET_KEY=""))
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_static_files_get_names_that_change_with_their_content(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"  # production's also compresses
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert re.fullmatch(r"css/foothold\.[0-9a-f]{12}\.css", manifest["css/foothold.css"])
