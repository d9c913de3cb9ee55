"""What ends a program before it starts: keys that are not the installation's, newer databases."""

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from branding.operations import start_checks
from branding.operations.celery_signals import check_installation
from branding.secrets import generate_vault_key
from integrations.models import Connection, Grant
from tests.support.people import person
from tests.support.platforms.memory_platform import create_connection, put_in_registry

pytestmark = pytest.mark.django_db
USUAL_KEY = generate_vault_key()


@pytest.fixture
def connected(monkeypatch, settings, tmp_path):
    """An installation with a connected account and its key in a file."""
    settings.DATA_DIR, settings.VAULT_KEY = tmp_path, USUAL_KEY
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "vault_key").write_text(USUAL_KEY)
    put_in_registry(monkeypatch)
    return create_connection(person())


@pytest.mark.usefixtures("connected")
def test_installation_with_its_key_starts():
    start_checks.require_usable_installation()


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("start", [start_checks.require_usable_installation, check_installation])
def test_lost_key_is_not_replaced(tmp_path, start):
    (tmp_path / "secrets" / "vault_key").unlink()
    with pytest.raises(SystemExit, match=r"1 secrets .* a key that is not here"):
        start()
    assert not list((tmp_path / "secrets").iterdir())


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("command", ["run", "connect", "rotate_keys"])
def test_no_command_replaces_a_lost_key(tmp_path, settings, command, monkeypatch):
    settings.PORT = 0
    monkeypatch.setattr(
        "branding.operations.management.commands.run._prepare_installation", pytest.fail
    )
    (tmp_path / "secrets" / "vault_key").unlink()
    with pytest.raises(SystemExit, match="a key that is not here"):
        call_command(command)


@pytest.mark.usefixtures("connected")
def test_wrong_key_is_refused(settings):
    settings.VAULT_KEY = generate_vault_key()
    with pytest.raises(SystemExit, match="Put it back into VAULT_KEY"):
        start_checks.require_usable_installation()


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("key", ["abc", "", "ä" * 44, "A" * 44 + "!", "=", "A" * 22])
def test_malformed_key_is_refused(settings, key):
    settings.VAULT_KEY = key
    with pytest.raises(SystemExit, match="VAULT_KEY cannot be used"):
        start_checks.require_usable_installation()
    assert [message.id for message in start_checks.check_vault_key()] == ["facet.E001"]


def test_secrets_of_a_lost_key_can_be_given_up(connected, settings, tmp_path):
    settings.VAULT_KEY = new_key = generate_vault_key()
    (tmp_path / "secrets" / "vault_key").write_text(new_key)
    call_command("rotate_keys", forget_unreadable=True, stdout=(output := io.StringIO()))
    assert "1 secrets" in output.getvalue() and not Grant.objects.exists()
    connected.refresh_from_db()
    assert connected.state == Connection.State.LOST and "key" in connected.reason
    start_checks.require_usable_installation()


@pytest.mark.usefixtures("connected")
def test_database_of_a_newer_version_is_refused():
    recorder = MigrationRecorder(connection)
    recorder.record_applied("account", "9999_of_a_library")
    start_checks.require_usable_installation()
    recorder.record_applied("headshots", "9999_of_next_year")
    with pytest.raises(SystemExit, match=r"newer version wrote .*headshots\.9999_of_next_year"):
        start_checks.require_usable_installation()


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        ({}, None),
        ({"OPEN_LOOPBACK": True}, "facet.W001"),
        ({"HOST": "0.0.0.0"}, "facet.W002"),
        ({"HOST": "0.0.0.0", "TRUSTED_PROXIES": ["172.18.0.0/16"]}, None),
        ({"EMAIL_URL": ""}, "facet.W003"),
    ],
)
def test_deployment_check_sees_what_must_not_reach_the_public(settings, changed, warning):
    usual = {
        "OPEN_LOOPBACK": False,
        "SECURE": True,
        "HOST": "127.0.0.1",
        "TRUSTED_PROXIES": ["127.0.0.1"],
        "EMAIL_URL": "smtp://mail",
    }
    for name, value in {**usual, **changed}.items():
        setattr(settings, name, value)
    warnings = [message.id for message in start_checks.check_deployment()]
    assert warnings == ([warning] if warning else [])
