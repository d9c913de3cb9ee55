"""A platform in memory: one account, one picture, every effect counted, trouble on demand.

It takes the place of a real one in the registry, so that everything above it is the real thing.
"""

from dataclasses import asdict, replace

from integrations.auth.flow import Tokens
from integrations.models import Connection, Grant
from integrations.platforms import registry
from integrations.platforms.base import Adapter, Identity, Picture, Readback, Receipt
from integrations.platforms.zulip import Zulip

SLUG = Zulip.platform.slug


class Memory(Adapter):
    """Honours the contract. `trouble` holds errors by verb, raised one a call; one of "written"
    is raised after the effect, as by a platform that does not answer in time. A new picture stays
    invisible for `lag` looks.
    """

    platform = Zulip.platform

    def __init__(self, **told):
        self.platform = replace(Zulip.platform, readback=Readback.VERSION, **told)
        self.version, self.live, self.shown = 0, None, None
        self.lag = self.hidden = 0
        self.effects = []
        self.trouble = {"current": [], "publish": [], "written": []}

    def identify(self, client):
        return Identity("1", "Alice")

    def current(self, client, slot):
        self._stumble("current")
        if self.hidden:
            self.hidden -= 1
        else:
            self.shown = self.live
        return self.shown

    def publish(self, client, slot, rendition):
        self._write(rendition.data)
        exact = self.platform.readback != Readback.PIXELS
        return Receipt(key=self.live.key if exact else "")

    def withdraw(self, client, slot, before):
        self._write(before.data if before else None)

    def by_hand(self, data):
        """Somebody sets a picture there, or takes it away, without us."""
        self.version += 1
        self.live = Picture(key=f"v{self.version}", data=data) if data else None

    def _write(self, data):
        self._stumble("publish")
        self.effects.append(data)
        self.by_hand(data)
        self.hidden = self.lag
        self._stumble("written")

    def _stumble(self, verb):
        if self.trouble[verb]:
            raise self.trouble[verb].pop(0)


def put_in_registry(monkeypatch, **told):
    """The platform, in the place of a real one."""
    memory = Memory(**told)
    monkeypatch.setitem(registry._BY_SLUG, SLUG, memory)
    return memory


def connected(owner, *, account="1", server="https://zulip.example.org"):
    """An account there, as if its token had been pasted."""
    connection = Connection.objects.create(
        owner=owner, slug=SLUG, server=server, account_id=account, account_name=f"Alice {account}"
    )
    grant = Grant(connection=connection)
    tokens = Tokens(access="secret", more={"email": "alice@example.com"})
    grant.seal({"tokens": asdict(tokens), "remembered": {}})
    grant.save()
    return connection
