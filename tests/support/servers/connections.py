"""Shortcuts to connect and use an account, for the tests with real servers."""

from datetime import timedelta

from django.utils import timezone

from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.models import Grant


def begin_sign_in(owner, slug="strict", **options):
    """Begin to connect an account; return the URL of the sign-in page."""
    return connection_services.begin_connection(owner, slug, binding="session", **options).url


def finish_sign_in(owner, answer, slug="strict"):
    """Finish the sign-in with the parameters of the callback; return the connection."""
    return connection_services.finish_connection(
        owner, slug, binding="session", callback_parameters=answer
    )


def fetch_own_name(connection):
    """Make a request with the connection; return the account's name."""
    with tokens.open_client(connection) as client:
        return client.get_json("/me")["sub"]


def expire_token(connection):
    """Make the connection's token due for a refresh."""
    past = timezone.now() - timedelta(seconds=1)
    Grant.objects.filter(connection=connection).update(refresh_at=past)
