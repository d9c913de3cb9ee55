"""Connecting and using an account in a few words, for the tests of every server."""

from datetime import timedelta

from django.utils import timezone

from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.models import Grant


def begin(owner, slug="strict", **told):
    """The address the person is sent to."""
    return connection_services.begin(owner, slug, binding="session", **told).url


def finish(owner, answer, slug="strict"):
    """The connection, once they are back."""
    return connection_services.finish(owner, slug, binding="session", answer=answer)


def use(connection):
    """Who the server says we are."""
    with tokens.client_of(connection) as client:
        return client.get("/me")["sub"]


def due(connection):
    """The connection's token is due to be renewed."""
    past = timezone.now() - timedelta(seconds=1)
    Grant.objects.filter(connection=connection).update(refresh_at=past)
