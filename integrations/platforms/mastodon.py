"""Mastodon and servers with the same API: Pixelfed, GoToSocial, Pleroma, Akkoma.

https://docs.joinmastodon.org/methods/accounts/#update_credentials; Mastodon 4.6 and later have
/methods/profile/, which takes an alt text.
"""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from integrations.errors import ManualActionRequired, Unauthorized
from integrations.platforms import base, nodeinfo
from integrations.platforms.fediverse import (
    BROAD_SCOPES,
    DEFAULT_SCOPES,
    PLACEHOLDER_PATHS,
    dialect_of,
)

ACCOUNT_PATH: Final = "/api/v1/accounts/verify_credentials"
CREDENTIALS_PATH: Final = "/api/v1/accounts/update_credentials"
PROFILE_PATH: Final = "/api/v1/profile"  # Mastodon 4.6 and later


class Mastodon(base.PlatformAdapter):
    platform = base.Platform(
        slug="mastodon",
        name="Mastodon, Pixelfed, GoToSocial, Pleroma",
        confidence="high",
        docs="https://docs.joinmastodon.org/methods/accounts/#update_credentials",
        read=date(2026, 8, 20),
        endpoint=f"PATCH {CREDENTIALS_PATH}",
        readback=base.Readback.URL,
        server=base.UserNamedServer(example="mastodon.social"),
        page="{server}/settings/profile",
        auth=(
            base.OAuth2(
                authorize="{server}/oauth/authorize",
                token="{server}/oauth/token",
                revoke="{server}/oauth/revoke",
                register="{server}/api/v1/apps",
                scopes=DEFAULT_SCOPES,
            ),
        ),
        asks="To see who you are and to change your profile.",
        slots=(
            base.PictureSlot(
                pixels=800,
                max_bytes=1_900_000,
                formats=("jpeg", "png"),
                also_restores=("gif", "webp"),
                max_alt_text=420,
            ),
        ),
        warning="Other servers may show the old picture for some hours.",
        response_rules=(base.ResponseRule(403, "outsidetheauthorizedscopes", Unauthorized),),
    )

    def resolve_server(
        self, outbound: base.OutboundClient, server: str, auth: base.AuthMethod
    ) -> tuple[str, base.AuthMethod]:
        server, software = nodeinfo.discover_server(outbound, server)
        candidates = (dialect_of(software.name).scopes, DEFAULT_SCOPES, BROAD_SCOPES)
        scopes = nodeinfo.choose_scopes(outbound, server, candidates)
        return server, replace(auth, scopes=scopes)  # type: ignore[arg-type]

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        account = _read_account(client)
        server_software = nodeinfo.detect_software(client.outbound, client.server)
        facts = {"software": server_software.name, "version": server_software.version}
        name = f"@{account['username']}@{client.host}"
        return base.AccountIdentity(str(account["id"]), name, account.get("url", ""), facts)

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        url = _read_account(client)["avatar"] or ""
        if not url or any(path in url for path in PLACEHOLDER_PATHS):
            return None
        return base.ProfilePicture(key=url, url=url)

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        server_software = nodeinfo.ServerSoftware(client.facts["software"], client.facts["version"])
        dialect = dialect_of(server_software.name)
        has_profile_api = (
            server_software.name == "mastodon" and server_software.version_numbers >= (4, 6)
        )
        previous = self.read_current_picture(client, slot) if dialect.is_queued else None
        form = {}
        if rendition.alt_text and (dialect.takes_alt_text or has_profile_api):
            form["avatar_description"] = rendition.alt_text[: slot.max_alt_text]
        path = PROFILE_PATH if has_profile_api else CREDENTIALS_PATH
        files = {"avatar": rendition.multipart_file}
        response = client.send_request(dialect.method, path, files=files, data=form).json()
        if dialect.is_queued:
            return base.UploadReceipt(facts={"before": previous.key if previous else ""})
        return base.UploadReceipt(key=response["avatar"])

    def check_upload(
        self, client: base.PlatformClient, slot: base.PictureSlot, receipt: base.UploadReceipt
    ) -> base.UploadStatus:
        if "before" not in receipt.facts:
            return super().check_upload(client, slot, receipt)
        live = self.read_current_picture(client, slot)
        if live is None or live.key == receipt.facts["before"]:
            return base.UploadStatus.PROCESSING
        return base.UploadStatus.PUBLISHED

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        elif dialect_of(client.facts["software"]).can_remove:
            client.send_request("DELETE", f"{PROFILE_PATH}/avatar").json()
        else:
            raise ManualActionRequired("This server lets apps change a picture but not remove it.")


def _read_account(client: base.PlatformClient) -> Any:
    """Return the account; Unauthorized if it has moved, as the new one shows the picture."""
    account = client.get_json(ACCOUNT_PATH)
    if moved := account.get("moved"):
        raise Unauthorized(f"This account has moved to {moved['acct']}: connect that one.")
    return account
