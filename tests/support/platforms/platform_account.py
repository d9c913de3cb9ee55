"""One account on a platform that a recording plays: the adapter, its client, its verbs."""

from integrations.auth.factory import make_flow
from integrations.auth.flow import ClientApp, Tokens
from integrations.connections import sign_in_setup
from integrations.outbound.client import Limits
from integrations.platforms import registry
from integrations.platforms.base import Rendition, UploadReceipt
from integrations.platforms.client import PlatformClient
from integrations.vault import SigningKey
from tests.support.platforms.recordings import (
    RECORDINGS,
    SECRET,
    TOKEN,
    load_recording,
    make_placeholders,
)

FOLDERS = sorted(path.parent.name for path in RECORDINGS.glob("*/calls.toml"))
VERBS = ("meet", "identify", "current", "unset", "publish", "check", "withdraw", "remove")
ALT = "Alice at her desk"
PICTURE = b"\xff\xd8\xff\xe0 a picture, byte by byte \x00\x01\xfb\xff\xd9"
URL = "https://facet.example.org/a/1.jpg"


def recorded_server(folder):
    """Return the base URL of a recording's server."""
    recorded = load_recording(folder)
    slug = recorded.get("platform", folder)
    return recorded.get("server") or registry.get_adapter(slug).platform.server


class RecordedAccount:
    """`way` is the index of the way to connect, `limits` are those of the outbound client."""

    def __init__(self, folder, replay, *, way=0, limits=None):
        self.folder, self.replay, self.way = folder, replay, way
        self.recorded = load_recording(folder)
        self.adapter = registry.get_adapter(self.recorded.get("platform", folder))
        self.platform = self.adapter.platform
        self.slot = self.platform.slot
        self.auth = self.platform.auth[way]
        self.server = recorded_server(folder)
        self.secrets = [TOKEN, SECRET]
        self.outbound = sign_in_setup.create_outbound_client(
            self.platform,
            self.server,
            resolve=replay.resolve,
            limits=limits or Limits(2, 5, 9),
            secrets=self.secrets,
        )
        self.client = PlatformClient(
            self.outbound, self.server, sign=self.signer(), facts=self.facts()
        )
        self.rendition = Rendition(PICTURE, "jpeg", ALT if self.slot.max_alt_text else "", URL)
        self.receipt = UploadReceipt(
            self.recorded["receipt"], self.recorded.get("receipt_facts", {})
        )

    def facts(self):
        return {**self.recorded.get("known", {}), **self.recorded.get("facts", {})}

    def signer(self):
        app = ClientApp("https://facet.example.org/back", "app", SECRET)
        fields = getattr(self.auth, "fields", ())
        named = {field.name: self.recorded.get("user", "") for field in fields}
        known = {
            "user": self.recorded.get("user", ""),
            "key": SigningKey.generate().private_number,
            "secret": SECRET,
        }
        more = {**known, **named}
        sign_in = make_flow(self.auth, outbound=self.outbound, app=app, server=self.server)
        return sign_in.make_signer(Tokens(access=TOKEN, more=more))

    def calls(self, verb):
        """Return the recorded calls of a verb, each signed unless it must not be."""
        verbs = self.recorded["verbs"]
        names = verbs.get("publish" if verb == "withdraw" else verb, [])
        calls = [] if isinstance(names, str) else [self.recorded["calls"][name] for name in names]
        signed = self.recorded["signed"][self.way]
        return [call if call.get("unsigned") else {**call, "signed": signed} for call in calls]

    def verbs(self):
        """Return the verbs that are recorded."""
        return [verb for verb in VERBS if self.calls(verb)]

    def run(self, verb, *, failing=-1, failure=None):
        """Run a verb against its recorded calls; number `failing` fails with `failure`."""
        filled = make_placeholders(PICTURE, user=self.recorded.get("user", ""), alt=ALT, url=URL)
        self.replay.expect(self.calls(verb), filled, failing=failing, failure=failure)
        adapter, client, slot = self.adapter, self.client, self.slot
        client.has_written = False
        return {
            "meet": lambda: adapter.resolve_server(self.outbound, self.server, self.auth),
            "identify": lambda: adapter.identify_account(client),
            "current": lambda: adapter.read_current_picture(client, slot),
            "unset": lambda: adapter.read_current_picture(client, slot),
            "publish": lambda: adapter.upload_picture(client, slot, self.rendition),
            "check": lambda: adapter.check_upload(client, slot, self.receipt),
            "withdraw": lambda: adapter.restore_previous_picture(client, slot, self.rendition),
            "remove": lambda: adapter.restore_previous_picture(client, slot, None),
        }[verb]()
