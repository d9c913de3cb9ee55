"""compose.yaml says what it should: by its schema, by our rules, and only what is documented."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.branding.test_settings import variables_read

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / SERVICES["web"]["build"]["dockerfile"]).read_text()
OWN_SERVICES = {name for name, service in SERVICES.items() if service["image"].startswith("facet")}
BUILDS = {name: service["build"] for name, service in SERVICES.items() if "build" in service}

services = pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))


def test_file_fits_the_specification_of_compose():
    command = [
        Path(sys.executable).parent / "check-jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        ROOT / "compose.yaml",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_five_containers_and_no_more_start_by_default():
    started = {name for name, service in SERVICES.items() if not service.get("profiles")}
    assert started == {"web", "worker", "beat", "postgres", "redis"}
    assert SERVICES["gpu"]["profiles"] == ["gpu"]


@services
def test_service_can_change_nothing_but_its_volumes(service):
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) in ([], ["NET_BIND_SERVICE"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@services
def test_service_says_whether_it_is_well_and_is_started_again(service):
    assert service["healthcheck"]["test"][0] == "CMD"
    assert "manage.py" not in service["healthcheck"]["test"], "a probe that starts Django costs 3 s"
    assert service["restart"] == "unless-stopped"


@services
def test_image_has_a_version(service):
    name, _, tag = service["image"].partition(":")
    assert name and re.match(r"\d+\.\d+", tag), service["image"]


def test_nobody_runs_as_root():
    assert re.findall(r"^USER (\w+)", DOCKERFILE, re.MULTILINE) == ["facet"]
    assert {SERVICES[name]["user"] for name in SERVICES.keys() - OWN_SERVICES - {"proxy"}} == {
        "postgres",
        "redis",
    }


def test_images_are_built_from_versions_and_from_stages_that_exist():
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    known = {name for _, name in stages}
    for base, _ in stages:
        assert base in known or re.search(r":\d+\.\d+", base), base
    assert {build["target"] for build in BUILDS.values()} <= known


def test_each_image_is_built_once():
    built = [SERVICES[name]["image"] for name in BUILDS]
    assert sorted(built) == sorted({SERVICES[name]["image"] for name in OWN_SERVICES})


def test_everything_copied_into_the_image_exists():
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        assert all((ROOT / name).exists() for name in line.split()), line


def test_image_lacks_nothing_of_the_code_and_holds_no_secret():
    ignored = (ROOT / "deploy/Dockerfile.dockerignore").read_text().split()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    assert ignored[0] == "*"
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert {name for line in copied for name in line.split()} == allowed
    assert not {".env", "var", ".git"} & allowed


def test_every_program_of_ours_has_its_service():
    commands = " ".join(SERVICES[name]["command"] for name in OWN_SERVICES)
    assert all(
        words in commands
        for words in ("branding.server", "headshots.tasks", "headshots.diffusion_tasks")
    )
    assert " beat " in commands


@pytest.mark.slow
def test_only_documented_settings_are_given():
    for name in OWN_SERVICES:
        assert set(SERVICES[name]["environment"]) <= set(variables_read())


def test_nothing_is_collected_or_compiled_at_start():
    for name in OWN_SERVICES:
        assert not re.search(r"collectstatic|compile", SERVICES[name]["command"])
    assert "collectstatic" in DOCKERFILE and "STATIC_DIR=/app/static" in DOCKERFILE


def test_passwords_have_no_default():
    variables = set(re.findall(r"\$\{(\w+_PASSWORD)([^}]*)\}", TEXT))
    assert variables == {
        ("POSTGRES_PASSWORD", ":?set it in .env"),
        ("REDIS_PASSWORD", ":?set it in .env"),
    }


def test_nobody_without_the_password_reaches_redis():
    assert "--requirepass ${REDIS_PASSWORD:?set it in .env}" in SERVICES["redis"]["command"]
    for name in OWN_SERVICES:
        for variable in ("CELERY_BROKER_URL", "CACHE_URL"):
            url = SERVICES[name]["environment"][variable]
            assert url.startswith("redis://:${REDIS_PASSWORD:?set it in .env}@redis:6379/")
    assert SERVICES["redis"]["healthcheck"]["test"] == ["CMD", "redis-cli", "-e", "ping"]
    assert "REDISCLI_AUTH" in SERVICES["redis"]["environment"]


def test_only_the_page_is_reached_from_outside_and_only_from_this_machine():
    reached = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert reached.pop("proxy") == ["80:80", "443:443", "443:443/udp"]  # where it is started
    assert reached == {"web": ["127.0.0.1:8000:8000"]}


@services
def test_service_has_bounds(service):
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"]) and service["pids_limit"] <= 256
    assert service["logging"]["options"]["max-size"] == "10m"


def test_temporary_files_are_bounded_and_renders_are_finished():
    assert all("size=" in folder for service in SERVICES.values() for folder in service["tmpfs"])
    assert SERVICES["worker"]["stop_grace_period"] == SERVICES["gpu"]["stop_grace_period"] == "1m"


def test_only_the_network_of_the_containers_is_believed():
    subnet = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]
    for name in OWN_SERVICES:
        assert SERVICES[name]["environment"]["TRUSTED_PROXIES"] == f"${{TRUSTED_PROXIES:-{subnet}}}"
