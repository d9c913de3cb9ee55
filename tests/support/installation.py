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
from tests.support.processes import processes_with_variable, wait_until

ROOT = Path(__file__).resolve().parents[2]
READY_LINE = "Facet is ready: http://localhost:"


class RunningFacet:
    """A running installation with a folder of its own."""

    def __init__(self, folder, **variables):
        self.folder = folder
        self.environment = dict(
            env.environment_with(),
            DATA_DIR=str(folder),
            DJANGO_SETTINGS_MODULE="branding.settings",
            **{"PORT": "0", **variables},
        )
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()

    def processes(self):
        return processes_with_variable("DATA_DIR", self.folder)

    def child_pids(self, words):
        """The pids of the processes whose command lines contain a text."""
        return {pid for pid, line in self.processes().items() if words in line}

    def child_pid(self, words):
        """The pid of one of them, or None."""
        return next(iter(self.child_pids(words)), None)

    def find_line(self, words):
        return next((line for line in list(self.lines) if words in line), None)

    def wait_for_line(self, words, seconds=180):
        """Wait for a line that contains a text and return it; fail if Facet ends first."""
        wait_until(lambda: self.find_line(words) or self.process.poll() is not None, seconds)
        assert self.find_line(words), "".join(self.lines)
        return self.find_line(words)

    @property
    def port(self):
        return int(self.wait_for_line(READY_LINE).split(":")[3].split()[0])

    @property
    def address(self):
        return f"http://localhost:{self.port}"

    def get(self, path):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status

    def sign_up(self, email):
        token = "t" * 32
        fields = {"email": email, "password1": "a long pass phrase", "csrfmiddlewaretoken": token}
        headers = {
            "Host": f"localhost:{self.port}",
            "Cookie": f"csrftoken={token}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", "/accounts/signup/", urlencode(fields), headers)
        return connection.getresponse().status

    def stop(self, signal_number=signal.SIGINT):
        self.process.send_signal(signal_number)
        code = self.process.wait(10)
        self.reader.join(5)
        return code

    def kill(self):
        """Kill all processes that still run."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self.process.wait(5)
