"""What compose.yaml starts works, on PostgreSQL and Redis, with all but one folder read-only."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support.people import selfie
from tests.support.processes import wait_until
from tests.support.servers.api_visitor import ApiVisitor
from tests.support.servers.compose import ComposeServices, can_mount, read_only_command
from tests.support.servers.postgres import postgres
from tests.support.servers.programs import ROOT, free_port
from tests.support.servers.redis import redis_server

pytestmark = pytest.mark.slow


@pytest.fixture
def composed():
    folder = Path(tempfile.mkdtemp(prefix="facet-compose-"))
    port = str(free_port())
    (folder / "redis").mkdir()
    with postgres() as rows, redis_server(folder / "redis") as messages:
        places = {
            "postgres://facet:${POSTGRES_PASSWORD:?set it in .env}@postgres:5432/facet": rows,
            ":${REDIS_PASSWORD:?set it in .env}@redis:6379": messages,
            "0.0.0.0": "127.0.0.1",
            "8000": port,
        }
        site = f"http://localhost:{port}"
        services = ComposeServices(folder, places, SITE_URL=site, TICK_SECONDS="1", EMAIL_URL="")
        services.site = site
        yield services
    shutil.rmtree(folder)


def test_services_start_are_well_and_make_a_headshot(composed):
    with composed.service("web") as log:
        wait_until(lambda: composed.is_healthy("web") or "Error" in log.read_text(), 60)
        assert composed.is_healthy("web"), log.read_text()
        assert not composed.is_healthy("worker") and not composed.is_healthy("beat")
        with composed.service("worker") as worker, composed.service("beat"):
            person = ApiVisitor(composed.site)
            ready = person.wait_for("/readyz", lambda report: report["ready"], 90)
            assert set(ready.values()) == {True, "ok"}
            assert composed.is_healthy("worker"), worker.read_text()
            wait_until(lambda: composed.is_healthy("beat"))
            assert person.sign_up().ok
            render = person.start_render(person.add_photo(selfie()), ["linkedin"])
            done = person.wait_for(render, lambda document: document["finished"])
            assert [document["state"] for document in done["variants"]] == ["ready"]
            assert "Traceback" not in log.read_text() + worker.read_text()
    wait_until(lambda: not (composed.folder / "data" / "broker").exists())  # Redis carries messages
    assert (composed.folder / "data" / "media" / "pictures").is_dir()


def test_lock_of_these_tests_holds(tmp_path):
    if not can_mount():
        pytest.skip("mounts of our own are not allowed here")
    command = read_only_command(["touch", str(ROOT / "written")])
    done = subprocess.run(command, capture_output=True, check=False, env={"FOLDER": str(tmp_path)})
    assert done.returncode != 0 and b"Read-only" in done.stderr
    assert not (ROOT / "written").exists()
