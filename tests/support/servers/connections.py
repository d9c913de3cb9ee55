"""Shortcuts to connect and use an account, for the tests with real servers."""

from datetime import timedelta

from django.utils import timezone

from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.models import Grant


def begin(owner, slug="strict", **told):
    """Begin to connect an account; return the URL of the sign-in page."""
    return connection_services.begin(owner, slug, binding="session", **told).url


def finish(owner, answer, slug="strict"):
    """Finish the sign-in with the parameters of the callback; return the connection."""
    return connection_services.finish(owner, slug, binding="session", answer=answer)


def use(connection):
    """Make a request with the connection; return the account's name."""
    with tokens.client_of(connection) as client:
        return client.get("/me")["sub"]


def due(connection):
    """Make the connection's token due for a refresh."""
    past = timezone.now() - timedelta(seconds=1)
    Grant.objects.filter(connection=connection).update(refresh_at=past)
