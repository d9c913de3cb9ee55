"""Pushes to Bluesky's own server: read the record twice, upload, write, read again."""

import django
import requests  # noqa: TID251

django.setup()

from benchmarks.pictures import rendition_bytes
from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.models import Publication
from integrations.platforms import registry
from integrations.publishing import deliveries
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of
from tests.faults.rate_limits import remove_rate_limits
from tests.integrations.publishing.sending import headshot
from tests.support.people import person
from tests.support.servers.atproto import PASSWORD, PROFILE, BlueskyPerson

SLOT = registry.get_adapter("bluesky").platform.slot


class Pushes:
    """Publishes two headshots alternately: one account by Facet, another by bare requests."""

    def __init__(self, server, _count):
        self.server = server
        remove_rate_limits("bluesky")
        alice, account, self.other = (
            person(),
            BlueskyPerson(server, "alice"),
            BlueskyPerson(server, "bob"),
        )
        credentials = {"handle": account.did, "password": account.app_password("facet")}
        connection = connection_services.connect_with_token(
            alice, "bluesky", auth_index=1, address="", fields=credentials
        )
        (self.profile,) = [
            profile for profile in profiles_of(alice) if profile.connection == connection
        ]
        self.variants = [headshot(alice, seed) for seed in (1, 2)]
        credentials = {"identifier": self.other.did, "password": PASSWORD}
        session = requests.post(
            self._url_of("server.createSession"), json=credentials, timeout=20
        ).json()
        self.headers = {"Authorization": f"Bearer {session['accessJwt']}"}

    def prepare_publication(self, index):
        (row,) = publishing_services.publish_variant(self.variants[index % 2], [self.profile])
        return lambda: deliveries.send_publication(row.pk, open_client=tokens.open_client)

    def send_bare_requests(self, index):
        self._fetch_record()
        current_record = self._fetch_record()
        picture = rendition_bytes(self.variants[index % 2], SLOT)
        upload_headers = {**self.headers, "Content-Type": "image/jpeg"}
        upload = requests.post(
            self._url_of("repo.uploadBlob"), data=picture, headers=upload_headers, timeout=20
        )
        record = {
            "$type": PROFILE,
            **current_record.get("value", {}),
            "avatar": upload.json()["blob"],
        }
        payload = {
            "repo": self.other.did,
            "collection": PROFILE,
            "rkey": "self",
            "record": record,
            "swapRecord": current_record.get("cid"),
        }
        requests.post(
            self._url_of("repo.putRecord"), json=payload, headers=self.headers, timeout=20
        ).raise_for_status()
        assert self._fetch_record()["value"]["avatar"] == upload.json()["blob"]

    def are_published(self):
        return not Publication.objects.exclude(state="published").exists()

    def _fetch_record(self):
        query = {"repo": self.other.did, "collection": PROFILE, "limit": 1}
        response = requests.get(
            self._url_of("repo.listRecords"), params=query, headers=self.headers, timeout=20
        )
        return next(iter(response.json()["records"]), {})

    def _url_of(self, method):
        return f"{self.server}/xrpc/com.atproto.{method}"
