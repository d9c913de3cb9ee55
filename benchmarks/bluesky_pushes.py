"""Pushes to Bluesky's own server: read the record twice, upload, write, read again."""

import django
import requests  # noqa: TID251

django.setup()

from benchmarks.pictures import made
from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.models import Publication
from integrations.platforms import registry
from integrations.publishing import deliveries
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of
from tests.faults.quick import hurry
from tests.integrations.publishing.sending import headshot
from tests.support.people import person
from tests.support.servers.atproto import PASSWORD, PROFILE, Person

SLOT = registry.adapter("bluesky").platform.slot


class Pushes:
    """Publishes two headshots alternately: one account by Facet, another by bare requests."""

    def __init__(self, server, _count):
        self.server = server
        hurry("bluesky")
        alice, there, self.other = person(), Person(server, "alice"), Person(server, "bob")
        told = {"handle": there.did, "password": there.app_password("facet")}
        connection = connection_services.paste(alice, "bluesky", way=1, told="", fields=told)
        (self.profile,) = [one for one in profiles_of(alice) if one.connection == connection]
        self.variants = [headshot(alice, seed) for seed in (1, 2)]
        told = {"identifier": self.other.did, "password": PASSWORD}
        session = requests.post(self._at("server.createSession"), json=told, timeout=20).json()
        self.head = {"Authorization": f"Bearer {session['accessJwt']}"}

    def ours(self, index):
        (row,) = publishing_services.publish(self.variants[index % 2], [self.profile])
        return lambda: deliveries.send(row.pk, open_client=tokens.client_of)

    def bare(self, index):
        self._record()
        there = self._record()
        picture = made(self.variants[index % 2], SLOT)
        head = {**self.head, "Content-Type": "image/jpeg"}
        sent = requests.post(self._at("repo.uploadBlob"), data=picture, headers=head, timeout=20)
        record = {"$type": PROFILE, **there.get("value", {}), "avatar": sent.json()["blob"]}
        told = {
            "repo": self.other.did,
            "collection": PROFILE,
            "rkey": "self",
            "record": record,
            "swapRecord": there.get("cid"),
        }
        requests.post(
            self._at("repo.putRecord"), json=told, headers=self.head, timeout=20
        ).raise_for_status()
        assert self._record()["value"]["avatar"] == sent.json()["blob"]

    def are_published(self):
        return not Publication.objects.exclude(state="published").exists()

    def _record(self):
        asked = {"repo": self.other.did, "collection": PROFILE, "limit": 1}
        got = requests.get(
            self._at("repo.listRecords"), params=asked, headers=self.head, timeout=20
        )
        return next(iter(got.json()["records"]), {})

    def _at(self, verb):
        return f"{self.server}/xrpc/com.atproto.{verb}"
