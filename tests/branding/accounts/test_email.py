"""E-mails: sent where EMAIL_URL says; without one, kept as files and read out."""

import pytest
from django.core.mail import get_connection, send_mail

from branding import env
from branding.accounts import outbox
from branding.settings.email import OUTBOX_BACKEND, email_settings

BODY = "Please confirm:\n\nhttp://localhost:8000/accounts/confirm-email/abc:def/\n\nThank you."


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.OUTBOX = tmp_path / "outbox"
    return settings.OUTBOX


def send_email(to="alice@example.com", body=BODY):
    send_mail("Confirm", body, "facet@localhost", [to], connection=get_connection(OUTBOX_BACKEND))


def test_email_is_kept_for_the_operator_only(folder):
    send_email()
    assert folder.stat().st_mode & 0o777 == 0o700
    (kept,) = outbox.email_files()
    assert outbox.parse_email(kept)["to"] == "alice@example.com"


def test_new_emails_are_read_out_once_in_one_line():
    send_email("bob@example.com")
    reader = outbox.OutboxReader()
    assert list(reader.summarize_new_emails()) == []
    send_email()
    assert list(reader.summarize_new_emails()) == [
        "Mail for alice@example.com (Confirm): "
        "http://localhost:8000/accounts/confirm-email/abc:def/"
    ]
    send_email(body="You signed out everywhere.")
    assert list(reader.summarize_new_emails()) == ["Mail for alice@example.com (Confirm)"]
    assert list(reader.summarize_new_emails()) == []


def test_old_emails_go(monkeypatch):
    monkeypatch.setattr(outbox, "MAX_STORED_EMAILS", 3)
    for number in range(5):
        send_email(f"number{number}@example.com")
    assert [outbox.parse_email(path)["to"][:7] for path in outbox.email_files()] == [
        "number2",
        "number3",
        "number4",
    ]


def test_emails_of_a_person_are_forgotten():
    send_email("Alice@example.com")
    send_email("bob@example.com")
    outbox.delete_emails_to("alice@example.com")
    assert [outbox.parse_email(path)["to"] for path in outbox.email_files()] == ["bob@example.com"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, "", "", False, False)),
        (
            "smtp://me:p%40ss@mail.example.com/?tls=1",
            ("mail.example.com", 587, "me", "p@ss", False, True),
        ),
        (
            "smtps://me%40example.com:x@mail.example.com",
            ("mail.example.com", 465, "me@example.com", "x", True, False),
        ),
        ("smtp://mail.example.com:2525", ("mail.example.com", 2525, "", "", False, False)),
    ],
)
def test_address_of_a_mail_server_says_everything(url, expected):
    values = email_settings(url)
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_SSL", "USE_TLS")
    assert tuple(values[f"EMAIL_{name}"] for name in names) == expected


@pytest.mark.parametrize("url", ["mail.example.com", "http://mail.example.com", "smtp://"])
def test_wrong_address_of_a_mail_server_is_refused(url, monkeypatch):
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(env.SettingError, match="EMAIL_URL must look like"):
        env.read_url("EMAIL_URL", schemes={"smtp", "smtps"}, example="smtp://host")
