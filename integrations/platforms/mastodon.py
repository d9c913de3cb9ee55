"""Mastodon and the servers that speak its API: Pixelfed, GoToSocial, Pleroma, Akkoma.

https://docs.joinmastodon.org/methods/accounts/#update_credentials; from 4.6 on /methods/profile/
(alt text); Pixelfed's ApiV1Controller; GoToSocial's docs/api. NodeInfo tells which software it is.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from integrations.errors import ManualActionRequired, Unauthorized
from integrations.outbound.client import Door
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
    Auth,
    Client,
    Identity,
    OAuth2,
    Outcome,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
    UserHost,
)
from integrations.platforms.nodeinfo import Software, software

ME: Final = "/api/v1/accounts/verify_credentials"
CREDENTIALS: Final = "/api/v1/accounts/update_credentials"
PROFILE: Final = "/api/v1/profile"  # from 4.6 on
DEFAULTS: Final = ("/missing.png", "/default.jpg", "/default.png", "/avi.png", "/default_avatars/")


@dataclass(frozen=True)
class Dialect:
    """How one software speaks the API."""

    scopes: tuple[str, ...] = ("read:accounts", "write:accounts")
    method: str = "PATCH"
    delayed: bool = False  # a queue swallows the picture and its errors
    removable: bool = False  # DELETE /api/v1/profile/avatar
    alt_text: bool = False  # avatar_description


# PHP reads no form on PATCH, and Pixelfed knows only the coarse scopes.
DIALECTS: Final = {
    "mastodon": Dialect(removable=True),
    "gotosocial": Dialect(removable=True, alt_text=True),
    "pixelfed": Dialect(scopes=("read", "write"), method="POST", delayed=True),
}


class Mastodon(Adapter):
    platform = Platform(
        slug="mastodon",
        name="Mastodon, Pixelfed, GoToSocial, Pleroma",
        confidence="high",
        docs="https://docs.joinmastodon.org/methods/accounts/#update_credentials",
        read=date(2026, 8, 20),
        endpoint=f"PATCH {CREDENTIALS}",
        readback=Readback.URL,
        server=UserHost(example="mastodon.social"),
        page="{server}/settings/profile",
        auth=(
            OAuth2(
                authorize="{server}/oauth/authorize",
                token="{server}/oauth/token",
                revoke="{server}/oauth/revoke",
                register="{server}/api/v1/apps",
                scopes=Dialect().scopes,
            ),
        ),
        asks="To see who you are and to change your profile.",
        slots=(Slot(pixels=800, max_bytes=1_900_000, formats=("jpeg", "png"), alt_text=420),),
        warning="Other servers may show the old picture for some hours.",
        oddities=(Oddity(403, "outsidetheauthorizedscopes", Unauthorized),),
    )

    def meet(self, door: Door, server: str, auth: Auth) -> tuple[str, Auth]:
        scopes = _dialect(software(door, server).name).scopes
        return server, replace(auth, scopes=scopes)  # type: ignore[arg-type]

    def identify(self, client: Client) -> Identity:
        me = client.get(ME)
        there = software(client.door, client.server)
        facts = {"software": there.name, "version": there.version}
        return Identity(me["id"], f"@{me['username']}@{client.host}", me.get("url", ""), facts)

    def current(self, client: Client, slot: Slot) -> Picture | None:
        url = client.get(ME)["avatar"] or ""
        own = url and not any(part in url for part in DEFAULTS)
        return Picture(key=url, url=url) if own else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        there = Software(client.facts["software"], client.facts["version"])
        dialect, newer = _dialect(there.name), there.name == "mastodon" and there.numbers >= (4, 6)
        before = self.current(client, slot) if dialect.delayed else None
        told = {}
        if rendition.alt_text and (dialect.alt_text or newer):
            told["avatar_description"] = rendition.alt_text[: slot.alt_text]
        path, sent = PROFILE if newer else CREDENTIALS, {"avatar": rendition.file}
        got = client.call(dialect.method, path, files=sent, data=told).json()
        if dialect.delayed:
            return Receipt(facts={"before": before.key if before else ""})
        return Receipt(key=got["avatar"])

    def check(self, client: Client, slot: Slot, receipt: Receipt) -> Outcome:
        if "before" not in receipt.facts:
            return super().check(client, slot, receipt)
        live = self.current(client, slot)
        changed = live is not None and live.key != receipt.facts["before"]
        return Outcome.PUBLISHED if changed else Outcome.PROCESSING

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        elif _dialect(client.facts["software"]).removable:
            client.call("DELETE", f"{PROFILE}/avatar").json()
        else:
            raise ManualActionRequired("This server lets apps change a picture but not remove it.")


def _dialect(software: str) -> Dialect:
    return DIALECTS.get(software, Dialect())
