"""Secrets: made once, readable by their owner only; the environment goes first."""

import base64
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from branding import env
from branding.secrets import generate_secret_key, generate_vault_key, load_or_create_secret

ROOT = Path(__file__).resolve().parents[2]


def test_secret_is_made_once_for_its_owner_only(tmp_path):
    folder = tmp_path / "secrets"
    value = load_or_create_secret("SOME_KEY", folder, generate_secret_key)
    assert (
        load_or_create_secret("SOME_KEY", folder, generate_secret_key) == value and len(value) == 64
    )
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == ["some_key"]
    assert (folder / "some_key").stat().st_mode & 0o777 == 0o600


def test_many_that_start_together_agree(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        values = set(
            pool.map(
                lambda _: load_or_create_secret("SOME_KEY", tmp_path, generate_secret_key),
                range(64),
            )
        )
    assert len(values) == 1


def test_two_processes_at_once_agree(tmp_path):
    script = "from django.conf import settings; print(settings.SECRET_KEY, settings.VAULT_KEY)"
    world = env.environment_with(
        DATA_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="branding.settings", SECRET_KEY=""
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=world, text=True, stdout=-1)
        for _ in range(2)
    ]
    outputs = {process.communicate(timeout=30)[0] for process in processes}
    assert len(outputs) == 1 and len(outputs.pop().split()) == 2


def test_environment_goes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "given")
    assert load_or_create_secret("SOME_KEY", tmp_path, generate_secret_key) == "given"
    assert list(tmp_path.iterdir()) == []


def test_vault_key_is_32_bytes():
    assert len(base64.urlsafe_b64decode(generate_vault_key())) == 32
    assert generate_vault_key() != generate_vault_key()


@pytest.mark.slow
def test_reading_the_settings_makes_no_secret(tmp_path):
    world = env.environment_with(DATA_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="branding.settings")
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=world, check=True)
    assert (tmp_path / "static").is_dir() and not (tmp_path / "secrets").exists()
