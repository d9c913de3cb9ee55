"""Facet as `make run` starts it, with a folder of its own, for tests that need the real thing."""

import os
import signal
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from branding import env
from tests.support.processes import until, with_variable

ROOT = Path(__file__).resolve().parents[2]
READY = "Facet is ready: http://localhost:"


class Facet:
    """A running installation with a folder of its own."""

    def __init__(self, folder, **variables):
        self.folder = folder
        self.world = dict(
            env.everything(),
            DATA_DIR=str(folder),
            DJANGO_SETTINGS_MODULE="branding.settings",
            **{"PORT": "0", **variables},
        )
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=self.world,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()

    def processes(self):
        return with_variable("DATA_DIR", self.folder)

    def children(self, words):
        """The pids of the processes whose command lines contain a text."""
        return {pid for pid, line in self.processes().items() if words in line}

    def child(self, words):
        """The pid of one of them, or None."""
        return next(iter(self.children(words)), None)

    def said(self, words):
        return next((line for line in list(self.lines) if words in line), None)

    def wait(self, words, seconds=60):
        """Wait for a line that contains a text and return it; fail if Facet ends first."""
        until(lambda: self.said(words) or self.process.poll() is not None, seconds)
        assert self.said(words), "".join(self.lines)
        return self.said(words)

    @property
    def port(self):
        return int(self.wait(READY).split(":")[3].split()[0])

    @property
    def address(self):
        return f"http://localhost:{self.port}"

    def get(self, path):
        page = HTTPConnection("127.0.0.1", self.port, timeout=20)
        page.request("GET", path, headers={"Host": "localhost"})
        return page.getresponse().status

    def sign_up(self, email):
        token = "t" * 32
        fields = {"email": email, "password1": "a long pass phrase", "csrfmiddlewaretoken": token}
        headers = {
            "Host": f"localhost:{self.port}",
            "Cookie": f"csrftoken={token}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        page = HTTPConnection("127.0.0.1", self.port, timeout=20)
        page.request("POST", "/accounts/signup/", urlencode(fields), headers)
        return page.getresponse().status

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        code = self.process.wait(10)
        self.reader.join(5)
        return code

    def kill(self):
        """Kill all processes that still run."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self.process.wait(5)
