"""Mastodon and servers with the same API: Pixelfed, GoToSocial, Pleroma, Akkoma.

https://docs.joinmastodon.org/methods/accounts/#update_credentials; Mastodon 4.6 and later have
/methods/profile/, which takes an alt text. See also Pixelfed's ApiV1Controller and GoToSocial's
docs/api. NodeInfo says which software a server runs.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from integrations.errors import ManualActionRequired, Unauthorized
from integrations.platforms import base
from integrations.platforms.nodeinfo import Software, software

ACCOUNT_PATH: Final = "/api/v1/accounts/verify_credentials"
CREDENTIALS_PATH: Final = "/api/v1/accounts/update_credentials"
PROFILE_PATH: Final = "/api/v1/profile"  # Mastodon 4.6 and later
# Parts of the URLs of the pictures that these servers show for an account without one.
PLACEHOLDER_PATHS: Final = (
    "/missing.png",
    "/default.jpg",
    "/default.png",
    "/avi.png",
    "/default_avatars/",
)


@dataclass(frozen=True)
class Dialect:
    """How one server software differs from the others that share the API."""

    scopes: tuple[str, ...] = ("read:accounts", "write:accounts")
    method: str = "PATCH"
    is_queued: bool = False  # the picture is processed later and errors are not reported
    can_remove: bool = False  # supports DELETE /api/v1/profile/avatar
    takes_alt_text: bool = False  # reads the form field avatar_description


# PHP does not parse forms sent with PATCH, and Pixelfed only knows the broad scopes.
DIALECTS: Final = {
    "mastodon": Dialect(can_remove=True),
    "gotosocial": Dialect(can_remove=True, takes_alt_text=True),
    "pixelfed": Dialect(scopes=("read", "write"), method="POST", is_queued=True),
}


class Mastodon(base.Adapter):
    platform = base.Platform(
        slug="mastodon",
        name="Mastodon, Pixelfed, GoToSocial, Pleroma",
        confidence="high",
        docs="https://docs.joinmastodon.org/methods/accounts/#update_credentials",
        read=date(2026, 8, 20),
        endpoint=f"PATCH {CREDENTIALS_PATH}",
        readback=base.Readback.URL,
        server=base.UserHost(example="mastodon.social"),
        page="{server}/settings/profile",
        auth=(
            base.OAuth2(
                authorize="{server}/oauth/authorize",
                token="{server}/oauth/token",
                revoke="{server}/oauth/revoke",
                register="{server}/api/v1/apps",
                scopes=Dialect().scopes,
            ),
        ),
        asks="To see who you are and to change your profile.",
        slots=(base.Slot(pixels=800, max_bytes=1_900_000, formats=("jpeg", "png"), alt_text=420),),
        warning="Other servers may show the old picture for some hours.",
        oddities=(base.Oddity(403, "outsidetheauthorizedscopes", Unauthorized),),
    )

    def meet(self, door: base.Door, server: str, auth: base.Auth) -> tuple[str, base.Auth]:
        scopes = _dialect_of(software(door, server).name).scopes
        return server, replace(auth, scopes=scopes)  # type: ignore[arg-type]

    def identify(self, client: base.Client) -> base.Identity:
        account = client.get(ACCOUNT_PATH)
        server_software = software(client.door, client.server)
        facts = {"software": server_software.name, "version": server_software.version}
        name = f"@{account['username']}@{client.host}"
        return base.Identity(account["id"], name, account.get("url", ""), facts)

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        url = client.get(ACCOUNT_PATH)["avatar"] or ""
        if not url or any(path in url for path in PLACEHOLDER_PATHS):
            return None
        return base.Picture(key=url, url=url)

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        server_software = Software(client.facts["software"], client.facts["version"])
        dialect = _dialect_of(server_software.name)
        has_profile_api = server_software.name == "mastodon" and server_software.numbers >= (4, 6)
        previous = self.current(client, slot) if dialect.is_queued else None
        form = {}
        if rendition.alt_text and (dialect.takes_alt_text or has_profile_api):
            form["avatar_description"] = rendition.alt_text[: slot.alt_text]
        path = PROFILE_PATH if has_profile_api else CREDENTIALS_PATH
        files = {"avatar": rendition.file}
        response = client.call(dialect.method, path, files=files, data=form).json()
        if dialect.is_queued:
            return base.Receipt(facts={"before": previous.key if previous else ""})
        return base.Receipt(key=response["avatar"])

    def check(self, client: base.Client, slot: base.Slot, receipt: base.Receipt) -> base.Outcome:
        if "before" not in receipt.facts:
            return super().check(client, slot, receipt)
        live = self.current(client, slot)
        changed = live is not None and live.key != receipt.facts["before"]
        return base.Outcome.PUBLISHED if changed else base.Outcome.PROCESSING

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.publish(client, slot, previous)
        elif _dialect_of(client.facts["software"]).can_remove:
            client.call("DELETE", f"{PROFILE_PATH}/avatar").json()
        else:
            raise ManualActionRequired("This server lets apps change a picture but not remove it.")


def _dialect_of(software_name: str) -> Dialect:
    return DIALECTS.get(software_name, Dialect())
