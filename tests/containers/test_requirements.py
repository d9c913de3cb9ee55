"""Where Docker cannot run, it is said why, and never that its tests passed."""

import os
import subprocess

import pytest

from tests.support.containers import building, programs


@pytest.fixture(autouse=True)
def complete_machine(monkeypatch, tmp_path):
    """A machine that lacks nothing, as far as one can see without trying."""
    monkeypatch.setattr(programs, "FOLDER", tmp_path)
    monkeypatch.setattr(programs, "FREE_BYTES", 1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(programs.shutil, "which", lambda name: f"/usr/bin/{name}")


def answer_trial(monkeypatch, code, errors):
    done = subprocess.CompletedProcess([], code, "", errors)
    monkeypatch.setattr(programs.subprocess, "run", lambda *_, **__: done)


def test_machine_that_allows_everything_has_no_obstacle(monkeypatch):
    answer_trial(monkeypatch, 0, "")
    assert programs.find_obstacle() == ""


def test_user_without_privileges_is_told(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "Only root" in programs.find_obstacle()


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(programs.shutil, "which", lambda name: None if name == "ip" else name)
    assert "apt-get install iproute2." in programs.find_obstacle()


def test_what_the_machine_forbids_is_repeated(monkeypatch):
    answer_trial(monkeypatch, 1, "unshare failed: Operation not permitted\n")
    assert "unshare failed: Operation not permitted" in programs.find_obstacle()


def test_required_containers_fail_where_they_cannot_run(monkeypatch):
    monkeypatch.setattr(building, "REQUIRED", True)
    monkeypatch.setattr(building, "has_registry", lambda _: False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(AssertionError, match="Only root"), building.built_project():
        pass
