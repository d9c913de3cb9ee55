"""Pushes to a Mastodon-compatible server: refresh the token, read, update, read again."""

import django
import requests  # noqa: TID251

django.setup()

from benchmarks.pictures import made
from integrations.connections import tokens
from integrations.platforms import registry
from integrations.publishing import deliveries
from integrations.publishing import services as publishing_services
from tests.faults import asking

SLOT = registry.adapter("mastodon").platform.slot


class Pushes:
    """The same picture for each of many accounts."""

    def __init__(self, server, count):
        self.server = server
        self.variant = asking.prepare(server, count)
        asking.hurry()
        profiles = [one for one in asking.profiles_of(self.variant.owner) if one.connection]
        self.rows = publishing_services.publish(self.variant, profiles)

    def ours(self, index):
        row = self.rows[index]
        return lambda: deliveries.send(row.pk, open_client=tokens.client_of)

    def bare(self, index):
        told = {"grant_type": "refresh_token", "refresh_token": f"bare-{index}"}
        token = requests.post(f"{self.server}/oauth/token", data=told, timeout=20)
        head = {"Authorization": f"Bearer {token.json()['access_token']}"}
        look = f"{self.server}/api/v1/accounts/verify_credentials"
        requests.get(look, headers=head, timeout=20).raise_for_status()
        sent = requests.patch(
            f"{self.server}/api/v1/accounts/update_credentials",
            headers=head,
            files={"avatar": ("avatar.jpg", made(self.variant, SLOT), "image/jpeg")},
            timeout=20,
        )
        live = requests.get(look, headers=head, timeout=20).json()["avatar"]
        assert live == sent.json()["avatar"]

    def are_published(self):
        return all(asking.is_published(row.pk) for row in self.rows)
