"""The verbs as somebody types them: real processes, a real worker, platforms on loopback."""

import json
import os
import subprocess
import sys

import pytest

from tests.faults.house import ROOT, House
from tests.support.mastodon import told
from tests.support.processes import until
from tests.support.scripted_server import Script

pytestmark = pytest.mark.slow
SECRET = "a-key-that-nobody-may-read"
TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Alice with one headshot and one account at a platform that is played."""
    made = House(tmp_path_factory.mktemp("house"), accounts=1)
    made.open()
    yield made
    made.close()


@pytest.fixture
def manage(house):
    def run(*words, code=0, typed=""):
        ended = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=house.world,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == code and "Traceback" not in ended.stderr, ended
        return ended

    return run


def test_picture_is_sent_and_brought_back(house, manage):
    until(lambda: house.select("SELECT 1 FROM operations_sign WHERE role = 'worker'"), 60)
    sent = json.loads(manage("publish", "mastodon", "--variant", "1", "--wait", "--json").stdout)
    assert [one["state"] for one in sent["publications"]] == ["published"]
    back = manage("undo", "mastodon", "--wait").stdout.splitlines()
    assert back[-1].endswith("account-00000: verified. Seen at the platform.")
    assert len(house.effects_log.read_text().split()) == 2


def test_refusal_is_one_document_and_nothing_else(manage):
    ended = manage("schedule", "create", "--start", "soon", "--json", code=2)
    assert ended.stderr == "" and json.loads(ended.stdout)["error"]["code"] == "invalid"


def test_secret_typed_at_a_terminal_leaves_no_echo(house):
    zulip = Script()
    me = {"user_id": 7, "full_name": "Alice", "avatar_url": None}
    zulip.answers = {"GET /api/v1/users/me": told(me)}
    command = [sys.executable, "-c", TERMINAL, sys.executable, "manage.py", "connect", "zulip"]
    with subprocess.Popen(
        command, cwd=ROOT, env=house.world, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        shown = ""
        for prompt, typed in (
            ("Server", zulip.url),
            ("E-mail", "alice@example.com"),
            ("API key: ", SECRET),
        ):
            shown += heard(process, prompt)
            process.stdin.write(f"{typed}\n".encode())
            process.stdin.flush()
        shown += heard(process, "is connected")
        process.stdin.close()
    zulip.close()
    assert "alice@example.com" in shown and SECRET not in shown
    assert any("Authorization" in one.headers for one in zulip.asked)


def heard(process, words):
    """Read the output until it contains a text."""
    shown = ""
    while words not in shown:
        piece = os.read(process.stdout.fileno(), 4096).decode()
        assert piece, shown
        shown += piece
    return shown
