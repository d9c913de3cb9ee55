"""E-mails leave through rows and retries, whatever the mail server does."""

import socketserver
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
from django.utils import timezone

from branding.accounts import mail_queue, services
from branding.accounts.models import QueuedEmail
from branding.settings.email import QUEUE_BACKEND, email_settings
from tests.support.people import browser, person

pytestmark = pytest.mark.django_db
LINK = "https://facet.example.org/reset/secret-link/"

NAMES = ["refusing", "demanding STARTTLS", "greylisting", "full", "mute"]
TROUBLES = [
    {"CONNECT": "554 no"},
    {"MAIL": "530 5.7.0 Must issue a STARTTLS command first"},
    {"RCPT": "451 4.7.1 Greylisting in action, please come back later"},
    {"DATA": "452 4.3.1 Insufficient system storage"},
    {"CONNECT": ""},
]


class MailServer(socketserver.StreamRequestHandler):
    """A mail server on loopback that gives one answer to the commands of one e-mail."""

    refusals: dict[str, str] = {}
    received: list[str] = []

    def handle(self):
        self.say(self.refusals.get("CONNECT", "220 mail.example.org"))
        for line in iter(self.rfile.readline, b""):
            verb = line.split()[0].decode().upper()
            self.say(
                self.refusals.get(
                    verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")
                )
            )
            if verb == "DATA" and verb not in self.refusals:
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.received.append(content.decode())
                self.say("250 accepted")

    def say(self, answer):
        if answer:
            self.wfile.write(f"{answer}\r\n".encode())


@contextmanager
def mail_server(settings, **refusals):
    """Run a mail server with some refusals, and make it that of the installation."""
    handler = type("Handler", (MailServer,), {"refusals": refusals, "received": []})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        values = email_settings(f"smtp://127.0.0.1:{server.server_address[1]}")
        for name, value in values.items():
            setattr(settings, name, value)
        settings.EMAIL_TIMEOUT = 1
        yield handler.received
        server.shutdown()


def queue_email():
    send_mail("Reset", f"Here: {LINK}", "Facet <facet@example.org>", ["alice@example.com"])
    return QueuedEmail.objects.get()


def test_content_is_encrypted_until_it_is_sent(settings):
    with mail_server(settings) as received:
        queued = queue_email()
        assert LINK.encode() not in bytes(queued.sealed) and not received
        assert mail_queue.send_queued_email(queued.pk)
    assert LINK in received[0] and not QueuedEmail.objects.exists()
    assert "\nMessage-ID: <" in received[0].replace("\r", "")
    assert received[0].split("Message-ID: <")[1].split(">")[0].endswith("@example.org")


@pytest.mark.parametrize("refusals", TROUBLES, ids=NAMES)
def test_refused_email_is_tried_again(settings, refusals):
    with mail_server(settings, **refusals):
        queued = queue_email()
        assert not mail_queue.send_queued_email(queued.pk)
        assert not mail_queue.send_queued_email(queued.pk)  # not due yet
    queued.refresh_from_db()
    assert queued.attempts == 1 and queued.next_at > timezone.now()
    assert mail_queue.enqueue_due_emails() == 0
    QueuedEmail.objects.update(next_at=timezone.now())
    with mail_server(settings) as received:
        assert mail_queue.enqueue_due_emails() == 1
        assert mail_queue.send_queued_email(queued.pk)
    assert LINK in received[0]


@pytest.mark.parametrize("trouble", [{}, *TROUBLES], ids=["not there", *NAMES])
def test_nobody_who_signs_up_or_forgot_a_password_waits(settings, trouble):
    """No request speaks to the mail server; both emails are kept until it takes them."""
    with mail_server(settings, **trouble) as received:
        if trouble:
            _sign_up_and_reset()
    if not trouble:
        _sign_up_and_reset()
    assert received == [] and QueuedEmail.objects.count() == 2
    with mail_server(settings) as received:
        for pk in list(QueuedEmail.objects.values_list("pk", flat=True)):
            assert mail_queue.send_queued_email(pk)
    assert ["new@example.com" in text for text in received] == [True, True]


def _sign_up_and_reset():
    client = browser()
    fields = {"email": "new@example.com", "password1": "a long pass phrase"}
    answer = client.post("/accounts/signup/", fields)
    assert answer.status_code == 302
    answer = browser().post("/accounts/password/reset/", {"email": "new@example.com"}, follow=True)
    assert answer.status_code == 200 and "sent" in answer.content.decode()


def test_email_is_given_up_after_days(settings):
    with mail_server(settings, MAIL="550 never"):
        queued = queue_email()
        QueuedEmail.objects.update(queued_at=timezone.now() - timedelta(days=4))
        assert not mail_queue.send_queued_email(queued.pk)
    assert not QueuedEmail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_email_of_a_transaction_that_fails_is_not_sent(settings):
    settings.EMAIL_BACKEND = QUEUE_BACKEND
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue_email()
        raise ZeroDivisionError
    assert not QueuedEmail.objects.exists()


def test_deleted_account_leaves_no_email(settings):
    settings.EMAIL_BACKEND = QUEUE_BACKEND
    alice = person()
    EmailMessage("Hello", "text", None, ["Alice@example.com"]).send()
    EmailMessage("Hello", "text", None, ["bob@example.com"]).send()
    services.delete_account(alice)
    assert QueuedEmail.objects.get().unseal()["recipients"] == ["bob@example.com"]
