"""The verbs as somebody types them: real processes, a real worker, platforms on loopback."""

import json
import os
import subprocess
import sys

import pytest

from tests.faults.worker_installation import ROOT, WorkerInstallation
from tests.support.platforms.mastodon import json_response
from tests.support.platforms.scripted_server import ScriptedServer
from tests.support.processes import wait_until

pytestmark = pytest.mark.slow
SECRET = "a-key-that-nobody-may-read"
TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """Alice with one headshot and one account at a platform that is played."""
    running_installation = WorkerInstallation(tmp_path_factory.mktemp("house"), accounts=1)
    running_installation.start_celery()
    yield running_installation
    running_installation.close()


@pytest.fixture
def manage(installation):
    def run(*words, code=0, typed=""):
        ended = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=installation.environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == code and "Traceback" not in ended.stderr, ended
        return ended

    return run


def test_picture_is_sent_and_brought_back(installation, manage):
    wait_until(
        lambda: installation.select("SELECT 1 FROM operations_sign WHERE role = 'worker'"), 60
    )
    sent = json.loads(manage("publish", "mastodon", "--variant", "1", "--wait", "--json").stdout)
    assert [publication["state"] for publication in sent["publications"]] == ["published"]
    back = manage("undo", "mastodon", "--wait").stdout.splitlines()
    assert back[-1].endswith("account-00000: verified. Seen at the platform.")
    assert len(installation.effects_log.read_text().split()) == 2


def test_refusal_is_one_document_and_nothing_else(manage):
    ended = manage("schedule", "create", "--start", "soon", "--json", code=2)
    assert ended.stderr == "" and json.loads(ended.stdout)["error"]["code"] == "invalid"


def test_secret_typed_at_a_terminal_leaves_no_echo(installation):
    zulip = ScriptedServer()
    me = {"user_id": 7, "full_name": "Alice", "avatar_url": None}
    zulip.responses = {"GET /api/v1/users/me": json_response(me)}
    command = [sys.executable, "-c", TERMINAL, sys.executable, "manage.py", "connect", "zulip"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=installation.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        shown = ""
        for prompt, typed in (
            ("Server", zulip.url),
            ("E-mail", "alice@example.com"),
            ("API key: ", SECRET),
        ):
            shown += read_until(process, prompt)
            process.stdin.write(f"{typed}\n".encode())
            process.stdin.flush()
        shown += read_until(process, "is connected")
        process.stdin.close()
    zulip.close()
    assert "alice@example.com" in shown and SECRET not in shown
    assert any("Authorization" in request.headers for request in zulip.requests)


def read_until(process, text):
    """Read the output until it contains a text."""
    shown = ""
    while text not in shown:
        output = os.read(process.stdout.fileno(), 4096).decode()
        assert output, shown
        shown += output
    return shown
