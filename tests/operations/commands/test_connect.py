"""Connecting from a terminal: what is pasted stays secret, a sign-in stays in its browser."""

import logging

import pytest

from integrations.models import Connection, Grant, Handshake
from tests.support.people import person, unknown_id
from tests.support.platforms.memory_platform import SLUG, create_connection

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "a-key-that-nobody-may-read"
PASTED = f"alice@example.com\n{SECRET}\n"
SERVER = ("--server", "zulip.example.org")


def secrets_of(connection):
    return Grant.objects.get(connection=connection).unseal()["tokens"]


@pytest.mark.usefixtures("alice", "platform")
def test_credential_is_read_from_standard_input(manage, caplog):
    with caplog.at_level(logging.DEBUG):
        ended = manage("connect", SLUG, *SERVER, "--json", typed=PASTED)
    connection = Connection.objects.get()
    assert ended.code == 0 and ended.document["id"] == str(connection.pk)
    assert secrets_of(connection)["access"] == SECRET
    assert secrets_of(connection)["more"]["email"] == "alice@example.com"
    assert SECRET not in ended.out + ended.err + caplog.text


@pytest.mark.usefixtures("alice", "platform")
def test_credential_is_read_from_a_file(manage, tmp_path):
    path = tmp_path / "credential"
    path.write_text(PASTED)
    ended = manage("connect", SLUG, *SERVER, "--credential-file", path)
    assert ended.code == 0 and "Alice at zulip.example.org is connected" in ended.out
    assert secrets_of(Connection.objects.get())["access"] == SECRET


@pytest.mark.usefixtures("alice", "platform")
@pytest.mark.parametrize("typed", ["", "alice@example.com\n", f"\n{SECRET}\n"])
def test_credential_that_is_not_whole_is_refused(manage, typed):
    ended = manage("connect", SLUG, *SERVER, "--json", typed=typed)
    assert ended.refusal["code"] == "refused" and SECRET not in ended.out
    assert not Connection.objects.exists()


@pytest.mark.usefixtures("alice", "platform")
def test_file_that_cannot_be_read_is_named(manage, tmp_path):
    for path, content in ((tmp_path / "none", None), (tmp_path / "binary", b"\xff\xfe\xff")):
        if content:
            path.write_bytes(content)
        refusal = manage("connect", SLUG, "--json", "--credential-file", path).refusal
        assert refusal["code"] == "no_credential" and str(path) in refusal["message"]


@pytest.mark.usefixtures("alice")
def test_sign_in_is_left_to_the_browser_that_begins_it(manage, settings):
    refusal = manage("connect", "mastodon", "--json").refusal
    assert refusal["code"] == "needs_browser"
    assert f"{settings.SITE_URL}/connect/mastodon/ as alice@example.com" in refusal["advice"]
    assert not Handshake.objects.exists(), "nothing was begun that nobody could end"


@pytest.mark.usefixtures("alice")
def test_platform_without_its_app_says_how_to_set_it_up(manage):
    refusal = manage("connect", "slack", "--json").refusal
    assert refusal["code"] == "refused" and "SLACK_CLIENT_ID" in refusal["advice"]


@pytest.mark.usefixtures("alice")
def test_platform_that_is_none_is_said(manage):
    assert manage("connect", "myspace", "--json").refusal["code"] == "unknown_place"


def test_accounts_are_listed_without_their_tokens(manage, account):
    assert manage("connect").out == f"{account.pk}  Alice 1 at zulip.example.org: connected.\n"
    ended = manage("connect", "--json")
    assert ended.document[0]["slug"] == SLUG and "secret" not in ended.out


@pytest.mark.usefixtures("alice")
def test_no_account_says_where_to_go_on(manage):
    assert "manage.py platforms" in manage("connect").out


@pytest.mark.parametrize("by", ["slug", "id"])
def test_ended_account_is_forgotten(manage, account, by):
    document = manage("connect", "--json", "--end", SLUG if by == "slug" else account.pk).document
    assert document["state"] == "ended" and document["told"] is False
    assert not Grant.objects.exists()
    assert manage("connect", "--json").document == []


def test_end_that_cannot_be_told_says_what_is_left_to_do(manage, account):
    assert "zulip.example.org could not be told" in manage("connect", "--end", account.pk).out


@pytest.mark.usefixtures("account")
def test_one_of_several_accounts_is_not_ended_by_guess(manage, alice):
    create_connection(alice, account="2")
    assert manage("connect", "--json", "--end", SLUG).refusal["code"] == "ambiguous"
    assert Grant.objects.count() == 2


def test_somebody_elses_account_is_not_there(manage, account):
    person("carol")
    for name in (account.pk, SLUG, unknown_id()):
        ended = manage("connect", "--json", "--account", "carol@example.com", "--end", name)
        assert ended.refusal["code"] == "not_found"
    assert Grant.objects.exists()
