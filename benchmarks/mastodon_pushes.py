"""Pushes to a Mastodon-compatible server: refresh the token, read, update, read again."""

import django
import requests  # noqa: TID251

django.setup()

from benchmarks.pictures import rendition_bytes
from integrations.connections import tokens
from integrations.platforms import registry
from integrations.publishing import deliveries
from integrations.publishing import services as publishing_services
from tests.faults import requester

SLOT = registry.get_adapter("mastodon").platform.slot


class Pushes:
    """The same picture for each of many accounts."""

    def __init__(self, server, count):
        self.server = server
        self.variant = requester.prepare_accounts(server, count)
        requester.remove_rate_limits()
        profiles = [
            profile for profile in requester.profiles_of(self.variant.owner) if profile.connection
        ]
        self.rows = publishing_services.publish_variant(self.variant, profiles)

    def prepare_publication(self, index):
        row = self.rows[index]
        return lambda: deliveries.send_publication(row.pk, open_client=tokens.open_client)

    def send_bare_requests(self, index):
        payload = {"grant_type": "refresh_token", "refresh_token": f"bare-{index}"}
        token = requests.post(f"{self.server}/oauth/token", data=payload, timeout=20)
        headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
        account_url = f"{self.server}/api/v1/accounts/verify_credentials"
        requests.get(account_url, headers=headers, timeout=20).raise_for_status()
        update = requests.patch(
            f"{self.server}/api/v1/accounts/update_credentials",
            headers=headers,
            files={"avatar": ("avatar.jpg", rendition_bytes(self.variant, SLOT), "image/jpeg")},
            timeout=20,
        )
        live = requests.get(account_url, headers=headers, timeout=20).json()["avatar"]
        assert live == update.json()["avatar"]

    def are_published(self):
        return all(requester.is_published(row.pk) for row in self.rows)
