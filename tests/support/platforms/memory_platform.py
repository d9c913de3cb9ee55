"""A platform in memory: one account, one picture, all changes recorded, errors on demand.

It replaces a real adapter in the registry, so that everything above it is the real code.
"""

from dataclasses import asdict, replace

from integrations.auth.flow import Tokens
from integrations.models import Connection, Grant
from integrations.platforms import registry
from integrations.platforms.base import (
    AccountIdentity,
    PlatformAdapter,
    ProfilePicture,
    Readback,
    UploadReceipt,
)
from integrations.platforms.zulip import Zulip

SLUG = Zulip.platform.slug


class MemoryPlatform(PlatformAdapter):
    """An adapter without HTTP.

    `trouble` holds lists of errors, of which each call raises one: "current" when the picture is
    read, "publish" before it is changed, and "written" after that, like a platform that does not
    answer in time. A new picture becomes visible after `lag` reads.
    """

    platform = Zulip.platform

    def __init__(self, **description):
        self.platform = replace(Zulip.platform, readback=Readback.VERSION, **description)
        self.version, self.live, self.shown = 0, None, None
        self.lag = self.hidden = 0
        self.effects = []
        self.trouble = {"current": [], "publish": [], "written": []}

    def identify_account(self, client):
        return AccountIdentity("1", "Alice")

    def read_current_picture(self, client, slot):
        self._raise_next_error("current")
        if self.hidden:
            self.hidden -= 1
        else:
            self.shown = self.live
        return self.shown

    def upload_picture(self, client, slot, rendition):
        self._change_picture(rendition.data)
        exact = self.platform.readback != Readback.PIXELS
        return UploadReceipt(key=self.live.key if exact else "")

    def restore_previous_picture(self, client, slot, previous):
        self._change_picture(previous.data if previous else None)

    def by_hand(self, data):
        """Change the picture at the platform, or remove it, as a person would by hand."""
        self.version += 1
        self.live = ProfilePicture(key=f"v{self.version}", data=data) if data else None

    def _change_picture(self, data):
        self._raise_next_error("publish")
        self.effects.append(data)
        self.by_hand(data)
        self.hidden = self.lag
        self._raise_next_error("written")

    def _raise_next_error(self, verb):
        if self.trouble[verb]:
            raise self.trouble[verb].pop(0)


def put_in_registry(monkeypatch, **description):
    """Replace a real adapter by one in memory; `description` changes fields of the platform."""
    memory = MemoryPlatform(**description)
    monkeypatch.setitem(registry._ADAPTERS_BY_SLUG, SLUG, memory)
    return memory


def create_connection(owner, *, account="1", server="https://zulip.example.org"):
    """Create a connection to an account there, as if its token had been pasted."""
    connection = Connection.objects.create(
        owner=owner, slug=SLUG, server=server, account_id=account, account_name=f"Alice {account}"
    )
    grant = Grant(connection=connection)
    tokens = Tokens(access="secret", more={"email": "alice@example.com"})
    grant.seal({"tokens": asdict(tokens), "remembered": {}})
    grant.save()
    return connection
