"""Alice with an account at a platform in memory, and commands that run in this process."""

import io
import json
import sys
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.utils import timezone

from branding.operations import publishing_command
from branding.operations.models import Sign
from tests.integrations.publishing import conftest as sending
from tests.integrations.publishing.sending import headshot
from tests.support import celery_messages

# The same Alice, platform and account as where publications are tested.
files, alice, platform, account = sending.files, sending.alice, sending.platform, sending.account


@dataclass
class CommandOutcome:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        """The one JSON document on standard output."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)

    @property
    def refusal(self):
        """The error in the JSON document."""
        assert self.code == 2 and self.err == "", self
        (error,) = self.document.values()
        assert set(error) == {"code", "message", "advice", "fields"}
        return error


@pytest.fixture
def manage(monkeypatch):
    """Run a command, with something on standard input, which is no terminal."""

    def run(*words, typed=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            call_command(*map(str, words), stdout=out, stderr=err)
        except SystemExit as exit_error:
            code = exit_error.code
        return CommandOutcome(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def variant(alice):
    return headshot(alice)


@pytest.fixture
def worker(monkeypatch):
    """A worker in this process, with a recent heartbeat."""
    monkeypatch.setattr(publishing_command, "POLL_INTERVAL_SECONDS", 0.01)
    Sign.objects.create(process="worker here 1", role="worker", seen_at=timezone.now())
    with celery_messages.worker():
        yield
