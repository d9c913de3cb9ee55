"""What compose.yaml starts works, on PostgreSQL and Redis, with all but one folder read-only."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from integrations.outbound.client import Door
from tests.support.people import selfie
from tests.support.processes import until
from tests.support.servers.compose import Composed, locked, may_lock
from tests.support.servers.postgres import postgres
from tests.support.servers.programs import ROOT, free_port
from tests.support.servers.redis import redis

pytestmark = pytest.mark.slow
EMAIL = "alice@example.com"


@pytest.fixture
def composed():
    folder = Path(tempfile.mkdtemp(prefix="facet-compose-"))
    port = str(free_port())
    (folder / "redis").mkdir()
    with postgres() as rows, redis(folder / "redis") as messages:
        places = {
            "postgres://facet:${POSTGRES_PASSWORD:?set it in .env}@postgres:5432/facet": rows,
            "redis:6379": messages,
            "0.0.0.0": "127.0.0.1",
            "8000": port,
        }
        site = f"http://localhost:{port}"
        made = Composed(folder, places, SITE_URL=site, TICK_SECONDS="1", EMAIL_URL="")
        made.site = site
        made.build()
        yield made
    shutil.rmtree(folder)


class Person:
    """Somebody at a browser without a screen."""

    def __init__(self, site):
        self.site = site
        self.session = Door(None, loopback=True).session()

    def get(self, path):
        return self.session.get(self.site + path)

    def post(self, path, **told):
        token = self.session.cookies.get("csrftoken", "")
        return self.session.post(self.site + path, headers={"X-CSRFToken": token}, **told)

    def sign_up(self):
        self.get("/accounts/signup/")
        return self.post(
            "/accounts/signup/", data={"email": EMAIL, "password1": "a long pass phrase"}
        )

    def waits_for(self, path, holds, seconds=60):
        return until(lambda: (said := self.get(path).json()) and holds(said) and said, seconds)


def test_services_start_are_well_and_make_a_headshot(composed):
    with composed.service("web") as log:
        until(lambda: composed.is_well("web") or "Error" in log.read_text(), 60)
        assert composed.is_well("web"), log.read_text()
        assert not composed.is_well("worker") and not composed.is_well("beat")
        with composed.service("worker") as worker, composed.service("beat"):
            person = Person(composed.site)
            ready = person.waits_for("/readyz", lambda said: said["ready"], 90)
            assert set(ready.values()) == {True, "ok"}
            assert composed.is_well("worker"), worker.read_text()
            until(lambda: composed.is_well("beat"))
            assert person.sign_up().ok
            photo = person.post("/api/v1/photos", files={"file": ("me.jpg", selfie())}).json()
            person.waits_for(f"/api/v1/photos/{photo['id']}", lambda one: one["state"] == "usable")
            wish = {"photos": [photo["id"]], "looks": ["linkedin"]}
            render = person.post("/api/v1/renders", json=wish).json()
            done = person.waits_for(f"/api/v1/renders/{render['id']}", lambda one: one["finished"])
            assert [one["state"] for one in done["variants"]] == ["ready"]
            assert "Traceback" not in log.read_text() + worker.read_text()
    until(lambda: not (composed.folder / "data" / "broker").exists())  # Redis carries messages
    assert (composed.folder / "data" / "media" / "pictures").is_dir()


def test_lock_of_these_tests_holds(tmp_path):
    if not may_lock():
        pytest.skip("mounts of our own are not allowed here")
    command = locked(["touch", str(ROOT / "written")])
    done = subprocess.run(command, capture_output=True, check=False, env={"FOLDER": str(tmp_path)})
    assert done.returncode != 0 and b"Read-only" in done.stderr
    assert not (ROOT / "written").exists()
